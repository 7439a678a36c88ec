"""What an operation is: who may call it and how, how it may fail, and the function that carries it out; and the
parameters and texts that several operations read, search and write alike."""

import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from importer.sandbox.company import Company, Payroll
from importer.sandbox.request_body import Body, MalformedError
from importer.sandbox.switches import Dialect, Switches

Members = dict[str, object]
"""The members of an answer's body."""


CodeTable = dict[str, str]
"""The codes an operation may answer with, and the text each one carries (A-05)."""


LineError = tuple[int, str]
"""A complaint about one line: the number that the request gave it, not its place (J-09), and the message."""


class QueryError(Exception):
    """The operation failed: HTTP 201 with a code of its own table."""

    def __init__(self, code: str, detail: str = "", line_errors: Sequence[LineError] = ()) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.line_errors = line_errors


class AccessError(Exception):
    """Authentication refused: HTTP 220 or 221, a body without a code (A-17), and nothing was done (A-19)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


TOKEN_REJECTED = 220, "Incorrect authentication"
"""The token is unknown, expired, or not sent in the way the service wants it."""

USER_NOT_FOUND = 221, "SPX user not found"
"""No such user, or not active any more."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login needs; the secrets stay out of `repr`."""

    userid: str
    email: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)
    sovos_api_key: str = field(repr=False)

    @classmethod
    def generate(cls) -> "Credentials":
        """A new user with new secrets, good for one start of the sandbox."""
        return cls(
            "sandbox", "sandbox@example.invalid", secrets.token_hex(16), secrets.token_hex(32), secrets.token_hex(16)
        )


@dataclass(slots=True)
class _Grant:
    given_at: float
    requests: int = 0


@dataclass(slots=True)
class Access:
    """Gives tokens and checks them. `clock` gives seconds."""

    credentials: Credentials
    clock: Callable[[], float] = time.monotonic
    grants: dict[str, _Grant] = field(default_factory=dict, repr=False)
    """What the tokens given so far are good for; without its grant a token is rejected."""
    _admitted: int = 0
    _user_is_active: bool = True

    def log_in(self, api_key_header: str | None, userid: str, password: str, email: str) -> str:
        """A new token, never equal to the key (A-14), for the user with this id, password and e-mail address. The
        header with the API key is compared too unless it is None. Raises `AccessError` 221 for any failure (A-16)."""
        known = self.credentials
        pairs = [(userid, known.userid), (password, known.password), (email, known.email)]
        if api_key_header is not None:
            pairs.append((api_key_header, f"Bearer {known.api_key}"))
        matches = [hmac.compare_digest(sent.encode(), wanted.encode()) for sent, wanted in pairs]
        if not all(matches) or not self._user_is_active:
            raise AccessError(*USER_NOT_FOUND)
        token = secrets.token_hex(32)
        self.grants[token] = _Grant(self.clock())
        return token

    def admit(self, authorization: str, switches: Switches, scheme: str = "bearer") -> None:
        """Checks the header `authorization` of a request: `scheme`, letter by letter unless a switch says otherwise,
        and a token. Raises `AccessError` 220 for the token, then 221 for the user (A-19)."""
        given, _, token = authorization.partition(" ")
        if switches.any_case_scheme:
            given, scheme = given.lower(), scheme.lower()
        grant = self.grants.get(token)
        if (
            given != scheme
            or grant is None
            or (switches.token_requests is not None and grant.requests >= switches.token_requests)
            or (switches.token_seconds is not None and self.clock() - grant.given_at >= switches.token_seconds)
        ):
            raise AccessError(*TOKEN_REJECTED)
        if switches.deactivate_user_after is not None and self._admitted >= switches.deactivate_user_after:
            self._user_is_active = False
        if not self._user_is_active:
            raise AccessError(*USER_NOT_FOUND)
        grant.requests += 1
        self._admitted += 1


