"""Workbooks with headings of their own, read by a mapping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from importer.model.journals import Journal
from importer.model.problems import Problem
from importer.model.workbook import FormSheet, Workbook
from importer.read.mapping_search import MappingsAtHand
from importer.read.mappings import mapping_of
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS, JOURNALS
from importer.validate.journals import drafts_of
from tests.xlsx.archives import table

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Understood:
    """What came of a workbook: its problems, and the journals that are right."""

    workbook: Workbook
    problems: list[Problem]
    journals: list[Journal]

    @property
    def sheet(self) -> FormSheet:
        """Its only form."""
        (sheet,) = self.workbook.sheets
        return sheet

    @property
    def errors(self) -> list[tuple[str, str | None]]:
        """Wording and cell of each error."""
        return [(one.wording, one.place.cell) for one in self.problems if one.blocks]

    @property
    def lines(self) -> list[tuple[str, str, str, str, str, date, str]]:
        """Key, type, account, side, amount, day and period of each line that is right."""
        return [
            (
                *(one.key, line.journal_type, line.account, line.side.value, f"{line.amount:f}"),
                *(line.transaction_date, line.period),
            )
            for one in self.journals
            for line in one.lines
        ]


def write(path: Path, rows: Rows, title: str = "Hoja1", formats: Mapping[str, str] | None = None) -> Path:
    """The rows as a workbook of one sheet; blank ones are empty. `formats` are the number formats of single cells."""
    path.write_bytes(table(rows, title, formats))
    return path


def understood(path: Path, mapping: str, last_period: int = 12) -> Understood:
    """A workbook read by the mapping with that text."""
    at_hand = MappingsAtHand(named=mapping_of("mine", mapping, "mine.toml"), last_period=last_period)
    return validated(read_workbook(path, FORMS, mappings=at_hand))


def validated(workbook: Workbook) -> Understood:
    """The workbook with its journals checked."""
    found, journals = list[Problem](), []
    if workbook.is_usable:
        for sheet in workbook.sheets:
            rows = set(sheet.rows)
            of_cells = [one for one in workbook.problems if one.place.sheet == sheet.sheet and one.place.row in rows]
            for draft in drafts_of(sheet, JOURNALS, 12, of_cells):
                found += draft.problems
                if draft.journal is not None:
                    journals.append(draft.journal)
    handed_on = {(one.code, one.place) for one in found}
    of_file = [one for one in workbook.problems if (one.code, one.place) not in handed_on]
    return Understood(workbook, [*of_file, *found], journals)


JUNE_15 = datetime(2018, 6, 15)

PRODUCT = (
    *("Journal", "Journal type", "Account", "Transaction reference", "TFWW", "Fund", "Description"),
    *("Debit or credit", "Amount", "Currency", "Transaction date", "Accounting period"),
)


def rows_of(amounts: tuple[object, object], day: object = JUNE_15, sides: tuple[str, str] = ("D", "C")) -> Rows:
    """Two lines in the product's headings."""
    return [
        PRODUCT,
        *(
            ("JV-01", "JV", account, "REF-1", "1001", "10", "Gasto", side, amount, "MXN1", day, "2018006")
            for account, side, amount in zip(("101110", "371110"), sides, amounts, strict=True)
        ),
    ]
