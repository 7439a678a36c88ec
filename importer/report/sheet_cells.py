"""The cells of a sheet, exactly as they stand in its XML."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple
from xml.etree.ElementTree import Element

from importer.parts.texts import unescaped
from importer.report.workbook_parts import GENERAL

BLANK, TEXT, NUMBER, TRUTH, ERROR = "", "s", "n", "b", "e"
"""What cells hold. A date is a number that is shown as a date; a formula's cell holds its last result."""

_DAY = "yyyy-mm-dd"
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
REMEMBERED = 50_000
"""Most cells of a column repeat: so many are made once."""


class Cell(NamedTuple):
    """A cell: its column (from 0), what it holds, that as a text (of numbers with the file's own digits), and how Excel
    shows it."""

    column: int
    kind: str
    text: str
    number_format: str = GENERAL

    @property
    def is_day(self) -> bool:
        """True when it is shown as a date or a time."""
        from openpyxl.styles.numbers import is_date_format

        return self.kind == NUMBER and bool(is_date_format(self.number_format))


class EveryRow:
    """All rows of a sheet."""

    def __contains__(self, row: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Cells:
    """The filled cells of some rows by the rows' numbers, from left to right; and the sheet without any row."""

    rows: Mapping[int, tuple[Cell, ...]]
    frame: Element


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes cells of what the XML says; `texts` and `number_formats` are the workbook's. Raises ValueError and
    LookupError for what means nothing."""

    texts: Sequence[str]
    number_formats: Sequence[str]
    counts_from_1904: bool = False

    def cell(self, column: int, kind: str, value: str, style: str) -> Cell | None:
        """The cell of an element `c` with these attributes `t` and `s` and this text of its `v` or `is`; None for one
        that holds nothing."""
        shown = self.number_formats[int(style)]
        if kind == "inlineStr":
            return Cell(column, TEXT, unescaped(value), shown)
        if not value:
            return None
        match kind:
            case "s":
                return Cell(column, TEXT, self.texts[int(value)], shown)
            case "str":
                return Cell(column, TEXT, unescaped(value), shown)
            case "b":
                return Cell(column, TRUTH, "1" if value.strip() in ("1", "true") else "0", shown)
            case "e":
                return Cell(column, ERROR, value.strip(), shown)
            case "d":
                # Shown as a number, the day would become an amount.
                return Cell(column, NUMBER, self._day_number(value.strip()), _DAY if shown == GENERAL else shown)
            case _:
                return Cell(column, NUMBER, _number(value.strip()), shown)

    def _day_number(self, text: str) -> str:
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_ISO8601, to_excel

        return _number(str(to_excel(from_ISO8601(text), MAC_EPOCH if self.counts_from_1904 else WINDOWS_EPOCH)))


def column_of(letters: str) -> int:
    """A column's number, from 0, by its letters (A is 0)."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text) or not isfinite(float(text)):
        raise ValueError(f"no number: {text[:40]}")
    return text
