"""Files are checked before they leave, streamed from the disk, and told apart by what they hold."""

import sys
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from importer.errors import AnswerUnclear, Effect, RequestRefused
from importer.files import EXTENSIONS, MOST_LINKED_BYTES
from importer.services.http import HttpClient, Request
from importer.services.sunplusxtra.journals import checked_upload, link_document
from importer.translations import Language, sentence_of
from tests.services.conftest import session_at
from tests.services.contract_mock import Case, contract_mock
from tests.services.odd_service import odd_service, reply
from tests.services.request_judge import node_of

LINKED = b'{"message": "linked", "fileKey": "1746602768625"}'
BEGINNINGS = {
    "jpg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-1.7",
    **dict.fromkeys(("doc", "xls", "ppt"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    **dict.fromkeys(("docx", "xlsx", "pptx", "zip"), b"PK\x03\x04"),
}


def test_the_kinds_and_the_size_are_the_contracts_but_for_img() -> None:
    node = node_of("link_document")
    assert set(EXTENSIONS) == set(node["x-file-extensions"]) - {"img"} == set(BEGINNINGS)
    assert node["x-max-file-bytes"] == MOST_LINKED_BYTES


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_file_of_each_kind_is_taken_whatever_the_case_of_its_name(extension: str, tmp_path: Path) -> None:
    file = tmp_path / f"Factura.{extension.upper()}"
    file.write_bytes(BEGINNINGS[extension])
    with contract_mock() as mock:
        mock.answer_with(Case("link_document", 200, "", LINKED))
        linked = link_document(session_at(mock.url), 1258, file)
        assert mock.faults == []
    assert (linked.extension, linked.line_number, linked.file_key) == (extension, None, "1746602768625")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("photo.jpeg", b"\xff\xd8\xff", "jpg-name"),
        ("disk.img", b"x", "kind-of-file"),
        ("program.exe", b"MZ", "kind-of-file"),
        ("nothing", b"x", "kind-of-file"),
        (".pdf", b"%PDF-", "kind-of-file"),
        ("empty.pdf", b"", "size-of-file"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n", "content-of-file"),
        ("page.docx", b"<html>", "content-of-file"),
        ("old.xls", b"PK\x03\x04", "content-of-file"),
    ],
)
def test_a_file_that_would_not_be_taken_is_not_sent(name: str, content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RequestRefused) as caught:
        checked_upload(tmp_path / name)
    assert (caught.value.expected, caught.value.effect) == (expected, Effect.NOTHING_SENT)
    assert all(name in sentence_of(caught.value, language) for language in Language)


@pytest.mark.parametrize("name", ["missing.pdf", "folder.pdf"])
def test_a_file_that_cannot_be_opened_is_not_sent(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.pdf").mkdir()
    with pytest.raises(RequestRefused) as caught:
        checked_upload(tmp_path / name)
    assert caught.value.expected == "readable-file"


def test_forty_million_bytes_are_taken_and_one_more_is_not(tmp_path: Path) -> None:
    file = tmp_path / "big.pdf"
    with file.open("wb") as content:
        content.write(b"%PDF-")
        content.truncate(MOST_LINKED_BYTES)
    assert checked_upload(file).path == file
    with file.open("r+b") as content:
        content.truncate(MOST_LINKED_BYTES + 1)
    with pytest.raises(RequestRefused) as caught:
        checked_upload(file)
    assert caught.value.expected == "size-of-file"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Factura ñandú 07.pdf", "Factura_nandu_07.pdf"),
        ('a"b;c.PDF', "a_b_c.pdf"),
        ("収据.pdf", "document.pdf"),
        ("a.b-c_d.pdf", "a.b-c_d.pdf"),
    ],
)
def test_the_name_in_the_request_is_plain(name: str, sent: str, tmp_path: Path) -> None:
    if sys.platform == "win32" and '"' in name:
        pytest.skip("no such name on Windows")
    (tmp_path / name).write_bytes(b"%PDF-")
    assert checked_upload(tmp_path / name).name == sent


def test_a_large_file_is_streamed_from_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "big.pdf"
    with file.open("wb") as content:
        content.write(b"%PDF-")
        content.truncate(MOST_LINKED_BYTES)
    with swallowing_service() as (url, swallowed):
        exchange = HttpClient(url, 60)
        request = Request("POST", "/edocs", {}, parts=(("private", "true"), ("file", checked_upload(file))))
        tracemalloc.start()
        try:
            assert exchange(request).status == 200
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            exchange.close()
    assert len(swallowed) == 1 and swallowed[0] > MOST_LINKED_BYTES
    assert most < 4_000_000


@contextmanager
def swallowing_service() -> Iterator[tuple[str, list[int]]]:
    """A service that keeps nothing of one request but how long its body was."""
    swallowed: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            left = int(self.headers["Content-Length"])
            swallowed.append(left)
            while left:
                left -= len(self.rfile.read(min(left, 65536)))
            self.send_response_only(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's own output stays readable."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", swallowed
        server.shutdown()
        thread.join()


def test_a_file_arrives_whole(tmp_path: Path) -> None:
    file = tmp_path / "file.pdf"
    file.write_bytes(b"%PDF-" + bytes(range(256)) * 2_000)
    with odd_service(reply(200, LINKED)) as service:
        link_document(session_at(service.url), 1258, file)
    request = service.requests[-1]
    head = request[: request.index(b"\r\n\r\n")].lower()
    assert file.read_bytes() in request
    assert b"content-length" in head and b"transfer-encoding" not in head and b"accept: */*" in head


def test_a_rejected_token_makes_the_file_leave_a_second_time(tmp_path: Path) -> None:
    file = tmp_path / "file.pdf"
    file.write_bytes(b"%PDF-1.4 content")
    with odd_service(reply(220, b'{"message": "m", "error": true}'), reply(200, LINKED)) as service:
        link_document(session_at(service.url), 1258, file, private=False)
    uploads = [request for request in service.requests if b"/edocs" in request]
    assert len(uploads) == 2 and all(b"%PDF-1.4 content" in request for request in uploads)
    assert all(b"\r\n\r\nfalse\r\n" in request for request in uploads)


@pytest.mark.parametrize("body", [b'{"message": "linked"}', b'{"message": "linked", "fileKey": null}'])
def test_a_link_without_its_key_is_unknown(body: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file.pdf"
    file.write_bytes(b"%PDF-1.4")
    with odd_service(reply(200, body)) as service, pytest.raises(AnswerUnclear, match="no-file-key") as caught:
        link_document(session_at(service.url), 1258, file)
    assert caught.value.effect is Effect.UNKNOWN


def test_a_key_that_comes_as_a_number_is_a_text(tmp_path: Path) -> None:
    file = tmp_path / "file.pdf"
    file.write_bytes(b"%PDF-1.4")
    with odd_service(reply(200, b'{"message": "linked", "fileKey": 1746602768625}')) as service:
        assert link_document(session_at(service.url), 1258, file).file_key == "1746602768625"
