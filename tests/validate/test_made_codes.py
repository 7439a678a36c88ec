"""Journals and the analysis codes that the same upload makes or removes."""

import pytest

from importer.model.results import Status
from importer.model.workbook import CellText
from importer.reference.lists import CompanyLists, RecordLists
from importer.services.sunplusxtra.records import AnalysisCode
from importer.templates.forms import JOURNALS
from importer.validate.journal_references import NO_CODES, codes_made, company_problems
from importer.validate.journals import Draft, drafts_of
from importer.validate.record_references import decided
from importer.validate.records import RecordDraft, dimension_drafts_of
from tests.validate.record_sheets import code, record_sheet
from tests.validate.sheets import pair, sheet_of

CODES = {3: {"10": AnalysisCode("10", "Ten", "10", False), "90": AnalysisCode("90", "Ninety", "90", True)}}
LISTS = CompanyLists({}, CODES, None, None, None)


def row(**changes: CellText) -> RecordDraft:
    """A row of the dimension form about dimension 03, held against the company's list."""
    sheet = record_sheet("dimensions", [{**code(), "catId": "3", **changes}])
    (draft,) = dimension_drafts_of(sheet, allow_delete=True)
    return decided(draft, RecordLists(CODES, None, None), NO_CODES) or draft


def journal(fund: str, *records: RecordDraft, lists: CompanyLists = LISTS) -> Draft:
    (draft,) = drafts_of(sheet_of(pair(fund=fund)), JOURNALS, 12)
    return draft.with_problems(company_problems(draft, lists, codes_made(records)))


def told(draft: Draft) -> set[str]:
    return {problem.wording for problem in draft.problems}


def test_a_code_that_the_upload_makes_may_be_used() -> None:
    assert told(journal("40")) == {"unknown-dimension.plain"}
    good = journal("40", row(code="40"))
    assert good.problems == () and good.journal is not None


def test_a_code_that_the_upload_makes_closed_or_opens_goes_by_the_row() -> None:
    assert told(journal("40", row(code="40", prohibitPosting="1"))) == {"closed-dimension"}
    assert told(journal("10", row(code="10", prohibitPosting="1"))) == {"closed-dimension"}
    assert told(journal("90", row(code="90", prohibitPosting="0"))) == set()
    assert told(journal("90", row(code="90", name="Ninety", lookup="90"))) == {"closed-dimension"}


def test_a_code_that_the_upload_deletes_may_not_be_used() -> None:
    assert told(journal("10", row(code="10", action="DELETE"))) == {"unknown-dimension.removed"}


@pytest.mark.parametrize(
    "failed",
    [row(code="40").blocked(), row(code="40", name="two\nlines"), row(code="40", name=None)],
    ids=["held back", "invalid cell", "invalid for the company"],
)
def test_a_journal_that_needs_a_row_that_failed_is_not_sent_and_points_at_it(failed: RecordDraft) -> None:
    draft = journal("40", failed)
    assert (draft.document.status, draft.journal) == (Status.NOT_SENT, None)
    assert {(problem.code, problem.place.field, problem.facts["row"]) for problem in draft.problems} == {
        ("depends-on-refused", "fund", "2")
    }


def test_a_journal_with_errors_of_its_own_stays_invalid_beside_it() -> None:
    (draft,) = drafts_of(sheet_of(pair(fund="40", amount="x")), JOURNALS, 12)
    after = draft.with_problems(company_problems(draft, LISTS, codes_made([row(code="40").blocked()])))
    assert after.document.status is Status.INVALID
    assert told(after) == {"not-a-number.text", "depends-on-refused.sheet"}


def test_a_failed_change_of_a_code_that_is_there_holds_nothing_back() -> None:
    assert journal("10", row(code="10", name="Other").blocked()).problems == ()


def test_without_the_list_only_a_failed_creation_holds_back() -> None:
    unread = CompanyLists({}, {}, None, None, None)
    assert told(journal("40", row(code="40").blocked(), lists=unread)) == {"depends-on-refused.sheet"}
    assert told(journal("10", row(code="10", name="Other").blocked(), lists=unread)) == set()
