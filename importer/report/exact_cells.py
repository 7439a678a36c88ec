"""The cells of a sheet by a parser that takes any shape of XML: prefixes, missing addresses, other encodings."""

from collections.abc import Container
from functools import cache, lru_cache
from typing import IO, Any
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

from importer.parts.texts import refuse_doctype
from importer.report.sheet_cells import REMEMBERED, Cell, Cells, Maker, column_of


def exact_cells(xml: IO[bytes], rows: Container[int], maker: Maker) -> Cells:
    """The cells of the wanted rows. Raises ExpatError for XML that is broken, and what the maker raises."""
    return _Reader(rows, maker).read(xml)


class _Names:
    """The names that matter, in the namespace of the sheet's root (whatever its prefix). Beside a cell's value may
    stand how it is read aloud (`rPh`), and extensions."""

    def __init__(self, space: str) -> None:
        self.rows, self.row, self.cell = f"{space}sheetData", f"{space}row", f"{space}c"
        self.value, self.text = f"{space}v", f"{space}t"
        self.passed_over = (f"{space}rPh", f"{space}extLst")


class _Reader:
    """Outside the rows a tree is built; inside them only what a cell needs is kept, and nothing of an unwanted row."""

    def __init__(self, wanted: Container[int], maker: Maker) -> None:
        self._wanted = wanted
        self._frame = TreeBuilder()
        self._parser: Any = expat.ParserCreate(namespace_separator="}")
        self._rows: dict[int, tuple[Cell, ...]] = {}
        self._row: list[Cell] = []
        self._number = 0
        self._column = -1
        self._marks: dict[str, str] = {}
        self._value = ""
        self._has_value = False
        self._heard: list[str] = []
        self._is_beside = False
        # Most cells of a column repeat: the same object stands for them.
        self._cell = lru_cache(REMEMBERED)(maker.cell)
        self._column_of = cache(column_of)
        self._names = _Names("")

    def read(self, xml: IO[bytes]) -> Cells:
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = refuse_doctype
        self._parser.StartElementHandler = self._root_starts
        self._parser.EndElementHandler = self._frame.end
        self._parser.CharacterDataHandler = self._frame.data
        self._parser.ParseFile(xml)
        return Cells(self._rows, self._frame.close())

    def _root_starts(self, name: str, marks: dict[str, str]) -> None:
        self._names = _Names(name[: name.rfind("}") + 1])
        self._parser.StartElementHandler = self._frame_starts
        self._frame.start(name, marks)

    def _frame_starts(self, name: str, marks: dict[str, str]) -> None:
        self._frame.start(name, marks)
        if name == self._names.rows:
            self._enter_rows()

    def _enter_rows(self) -> None:
        self._parser.StartElementHandler = self._starts
        self._parser.EndElementHandler = self._ends
        self._parser.CharacterDataHandler = self._heard.append

    def _leave_rows(self) -> None:
        self._parser.StartElementHandler = self._frame_starts
        self._parser.EndElementHandler = self._frame.end
        self._parser.CharacterDataHandler = self._frame.data
        self._frame.end(self._names.rows)

    # These two run four times for each cell of the sheet, hence one long chain each, the most frequent name first.

    def _starts(self, name: str, marks: dict[str, str]) -> None:
        names = self._names
        if name == names.cell:
            self._marks = marks
            self._value = ""
            self._has_value = False
        elif name in (names.value, names.text):
            self._heard.clear()
        elif name == names.row:
            self._number = int(marks.get("r", self._number + 1))
            self._column = -1
            self._row = []
            if self._number not in self._wanted:
                self._parser.StartElementHandler = self._parser.CharacterDataHandler = None
                self._parser.EndElementHandler = self._passed_over
        elif name in names.passed_over:
            self._is_beside = True

    def _ends(self, name: str) -> None:
        names = self._names
        if name == names.cell:
            self._cell_ends()
        elif name in (names.value, names.text):
            if not self._is_beside:
                if self._has_value or (name == names.value and self._value):
                    raise ValueError("two values of one cell")
                self._has_value = name == names.value
                self._value += "".join(self._heard)
        elif name == names.row:
            self._rows[self._number] = tuple(self._row)
        elif name in names.passed_over:
            self._is_beside = False
        elif name == names.rows:
            self._leave_rows()

    def _passed_over(self, name: str) -> None:
        if name == self._names.row:
            self._enter_rows()

    def _cell_ends(self) -> None:
        marks = self._marks
        place = marks.get("r")
        self._column = self._column_of(place.rstrip("0123456789")) if place else self._column + 1
        cell = self._cell(self._column, marks.get("t", "n"), self._value, marks.get("s", "0"))
        if cell is not None:
            self._row.append(cell)
