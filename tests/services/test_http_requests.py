"""A request is framed to the byte: nothing in it can be another line, no body is longer than it declares."""

import sys
from collections.abc import Iterator
from pathlib import Path

import h11
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import AnswerUnclear, RequestRefused
from importer.services.http import HttpClient, Request, Upload
from importer.services.network import Stream
from tests.services.odd_service import OddService, odd_service, reply

OLD = b"0123456789" * 30_000
DONE = reply(200, b"{}")


class Parsed:
    """A request as h11 reads it."""

    def __init__(self, whole: bytes) -> None:
        self.body, self.is_whole = b"", False
        parser = h11.Connection(h11.SERVER)
        parser.receive_data(whole)
        head = parser.next_event()
        assert isinstance(head, h11.Request)
        self.method, self.target = head.method.decode(), head.target
        self.headers = {name.decode(): value.decode() for name, value in head.headers}
        while (event := parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Data):
                self.body += event.data
            self.is_whole |= isinstance(event, h11.EndOfMessage)


@pytest.fixture(scope="module")
def service() -> Iterator[OddService]:
    with odd_service() as running:
        yield running


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is given to the network, one entry each time."""
    pieces: list[bytes] = []
    send = Stream.send

    def noted(stream: Stream, content: bytes | bytearray) -> None:
        pieces.append(bytes(content))
        send(stream, content)

    monkeypatch.setattr(Stream, "send", noted)
    return pieces


def received(service: OddService, request: Request, base: str = "") -> Parsed:
    """The request as the service received it."""
    service.answers = [DONE]
    HttpClient(service.url + base, 60)(request)
    return Parsed(service.requests[-1])


@pytest.mark.parametrize(
    ("base", "path", "target"),
    [
        ("", "/a%2Fb", b"/a%2Fb"),
        ("/api", "/journal", b"/api/journal"),
        ("/api", "/ñ b", b"/api/%C3%B1%20b"),
        ("", "/address/%2E%2E", b"/address/%2E%2E"),
    ],
)
def test_host_and_target_travel_encoded(service: OddService, base: str, path: str, target: bytes) -> None:
    request = received(service, Request("GET", path, {}), base)
    assert (request.headers["host"], request.target) == (service.url.removeprefix("http://"), target)


def test_blanks_and_signs_of_a_query_are_encoded(service: OddService) -> None:
    request = received(service, Request("GET", "/a", {}, query={"x": "1 ñ", "y": "a+b&c=d"}))
    assert request.target == b"/a?x=1%20%C3%B1&y=a%2Bb%26c%3Dd"


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("POST", b"{}", "2"), ("POST", b"", "0"), ("PUT", None, "0"), ("GET", None, None), ("DELETE", b"{}", "2")],
)
def test_the_length_is_that_of_the_body(
    service: OddService, method: str, body: bytes | None, length: str | None
) -> None:
    request = received(service, Request(method, "/a", {}, body))
    assert (request.method, request.body, request.headers.get("content-length")) == (method, body or b"", length)


def test_head_and_body_of_a_request_leave_together(service: OddService, sent: list[bytes]) -> None:
    received(service, Request("POST", "/a", {"Accept": "*/*"}, b"{}"))
    assert len(sent) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=8), st.text(st.characters(max_codepoint=255), max_size=20), st.binary(max_size=20))
def test_a_header_is_one_line_or_refused(service: OddService, name: str, value: str, body: bytes) -> None:
    ordinary = received(service, Request("POST", "/a", {}, body))
    try:
        request = received(service, Request("POST", "/a", {f"X-{name}": value}, body))
    except ValueError:
        return
    assert request.headers == ordinary.headers | {f"x-{name.lower()}": value} and request.body == body


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\rb", "a\0b", "ñ"])
def test_a_value_that_is_more_than_a_line_is_refused(service: OddService, value: str, sent: list[bytes]) -> None:
    with pytest.raises(ValueError):
        received(service, Request("GET", "/a", {"API-Key": value}))
    assert sent == []


@pytest.mark.parametrize("value", ["ñ-secret", "a\x01secret", " secret", "secret\t"])
def test_a_header_that_cannot_travel_is_not_shown_with_its_secrets(
    service: OddService, value: str, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(OLD)
    for parts in ((), (("file", Upload(tmp_path / "a.pdf", "a.pdf", "application/pdf")),)):
        with pytest.raises((ValueError, RequestRefused)) as caught:
            received(service, Request("POST", "/a", {"API-Key": value}, parts=parts))
        error: BaseException | None = caught.value
        while error is not None:
            assert "secret" not in repr(error) and "secret" not in repr(vars(error))
            error = error.__cause__ or error.__context__


@pytest.mark.parametrize("method", ["", "GET /x HTTP/1.1\r\nA:", "G T"])
def test_a_method_is_a_word(service: OddService, method: str, sent: list[bytes]) -> None:
    with pytest.raises(ValueError):
        received(service, Request(method, "/a", {}))
    assert sent == []


def with_file(path: Path) -> Request:
    upload = Upload(path, path.name, "application/pdf")
    return Request("POST", "/edocs", {}, parts=(("private", "true"), ("file", upload)))


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 300_000])
def test_a_file_of_any_size_is_framed_to_the_byte(service: OddService, size: int, tmp_path: Path) -> None:
    (tmp_path / "file.pdf").write_bytes(OLD[:size])
    request = received(service, with_file(tmp_path / "file.pdf"))
    assert request.is_whole and OLD[:size] in request.body
    assert int(request.headers["content-length"]) == len(request.body)


@pytest.mark.parametrize("now", [OLD + b"x", OLD * 3, OLD[:-1], OLD[:100_000], b""])
def test_a_file_that_changes_while_it_leaves_is_never_sent_whole_nor_too_long(
    service: OddService, now: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[bytes]
) -> None:
    file = tmp_path / "file.pdf"
    file.write_bytes(OLD)
    send = Stream.send

    def change_the_file(stream: Stream, content: bytes | bytearray) -> None:
        if not sent:
            file.write_bytes(now)
        send(stream, content)

    monkeypatch.setattr(Stream, "send", change_the_file)
    with pytest.raises(AnswerUnclear, match="cut"):
        received(service, with_file(file))
    request = Parsed(b"".join(sent))
    assert not request.is_whole and len(request.body) < int(request.headers["content-length"])


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="a file that opens and cannot be read")


@pytest.mark.parametrize("path", ["", pytest.param("/proc/self/mem", marks=LINUX)], ids=["folder", "unreadable"])
def test_a_file_that_cannot_be_read_is_refused_before_anything_leaves(
    service: OddService, sent: list[bytes], path: str, tmp_path: Path
) -> None:
    with pytest.raises(RequestRefused) as caught:
        received(service, with_file(tmp_path / path))
    assert sent == [] and "name" in caught.value.facts
