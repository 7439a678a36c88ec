"""Workbooks of Excel 5 to 2003 (`.xls`), by xlrd."""

import struct
from collections.abc import Collection, Iterator, Set
from io import StringIO

import xlrd

from importer.formats.book import Book, Unread, number_cell, text_cell
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


def read_xls(content: bytes) -> Book:
    """The cells of an old workbook. Raises Unread, or whatever xlrd stumbles over in a damaged file. Of workbooks of
    Excel 4 or older xlrd does not tell what is hidden."""
    try:
        found = xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True, logfile=StringIO())
    except xlrd.XLRDError as failure:
        message = str(failure)
        if "encrypted" in message:
            raise Unread("encrypted-file") from failure
        if "Can't find workbook" in message or "Excel xlsx file" in message:
            raise Unread("unsupported-format.other") from failure
        raise Unread from failure
    except NotImplementedError as failure:  # what xlrd raises for workbooks older than Excel 5
        raise Unread("unsupported-format.old") from failure
    if found.biff_version < _FIRST_WITH_FORMATS:
        raise Unread("unsupported-format.old")
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

    Some programs (xlwt) leave it to Excel to calculate and write 0 or an empty text for every formula. One
    that calculates says so in a record of its own, as Excel does, or writes another result.
    """
    offsets: list[int] = []
    for kind, data in _records(found, found.base, (_CALCULATED_BY, _SHEET)):
        if kind == _CALCULATED_BY:
            return {}
        offset, _, kind_of_sheet = struct.unpack_from("<IBB", data)
        if kind_of_sheet == 0:
            offsets.append(found.base + offset)
    cells: dict[int, Cells] = {}
    for number, offset in enumerate(offsets):
        formulas = [data for _, data in _records(found, offset, _FORMULAS)]
        if any(any(data[6:14]) and (data[6], data[12:14]) != (3, b"\xff\xff") for data in formulas):
            return {}
        cells[number] = {struct.unpack_from("<HH", data) for data in formulas}
    return cells


def _records(found: xlrd.Book, position: int, wanted: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """The records of the `wanted` kinds in a part of the workbook, to its end: their kinds and what is in them."""
    depth, end, content, head = 0, found.base + found.stream_len, found.mem, struct.Struct("<HH")
    while position + head.size <= end:
        kind, size = head.unpack_from(content, position)
        position += head.size + size
        if kind in wanted:
            yield kind, content[position - size : position]
        elif kind in _BEGINS:
            depth += 1
        elif kind == _ENDS:
            depth -= 1
            if not depth:
                return


def _add(book: Book, sheet: "xlrd.sheet.Sheet", struck_styles: Set[int], struck: Cells, uncalculated: Cells) -> None:
    made = book.begin_sheet(sheet.name, is_hidden=sheet.visibility != 0)
    made.hidden_rows = [range(row + 1, row + 2) for row, known in sheet.rowinfo_map.items() if known.hidden]
    made.hidden_columns = [range(column, column + 1) for column, known in sheet.colinfo_map.items() if known.hidden]
    for top, below, left, right in sheet.merged_cells:
        made.merge(range(top + 1, below + 1), range(left, right))
    for row in range(sheet.nrows):
        for column, style, cell in _cells(sheet, row):
            at = row, column
            if at in uncalculated:
                book.add(row + 1, column, RawCell("n", str(style), None, has_formula=True))
            elif cell.text != "":
                is_struck = style in struck_styles or at in struck
                book.add(row + 1, column, cell._replace(is_struck=True) if is_struck else cell)


def _cells(sheet: "xlrd.sheet.Sheet", row: int) -> Iterator[tuple[int, int, RawCell]]:
    """The cells of a row (from 0) by column and style; a formula without a result may be an empty text."""
    kinds, values = sheet.row_types(row), sheet.row_values(row)
    for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        style = sheet.cell_xf_index(row, column)
        match kind:
            case xlrd.XL_CELL_TEXT:
                yield column, style, text_cell(value, style)
            case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
                yield column, style, number_cell(value, style)
            case xlrd.XL_CELL_BOOLEAN:
                yield column, style, RawCell("b", str(style), "1" if value else "0", has_formula=False)
            case xlrd.XL_CELL_ERROR:
                yield column, style, RawCell("e", str(style), ERROR_TEXTS.get(value, "#N/A"), has_formula=False)
