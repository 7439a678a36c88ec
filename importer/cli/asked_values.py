"""Values on the command line that are more than text: periods, months, days, dimensions."""

import re
from abc import ABC, abstractmethod
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from importer.cli.words import words
from importer.model.journals import DIMENSION_FIELDS
from importer.model.periods import Month, Period
from importer.report.printable import printable

if TYPE_CHECKING:
    from importer.inquiry.resources import FilterKind

    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # older releases of click cannot be asked for its type of value


_DAY_TEXT = re.compile("[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")


class _Asked(_ParamType, ABC):
    """Reads a value, or says what was expected (catalogue, below `inquiry.wrong.`)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value read; click hands over what is read already."""
        if not isinstance(value, str) or isinstance(value, Period | Month):
            return value
        try:
            return self.read(value.strip())
        except ValueError:
            facts = {"value": printable(value), "names": ", ".join(DIMENSION_FIELDS)}
            self.fail(words(f"inquiry.wrong.{self.name}", **facts), param, ctx)

    @abstractmethod
    def read(self, text: str) -> Any:
        """The value of a text. Raises ValueError."""


class _Period(_Asked):
    name = "period"

    def read(self, text: str) -> Period:
        return Period(text)


class _Month(_Asked):
    name = "month"

    def read(self, text: str) -> Month:
        return Month(text)


class _Day(_Asked):
    name = "day"

    def read(self, text: str) -> date:
        if not _DAY_TEXT.fullmatch(text):
            raise ValueError(text)  # Python reads other forms of ISO 8601 too: 20180630, 2018-W26-6
        return date.fromisoformat(text)


class _Dimension(_Asked):
    name = "dimension"

    def read(self, text: str) -> int:
        by_name = {name.lower(): number for number, name in enumerate(DIMENSION_FIELDS, start=1)}
        if text.lower() in by_name:
            return by_name[text.lower()]
        if text.isascii() and text.isdigit() and 1 <= int(text) <= len(DIMENSION_FIELDS):
            return int(text)
        raise ValueError(text)


class _Identified(_Asked):
    name = "identified"

    def read(self, text: str) -> tuple[str, int]:
        key, _, number = text.rpartition("=")
        if not key.strip() or not (number.isascii() and number.isdigit() and 0 < int(number) < 2**63):
            raise ValueError(text)
        return key.strip(), int(number)


class _Reason(_Asked):
    name = "reason"

    def read(self, text: str) -> str:
        if not text:
            raise ValueError(text)
        return text


DAY, MONTH, PERIOD, IDENTIFIED, REASON = _Day(), _Month(), _Period(), _Identified(), _Reason()


def type_of(kind: "FilterKind") -> "_ParamType":
    """How a filter's value is read."""
    types: dict[str, _ParamType] = {
        "text": click.STRING,
        "number": click.INT,
        "period": PERIOD,
        "day": DAY,
        "dimension": _Dimension(),
    }
    return types[kind]
