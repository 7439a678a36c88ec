"""One request to a service and its complete answer: one deadline, no redirects, cookies or environment.

httpx writes the request, httpcore sends it and reads the answer, over a connection of `network`.
"""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlencode, urlsplit

import h11
import httpcore
import httpx

from importer import __version__
from importer.errors import AnswerUnclear, NotSent, RequestRefused, SetupError
from importer.services.network import LARGEST_HEAD, Cut, Deadline, Network, Server, Stream
from importer.services.operations import LIST, MEGABYTE

PRACTICE_HEADER = "X-Importer-Sandbox"
"""By this header the sandbox of this program says that its company is invented."""

_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": f"sunplusxtra-importer/{__version__}",
}

_MOST_AROUND_A_BYTE = 16
"""What may be received for each byte of the body: chunks of one byte have six around it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be sent, read from the disk while it leaves; `name` is the file name in the request."""

    path: Path
    name: str
    media_type: str


Parts = tuple[tuple[str, "str | Upload"], ...]
"""The parts of a multipart body, in the order in which they travel: name, and text or file."""

_Files = list[tuple[str, tuple[None, str] | tuple[str, BinaryIO, str]]]
"""Parts as httpx takes them: name, then a text, or the file's name, the open file and its media type."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent: method, path below the base address (encoded), headers, body, query parameters.

    `parts` are sent as multipart/form-data in place of a body. `most` is how many bytes the body of its answer may
    have. The repr shows neither headers nor body: they hold secrets.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    query: Mapping[str, str] | None = None
    parts: Parts = ()
    most: int = LIST

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. `status` is a bare integer: 220 and 221 are not registered ones (A-03).

    `practice` is what the sandbox of this program calls its company, `""` for a real service; `date` is the header
    `Date` as it came, `""` when there was none. `masking` takes secrets out of texts: what is
    shown or kept of the body passes through it.
    """

    status: int
    body: bytes
    practice: str = ""
    date: str = ""
    masking: Callable[[str], str] = field(default=str, repr=False, compare=False)


Sender = Callable[[Request], Response]
"""Sends a request and returns its complete answer.

Raises NotSent when not one byte left, AnswerUnclear when the request may have arrived but no complete answer came.
"""


