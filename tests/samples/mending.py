"""An accountant in front of a corrections workbook: does what its notes say, and knows what was meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from importer.templates.form_sheet import CellValue
from importer.translations import Language
from tests.samples.month import Row
from tests.samples.planted import Mistake, key_of

WHERE, INSTEAD = "Cell", "Type instead"
_POSTED = ("posted", "already_posted")


def mend(path: Path, mistake: Mistake, documents: Sequence[Mapping[str, Any]]) -> None:
    """Mends the corrections workbook of a sample; `documents` are the sample's in the result of its run.

    Where the first sheet says what to type, that is typed; elsewhere what was meant. Only rows with a note are touched,
    and all rows of a journal whose note is about the whole of it.
    """
    book = load_workbook(path)
    instead = _told_to_type(book.worksheets[0])
    for name in mistake.typed:
        form = mistake.form(name)
        title = form.title(Language.EN)
        if title in book.sheetnames:
            places = {form.label(column, Language.EN): column.name for column in form.columns}
            rows = _rows_in(documents, title)
            _Mender(book[title], places, rows, instead, name, mistake).mend()
    book.save(path)


def _told_to_type(guide: Any) -> dict[str, str]:
    """What the guide says to type, by sheet and cell (`Journals!D5`)."""
    rows = [[cell.value for cell in row] for row in guide.iter_rows(max_col=3)]
    head = next(place for place, row in enumerate(rows) if row[0] == WHERE and row[2] == INSTEAD)
    return {str(row[0]): str(row[2]) for row in rows[head + 1 :] if row[2]}


def _rows_in(documents: Sequence[Mapping[str, Any]], title: str) -> list[int]:
    left = (one for one in documents if one["sheet"] == title and one["status"] not in _POSTED)
    return sorted(row for one in left for row in one["rows"])


@dataclass(frozen=True)
class _Mender:
    sheet: Any
    fields: Mapping[str, str]
    """Wire names by heading."""
    rows: Sequence[int]
    """The original's row of each row of the sheet."""
    instead: Mapping[str, str]
    form: str
    mistake: Mistake

    def mend(self) -> None:
        assert self.sheet.max_row == len(self.rows) + 1
        assert self._values(range(2, self.sheet.max_row + 1)) == [len(self._typed(row)) for row in self.rows]
        to_mend = self._to_mend()
        for number in sorted(to_mend, reverse=True):
            meant = self.mistake.meant[self.form][self.rows[number - 2] - 2]
            if meant is None:
                self.sheet.delete_rows(number)
            else:
                self._mend_row(number, meant)

    def _values(self, numbers: Sequence[int]) -> list[int]:
        """How many cells are filled in each row, without the state."""
        return [sum(cell.value is not None for cell in self.sheet[number][1:]) for number in numbers]

    def _typed(self, row: int) -> Row:
        return {name: value for name, value in self.mistake.typed[self.form][row - 2].items() if value is not None}

    def _to_mend(self) -> set[int]:
        noted: set[int] = set()
        for number, row in enumerate(self.rows, start=2):
            cells = self.sheet[number]
            if cells[0].comment is not None:
                noted |= self._of_document(row)
            elif any(cell.comment is not None for cell in cells):
                noted.add(number)
        return noted

    def _of_document(self, row: int) -> set[int]:
        key = self._key(row)
        return {number for number, other in enumerate(self.rows, start=2) if self._key(other) == key}

    def _key(self, row: int) -> str:
        return key_of(self.form, self.mistake.meant[self.form][row - 2] or self.mistake.typed[self.form][row - 2])

    def _mend_row(self, number: int, meant: Row) -> None:
        typed = self._typed(self.rows[number - 2])
        for cell in self.sheet[number]:
            field = self.fields.get(str(self.sheet.cell(1, cell.column).value))
            told = self.instead.get(f"{self.sheet.title}!{cell.coordinate}")
            if field is not None and told is not None:
                cell.value = told
            elif field is not None and typed.get(field) != meant.get(field):
                cell.value = _as_typed(meant.get(field))


def _as_typed(value: CellValue) -> str | float | date | None:
    return float(value) if isinstance(value, Decimal) else value
