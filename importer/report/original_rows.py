"""Some rows of a workbook as they stand in its file: cells, headings, widths, notes, drop-downs."""

import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import compress, repeat
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError

from importer.formats.book import Book
from importer.formats.delimited import read_with
from importer.formats.kinds import Kind, kind_of, read_in_child
from importer.model.problems import column_letters
from importer.xlsx.exact_reader import exact_rows
from importer.xlsx.fast_reader import fast_rows
from importer.xlsx.package import Package, SheetPart, local_name
from importer.xlsx.values import (
    LAST_COLUMN,
    SheetRows,
    Token,
    UnreadableSheet,
    UnsupportedXml,
    WorkbookContext,
    column_index,
    moment_of,
)
from importer.xlsx.writer import REMEMBERED, Cell, copied_cell

_Key = TypeVar("_Key")
_Made = TypeVar("_Made")
CellsOfRows = Mapping[int, tuple[Cell, ...]]
"""The filled cells of rows, from left to right, by the rows' numbers."""

FURTHER_COLUMNS = 10
"""Columns without a heading, to the right of the last one, that are still carried over: remarks beside the rows."""


_DAMAGE = (
    zipfile.BadZipFile,
    ParseError,
    ExpatError,
    UnreadableSheet,
    StopIteration,
    LookupError,
    ValueError,
    ArithmeticError,
    TypeError,
    OSError,
)
_MOST_COLUMNS = 256
_WIDEST = 256
"""Characters; nothing in Excel is as wide."""


class Unreadable(Exception):
    """The file cannot be read again as it was read before."""


@dataclass(frozen=True, slots=True)
class DropDown:
    """A list that cells of some columns (from 0) offer: `source` is a formula or a list in quotation marks. `marks` are
    the attributes that hold its prompts and its error message."""

    columns: tuple[int, ...]
    source: str
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OriginalSheet:
    """A form's sheet. Columns count from 0; `rows` has the filled cells of the wanted rows by the rows' numbers, from
    left to right."""

    headings: Mapping[int, str]
    rows: CellsOfRows
    widths: Mapping[int, float] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    drop_downs: tuple[DropDown, ...] = ()


@dataclass(frozen=True, slots=True)
class Original:
    """The wanted sheets by name, the filled cells of the sheets their drop-downs refer to, and whether the dates of
    both are counted from 1904."""

    sheets: Mapping[str, OriginalSheet]
    lists: Mapping[str, CellsOfRows] = field(default_factory=dict)
    counts_from_1904: bool = False


def read_original(
    content: bytes, wanted: Mapping[str, tuple[int, Collection[int]]], delimiter: str = "", encoding: str = ""
) -> Original:
    """Reads rows of a workbook's bytes, and no others: of each sheet that is `wanted` the row of its headings and some
    rows below. `delimiter` and `encoding` (if declared) are those of a text. Raises Unreadable when that cannot be done
    (rows without numbers, cells that mean nothing)."""
    try:
        package = _opened(content, next(iter(wanted), ""), delimiter, encoding)
        parts = {part.name: part for part in package.sheets}
        sheets = {name: _sheet(package, parts[name], *one) for name, one in wanted.items()}
        names = _referred_to(one.source for sheet in sheets.values() for one in sheet.drop_downs)
        lists = {name: _cells(package, parts[name], None)[0] for name in names if name in parts and name not in wanted}
        return Original(sheets, lists, package.counts_from_1904)
    except _DAMAGE as failure:
        raise Unreadable(str(failure)) from failure


def _opened(content: bytes, sheet: str, delimiter: str, encoding: str) -> Package | Book:
    kind = kind_of(content)
    if kind is Kind.XLSX:
        return Package(content)
    if isinstance(kind, str):
        raise Unreadable(kind)
    return read_with(content, sheet, delimiter, encoding) if kind is Kind.TEXT else read_in_child(kind, content)


def _cells(package: Package | Book, sheet: SheetPart, rows: Collection[int] | None) -> tuple[CellsOfRows, Element]:
    """The filled cells of some rows (None: of all) from left to right, and the sheet without any row."""
    if isinstance(package, Book):
        return _cells_in(package.rows(sheet), package.context, rows)
    try:
        return _cells_in(fast_rows(package, sheet, wanted=rows), package.context, rows)
    except UnsupportedXml:
        return _cells_in(exact_rows(package, sheet), package.context, rows)


