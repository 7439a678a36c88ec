"""One deadline for a whole request, and an end to all that is under way: whoever is too long is cut, nobody else."""

import socket
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from importer.errors import AnswerUnclear, NotSent
from importer.services import connection
from importer.services.connection import Connection, Connections, Cut, Deadline, Server
from importer.services.transport import HttpExchange, Request
from tests.services.odd_service import ANSWERING, next_connection, odd_service, reply

ASK = Request("GET", "/company", {})
LARGE = Request("POST", "/journal", {}, b"x" * 30_000_000)
SOON, NEVER = 1.0, 3600.0


@contextmanager
def listening(serve: Callable[[socket.socket], object] = lambda _: None) -> Iterator[int]:
    """The port of a listener; `serve` is given the one connection that it takes, which stays open to the end."""
    done = threading.Event()

    def accept() -> None:
        if (taken := next_connection(listener, done)) is not None:
            with taken:
                serve(taken)
                done.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as service:
        serving = service.submit(accept)
        try:
            yield int(listener.getsockname()[1])
        finally:
            done.set()
            serving.result(60)


def outcome(exchange: HttpExchange, request: Request = ASK) -> str:
    with pytest.raises((AnswerUnclear, NotSent)) as caught:
        exchange(request)
    return caught.value.key


def test_every_one_of_several_requests_at_once_is_cut() -> None:
    with odd_service(*[reply(200, b"x" * 10_000)] * 6, drips=True) as service, ThreadPoolExecutor(6) as crew:
        exchange = HttpExchange(service.url, SOON)
        assert list(crew.map(lambda _: outcome(exchange), range(6))) == ["timed-out"] * 6


