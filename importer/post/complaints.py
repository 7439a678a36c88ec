"""What a service's complaint about a line is about: the column and what it says, where the words are known (J-10)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from importer.model.journals import DIMENSION_FIELDS, Line

EXPLAINED = "refused-line-explained"
"""Below it, in the catalogues, stand the sentences of complaints that are understood."""


class Complaint(NamedTuple):
    """A complaint that is understood: `name` is its sentence below `EXPLAINED`, `field` the column's wire name, `value`
    what the line has there."""

    name: str
    field: str
    value: str
    facts: Mapping[str, str]


_DIMENSION = r"(?P<dimension>[^()]+?)(?: \((?P<number>\d\d)\))?"
_PATTERNS = {
    "missing-dimension": rf"Analysis code for {_DIMENSION} must be entered(?: for (?:account|journal type) \S+)?",
    "prohibited-dimension": rf"Analysis code for {_DIMENSION} is prohibited(?: for account \S+)?",
    "unknown-dimension": rf"Unknown analysis code (?P<value>.+) for {_DIMENSION}",
    "closed-dimension": rf"Posting is prohibited with analysis code (?P<value>.+) of {_DIMENSION}",
    "no-account": r"Account record not found",
    "unknown-account": r"Unknown account code (?P<value>\S+)",
    "suspended-account": r"Account (?P<value>\S+) is suspended",
    "closed-account": r"Account (?P<value>\S+) is closed",
    "unknown-journal-type": r"Unknown journal type (?P<value>\S+)",
    "unknown-currency": r"Unknown currency code (?P<value>\S+)",
    "closed-period": r"Period (?P<value>\d+) is not open for posting(?: \(.*\))?",
}
_KNOWN = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}

_NUMBERS = {name.lower(): place for place, name in enumerate(DIMENSION_FIELDS)} | {"resource": 0, "sdaorgid": 5}
"""The services' own names of the dimensions (D-01)."""


def understood(message: str, line: Line) -> Complaint | None:
    """What a complaint about a line says, None where its words are not known, or speak of a value that the line does
    not have: the contract's own example does."""
    for name, pattern in _KNOWN.items():
        if found := pattern.fullmatch(message.strip().removesuffix(".")):
            named = found.groupdict()
            column = _column(name, named, line)
            if column is None or named.get("value") not in (None, column[1]):
                return None
            facts = {"account": line.account, "type": line.journal_type, "value": column[1]}
            if "dimension" in named:
                facts["dimension"] = column[0]
            return Complaint(name, *column, facts)
    return None


def _column(name: str, named: Mapping[str, str | None], line: Line) -> tuple[str, str] | None:
    """The field that a complaint is about, and what the line has in it."""
    if name.endswith("account"):
        return "account", line.account
    if name.endswith("dimension"):
        place = _place(named)
        return None if place is None else (DIMENSION_FIELDS[place], line.dimensions[place])
    of_line = {
        "unknown-journal-type": ("journalType", line.journal_type),
        "unknown-currency": ("currency", line.currency),
    }
    return of_line.get(name, ("period", line.period))


def _place(named: Mapping[str, str | None]) -> int | None:
    """The dimension (from 0) by its number, which stands behind the name, or by its name; None when the two differ."""
    by_name = _NUMBERS.get((named["dimension"] or "").strip().lower())
    if named["number"] is None:
        return by_name
    place = int(named["number"]) - 1
    is_one = 0 <= place < len(DIMENSION_FIELDS) and by_name in (None, place)
    return place if is_one else None
