"""Workbooks become drafts: what each sheet wants to have posted, and what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from importer.model.results import Company
from importer.model.sheets import FormSheet, Workbook
from importer.read.workbooks import find_workbooks, read_workbook
from importer.report.corrections_guide import what_is_corrected
from importer.run.endings import held_back
from importer.settings import Settings
from importer.templates.all_forms import FORMS
from importer.templates.journals import JOURNALS
from importer.validate.duplicates import with_duplicates_marked
from importer.validate.journals import Draft, drafts_of, unusable
from importer.validate.origin import origin_problems

CORRECTIONS = ".corrections.xlsx"
"""The end of the names that corrections workbooks get."""


def workbooks_at(paths: Sequence[Path]) -> list[Workbook]:
    """Every workbook that the paths name, read."""
    return [read_workbook(path, FORMS) for path in find_workbooks(paths)]


def earlier_corrections(workbooks: Iterable[Workbook], asked: Sequence[Path]) -> list[Workbook]:
    """The workbooks that were found in a folder and are corrections of an earlier run; one that is named itself is
    meant."""
    named = {str(path) for path in asked}
    found = (one for one in workbooks if one.path.endswith(CORRECTIONS) and one.path not in named)
    return [one for one in found if what_is_corrected(Path(one.path).read_bytes()) is not None]


def with_origin_checked(workbooks: Sequence[Workbook], company: Company | None, *, any_company: bool) -> list[Workbook]:
    """The workbooks with what is wrong with the lists in them: another company's, or old."""
    now = datetime.now(UTC)
    checked = []
    for workbook in workbooks:
        found = tuple(origin_problems(workbook, company, now, any_company=any_company))
        checked.append(replace(workbook, problems=(*workbook.problems, *found)) if found else workbook)
    return checked


def drafts_in(workbooks: Sequence[Workbook], settings: Settings) -> list[Draft]:
    """The journals of all workbooks, valid or not, in the order of the files and rows; those of a workbook
    that cannot be used as it stands are held back."""
    drafts: list[Draft] = []
    for workbook in workbooks:
        for sheet in workbook.sheets:
            if sheet.form == JOURNALS.name:
                found = _drafts_of_sheet(sheet, workbook, settings)
                drafts += found if workbook.is_usable else held_back(found)
    return with_duplicates_marked(drafts)


def _drafts_of_sheet(sheet: FormSheet, workbook: Workbook, settings: Settings) -> list[Draft]:
    of_sheet = [one for one in workbook.problems if one.place.sheet == sheet.sheet]
    if any(one.blocks and one.place.row is None for one in of_sheet):
        return unusable(sheet)
    rows = set(sheet.rows)
    of_cells = [one for one in of_sheet if one.place.row in rows]
    return drafts_of(sheet, JOURNALS, settings.last_period, of_cells, settings.balance_by, settings.attachments)
