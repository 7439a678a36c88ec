"""Connections to services: TCP, TLS and a proxy's tunnel, each under one deadline, and a way to cut them all.

The only file of the client that uses `socket`. httpcore writes and reads HTTP on the `Stream` defined here. A
socket's own time-out is per operation, so a server that sends a byte now and then would never meet it: here each
operation is given what is left of the whole deadline. Only the look-up of a name cannot be interrupted; its limit is
the resolver's.
"""

import base64
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import httpcore
import httpx

from importer.errors import NotSent
from importer.services.certificates import Certificates

CONNECT_SECONDS = 10.0
"""For a whole connect: all addresses of the name, the proxy's tunnel and the TLS handshake."""

AHEAD_SECONDS = 3.0
"""How long a connection that was opened ahead may wait for its request. Servers, and what stands before them, hang up
on one that says nothing after five seconds at the earliest (`timeout http-request` in HAProxy's examples)."""

ADDRESSES_KEPT_SECONDS = 60.0
"""How long the addresses of a name are kept. Each request has a connection of its own, and would ask the network for
the name thousands of times a run; that can stand still for longer than any deadline allows."""

LARGEST_HEAD = 256 * 1024
"""Bytes: the most that may be received before the body of an answer begins, interim answers (1xx) included."""

MOST_READS = 200_000
"""How often a connection is read for one answer: 64 MB in pieces of 320 bytes."""

_AT_ONCE = 65536
"""Bytes: writes are put together up to this size, so that head and body travel in as few packets as they can."""

SocketAddress = tuple[int, int, int, Any]
"""Family, kind and protocol of the socket that reaches it, and what that is to be connected to."""


class Cut(Exception):
    """This side has cut the connection, or was closed before there was one."""


