"""What a cell means: its value as the canonical text of its column's kind (`model.workbook.CellText`)."""

import math
import re
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from importer.formats.book import is_error
from importer.model.journals import with_plain_blanks
from importer.model.workbook import CellText
from importer.templates.forms import Kind, code_in
from importer.xlsx.number_formats import NumberLook
from importer.xlsx.values import CELL_ERROR, CellValue, ShownNumber, Token, UnseenDay, UnusableCell

BLANKS = (
    " \t\n\r\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000"
)
INVISIBLE_BLANKS = "\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
"""Without the soft hyphen: before or behind an amount it may be the minus that many programs show."""

_AROUND = BLANKS + INVISIBLE_BLANKS

_FREE = frozenset({Kind.KEY, Kind.CODE, Kind.TEXT, Kind.FILES})
"""Kinds in which a date, a time or a truth value is a cell that Excel has made something else of."""

_CHOICE = Kind.CHOICE  # naming an enum's member takes longer than all the rest in Python 3.11

_OF_LEDGER = frozenset({Kind.CODE, Kind.TEXT})
"""Kinds whose texts the ledger takes, with plain blanks. A file's name may hold a no-break space, and keys that differ
in one stay two."""

_SHOWN = _OF_LEDGER | {Kind.KEY}
"""Kinds in which a number counts as it is shown."""

MOST_EXACT = 10**15
"""Excel keeps 15 digits of a number: of a longer reference or key typed as one the rest is lost."""

MOST_EXACT_CENTS = 10**13

MIDNIGHT = time(0)
_LOST = re.compile(r"#{3,}|[0-9](?:[.,][0-9]+)?E\+[0-9]{2,}")
"""What Excel shows of a number for which a column has no room, and writes into a CSV file: its digits are lost."""

_ZERO = re.compile(r"-?0+(\.0*)?")

_SURELY_FEW = 16
"""A number written with at most 15 digits and a point."""

_MOST_KNOWN = 50_000


class TimedDay(str):
    """The text of a date cell with its time of day; `is_unseen` when Excel shows a month alone."""

    __slots__ = ("at", "is_unseen")

    at: time
    is_unseen: bool

    def __new__(cls, text: object, moment: datetime) -> "TimedDay":
        day = super().__new__(cls, text)
        day.at, day.is_unseen = moment.time(), isinstance(moment, UnseenDay)
        return day


class TypedText(str):
    """The text of a cell that holds text, where numbers and dates would have the same: only those that were typed as
    text are read by a declared format."""

    __slots__ = ()


class MarkedAmount(str):
    """The text of an amount that Excel shows with a currency or a side, which `look` has."""

    __slots__ = ("look",)

    look: NumberLook

    def __new__(cls, text: object, look: NumberLook) -> "MarkedAmount":
        amount = super().__new__(cls, text)
        amount.look = look
        return amount


class CellTexts(dict[Token, "CellText | UnusableCell"]):
    """The canonical texts of a column of some kind, by token. Each distinct token is worked out once (most values of a
    column repeat). `has_unusable` tells whether any was `UnusableCell`, `has_times` whether any was a `TimedDay`,
    `has_marks` whether any was a `MarkedAmount`. With
    `is_blank_at_zero` a zero is a blank; with `marks_typed` the text of a text is a `TypedText`."""

    def __init__(
        self,
        kind: Kind,
        value_of: Callable[[Token], CellValue],
        *,
        choices: Collection[str] = (),
        is_picked: bool = False,
        is_blank_at_zero: bool = False,
        marks_typed: bool = False,
    ) -> None:
        super().__init__({None: None})
        self.has_unusable = self.has_times = self.has_marks = False
        self._kind = kind
        self._choices = choices
        self._value_of = value_of
        self._is_picked = is_picked
        self._is_blank_at_zero = is_blank_at_zero
        self._marks_typed = marks_typed

    def __missing__(self, token: Token) -> CellText | UnusableCell:
        value = self._value_of(token)
        if type(value) is float and -MOST_EXACT < value < MOST_EXACT:
            text: CellText | UnusableCell = number_text(value)
        else:
            content = code_in(value) if self._is_picked and isinstance(value, str) else value
            text = text_of(content, self._kind, self._choices)
            if isinstance(value, ShownNumber) and isinstance(text, str):
                text = _as_shown(value, text, self._kind)
                self.has_marks = self.has_marks or isinstance(text, MarkedAmount)
            self.has_unusable = self.has_unusable or isinstance(text, UnusableCell)
            is_day = self._kind is Kind.DATE
            if is_day and isinstance(value, datetime) and (value.time() != MIDNIGHT or type(value) is UnseenDay):
                text, self.has_times = TimedDay(text, value), True
        if self._is_blank_at_zero and isinstance(text, str) and _ZERO.fullmatch(text):
            text = None
        if self._marks_typed and isinstance(value, str) and isinstance(text, str):
            text = TypedText(text)
        if len(self) < _MOST_KNOWN:
            self[token] = text
        return text


