"""A workbook read, validated and told as a run tells it; and what stands in one that was written back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl

from importer.model.problems import Problem
from importer.model.results import Document, Mode, Result, Status
from importer.model.workbook import FormSheet, Workbook
from importer.read.workbooks import read_workbook
from importer.report.corrections import write_corrections
from importer.templates.forms import FORMS, JOURNALS
from importer.translations import Language
from importer.validate.journals import Draft, drafts_of
from tests.cli.workbooks import line

RUN = "20260701-140311-7f3a9c"
NOW = datetime(2026, 7, 1, 20, 3, 11, tzinfo=UTC)


@dataclass(frozen=True)
class Checked:
    """A workbook with the drafts of its journals."""

    path: Path
    workbook: Workbook
    drafts: tuple[Draft, ...]

    @property
    def sheet(self) -> FormSheet:
        """Its only form."""
        (sheet,) = self.workbook.sheets
        return sheet

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with it: of the file and of the journals, each once."""
        of_drafts = [problem for draft in self.drafts for problem in draft.problems]
        told = {(one.code, one.place) for one in of_drafts}
        return [one for one in self.workbook.problems if (one.code, one.place) not in told] + of_drafts

    def result(self, more: Iterable[Problem] = (), **ended: Status) -> Result:
        """The result of a run in which the journals `ended` (by key) so; the valid others are posted."""
        documents = [_ended(draft.document, ended.get(draft.document.key)) for draft in self.drafts]
        return Result(RUN, Mode.RUN, False, None, NOW, NOW, 1, (), tuple(documents), (*self.problems, *more), {})


def _ended(document: Document, status: Status | None) -> Document:
    if status is None and document.status is Status.READY:
        return replace(document, status=Status.POSTED, journal_number="5329", voucher_number="JV2018-0716")
    return document if status is None else document.ended(status)


def checked(path: Path) -> Checked:
    """Reads a workbook and validates its journals."""
    workbook = read_workbook(path, FORMS)
    drafts: list[Draft] = []
    for sheet in workbook.sheets:
        rows = set(sheet.rows)
        of_cells = [one for one in workbook.problems if one.place.sheet == sheet.sheet and one.place.row in rows]
        drafts += drafts_of(sheet, JOURNALS, 12, of_cells)
    return Checked(path, workbook, tuple(drafts))


def cells_by_heading(path: Path, sheet: str) -> list[Mapping[str, Any]]:
    """The cells of each row below the headings in row 1, by heading, as openpyxl has them."""
    rows = list(openpyxl.load_workbook(path)[sheet].iter_rows())
    headings = [str(cell.value) for cell in rows[0]]
    return [dict(zip(headings, row, strict=True)) for row in rows[1:]]


def mend(path: Path, changes: Mapping[str, object], sheet: str = "Journals") -> None:
    """Types values into cells (by address) and saves, as a person does."""
    book = openpyxl.load_workbook(path)
    for address, value in changes.items():
        book[sheet][address].value = value
    book.save(path)


def spots(problems: Sequence[Problem]) -> set[tuple[str, str | None]]:
    """Codes with the cells they are at."""
    return {(problem.code, problem.place.cell) for problem in problems}


def pair(key: str, **changes: object) -> list[Any]:
    """A journal of two lines; the first one with changes."""
    return [line(key, "D", changes.pop("amount", 5), **changes), line(key, "C", 5)]


def corrected(path: Path, more: list[Problem] | None = None, **ended: Status) -> Path:
    """The corrections workbook of a file, beside it."""
    found = checked(path)
    made = write_corrections(found.result(more or [], **ended), found.workbook, path, path.parent, Language.EN)
    assert made is not None
    return made
