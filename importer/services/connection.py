"""One new connection with one deadline for everything that is done over it, and a way to cut it from another thread.

A time-out of a socket is per operation: a server that drips bytes would never meet it. So each operation is given what
is left of the whole deadline. Only the look-up of a name cannot be interrupted; its own limit is the resolver's.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

CONNECT_SECONDS = 10.0
"""For a whole connect: all addresses of the name, and the TLS handshake."""

_MOST_RECEIVED = 65536


class Cut(Exception):
    """An exchange that can no longer become whole."""


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
    """Where to connect to: the host as it is looked up (IDNA, no brackets); the trust for TLS, None for plain HTTP."""

    host: str
    port: int
    trust: ssl.SSLContext | None


class Connection:
    """An open connection. Each method raises TimeoutError at the deadline and OSError when the connection breaks."""

    def __init__(self, socket_: socket.socket, deadline: Deadline) -> None:
        self._socket = socket_
        self._deadline = deadline
        self._is_cut = False
        self.has_begun = False
        """True once something was given to the network to send: from then on it may have arrived."""

    def shake_hands(self, deadline: Deadline) -> None:
        """The TLS handshake, if there is to be one. Raises ssl.SSLCertVerificationError for a certificate in doubt."""
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.settimeout(deadline.left())
            self._socket.do_handshake()

    def send(self, content: bytes) -> None:
        """Sends it whole. Not by `sendall`: a TLS socket's takes its time-out for each record anew."""
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(self._deadline.left())
            self.has_begun = True
            rest = rest[self._socket.send(rest) :]

    def receive(self) -> bytes:
        """What came next, b"" for the end of the connection. Raises Cut when the end is this side's own."""
        self._socket.settimeout(self._deadline.left())
        received = self._socket.recv(_MOST_RECEIVED)
        if not received and self._is_cut:
            raise Cut
        return received

    def cut(self) -> None:
        """Ends it under the thread that waits for it."""
        self._is_cut = True
        with suppress(OSError):
            # The plain socket's own: a TLS socket would first forget its encryption, and a thread that is just sending
            # would go on in clear.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Frees the socket."""
        self._socket.close()


class Connections:
    """All connections that are open. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._is_closed = False

    @contextmanager
    def opened(self, server: Server, deadline: Deadline) -> Iterator[Connection]:
        """A new connection, TLS and all. Raises OSError when there is none to be had, Cut after `close`."""
        self._refuse_when_closed()
        connecting = Deadline(min(CONNECT_SECONDS, deadline.left()))
        connection = Connection(connected(server, connecting), deadline)
        try:
            with self._lock:
                self._open.add(connection)
            self._refuse_when_closed()
            connection.shake_hands(connecting)
            yield connection
        finally:
            with self._lock:  # nobody cuts it any more: its number may be another connection's in a moment
                self._open.discard(connection)
            connection.close()

    def close(self) -> None:
        """Cuts all that are open; no other can be opened."""
        with self._lock:
            self._is_closed = True
            for connection in self._open:
                connection.cut()

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise Cut


def connected(server: Server, deadline: Deadline) -> socket.socket:
    """The first of the name's addresses that answers; what is left is shared out, so that a silent one is not the end.
    Raises what the last one raised."""
    addresses = socket.getaddrinfo(server.host.encode(), server.port, type=socket.SOCK_STREAM)
    failure = OSError("no address")
    for place, (family, kind, protocol, _, address) in enumerate(addresses):
        one = socket.socket(family, kind, protocol)
        try:
            one.settimeout(deadline.left() / (len(addresses) - place))
            one.connect(address)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _encrypted(one, server)
        except OSError as error:
            failure = error
            one.close()
        except BaseException:
            one.close()
            raise
    raise failure


def _encrypted(plain: socket.socket, server: Server) -> socket.socket:
    if server.trust is None:
        return plain
    return server.trust.wrap_socket(plain, server_hostname=server.host, do_handshake_on_connect=False)
