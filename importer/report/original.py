"""Some rows of a workbook as they stand in its file: values, number formats, headings, widths, drop-downs."""

import io
import re
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from importer.report.cut_archive import CannotBeCut, cut_archive

GENERAL = "General"
FURTHER_COLUMNS = 10
"""Columns without a heading, to the right of the last one, that are still carried over: remarks beside the rows."""

_ESCAPED = re.compile(r"_x((?!d[89a-f])[0-9a-f]{4})_", re.I)


class Unreadable(Exception):
    """The file cannot be read again as it was read before."""


@dataclass(frozen=True, slots=True)
class ErrorShown:
    """A cell that shows an error such as #N/A."""

    error: str


CellValue = str | int | float | Decimal | bool | date | datetime | time | timedelta | ErrorShown | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's value (a formula's is its last result) and how Excel shows it."""

    value: CellValue
    number_format: str = GENERAL


BLANK = Cell(None)


@dataclass(frozen=True, slots=True)
class DropDown:
    """A list that cells of some columns (from 0) offer: `source` is a formula or a list in quotation marks. `marks` are
    the attributes that hold its prompts and its error message."""

    columns: tuple[int, ...]
    source: str
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OriginalSheet:
    """A form's sheet. Columns count from 0; `rows` has the wanted rows by number."""

    headings: Mapping[int, str]
    rows: Mapping[int, Mapping[int, Cell]]
    widths: Mapping[int, float] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    drop_downs: tuple[DropDown, ...] = ()


@dataclass(frozen=True, slots=True)
class ListSheet:
    """A sheet that drop-downs take their lists from, as rows of values."""

    name: str
    rows: tuple[tuple[CellValue, ...], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a sheet: the row of its headings and some rows below."""

    heading_row: int
    rows: Collection[int]


@dataclass(frozen=True, slots=True)
class Original:
    """The wanted sheets by name, and the sheets their drop-downs refer to."""

    sheets: Mapping[str, OriginalSheet]
    lists: tuple[ListSheet, ...] = ()


def read_original(content: bytes, wanted: Mapping[str, Wanted]) -> Original:
    """Reads the wanted rows of a workbook's bytes, and no others. Raises Unreadable when openpyxl cannot, or the file
    has a shape that is not known here (Strict OOXML, UTF-16, rows without numbers)."""
    try:
        rows = {name: {one.heading_row, *one.rows} for name, one in wanted.items()}
        cut = cut_archive(content, rows)
        frames = {name: _parsed(frame) for name, frame in cut.frames.items()}
        drop_downs = {name: _drop_downs(frame) for name, frame in frames.items()}
        lists = _referred_to(one.source for found in drop_downs.values() for one in found)
        book = _loaded(cut_archive(content, rows, lists).content if lists else cut.content)
        lists = [name for name in lists if name in book.sheetnames and name not in wanted]
        sheets = {
            name: _sheet(book[name], one, _widths(frames[name]), drop_downs[name]) for name, one in wanted.items()
        }
        return Original(sheets, tuple(_list_sheet(book[name]) for name in lists))
    except (CannotBeCut, ParseError, LookupError, ValueError, TypeError, AttributeError) as failure:
        raise Unreadable(str(failure)) from failure


def _loaded(content: bytes) -> Any:
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise Unreadable("defusedxml is not in use")
    try:
        with warnings.catch_warnings(action="ignore"):
            return openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    except Exception as failure:  # whatever an unusual part makes openpyxl raise
        raise Unreadable(str(failure)) from failure


def _parsed(xml: bytes) -> Element:
    from defusedxml.ElementTree import fromstring

    return fromstring(xml, forbid_dtd=True)


def _sheet(sheet: Any, wanted: Wanted, widths: dict[int, float], drop_downs: tuple[DropDown, ...]) -> OriginalSheet:
    top = {cell.column - 1: cell for cell in sheet[wanted.heading_row] if cell.value is not None}
    last = max(top, default=0) + 1 + FURTHER_COLUMNS
    rows: dict[int, dict[int, Cell]] = {number: {} for number in wanted.rows}
    # Asking the sheet for a cell makes those that are not there: three times as many as there are.
    for (number, column), cell in sheet._cells.items():
        if column <= last and number in rows and cell.value is not None:
            rows[number][column - 1] = Cell(_value(cell), cell.number_format or GENERAL)
    return OriginalSheet(
        headings={column: str(_value(cell)) for column, cell in top.items()},
        rows=rows,
        widths=widths,
        notes={column: cell.comment.text for column, cell in top.items() if cell.comment is not None},
        drop_downs=drop_downs,
    )


def _value(cell: Any) -> CellValue:
    value: CellValue = cell.value
    if cell.data_type == "e":
        return ErrorShown(str(value))
    return _unescaped(value) if isinstance(value, str) else value


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_" in text else text


def _list_sheet(sheet: Any) -> ListSheet:
    return ListSheet(sheet.title, tuple(tuple(map(_value, row)) for row in sheet.iter_rows()))


def _widths(frame: Element) -> dict[int, float]:
    widths: dict[int, float] = {}
    for part in frame.iter():
        if _local(part) == "col" and part.get("width"):
            first, last = int(part.get("min", "1")), int(part.get("max", "1"))
            widths |= dict.fromkeys(range(first - 1, min(last, first + 255)), float(part.get("width", "0")))
    return widths


def _drop_downs(frame: Element) -> tuple[DropDown, ...]:
    """The lists of a sheet, also those that Excel 2010 keeps in an extension (`x14:dataValidation`)."""
    found = []
    for part in frame.iter():
        if _local(part) != "dataValidation" or part.get("type") != "list":
            continue
        texts = {_local(inner): "".join(inner.itertext()).strip() for inner in part}
        source, cells = texts.get("formula1", ""), part.get("sqref") or texts.get("sqref", "")
        if source and cells:
            found.append(DropDown(_columns_of(cells), source, dict(part.attrib)))
    return tuple(found)


def _columns_of(cells: str) -> tuple[int, ...]:
    from openpyxl.utils.cell import range_boundaries

    columns: set[int] = set()
    for area in cells.split():
        first, _, last, _ = range_boundaries(area)
        columns.update(range((first or 1) - 1, min(last or 1, (first or 1) + 255)))
    return tuple(sorted(columns))


def _referred_to(sources: Iterable[str]) -> list[str]:
    """The names of the sheets in formulas such as `Lists!$A$2:$A$9` or `'My lists'!$A$2:$A$9`."""
    names = []
    for source in sources:
        found = re.match(r"=?(?:'((?:[^']|'')+)'|([^'!\s(\"]+))!", source)
        if found:
            names.append(found[1].replace("''", "'") if found[1] else found[2])
    return list(dict.fromkeys(names))


def _local(part: Element) -> str:
    return part.tag.rpartition("}")[2]
