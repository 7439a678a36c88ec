"""An answer is whole or it is none: cut, broken, hostile and endless ones are never taken for answers."""

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import AnswerUnclear
from importer.services.answer_parsing import LARGEST_HEAD, ParsedAnswer, read_answer
from importer.services.connection import Cut

OK = b"HTTP/1.1 200 OK\r\n"
TOLD = OK + b"X-Importer-Sandbox: Practice\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n6;a=b\r\nhello \r\n5\r\nworld\r\n0\r\nX-Late: y\r\n\r\n"
UNTOLD = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello world"


def arriving(*pieces: bytes) -> Callable[[], bytes]:
    """Gives the pieces one after the other, then the end of the connection for ever."""
    left = iter([piece for piece in pieces if piece])
    return lambda: next(left, b"")


def answer_of(*pieces: bytes, method: str = "POST") -> ParsedAnswer:
    return read_answer(arriving(*pieces), method)


def split(whole: bytes, places: list[int]) -> list[bytes]:
    at = [0, *sorted(place % len(whole) for place in places), len(whole)]
    return [whole[first:last] for first, last in pairwise(at)]


@given(st.sampled_from([TOLD, CHUNKED, UNTOLD]), st.lists(st.integers(0, 1000)))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(whole: bytes, places: list[int]) -> None:
    answer = answer_of(*split(whole, places))
    assert (answer.status, bytes(answer.body)) == (200, b"hello world")
    assert answer.practice == ("Practice" if whole is TOLD else "")


@given(st.sampled_from([TOLD, CHUNKED]), st.integers(0, 1000), st.lists(st.integers(0, 1000)))
def test_an_answer_cut_anywhere_is_none(whole: bytes, end: int, places: list[int]) -> None:
    part = whole[: end % len(whole)]
    with pytest.raises(Cut):
        answer_of(*(split(part, places) if part else ()))


@given(st.binary(max_size=200), st.sampled_from([b"", OK, OK + b"Content-Length: 3\r\n", CHUNKED[:60]]))
def test_rubbish_is_an_answer_or_cut_and_nothing_else(rubbish: bytes, before: bytes) -> None:
    with suppress(Cut):
        assert 200 <= answer_of(before + rubbish).status <= 999


@pytest.mark.parametrize("status", [200, 201, 220, 221, 299, 404, 600, 999])
def test_a_status_is_any_three_digits(status: int) -> None:
    assert answer_of(b"HTTP/1.1 %d\r\nContent-Length: 0\r\n\r\n" % status).status == status


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 20 OK\r\n",
        b"HTTP/1.1 2000 OK\r\n",
        b"HTTP/1.1 099 OK\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: h2\r\nConnection: upgrade\r\n",
        b"HTTP/3.1 200 OK\r\n",
        b"ICY 200 OK\r\n",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n",
        OK + b"Content-Length: 2, 3\r\n",
        OK + b"Content-Length: -2\r\n",
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        OK + b"Transfer-Encoding: gzip\r\n",
        OK + b"X : y\r\n",
        OK + b"X: a\0b\r\n",
    ],
)
def test_a_broken_head_is_no_answer(head: bytes) -> None:
    with pytest.raises(Cut):
        answer_of(head + b"\r\nhi")


def test_interim_answers_are_passed_over_and_are_no_answer_themselves() -> None:
    interim = b"HTTP/1.1 103 Early\r\nX-Importer-Sandbox: no\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    answer = answer_of(interim + CHUNKED)
    assert (answer.status, bytes(answer.body), answer.practice) == (200, b"hello world", "")
    with pytest.raises(Cut):
        answer_of(interim)


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body_whatever_length_they_tell(status: int) -> None:
    assert answer_of(b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\n" % status).body == b""


def test_the_answer_to_head_has_no_body() -> None:
    assert answer_of(OK + b"Content-Length: 5\r\n\r\n", method="HEAD").body == b""
    with pytest.raises(Cut):
        answer_of(OK + b"Content-Length: 5\r\n\r\nhello", method="HEAD")


@pytest.mark.parametrize("more", [b"x", b"HTTP/1.1 200 OK\r\n\r\n", OK])
@pytest.mark.parametrize("connection", [b"", b"Connection: close\r\n"])
def test_bytes_after_the_body_make_it_none(more: bytes, connection: bytes) -> None:
    with pytest.raises(Cut):
        answer_of(OK + connection + b"Content-Length: 2\r\n\r\nhi" + more)


def test_an_offer_of_another_protocol_is_no_harm() -> None:
    offer = b"Upgrade: h2,h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nhi"
    assert answer_of(OK + offer).body == b"hi"


def test_the_practice_company_is_read_from_the_head_alone() -> None:
    late = OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Importer-Sandbox: late\r\n\r\n"
    assert answer_of(late).practice == ""


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (OK, b"X-Flood: y\r\n" * 1000),
        (OK + b"X-Flood: ", b"y" * 10_000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Late: y\r\n" * 1000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 10_000),
    ],
)
def test_a_flood_of_what_is_no_body_ends(start: bytes, again: bytes) -> None:
    given_out = 0

    def receive() -> bytes:
        nonlocal given_out
        given_out += len(again)
        return start if given_out == len(again) and start else again

    with pytest.raises(Cut):
        read_answer(receive, "GET")
    assert given_out < LARGEST_HEAD + 3 * len(again) + len(start)


def test_a_body_in_chunks_of_a_byte_is_whole() -> None:
    start = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    assert len(answer_of(start, b"1\r\nx\r\n" * 100_000, b"0\r\n\r\n").body) == 100_000


def test_blanks_behind_the_size_of_a_chunk_are_no_harm() -> None:
    assert answer_of(OK + b"Transfer-Encoding: chunked\r\n\r\n5   \r\nhello\r\n0\r\n\r\n").body == b"hello"


@pytest.mark.parametrize("failure", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_while_parsing_is_no_cut(failure: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise failure

    monkeypatch.setattr(ParsedAnswer, "on_body", interrupted)
    with pytest.raises(failure):
        answer_of(TOLD)


@pytest.mark.parametrize("head", [b"Content-Length: 1000000\r\n\r\n", b"\r\n"])
def test_a_body_above_the_limit_is_too_large(head: bytes) -> None:
    whole = arriving(OK + b"Content-Length: 100000\r\n\r\n", b"x" * 100_000)
    assert len(read_answer(whole, "GET", 100_000).body) == 100_000
    with pytest.raises(AnswerUnclear, match="too-large"):
        read_answer(arriving(OK + head, *[b"x" * 50_000] * 3), "GET", 100_000)


def test_a_body_that_is_said_to_be_above_the_limit_is_not_read() -> None:
    given = iter([OK + b"Content-Length: 100001\r\n\r\n"])
    with pytest.raises(AnswerUnclear, match="too-large"):
        read_answer(lambda: next(given), "GET", 100_000)
    assert read_answer(arriving(OK + b"Content-Length: 100001\r\n\r\n"), "HEAD", 100_000).is_complete
