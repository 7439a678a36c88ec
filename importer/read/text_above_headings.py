"""What stands above the headings: values beside their labels, and texts that may change what amounts are (thousands,
another currency, or whatever nobody knows)."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from importer.model.problems import column_letters
from importer.model.workbook import CellText, FormSheet
from importer.read.cells import heading_of
from importer.read.headings import (
    AMOUNTS,
    MOST_HEADINGS,
    Assumption,
    Layout,
    field_named,
    headings_in,
    kind_of,
    with_asked,
)
from importer.templates.forms import JOURNALS, Kind, fold_heading, synonyms
from importer.xlsx.number_formats import CURRENCIES
from importer.xlsx.values import CellValue, Merged, Row

RIGHT, BELOW = "right of ", "below "
_MOST_WORDS = 4
"""Of a text whose last word is a currency (Cifras expresadas en USD), and of a phrase in the catalogues."""


@dataclass(frozen=True, slots=True)
class LabelledCell:
    """A cell above the headings, found by the label `right of` which (`is_below`: below which) it stands."""

    label: str
    is_below: bool

    def __str__(self) -> str:
        return f"{BELOW if self.is_below else RIGHT}{self.label}"

    @classmethod
    def of(cls, text: str) -> "LabelledCell | None":
        """The cell that a text such as `right of Period` means, None where it means none."""
        start = BELOW if text.startswith(BELOW) else RIGHT
        label = text.removeprefix(start).strip()
        return cls(label, start == BELOW) if label and text.startswith(start) else None


@dataclass(frozen=True, slots=True)
class CellsAbove:
    """The `rows` above the headings, from row 1 on, with the sheet's merged cells."""

    rows: Sequence[Row]
    merged: Sequence[Merged]

    def labels_of(self, name: str) -> Iterator[tuple[str, int, int]]:
        """Each label that names a field, with the row (from 1) and column (from 0) of the cell right of it."""
        for row, index, label in self._labels():
            if field_named(label) == name:
                merged = _merged_at(self.merged, row, index)
                yield label, row, index + 1 if merged is None else merged.columns.stop

    def places(self, cell: LabelledCell) -> list[tuple[int, int]]:
        """Row (from 1) and column (from 0) of each cell that stands beside such a label."""
        found, wanted = [], fold_heading(cell.label)
        for row, index, label in self._labels():
            if fold_heading(label) == wanted:
                merged = _merged_at(self.merged, row, index)
                if cell.is_below:
                    found.append((row + 1 if merged is None else merged.rows.stop, index))
                else:
                    found.append((row, index + 1 if merged is None else merged.columns.stop))
        return found

    def value_at(self, row: int, index: int) -> CellValue:
        """What stands in a cell, None also outside the rows."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        return cells[index] if index < len(cells) else None

    def _labels(self) -> Iterator[tuple[int, int, str]]:
        for number, row in enumerate(self.rows, start=1):
            for index, value in enumerate(row):
                if heading := heading_of(value):
                    yield number, index, heading


def _merged_at(merged: Sequence[Merged], row: int, index: int) -> Merged | None:
    return next((one for one in merged if row in one.rows and index in one.columns), None)


def with_notes_asked(layout: Layout, rows: Sequence[Row], sheet: FormSheet, merged: Sequence[Merged] = ()) -> Layout:
    """The layout of a journal in which amounts are assumed that a text above the headings may change: any text right
    above them that is no heading, or one anywhere that names thousands or a currency that is not that of the lines. So
    may a currency of the lines that names thousands.

    `rows` are the first rows from row 1 on, `sheet` are the lines, `merged` the merged cells. A title in the first
    column, or merged over most headings, is no such text."""
    asked: dict[str, Assumption] = {}
    notes: list[Note] = []
    if layout.form is JOURNALS:
        texts = sheet.columns.get("currency", ())
        notes += notes_above(layout, rows, set(filter(None, texts)), merged)
        notes += notes_in_currencies(layout, "currency", sheet.rows, texts)
    for note in notes:
        for name, column in note.amounts.items():
            asked.setdefault(name, Assumption(column, "amount", name, (name,), is_contested=True, note=note.cell))
    return with_asked(layout, list(asked.values()))


@dataclass(frozen=True, slots=True)
class Note:
    """A text above the headings, or a currency of lines, that may change what amounts are: its cell, the columns (from
    0) of those amounts by field, and what it says that they are to be multiplied by (1: it does not say); `says_more`
    where it names a currency too, or several scales, `is_of_some` where other lines say something else."""

    text: str
    cell: str
    amounts: Mapping[str, int]
    scale: int
    says_more: bool
    is_of_some: bool = False


def notes_above(
    layout: Layout, rows: Sequence[Row], currencies: Collection[str], merged: Sequence[Merged] = ()
) -> Iterator[Note]:
    """The texts above the headings of a journal that may change its amounts, as `with_notes_asked` takes them."""
    amounts = {index: name for name, index in layout.columns.items() if name in AMOUNTS}
    for number, headings in headings_in(rows[: layout.row - 1]) if amounts else ():
        for index, text in headings.items():
            covers = _merged_at(merged, number, index)
            over = amounts.keys() & set((index,) if covers is None else covers.columns)
            is_looked_at = over or len(headings) <= MOST_HEADINGS
            changes = _changes(text, currencies) if is_looked_at else frozenset()
            if not changes:
                is_title = len(covers.columns) * 2 > len(layout.headed) if covers else index == min(layout.headed)
                if not over or is_title or _is_no_note(text) or layout.headings.get(index) == text:
                    continue
            of_columns = {amounts[column]: column for column in sorted(over or amounts)}
            yield Note(text, f"{column_letters(index)}{number}", of_columns, _scale_in(changes), len(changes) > 1)


def notes_in_currencies(layout: Layout, name: str, rows: Sequence[int], texts: Sequence[CellText]) -> Iterator[Note]:
    """The texts of the column `name`, one of currencies, that speak of thousands or millions, each once; `rows` are the
    numbers of its rows. None where the layout has no such column, or no amounts."""
    amounts = {name: index for name, index in layout.columns.items() if name in AMOUNTS}
    if not amounts or name not in layout.columns:
        return
    first_rows = dict(zip(reversed(texts), reversed(rows), strict=True))
    says = {text: _changes(text, ()) for text in first_rows if text is not None}
    is_of_some = len({_scale_in(changes) for changes in says.values()}) > 1
    for text, changes in says.items():
        if not changes.isdisjoint(SCALES):
            cell = f"{column_letters(layout.columns[name])}{first_rows[text]}"
            yield Note(text, cell, amounts, _scale_in(changes), len(changes) > 1, is_of_some)


def fold_note(text: str) -> str:
    """A text above the headings as two workbooks' are compared: without case, accents, marks and figures."""
    return fold_heading(re.sub("[0-9]+", "", text))


