"""Reading multipart/form-data from the wire: streamed, files hashed and counted, their bytes kept nowhere."""

import hashlib
from collections.abc import AsyncGenerator
from typing import NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from importer.sandbox.failures import MalformedError

LARGEST_BODY = 50_000_000
"""Beyond any file the service takes; what comes after it is read and thrown away, so that the answer arrives."""

LONGEST_TEXT, LONGEST_HEADER, MOST_PARTS = 1000, 4000, 16


class SentFile(NamedTuple):
    """A file of a form, without its bytes."""

    name: str
    size: int
    sha256: str


class Form(NamedTuple):
    """The parts in the order they came; a part may be there twice."""

    parts: tuple[tuple[str, str | SentFile], ...]


async def read_form(request: Request) -> Form:
    """The form of a request; `MalformedError` when the body is none, or is larger than any file may be."""
    stream = request.stream()
    try:
        return await _read(stream, request.headers.get("content-type", ""))
    except (FormParserError, UnicodeDecodeError):
        raise MalformedError("the body is not multipart/form-data") from None
    finally:
        async for _ in stream:
            pass


async def _read(stream: AsyncGenerator[bytes, None], content_type: str) -> Form:
    media_type, options = parse_options_header(content_type)
    if media_type != b"multipart/form-data" or not options.get(b"boundary"):
        raise MalformedError("Content-Type must be multipart/form-data with a boundary")
    reader = _Reader()
    parser = MultipartParser(
        options[b"boundary"],
        {
            "on_part_begin": reader.begin_part,
            "on_header_field": reader.add_header_name,
            "on_header_value": reader.add_header_value,
            "on_header_end": reader.end_header,
            "on_headers_finished": reader.end_headers,
            "on_part_data": reader.add_content,
            "on_part_end": reader.end_part,
            "on_end": reader.end,
        },
    )
    read = 0
    async for chunk in stream:
        read += len(chunk)
        if read > LARGEST_BODY:
            raise MalformedError("the body is larger than any file may be")
        parser.write(chunk)
    parser.finalize()
    if not reader.is_complete:
        raise MalformedError("the form breaks off")
    return Form(tuple(reader.parts))


class _Reader:
    """Takes the parser's events; what is no file is kept as text."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, str | SentFile]] = []
        self.is_complete = False
        self.begin_part()

    def begin_part(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._header_name = self._header_value = self._text = b""
        self._name = b""
        self._file_name: bytes | None = None
        self._digest, self._size = hashlib.sha256(), 0

    def add_header_name(self, content: bytes, start: int, end: int) -> None:
        self._header_name = _within(LONGEST_HEADER, self._header_name + content[start:end])

    def add_header_value(self, content: bytes, start: int, end: int) -> None:
        self._header_value = _within(LONGEST_HEADER, self._header_value + content[start:end])

    def end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name, self._file_name = options.get(b"name", b""), options.get(b"filename")

    def add_content(self, content: bytes, start: int, end: int) -> None:
        if self._file_name is None:
            self._text = _within(LONGEST_TEXT, self._text + content[start:end])
        else:
            self._digest.update(memoryview(content)[start:end])
            self._size += end - start

    def end_part(self) -> None:
        name = self._name.decode("utf-8")
        if self._file_name is None:
            self.parts.append((name, self._text.decode("utf-8")))
        else:
            file = SentFile(self._file_name.decode("utf-8"), self._size, self._digest.hexdigest())
            self.parts.append((name, file))
        if len(self.parts) > MOST_PARTS:
            raise MalformedError("the form has too many parts")

    def end(self) -> None:
        self.is_complete = True


def _within(most: int, content: bytes) -> bytes:
    if len(content) > most:
        raise MalformedError("a part or its header is too long")
    return content