def test_a_cut_is_not_taken_for_the_end_of_a_body_whose_length_was_not_told() -> None:
    def answer_in_part(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")

    with listening(answer_in_part) as port:
        assert outcome(HttpExchange(f"http://127.0.0.1:{port}", SOON)) == "timed-out"


def test_closing_is_not_taken_for_the_end_of_such_a_body_either() -> None:
    def answer_in_part(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")
        exchange.close()

    with listening(answer_in_part) as port:
        exchange = HttpExchange(f"http://127.0.0.1:{port}", NEVER)
        assert outcome(exchange) == "cut"


def test_a_body_whose_length_was_not_told_ends_with_the_connection() -> None:
    with odd_service(b"HTTP/1.1 200 OK\r\n\r\nall of it") as service:
        assert HttpExchange(service.url, NEVER)(ASK).body == b"all of it"


def test_a_server_that_does_not_read_the_request_is_cut() -> None:
    with listening() as port:
        assert outcome(HttpExchange(f"http://127.0.0.1:{port}", SOON), LARGE) == "timed-out"


def test_a_server_that_never_speaks_tls_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as port:
        assert outcome(HttpExchange(f"https://127.0.0.1:{port}", SOON)) == "not-sent"
    monkeypatch.setattr(connection, "CONNECT_SECONDS", SOON)
    with listening() as port:
        assert outcome(HttpExchange(f"https://127.0.0.1:{port}", NEVER)) == "not-sent"


def test_after_the_deadline_nothing_is_sent() -> None:
    with listening() as port, Connections().opened(Server("127.0.0.1", port, None), Deadline(SOON)) as opened:
        with pytest.raises(TimeoutError):
            opened.receive()
        with pytest.raises(TimeoutError):
            opened.send(b"x")
        assert not opened.has_begun


def test_a_cut_request_does_no_harm_to_the_next_one() -> None:
    with odd_service(reply(200, b"x" * 10_000), drips=True) as service:
        exchange = HttpExchange(service.url, SOON)
        assert outcome(exchange) == "timed-out"
        service.drips, service.answers = False, [reply(200, b"whole")]
        assert exchange(ASK).body == b"whole"


@pytest.mark.parametrize("request_", [ASK, LARGE], ids=["receiving", "sending"])
def test_closing_cuts_what_is_under_way(request_: Request) -> None:
    def close_under_way(taken: socket.socket) -> None:
        taken.recv(1)
        exchange.close()

    with listening(close_under_way) as port:
        exchange = HttpExchange(f"http://127.0.0.1:{port}", NEVER)
        assert outcome(exchange, request_) == "cut"


def test_closing_cuts_a_handshake_that_stands_still() -> None:
    def close_under_way(taken: socket.socket) -> None:
        taken.recv(1)
        exchange.close()

    with listening(close_under_way) as port:
        exchange = HttpExchange(f"https://127.0.0.1:{port}", NEVER)
        assert outcome(exchange) == "not-sent"


def test_a_request_after_closing_is_cut_and_never_arrives() -> None:
    with odd_service(reply(200, b"{}")) as service:
        exchange = HttpExchange(service.url, NEVER)
        exchange.close()
        assert outcome(exchange) == "cut"
    assert service.requests == []


def test_a_connection_that_opens_while_all_is_closed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    open_ones, look_up = Connections(), socket.getaddrinfo

    def close_meanwhile(*place: Any, **more: Any) -> Any:
        open_ones.close()
        return look_up(*place, **more)

    monkeypatch.setattr(socket, "getaddrinfo", close_meanwhile)
    with odd_service() as service, pytest.raises(Cut):
        port = int(service.url.rpartition(":")[2])
        with open_ones.opened(Server("127.0.0.1", port, None), Deadline(NEVER)):
            raise AssertionError("opened")


def test_an_ended_request_is_forgotten_long_before_its_deadline() -> None:
    open_ones = Connections()
    with listening() as port, open_ones.opened(Server("127.0.0.1", port, None), Deadline(NEVER)) as opened:
        ended = weakref.ref(opened)
    del opened
    assert ended() is None
    open_ones.close()


def test_an_exchange_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    started, start = [], threading.Thread.start

    def noted(one: threading.Thread) -> None:
        started.append(one.name)
        start(one)

    with odd_service(reply(200, b"{}")) as service:
        monkeypatch.setattr(threading.Thread, "start", noted)
        HttpExchange(service.url, NEVER)(ASK)
    assert started == [ANSWERING]


@contextmanager
def silent_listener() -> Iterator[int]:
    """The port of a listener whose queue is full: who connects hears nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as stack:
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield int(full.getsockname()[1])


def addresses_of(*ports: int) -> Callable[..., list[Any]]:
    """A look-up that finds these on this machine, whatever the name."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in ports]
    return lambda *_, **__: found


def test_an_address_that_refuses_is_not_the_end_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_service(reply(200, b"{}")) as service, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        refused, good = nobody.getsockname()[1], int(service.url.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", addresses_of(refused, good))
        assert HttpExchange(service.url, NEVER)(ASK).status == 200
        monkeypatch.setattr(socket, "getaddrinfo", addresses_of(refused))
        assert outcome(HttpExchange(service.url, NEVER)) == "not-sent"


def test_an_address_of_a_kind_that_this_machine_lacks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_service(reply(200, b"{}")) as service:
        good = addresses_of(int(service.url.rpartition(":")[2]))()
        unknown = (250, socket.SOCK_STREAM, 0, "", ("::1", 1))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [unknown, *good])
        assert HttpExchange(service.url, NEVER)(ASK).status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a listener whose queue is full refuses")
def test_closing_ends_a_connect_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", NEVER)
    connecting, connect = threading.Event(), connection.Connection.connect

    def told(one: Connection, address: Any, seconds: float) -> None:
        connecting.set()
        connect(one, address, seconds)

    monkeypatch.setattr(connection.Connection, "connect", told)
    with silent_listener() as port, ThreadPoolExecutor(1) as crew:
        exchange = HttpExchange(f"http://127.0.0.1:{port}", NEVER)
        ended = crew.submit(outcome, exchange)
        connecting.wait(60)
        exchange.close()
        while not wait([ended], 0.01).done:  # the connect itself may begin a moment later
            exchange.close()
        assert ended.result() in ("not-sent", "cut")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a listener whose queue is full refuses")
def test_a_silent_address_leaves_time_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 2 * SOON)
    with odd_service(reply(200, b"{}")) as service, silent_listener() as silent:
        good = int(service.url.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", addresses_of(silent, good))
        assert HttpExchange(service.url, NEVER)(ASK).status == 200
        monkeypatch.setattr(socket, "getaddrinfo", addresses_of(silent))
        assert outcome(HttpExchange(service.url, NEVER)) == "not-sent"


def test_a_name_that_is_not_known_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(NotSent) as caught:
        HttpExchange("https://nobody.invalid", NEVER)(ASK)
    assert "not known" in caught.value.facts["detail"] and not caught.value.certificate
