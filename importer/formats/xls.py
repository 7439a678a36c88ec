"""Workbooks of Excel 5 to 2003 (`.xls`), by xlrd."""

from collections.abc import Iterator, Set
from io import StringIO

import xlrd

from importer.formats.book import Book, BrokenBook, number_cell, text_cell, uncalculated_cell
from importer.xlsx.values import GENERAL, RawCell

ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
"""By their numbers in Excel's binary formats ([MS-XLS] 2.5.10, BErr)."""

_FIRST_WITH_FORMATS = 50
"""Of BIFF: Excel 5. xlrd gives formats, hidden rows and merged cells from there on."""


_BEGINS, _ENDS, _SHEET, _CALCULATED_BY = (0x09, 0x209, 0x409, 0x809), 0x0A, 0x85, 0x1C1
_FORMULAS = (0x06, 0x206, 0x406)
"""The numbers of records ([MS-XLS] 2.3)."""

Cells = Set[tuple[int, int]]
"""By row and column from 0."""


class OldWorkbook(ValueError):
    """A workbook of Excel 4 or older, of which xlrd does not tell what is hidden."""


class Encrypted(ValueError):
    """The file is protected by a password."""


class OtherDocument(ValueError):
    """The file has the same container, but is a document of another program."""


def read_xls(content: bytes) -> Book:
    """The cells of an old workbook. Raises OldWorkbook, Encrypted, OtherDocument, or whatever xlrd stumbles over in a
    damaged file."""
    try:
        found = xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True, logfile=StringIO())
    except xlrd.XLRDError as failure:
        message = str(failure)
        if "encrypted" in message:
            raise Encrypted from failure
        if "Can't find workbook" in message or "Excel xlsx file" in message:
            raise OtherDocument from failure
        raise BrokenBook(message) from failure
    except NotImplementedError as failure:  # what xlrd raises for workbooks older than Excel 5
        raise OldWorkbook from failure
    if found.biff_version < _FIRST_WITH_FORMATS:
        raise OldWorkbook
    formats = [found.format_map.get(style.format_key) for style in found.xf_list]
    shown = [GENERAL if one is None else one.format_str for one in formats]
    book = Book(shown or [GENERAL], counts_from_1904=found.datemode == 1)
    struck_fonts = {number for number, font in enumerate(found.font_list) if font.struck_out}
    struck_styles = {number for number, style in enumerate(found.xf_list) if style.font_index in struck_fonts}
    uncalculated = _uncalculated(found)
    for number, sheet in enumerate(found.sheets()):
        fonts = {cell: {font for _, font in runs} for cell, runs in sheet.rich_text_runlist_map.items()}
        struck = {cell for cell, used in fonts.items() if not struck_fonts.isdisjoint(used)}
        _add(book, sheet, struck_styles, struck, uncalculated.get(number, frozenset()))
    return book


def _uncalculated(found: xlrd.Book) -> dict[int, Cells]:
    """The formulas without a result by the number of their sheet: xlrd gives them as zeros or blanks.

    Some programs (xlwt, Apache POI) leave it to Excel to calculate and write 0 or an empty text for every formula. One
    that calculates says so in a record of its own, as Excel does, or writes another result.
    """
    offsets: list[int] = []
    for kind, data in _records(found, found.base):
        if kind == _CALCULATED_BY:
            return {}
        if kind == _SHEET and data[5] == 0:
            offsets.append(found.base + int.from_bytes(data[:4], "little"))
    cells: dict[int, Cells] = {}
    for number, offset in enumerate(offsets):
        formulas = [data for kind, data in _records(found, offset) if kind in _FORMULAS]
        if any(any(data[6:14]) and (data[6], data[12:14]) != (3, b"\xff\xff") for data in formulas):
            return {}
        cells[number] = {(_number(data, 0), _number(data, 2)) for data in formulas}
    return cells


def _records(found: xlrd.Book, position: int) -> Iterator[tuple[int, bytes]]:
    """The records of a part of the workbook, to its end: their numbers and what is in them."""
    depth, end = 0, found.base + found.stream_len
    while position < end:
        kind, size = _number(found.mem, position), _number(found.mem, position + 2)
        depth += (kind in _BEGINS) - (kind == _ENDS)
        if depth <= 0:
            return
        yield kind, found.mem[position + 4 : position + 4 + size]
        position += 4 + size


def _number(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 2], "little")


def _add(book: Book, sheet: "xlrd.sheet.Sheet", struck_styles: Set[int], struck: Cells, uncalculated: Cells) -> None:
    made = book.begin_sheet(sheet.name, is_hidden=sheet.visibility != 0)
    made.hidden_rows = [range(row + 1, row + 2) for row, known in sheet.rowinfo_map.items() if known.hidden]
    made.hidden_columns = [range(column, column + 1) for column, known in sheet.colinfo_map.items() if known.hidden]
    for top, below, left, right in sheet.merged_cells:
        made.merge(range(top + 1, below + 1), range(left, right))
    for row in range(sheet.nrows):
        for column, cell in _cells(sheet, row):
            at, style = (row, column), int(cell.style)
            if style in struck_styles or at in struck:
                cell = cell._replace(is_struck=True)
            if at in uncalculated:
                cell = uncalculated_cell(style)
            if cell.text != "":
                book.add(row + 1, column, cell)


def _cells(sheet: "xlrd.sheet.Sheet", row: int) -> Iterator[tuple[int, RawCell]]:
    kinds, values = sheet.row_types(row), sheet.row_values(row)
    for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        style = sheet.cell_xf_index(row, column)
        match kind:
            case xlrd.XL_CELL_TEXT:
                yield column, text_cell(value, style)
            case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
                yield column, number_cell(value, style)
            case xlrd.XL_CELL_BOOLEAN:
                yield column, RawCell("b", str(style), "1" if value else "0", has_formula=False)
            case xlrd.XL_CELL_ERROR:
                yield column, RawCell("e", str(style), ERROR_TEXTS.get(value, "#N/A"), has_formula=False)
