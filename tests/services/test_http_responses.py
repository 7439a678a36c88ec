"""An answer is whole or it is none: cut, broken, hostile and endless ones are never taken for answers."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, pairwise, repeat

import h11
import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import AnswerUnclear
from importer.services.http import Response, read_response
from importer.services.network import LARGEST_HEAD, Deadline, Stream

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH_GIVEN = OK + b"X-Importer-Sandbox: Practice\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n6;a=b\r\nhello \r\n5\r\nworld\r\n0\r\nX-Late: y\r\n\r\n"
NO_LENGTH = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello world"
ASKED = httpx.Request("POST", "http://127.0.0.1/journal", content=b"{}")

NO_ANSWER = (httpcore.ProtocolError, h11.ProtocolError, OSError)
"""What reading raises for an answer that is not whole; the client turns each of them into `cut`."""


class Arriving(Stream):
    """A stream on which these pieces arrive one by one, then the end of the connection for ever. What is sent is lost.
    A socket would put pieces together as it likes."""

    def __init__(self, plain: socket.socket, pieces: Iterator[bytes]) -> None:
        super().__init__(plain, Deadline(60))
        self.pieces = pieces
        self.given_out = 0

    def send(self, content: bytes | bytearray) -> None:
        self.has_begun = True

    def receive(self, max_bytes: int) -> bytes:
        piece = next(self.pieces, b"")
        self.given_out += len(piece)
        return piece


@contextmanager
def arriving(*pieces: bytes, again: bytes = b"") -> Iterator[Arriving]:
    """A stream of the pieces that are not empty, then of `again` for ever."""
    endless = repeat(again) if again else ()
    with socket.socket() as unused:
        yield Arriving(unused, chain(filter(None, pieces), endless))


def answer_of(*pieces: bytes, most: int = 1_000_000) -> Response:
    with arriving(*pieces) as stream:
        return read_response(ASKED, stream, most)


def split(whole: bytes, places: list[int]) -> list[bytes]:
    at = [0, *sorted(place % len(whole) for place in places), len(whole)]
    return [whole[first:last] for first, last in pairwise(at)]


@given(st.sampled_from([LENGTH_GIVEN, CHUNKED, NO_LENGTH]), st.lists(st.integers(0, 1000)))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(whole: bytes, places: list[int]) -> None:
    answer = answer_of(*split(whole, places))
    assert (answer.status, answer.body) == (200, b"hello world")
    assert answer.practice == ("Practice" if whole is LENGTH_GIVEN else "")


@given(st.sampled_from([LENGTH_GIVEN, CHUNKED]), st.integers(0, 1000), st.lists(st.integers(0, 1000)))
def test_an_answer_cut_anywhere_is_none(whole: bytes, end: int, places: list[int]) -> None:
    part = whole[: end % len(whole)]
    with pytest.raises(NO_ANSWER):
        answer_of(*(split(part, places) if part else ()))


@given(st.binary(max_size=200), st.sampled_from([b"", OK, OK + b"Content-Length: 3\r\n", CHUNKED[:60]]))
def test_rubbish_is_an_answer_or_none_and_nothing_else(rubbish: bytes, before: bytes) -> None:
    with suppress(*NO_ANSWER):
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
        b"ICY 200 OK\r\n",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n",
        OK + b"Content-Length: 2, 3\r\n",
        OK + b"Content-Length: -2\r\n",
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        OK + b"Transfer-Encoding: gzip\r\n",
        OK + b"X : y\r\n",
        OK + b"X: a\0b\r\n",
    ],
)
@pytest.mark.parametrize("body", [b"hi", b"2\r\nhi\r\n0\r\n\r\n"])
def test_a_broken_head_is_no_answer(head: bytes, body: bytes) -> None:
    with pytest.raises(NO_ANSWER):
        answer_of(head + b"\r\n" + body)


def test_interim_answers_are_skipped_and_are_no_answer_themselves() -> None:
    interim = b"HTTP/1.1 103 Early\r\nX-Importer-Sandbox: no\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    answer = answer_of(interim + CHUNKED)
    assert (answer.status, answer.body, answer.practice) == (200, b"hello world", "")
    with pytest.raises(NO_ANSWER):
        answer_of(interim)


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body_whatever_length_they_give(status: int) -> None:
    assert answer_of(b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\n" % status).body == b""


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
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 10_000 + b"\r\nx\r\n"),
    ],
)
def test_a_flood_of_what_is_no_body_ends(start: bytes, again: bytes) -> None:
    with arriving(start, again=again) as stream:
        with pytest.raises(NO_ANSWER):
            read_response(ASKED, stream, 1_000_000)
        assert stream.given_out < LARGEST_HEAD + 3 * len(again) + len(start)


def test_a_connection_that_is_read_again_and_again_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importer.services.network.MOST_READS", 100)
    with arriving(OK + b"Content-Length: 1000\r\n\r\n", again=b"x") as stream, pytest.raises(NO_ANSWER):
        read_response(ASKED, stream, 1_000_000)
    assert stream.given_out < 200


def test_a_body_in_chunks_of_a_byte_is_whole() -> None:
    start = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    assert len(answer_of(start, b"1\r\nx\r\n" * 20_000, b"0\r\n\r\n").body) == 20_000


def test_blanks_behind_the_size_of_a_chunk_are_no_harm() -> None:
    assert answer_of(OK + b"Transfer-Encoding: chunked\r\n\r\n5   \r\nhello\r\n0\r\n\r\n").body == b"hello"


@pytest.mark.parametrize("head", [b"Content-Length: 1000000\r\n\r\n", b"\r\n"])
def test_a_body_above_the_limit_is_too_large(head: bytes) -> None:
    whole = (OK + b"Content-Length: 100000\r\n\r\n", b"x" * 100_000)
    assert len(answer_of(*whole, most=100_000).body) == 100_000
    with pytest.raises(AnswerUnclear, match="too-large"):
        answer_of(OK + head, *[b"x" * 50_000] * 3, most=100_000)


def test_a_body_whose_length_is_above_the_limit_is_not_read() -> None:
    with arriving(OK + b"Content-Length: 100001\r\n\r\n", again=b"x") as stream:
        with pytest.raises(AnswerUnclear, match="too-large"):
            read_response(ASKED, stream, 100_000)
        assert stream.given_out < 100
