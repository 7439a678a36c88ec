"""Some rows of a workbook as they stand in its file: cells, headings, widths, notes, drop-downs."""

import io
import re
import zipfile
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError

from importer.model.problems import column_letters
from importer.report.exact_cells import exact_cells
from importer.report.plain_cells import plain_cells
from importer.report.sheet_cells import Cell, Cells, EveryRow, Maker
from importer.report.workbook_parts import Parts, local

FURTHER_COLUMNS = 10
"""Columns without a heading, to the right of the last one, that are still carried over: remarks beside the rows."""


_DAMAGE = (zipfile.BadZipFile, ParseError, ExpatError, LookupError, ValueError, ArithmeticError, TypeError, OSError)
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
    rows: Mapping[int, tuple[Cell, ...]]
    widths: Mapping[int, float] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    drop_downs: tuple[DropDown, ...] = ()


@dataclass(frozen=True, slots=True)
class ListSheet:
    """A sheet that drop-downs take their lists from: its filled cells by row."""

    name: str
    rows: Mapping[int, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a sheet: the row of its headings and some rows below."""

    heading_row: int
    rows: Collection[int]


@dataclass(frozen=True, slots=True)
class Original:
    """The wanted sheets by name, the sheets their drop-downs refer to, and whether the dates of both are counted from
    1904."""

    sheets: Mapping[str, OriginalSheet]
    lists: tuple[ListSheet, ...] = ()
    counts_from_1904: bool = False


def read_original(content: bytes, wanted: Mapping[str, Wanted]) -> Original:
    """Reads the wanted rows of a workbook's bytes, and no others. Raises Unreadable when that cannot be done (the main
    part is not at its usual place, rows without numbers, cells that mean nothing)."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = Parts(archive)
            sheets = {name: _sheet(parts, name, one) for name, one in wanted.items()}
            names = _referred_to(one.source for sheet in sheets.values() for one in sheet.drop_downs)
            lists = [name for name in names if name in parts.sheets and name not in wanted]
            copied = tuple(ListSheet(name, _cells(parts, name, EveryRow()).rows) for name in lists)
            return Original(sheets, copied, parts.counts_from_1904)
    except _DAMAGE as failure:
        raise Unreadable(str(failure)) from failure


def _cells(parts: Parts, name: str, rows: Container[int]) -> Cells:
    maker = Maker(parts.texts, parts.number_formats, parts.counts_from_1904)
    with parts.open_sheet(name) as xml:
        found = plain_cells(xml.read(), rows, maker)
    if found is None:
        with parts.open_sheet(name) as xml:
            found = exact_cells(xml, rows, maker)
    return found


def _sheet(parts: Parts, name: str, wanted: Wanted) -> OriginalSheet:
    numbers = {wanted.heading_row, *wanted.rows}
    cells = _cells(parts, name, numbers)
    if cells.rows.keys() != numbers:
        raise Unreadable("rows without their numbers")
    headings = {cell.column: _heading(cell, parts) for cell in cells.rows[wanted.heading_row]}
    last, notes = max(headings, default=0) + FURTHER_COLUMNS, parts.notes(name)
    addresses = {column: f"{column_letters(column)}{wanted.heading_row}" for column in headings}
    return OriginalSheet(
        headings=headings,
        rows={number: _up_to(last, cells.rows[number]) for number in wanted.rows},
        widths=_widths(cells.frame),
        notes={column: notes[address] for column, address in addresses.items() if address in notes},
        drop_downs=_drop_downs(cells.frame),
    )


def _heading(cell: Cell, parts: Parts) -> str:
    if not cell.is_day:
        return cell.text
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    try:
        return str(from_excel(float(cell.text), MAC_EPOCH if parts.counts_from_1904 else WINDOWS_EPOCH))
    except (ArithmeticError, ValueError):  # Excel shows ##### for a number that is no day
        return cell.text


def _up_to(last: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """From left to right, whatever the order in the file."""
    return tuple([cell for cell in sorted(cells) if cell.column <= last])


def _widths(frame: Element) -> dict[int, float]:
    widths: dict[int, float] = {}
    for part in frame.iter():
        if local(part) == "col" and part.get("width"):
            first, last = int(part.get("min", "1")), int(part.get("max", "1"))
            width = float(part.get("width", "0"))
            if 0 < width < _WIDEST:
                widths |= dict.fromkeys(range(first - 1, min(last, first + 255)), width)
    return widths


def _drop_downs(frame: Element) -> tuple[DropDown, ...]:
    """The lists of a sheet, also those that Excel 2010 keeps in an extension (`x14:dataValidation`)."""
    found = []
    for part in frame.iter():
        if local(part) != "dataValidation" or part.get("type") != "list":
            continue
        texts = {local(inner): "".join(inner.itertext()).strip() for inner in part}
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
