"""A login and what is asked under it: one token for all workers, renewed once for all of them when it runs out. Which
requests are sent again, and after which pauses, goes by the operation, never by its HTTP method (Q-01)."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from importer.errors import (
    AnswerUnclear,
    CredentialsRefused,
    Effect,
    ImporterError,
    NotSent,
    ServiceFailure,
    SetupError,
    TryAgain,
)
from importer.model.results import RequestMade
from importer.model.secrets import Masking, Secret
from importer.services.http import Parts, Request, Response, Sender
from importer.services.operations import DOCUMENT, NO_CONNECTION, OPERATIONS, Dialect, Operation
from importer.services.responses import (
    FAILED,
    SUCCEEDED,
    TOKEN_REJECTED,
    USER_GONE,
    Envelope,
    is_token_rejected,
    read_as,
    successful_envelope,
)

Given = TypeVar("Given")

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_LOGIN_ANSWERS = frozenset({SUCCEEDED, FAILED, TOKEN_REJECTED, USER_GONE, 401, 403})
_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the login needs; `api_key` is None where an installation wants none."""

    userid: str
    password: Secret
    email: str
    api_key: Secret | None


class _Granted(msgspec.Struct, frozen=True):
    access_token: str = ""


MOST_REQUESTS = 500
"""So many requests are kept one by one; each further one counts with the newest of its operation and outcome."""


