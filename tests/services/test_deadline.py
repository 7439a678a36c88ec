"""The deadline: whoever is under way too long is cut, nobody else, and no thread is left behind."""

import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpcore
import pytest

from importer.errors import AnswerUnclear
from importer.services.deadline import Deadline, Watchman
from importer.services.transport import HttpExchange, Request
from tests.services.odd_service import odd_service, reply

ASK = Request("GET", "/company", {})
SOON = 0.05
NEVER = 3600.0
OPENED = "connection.connect_tcp.complete"


@pytest.fixture
def port() -> Iterator[int]:
    """Of a listener that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


class Opened:
    """A connection as httpcore's trace hook tells of it."""

    def __init__(self, port: int) -> None:
        self.stream = httpcore.SyncBackend().connect_tcp("127.0.0.1", port)
        self.info = {"return_value": self.stream}

    def can_send(self) -> bool:
        """False once it has been cut."""
        try:
            self.stream.write(b"?")
        except httpcore.WriteError:
            return False
        return True

    def wait_until_cut(self) -> None:
        assert self.stream.read(1, timeout=30) == b""

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def watchers(before: set[threading.Thread]) -> list[threading.Thread]:
    return [one for one in set(threading.enumerate()) - before if one.name == "deadlines"]


def test_every_one_of_several_requests_at_once_is_cut() -> None:
    def outcome(_: int) -> str:
        with pytest.raises(AnswerUnclear) as caught:
            exchange(ASK)
        return caught.value.key

    with odd_service(*[reply(200, b"x" * 10_000)] * 6, drips=True) as service, ThreadPoolExecutor(6) as crew:
        exchange = HttpExchange(service.url, 0.4)
        assert list(crew.map(outcome, range(6))) == ["timed-out"] * 6
        exchange.close()


def test_a_cut_is_not_taken_for_the_end_of_a_body_whose_length_was_not_told() -> None:
    def answer_in_part() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")
            connection.recv(65536)  # until the client goes away

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as service:
        service.submit(answer_in_part)
        exchange = HttpExchange(f"http://127.0.0.1:{listener.getsockname()[1]}", 0.4)
        with pytest.raises(AnswerUnclear, match="timed-out"):
            exchange(ASK)
        exchange.close()


def test_a_cut_request_does_no_harm_to_the_next_one() -> None:
    with odd_service(reply(200, b"x" * 10_000), drips=True) as service:
        exchange = HttpExchange(service.url, 0.4)
        with pytest.raises(AnswerUnclear):
            exchange(ASK)
        service.drips, service.answers = False, [reply(200, b"whole")]
        assert exchange(ASK).body == b"whole"
        exchange.close()


def test_what_has_ended_is_never_cut(port: int) -> None:
    watchman = Watchman(SOON)
    with Opened(port) as early, Opened(port) as late:
        with Deadline(watchman) as ended:
            ended.watch(OPENED, early.info)
        with Deadline(watchman) as under_way:
            under_way.watch(OPENED, late.info)
            late.wait_until_cut()
        ended.cut()
        watchman.close()
        assert early.can_send() and not ended.has_passed
        assert under_way.has_passed and not late.can_send()


def test_a_connection_that_opens_after_the_deadline_is_cut_at_once(port: int) -> None:
    watchman = Watchman(SOON)
    with Opened(port) as slow, Opened(port) as quick, Deadline(watchman) as first, Deadline(watchman) as second:
        second.watch(OPENED, quick.info)
        quick.wait_until_cut()  # the first one's time was up before
        assert slow.can_send()
        first.watch(OPENED, slow.info)
        assert not slow.can_send()
    watchman.close()


def test_one_thread_watches_all_and_is_gone_after_close() -> None:
    before, watchman = set(threading.enumerate()), Watchman(NEVER)
    with Deadline(watchman), Deadline(watchman), Deadline(watchman):
        (thread,) = watchers(before)
    watchman.close()
    assert not thread.is_alive()


def test_an_exchange_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with odd_service(reply(200, b"{}")) as service:
        exchange = HttpExchange(service.url, NEVER)
        exchange(ASK)
        assert len(watchers(before)) == 1
        exchange.close()
    assert not watchers(before)


def test_the_thread_goes_when_nothing_is_under_way_and_comes_again(port: int) -> None:
    before, watchman = set(threading.enumerate()), Watchman(SOON)
    with Deadline(watchman):
        (thread,) = watchers(before)
    thread.join(30)
    assert not thread.is_alive()
    with Opened(port) as opened, Deadline(watchman) as deadline:
        deadline.watch(OPENED, opened.info)
        opened.wait_until_cut()
    watchman.close()


def test_an_ended_request_is_forgotten_long_before_its_deadline() -> None:
    watchman = Watchman(NEVER)
    with Deadline(watchman):
        with Deadline(watchman) as deadline:
            ended = weakref.ref(deadline)
        del deadline
        assert ended() is None
    watchman.close()


def test_closing_cuts_what_is_under_way_and_what_comes_later(port: int) -> None:
    watchman = Watchman(NEVER)
    with Opened(port) as opened, Deadline(watchman) as deadline:
        deadline.watch(OPENED, opened.info)
        watchman.close()
        assert not opened.can_send()
    with Opened(port) as opened, Deadline(watchman) as deadline:
        deadline.watch(OPENED, opened.info)
        assert not opened.can_send()


def test_a_request_under_way_does_not_hold_up_the_end_of_the_program() -> None:
    program = (
        "from importer.services.deadline import Deadline, Watchman; "
        f"Deadline(Watchman({NEVER})).__enter__(); print('ended')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "ended"
