"""The one way out: https, no redirects, one deadline for the whole request, nothing kept open."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import quote, urlencode, urlsplit

import h11
import httpcore
import httpx
import truststore

from importer import __version__
from importer.errors import AnswerUnclear, NotSent, RequestRefused, SetupError
from importer.services.deadline import Deadline, Watchman

CONNECT_SECONDS = 10.0
PRACTICE_HEADER = "X-Importer-Sandbox"
LARGEST_ANSWER = 256 * 1024 * 1024

_BROKEN = (httpcore.ProtocolError, h11.ProtocolError)
"""The second one comes through where a file shrinks or grows while it is sent."""

_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
    "User-Agent": f"sunplusxtra-importer/{__version__}",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be sent, read from the disk while it leaves; `name` is what the service is told."""

    path: Path
    name: str
    media_type: str


Parts = tuple[tuple[str, "str | Upload"], ...]
"""The parts of a multipart body, in the order in which they travel: name, and text or file."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to leave: method, path below the base address (encoded), headers, body, query parameters.

    `parts` are sent as multipart/form-data in place of a body. Its repr shows neither headers nor body: they carry
    secrets.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    query: Mapping[str, str] | None = None
    parts: Parts = ()

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, complete: the status is a bare integer (220 and 221 are no registered ones, A-03).

    `practice` is what the sandbox of this program calls its company, `""` for a real service.
    """

    status: int
    body: bytes
    practice: str = ""


class Exchange(Protocol):
    """Sends a request and gives the complete answer.

    Raises NotSent when not one byte left, AnswerUnclear when the request may have arrived but no complete answer came.
    """

    def __call__(self, request: Request) -> Answer: ...


def checked_address(url: str) -> str:
    """The base address without a slash at its end.

    Raises SetupError unless it is https (or http on a loopback address) and carries neither user, query nor fragment.
    """
    try:
        parts = urlsplit(url)
        is_fit = bool(parts.hostname) and not (parts.username or parts.password or parts.query or parts.fragment)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        _ = parts.port, httpx.URL(url), (parts.hostname or "").encode("idna")
    except (ValueError, httpx.InvalidURL):
        is_fit = is_safe = False
    if not (is_fit and is_safe):
        raise SetupError("bad-address", url=url.split("@")[-1])
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """True when the address names this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpExchange:
    """The Exchange over HTTP/1.1. Safe to call from several threads.

    `seconds` is the deadline of one request, from the call to the answer's last byte. httpx writes the request, and
    httpcore below it sends it: that costs less than a client, and knows neither redirects nor cookies nor the
    environment (a proxy or .netrc must not see the credentials).
    """

    def __init__(self, url: str, seconds: float) -> None:
        self._url = checked_address(url)
        self._seconds = seconds
        self._of_thread = threading.local()
        self._timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)).as_dict()
        self._watchman = Watchman(seconds)

    def __call__(self, request: Request) -> Answer:
        """See `Exchange`. Raises RequestRefused when a file to be sent cannot be opened."""
        with _opened(request.parts) as files:
            return self._exchange(request, files)

    def close(self) -> None:
        """Cuts what is still under way. A request that comes later is cut as it connects."""
        self._watchman.close()

    def _exchange(self, request: Request, files: "_Files | None") -> Answer:
        deadline = Deadline(self._watchman)
        try:
            sent = self._written(request, files, deadline)
            with deadline, self._connection(sent) as connection:
                answer = _complete_answer(connection.handle_request(sent))
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise _not_sent(error) from error
        except (httpcore.TimeoutException, httpcore.NetworkError, *_BROKEN, OSError) as error:
            key = "timed-out" if deadline.has_passed or isinstance(error, httpcore.TimeoutException) else "cut"
            raise AnswerUnclear(key, seconds=f"{self._seconds:g}") from error
        if deadline.has_passed:  # a cut looks like the end of a body whose length was not told
            raise AnswerUnclear("timed-out", seconds=f"{self._seconds:g}")
        return answer

    def _connection(self, sent: httpcore.Request) -> httpcore.HTTPConnection:
        """A new one for each request: one that was kept, and that the server is just closing, makes a post's fate
        unknown (notes/posting-details)."""
        return httpcore.HTTPConnection(sent.url.origin, self._trust())

    def _trust(self) -> ssl.SSLContext:
        """One for each thread: truststore locks it during a handshake, and a stalled one would hold all the others."""
        trust: ssl.SSLContext | None = getattr(self._of_thread, "trust", None)
        if trust is None:
            trust = self._of_thread.trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return trust

    def _written(self, request: Request, files: "_Files | None", deadline: Deadline) -> httpcore.Request:
        url, headers = self._url + _target(request), {**_HEADERS, **request.headers}
        whole = httpx.Request(request.method, url, headers=headers, content=request.body, files=files)
        at = whole.url
        return httpcore.Request(
            whole.method,
            httpcore.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path),
            headers=whole.headers.raw,
            content=whole.stream,
            extensions={"timeout": self._timeout, "trace": deadline.watch},
        )


def _target(request: Request) -> str:
    """Path and query, blanks as %20: a plus sign would be a blank to some servers only (A-29, W-05)."""
    return request.path + (f"?{urlencode(request.query, quote_via=quote, safe='')}" if request.query else "")


_Files = list[tuple[str, tuple[None, str] | tuple[str, BinaryIO, str]]]


@contextmanager
def _opened(parts: Parts) -> Iterator[_Files | None]:
    """The parts as httpx takes them, files open; a part without a file name is a plain field."""
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
        yield files or None


def _complete_answer(response: httpcore.Response) -> Answer:
    body = bytearray()
    with closing(response):
        # Not unpacked: a packed answer was not asked for, and a small one can unpack to gigabytes.
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise AnswerUnclear("too-large")
    return Answer(response.status, bytes(body), httpx.Headers(response.headers).get(PRACTICE_HEADER, ""))


def _not_sent(error: Exception) -> NotSent:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotSent("not-sent", certificate=True, detail=cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return NotSent("not-sent", detail=str(error) or type(error).__name__)
