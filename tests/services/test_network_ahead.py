"""Connections that are opened ahead: each carries one request, if nothing was sent on it and nobody has ended it; what
cannot be used is passed over before a byte leaves."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from importer.errors import AnswerUnclear, NotSent
from importer.services import network
from importer.services.http import HttpClient, Request, Response
from tests.services.odd_service import reply

POST = Request("POST", "/journal", {}, b'{"amount": 1}')
ANSWERED = reply(200, b"{}")


class Service:
    """A listener whose connections the test takes one by one, in clear or over TLS; and a client of it that may open
    connections ahead."""

    def __init__(self, stack: ExitStack, ahead: int, authority: Path | None, context: ssl.SSLContext | None) -> None:
        self._stack = stack
        self._listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._listener.settimeout(60)
        self._context = context
        port = self._listener.getsockname()[1]
        url = f"http{'s' if context else ''}://127.0.0.1:{port}"
        self._asking = stack.enter_context(ThreadPoolExecutor(4))
        self.client = HttpClient(url, 60, ca_file=authority, ahead=ahead)
        stack.callback(self.client.close)

    def taken(self) -> socket.socket:
        """The next connection, ready for its request."""
        plain, _ = self._listener.accept()
        plain.settimeout(60)
        if self._context is None:
            return self._stack.enter_context(plain)
        return self._stack.enter_context(self._context.wrap_socket(plain, server_side=True))

    def asks(self) -> Callable[[], Response]:
        """The client sends a request; gives the way to its answer."""
        asked = self._asking.submit(self.client, POST)
        return lambda: asked.result(60)

    def has_no_other(self) -> bool:
        """True when nobody has connected."""
        self._listener.settimeout(0)
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return True
        finally:
            self._listener.settimeout(60)
        return False


ServiceOf = Callable[[int], Service]


@pytest.fixture(autouse=True)
def plenty_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a test may take longer than a connection may wait."""
    monkeypatch.setattr(network, "AHEAD_SECONDS", 600.0)


@pytest.fixture(params=["in clear", "over TLS"])
def service_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServiceOf]:
    authority, context = None, None
    if request.param == "over TLS":
        made, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.issue_cert("127.0.0.1").configure_cert(context)
        made.cert_pem.write_to_path(authority := tmp_path / "authority.pem")
    with ExitStack() as stack:
        yield lambda ahead: Service(stack, ahead, authority, context)


def answered(connection: socket.socket) -> None:
    """Reads the one request and answers it."""
    assert connection.recv(65536).startswith(b"POST /journal")
    connection.sendall(ANSWERED)


@contextmanager
def one_ahead(service: Service) -> Iterator[socket.socket]:
    """The connection that was opened while the first request was under way, which is answered."""
    first = service.asks()
    begun, ahead = service.taken(), service.taken()
    answered(begun)
    assert first().status == 200
    yield ahead


def test_the_next_request_takes_the_connection_that_was_opened_meanwhile(service_of: ServiceOf) -> None:
    """Over TLS its session tickets wait to be read by then: they are no sign that the service has hung up."""
    service = service_of(1)
    with one_ahead(service) as ahead:
        second = service.asks()
        answered(ahead)
        assert second().status == 200


def test_nothing_is_opened_ahead_unless_it_is_asked_for(service_of: ServiceOf) -> None:
    service = service_of(0)
    first = service.asks()
    answered(service.taken())
    assert first().status == 200 and service.has_no_other()


def end(connection: socket.socket) -> None:
    connection.close()


def end_by_tls(connection: socket.socket) -> None:
    if isinstance(connection, ssl.SSLSocket):
        with suppress(OSError):  # the other side does not answer it
            connection.settimeout(0)
            connection.unwrap()
    else:
        connection.shutdown(socket.SHUT_WR)


def speak(connection: socket.socket) -> None:
    connection.sendall(ANSWERED)


@pytest.mark.parametrize("spoil", [end, end_by_tls, speak])
def test_one_that_the_service_has_ended_or_spoken_on_is_passed_over(
    service_of: ServiceOf, spoil: Callable[[socket.socket], None]
) -> None:
    service = service_of(1)
    with one_ahead(service) as ahead:
        spoil(ahead)
        opened = service.client._network._ahead[0][1].result(60)
        while opened.is_unused:  # what was done to it may be under way yet
            threading.Event().wait(0.01)
        second = service.asks()
        answered(service.taken())
        assert second().status == 200


