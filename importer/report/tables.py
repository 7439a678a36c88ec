"""Rows of anything the services offer, as CSV, JSON or xlsx (on a terminal: `importer.report.shown_tables`). Text never
becomes a formula or a control sequence, wherever it is opened."""

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from importer.report.printable import printable, shortened

Value = str | int | Decimal | bool | date | datetime | list[Any] | dict[str, Any] | None

LONGEST_CELL = 32_000
"""Excel takes 32,767 characters and cuts longer texts in silence."""
MOST_DIGITS = 15
"""A number in Excel is a binary one: more digits than these would change."""

# CWE-1236 and OWASP "CSV Injection", the full-width forms included: some spreadsheets fold them.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_NO_NAME_OF_A_SHEET = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows; every row has a value for each heading. `name` is the sheet's name in a workbook, `members`
    are the headings' counterparts in JSON, which no language changes (empty: the headings themselves)."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    members: tuple[str, ...] = ()

    def of_columns(self, places: Sequence[int]) -> "Table":
        """The same with these columns alone, in this order."""
        members = tuple(self.members[place] for place in places) if self.members else ()
        rows = [[row[place] for place in places] for row in self.rows]
        return Table(self.name, tuple(self.headings[place] for place in places), rows, members)


def to_csv(table: Table) -> str:
    """CSV with all texts quoted; a text that a spreadsheet would take for a formula begins with an apostrophe, and
    characters that no one sees are escaped. Numbers stand bare."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in table.headings])
    writer.writerows([_csv_value(value) for value in row] for row in table.rows)
    return target.getvalue()


def _csv_value(value: Value) -> object:
    match value:
        case bool():
            return text_of(value)
        case int():
            return value
        case Decimal():
            return Decimal(format(value, "f"))  # without exponent; csv leaves every number bare
        case _:
            return harmless(text_of(value))


def harmless(text: str) -> str:
    """The text printable, and with an apostrophe before it where a spreadsheet would take it for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(_STARTS_A_FORMULA) else shown


def harmless_csv(content: bytes) -> bytes:
    """A service's CSV file (UTF-8 or Windows-1252) as it came, to the byte; only where a cell could be taken for a
    formula, or hides control characters, all is written anew in UTF-8 with those cells made harmless. Raises ValueError
    for what is no CSV."""
    body = content.removeprefix(BOM_UTF8)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("cp1252")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    safe = [[cell if _NUMBER.fullmatch(cell) else harmless(cell) for cell in row] for row in rows]
    if safe == rows:
        return content
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(safe)
    return target.getvalue().encode()


def to_json(table: Table) -> str:
    """A list of objects, one a row; amounts are texts with their own digits, days are ISO. Nothing is lost, and what no
    one sees is escaped."""
    names = table.members or table.headings
    rows = [{name: _json_value(value) for name, value in zip(names, row, strict=True)} for row in table.rows]
    return json_text(rows)


def json_text(value: object) -> str:
    """JSON for people and scripts: indented, ended by a line break, only printable characters."""
    return printable_json(json.dumps(value, ensure_ascii=False, indent=1))


def printable_json(text: str) -> str:
    """Indented JSON, ended by a line break, with everything that is not printable escaped."""
    return "".join(f"{_escaped(line)}\n" for line in text.split("\n"))


def _escaped(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(mark if mark.isprintable() else json.dumps(mark)[1:-1] for mark in line)


def _json_value(value: Any) -> object:
    match value:
        case None | bool() | int():
            return value
        case dict():
            return {str(name): _json_value(one) for name, one in value.items()}
        case list():
            return [_json_value(one) for one in value]
        case _:
            return text_of(value)


def to_xlsx(table: Table) -> bytes:
    """A workbook of one sheet: texts as texts, amounts and days as such, headings frozen and filterable."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(name_of_sheet(table.name))
    formats: Mapping[str, object] = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "amount": book.add_format({"num_format": "#,##0.00"}),
        "number": book.add_format({"num_format": "#,##0.##########"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
    }
    for index, heading in enumerate(table.headings):
        sheet.write_string(0, index, printable(heading), formats["head"])
        widest = max([len(heading), *(len(text_of(row[index])) for row in table.rows[:200])])
        sheet.set_column(index, index, min(widest + 2, 60))
    for number, row in enumerate(table.rows, start=1):
        for index, value in enumerate(row):
            _write(sheet, number, index, value, formats)
    if table.headings:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.headings) - 1)
    book.close()
    return target.getvalue()


def name_of_sheet(text: str) -> str:
    """A text as Excel takes it for a sheet's name: 31 characters, some marks replaced, no apostrophe at the ends."""
    return _NO_NAME_OF_A_SHEET.sub(" ", printable(text))[:31].strip("' ") or "Sheet1"


def _write(sheet: Any, row: int, column: int, value: Value, formats: Mapping[str, object]) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | Decimal() if _is_kept_exactly(value):
            sheet.write_number(row, column, value, _format_of(value, formats))
        case date() if not isinstance(value, datetime) and value.year >= 1900:
            sheet.write_datetime(row, column, value, formats["day"])
        case _:
            sheet.write_string(row, column, shortened(printable(text_of(value)), LONGEST_CELL), formats["text"])


def _is_kept_exactly(value: int | Decimal) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= MOST_DIGITS


def _format_of(value: int | Decimal, formats: Mapping[str, object]) -> object:
    if isinstance(value, int):
        return None
    exponent = value.as_tuple().exponent
    return formats["amount" if isinstance(exponent, int) and exponent >= -2 else "number"]


def text_of(value: Value) -> str:
    """A value as text: amounts with their own digits, days in ISO, what is nested as JSON."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat()
        case list() | dict():
            return json.dumps(_json_value(value), ensure_ascii=False)
        case _:
            return str(value)
