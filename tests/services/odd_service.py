"""A service that answers raw bytes by script, over a real socket: for replies that no well-behaved server gives."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

GRANTED = b'{"message": "Access granted", "access_token": "tok-%d", "token_type": "Bearer"}'


ANSWERING = "odd service answers"
"""The name of the thread that a connection is given."""


def reply(status: int, body: bytes, kind: str = "application/json", *fields: str) -> bytes:
    """A complete HTTP/1.1 answer, with further header fields."""
    usual = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close")
    return "\r\n".join((f"HTTP/1.1 {status} X", *usual, *fields, "", "")).encode() + body


def next_connection(listener: socket.socket, is_over: threading.Event) -> socket.socket | None:
    """The next connection that a listener takes; None when none has come before `is_over` is set. A caller whose
    deadline has passed before it connected never comes, and no system wakes up who waits for it."""
    listener.settimeout(0.05)
    while True:
        try:
            taken, _ = listener.accept()
        except TimeoutError:
            if is_over.is_set():
                return None
        else:
            taken.settimeout(None)
            return taken


@contextmanager
def one_connection(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """The port of a listener that takes one connection, hands it to `serve`, and closes it."""
    is_over = threading.Event()

    def accept() -> None:
        if (taken := next_connection(listener, is_over)) is not None:
            with taken:
                serve(taken)

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as service:
        service.submit(accept)
        try:
            yield int(listener.getsockname()[1])
        finally:
            is_over.set()


@dataclass
class OddService:
    """`answers` are given one a connection, after logins have been granted; `requests` holds what came, head and body.

    An answer is bytes to send, or None to close without a word; `held` answers are sent byte by byte until the client
    goes away.
    """

    url: str = ""
    answers: list[bytes | None] = field(default_factory=list)
    drips: bool = False
    grants_logins: bool = True
    logins: int = 0
    requests: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, connection: socket.socket) -> None:
        with connection:
            request = _request(connection)
            if not request:
                return
            with self._lock:
                self.requests.append(request)
                is_login = request.startswith(b"POST /login") and self.grants_logins
                if is_login:
                    self.logins += 1
                    answer: bytes | None = reply(200, GRANTED % self.logins)
                else:
                    answer = self.answers.pop(0) if self.answers else reply(500, b"script is over")
            if answer is None:
                return
            if self.drips and not is_login:
                _drip(connection, answer)
            else:
                connection.sendall(answer)


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return received
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")),
        0,
    )
    while len(body) < length:
        chunk = connection.recv(65536)
        if not chunk:
            break
        body += chunk
    return head + b"\r\n\r\n" + body


def _drip(connection: socket.socket, answer: bytes) -> None:
    """One byte at a time for as long as the client listens: each read of the client succeeds, the answer never ends."""
    pause = threading.Event()
    try:
        for place in range(len(answer)):
            connection.sendall(answer[place : place + 1])
            pause.wait(0.05)
    except OSError:
        return


@contextmanager
def odd_service(*answers: bytes | None, drips: bool = False, grants_logins: bool = True) -> Iterator[OddService]:
    """A running odd service on a free port of loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    service = OddService(f"http://127.0.0.1:{listener.getsockname()[1]}", list(answers), drips, grants_logins)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=service.serve, args=(connection,), name=ANSWERING, daemon=True).start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield service
    finally:
        # A blocked accept() is not woken by close() on Linux; one last connection does.
        listener.shutdown(socket.SHUT_RDWR) if hasattr(socket, "SHUT_RDWR") else None
        listener.close()
        acceptor.join(5)
