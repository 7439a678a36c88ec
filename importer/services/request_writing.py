"""A request as it travels: the head and as much body as it declares, to the byte.

httpx places the address and writes multipart bodies. It does not write the heads of plain bodies: that cost 60 µs a
post, the half of what everything else here costs, and 32 threads at once missed their goal by it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import BinaryIO

import httpx

from importer.services.connection import Cut

Files = list[tuple[str, tuple[None, str] | tuple[str, BinaryIO, str]]]
"""Parts as httpx takes them: name, then a text, or the name that is told of a file, the file, its media type."""

_AT_ONCE = 65536
_START = re.compile(r"[A-Z]+ [!-~]+ HTTP/1\.1")
_HEADER = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+: [\t -~]*")
_ALWAYS_TELL_A_LENGTH = ("POST", "PUT", "PATCH")


@lru_cache(maxsize=1024)
def located(address: str) -> httpx.URL:
    """The address, taken apart; journals go to the same one again and again. Raises httpx.InvalidURL."""
    return httpx.URL(address)


def plain(method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Iterator[bytes]:
    """Head and body in one, so that they travel in as few packets as they can.

    Raises ValueError for a header, method or target that would be another line too, or is not ASCII.
    """
    length = [("Content-Length", str(len(body)))] if body or method in _ALWAYS_TELL_A_LENGTH else []
    return iter((_head(method, url, [("Host", url.netloc.decode()), *headers.items(), *length]) + body,))


def multipart(method: str, url: httpx.URL, headers: Mapping[str, str], files: Files) -> Iterator[bytes]:
    """Head and parts, the files read while they leave. Raises what `plain` raises, and on the way OSError for a file
    that cannot be read, Cut for one that grows or shrinks meanwhile: no more is given than was declared."""
    _lines(headers.items())
    whole = httpx.Request(method, url, headers=headers, files=files)
    if not isinstance(whole.stream, httpx.SyncByteStream):
        raise TypeError("files and texts need no asyncio")
    head = _head(method, url, [(name.decode(), value.decode()) for name, value in whole.headers.raw])
    return _packets(head, whole.stream, int(whole.headers["Content-Length"]))


def _packets(head: bytes, pieces: Iterable[bytes], length: int) -> Iterator[bytes]:
    held, left = bytearray(head), length
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise Cut("the body has grown")
        held += piece
        if len(held) >= _AT_ONCE:
            yield bytes(held)
            held.clear()
    if left:
        raise Cut("the body has shrunk")
    yield bytes(held)


def _head(method: str, url: httpx.URL, headers: Iterable[tuple[str, str]]) -> bytes:
    start = f"{method} {url.raw_path.decode()} HTTP/1.1"
    if not _START.fullmatch(start):
        raise ValueError("a method is a word, a target has no blanks")
    return "\r\n".join((start, *_lines(headers), "", "")).encode("ascii")


def _lines(headers: Iterable[tuple[str, str]]) -> list[str]:
    """Whoever writes them otherwise names them in its exception, secrets and all."""
    lines = [f"{name}: {value}" for name, value in headers]
    if not all(map(_HEADER.fullmatch, lines)):
        raise ValueError("a header is one line of ASCII")
    return lines
