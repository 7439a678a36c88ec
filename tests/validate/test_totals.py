"""A row of sums below the last journal is one error of its own; the journal above it is left alone."""

import pytest

from importer.model.problems import Problem
from importer.model.results import Status
from importer.model.workbook import CellText
from importer.templates.forms import JOURNALS
from importer.validate.journals import Draft, drafts_of
from tests.validate.sheets import pair, sheet_of

SUM: dict[str, CellText] = {"amount": "37260.2"}


def drafts(*rows: dict[str, CellText]) -> list[Draft]:
    return drafts_of(sheet_of(rows), JOURNALS, 12)


@pytest.mark.parametrize(
    "total",
    [
        SUM,
        {**SUM, "description": "Suma"},
        {**SUM, "journal": "TOTAL"},
        {**SUM, "account": "Gran total:"},
        {**SUM, "memoAmount": "1", "treference": "Total 2018"},
    ],
)
@pytest.mark.parametrize("key", ["J1", None])
def test_a_row_of_sums_below_the_journals_is_one_error_and_the_journal_above_is_good(
    total: dict[str, CellText], key: str | None
) -> None:
    journal, sums = drafts(*pair(journal=key), total)
    assert journal.problems == () and journal.journal is not None and journal.document.rows == (2, 3)
    assert [(one.wording, one.place.cell, one.blocks) for one in sums.problems] == [("required.total", "I4", True)]
    assert sums.journal is None
    assert (sums.document.rows, sums.document.status) == ((4,), Status.INVALID)


def test_each_of_several_rows_of_sums_is_told() -> None:
    _, sums = drafts(*pair(), {**SUM, "description": "Cargos"}, {**SUM, "description": "Abonos"})
    assert [one.place.row for one in sums.problems] == [4, 5] and sums.document.rows == (4, 5)


@pytest.mark.parametrize(
    "row",
    [
        {**SUM, "journal": "J1"},
        {**SUM, "account": "101110"},
        {**SUM, "transaction": "D"},
        {**SUM, "description": "Suma", "account": "101110"},
        {"description": "Suma"},
    ],
    ids=["of the journal", "account", "side", "two texts", "no amount"],
)
def test_a_line_that_is_half_filled_is_no_row_of_sums(row: dict[str, CellText]) -> None:
    found = drafts(*pair(journal="J1"), row)
    assert found[0].document.status is not Status.READY
    assert all(one.wording != "required.total" for draft in found for one in draft.problems)


def test_a_row_of_sums_between_journals_is_no_last_row() -> None:
    found = drafts(*pair(journal="A"), SUM, *pair(journal="B"))
    assert [draft.document.status is Status.READY for draft in found] == [False, False]


def test_a_row_the_reader_complained_of_is_no_row_of_sums() -> None:
    sheet = sheet_of([*pair(), SUM], unusable=frozenset({(4, "memoAmount")}))
    read = [Problem("cell-error", sheet.place(4, "memoAmount"), value="#N/A", wording="cell-error")]
    (draft,) = drafts_of(sheet, JOURNALS, 12, read)
    assert draft.document.rows == (2, 3, 4) and draft.journal is None


def test_a_sheet_of_sums_alone_is_a_sheet_of_bad_lines() -> None:
    (draft,) = drafts(SUM, SUM)
    assert {one.wording for one in draft.problems} == {"required.empty"}
