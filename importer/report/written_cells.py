"""Cells as xlsxwriter writes them, exactly as given: text is never a formula, a link or markup."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from importer.report.original import CellValue, ErrorShown
from importer.report.printable import printable

ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
LONGEST_TEXT = 32_767
LONGEST_NOTE = 4_000
_BUILT_IN = {"mm-dd-yy": 14, "d-mmm-yy": 15, "d-mmm": 16, "mmm-yy": 17, "m/d/yy h:mm": 22}
"""Formats that Excel shows in the way of the person's own country; by their text alone they would lose that."""


def open_book(target: Any, *, is_large: bool) -> Any:
    """A new workbook that writes itself into a file."""
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": is_large,
        "in_memory": not is_large,
    }
    return xlsxwriter.Workbook(target, options)


def number_format(text: str) -> str | int:
    """A number format as xlsxwriter takes it."""
    return _BUILT_IN.get(text, text)


def write_cell(sheet: Any, row: int, column: int, value: CellValue, cell_format: Any = None) -> None:
    """Writes one cell; row and column count from 0. A value that Excel cannot hold is written as its text."""
    match value:
        case None:
            sheet.write_blank(row, column, None, cell_format)
        case ErrorShown():
            # No cell can hold an error but as a formula's result; these formulas are the errors themselves.
            error = value.error if value.error in ERRORS else "#VALUE!"
            sheet.write_formula(row, column, f"={error}", cell_format, error)
        case bool():
            sheet.write_boolean(row, column, value, cell_format)
        case int() | float() | Decimal():
            sheet.write_number(row, column, value, cell_format)
        case datetime() | date() | time() | timedelta():
            _write_moment(sheet, row, column, value, cell_format)
        case str():
            write_text(sheet, row, column, value, cell_format)


def _write_moment(
    sheet: Any, row: int, column: int, value: datetime | date | time | timedelta, cell_format: Any
) -> None:
    try:
        sheet.write_datetime(row, column, value, cell_format)
    except (ValueError, OverflowError):
        write_text(sheet, row, column, str(value), cell_format)


def write_text(sheet: Any, row: int, column: int, text: str, cell_format: Any = None) -> None:
    """Writes a text as it is."""
    text = text.encode("utf-8", "backslashreplace").decode()[:LONGEST_TEXT]
    if text.startswith("<r>") and text.endswith("</r>"):
        # xlsxwriter takes such a text for its own markup of rich strings.
        sheet.write_rich_string(row, column, text[:1], text[1:2], text[2:], cell_format)
    else:
        sheet.write_string(row, column, text, cell_format)


def write_note(sheet: Any, row: int, column: int, text: str) -> None:
    """Attaches a note of several lines to a cell, large enough to be read."""
    lines = [printable(line) for line in text[:LONGEST_NOTE].split("\n")]
    height = sum(-(-len(line) // 44) or 1 for line in lines)
    options = {"x_scale": 2.2, "y_scale": max(0.6, min(height * 0.24, 6)), "font_size": 9}
    sheet.write_comment(row, column, "\n".join(lines), options)