class Deadline:
    """A moment `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def has_passed(self) -> bool:
        """True from that moment on."""
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds until then. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect to: the host as it is looked up (IDNA, no brackets), and whether it speaks TLS."""

    host: str
    port: int
    is_tls: bool

    @property
    def authority(self) -> str:
        """Host and port as a CONNECT names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Stream(httpcore.NetworkStream):
    """One connection, as httpcore reads and writes it.

    Each method raises TimeoutError at the `deadline`, OSError when the connection breaks, and Cut when this side has
    cut it. The time-outs that httpcore hands over are ignored.
    """

    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        self.deadline = deadline
        self.has_begun = False
        """True once bytes of a request were given to the network: from then on they may have arrived."""
        self.most_received = LARGEST_HEAD
        """Bytes that may be received before the next read. The reader of a body raises it as the body grows."""
        self._opened_at = time.monotonic()
        self._socket = plain
        self._twin: socket.socket | None = None
        self._is_cut = False
        self._unsent = bytearray()
        self._received = 0
        self._reads = 0

    def connect(self, address: Any, seconds: float) -> None:
        """Connects to a socket address within so many seconds."""
        self._socket.settimeout(seconds)
        self._refuse_when_cut()
        self._socket.connect(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """The TLS handshake. Raises ssl.SSLCertVerificationError for a certificate that is not trusted or is for
        another host."""
        self._twin = self._socket.dup()
        self._socket.settimeout(self.deadline.left())
        # The handshake is the wrapping's own: on Windows and macOS older truststores look at the certificates right
        # behind it, and never again. A connection that ends without TLS saying so may have been cut by anybody: taken
        # for an end (`suppress_ragged_eofs`), half of a body without a length would pass for the whole.
        self._socket = context.wrap_socket(self._socket, server_hostname=host, suppress_ragged_eofs=False)
        self._refuse_when_cut()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends it, together with what was held back, or holds it back while it is small. So a request whose body
        cannot be given has not begun to leave. Raises httpcore.WriteError for a broken connection: httpcore then reads
        the answer, for a server may answer and hang up before it has read the whole request."""
        self._unsent += buffer
        if len(self._unsent) < _AT_ONCE:
            return
        try:
            self._send_held_back()
        except TimeoutError:
            raise
        except OSError as error:
            raise httpcore.WriteError from error

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Sends what was held back and receives what comes next, b"" for the end of the connection. Raises
        ConnectionAbortedError when more has come than an answer may need (`most_received`, MOST_READS)."""
        try:
            self._send_held_back()
        except TimeoutError:
            raise
        except OSError:
            pass  # as in `write`: there may be an answer
        self._reads += 1
        if self._received > self.most_received or self._reads > MOST_READS:
            raise ConnectionAbortedError("more was received than an answer needs")
        received = self.receive(max_bytes)
        self._received += len(received)
        return received

    def send(self, content: bytes | bytearray) -> None:
        """Sends it whole. Not by `sendall`: a TLS socket's takes its time-out for each record anew."""
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(self.deadline.left())
            self.has_begun = True
            rest = rest[self._socket.send(rest) :]

    @property
    def is_unused(self) -> bool:
        """Whether a request may be the first thing on it: opened a moment ago, neither ended nor spoken on by the other
        side. It is the library that reads, so that TLS takes in its own messages (session tickets), which are no end.
        """
        if time.monotonic() - self._opened_at > AHEAD_SECONDS:
            return False
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def receive(self, max_bytes: int) -> bytes:
        """What came next, b"" for the end of the connection."""
        self._socket.settimeout(self.deadline.left())
        received = self._socket.recv(max_bytes)
        if not received:
            self._refuse_when_cut()
        return received

    def cut(self) -> None:
        """Ends it under a thread that waits for it; may be called from any other."""
        self._is_cut = True
        with suppress(OSError):
            # Never the TLS socket's own: it would first forget its encryption, and a thread that is just sending would
            # go on in clear. While it shakes hands nobody else has it anyway.
            (self._twin or self._socket).shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Nothing: httpcore calls it, but only the `Network` frees a stream, when no other thread can be cutting it."""

    def free(self) -> None:
        """Gives its sockets back to the system."""
        self._socket.close()
        if self._twin is not None:
            self._twin.close()

    def _send_held_back(self) -> None:
        if self._unsent:
            content, self._unsent = self._unsent, bytearray()
            self.send(content)

    def _refuse_when_cut(self) -> None:
        if self._is_cut:
            raise Cut


class Network:
    """Opens connections and cuts all that are open. Safe to use from several threads.

    `proxy`: the HTTP proxy through which TLS connections are tunnelled, None to connect directly; the environment's
    proxy is never used. `ca_file`: a PEM file of authorities that are trusted besides the system's own. `ahead`: so
    many connections may be opened at most before anybody asks for them, never more than there are in use.
    """

    def __init__(self, proxy: httpx.Proxy | None = None, ca_file: Path | None = None, ahead: int = 0) -> None:
        self._proxy = proxy
        self._certificates = Certificates(ca_file)
        self._addresses = Addresses()
        self._lock = threading.Lock()
        self._open: set[Stream] = set()
        self._is_closed = False
        self._most_ahead = ahead
        self._openers = ThreadPoolExecutor(max(1, ahead), "opens ahead")  # no thread before there is something to open
        self._ahead: deque[tuple[Server, Future[Stream]]] = deque()

    @contextmanager
    def opened(self, server: Server, deadline: Deadline) -> Iterator[Stream]:
        """A connection on which nothing was sent yet, freed at the end. Raises NotSent when there is none to be had,
        Cut after `close`."""
        stream = self._opened(server, deadline)
        try:
            self._open_ahead(server)
            stream.deadline = deadline
            yield stream
        finally:
            self._end(stream)

    def close(self) -> None:
        """Cuts all connections; no other can be opened."""
        with self._lock:
            self._is_closed = True
            for stream in self._open:
                stream.cut()
        while (next_one := self._next_ahead()) is not None:
            self._pass_over(next_one[1])
        self._openers.shutdown(wait=False, cancel_futures=True)

    def _opened(self, server: Server, deadline: Deadline) -> Stream:
        try:
            connecting = Deadline(min(CONNECT_SECONDS, deadline.left()))
            return self._taken_ahead(server, connecting) or self._new(server, connecting)
        except ssl.SSLCertVerificationError as error:
            raise NotSent("untrusted", detail=error.verify_message) from error
        except OSError as error:
            raise NotSent("not-sent", detail=str(error) or type(error).__name__) from error

    def _new(self, server: Server, connecting: Deadline) -> Stream:
        if self._proxy is None or not server.is_tls:
            return self._secured(self._connected(server.host, server.port, connecting), server)
        url = self._proxy.url
        stream = self._connected(url.raw_host.decode(), url.port or 80, connecting)
        return self._secured(stream, server, self._proxy)

    def _open_ahead(self, server: Server) -> None:
        """Has one opened for each connection that is in use, up to the most that are wanted."""
        with self._lock:
            most = min(self._most_ahead, len(self._open) - len(self._ahead))
            while not self._is_closed and len(self._ahead) < most:
                self._ahead.append((server, self._openers.submit(self._opened_ahead, server)))

    def _opened_ahead(self, server: Server) -> Stream:
        return self._new(server, Deadline(CONNECT_SECONDS))

    def _taken_ahead(self, server: Server, connecting: Deadline) -> Stream | None:
        """Of the connections that were opened ahead, or are just being opened, the first one that can be used; None
        when there is none. The first one: a service that serves one connection after the other waits for its request.
        """
        while self._ahead:
            seconds = connecting.left()
            if (next_one := self._next_ahead()) is None:
                break
            wanted, opening = next_one
            try:
                stream = opening.result(seconds)
            except BaseException as error:
                self._pass_over(opening)
                if not isinstance(error, OSError | Cut | CancelledError):
                    raise
                continue  # a new one tells what is wrong
            if wanted == server and stream.is_unused:
                return stream
            self._end(stream)
        return None

    def _next_ahead(self) -> tuple[Server, Future[Stream]] | None:
        try:
            return self._ahead.popleft()
        except IndexError:
            return None

    def _pass_over(self, opening: Future[Stream]) -> None:
        """Ends a connection that nobody has, as soon as it is there."""

        def end(opened: Future[Stream]) -> None:
            if not opened.cancelled() and opened.exception() is None:
                self._end(opened.result())

        opening.add_done_callback(end)

    def _secured(self, stream: Stream, server: Server, proxy: httpx.Proxy | None = None) -> Stream:
        """The same stream, behind the proxy's tunnel and TLS."""
        try:
            if proxy is not None:
                _tunnel(stream, server, proxy)
            if server.is_tls:
                stream.encrypt(self._certificates.context(), server.host)
        except BaseException:
            self._addresses.forget()  # somebody else may have the address by now
            self._end(stream)
            raise
        return stream

    def _connected(self, host: str, port: int, connecting: Deadline) -> Stream:
        """A connection to the first of the name's addresses that answers. What is left is shared out between them, so
        that a silent one is not the end. Raises what the last one raised."""
        self._refuse_when_closed()
        addresses = self._addresses.of(host, port)
        failure = OSError("no address")
        for place, (family, kind, protocol, address) in enumerate(addresses):
            try:
                stream = self._begun(socket.socket(family, kind, protocol), connecting)
            except OSError as error:  # a machine without IPv6 is given such addresses all the same
                failure = error
                continue
            try:
                stream.connect(address, connecting.left() / (len(addresses) - place))
                return stream
            except BaseException as error:  # nobody has it yet: whatever ends the connect, Ctrl-C too, must free it
                self._end(stream)
                if not isinstance(error, OSError):
                    raise
                failure = error
        self._addresses.forget()
        raise failure

    def _begun(self, plain: socket.socket, deadline: Deadline) -> Stream:
        stream = Stream(plain, deadline)
        with self._lock:
            if not self._is_closed:
                self._open.add(stream)
                return stream
        stream.free()
        raise Cut

    def _end(self, stream: Stream) -> None:
        with self._lock:  # nobody cuts it any more: its number may be another connection's in a moment
            self._open.discard(stream)
        stream.free()

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise Cut


