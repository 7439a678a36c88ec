"""What a number in a cell is by its format: a number, a moment, or a length of time; and which moment."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from importer.parts.texts import local_name
from importer.read.values import CellValue

SINCE_1900 = datetime(1899, 12, 30)
SINCE_1904 = datetime(1904, 1, 1)

_MOMENTS = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
"""Numbers of built-in formats (ECMA-376, 18.8.30), those of East Asia too."""

_LENGTHS = frozenset({46})
_NEVER_WAS = 60
"""The serial of 29 February 1900, which Excel keeps for the sake of Lotus 1-2-3; before it all serials are one less."""

# What stands in quotes or in brackets is no part of a date, but for [h], [m] and [s], which count on beyond a day.
_LITERAL = re.compile(r'".*?"|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
_PART_OF_DATE = re.compile(r"(?<![_\\])[dmhys]", re.I)
_COUNTS_ON = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.I)
_LONGEST = 1_000
"""Excel takes 255 characters; brackets that never close take the square of their number."""


class Meaning(enum.Enum):
    """What a number is."""

    NUMBER = enum.auto()
    MOMENT = enum.auto()
    LENGTH = enum.auto()


@dataclass(frozen=True, slots=True)
class NumberFormats:
    """The meaning of a number by the style of its cell."""

    meanings: Sequence[Meaning] = (Meaning.NUMBER,)

    def of_style(self, style: int) -> Meaning:
        """The meaning by the `s` of a cell. Raises IndexError for a style that the workbook does not have."""
        return self.meanings[style]

    def styles_of(self, *meanings: Meaning) -> set[int]:
        """The styles with one of these meanings."""
        return {style for style, meaning in enumerate(self.meanings) if meaning in meanings}


def number_formats(styles: Element) -> NumberFormats:
    """The formats in a styles part. Raises KeyError or ValueError for one that makes no sense."""
    custom: dict[int, Meaning] = {}
    meanings: list[Meaning] = []
    for part in styles:
        match local_name(part.tag):
            case "numFmts":
                # Some stand in <mc:AlternateContent>, the one for every program last.
                listed = [one.attrib for one in part.iter() if local_name(one.tag) == "numFmt"]
                custom = {int(one["numFmtId"]): meaning_of_format(one["formatCode"]) for one in listed}
            case "cellXfs":
                meanings = [_meaning(int(style.get("numFmtId", "0")), custom) for style in part]
    return NumberFormats(meanings or (Meaning.NUMBER,))


def _meaning(number: int, custom: dict[int, Meaning]) -> Meaning:
    if number in custom:
        return custom[number]
    if number in _LENGTHS:
        return Meaning.LENGTH
    return Meaning.MOMENT if number in _MOMENTS else Meaning.NUMBER


def meaning_of_format(code: str) -> Meaning:
    """The meaning of a number in a format such as `yyyy-mm-dd` or `#,##0.00 "kr/d"`; its first section counts. Raises
    ValueError for one that is too long."""
    if len(code) > _LONGEST:
        raise ValueError("a format that Excel could not hold")
    first = _LITERAL.sub("", code).partition(";")[0]
    if not _PART_OF_DATE.search(first):
        return Meaning.NUMBER
    return Meaning.LENGTH if _COUNTS_ON.search(first) else Meaning.MOMENT


def length_of(days: float) -> timedelta:
    """A length of time, to the millisecond. Raises OverflowError beyond 999,999,999 days."""
    exact = timedelta(days=days)
    return timedelta(exact.days, exact.seconds, round(exact.microseconds, -3))


def moment_of(serial: float, epoch: datetime) -> CellValue:
    """A day with its time, to the millisecond, or a time alone below day 1. Raises OverflowError behind year 9999."""
    whole, rest = divmod(serial, 1)
    since = timedelta(days=whole, milliseconds=round(rest * 86_400_000))
    if since < timedelta(days=1):
        return (epoch + since).time()
    if epoch == SINCE_1900 and serial < _NEVER_WAS:
        since += timedelta(days=1)
    return epoch + since
