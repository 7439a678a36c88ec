"""What an operation is: how it is called, how it may fail, and the function that carries it out; and the parameters and
texts that several operations read, search and write alike."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from importer.sandbox.authentication import Access, Dialect
from importer.sandbox.company import Company, Payroll
from importer.sandbox.request_body import Body, MalformedError
from importer.sandbox.switches import Switches

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


@dataclass(frozen=True, slots=True)
class Call:
    """One request, parsed, and what it may work on."""

    company: Company
    access: Access
    switches: Switches
    headers: Mapping[str, str]
    path: Mapping[str, str]
    """The variable segments of the path, each decoded on its own (W-05)."""
    query: Mapping[str, str]
    body: object
    """Parsed JSON, the parts of a multipart body, or None."""
    dialect: Dialect = Dialect.DOCUMENT


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


def check_period(text: str, name: str, switches: Switches) -> int:
    """A period as a number: yyyy0mm, months 01 to 12 (P-01), or to 13 with a switch of `switches` (P-02).

    text: what was sent; name: what the complaint calls it. Raises `MalformedError`.
    """
    months = "0[1-9]|1[0-3]" if switches.period_13 else "0[1-9]|1[0-2]"
    if not re.fullmatch(f"[0-9]{{4}}0({months})", text):
        raise MalformedError(f"{name} must be a period written yyyy0mm")
    return int(text)


def read_period(call: Call, text: str | None) -> int:
    """A period as a number; `MalformedError` for anything else, also when it is missing."""
    return check_period(text or "", "the period", call.switches)


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
    wanted, there = search.casefold(), text.casefold()
    first, *others = wanted.split("%")
    if not others:
        return wanted in there
    *middle, last = others
    if not there.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = there.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return there.endswith(last) and len(there) - len(last) >= place