@dataclass(frozen=True, slots=True)
class Call:
    """One request, parsed, and what it may work on."""

    company: Company
    access: Access
    switches: Switches
    dialect: Dialect
    headers: Mapping[str, str]
    path: Mapping[str, str]
    """The variable segments of the path, each decoded on its own (W-05)."""
    query: Mapping[str, str]
    body: object
    """Parsed JSON, the parts of a multipart body, or None."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of SunPlusXtra.

    `answer` returns the members of the body of a 200, or raises `QueryError` with a code of `codes`, `MalformedError`
    for parameters or a body that are none of this operation's (`code_of_malformed`), or `AccessError`. Login alone
    needs no token and has no codes. `code_of_unreachable` is the code for a SunPlus that cannot be reached
    (tests/contract/NOTES.md, "Section 14"), None where the table has none. `live_method` is the method in the live
    dialect, where it is another one.
    """

    answer: Callable[[Call], Members]
    method: str
    path: str
    codes: CodeTable
    code_of_malformed: str | None = None
    body: Body = Body.IGNORED
    needs_token: bool = True
    code_of_unreachable: str | None = "202"
    live_method: str | None = None

    @property
    def name(self) -> str:
        """The contract's `operationId`, which is the name of the function."""
        return self.answer.__name__


def with_response(response: object, message: str = "Correct query") -> Members:
    """The members of an answer that has a response."""
    return {"message": message, "response": response}


CODE_WIDTH, CURRENCY_WIDTH, TYPE_WIDTH, REFERENCE_WIDTH, FLAG_WIDTH = 15, 5, 5, 30, 1
"""Characters of the columns of fixed width."""


def read_period(call: Call, text: str | None, name: str = "the period") -> int:
    """A period as a number: yyyy0mm, months 01 to 12 (P-01), or to 13 with a switch of `call` (P-02).

    text: what was sent, None when it is missing; name: what the complaint calls it. Raises `MalformedError`.
    """
    months = "0[1-9]|1[0-3]" if call.switches.period_13 else "0[1-9]|1[0-2]"
    if text is None or not re.fullmatch(f"[0-9]{{4}}0({months})", text):
        raise MalformedError(f"{name} must be a period written yyyy0mm")
    return int(text)


def read_range(call: Call, first: str | None, last: str | None) -> range:
    """The numbers from the period `first` to `last`, both included. Raises `MalformedError` for texts that are no
    periods of `call`'s service, or stand the wrong way (U-08)."""
    start, end = read_period(call, first), read_period(call, last)
    if start > end:
        raise MalformedError("startPeriod is after endPeriod")
    return range(start, end + 1)


def read_number(text: object, name: str, least: int = 0) -> int:
    """A whole number of at most 18 digits from a text. `name`: what the complaint calls it. Raises `MalformedError` for
    anything else, and below `least`."""
    if not isinstance(text, str) or not re.fullmatch("[0-9]{1,18}", text) or int(text) < least:
        raise MalformedError(f"{name} must be a whole number from {least} up")
    return int(text)


def read_payroll(call: Call) -> Payroll:
    """The payroll of the path; digits only (E-16), 203 for one that does not exist."""
    payroll = call.company.payrolls.get(read_number(call.path["payrollId"], "payrollId"))
    if payroll is None:
        raise QueryError("203")
    return payroll


def fill_up(text: str, width: int, switches: Switches) -> str:
    """The text as a column of `width` characters shows it: with one blank behind it unless it is full, as in the
    examples (W-01), or where `switches` says so with blanks up to the width (W-02)."""
    if switches.full_width:
        return text.ljust(width)
    return text if len(text) >= width else text + " "


def fill_up_if_wide(text: str, width: int, switches: Switches) -> str:
    """The text, which the examples show bare; with blanks up to `width` where `switches` asks for them (W-02)."""
    return text.ljust(width) if switches.full_width else text


def is_found(search: str, text: str) -> bool:
    """Whether `text` matches a search of names (A-29): in any case, with a `%` as a whole like SQL's LIKE, without one
    anywhere inside."""
    wanted = search if "%" in search else f"%{search}%"
    first, *middle, last = (re.escape(part) for part in wanted.casefold().split("%"))
    # Each part is taken where it first fits and never again (`(?>`), so that no search takes long.
    pattern = first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}"
    return re.fullmatch(pattern, text.casefold(), re.DOTALL) is not None