def _cells_in(read: SheetRows, context: WorkbookContext, rows: Collection[int] | None) -> tuple[CellsOfRows, Element]:
    known: dict[int, Remembered[Token, Cell | None]] = {}
    found: dict[int, tuple[Cell, ...]] = {}
    for batch in read.batches:
        is_wanted = [rows is None or number in rows for number in batch.rows]
        columns = []
        for column, tokens in sorted(batch.columns.items()):
            if column not in known:
                known[column] = Remembered(partial(_copied, column, read, context), REMEMBERED)
            columns.append(map(known[column].__getitem__, compress(tokens, is_wanted)))
        numbers = compress(batch.rows, is_wanted)
        lines = zip(*columns, strict=True) if columns else repeat(())
        # No cell is false; what holds nothing is None.
        found |= ((number, tuple(filter(None, line))) for number, line in zip(numbers, lines, strict=False))
    if read.metadata.frame is None:
        raise Unreadable("rows that were not read to the end")
    return found, read.metadata.frame


def _copied(column: int, read: SheetRows, context: WorkbookContext, token: Token) -> Cell | None:
    return None if token is None else copied_cell(column, read.raw_cell(token), context)


class Remembered(dict[_Key, _Made]):
    """What a function makes of values, each made once as long as there are not more than `most`."""

    def __init__(self, make: Callable[[_Key], _Made], most: int) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, key: _Key) -> _Made:
        made = self._make(key)
        if len(self) < self._most:
            self[key] = made
        return made


def _sheet(package: Package | Book, part: SheetPart, heading_row: int, wanted: Collection[int]) -> OriginalSheet:
    numbers = {heading_row, *wanted}
    rows, frame = _cells(package, part, numbers)
    if rows.keys() != numbers:
        raise Unreadable("rows without their numbers")
    headings = {cell.column: _heading(cell, package.context.epoch) for cell in rows[heading_row]}
    last, notes = max(headings, default=0) + FURTHER_COLUMNS, package.notes(part)
    addresses = {column: f"{column_letters(column)}{heading_row}" for column in headings}
    return OriginalSheet(
        headings=headings,
        rows={number: _up_to(last, rows[number]) for number in wanted},
        widths=_widths(frame),
        notes={column: notes[address] for column, address in addresses.items() if address in notes},
        drop_downs=_drop_downs(frame),
    )


def _up_to(last: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cells of a row but those to the right of the column `last`."""
    if not cells or cells[-1].column <= last:
        return cells
    return tuple([cell for cell in cells if cell.column <= last])


def _heading(cell: Cell, epoch: datetime) -> str:
    if not cell.is_day:
        return cell.text
    try:
        return str(moment_of(float(cell.text), epoch))
    except (ArithmeticError, ValueError):  # Excel shows ##### for a number that is no day
        return cell.text


def _widths(frame: Element) -> dict[int, float]:
    widths: dict[int, float] = {}
    for part in frame.iter():
        if local_name(part.tag) == "col" and part.get("width"):
            first, last = int(part.get("min", "1")), int(part.get("max", "1"))
            width = float(part.get("width", "0"))
            if 0 < width < _WIDEST:
                widths |= dict.fromkeys(range(first - 1, min(last, first + 255)), width)
    return widths


def _drop_downs(frame: Element) -> tuple[DropDown, ...]:
    """The lists of a sheet, also those that Excel 2010 keeps in an extension (`x14:dataValidation`)."""
    found = []
    for part in frame.iter():
        if local_name(part.tag) != "dataValidation" or part.get("type") != "list":
            continue
        texts = {local_name(inner.tag): "".join(inner.itertext()).strip() for inner in part}
        source, cells = texts.get("formula1", ""), part.get("sqref") or texts.get("sqref", "")
        if source and cells:
            found.append(DropDown(_columns_of(cells), source, dict(part.attrib)))
    return tuple(found)


def _columns_of(cells: str) -> tuple[int, ...]:
    """The columns of areas such as `C3:C500 E1`, of each at most the first 256."""
    columns: set[int] = set()
    for area in cells.split():
        corners = area.partition(":")[0], area.rpartition(":")[2]
        first, last = (re.sub("[^A-Z]", "", corner.upper()) for corner in corners)
        start = column_index(first) if first else 0
        stop = column_index(last) + 1 if last else LAST_COLUMN + 1
        columns.update(range(start, min(stop, start + _MOST_COLUMNS)))
    return tuple(sorted(columns))


def _referred_to(sources: Iterable[str]) -> list[str]:
    """The names of the sheets in formulas such as `Lists!$A$2:$A$9` or `'My lists'!$A$2:$A$9`."""
    names = []
    for source in sources:
        found = re.match(r"=?(?:'((?:[^']|'')+)'|([^'!\s(\"]+))!", source)
        if found:
            names.append(found[1].replace("''", "'") if found[1] else found[2])
    return list(dict.fromkeys(names))
