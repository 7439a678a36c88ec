"""Large journal workbooks: 51 columns, 17 of them filled, journals of ten lines that balance, some bad cells."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from importer.templates.forms import JOURNALS

COLUMNS = tuple(column.name for column in JOURNALS.columns if column.name != "attachment")
ALL_OF_EXCEL = 1_048_575
"""The rows below the headings that a sheet of Excel can hold."""

_LINES = 10
_MOST_IN_MEMORY = 300_000

Cells = dict[str, object]

BAD_CELLS: tuple[tuple[str, object], ...] = (
    ("transDateTime", "22/10/2025"),
    ("transDateTime", "2025-02-30"),
    ("amount", "12,50 MXN"),
    ("amount", -17.25),
    ("amount", 10.125),
    ("period", "2025013"),
    ("transaction", "X"),
    ("account", None),
    ("description", "A description that goes on beyond the fifty characters of the ledger"),
)
"""One of these stands in each bad row."""


@dataclass(frozen=True)
class Shape:
    """A workbook to be made: how many rows, and how many of them in a hundred are bad."""

    rows: int
    bad_in_a_hundred: int = 1

    @property
    def name(self) -> str:
        """Its file's name; the same shape always gives the same workbook."""
        return f"journals-{self.rows}-{self.bad_in_a_hundred}.xlsx"


def workbook_of(shape: Shape, folder: Path) -> Path:
    """The workbook of a shape in `folder`, made when it is not there yet.

    Texts are shared strings, as Excel saves them; only beyond 300,000 rows, where no writer has the memory, they stand
    in the cells.
    """
    path = folder / shape.name
    if not path.exists():
        draft = path.with_suffix(".part")
        _write(draft, shape)
        draft.replace(path)
    return path


def _write(path: Path, shape: Shape) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": shape.rows > _MOST_IN_MEMORY})
    sheet: Any = book.add_worksheet("Journals")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    places = {name: index for index, name in enumerate(COLUMNS)}
    sheet.write_row(0, 0, COLUMNS)
    for number, cells in enumerate(rows_of(shape), start=1):
        for name, value in cells.items():
            match value:
                case date():
                    sheet.write_datetime(number, places[name], value, day)
                case int() | float():
                    sheet.write_number(number, places[name], value)
                case str():
                    sheet.write_string(number, places[name], value)
    book.close()


def rows_of(shape: Shape) -> Iterator[Cells]:
    """The filled cells of each row, in the order of the columns."""
    chance = random.Random(shape.rows)
    total = 0
    for row in range(shape.rows):
        line = row % _LINES
        if line == 0:
            total = 0
        is_last = line == _LINES - 1 or row == shape.rows - 1
        cents = total if is_last else chance.randrange(100, 1_000_000)
        total += cents
        cells = _cells(row, cents, is_last)
        if chance.randrange(100) < shape.bad_in_a_hundred:
            name, value = chance.choice(BAD_CELLS)
            cells[name] = value
        yield cells


def _cells(row: int, cents: int, is_last: bool) -> Cells:
    journal, line = divmod(row, _LINES)
    return {
        "journal": f"J{journal:06d}",
        "line": line + 1,
        "journalType": "GENJ",
        "account": str(100_000 + row * 7 % 900),
        "treference": f"REF-{journal:06d}",
        "source": "10",
        "fund": f"F{row % 20:02d}",
        "function": f"{row % 50:04d}",
        "project": f"P{row % 200:03d}",
        "description": f"Monthly allocation {row % 3000} of the office",
        "transaction": "C" if is_last else "D",
        "amount": cents / 100,
        "currency": "MXN",
        "transDateTime": date(2025, 10, 1 + journal % 28),
        "period": "2025010",
        "description1": f"Batch {journal % 500}",
        "description2": "Imported at month end",
    }
