"""The exact reader: a sheet's rows in any shape of XML (prefixes, missing references, comments, other encodings), by
one pass of expat. It gives the raw cells that the fast reader gives where that one reads the sheet.
"""

import re
from collections.abc import Iterator
from typing import IO, Any, cast
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from importer.xlsx.cell_texts import is_on, refuse_doctype
from importer.xlsx.package import Package, SheetPart
from importer.xlsx.values import (
    LAST_COLUMN,
    LAST_ROW,
    CellValue,
    CellValues,
    RawCell,
    RowBatch,
    SheetMetadata,
    SheetRows,
    Token,
    UnreadableSheet,
    column_index,
    merged_in,
)

_CHUNK = 256 * 1024
_ROWS_OF_BATCH = 256
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


class _BrokenSheet(ValueError):
    """Rows or cells that are out of order or outside a sheet, or values in values: Excel refuses them."""


def exact_rows(package: Package, sheet: SheetPart) -> SheetRows:
    """The rows of a sheet, blank ones left out; a token is a raw cell. Reading them raises UnreadableSheet, behind the
    last whole row, for XML that is not well-formed, an encoding or a number that cannot be read, and what Excel would
    refuse (_BrokenSheet)."""
    values, metadata = CellValues(package.context), package.context.new_metadata()

    def raw_cell(token: Token) -> RawCell | None:
        return cast(RawCell | None, token)

    def value_of(token: Token) -> CellValue:
        return None if token is None else values.value_of(cast(RawCell, token))

    return SheetRows(_batches(package, sheet, metadata), value_of, raw_cell, metadata, package.context)


def _batches(package: Package, sheet: SheetPart, metadata: SheetMetadata) -> Iterator[RowBatch]:
    parser = _SheetParser(metadata)
    with package.open(sheet) as xml:
        try:
            yield from parser.batches(xml)
        except (expat.ExpatError, ValueError) as error:
            yield from parser.whole_rows()
            raise UnreadableSheet(str(error), parser.cell) from error
    fill_metadata(metadata, parser.frame())


def fill_metadata(metadata: SheetMetadata, frame: Element) -> None:
    """Fills in what stands around the rows; `frame` is the sheet without them.

    Elements count in the root's own namespace alone: drawings of controls have a `col` too. Raises ValueError for
    columns without numbers.
    """
    space = frame.tag[: frame.tag.rfind("}") + 1]
    metadata.frame = frame
    for column in frame.iter(f"{space}col"):
        if column.get("hidden") in ("1", "true") or _is_nothing(column.get("width")):
            metadata.hidden_columns.append(range(int(column.get("min", "")) - 1, int(column.get("max", ""))))
    merged = (merged_in(one.get("ref", "")) for one in frame.iter(f"{space}mergeCell"))
    metadata.merged += [one for one in merged if one is not None]


def _is_nothing(size: str | None) -> bool:
    return size is not None and re.fullmatch(r"0(\.0*)?", size) is not None


class _Names:
    """The names that matter, in the namespace of the sheet's root (whatever its prefix). Beside a cell's value may
    stand how it is read aloud (`rPh`), and extensions."""

    def __init__(self, space: str) -> None:
        self.rows, self.row, self.cell = f"{space}sheetData", f"{space}row", f"{space}c"
        self.formula, self.value, self.text, self.inline = f"{space}f", f"{space}v", f"{space}t", f"{space}is"
        self.passed_over, self.strike = (f"{space}rPh", f"{space}extLst"), f"{space}strike"


