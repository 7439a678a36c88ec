"""One deadline for a whole request, and an end to all that is under way: whoever is too long is cut, nobody else."""

import socket
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from importer.errors import AnswerUnclear, NotSent
from importer.services import network
from importer.services.http import HttpClient, Request
from importer.services.network import Addresses, Cut, Deadline, Network, Server, Stream
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


def outcome(exchange: HttpClient, request: Request = ASK) -> str:
    with pytest.raises((AnswerUnclear, NotSent)) as caught:
        exchange(request)
    return caught.value.key


def test_every_one_of_several_requests_at_once_is_cut() -> None:
    with odd_service(*[reply(200, b"x" * 10_000)] * 6, drips=True) as service, ThreadPoolExecutor(6) as workers:
        exchange = HttpClient(service.url, SOON)
        assert list(workers.map(lambda _: outcome(exchange), range(6))) == ["timed-out"] * 6


def test_a_cut_is_not_taken_for_the_end_of_a_body_whose_length_is_unknown() -> None:
    def answer_in_part(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")

    with listening(answer_in_part) as port:
        assert outcome(HttpClient(f"http://127.0.0.1:{port}", SOON)) == "timed-out"


def test_closing_is_not_taken_for_the_end_of_such_a_body_either() -> None:
    def answer_in_part(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")
        exchange.close()

    with listening(answer_in_part) as port:
        exchange = HttpClient(f"http://127.0.0.1:{port}", NEVER)
        assert outcome(exchange) == "cut"


def test_a_body_whose_length_is_unknown_ends_with_the_connection() -> None:
    with odd_service(b"HTTP/1.1 200 OK\r\n\r\nall of it") as service:
        assert HttpClient(service.url, NEVER)(ASK).body == b"all of it"


def test_a_server_that_does_not_read_the_request_is_cut() -> None:
    with listening() as port:
        assert outcome(HttpClient(f"http://127.0.0.1:{port}", SOON), LARGE) == "timed-out"


def test_a_server_that_never_speaks_tls_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as port:
        assert outcome(HttpClient(f"https://127.0.0.1:{port}", SOON)) == "not-sent"
    monkeypatch.setattr(network, "CONNECT_SECONDS", SOON)
    with listening() as port:
        assert outcome(HttpClient(f"https://127.0.0.1:{port}", NEVER)) == "not-sent"


def test_after_the_deadline_nothing_is_sent() -> None:
    with listening() as port, Network().opened(Server("127.0.0.1", port, is_tls=False), Deadline(SOON)) as opened:
        with pytest.raises(TimeoutError):
            opened.receive(1)
        with pytest.raises(TimeoutError):
            opened.send(b"x")
        assert not opened.has_begun


def test_a_cut_request_does_no_harm_to_the_next_one() -> None:
    with odd_service(reply(200, b"x" * 10_000), drips=True) as service:
        exchange = HttpClient(service.url, SOON)
        assert outcome(exchange) == "timed-out"
        service.drips, service.answers = False, [reply(200, b"whole")]
        assert exchange(ASK).body == b"whole"


@pytest.mark.parametrize("request_", [ASK, LARGE], ids=["receiving", "sending"])
def test_closing_cuts_what_is_under_way(request_: Request) -> None:
    def close_under_way(taken: socket.socket) -> None:
        taken.recv(1)
        exchange.close()

    with listening(close_under_way) as port:
        exchange = HttpClient(f"http://127.0.0.1:{port}", NEVER)
        assert outcome(exchange, request_) == "cut"


def test_closing_cuts_a_handshake_that_stands_still() -> None:
    def close_under_way(taken: socket.socket) -> None:
        taken.recv(1)
        exchange.close()

    with listening(close_under_way) as port:
        exchange = HttpClient(f"https://127.0.0.1:{port}", NEVER)
        assert outcome(exchange) == "not-sent"


def test_a_request_after_closing_is_cut_and_never_arrives() -> None:
    with odd_service(reply(200, b"{}")) as service:
        exchange = HttpClient(service.url, NEVER)
        exchange.close()
        assert outcome(exchange) == "cut"
    assert service.requests == []


def test_a_connection_that_opens_while_all_is_closed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    open_ones, look_up = Network(), socket.getaddrinfo

    def close_meanwhile(*place: Any, **more: Any) -> Any:
        open_ones.close()
        return look_up(*place, **more)

    monkeypatch.setattr(socket, "getaddrinfo", close_meanwhile)
    with odd_service() as service, pytest.raises(Cut):
        port = int(service.url.rpartition(":")[2])
        with open_ones.opened(Server("127.0.0.1", port, is_tls=False), Deadline(NEVER)):
            raise AssertionError("opened")


def test_an_ended_request_is_forgotten_long_before_its_deadline() -> None:
    open_ones = Network()
    with listening() as port, open_ones.opened(Server("127.0.0.1", port, is_tls=False), Deadline(NEVER)) as opened:
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
        HttpClient(service.url, NEVER)(ASK)
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
        assert HttpClient(service.url, NEVER)(ASK).status == 200
        monkeypatch.setattr(socket, "getaddrinfo", addresses_of(refused))
        assert outcome(HttpClient(service.url, NEVER)) == "not-sent"


def test_an_address_of_a_kind_that_this_machine_lacks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_service(reply(200, b"{}")) as service:
        good = addresses_of(int(service.url.rpartition(":")[2]))()
        unknown = (250, socket.SOCK_STREAM, 0, "", ("::1", 1))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [unknown, *good])
        assert HttpClient(service.url, NEVER)(ASK).status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a listener whose queue is full refuses")
def test_closing_ends_a_connect_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "CONNECT_SECONDS", NEVER)
    connecting, connect = threading.Event(), network.Stream.connect

    def noted(one: Stream, address: Any, seconds: float) -> None:
        connecting.set()
        connect(one, address, seconds)

    monkeypatch.setattr(network.Stream, "connect", noted)
    with silent_listener() as port, ThreadPoolExecutor(1) as workers:
        exchange = HttpClient(f"http://127.0.0.1:{port}", NEVER)
        ended = workers.submit(outcome, exchange)
        connecting.wait(60)
        exchange.close()
        while not wait([ended], 0.01).done:  # the connect itself may begin a moment later
            exchange.close()
        assert ended.result() in ("not-sent", "cut")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a listener whose queue is full refuses")
