"""Workbooks as accountants make them, written by openpyxl."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

HEADINGS = (
    "journal",
    "journalType",
    "account",
    "treference",
    "fund",
    "description",
    "transaction",
    "amount",
    "currency",
    "transDateTime",
    "period",
)
Cells = Sequence[object]


def line(journal: str | None, side: object, amount: object, **changes: object) -> Cells:
    """A good line as cells in the order of HEADINGS, with some changed."""
    good: dict[str, object] = {
        "journal": journal,
        "journalType": "JV",
        "account": "101110",
        "treference": f"REF-{journal}",
        "fund": "10",
        "description": "Línea",
        "transaction": side,
        "amount": amount,
        "currency": "MXN1",
        "transDateTime": date(2018, 6, 30),
        "period": "2018006",
    }
    return [(good | changes)[heading] for heading in HEADINGS]


def write(path: Path, rows: Sequence[Cells], *, headings: Cells = HEADINGS, above: int = 0) -> Path:
    """A workbook with its heading row below `above` blank rows; an empty row stays blank."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for _ in range(above):
        sheet.append([])
    for row in [headings, *rows]:
        sheet.append(list(row))
    book.save(path)
    return path
