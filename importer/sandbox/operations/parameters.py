"""Parameters that several operations read alike, and texts that they write and search alike."""

import re

from importer.sandbox.company import Payroll
from importer.sandbox.operation import Call, QueryError
from importer.sandbox.request_body import MalformedError
from importer.sandbox.switches import Switches

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


def read_payroll(call: Call) -> Payroll:
    """The payroll of the path; digits only (E-16), 203 for one that does not exist."""
    segment = call.path["payrollId"]
    if not re.fullmatch("[0-9]{1,18}", segment):
        raise MalformedError("payrollId is digits only")
    payroll = call.company.payrolls.get(int(segment))
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
