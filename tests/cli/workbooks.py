"""Workbooks as accountants make them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.xlsx.archives import table

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
    path.write_bytes(table([*[()] * above, headings, *rows]))
    return path