SCALES: Mapping[str, int] = {"thousands": 1000, "millions": 1_000_000}
"""What amounts are to be multiplied by, by what a text says of them (a key of `Synonyms.other`)."""

_UNITS = frozenset((*SCALES, "units"))
_PESOS = ("MXN", "MXP", "MXV", "ARS", "CLP", "COP", "CUP", "DOP", "PHP", "UYU")
"""Currencies that are called pesos."""

_PESO_WORDS = ("peso", "pesos", "mexicanos")
_CODE = re.compile("[A-Z]{3}[0-9]{0,2}")
_BESIDE = {"beside_thousands": "thousands", "beside_millions": "millions"}


def _changes(text: str, currencies: Collection[str]) -> frozenset[str]:
    """What a text says of amounts: thousands, millions, a currency by its name, or by its code unless all lines have it
    (both `units`). Thousands of pesos are a currency too where lines have one that is not called so. Beside a currency
    alone a word is enough: MXN (miles)."""
    words = re.findall(r"\w+", text)
    code = words[-1] if words and len(words) <= _MOST_WORDS else ""
    is_other = code in CURRENCIES and not (currencies and all(one.startswith(code) for one in currencies))
    known = synonyms().other
    phrases = ("".join(words[at : at + count]) for at in range(len(words)) for count in range(1, _MOST_WORDS + 1))
    found = _UNITS.intersection(known.get(fold_heading(phrase), "") for phrase in phrases)
    found |= {"thousands"} if fold_heading(text) in ("000", "000s") else frozenset()
    codes = {word[:3] for word in words if _CODE.fullmatch(word) and word[:3] in CURRENCIES}
    label, _, entry = text.partition(":")
    of_entry = re.findall(r"\w+", entry) if kind_of(label) is not None else words
    others = [word for word in of_entry if word[:3] not in codes and fold_heading(word) not in _PESO_WORDS]
    scales = {known.get(fold_heading(word), "") for word in others}
    if scales and scales <= _BESIDE.keys() and (len(others) < len(of_entry) or len(fold_heading(others[0])) > 2):
        found |= {_BESIDE[name] for name in scales}
        is_other = is_other or any(not one.startswith(tuple(codes or _PESOS)) for one in currencies)
    if found and code in _PESOS:
        is_other = not all(one.startswith(code) for one in currencies)
    if found and "pesos" in map(str.lower, words):
        is_other = is_other or not all(one.startswith(_PESOS) for one in currencies)
    return found | {"units"} if is_other else found


def scale_of_note(text: str) -> int:
    """What a text says that amounts are to be multiplied by, where that is all that it says of them; else 1."""
    changes = _changes(text, ())
    return _scale_in(changes) if len(changes) == 1 else 1


def note_of_scale(notes: Iterable[str], scale: int) -> str | None:
    """The first of the texts that says, whatever else, that amounts are to be multiplied by `scale`; None without one,
    and for 1."""
    return next((one for one in notes if scale != 1 and _scale_in(_changes(one, ())) == scale), None)


def _scale_in(changes: Collection[str]) -> int:
    """The scale that a text says, 1 for none or several."""
    scales = [scale for name, scale in SCALES.items() if name in changes]
    return scales[0] if len(scales) == 1 else 1


def _is_no_note(text: str) -> bool:
    """True for what stands above amounts and changes none: a heading, a label with its entry (Fecha: 30/06/2018), a
    number or a date."""
    if not any(map(str.isalpha, text)) or synonyms().other.get(fold_heading(text)) == "amounts":
        return True
    label, _, entry = text.partition(":")
    kind = kind_of(label)
    return kind is not None and (kind is not Kind.AMOUNT or not entry.strip())
