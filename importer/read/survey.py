"""What openpyxl does not tell of a sheet: error cells, formulas never calculated, hidden rows and columns, rows and
cells that are out of order, and how far its values reach. It takes any shape of XML.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from importer.read.values import Hidden, Merged

Spot = tuple[int, int]
"""Row from 1, column from 0."""

LAST_ROW = 1_048_576
LAST_COLUMN = 16_383


_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})")


class BrokenSheet(ValueError):
    """Rows or cells that are out of order or outside a sheet: Excel refuses them, openpyxl loses them silently."""


@dataclass(slots=True)
class Survey:
    """A sheet's marks. `last_row` is the last one with a value or a mark, 0 when there is none."""

    errors: dict[Spot, str] = field(default_factory=dict)
    uncalculated: set[Spot] = field(default_factory=set)
    hidden: Hidden = field(default_factory=Hidden)
    last_row: int = 0


def is_calculated(kind: str, value: str | None, distrusts_zero: bool) -> bool:
    """True when a formula's cell of type `kind` holds a result; `value` is the text of its `v`, None without one.

    An empty text is a result, and so is 0, unless `distrusts_zero`: xlsxwriter writes 0 for every formula and asks
    Excel to calculate them on opening.
    """
    if value is None or (value == "0" and kind == "n" and distrusts_zero):
        return False
    return value != "" or kind == "str"


def column_of(letters: str) -> int:
    """A column's number, from 0, by its letters (A is 0)."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def merged_in(reference: str) -> Merged | None:
    """The cells of a range (`F2:F4`); None for what is none."""
    found = _RANGE.fullmatch(reference)
    if found is None:
        return None
    columns = range(column_of(found[1]), column_of(found[3]) + 1)
    return Merged(reference, range(int(found[2]), int(found[4]) + 1), columns)


def survey_of(xml: IO[bytes], distrusts_zero: bool = False) -> Survey:
    """The survey by a parser that takes any shape of XML: prefixes, missing references, other encodings.

    Raises ExpatError for what is not well-formed, ValueError for an encoding or a number that cannot be read,
    BrokenSheet for rows and cells that Excel would refuse.
    """
    return _Surveyor(distrusts_zero).read(xml)


class _Surveyor:
    def __init__(self, distrusts_zero: bool) -> None:
        self._survey = Survey()
        self._distrusts_zero = distrusts_zero
        self._spot: Spot = (0, -1)
        self._kind = ""
        self._has_formula = self._in_value = self._has_text = self._in_text = False
        self._value: str | None = None
        self._on_start: dict[str, Callable[[dict[str, str]], None]] = {}
        self._on_end: dict[str, Callable[[], None]] = {}

    def read(self, xml: IO[bytes]) -> Survey:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.buffer_text = True
        parser.ParseFile(xml)
        return self._survey

    def _start(self, name: str, marks: dict[str, str]) -> None:
        if not self._on_start:
            self._know_names(name)
        if self._in_value:
            raise BrokenSheet(f"{name} in a value")
        react = self._on_start.get(name)
        if react is not None:
            react(marks)

    def _know_names(self, root: str) -> None:
        """Elements count in the root's own namespace alone: drawings of controls have a `row` and `col` too."""
        space = root[: root.rfind(" ") + 1]
        starts = {"row": self._row, "c": self._cell, "f": self._formula, "v": self._value_begins}
        starts |= {"is": self._inline_text, "col": self._column}
        starts["mergeCell"] = self._merge
        self._on_start = {space + name: react for name, react in starts.items()}
        self._on_end = {space + "v": self._value_ends, space + "c": self._cell_ends}
        self._on_end[space + "is"] = self._inline_text_ends

    def _end(self, name: str) -> None:
        react = self._on_end.get(name)
        if react is not None:
            react()

    def _row(self, marks: dict[str, str]) -> None:
        number = int(marks.get("r", self._spot[0] + 1))
        if not self._spot[0] < number <= LAST_ROW:
            raise BrokenSheet(f"row {number}")
        self._spot = (number, -1)
        if marks.get("hidden") in ("1", "true"):
            self._survey.hidden.rows.add(number)

    def _cell(self, marks: dict[str, str]) -> None:
        row, before = self._spot
        spot = _spot_of(marks["r"]) if "r" in marks else (row, before + 1)
        if spot[0] != row or not before < spot[1] <= LAST_COLUMN:
            raise BrokenSheet(f"cell {marks.get('r')}")
        self._spot = spot
        self._kind = marks.get("t", "n")
        self._has_formula = self._has_text = False
        self._value = None

    def _formula(self, marks: dict[str, str]) -> None:
        self._has_formula = self._has_formula or not self._in_text

    def _value_begins(self, marks: dict[str, str]) -> None:
        if not self._in_text:
            self._in_value = True
            self._value = ""

    def _value_ends(self) -> None:
        self._in_value = False

    def _inline_text(self, marks: dict[str, str]) -> None:
        self._has_text = self._in_text = True

    def _inline_text_ends(self) -> None:
        self._in_text = False

    def _column(self, marks: dict[str, str]) -> None:
        if marks.get("hidden") in ("1", "true") and self._spot[0] == 0:
            self._survey.hidden.columns.append(range(int(marks["min"]) - 1, int(marks["max"])))

    def _merge(self, marks: dict[str, str]) -> None:
        merged = merged_in(marks.get("ref", ""))
        if merged is not None:
            self._survey.hidden.merged.append(merged)

    def _cell_ends(self) -> None:
        if self._kind == "e":
            self._survey.errors[self._spot] = self._value or ""
        elif self._has_formula and not is_calculated(self._kind, self._value, self._distrusts_zero):
            self._survey.uncalculated.add(self._spot)
        if self._kind == "e" or self._value or self._has_formula or self._has_text:
            self._survey.last_row = self._spot[0]

    def _text(self, text: str) -> None:
        if self._in_value:
            self._value = (self._value or "") + text


def _refuse_doctype(*_: object) -> None:
    raise BrokenSheet("document type")


def _spot_of(reference: str) -> Spot:
    found = re.fullmatch(r"([A-Za-z]{1,3})([0-9]{1,7})", reference)
    if found is None:
        raise BrokenSheet(f"cell {reference}")
    return int(found[2]), column_of(found[1].upper())
