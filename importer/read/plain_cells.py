"""What a token of the plain reader stands for: a cell's XML without its reference, to the value that Excel shows."""

import re
from collections.abc import Callable, Sequence
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
    """What cells of some marks have in common: `meant` gives the value of what is written between `<v>` and `</v>`."""

    name: str
    is_bare: bool
    meant: Callable[[str], CellValue]


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
        if content.startswith("<v>") and content.endswith("</v></c>") and not kind.is_bare:
            value = content[3:-8]
            if "<" not in value:
                return kind.meant(value)
        return self._unusual(kind, content)

    def _learn(self, marks: str) -> _Kind:
        told = _MARK.findall(marks)
        of = dict(told)
        if not _MARKS.fullmatch(marks) or len(of) < len(told):
            raise NotPlain(marks[:40])
        try:
            meaning = self._around.formats.of_style(int(of.get("s", "0")))
        except (IndexError, ValueError) as error:
            raise NotPlain(marks[:40]) from error
        name = of.get("t", "n")
        kind = self._kinds[marks] = _Kind(name, marks.endswith("/"), self._meant_by(name, meaning))
        return kind

    def _meant_by(self, name: str, meaning: Meaning) -> Callable[[str], CellValue]:
        match name:
            case "n":
                return {Meaning.NUMBER: _number, Meaning.MOMENT: self._moment, Meaning.LENGTH: _length}[meaning]
            case "s":
                return self._shared
        return _MEANT.get(name, _nothing)

    def _unusual(self, kind: _Kind, content: str) -> CellValue:
        found = _CONTENT.fullmatch(content + "</c>" if kind.is_bare else content)
        if found is None or (kind.is_bare and content) or (found["inline"] is not None and kind.name != "inlineStr"):
            raise NotPlain(content[:40])
        if found["inline"] is not None:
            return _text(found["text"]) if found["text"] is not None else _parsed(found["inline"])
        value = "" if found["empty"] else found["value"]
        if found["formula"] and kind.name != "e" and not self._is_calculated(kind, value):
            return NOT_CALCULATED
        return kind.meant(value or "")

    def _is_calculated(self, kind: _Kind, value: str | None) -> bool:
        return is_calculated(kind.name, value, self._around.awaits_calculation)

    def _shared(self, written: str) -> CellValue:
        if written.isascii() and written.isdigit() and int(written) < len(self._around.texts):
            return self._around.texts[int(written)]
        return _nothing(written)

    def _moment(self, written: str) -> CellValue:
        number = _number(written)
        try:
            return None if number is None else moment_of(number, self._around.epoch)
        except (OverflowError, ValueError):
            return NO_DAY


def _nothing(written: str) -> CellValue:
    """A cell whose value nobody can tell may have none."""
    if written:
        raise NotPlain(written[:40])
    return None


def _number(written: str) -> float | None:
    """The number in digits, point and exponent: Python would take blanks, `1_000` and `nan` too."""
    if written.strip(_IN_NUMBERS):
        raise NotPlain(written[:40])
    try:
        return float(written) if written else None
    except ValueError as error:
        raise NotPlain(written[:40]) from error


def _length(written: str) -> CellValue:
    number = _number(written)
    try:
        return None if number is None else length_of(number)
    except (OverflowError, ValueError):
        return NO_DAY


def _truth(written: str) -> CellValue:
    return _TRUTHS[written] if written in _TRUTHS else _nothing(written)


def _day(written: str) -> CellValue:
    if found := _DAY.fullmatch(written):
        return datetime.fromisoformat(found[1])
    return _nothing(written)


def _error(written: str) -> CellValue:
    return Spoilt(CELL_ERROR, _text(written) or None)


def _text(written: str) -> str:
    return _parsed(f"<t>{written}</t>") if _FOR_A_PARSER.search(written) else unescaped(written)


def _parsed(inside: str) -> str:
    try:
        return text_of(inside)
    except (ExpatError, ValueError) as error:
        raise NotPlain(inside[:40]) from error


_MEANT: dict[str, Callable[[str], CellValue]] = {"str": _text, "b": _truth, "d": _day, "e": _error}
"""By the type of the cell, beside numbers and shared texts."""
