"""The one way out: https, no redirects, one deadline for the whole request, nothing kept open.

httpx's own time-out is per read, not a deadline (a dripping server held a call for 17 s with a time-out of 1 s), so a
timer cuts the connection when the request's time is up.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, urlencode, urlsplit

import httpx
import truststore

from importer import __version__
from importer.errors import AnswerUnclear, NotSent, RequestRefused, SetupError

CONNECT_SECONDS = 10.0
PRACTICE_HEADER = "X-Importer-Sandbox"
LARGEST_ANSWER = 256 * 1024 * 1024


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
    """The Exchange over httpx. Safe to call from several threads; each has a client of its own, since one client shared
    by 32 requests at once falls to a fifth of its rate (notes/readers-and-speed, section 6).

    `seconds` is the deadline of one request, from the call to the answer's last byte.
    """

    def __init__(self, url: str, seconds: float) -> None:
        self._url = checked_address(url)
        self._seconds = seconds
        self._trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._of_thread = threading.local()
        self._clients: list[httpx.Client] = []

    def __call__(self, request: Request) -> Answer:
        """See `Exchange`. Raises RequestRefused when a file to be sent cannot be opened."""
        with _opened(request.parts) as files:
            return self._exchange(request, files)

    def _exchange(self, request: Request, files: "_Files | None") -> Answer:
        deadline = _Deadline(self._seconds)
        try:
            with (
                deadline,
                self._client().stream(
                    request.method,
                    self._url + _target(request),
                    headers=dict(request.headers),
                    content=request.body,
                    files=files,
                    extensions={"trace": deadline.watch},
                ) as response,
            ):
                practice = response.headers.get(PRACTICE_HEADER, "")
                return Answer(response.status_code, _complete_body(response), practice)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.UnsupportedProtocol,
            httpx.PoolTimeout,
        ) as error:
            raise _not_sent(error) from error
        except (httpx.HTTPError, httpx.StreamError, ssl.SSLError, OSError) as error:
            key = "timed-out" if deadline.has_passed or isinstance(error, httpx.TimeoutException) else "cut"
            raise AnswerUnclear(key, seconds=f"{self._seconds:g}") from error

    def close(self) -> None:
        """Closes every thread's client."""
        for client in self._clients:
            client.close()

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._of_thread, "client", None)
        if client is None:
            client = httpx.Client(
                verify=self._trust,
                timeout=httpx.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds)),
                follow_redirects=False,
                trust_env=False,  # a proxy or .netrc of the environment must not see the credentials
                # A kept connection that the server is just closing makes a post's fate unknown.
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": f"sunplusxtra-importer/{__version__}", "Accept-Encoding": "identity"},
            )
            self._of_thread.client = client
            self._clients.append(client)
        return client


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


class _Deadline:
    """Cuts the connection of one request when its seconds are over."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.has_passed = False

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """httpx's trace hook: notes the socket as soon as there is one (documented extension "trace")."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
            if self.has_passed:
                self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.has_passed = True
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    self._socket.close()


def _complete_body(response: httpx.Response) -> bytes:
    body = bytearray()
    # Not unpacked: a packed answer was not asked for, and a small one can unpack to gigabytes.
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise AnswerUnclear("too-large")
    return bytes(body)


def _not_sent(error: Exception) -> NotSent:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotSent("not-sent", certificate=True, detail=cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return NotSent("not-sent", detail=str(error) or type(error).__name__)
