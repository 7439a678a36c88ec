"""The members of a rule that say how far a fault goes, read strictly: a script must mean what it says."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from importer.sandbox.faults import KINDS, Fault

MOST_SECONDS = 86400
BODILESS = frozenset({204, 205, 304})

Wanted = TypeVar("Wanted")


class Wrong(Exception):
    """A member is not what it should be."""

    def __init__(self, member: str, text: str) -> None:
        super().__init__(text)
        self.member = member


def with_settings(fault: Fault, settings: Mapping[str, Any]) -> Fault:
    """The fault with those settings that mean something for its kind. Raises `Wrong` for a status it cannot have."""
    changed = replace(fault, **{name: value for name, value in settings.items() if name in KINDS[fault.kind].settings})
    if changed.kind == "redirect" and not 300 <= changed.status <= 399:
        raise Wrong("status", "status of a redirect must be a number from 300 to 399")
    if changed.kind == "html" and changed.status in BODILESS:
        raise Wrong("status", f"HTTP {changed.status} has no page")
    return changed


def settings_in(table: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a table has, read. Raises `Wrong` for one that is not what it should be."""
    readers: dict[str, tuple[Callable[[Any], Any], str]] = {
        "committed": (_is_true, "true or false"),
        "seconds": (_seconds, f"a number from 0 to {MOST_SECONDS}"),
        "status": (_status, "a number from 202 to 599 other than 220 and 221, or 200"),
        "code": (_code, "digits"),
    }
    return {
        name: read_member(table, name, reader, None, told) for name, (reader, told) in readers.items() if name in table
    }


def read_member(
    table: Mapping[str, Any], member: str, reader: Callable[[Any], Wanted], default: Wanted, wanted: str
) -> Wanted:
    """What `reader` makes of a member, `default` where the table has none. Raises `Wrong` ("... must be `wanted`") when
    the reader raises ValueError or TypeError."""
    if member not in table:
        return default
    try:
        return reader(table[member])
    except (ValueError, TypeError):
        raise Wrong(member, f"{member} must be {wanted}") from None


def _is_true(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def count(value: Any) -> int:
    """A whole number from 1. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError
    return value


def numbers(value: Any) -> frozenset[int]:
    """One whole number from 1, or a list of them that is not empty. Raises ValueError."""
    found = frozenset(map(count, value if isinstance(value, list) else [value]))
    if not found:
        raise ValueError
    return found


def _number(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError
    return float(value)


def share(value: Any) -> float:
    """A part of all: a number from 0 to 1. Raises ValueError."""
    return _number(value, 1)


def _seconds(value: Any) -> float:
    return _number(value, MOST_SECONDS)


def _status(value: Any) -> int:
    status = count(value)
    if status not in {200, *range(202, 600)} - {220, 221}:
        raise ValueError
    return status


def _code(value: Any) -> str:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", text):
        raise ValueError
    return text