class RequestLog:
    """The requests of a session in the order in which they ended, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[RequestMade] = []
        self._newest: dict[tuple[str, str], int] = {}

    def add(self, operation: str, outcome: str, began_at: datetime) -> None:
        """Writes down a request that ends now."""
        ended_at, kind = datetime.now(UTC), (operation, outcome)
        with self._lock:
            if len(self._made) < MOST_REQUESTS or kind not in self._newest:
                self._newest[kind] = len(self._made)
                self._made.append(RequestMade(operation, outcome, began_at, ended_at))
            else:
                newest = self._made[self._newest[kind]]
                self._made[self._newest[kind]] = replace(newest, ended_at=ended_at, count=newest.count + 1)

    def all(self) -> tuple[RequestMade, ...]:
        """What was written down so far."""
        with self._lock:
            return tuple(self._made)


class Session:
    """Everything under one login, for any number of threads.

    `pause` waits a number of seconds between the tries of a request; tests and virtual clocks pass their own.
    `dialect` is the reading of the service that this session speaks.
    `steady` gives seconds since some moment, by a clock that nobody can put forward.
    `heard`, where it is set, is called with each answer that `read` gives.
    `masking` takes the credentials and every token of the session out of texts; every answer carries it.
    `requests` has every exchange with the service.
    `practice`, known after the login: what this program's sandbox calls its company, `""` for a real service.
    """

    def __init__(
        self,
        exchange: Sender,
        credentials: Credentials,
        pause: Callable[[float], None],
        dialect: Dialect = DOCUMENT,
        steady: Callable[[], float] = time.monotonic,
        masking: Masking | None = None,
        requests: RequestLog | None = None,
    ) -> None:
        self.dialect = dialect
        self.requests = RequestLog() if requests is None else requests
        self._exchange = exchange
        self._credentials = credentials
        self._pause = pause
        self._steady = steady
        self._date: tuple[float, float] | None = None
        self._lock = threading.Lock()
        self._token = Secret("")
        self._logins = 0
        self.practice = ""
        self._ended_by: ImporterError | None = None
        self.heard: Callable[[Envelope], object] | None = None
        self.masking = Masking() if masking is None else masking
        self.masking.add(credentials.password)
        self.masking.add(credentials.api_key)

    @property
    def service_time(self) -> float | None:
        """The present moment by the service's clock, in seconds since 1970: the newest `Date` that it has sent and what
        has passed since. None when it has sent none."""
        newest = self._date
        return None if newest is None else newest[0] + self._steady() - newest[1]

    def log_in(self) -> None:
        """Exchanges the credentials for a token (operation login), once: a repeated try could lock the user out (A-16).

        Raises CredentialsRefused when the service says no, TryAgain when it cannot be reached or understood.
        """
        with self._lock:
            self._log_in()

    def read(
        self,
        operation: str,
        *segments: str | int,
        body: object = None,
        query: Mapping[str, str] | None = None,
        repeats: bool = True,
    ) -> Envelope:
        """Asks something that changes nothing, up to three times while no clear answer comes (`repeated_read`); without
        `repeats` only while nothing was sent. `segments` fill the path of the operation.

        Raises ServiceFailure (the contract's 201), AnswerUnclear, NotSent, CredentialsRefused or SetupError.
        """
        wanted = OPERATIONS[operation]

        def ask() -> Envelope:
            return successful_envelope(self.send(operation, *segments, body=body, query=query), wanted)

        envelope = repeated_read(ask, self._pause, repeats=repeats)
        if self.heard is not None:
            self.heard(envelope)
        return envelope

    def write(self, operation: str, *segments: str | int, body: object = None, parts: Parts = ()) -> Envelope:
        """Changes something, repeated only as far as the contract calls that harmless (`repeated_write`).

        Raises what `read` raises; `effect` of the error says what is left behind: nothing sent, not applied, unknown.
        """
        wanted = OPERATIONS[operation]

        def ask() -> Envelope:
            return successful_envelope(self.send(operation, *segments, body=body, parts=parts), wanted)

        return repeated_write(ask, self._pause, wanted)

    def send(
        self,
        operation: str,
        *segments: str | int,
        body: object = None,
        query: Mapping[str, str] | None = None,
        parts: Parts = (),
    ) -> Response:
        """Sends once and gives the complete answer, whatever it says, except for a rejected token: that leads to one
        new login for all threads and one repeat (A-18); 221 ends the session for everybody.

        Raises NotSent, AnswerUnclear, CredentialsRefused, or SetupError when the newer token is rejected too.
        """
        method, wanted = self.dialect.method_of(operation), OPERATIONS[operation]
        path = wanted.path.format(*map(segment, segments))
        content = None if body is None else _encoder.encode(body)
        # The transport writes the multipart's own Content-Type; every answer is JSON, whatever is shown (F-01).
        headers = {"Accept": "*/*"} if parts else _JSON
        for is_repeat in (False, True):
            token, login = self._current_token()
            request = Request(method, path, headers | token, content, query, parts, wanted.most)
            answer = replace(self._exchanged(operation, request), masking=self.masking)
            if answer.status == USER_GONE:
                raise self._end(CredentialsRefused("user-gone"))
            if not is_token_rejected(answer):
                return answer
            if is_repeat:
                break
            self._renew(login)
        raise self._end(SetupError("token-refused"))

    def _exchanged(self, operation: str, request: Request) -> Response:
        began_at, outcome = datetime.now(UTC), "no-answer"
        try:
            answer = self._exchange(request)
            outcome = str(answer.status)
        except NotSent:
            outcome = "not-sent"
            raise
        finally:
            self.requests.add(operation, outcome, began_at)
        with suppress(ValueError, OverflowError, OSError):
            self._date = parsedate_to_datetime(answer.date).timestamp(), self._steady()
        return answer

    def _current_token(self) -> tuple[dict[str, str], int]:
        with self._lock:
            if self._ended_by is not None:
                raise self._ended_by
            if not self._token:
                self._log_in()
            return {"Authorization": f"{self.dialect.scheme} {self._token.reveal()}"}, self._logins

    def _renew(self, rejected_login: int) -> None:
        with self._lock:
            if self._logins == rejected_login:
                self._log_in()

    def _log_in(self) -> None:
        if self._ended_by is not None:
            raise self._ended_by
        who = self._credentials
        headers = dict(_JSON)
        if who.api_key is not None and self.dialect.login_has_key:
            headers["API-Key"] = f"Bearer {who.api_key.reveal()}"
        body = {self.dialect.login_user: who.userid, "password": who.password.reveal(), "email": who.email}
        login = OPERATIONS["login"]
        try:
            content = _encoder.encode(body)
            answer = self._exchanged("login", Request(login.method, login.path, headers, content, most=login.most))
        except NotSent as error:
            key = "unreachable" if error.may_pass else "certificate"
            raise self._ended(TryAgain(key, **error.facts)) from error
        except AnswerUnclear as error:
            raise self._ended(TryAgain("no-answer", **{"seconds": "", **error.facts})) from error
        self._token = Secret(self._granted_token(answer))
        self.masking.add(self._token, is_token=True)
        self.practice = self.masking(answer.practice)
        self._logins += 1

    def _granted_token(self, answer: Response) -> str:
        """Only 200 with a token is a login; every other readable answer is a refusal (A-16)."""
        if answer.status not in _LOGIN_ANSWERS:
            raise self._ended(TryAgain("unexpected-status", status=str(answer.status)))
        if answer.status == SUCCEEDED:
            try:
                successful_envelope(answer, OPERATIONS["login"])
                token = read_as(_Granted, answer.body).access_token.strip()
            except AnswerUnclear as error:
                raise self._ended(TryAgain("unexpected-answer")) from error
            if token and token.isascii() and token.isprintable():
                return token
        raise self._ended(CredentialsRefused("login-refused", userid=self._credentials.userid))

    def _end(self, error: ImporterError) -> ImporterError:
        with self._lock:
            return self._ended(error)

    def _ended(self, error: ImporterError) -> ImporterError:
        self._ended_by = self._ended_by or error
        return self._ended_by


def segment(text: str | int) -> str:
    """One segment of a path, encoded whole: slashes and blanks too (W-05)."""
    # Dots alone would lead to another path.
    return quote(str(text), safe="") if str(text) not in (".", "..") else str(text).replace(".", "%2E")


REQUEST_PAUSES = (1.0, 3.0)
"""Seconds between the tries of a read, and of a write that may be repeated: three tries at most."""

POST_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries of a journal of which not one byte was sent: five tries. A journal that may have arrived is
never sent again by itself."""


def repeated_read(ask: Callable[[], Given], pause: Callable[[float], None], *, repeats: bool = True) -> Given:
    """Asks up to three times while nothing was sent, no clear answer comes, or SunPlusXtra had no connection.

    `ask` sends the request once, `pause` waits a number of seconds. Without `repeats` a request that may have arrived
    is not sent again (printing a check may be counted, I-08). Raises what the last try raises; a certificate that is
    not trusted is final.
    """
    for seconds in REQUEST_PAUSES:
        try:
            return ask()
        except (AnswerUnclear, NotSent, ServiceFailure) as error:
            if not (is_unsent(error) or (repeats and _may_clear_up(error))):
                raise
        pause(seconds)
    return ask()


def repeated_write(ask: Callable[[], Envelope], pause: Callable[[float], None], operation: Operation) -> Envelope:
    """Writes up to three times while nothing was sent, and, where the contract calls a repeat harmless, while the
    outcome is unknown. After a time-out nothing is repeated: others may have changed the record since (Q-02).

    `ask` sends the request once, `pause` waits a number of seconds, `operation` is the row of what is written. Raises
    the error of the first try whose outcome is unknown, if there was one: a later refusal says nothing about it.
    """
    waits = iter(REQUEST_PAUSES)
    doubt: ImporterError | None = None
    while True:
        try:
            return ask()
        except ImporterError as error:
            if doubt is not None and isinstance(error, ServiceFailure) and error.code == operation.proves_done:
                return Envelope()
            seconds = next(waits, None)
            if seconds is None or not (is_unsent(error) or _is_harmless(error, operation)):
                if doubt is None:
                    raise
                raise doubt from error
            doubt = doubt or (error if error.effect is Effect.UNKNOWN else None)
        pause(seconds)


def is_unsent(error: ImporterError) -> bool:
    """True when nothing left and a further try may change that."""
    return isinstance(error, NotSent) and error.may_pass


def _may_clear_up(error: ImporterError) -> bool:
    if isinstance(error, AnswerUnclear):
        return error.key != "too-large"
    return isinstance(error, ServiceFailure) and error.meaning == NO_CONNECTION


def _is_harmless(error: ImporterError, operation: Operation) -> bool:
    is_in_doubt = error.effect is Effect.UNKNOWN and error.key != "timed-out"
    return operation.repeats_harmlessly and is_in_doubt and _may_clear_up(error)