def test_one_that_waited_too_long_is_passed_over(service_of: ServiceOf, monkeypatch: pytest.MonkeyPatch) -> None:
    service = service_of(1)
    with one_ahead(service) as ahead:
        monkeypatch.setattr(network, "AHEAD_SECONDS", 0.0)
        second = service.asks()
        assert ahead.recv(1) == b""
        answered(service.taken())
        assert second().status == 200


def test_one_that_ends_under_the_request_leaves_it_in_doubt(service_of: ServiceOf) -> None:
    """The service may have taken the request before it went."""
    service = service_of(1)
    with one_ahead(service) as ahead:
        second = service.asks()
        ahead.recv(1)
        ahead.close()
        with pytest.raises(AnswerUnclear, match="cut"):
            second()


def test_one_that_cannot_be_opened_is_no_reason_not_to_send(service_of: ServiceOf) -> None:
    """It hung up before TLS was spoken, or at once."""
    service = service_of(1)
    first = service.asks()
    begun = service.taken()
    service._listener.accept()[0].close()
    answered(begun)
    assert first().status == 200
    second = service.asks()
    answered(service.taken())
    assert second().status == 200


def test_as_many_are_opened_ahead_as_are_in_use_and_no_more_than_wanted(service_of: ServiceOf) -> None:
    service = service_of(2)
    first = service.asks()
    one, two = service.taken(), service.taken()
    assert service.has_no_other()
    second = service.asks()
    assert two.recv(4) == b"POST"
    _three, _four = service.taken(), service.taken()
    assert service.has_no_other()
    for connection, answer in ((one, first), (two, second)):
        connection.recv(65536)
        connection.sendall(ANSWERED)
        assert answer().status == 200


def test_closing_ends_what_was_opened_ahead(service_of: ServiceOf) -> None:
    service = service_of(1)
    with one_ahead(service) as ahead:
        service.client.close()
        with suppress(OSError):  # a reset is an end too
            assert ahead.recv(1) == b""
        service.client._network._openers.shutdown()  # the thread that opened it may not have handed it over yet
        assert not service.client._network._open


@contextmanager
def one_shaking_hands(folder: Path) -> Iterator[Service]:
    """A service that has answered a request and says nothing in the handshake of the connection opened ahead."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    with ExitStack() as stack:
        service = Service(stack, 1, folder / "authority.pem", context)
        first = service.asks()
        begun = service.taken()
        silent = stack.enter_context(service._listener.accept()[0])
        assert silent.recv(1)
        answered(begun)
        first()
        yield service


def test_closing_ends_a_handshake_ahead_that_stands_still(tmp_path: Path) -> None:
    with one_shaking_hands(tmp_path) as service:
        waits = service.asks()  # for the handshake that is under way
        service.client.close()
        with pytest.raises(AnswerUnclear, match="cut"):
            waits()


def test_a_request_waits_no_longer_than_its_deadline_for_one_that_is_being_opened(tmp_path: Path) -> None:
    with one_shaking_hands(tmp_path) as service:
        service.client._seconds = 0.2
        with pytest.raises(NotSent):
            service.asks()()


def test_many_requests_at_once_are_each_answered_once(service_of: ServiceOf) -> None:
    service, numbers, lock = service_of(4), iter(range(1, 1000)), threading.Lock()
    arrived: list[int] = []

    def serve(connection: socket.socket) -> None:
        if connection.recv(65536):  # one that is opened ahead may stay without a request
            with lock:
                arrived.append(number := next(numbers))
            connection.sendall(reply(200, b"%d" % number))

    def accept() -> None:
        with suppress(OSError), ThreadPoolExecutor(16) as serving:
            while not is_over.is_set():
                serving.submit(serve, service.taken())

    is_over = threading.Event()
    with ThreadPoolExecutor(1) as accepting, ThreadPoolExecutor(4) as asking:
        accepting.submit(accept)
        bodies = [answer.body for answer in asking.map(service.client, [POST] * 40)]
        is_over.set()
        service.client.close()
        with suppress(OSError), socket.create_connection(service._listener.getsockname()):
            pass
    assert sorted(int(body) for body in bodies) == sorted(arrived) == list(range(1, 41))
