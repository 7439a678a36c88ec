"""Values that stand once above the headings of a sheet, beside their labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importer.read.cells import heading_of
from importer.read.headings import field_named
from importer.read.mappings import LabelledCell
from importer.templates.forms import fold_heading
from importer.xlsx.values import CellValue, Merged, Row


@dataclass(frozen=True, slots=True)
class CellsAbove:
    """The `rows` above the headings, from row 1 on, with the sheet's merged cells."""

    rows: Sequence[Row]
    merged: Sequence[Merged]

    def labels_of(self, name: str) -> Iterator[tuple[str, int, int]]:
        """Each label that names a field, with the row (from 1) and column (from 0) of the cell right of it."""
        for row, index, label in self._labels():
            if field_named(label) == name:
                yield label, row, self._right_of(row, index)

    def places(self, cell: LabelledCell) -> list[tuple[int, int]]:
        """Row (from 1) and column (from 0) of each cell that stands beside such a label."""
        wanted = fold_heading(cell.label)
        found = [(row, index) for row, index, label in self._labels() if fold_heading(label) == wanted]
        if cell.is_below:
            return [(self._below(row, index), index) for row, index in found]
        return [(row, self._right_of(row, index)) for row, index in found]

    def value_at(self, row: int, index: int) -> CellValue:
        """What stands in a cell, None also outside the rows."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        return cells[index] if index < len(cells) else None

    def _labels(self) -> Iterator[tuple[int, int, str]]:
        for number, row in enumerate(self.rows, start=1):
            for index, value in enumerate(row):
                if heading := heading_of(value):
                    yield number, index, heading

    def _merged_at(self, row: int, index: int) -> Merged | None:
        return next((one for one in self.merged if row in one.rows and index in one.columns), None)

    def _right_of(self, row: int, index: int) -> int:
        merged = self._merged_at(row, index)
        return index + 1 if merged is None else merged.columns.stop

    def _below(self, row: int, index: int) -> int:
        merged = self._merged_at(row, index)
        return row + 1 if merged is None else merged.rows.stop
