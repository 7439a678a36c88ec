"""Rows of anything the services offer, as table on a terminal, CSV, JSON or xlsx. Text never becomes a formula or a
control sequence, wherever it is opened."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from importer.report.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

Value = str | int | Decimal | bool | date | datetime | None

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
LONGEST_CELL = 32_767
"""Excel cuts longer texts in silence."""


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows; every row has a value for each heading. `name` is the sheet's name in a workbook."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def to_csv(table: Table) -> str:
    """CSV with all texts quoted; a text that a spreadsheet would take for a formula begins with an apostrophe
    (CWE-1236). Numbers stand bare."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([_harmless(heading) for heading in table.headings])
    writer.writerows([_csv_value(value) for value in row] for row in table.rows)
    return target.getvalue()


def _csv_value(value: Value) -> object:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return value
        case Decimal():
            return Decimal(format(value, "f"))  # without exponent; csv leaves every number bare
        case _:
            return _harmless(_text(value))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def to_json(table: Table) -> str:
    """A list of objects, one a row; amounts are texts with their own digits, days are ISO."""
    rows = [
        {heading: _json_value(value) for heading, value in zip(table.headings, row, strict=True)} for row in table.rows
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _json_value(value: Value) -> object:
    return value if value is None or isinstance(value, bool | int) else _text(value)


def to_xlsx(table: Table) -> bytes:
    """A workbook of one sheet: texts as texts, amounts and days as such, headings frozen and filterable."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(table.name[:31])
    formats: Mapping[str, object] = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "amount": book.add_format({"num_format": "#,##0.00"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
    }
    for index, heading in enumerate(table.headings):
        sheet.write_string(0, index, heading, formats["head"])
        widest = max([len(heading), *(len(_text(row[index])) for row in table.rows[:200])])
        sheet.set_column(index, index, min(widest + 2, 60))
    for number, row in enumerate(table.rows, start=1):
        for index, value in enumerate(row):
            _write(sheet, number, index, value, formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.headings) - 1)
    book.close()
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, value: Value, formats: Mapping[str, object]) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int():
            sheet.write_number(row, column, value)
        case Decimal():
            sheet.write_number(row, column, value, formats["amount"])
        case datetime():
            sheet.write_string(row, column, _text(value), formats["text"])
        case date():
            sheet.write_datetime(row, column, value, formats["day"])
        case str():
            sheet.write_string(row, column, printable(value)[:LONGEST_CELL], formats["text"])


def print_table(table: Table, console: "Console") -> None:
    """The table on a terminal, numbers to the right."""
    from rich.table import Table as Shown
    from rich.text import Text

    shown = Shown(box=None, pad_edge=False, header_style="bold")
    for index, heading in enumerate(table.headings):
        is_number = any(isinstance(row[index], int | Decimal) and row[index] is not True for row in table.rows)
        shown.add_column(Text(printable(heading)), justify="right" if is_number else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(printable(_text(value))) for value in row))
    console.print(shown)


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