def text_of(value: CellValue, kind: Kind, choices: Collection[str] = ()) -> CellText | UnusableCell:
    """The canonical text of one cell; None when it is blank. One of the `choices` of its column is in capitals whatever
    its case was; anything else stays as it was typed. Raises as `number_text` does."""
    if isinstance(value, str):
        text = value.strip(_AROUND)
        if is_error(text):  # as a program writes it into a text, or pasted as a value
            return UnusableCell(CELL_ERROR, text)
        if kind in _OF_LEDGER:
            text = with_plain_blanks(text)
        if kind in _FREE and (text[:1] == "#" or "E+" in text) and _LOST.fullmatch(text):
            return UnusableCell("too-long.shown", text)
        if kind is _CHOICE and text.upper() in map(str.upper, choices):
            text = text.upper()
        return text or None
    match value:
        case bool():
            shown, wording = str(value).upper(), "not-text.truth"
        case float() | int():
            shown = number_text(value)
            return UnusableCell("too-long.digits", shown) if abs(value) >= MOST_EXACT and kind in _FREE else shown
        case None:
            return None
        case datetime() | date():
            shown, wording = f"{value:%Y-%m-%d}".rjust(10, "0"), "not-text.date"
        case time() | timedelta():
            shown, wording = str(value), "not-text.time"
        case UnusableCell():
            return value
    if kind is Kind.AMOUNT and not isinstance(value, bool):
        return UnusableCell("not-a-number.moment", shown)
    return UnusableCell(wording, shown) if kind in _FREE else shown


def _as_shown(number: ShownNumber, text: str, kind: Kind) -> CellText | UnusableCell:
    """The text of a number that people may see otherwise than it is."""
    if kind is Kind.AMOUNT:
        if number.look.is_other and number:
            return UnusableCell("not-a-number.scaled", text)
        return MarkedAmount(text, number.look) if number.look.currency or (number.look.side and number) else text
    shown = number.look.shown(number) if kind in _SHOWN or kind is Kind.PERIOD else None
    is_other_period = kind is Kind.PERIOD and shown is not None and "".join(filter(str.isdecimal, shown)) != text
    is_unseen = number.look.is_other if shown is None else is_other_period or not shown
    if is_unseen and kind is not Kind.DATE:
        return UnusableCell("not-text.shown", text)
    if kind is Kind.PERIOD:
        return text
    if kind is Kind.KEY and shown is not None:
        return shown.strip()  # rows belong to one journal that people see under one key
    return text if shown is None or shown.strip() == text else UnusableCell("not-text.zeros", shown.strip())


def number_text(value: float) -> str:
    """A number's digits without exponent, to the 15 significant ones that Excel keeps.

    Where 15 digits are fewer than it takes to write the cents, the text keeps all that the number holds, so that
    validation can say that they are too many. Raises ValueError or OverflowError for a number that is not finite.
    """
    number = float(value)
    digits = repr(number)
    if len(digits) > _SURELY_FEW or "e" in digits or "n" in digits:
        if not math.isfinite(number):
            raise ValueError(number)
        short = format(number, ".15g")
        is_exact = abs(number) < MOST_EXACT_CENTS or float(short) == number
        digits = format(Decimal(short if is_exact else digits), "f")
    if digits.endswith(".0"):
        digits = digits[:-2]
    return "0" if digits == "-0" else digits


def heading_of(value: CellValue) -> str:
    """A heading as it is read and shown; empty when the cell is blank."""
    if isinstance(value, str):
        return value.strip(_AROUND)
    match value:
        case None | UnusableCell():
            return ""
        case float():
            return f"{value:.15g}"
        case _:
            return str(value)