class _SheetParser:
    """Outside the rows a tree is built; inside them raw cells."""

    def __init__(self, metadata: SheetMetadata) -> None:
        self._metadata = metadata
        self._frame = TreeBuilder()
        self._parser: Any = expat.ParserCreate(namespace_separator="}")
        self._names = _Names("")
        self._ready: list[RowBatch] = []
        self._rows: list[int] = []
        self._columns: dict[int, list[RawCell | None]] = {}
        # Of the row and the cell that are being read:
        self._number, self._digits, self._column, self._is_in_row = 0, "0", -1, False
        self._marks: dict[str, str] = {}
        self._value: str | None = None
        self._inline: str | None = None
        self._has_formula = self._is_in_text = self._is_inline = self._is_beside = self._is_struck = False
        self._pieces: list[str] = []
        self._index_of: dict[str, int] = {}

    def batches(self, xml: IO[bytes]) -> Iterator[RowBatch]:
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = refuse_doctype
        self._parser.StartElementHandler = self._root_starts
        self._parser.EndElementHandler = self._frame.end
        self._parser.CharacterDataHandler = self._frame.data
        while chunk := xml.read(_CHUNK):
            self._parser.Parse(chunk, False)
            yield from self._ready
            self._ready.clear()
        self._parser.Parse(b"", True)
        self._end_batch()
        yield from self._ready

    def frame(self) -> Element:
        """The sheet without its rows, once it is read."""
        return self._frame.close()

    @property
    def cell(self) -> str | None:
        """The last cell that was begun, None where that is unknown."""
        reference = self._marks.get("r", "")
        return reference if _REFERENCE.fullmatch(reference) else None

    def whole_rows(self) -> list[RowBatch]:
        """The rows that were read and not handed on when the XML broke, without the one that was being read."""
        if self._is_in_row and self._rows and self._rows[-1] == self._number:
            self._rows.pop()
            for tokens in self._columns.values():
                del tokens[len(self._rows) :]
        self._end_batch()
        return self._ready

    def _root_starts(self, name: str, marks: dict[str, str]) -> None:
        self._names = _Names(name[: name.rfind("}") + 1])
        self._parser.StartElementHandler = self._frame_starts
        self._frame.start(name, marks)

    def _frame_starts(self, name: str, marks: dict[str, str]) -> None:
        self._frame.start(name, marks)
        if name == self._names.rows:
            self._parser.StartElementHandler = self._starts
            self._parser.EndElementHandler = self._ends
            self._parser.CharacterDataHandler = self._pieces.append

    # These two run four times for each cell of the sheet, hence one long chain each, the most frequent name first.

    def _starts(self, name: str, marks: dict[str, str]) -> None:
        names = self._names
        if self._is_in_text:
            raise _BrokenSheet(f"{name} in a value")
        if name == names.cell:
            self._marks = marks
            self._value = self._inline = None
            self._has_formula = self._is_struck = False
        elif name in (names.value, names.text):
            self._pieces.clear()
            self._is_in_text = True
        elif name == names.row:
            self._row_starts(marks)
        elif name == names.formula:
            self._has_formula = self._has_formula or not (self._is_beside or self._is_inline)
        elif name == names.inline:
            self._inline, self._is_inline = self._inline or "", True
        elif name in names.passed_over:
            self._is_beside = True
        elif name == names.strike and self._is_inline and is_on(marks):
            self._is_struck = self._metadata.has_struck = True

    def _ends(self, name: str) -> None:
        names = self._names
        if name == names.cell:
            self._cell_ends()
        elif name in (names.value, names.text):
            self._is_in_text = False
            if self._is_inline or self._is_beside or name != names.value:
                # A value there, and what stands beside the cell's own value, count for nothing.
                if self._is_inline and not self._is_beside and name == names.text:
                    self._inline = (self._inline or "") + "".join(self._pieces)
            elif self._value is None:
                self._value = "".join(self._pieces)
            else:
                raise _BrokenSheet("two values of one cell")
        elif name == names.inline:
            self._is_inline = False
        elif name == names.row:
            self._is_in_row = False
        elif name in names.passed_over:
            self._is_beside = False
        elif name == names.rows:
            self._parser.StartElementHandler = self._frame_starts
            self._parser.EndElementHandler = self._frame.end
            self._parser.CharacterDataHandler = self._frame.data
            self._frame.end(names.rows)

    def _row_starts(self, marks: dict[str, str]) -> None:
        """Begins a row. One that is written in several pieces, one behind the other, is one row."""
        number = int(marks.get("r", self._number + 1))
        if self._is_in_row or not max(self._number, 1) <= number <= LAST_ROW:
            raise _BrokenSheet(f"row {number}")
        if number > self._number:
            self._number, self._digits, self._column = number, str(number), -1
            if len(self._rows) >= _ROWS_OF_BATCH:
                self._end_batch()
        self._is_in_row = True
        if marks.get("hidden") in ("1", "true") or _is_nothing(marks.get("ht")):
            self._metadata.hidden_rows.add(number)

    def _cell_ends(self) -> None:
        marks = self._marks
        reference = marks.get("r")
        if reference is None:
            column = self._column + 1
        else:
            known = self._index_of.get(reference.removesuffix(self._digits))
            column = self._column_of(reference) if known is None else known
        if not self._column < column <= LAST_COLUMN or not self._is_in_row:
            raise _BrokenSheet(f"cell {reference} in row {self._number}")
        self._column = column
        kind = marks.get("t", "n")
        text = self._inline if kind == "inlineStr" and self._inline is not None else self._value
        if text is None and kind != "e" and not self._has_formula:
            return
        rows = self._rows
        if not rows or rows[-1] != self._number:
            rows.append(self._number)
        tokens = self._columns.setdefault(column, [])
        if len(tokens) < len(rows) - 1:
            _lengthen(tokens, len(rows) - 1)
        tokens.append(RawCell(kind, marks.get("s") or "0", text, self._has_formula, self._is_struck))

    def _column_of(self, reference: str) -> int:
        found = _REFERENCE.fullmatch(reference)
        if found is None or int(found[2]) != self._number:
            raise _BrokenSheet(f"cell {reference} in row {self._number}")
        return self._index_of.setdefault(found[1], column_index(found[1].upper()))

    def _end_batch(self) -> None:
        if self._rows:
            for tokens in self._columns.values():
                _lengthen(tokens, len(self._rows))
            self._ready.append(RowBatch(self._rows, self._columns))
            self._rows, self._columns = [], {}


def _lengthen(tokens: list[RawCell | None], length: int) -> None:
    tokens += [None] * (length - len(tokens))