def test_a_silent_address_leaves_time_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "CONNECT_SECONDS", 2 * SOON)
    with odd_service(reply(200, b"{}")) as service, silent_listener() as silent:
        good = int(service.url.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", addresses_of(silent, good))
        assert HttpClient(service.url, NEVER)(ASK).status == 200
        monkeypatch.setattr(socket, "getaddrinfo", addresses_of(silent))
        assert outcome(HttpClient(service.url, NEVER)) == "not-sent"


def test_a_name_that_is_not_known_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(NotSent) as caught:
        HttpClient("https://nobody.invalid", NEVER)(ASK)
    assert "not known" in caught.value.facts["detail"] and caught.value.may_pass


HERE = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[object]:
    """How often each name was looked up; each leads here."""
    count: Counter[object] = Counter()

    def look_up(host: object, *_: object, **__: object) -> list[Any]:
        count[host] += 1
        return [HERE]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return count


def test_a_name_is_looked_up_once(asked: Counter[object]) -> None:
    known = Addresses()
    assert known.of("one.example", 443) == known.of("one.example", 443)
    assert asked == {b"one.example": 1}


def test_names_and_ports_are_kept_apart(asked: Counter[object]) -> None:
    known = Addresses()
    for host, port in (("one.example", 443), ("two.example", 443), ("one.example", 8443)):
        known.of(host, port)
    assert asked == {b"one.example": 2, b"two.example": 1}


def test_a_name_is_looked_up_anew_when_its_time_is_over(
    asked: Counter[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "ADDRESSES_KEPT_SECONDS", 0.0)
    known = Addresses()
    known.of("one.example", 443)
    known.of("one.example", 443)
    assert asked == {b"one.example": 2}


def test_a_failed_look_up_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    known = Addresses()
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OSError, match="Temporary"):
        known.of("one.example", 443)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [HERE])
    assert known.of("one.example", 443)


def leads_to(port: int) -> Callable[..., list[Any]]:
    return lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]


def test_a_server_that_moved_is_found_by_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server("moved.example", 443, is_tls=False)
    with odd_service(reply(200, b"{}"), reply(200, b"{}")) as service, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        opening = Network()
        monkeypatch.setattr(socket, "getaddrinfo", leads_to(nobody.getsockname()[1]))
        with pytest.raises(NotSent), opening.opened(server, Deadline(60)):
            raise AssertionError("opened")
        monkeypatch.setattr(socket, "getaddrinfo", leads_to(int(service.url.rpartition(":")[2])))
        with opening.opened(server, Deadline(60)) as opened:
            opened.send(b"GET / HTTP/1.1\r\nHost: moved.example\r\n\r\n")
            assert opened.receive(100).startswith(b"HTTP/1.1 200")


def test_a_server_whose_tls_fails_is_looked_up_anew(asked: Counter[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else may have its address by now."""
    monkeypatch.setattr(network, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setitem(globals(), "HERE", (*HERE[:4], silent.getsockname()))
        opening = Network()
        for _ in range(2):
            server = Server("moved.example", 443, is_tls=True)
            with pytest.raises(NotSent), opening.opened(server, Deadline(60)):
                raise AssertionError("opened")
    assert asked == {b"moved.example": 2}
