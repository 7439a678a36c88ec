"""The one way out: https, no redirects, one deadline for the whole request, nothing kept open."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlencode, urlsplit

import httpx

from importer import __version__
from importer.errors import AnswerUnclear, NotSent, RequestRefused, SetupError
from importer.services.answer_parsing import read_answer
from importer.services.connection import Connection, Connections, Cut, Deadline, Server
from importer.services.operations import LIST
from importer.services.request_writing import Files, located, multipart, plain
from importer.services.trust import Trust

_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
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

    `parts` are sent as multipart/form-data in place of a body. `most` is how many bytes its answer may have. Its repr
    shows neither headers nor body: they carry secrets.
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
class Answer:
    """What came back, complete: the status is a bare integer (220 and 221 are no registered ones, A-03).

    `practice` is what the sandbox of this program calls its company, `""` for a real service; `date` is the header
    `Date` as it came, `""` when there was none. `masking` takes secrets out of what the answer says: whoever makes
    words of it that are shown or kept hands them through.
    """

    status: int
    body: bytes
    practice: str = ""
    date: str = ""
    masking: Callable[[str], str] = field(default=str, repr=False, compare=False)


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
        is_fit = bool(parts.hostname) and not (parts.username or parts.password or "?" in url or "#" in url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        _ = parts.port, httpx.URL(url), (parts.hostname or "").encode("idna")
    except (ValueError, httpx.InvalidURL):
        is_fit = is_safe = False
    if not (is_fit and is_safe):
        raise SetupError("bad-address", url=url.split("@")[-1])
    return url.rstrip("/")


def place_of(url: str) -> str:
    """What tells a service's address from others, however it is spelt: host (lower case, IDNA), port and base path,
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


class HttpExchange:
    """The Exchange over HTTP/1.1. Safe to call from several threads.

    `seconds` is the deadline of one request, from the call to the answer's last byte. A socket carries the request and
    llhttp reads the answer: that costs a third of a client, and knows neither redirects nor cookies nor the environment
    (a proxy or .netrc must not see the credentials). Each request has a connection of its own: one that was kept, and
    that the server is just closing, makes a post's fate unknown (notes/posting-details).
    """

    def __init__(self, url: str, seconds: float) -> None:
        self._url = checked_address(url)
        self._seconds = seconds
        self._trust = Trust()
        self._connections = Connections()

    def __call__(self, request: Request) -> Answer:
        """See `Exchange`. Raises RequestRefused when a file to be sent cannot be read."""
        deadline = Deadline(self._seconds)
        method, url, headers = request.method, located(self._url + _target(request)), {**_HEADERS, **request.headers}
        if not request.parts:
            packets = plain(method, url, headers, request.body or b"")
            return self._exchange(request, url, packets, deadline)
        with _opened(request.parts) as files:
            packets = _begun(multipart(method, url, headers, files), request.parts)
            return self._exchange(request, url, packets, deadline)

    def close(self) -> None:
        """Cuts what is still under way. A request that comes later is cut before it connects."""
        self._connections.close()

    def _exchange(self, request: Request, url: httpx.URL, packets: Iterator[bytes], deadline: Deadline) -> Answer:
        has_begun = False
        try:
            with self._connections.opened(self._server(url), deadline) as connection:
                try:
                    _send(packets, connection)
                    answer = read_answer(connection.receive, request.method, request.most)
                finally:
                    has_begun = connection.has_begun
        except (OSError, Cut) as error:
            if not has_begun and not isinstance(error, Cut):
                raise _not_sent(error) from error
            key = "timed-out" if deadline.has_passed else "cut"
            raise AnswerUnclear(key, seconds=f"{self._seconds:g}") from error
        return Answer(answer.status, bytes(answer.body), answer.practice, answer.date)

    def _server(self, url: httpx.URL) -> Server:
        is_tls = url.scheme == "https"
        return Server(
            url.raw_host.decode(), url.port or (443 if is_tls else 80), self._trust.context() if is_tls else None
        )


def _target(request: Request) -> str:
    """Path and query, blanks as %20: a plus sign would be a blank to some servers only (A-29, W-05)."""
    return request.path + (f"?{urlencode(request.query, quote_via=quote, safe='')}" if request.query else "")


@contextmanager
def _opened(parts: Parts) -> Iterator[Files]:
    """The parts as httpx takes them, files open; a part without a file name is a plain field."""
    files: Files = []
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


def _begun(packets: Iterator[bytes], parts: Parts) -> Iterator[bytes]:
    """The packets, the first one made: a file that cannot be read is found out before anything leaves."""
    try:
        first = next(packets)
    except (OSError, Cut) as error:
        name = next((part.name for _, part in parts if isinstance(part, Upload)), "")
        raise RequestRefused("file", "readable-file", name=name) from error
    return chain((first,), packets)


def _send(packets: Iterator[bytes], connection: Connection) -> None:
    """A server may answer before it has read the whole request, and hang up: its answer is read all the same."""
    for packet in packets:
        try:
            connection.send(packet)
        except TimeoutError:
            raise
        except OSError:
            return


def _not_sent(error: OSError) -> NotSent:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotSent("not-sent", certificate=True, detail=error.verify_message)
    return NotSent("not-sent", detail=str(error) or type(error).__name__)
