"""What a cell means: its value as the canonical text of its column's kind (`model.sheets.CellText`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from importer.model.sheets import CellText
from importer.read.sheets import CellValue
from importer.templates.columns import Kind

BLANKS = " \t\n\r\x0b\x0c\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
INVISIBLE_BLANKS = "\u200b\u200c\u200d\u2060\ufeff"
_AROUND = BLANKS + INVISIBLE_BLANKS

_FREE = frozenset({Kind.KEY, Kind.CODE, Kind.TEXT, Kind.FILES})
"""Kinds in which a date, a time or a truth value is a cell that Excel has made something else of."""

MOST_EXACT = 10**15


@dataclass(frozen=True, slots=True)
class NotText:
    """A cell of a text column in which Excel holds something else: `wording` of its problem, and what it shows."""

    wording: str
    shown: str


def texts_of(values: Sequence[CellValue], kind: Kind) -> list[CellText | NotText]:
    """The canonical texts of a column, each distinct value worked out once (most values of a column repeat)."""
    known: dict[object, CellText | NotText] = {None: None, "": None}
    texts = []
    for value in values:
        # 1, 1.0 and True are one key of a dict: only texts stand for themselves.
        key = value if value is None or type(value) is str else (type(value), value)
        if key not in known:
            known[key] = text_of(value, kind)
        texts.append(known[key])
    return texts


def text_of(value: CellValue, kind: Kind) -> CellText | NotText:
    """The canonical text of one cell; None when it is blank."""
    match value:
        case None:
            return None
        case str():
            text = value.strip(_AROUND)
            return (text.upper() if kind is Kind.CHOICE else text) or None
        case bool():
            shown = str(value).upper()
            return NotText("not-text.truth", shown) if kind in _FREE else shown
        case int() | float():
            return number_text(value)
        case datetime() | date():
            day = f"{value:%Y-%m-%d}".rjust(10, "0")
            return NotText("not-text.date", day) if kind in _FREE else day
        case time() | timedelta():
            return NotText("not-text.time", str(value)) if kind in _FREE else str(value)


def number_text(value: float) -> str:
    """A number's digits without exponent, to the 15 significant ones that Excel keeps; an integer beyond them keeps all
    it has, so that validation can say that they are too many."""
    if abs(value) >= MOST_EXACT:
        return str(int(value))
    number = Decimal(format(value, ".15g"))
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
