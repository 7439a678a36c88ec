"""Sheets for the rules, made without a workbook: rows by wire name, as the reader hands them on."""

from collections.abc import Mapping, Sequence

from importer.model.problems import column_letters
from importer.model.workbook import CellText, FormSheet
from importer.templates.forms import JOURNALS

GOOD: Mapping[str, CellText] = {
    "journal": "J1",
    "journalType": "JV",
    "account": "101110",
    "treference": "EXAMPLE",
    "tfww": "1001",
    "fund": "10",
    "description": "LINE 1",
    "transaction": "D",
    "amount": "18630.1",
    "currency": "MXN1",
    "transDateTime": "2018-06-30",
    "period": "2018006",
}


def good(**changes: CellText) -> dict[str, CellText]:
    """A good debit line with some cells changed."""
    return {**GOOD, **changes}


def pair(**changes: CellText) -> list[dict[str, CellText]]:
    """A journal of two good lines that balances."""
    return [good(**changes), good(**{**changes, "transaction": "C"})]


def sheet_of(
    rows: Sequence[Mapping[str, CellText]],
    *,
    first_row: int = 2,
    file: str = "june.xlsx",
    unusable: frozenset[tuple[int, str]] = frozenset(),
    without: Sequence[str] = (),
) -> FormSheet:
    """A sheet of the journal form, its rows numbered from `first_row`; optional columns only where a row fills them."""
    filled = {field for row in rows for field in row} | {column.name for column in JOURNALS.required} | {"journal"}
    fields = [column.name for column in JOURNALS.columns if column.name in filled and column.name not in without]
    return FormSheet(
        form="journals",
        file=file,
        sheet="Journals",
        heading_row=first_row - 1,
        rows=tuple(range(first_row, first_row + len(rows))),
        columns={field: [row.get(field) for row in rows] for field in fields},
        letters={field: column_letters(index) for index, field in enumerate(fields)},
        unusable=unusable,
    )
