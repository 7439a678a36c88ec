"""What stands in a sheet's cells, how its rows are handed on, and what a raw cell means: numbers and their formats,
dates, texts, errors.
"""

import enum
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from math import isfinite
from typing import NamedTuple
from xml.etree.ElementTree import Element

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

    look: "NumberLook"

    def __new__(cls, number: float, look: "NumberLook") -> "ShownNumber":
        shown = super().__new__(cls, number)
        shown.look = look
        return shown


CellValue = str | float | int | bool | date | datetime | time | timedelta | UnusableCell | None
"""A blank is None or an empty text."""

Row = Sequence[CellValue]
"""The values of a row from column A on, as long as the row is."""

Token = Hashable
"""What a reader hands on for a cell: equal tokens stand for equal values. None is a blank."""


class RawCell(NamedTuple):
    """A cell as its XML has it: the attributes `t` and `s`, its text, and whether it has a formula.

    The text is that of its `v`, in a cell of type `inlineStr` that of its `is` if there is one; it is None without
    either. Escapes such as `_x000D_` are still in it."""

    kind: str
    style: str
    text: str | None
    has_formula: bool


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
    and the sheet's XML without its rows. A reader fills it while it reads."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[range] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    frame: Element | None = None

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


@dataclass(frozen=True, slots=True)
class WorkbookContext:
    """What a cell's value depends on beside its own XML: the texts that cells share, the number formats by style, the
    first day of the calendar, and whether the workbook's writer left all formulas to Excel to calculate."""

    texts: Sequence[str]
    number_formats: Sequence[str]
    epoch: datetime
    awaits_calculation: bool


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
                meaning, look = self._meaning(int(style)), self._look(int(style))
                if meaning is Meaning.NUMBER and look is not None:
                    return lambda text: ShownNumber(_number(text), look)
                return {Meaning.NUMBER: _number, Meaning.MOMENT: self._moment, Meaning.LENGTH: _length}[meaning]
            case "s":
                return self._shared_text
            case "b":
                return _truth
            case "d":
                return iso_moment
        return unescaped

    def _meaning(self, style: int) -> "Meaning":
        """A style that the workbook does not have shows plain numbers."""
        return self._meanings[style] if 0 <= style < len(self._meanings) else Meaning.NUMBER

    def _look(self, style: int) -> "NumberLook | None":
        formats = self._context.number_formats
        return look_of_format(formats[style]) if 0 <= style < len(formats) else None

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


BUILT_IN_FORMATS = {
    **dict(enumerate(("General", "0", "0.00", "#,##0", "#,##0.00"))),
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    **dict(enumerate(("0%", "0.00%", "0.00E+00", "# ?/?", "# ??/??"), start=9)),
    **dict(enumerate(("mm-dd-yy", "d-mmm-yy", "d-mmm", "mmm-yy"), start=14)),
    **dict(enumerate(("h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss", "m/d/yy h:mm"), start=18)),
    # Those of East Asia: dates whose look depends on the country.
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "mm-dd-yy"),
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)',
    42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)',
    **dict(enumerate(("mm:ss", "[h]:mm:ss", "mmss.0", "##0.0E+0", "@"), start=45)),
}
"""Number formats by their numbers, as Excel in English shows them (ECMA-376, 18.8.30)."""


class Meaning(enum.Enum):
    """What a number is by its format."""

    NUMBER = enum.auto()
    MOMENT = enum.auto()
    LENGTH = enum.auto()


# What stands in quotes or in brackets is no part of a date, but for [h], [m] and [s], which count on beyond a day.
_LITERAL = re.compile(r'".*?"|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
_PART_OF_DATE = re.compile(r"(?<![_\\])[dmhys]", re.I)
_COUNTS_ON = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.I)
_LONGEST_FORMAT = 1_000
"""Excel takes 255 characters; brackets that never close take the square of their number."""


@cache
def meaning_of_format(code: str) -> Meaning:
    """The meaning of a number in a format such as `yyyy-mm-dd` or `#,##0.00 "kr/d"`; its first section counts. Raises
    ValueError for one that is too long."""
    if len(code) > _LONGEST_FORMAT:
        raise ValueError("a format that Excel could not hold")
    first = _LITERAL.sub("", code).partition(";")[0]
    if not _PART_OF_DATE.search(first):
        return Meaning.NUMBER
    return Meaning.LENGTH if _COUNTS_ON.search(first) else Meaning.MOMENT


