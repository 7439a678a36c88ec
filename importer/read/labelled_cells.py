"""Values that stand once above the headings of a sheet, beside their labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importer.model.workbook import CellText
from importer.read.cells import heading_of, text_of
from importer.read.declared_formats import PERIOD, day_in, period_in
from importer.read.headings import field_named
from importer.read.mappings import LabelledCell, SheetMapping
from importer.templates.forms import JOURNALS, Kind, fold_heading
from importer.xlsx.values import CellValue, Merged, Row, UnusableCell


@dataclass(frozen=True, slots=True)
class CellsAbove:
    """The `rows` above the headings, from row 1 on, with the sheet's merged cells, as a mapping reads them."""

    rows: Sequence[Row]
    merged: Sequence[Merged]
    mapping: SheetMapping

    def beside_names(self, name: str) -> Iterator[CellText | UnusableCell]:
        """The texts of the cells right of labels that name a field."""
        for row, index, label in self._labels():
            if field_named(label) == name:
                yield self.text_at(name, row, self._right_of(row, index))

    def places(self, cell: LabelledCell) -> list[tuple[int, int]]:
        """Row (from 1) and column (from 0) of each cell that stands beside such a label."""
        wanted = fold_heading(cell.label)
        found = [(row, index) for row, index, label in self._labels() if fold_heading(label) == wanted]
        if cell.is_below:
            return [(self._below(row, index), index) for row, index in found]
        return [(row, self._right_of(row, index)) for row, index in found]

    def text_at(self, name: str, row: int, index: int) -> CellText | UnusableCell:
        """The canonical text of a cell as a field's, by the formats and values that the mapping declares."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        value: CellValue = cells[index] if index < len(cells) else None
        column = JOURNALS.column(name)
        text = text_of(value, column.kind, column.choices)
        if not isinstance(text, str):
            return text
        if isinstance(value, str) and column.kind is Kind.DATE and self.mapping.dates:
            day = day_in(text, self.mapping.dates)
            return UnusableCell("not-a-date.text", text) if day is None else day.isoformat()
        if isinstance(value, str) and name == "period" and self.mapping.periods:
            return text if PERIOD.fullmatch(text) else period_in(text, self.mapping.periods)
        return self.mapping.code_of(name, text)

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
