"""Workbooks of Excel 5 to 2003 (`.xls`), by xlrd."""

from collections.abc import Iterator
from io import StringIO

import xlrd

from importer.formats.book import Book, BrokenBook, number_cell, text_cell
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
        found = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=StringIO())
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
    is_struck = [found.font_list[style.font_index].struck_out for style in found.xf_list]
    book.struck = frozenset(str(style) for style, is_so in enumerate(is_struck) if is_so)
    for sheet in found.sheets():
        _add(book, sheet)
    return book


def _add(book: Book, sheet: "xlrd.sheet.Sheet") -> None:
    made = book.begin_sheet(sheet.name, is_hidden=sheet.visibility != 0)
    made.hidden_rows = [range(row + 1, row + 2) for row, known in sheet.rowinfo_map.items() if known.hidden]
    made.hidden_columns = [range(column, column + 1) for column, known in sheet.colinfo_map.items() if known.hidden]
    for top, below, left, right in sheet.merged_cells:
        made.merge(range(top + 1, below + 1), range(left, right))
    for row in range(sheet.nrows):
        for column, cell in _cells(sheet, row):
            book.add(row + 1, column, cell)


def _cells(sheet: "xlrd.sheet.Sheet", row: int) -> Iterator[tuple[int, RawCell]]:
    kinds, values = sheet.row_types(row), sheet.row_values(row)
    for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        style = sheet.cell_xf_index(row, column)
        match kind:
            case xlrd.XL_CELL_TEXT if value:
                yield column, text_cell(value, style)
            case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
                yield column, number_cell(value, style)
            case xlrd.XL_CELL_BOOLEAN:
                yield column, RawCell("b", str(style), "1" if value else "0", has_formula=False)
            case xlrd.XL_CELL_ERROR:
                yield column, RawCell("e", str(style), ERROR_TEXTS.get(value, "#N/A"), has_formula=False)
