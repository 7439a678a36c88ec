"""What stands in a sheet's cells, how its rows are handed on, and what a raw cell means: numbers, dates, texts,
errors.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from math import isfinite
from typing import NamedTuple
from xml.etree.ElementTree import Element

from importer.xlsx.number_formats import (
    Meaning,
    NumberLook,
    look_of_format,
    meaning_of_format,
    shows_date,
    shows_some_otherwise,
)

LAST_ROW = 1_048_576
LAST_COLUMN = 16_383
"""The last row (from 1) and column (from 0) of a sheet."""

SINCE_1900 = datetime(1899, 12, 30)
SINCE_1904 = datetime(1904, 1, 1)
GENERAL = "General"


class UnreadableSheet(Exception):
    """The sheet's XML, or what it refers to, makes no sense; `cell` is the last one that was read, if it is known."""

    def __init__(self, about: str, cell: str | None = None) -> None:
        super().__init__(about)
        self.cell = cell


class UnsupportedXml(ValueError):
    """The XML of a sheet has another shape than spreadsheet programs give it: the fast reader does not read it."""


@dataclass(frozen=True, slots=True)
class UnusableCell:
    """A cell in which Excel holds something else than was typed: `wording` of its problem, and what it shows (None when
    it shows nothing)."""

    wording: str
    shown: str | None


CELL_ERROR, UNREADABLE_CELL = "cell-error", "cell-error.unreadable"
"""Of an error that Excel shows, such as `#N/A`, and of a text that is no value of the cell's kind (`950E2862`)."""

NOT_CALCULATED = UnusableCell("formula-without-value", None)
NO_DAY = UnusableCell(CELL_ERROR, "#####")
"""A number in a date cell that is no day, as Excel shows it."""


class ShownNumber(float):
    """A number that Excel shows as another one, or with a currency: `look` tells how."""

    __slots__ = ("look",)

    look: NumberLook

    def __new__(cls, number: float, look: NumberLook) -> "ShownNumber":
        shown = super().__new__(cls, number)
        shown.look = look
        return shown


class UnseenDay(datetime):
    """A moment of which Excel does not show the whole date: June 2018 for 15 June."""


CellValue = str | float | int | bool | date | datetime | time | timedelta | UnusableCell | None
"""A blank is None or an empty text."""

Row = Sequence[CellValue]
"""The values of a row from column A on, as long as the row is."""

Token = Hashable
"""What a reader hands on for a cell: equal tokens stand for equal values. None is a blank."""


class RawCell(NamedTuple):
    """A cell as its XML has it: the attributes `t` and `s`, its text, and whether it has a formula.

    The text is that of its `v`, in a cell of type `inlineStr` that of its `is` if there is one; it is None without
    either. Escapes such as `_x000D_` are still in it. `is_struck` when a part of its own text is struck through; in a
    workbook of Excel that is mostly said by its style, or of a text that cells share."""

    kind: str
    style: str
    text: str | None
    has_formula: bool
    is_struck: bool = False


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows, one below the other: their numbers, ascending, and the tokens of each column (from 0) that has any.
    Blank rows may be left out."""

    rows: Sequence[int]
    columns: Mapping[int, Sequence[Token]]


@dataclass(frozen=True, slots=True)
class Merged:
    """Merged cells: the range as it is written, its rows (from 1) and columns (from 0)."""

    reference: str
    rows: range
    columns: range


@dataclass(slots=True)
class SheetMetadata:
    """The rows (from 1) and columns (from 0) that are hidden, the merged cells, of which people see the first alone,
    the sheet's XML without its rows, and whether any cell may be struck through. A reader fills it while it reads,
    `has_struck` before it hands on the cells."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[range] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    frame: Element | None = None
    has_struck: bool = False

    def hides_column(self, column: int) -> bool:
        """True when the column (from 0) is hidden."""
        return any(column in columns for columns in self.hidden_columns)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """A sheet's rows, to be read once; `value_of` gives the value of a token and `raw_cell` its raw cell. `metadata` is
    complete after the last batch."""

    batches: Iterator[RowBatch]
    value_of: Callable[[Token], CellValue]
    raw_cell: Callable[[Token], RawCell | None]
    metadata: SheetMetadata
    context: "WorkbookContext"

    def is_struck(self, token: Token) -> bool:
        """True for a cell of whose entry a part at least is shown struck through."""
        raw, context = self.raw_cell(token), self.context
        if raw is None:
            return False
        return raw.is_struck or raw.style in context.struck or (raw.kind == "s" and raw.text in context.struck_texts)


