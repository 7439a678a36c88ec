"""A request is framed to the byte: nothing in it can be another line, no body is longer than it declares."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from functools import partial
from pathlib import Path

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.services.connection import Cut
from importer.services.request_writing import Files, located, multipart, plain

HERE = located("http://127.0.0.1:8080/api/journal")
OLD = b"0123456789" * 30_000


class Parsed:
    """A request as llhttp reads it."""

    def __init__(self, whole: bytes) -> None:
        self.headers: list[tuple[str, str]] = []
        self.body, self.target, self.ends = b"", b"", 0
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(whole)
        self.method = parser.get_method().decode()

    def on_url(self, target: bytes) -> None:
        self.target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode(), value.decode()))

    def on_body(self, content: bytes) -> None:
        self.body += content

    def on_message_complete(self) -> None:
        self.ends += 1


def written(address: str, method: str = "GET", body: bytes = b"") -> Parsed:
    return Parsed(b"".join(plain(method, located(address), {}, body)))


@pytest.mark.parametrize(
    ("address", "host", "target"),
    [
        ("https://h.example/api", "h.example", b"/api"),
        ("https://h.example:443/api", "h.example", b"/api"),
        ("https://h.example:8443", "h.example:8443", b"/"),
        ("http://127.0.0.1:80/a%2Fb", "127.0.0.1", b"/a%2Fb"),
        ("http://[::1]:8080/a?x=1%20y", "[::1]:8080", b"/a?x=1%20y"),
        ("https://españa.example/a", "xn--espaa-rta.example", b"/a"),
        ("https://h.example/ñ b", "h.example", b"/%C3%B1%20b"),
    ],
)
def test_the_host_and_the_target_are_told_as_they_travel(address: str, host: str, target: bytes) -> None:
    request = written(address)
    assert (request.headers, request.target) == ([("Host", host)], target)


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("POST", b"{}", "2"), ("POST", b"", "0"), ("PUT", b"", "0"), ("GET", b"", None), ("DELETE", b"{}", "2")],
)
def test_the_length_is_that_of_the_body(method: str, body: bytes, length: str | None) -> None:
    request = written("http://h.example/a", method, body)
    assert (request.method, request.body, dict(request.headers).get("Content-Length")) == (method, body, length)


def test_a_plain_request_leaves_in_one() -> None:
    assert len(list(plain("POST", HERE, {"Accept": "*/*"}, b"{}"))) == 1


@given(st.text(max_size=8), st.text(st.characters(max_codepoint=255), max_size=20), st.binary(max_size=20))
def test_a_header_is_one_line_or_refused(name: str, value: str, body: bytes) -> None:
    try:
        whole = b"".join(plain("POST", HERE, {name: value, "Accept": "*/*"}, body))
    except ValueError:
        return
    head = BytesParser().parsebytes(whole.partition(b"\r\n")[2].partition(b"\r\n\r\n")[0], headersonly=True)
    assert len(head.items()) == 4 and whole.endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\rb", "a\0b", "ñ"])
def test_a_value_that_is_more_than_a_line_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        plain("GET", HERE, {"API-Key": value}, b"")


@pytest.mark.parametrize("value", ["ñ-secret", "a\x01secret"])
def test_a_header_that_cannot_travel_is_not_told_with_its_secrets(value: str) -> None:
    for write in (partial(plain, body=b""), partial(multipart, files=[("a", (None, "b"))])):
        with pytest.raises(ValueError) as caught:
            b"".join(write("POST", HERE, {"API-Key": value}))
        told: BaseException | None = caught.value
        while told is not None:
            assert "secret" not in repr(told) and "secret" not in repr(vars(told))
            told = told.__cause__ or told.__context__


@pytest.mark.parametrize("method", ["", "GET /x HTTP/1.1\r\nA:", "G T"])
def test_a_method_is_a_word(method: str) -> None:
    with pytest.raises(ValueError):
        plain(method, HERE, {}, b"")


@contextmanager
def opened(path: Path) -> Iterator[Files]:
    with path.open("rb") as content:
        yield [("private", (None, "true")), ("file", (path.name, content, "application/pdf"))]


def test_a_file_of_any_size_is_framed_to_the_byte(tmp_path: Path) -> None:
    for size in (0, 1, 65535, 65536, 300_000):
        (tmp_path / "file.pdf").write_bytes(OLD[:size])
        with opened(tmp_path / "file.pdf") as files:
            request = Parsed(b"".join(multipart("POST", HERE, {"Accept": "*/*"}, files)))
        assert request.ends == 1 and OLD[:size] in request.body
        assert int(dict(request.headers)["Content-Length"]) == len(request.body)


@pytest.mark.parametrize("now", [OLD + b"x", OLD * 3, OLD[:-1], OLD[:100_000], b""])
def test_a_file_that_changes_while_it_leaves_is_never_sent_whole_nor_too_long(now: bytes, tmp_path: Path) -> None:
    file, sent = tmp_path / "file.pdf", bytearray()
    file.write_bytes(OLD)
    with opened(file) as files, pytest.raises(Cut):
        for packet in multipart("POST", HERE, {}, files):
            if not sent:
                file.write_bytes(now)
            sent += packet
    request = Parsed(bytes(sent))
    assert request.ends == 0 and len(request.body) < int(dict(request.headers)["Content-Length"])