_PIECE_OF_FORMAT = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|(.)', re.S)
"""A text in quotes, an escaped character, a space as wide as a character, a filling, a currency, a colour or condition,
or any other character of a format (ECMA-376, 18.8.31)."""

_SCALED = re.compile(r"%|[0#?],+(?:\.|[^0#?,.]*$)")
_DECIMALS = re.compile(r"[0#]\.(0+)[^0#?,.%Ee]*$")
_DIGITS = frozenset("0#")
_NOT_SHOWN_PLAIN = frozenset(",.%?@Ee*/")
CURRENCIES = frozenset("ARS BRL CAD CHF CLP CNY COP CRC EUR GBP GTQ HNL JPY MXN NIO PEN USD UYU".split())
"""The codes of ISO 4217 that are looked for in number formats and above headings."""

_CURRENCY_SIGNS = {"US$": "USD", "€": "EUR", "£": "GBP", "R$": "BRL", "MX$": "MXN"}
"""Signs of one currency; $ and ¥ are those of several."""


@dataclass(frozen=True, slots=True)
class NumberLook:
    """What a number format makes of a number: `is_scaled` when it shows per cent, thousands or millions; `currency` is
    the code of the currency it shows (empty: none that is certain). `pieces` are those of a format of whole numbers
    with leading zeros or texts of its own: `0` and `#` for digits, `=` before a text; none of other formats.
    `decimals` are those that are always shown."""

    is_scaled: bool
    currency: str
    pieces: tuple[str, ...]
    decimals: int = 0

    def shown(self, number: float) -> str | None:
        """A whole number as it is shown with its leading zeros and texts, another one with the zeros at its end; None
        where the format has none."""
        if self.decimals and not number.is_integer():
            return f"{number:.{self.decimals}f}"
        if not self.pieces or number < 0 or not number.is_integer():
            return None
        left, shown = list(f"{number:.0f}") if number else [], list[str]()
        first = next(at for at, piece in enumerate(self.pieces) if piece in _DIGITS)
        for at in range(len(self.pieces) - 1, -1, -1):
            piece = self.pieces[at]
            if piece in _DIGITS:
                shown.append(left.pop() if left else piece.replace("#", ""))
                shown += reversed(left if at == first else [])
            else:
                shown.append(piece[1:])
        return "".join(reversed(shown))


@cache
def look_of_format(code: str) -> NumberLook | None:
    """What a number format makes of positive numbers, None where it shows them as they are: digits with separators,
    rounded, with a sign that several currencies have."""
    section, pieces, texts = "", list[str](), list[str]()
    for quoted, escaped_mark, currency, mark in _PIECE_OF_FORMAT.findall(code):
        if mark == ";":
            break
        section += mark
        if text := quoted or escaped_mark or currency or mark:
            pieces.append(text if mark in _DIGITS else f"={text}")
            texts += [] if mark and mark not in _CURRENCY_SIGNS else [text]
    words = {word for text in texts for word in (text.strip(), *re.findall("[A-Z]{3}", text))}
    currencies = {_CURRENCY_SIGNS.get(word, word) for word in words} & CURRENCIES
    has_texts = any(piece not in _DIGITS and re.search(r"[\w-]", piece) for piece in pieces)
    is_whole = bool(_DIGITS & set(section)) and not _NOT_SHOWN_PLAIN & set(section)
    look = NumberLook(
        is_scaled=_SCALED.search(section) is not None,
        currency=currencies.pop() if len(currencies) == 1 else "",
        pieces=tuple(pieces) if is_whole and (has_texts or section.count("0") > 1) else (),
        decimals=len(decimals[1]) if (decimals := _DECIMALS.search(section)) is not None else 0,
    )
    return look if look.is_scaled or look.currency or look.pieces or look.decimals > 1 else None


_LEAP_DAY_OF_1900 = 60
"""The serial of 29 February 1900, which Excel keeps for the sake of Lotus 1-2-3; before it all serials are one less."""


def length_of(days: float) -> timedelta:
    """A length of time, to the millisecond. Raises OverflowError beyond 999,999,999 days."""
    exact = timedelta(days=days)
    return timedelta(exact.days, exact.seconds, round(exact.microseconds, -3))


def moment_of(serial: float, epoch: datetime) -> datetime | time:
    """A day with its time, to the millisecond, or a time alone below day 1. Raises OverflowError behind year 9999."""
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
