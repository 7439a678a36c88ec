"""Cells as they are written, exactly as given: text is never a formula, a link or markup."""

import re
from typing import Any

from importer.printable import printable
from importer.report.sheet_cells import ERROR, TEXT

ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
LONGEST_TEXT = 32_767
LONGEST_NOTE = 4_000
_BUILT_IN = {"mm-dd-yy": 14, "d-mmm-yy": 15, "d-mmm": 16, "mmm-yy": 17, "m/d/yy h:mm": 22}
"""Formats that Excel shows in the way of the person's own country; by their text alone they would lose that."""

_ESCAPED = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "_": "_x005F_"}


def open_book(target: Any, *, counts_from_1904: bool = False) -> Any:
    """A new xlsxwriter workbook that writes itself into a file."""
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "date_1904": counts_from_1904,
        "in_memory": True,
    }
    return xlsxwriter.Workbook(target, options)


def number_format(text: str) -> str | int:
    """A number format as xlsxwriter takes it."""
    return _BUILT_IN.get(text, text)


def cell_xml(kind: str, text: str, style: int | None) -> str:
    """The XML of a cell from behind its address: `<c r="B5` and this make it whole. `kind` is one of
    `sheet_cells`, the style its number."""
    shown = f'" s="{style}"' if style is not None else '"'
    if not text:
        return f"{shown}/>"
    if kind == TEXT:
        blanks = ' xml:space="preserve"' if text != text.strip() else ""
        return f'{shown} t="inlineStr"><is><t{blanks}>{xml_text(text)}</t></is></c>'
    if kind == ERROR and text not in ERRORS:
        text = "#VALUE!"
    return f'{shown} t="{kind}"><v>{text}</v></c>'


def xml_text(text: str) -> str:
    """A text in XML, cut to what a cell can hold. Characters that XML cannot hold are written `_x000D_` (ECMA-376,
    ST_Xstring), unpaired surrogates as escapes."""
    return _ESCAPED.sub(_escape, _cut(text))


def _escape(found: re.Match[str]) -> str:
    mark = found[0]
    if mark in _ENTITIES:
        return _ENTITIES[mark]
    return f"\\u{ord(mark):04x}" if "\ud800" <= mark <= "\udfff" else f"_x{ord(mark):04X}_"


def _cut(text: str) -> str:
    """Excel counts what lies beyond U+FFFF as two."""
    if 2 * len(text) <= LONGEST_TEXT:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * LONGEST_TEXT].decode("utf-16-le", "ignore")


def write_text(sheet: Any, row: int, column: int, text: str, cell_format: Any = None) -> None:
    """Writes a text through xlsxwriter; row and column count from 0."""
    text = _cut(text.encode("utf-8", "backslashreplace").decode())
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
