"""The shapes of request bodies, checked by hand: closed objects, exact types, real calendar days.

A check takes a value and returns what it must be instead, or None when it is right.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeGuard

from importer.sandbox.failures import MalformedError

Check = Callable[[object], str | None]

LARGEST_AMOUNT = Decimal(10) ** 15
"""Amounts stay below this, so that sums of them are exact; the contract names no bound."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PERIOD = re.compile(r"[0-9]{4}0(0[1-9]|1[0-2])")
_PERIOD_TO_13 = re.compile(r"[0-9]{4}0(0[1-9]|1[0-3])")


def text(value: object) -> str | None:
    """Any text, also an empty one."""
    return None if type(value) is str else "a text"


def filled_text(value: object) -> str | None:
    """A text of one character or more."""
    return None if type(value) is str and value else "a text that is not empty"


def whole_number_from_one(value: object) -> str | None:
    """1, 2, 3 and so on."""
    return None if type(value) is int and value >= 1 else "a whole number from 1 up"


def whole_number(value: object) -> str | None:
    """Any whole number; true and false are none (N-19)."""
    return None if type(value) is int else "a whole number"


def short(value: object) -> str | None:
    """A whole number of 16 bits."""
    return None if type(value) is int and -32768 <= value <= 32767 else "a whole number of 16 bits"


def text_or_null(value: object) -> str | None:
    """Any text, or null."""
    return None if value is None or type(value) is str else "a text or null"


def list_of_texts(value: object) -> str | None:
    """A list of texts, also an empty one."""
    return None if type(value) is list and all(type(one) is str for one in value) else "a list of texts"


def one_of(*choices: str) -> Check:
    """One of these texts, letter by letter."""
    return lambda value: None if type(value) is str and value in choices else f"one of {', '.join(choices)}"


def side(value: object) -> str | None:
    """C or D (J-05)."""
    return None if value == "C" or value == "D" else "C or D"


def amount(value: object) -> str | None:
    """A number above zero with at most two decimals (J-05, N-11)."""
    if not _is_money(value):
        return "a number with at most two decimals"
    return None if value > 0 else "greater than zero"


def amount_or_nothing(value: object) -> str | None:
    """A number with at most two decimals, or an empty text (J-03)."""
    return None if value == "" or _is_money(value) else "a number with at most two decimals, or an empty text"


def _is_money(value: object) -> TypeGuard[int | Decimal]:
    if type(value) is int:
        return abs(value) < LARGEST_AMOUNT
    return type(value) is Decimal and value.as_tuple().exponent in (0, -1, -2) and abs(value) < LARGEST_AMOUNT


def day(value: object) -> str | None:
    """A day of the calendar as yyyy-mm-dd."""
    if type(value) is str and _DAY.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return "a day of the calendar"
        return None
    return "a day written yyyy-mm-dd"


def day_or_nothing(value: object) -> str | None:
    """A day of the calendar as yyyy-mm-dd, or an empty text (P-13)."""
    return None if value == "" else day(value)


def period(value: object) -> str | None:
    """A period as yyyy0mm, months 01 to 12 (P-01)."""
    return None if type(value) is str and _PERIOD.fullmatch(value) else "a period written yyyy0mm"


def period_to_13(value: object) -> str | None:
    """A period as yyyy0mm, months 01 to 13 (P-02)."""
    return None if type(value) is str and _PERIOD_TO_13.fullmatch(value) else "a period written yyyy0mm"


@dataclass(frozen=True, slots=True)
class ClosedObject:
    """An object that has these members and no others; `optional` ones may be missing, never null."""

    members: Mapping[str, Check]
    optional: frozenset[str] = frozenset()
    _required: frozenset[str] = field(init=False)
    _texts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_required", frozenset(self.members) - self.optional)
        texts = frozenset(name for name, check in self.members.items() if check is text)
        object.__setattr__(self, "_texts", texts)

    def read(self, value: object, place: str = "") -> dict[str, Any]:
        """The value as it came when its shape is right; else `MalformedError` names the first fault."""
        if type(value) is not dict:
            raise MalformedError(f"{place.rstrip('.') or 'the body'} must be an object")
        if missing := self._required - value.keys():
            raise MalformedError(f"{place}{min(missing)} is missing")
        for name, member in value.items():
            if type(member) is str and name in self._texts:  # most members by far
                continue
            check = self.members.get(name)
            if check is None:
                raise MalformedError(f"{place}{name[:40]} is not a member")
            if (wanted := check(member)) is not None:
                raise MalformedError(f"{place}{name} must be {wanted}")
        return value