def checked_address(url: str) -> str:
    """The base address without a slash at its end.

    Raises SetupError unless it is https (or http on a loopback address) and carries neither user, query nor fragment.
    """
    try:
        parts = urlsplit(url)
        is_fit = bool(parts.hostname) and not (parts.username or parts.password or "?" in url or "#" in url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        _ = parts.port, httpx.URL(url), (parts.hostname or "").encode("idna")
    except (ValueError, httpx.InvalidURL):
        is_fit = is_safe = False
    if not (is_fit and is_safe):
        raise SetupError("bad-address", url=url.split("@")[-1])
    return url.rstrip("/")


def place_of(url: str) -> str:
    """The same text for every spelling of a service's address: host (lower case, IDNA), port and base path,
    such as `sunplusxtra.example.org:443/api`. Raises SetupError for an address that cannot be used."""
    address = httpx.URL(checked_address(url))
    host = address.raw_host.decode().lower().rstrip(".")
    host = f"[{host}]" if ":" in host else host
    path = urlsplit(url).path.rstrip("/")
    return f"{host}:{address.port or (443 if address.scheme == 'https' else 80)}{path}"


def is_loopback(url: str) -> bool:
    """True when the address names this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpClient:
    """A `Sender` over HTTP/1.1, safe to call from several threads.

    `url` is the base address. `seconds` is the deadline of one request, from the call to the answer's last byte.
    `proxy` is an HTTP proxy for https (`http://host:port`, with user and password if required), `ca_file` a PEM
    file of authorities trusted besides the system's; neither is ever taken from the environment. `ahead`: so many
    connections are opened at most while other requests are under way, for those that follow; who gives it calls `close`
    at the end. Raises SetupError for an address that cannot be used or a `ca_file` without certificates, ValueError for
    a proxy that is not HTTP.

    Each request has a connection of its own, on which nothing was sent before: on one that was kept, nobody could tell
    whether something is left over of another answer, or whether a post has arrived that the server did not wait for.
    """

    def __init__(
        self, url: str, seconds: float, *, proxy: str | None = None, ca_file: Path | None = None, ahead: int = 0
    ) -> None:
        self._url = checked_address(url)
        self._seconds = seconds
        if proxy is not None and urlsplit(proxy).scheme != "http":
            raise ValueError("a proxy is given as http://host:port")
        self._network = Network(None if proxy is None else httpx.Proxy(proxy), ca_file, ahead)

    def __call__(self, request: Request) -> Response:
        """See `Sender`. Raises RequestRefused when a file to be sent cannot be read, ValueError for a method or header
        that is not one line of ASCII."""
        deadline = Deadline(self._seconds)
        with _open_files(request.parts) as files:
            built = _built(request, self._url, files)
            return self._sent(request, built, deadline)

    def close(self) -> None:
        """Cuts what is still under way. A request that comes later is cut before it connects."""
        self._network.close()

    def _sent(self, request: Request, built: httpx.Request, deadline: Deadline) -> Response:
        has_begun = False
        try:
            with self._network.opened(_server(built.url), deadline) as stream:
                try:
                    return read_response(built, stream, request.most)
                finally:
                    has_begun = stream.has_begun
        except (OSError, Cut, _FileUnreadable, httpcore.ProtocolError, h11.ProtocolError) as error:
            failure = error
        # Outside of the handler, so that the error is not the context of what is raised: h11 quotes headers.
        raise self._failure(failure, request, has_begun, deadline)

    def _failure(self, error: Exception, request: Request, has_begun: bool, deadline: Deadline) -> Exception:
        """What is raised for an error below: the request was not sent, is in doubt, or cannot be sent at all."""
        if has_begun or isinstance(error, Cut):
            return AnswerUnclear("timed-out" if deadline.has_passed else "cut", seconds=f"{self._seconds:g}")
        if isinstance(error, OSError):
            return NotSent("not-sent", detail=str(error) or type(error).__name__)
        if request.parts:
            names = (part.name for _, part in request.parts if isinstance(part, Upload))
            return RequestRefused("file", "readable-file", name=next(names, ""))
        return ValueError("the request is not HTTP")


class _FileUnreadable(Exception):
    """A file that is being sent cannot be read on."""


@contextmanager
def _open_files(parts: Parts) -> Iterator[_Files]:
    """The parts as httpx takes them, files open. Raises RequestRefused for a file that cannot be opened."""
    files: _Files = []
    with ExitStack() as stack:
        for name, part in parts:
            if isinstance(part, str):
                files.append((name, (None, part)))
                continue
            try:
                content = stack.enter_context(part.path.open("rb"))
            except OSError as error:
                raise RequestRefused("file", "readable-file", name=part.name) from error
            files.append((name, (part.name, content, part.media_type)))
        yield files


def _built(request: Request, base: str, files: _Files) -> httpx.Request:
    """The request as httpx writes it. Raises ValueError for a header that is not one line of ASCII: a library would
    show it in its own error, secrets and all."""
    headers = {**_HEADERS, **request.headers}
    if not all(text.isascii() and text.isprintable() for header in headers.items() for text in header):
        raise ValueError("a header is one line of ASCII")
    # Blanks as %20: a plus sign would be a blank to some servers only (A-29, W-05).
    query = f"?{urlencode(request.query, quote_via=quote, safe='')}" if request.query else ""
    url = _parsed(base + request.path + query)
    return httpx.Request(request.method, url, headers=headers, content=request.body, files=files or None)


@lru_cache(maxsize=1024)
def _parsed(address: str) -> httpx.URL:
    """The address; journals go to the same one again and again."""
    return httpx.URL(address)


def _server(url: httpx.URL) -> Server:
    is_tls = url.scheme == "https"
    return Server(url.raw_host.decode(), url.port or (443 if is_tls else 80), is_tls)


def read_response(request: httpx.Request, stream: Stream, most: int) -> Response:
    """Sends the request over a new connection and reads its answer, whose body may have `most` bytes.

    Interim answers (1xx) are skipped. Nothing is unpacked: a packed answer was not asked for, and a small one can
    unpack to gigabytes. Raises AnswerUnclear (`too-large`) for a larger body, before it is read where its length is
    given; httpcore.ProtocolError for an answer that breaks the rules, h11.ProtocolError for a body of the request that
    is not as long as it was declared, _FileUnreadable, and what `Stream` raises.
    """
    url = httpcore.URL(
        scheme=request.url.raw_scheme,
        host=request.url.raw_host,
        port=request.url.port,
        target=request.url.raw_path,
    )
    sent = httpcore.Request(request.method, url, headers=request.headers.raw, content=_content(request))
    response = httpcore.HTTP11Connection(url.origin, stream).handle_request(sent)
    headers = {name.lower(): value for name, value in response.headers}
    if response.status < 200 or (b"content-length" in headers and b"transfer-encoding" in headers):
        # Nothing asked for another protocol (101); two lengths are a smuggled answer (RFC 9112, 6.3).
        raise httpcore.RemoteProtocolError
    too_large = AnswerUnclear("too-large", most=f"{most / MEGABYTE:g}")
    if int(headers.get(b"content-length", b"0")) > most:
        raise too_large
    body = bytearray()
    for piece in response.iter_stream():
        body += piece
        if len(body) > most:
            raise too_large
        stream.most_received = LARGEST_HEAD + _MOST_AROUND_A_BYTE * len(body)
    practice = headers.get(PRACTICE_HEADER.lower().encode(), b"")
    date = headers.get(b"date", b"")
    return Response(response.status, bytes(body), practice.decode(errors="replace"), date.decode(errors="replace"))


def _content(request: httpx.Request) -> Iterator[bytes]:
    if not isinstance(request.stream, Iterable):
        raise TypeError("files and texts need no asyncio")
    try:
        yield from request.stream
    except OSError as error:
        raise _FileUnreadable from error
