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
from typing import Any

from importer.services.addresses import Addresses

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
    """A connection of its own socket. Each method raises TimeoutError at the deadline, OSError when the connection
    breaks, and Cut when this side has cut it."""

    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        self._socket = plain
        self._twin: socket.socket | None = None
        self._deadline = deadline
        self._is_cut = False
        self.has_begun = False
        """True once something was given to the network to send: from then on it may have arrived."""

    def connect(self, address: Any, seconds: float) -> None:
        """Connects within so many seconds."""
        self._socket.settimeout(seconds)
        self._refuse_when_cut()
        self._socket.connect(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def encrypt(self, server: Server, deadline: Deadline) -> None:
        """The TLS handshake, if there is to be one. Raises ssl.SSLCertVerificationError for a certificate in doubt."""
        if server.trust is not None:
            self._twin = self._socket.dup()
            self._socket.settimeout(deadline.left())
            # The handshake is the wrapping's own: on Windows and macOS older truststores look at the certificates right
            # behind it, and never again. A connection that ends without saying so by TLS may have been cut by anybody.
            self._socket = server.trust.wrap_socket(
                self._socket, server_hostname=server.host, suppress_ragged_eofs=False
            )
            self._refuse_when_cut()

    def send(self, content: bytes) -> None:
        """Sends it whole. Not by `sendall`: a TLS socket's takes its time-out for each record anew."""
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(self._deadline.left())
            self.has_begun = True
            rest = rest[self._socket.send(rest) :]

    def receive(self) -> bytes:
        """What came next, b"" for the end of the connection."""
        self._socket.settimeout(self._deadline.left())
        received = self._socket.recv(_MOST_RECEIVED)
        if not received:
            self._refuse_when_cut()
        return received

    def cut(self) -> None:
        """Ends it under the thread that waits for it."""
        self._is_cut = True
        with suppress(OSError):
            # Never the TLS socket's own: it would first forget its encryption, and a thread that is just sending would
            # go on in clear. While it shakes hands nobody else has it anyway.
            (self._twin or self._socket).shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Frees the socket."""
        self._socket.close()
        if self._twin is not None:
            self._twin.close()

    def _refuse_when_cut(self) -> None:
        if self._is_cut:
            raise Cut("by this side")


class Connections:
    """All connections that are open or on the way to it. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._addresses = Addresses()
        self._is_closed = False

    @contextmanager
    def opened(self, server: Server, deadline: Deadline) -> Iterator[Connection]:
        """A new connection, TLS and all. Raises OSError when there is none to be had, Cut after `close`."""
        connecting = Deadline(min(CONNECT_SECONDS, deadline.left()))
        connection = self._connected(server, connecting, deadline)
        try:
            self._encrypt(connection, server, connecting)
            yield connection
        finally:
            self._end(connection)

    def close(self) -> None:
        """Cuts all that are under way; no other can be opened."""
        with self._lock:
            self._is_closed = True
            for connection in self._open:
                connection.cut()

    def _encrypt(self, connection: Connection, server: Server, connecting: Deadline) -> None:
        try:
            connection.encrypt(server, connecting)
        except OSError:  # somebody else may have the address by now
            self._addresses.forget(server.host, server.port)
            raise

    def _connected(self, server: Server, connecting: Deadline, deadline: Deadline) -> Connection:
        """To the first of the name's addresses that answers; what is left is shared out, so that a silent one is not
        the end. Raises what the last one raised."""
        self._refuse_when_closed()
        addresses = self._addresses.of(server.host, server.port)
        failure = OSError("no address")
        for place, (family, kind, protocol, address) in enumerate(addresses):
            try:
                connection = self._begun(socket.socket(family, kind, protocol), deadline)
            except OSError as error:  # a machine without IPv6 is told of such addresses all the same
                failure = error
                continue
            try:
                connection.connect(address, connecting.left() / (len(addresses) - place))
                return connection
            except BaseException as error:  # nobody has it yet: whatever ends the connect, Ctrl-C too, must free it
                self._end(connection)
                if not isinstance(error, OSError):
                    raise
                failure = error
        self._addresses.forget(server.host, server.port)
        raise failure

    def _begun(self, plain: socket.socket, deadline: Deadline) -> Connection:
        connection = Connection(plain, deadline)
        with self._lock:
            if not self._is_closed:
                self._open.add(connection)
                return connection
        connection.close()
        raise Cut("all are closed")

    def _end(self, connection: Connection) -> None:
        with self._lock:  # nobody cuts it any more: its number may be another connection's in a moment
            self._open.discard(connection)
        connection.close()

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise Cut("all are closed")