@dataclass(frozen=True, slots=True)
class WorkbookContext:
    """What a cell's value depends on beside its own XML: the texts that cells share, the number formats by style, the
    first day of the calendar, whether the workbook's writer left all formulas to Excel to calculate, and by their
    numbers the styles, and the texts of which a part, that are struck through."""

    texts: Sequence[str]
    number_formats: Sequence[str]
    epoch: datetime
    awaits_calculation: bool
    struck: frozenset[str] = frozenset()
    struck_texts: frozenset[str] = frozenset()

    def new_metadata(self) -> SheetMetadata:
        """That of a sheet of which nothing is read."""
        return SheetMetadata(has_struck=bool(self.struck or self.struck_texts))


Converter = Callable[[str], CellValue]
"""A text of a cell's XML to its value. Raises ValueError for a text that is no value of its kind, UnreadableSheet for a
shared text that is not there."""


class CellValues:
    """The values of a workbook's raw cells."""

    def __init__(self, context: WorkbookContext) -> None:
        self._context = context
        self._meanings = [meaning_of_format(code) for code in context.number_formats]
        self.converter = cache(self._converter)

    def value_of(self, raw: RawCell) -> CellValue:
        """The value that Excel shows. Raises UnreadableSheet for a shared text that is not there, ValueError for a
        style that is no number."""
        text = raw.text
        if raw.has_formula and raw.kind != "e" and not self._is_calculated(raw.kind, text):
            return NOT_CALCULATED
        if raw.kind == "e":
            return UnusableCell(CELL_ERROR, unescaped(text or "") or None)
        if not text or (raw.kind == "n" and text.isspace()):
            return None
        try:
            return self.converter(raw.kind, raw.style)(text)
        except ValueError:
            return UnusableCell(UNREADABLE_CELL, text)

    def _is_calculated(self, kind: str, value: str | None) -> bool:
        """True when a formula's cell holds a result; `value` is the text of its `v`, None without one.

        An empty text is a result, and so is 0, unless the writer left the formulas to Excel: xlsxwriter writes 0 for
        every formula and asks Excel to calculate them on opening.
        """
        if value is None or (value == "0" and kind == "n" and self._context.awaits_calculation):
            return False
        return kind == "str" or not (value == "" or value.isspace())

    def _converter(self, kind: str, style: str) -> Converter:
        match kind:
            case "n":
                meaning, code = self._meaning(int(style)), self._number_format(int(style))
                if meaning is Meaning.NUMBER and shows_some_otherwise(code):
                    return lambda text: _as_shown(_number(text), code)
                if meaning is Meaning.MOMENT and not shows_date(code):
                    return lambda text: _without_day(self._moment(text))
                return {Meaning.NUMBER: _number, Meaning.MOMENT: self._moment, Meaning.LENGTH: _length}[meaning]
            case "s":
                return self._shared_text
            case "b":
                return _truth
            case "d":
                is_seen = self._meaning(int(style)) is not Meaning.MOMENT or shows_date(self._number_format(int(style)))
                return iso_moment if is_seen else lambda text: _without_day(iso_moment(text))
        return unescaped

    def _meaning(self, style: int) -> Meaning:
        """A style that the workbook does not have shows plain numbers."""
        return self._meanings[style] if 0 <= style < len(self._meanings) else Meaning.NUMBER

    def _number_format(self, style: int) -> str:
        formats = self._context.number_formats
        return formats[style] if 0 <= style < len(formats) else GENERAL

    def _shared_text(self, text: str) -> str:
        try:
            index = int(text)
            if index >= 0:
                return self._context.texts[index]
        except IndexError:
            pass
        raise UnreadableSheet(f"no shared text {text[:40]}")

    def _moment(self, text: str) -> CellValue:
        number = _number(text)
        try:
            return moment_of(number, self._context.epoch)
        except (OverflowError, ValueError):
            return NO_DAY


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _as_shown(number: float, code: str) -> float:
    look = look_of_format(code, number)
    return number if look is None else ShownNumber(number, look)