def _tunnel(stream: Stream, server: Server, proxy: httpx.Proxy) -> None:
    """Has the proxy connect the stream with the server. Nothing of a request has been sent afterwards. Raises
    ConnectionError when it does not."""
    authority = server.authority.encode("ascii")
    headers = [(b"Host", authority)]
    if proxy.raw_auth is not None:
        headers.append((b"Proxy-Authorization", b"Basic " + base64.b64encode(b":".join(proxy.raw_auth))))
    url = httpcore.URL(scheme=b"http", host=proxy.url.raw_host, port=proxy.url.port, target=authority)
    connection = httpcore.HTTP11Connection(url.origin, stream)
    try:
        status = connection.handle_request(httpcore.Request("CONNECT", url, headers=headers)).status
    except (httpcore.ProtocolError, h11.ProtocolError):
        status = None
    if status is None or not 200 <= status < 300:
        raise ConnectionError(f"proxy: {status or 'no HTTP answer'}")
    stream.has_begun = False


class Addresses:
    """The addresses to which servers' names lead, kept for a minute. Safe to use from several threads."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], tuple[float, tuple[SocketAddress, ...]]] = {}

    def of(self, host: str, port: int) -> tuple[SocketAddress, ...]:
        """All addresses in the order in which they are to be tried. Raises OSError when the name leads nowhere."""
        kept_until, addresses = self._found.get((host, port), (0.0, ()))
        if time.monotonic() >= kept_until:
            # As bytes: a text would be brought into IDNA once more.
            found = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
            addresses = tuple((family, kind, protocol, address) for family, kind, protocol, _, address in found)
            self._found[host, port] = time.monotonic() + ADDRESSES_KEPT_SECONDS, addresses
        return addresses

    def forget(self) -> None:
        """None could be reached: the server may have moved, so the network is asked again next time."""
        self._found.clear()
