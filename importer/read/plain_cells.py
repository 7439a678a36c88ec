"""What a token of the plain reader stands for: a cell's XML without its reference, to the value that Excel shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from xml.parsers.expat import ExpatError

from importer.parts.texts import text_of, unescaped
from importer.read.number_formats import Meaning, NumberFormats, length_of, moment_of
from importer.read.plain_blocks import NotPlain
from importer.read.survey import is_calculated
from importer.read.values import CELL_ERROR, NO_DAY, NOT_CALCULATED, CellValue, Spoilt, Token

_MARKS = re.compile(r'(?: [a-z]+="[A-Za-z0-9]*")*(?: ?/)?')
_MARK = re.compile(r' ([a-z]+)="([^"]*)"')
_FORMULA = r'<f(?: [A-Za-z0-9:]+="[^"<>]*")*(?: ?/>|>[^<]*</f>)'
_CONTENT = re.compile(
    rf'(?P<formula>{_FORMULA})?(?:<v(?: xml:space="preserve")?(?:>(?P<value>[^<]*)</v>|(?P<empty> ?/>)))?</c>'
    r'|<is>(?P<inline><t(?: xml:space="preserve")?>(?P<text>[^<]*)</t>|(?:[^<]|<(?!/is>))*)</is></c>'
)
_IN_NUMBERS = "0123456789.-+eE"
_PLAIN_NUMBER = Meaning.NUMBER  # naming an enum's member takes longer than all the rest in Python 3.11
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2})?)(?:\.0+)?Z?")
_TRUTHS = {"0": False, "1": True, "false": False, "true": True}
_FOR_A_PARSER = re.compile("[&\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|]]>")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a cell's value depends on beside its own XML: the shared texts, the number formats, the first day of the
    calendar, and whether the workbook's maker left all formulas to Excel to calculate."""

    texts: Sequence[str]
    formats: NumberFormats
    epoch: datetime
    awaits_calculation: bool


class _Kind(NamedTuple):
    name: str
    meaning: Meaning


class PlainCells:
    """Tokens to values, the marks of cells (type and style) worked out once each."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._kinds: dict[str, _Kind] = {}

    def value_of(self, token: Token) -> CellValue:
        """The value of a token. Raises NotPlain for one that is no whole cell as programs write it."""
        if token is None:
            return None
        marks, _, content = str(token).partition(">")
        kind = self._kinds.get(marks) or self._learn(marks)
        if marks.endswith("/"):
            return self._empty(kind, content)
        if content.startswith("<v>") and content.endswith("</v></c>") and "<" not in (value := content[3:-8]):
            return self._meant(kind, value)
        return self._unusual(kind, content)

    def _empty(self, kind: _Kind, content: str) -> CellValue:
        if content:
            raise NotPlain(content[:40])
        return Spoilt(CELL_ERROR, None) if kind.name == "e" else None

    def _learn(self, marks: str) -> _Kind:
        told = _MARK.findall(marks)
        of = dict(told)
        if not _MARKS.fullmatch(marks) or len(of) < len(told):
            raise NotPlain(marks[:40])
        try:
            kind = _Kind(of.get("t", "n"), self._around.formats.of_style(int(of.get("s", "0"))))
        except (IndexError, ValueError) as error:
            raise NotPlain(marks[:40]) from error
        self._kinds[marks] = kind
        return kind

    def _unusual(self, kind: _Kind, content: str) -> CellValue:
        found = _CONTENT.fullmatch(content)
        if found is None or (found["inline"] is not None and kind.name != "inlineStr"):
            raise NotPlain(content[:40])
        if found["inline"] is not None:
            return _text(found["text"]) if found["text"] is not None else _parsed(found["inline"])
        value = "" if found["empty"] else found["value"]
        if found["formula"] and kind.name != "e" and not self._is_calculated(kind, value):
            return NOT_CALCULATED
        return self._meant(kind, value or "")

    def _is_calculated(self, kind: _Kind, value: str | None) -> bool:
        return is_calculated(kind.name, value, self._around.awaits_calculation)

    def _meant(self, kind: _Kind, value: str) -> CellValue:
        if not value:
            return Spoilt(CELL_ERROR, None) if kind.name == "e" else None
        return self._number(value, kind.meaning) if kind.name == "n" else self._value(kind.name, value)

    def _value(self, kind: str, value: str) -> CellValue:
        match kind:
            case "s" if value.isascii() and value.isdigit() and int(value) < len(self._around.texts):
                return self._around.texts[int(value)]
            case "str":
                return _text(value)
            case "e":
                return Spoilt(CELL_ERROR, _text(value) or None)
            case "b" if value in _TRUTHS:
                return _TRUTHS[value]
            case "d" if found := _DAY.fullmatch(value):
                return datetime.fromisoformat(found[1])
        raise NotPlain(f"{kind}: {value[:40]}")

    def _number(self, written: str, meaning: Meaning) -> CellValue:
        number = _float(written)
        if meaning is _PLAIN_NUMBER:
            return number
        try:
            return moment_of(number, self._around.epoch) if meaning is Meaning.MOMENT else length_of(number)
        except (OverflowError, ValueError):
            return NO_DAY


def _float(written: str) -> float:
    """The number in digits, point and exponent: Python would take blanks, `1_000` and `nan` too."""
    if written.strip(_IN_NUMBERS):
        raise NotPlain(written[:40])
    try:
        return float(written)
    except ValueError as error:
        raise NotPlain(written[:40]) from error


def _text(written: str) -> str:
    return _parsed(f"<t>{written}</t>") if _FOR_A_PARSER.search(written) else unescaped(written)


def _parsed(inside: str) -> str:
    try:
        return text_of(inside)
    except (ExpatError, ValueError) as error:
        raise NotPlain(inside[:40]) from error