def _without_day(value: CellValue) -> CellValue:
    return UnseenDay.combine(value.date(), value.time()) if isinstance(value, datetime) else value


def _length(text: str) -> CellValue:
    number = _number(text)
    try:
        return length_of(number)
    except (OverflowError, ValueError):
        return NO_DAY


_TRUTHS = {"0": False, "1": True, "false": False, "true": True}


def _truth(text: str) -> bool:
    return _TRUTHS[text] if text in _TRUTHS else bool(int(text))


# What follows them (a time zone) counts for nothing, as in openpyxl.
_ISO_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?T?([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?)?")
_ISO_LENGTH = re.compile(r"PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]{1,3})?)S)?")


def iso_moment(text: str) -> datetime | time | timedelta:
    """A day with or without a time, a time, or a length of time in ISO 8601 (ECMA-376, 18.17.4). Raises ValueError."""
    found = _ISO_MOMENT.match(text)
    if found is not None and found[1]:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}" if found[2] else found[1])
    if found is not None and found[2]:
        return time.fromisoformat(found[2])
    if (found := _ISO_LENGTH.match(text)) is not None and any(found.groups()):
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    raise ValueError(text)


_ESCAPED = re.compile(r"_x((?![dD][89a-fA-F])[0-9a-fA-F]{4})_")


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_" in text else text


_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")


def escaped(text: str) -> str:
    """A text that `unescaped` gives back as it was."""
    return _LIKE_AN_ESCAPE.sub("_x005F_", text) if "_" in text else text


_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})")


def column_index(letters: str) -> int:
    """A column's number, from 0, by its letters in capitals (A is 0); the inverse of `model.places.column_letters`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def merged_in(reference: str) -> Merged | None:
    """The cells of a range (`F2:F4`); None for what is none."""
    found = _RANGE.fullmatch(reference)
    if found is None:
        return None
    columns = range(column_index(found[1]), column_index(found[3]) + 1)
    return Merged(reference, range(int(found[2]), int(found[4]) + 1), columns)


_LEAP_DAY_OF_1900 = 60
"""The serial of 29 February 1900, which Excel keeps for the sake of Lotus 1-2-3; before it all serials are one less."""


def length_of(days: float) -> timedelta:
    """A length of time, to the millisecond. Raises OverflowError beyond 999,999,999 days."""
    exact = timedelta(days=days)
    return timedelta(exact.days, exact.seconds, round(exact.microseconds, -3))


def moment_of(serial: float, epoch: datetime) -> datetime | time:
    """A day with its time, to the millisecond, or a time alone below day 1. Raises OverflowError behind year 9999,
    ValueError before the calendar's first day, of which Excel shows nothing."""
    if serial < 0:
        raise ValueError(serial)
    whole, rest = divmod(serial, 1)
    since = timedelta(days=whole, milliseconds=round(rest * 86_400_000))
    if since < timedelta(days=1):
        return (epoch + since).time()
    if epoch == SINCE_1900 and serial < _LEAP_DAY_OF_1900:
        since += timedelta(days=1)
    return epoch + since


def serial_of(moment: date | datetime | time | timedelta, epoch: datetime = SINCE_1900) -> float:
    """The number by which Excel keeps a day, a time or a length of time; the inverse of `moment_of`."""
    if isinstance(moment, timedelta):
        return moment / timedelta(days=1)
    if isinstance(moment, time):
        return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second) / timedelta(days=1)
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    days = (moment - epoch) / timedelta(days=1)
    return days - 1 if epoch == SINCE_1900 and 0 < days < _LEAP_DAY_OF_1900 + 1 else days
