"""What the contract's request schemas ask of an argument, checked before anything is sent.

Each function gives the argument as it may travel, or raises RequestRefused naming it.
"""

from datetime import date

from importer.errors import RequestRefused
from importer.model.dates import Period

LARGEST_NUMBER = 2**63 - 1
DIMENSIONS = range(1, 11)


def text(argument: str, value: str) -> str:
    """A text without the blanks at its end (W-04); it may be empty."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RequestRefused(argument, "readable-text") from error
    return value.rstrip(" ")


def filled_text(argument: str, value: str) -> str:
    """A text that holds something."""
    given = text(argument, value)
    if not given.strip():
        raise RequestRefused(argument, "filled-text")
    return given


def path_text(argument: str, value: str) -> str:
    """A filled text that can be a segment of a path: "." and ".." would name another resource, even encoded
    (RFC 3986, 6.2.2), and an empty one would name the list itself (R-09)."""
    given = filled_text(argument, value)
    if given in (".", ".."):
        raise RequestRefused(argument, "code")
    return given


def number(argument: str, value: int, *, least: int = 1) -> int:
    """A whole number from `least` on that fits 64 bits."""
    if isinstance(value, bool) or not least <= value <= LARGEST_NUMBER:
        raise RequestRefused(argument, "number")
    return value


def dimension(argument: str, value: int) -> str:
    """A dimension 1 to 10 as the two digits that travel (N-02)."""
    if isinstance(value, bool) or value not in DIMENSIONS:
        raise RequestRefused(argument, "dimension")
    return f"{value:02d}"


def period(argument: str, value: Period) -> str:
    """A period of the twelve months: the contract knows no other (P-02)."""
    if value.is_adjustment:
        raise RequestRefused(argument, "accounting-period")
    return str(value)


def periods(first: Period, last: Period) -> dict[str, str]:
    """A range of periods as its two members; the first may not lie after the last (U-08)."""
    members = {"startPeriod": period("first-period", first), "endPeriod": period("last-period", last)}
    if first > last:
        raise RequestRefused("first-period", "not-after-last")
    return members


def days(first: date, last: date) -> dict[str, str]:
    """A range of days, `yyyy-mm-dd`, both included."""
    if first > last:
        raise RequestRefused("first-day", "not-after-last")
    return {"startDate": first.isoformat(), "endDate": last.isoformat()}


def given(**members: str | None) -> dict[str, str]:
    """The optional filters that are wanted: None and empty ones are left out, never sent empty (U-03)."""
    return {name: value for name, value in members.items() if value}
