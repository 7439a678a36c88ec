"""Changes of records against a company's lists: create, update with its differences, equal, delete, or a problem."""

from dataclasses import replace

import pytest

from importer.model.results import FieldChange, Status
from importer.model.workbook import CellText
from importer.reference.lists import RecordLists
from importer.services.sunplusxtra.records import (
    Address,
    AddressCode,
    AddressWrite,
    AnalysisCode,
    CodeWrite,
    RequiredAnalysisCode,
)
from importer.validate.journal_references import NO_CODES, WorkbookCodes, codes_made
from importer.validate.record_references import decided
from importer.validate.records import RecordDraft, address_drafts_of, dimension_drafts_of
from tests.validate.record_sheets import address, code, record_sheet

KNOWN = AnalysisCode("DP0121", "Departamento 121", "D121", False)
FUND = AnalysisCode("10", "Operating", "10", False)
CLOSED = AnalysisCode("90", "Closed", "90", True)
SHOP = Address("PR/0001", ("Papelería El Faisán", "", "", "", ""), "", "", "FAISAN", None, "", 1)
REQUIRED = {1: RequiredAnalysisCode(1, 20, 138, 1, "TYPEDOC"), 2: RequiredAnalysisCode(2, 3, 138, 2, "FUND")}
WITH_CODES = replace(SHOP, analysis_codes={1: AddressCode("20", "RFC", "1"), 2: AddressCode("3", "10", "2")})
LISTS = RecordLists({7: {"DP0121": KNOWN}, 3: {"10": FUND, "90": CLOSED}}, {"PR/0001": WITH_CODES}, REQUIRED)
EMPTY = RecordLists({7: {}, 3: {"10": FUND, "90": CLOSED}}, {}, REQUIRED)


def of_code(lists: RecordLists, **changes: CellText) -> RecordDraft:
    (draft,) = dimension_drafts_of(record_sheet("dimensions", [code(**changes)]), allow_delete=True)
    after = decided(draft, lists, NO_CODES)
    assert after is not None
    return after


def of_address(lists: RecordLists, **changes: CellText) -> RecordDraft:
    return of_address_beside(NO_CODES, lists, **changes)


def of_address_beside(made: WorkbookCodes, lists: RecordLists, **changes: CellText) -> RecordDraft:
    (draft,) = address_drafts_of(record_sheet("addresses", [address(**changes)]), allow_delete=True)
    after = decided(draft, lists, made)
    assert after is not None
    return after


def told(draft: RecordDraft) -> list[tuple[str, str | None]]:
    return [(problem.wording or problem.code, problem.place.field) for problem in draft.problems]


@pytest.mark.parametrize("action", [None, "CREATE"])
def test_an_absent_code_is_created_with_the_defaults(action: CellText) -> None:
    draft = of_code(EMPTY, action=action)
    wanted = AnalysisCode("DP0121", "Departamento 121", "DP0121", False)
    assert draft.write == CodeWrite(7, None, wanted)
    assert (draft.document.action, draft.document.changes, draft.document.status) == ("create", (), Status.READY)


def test_a_code_may_be_created_without_a_lookup_and_closed() -> None:
    draft = of_code(EMPTY, lookup="(empty)", prohibitPosting="1")
    assert draft.write == CodeWrite(7, None, AnalysisCode("DP0121", "Departamento 121", "", True))


@pytest.mark.parametrize("action", [None, "UPDATE"])
def test_a_different_code_is_updated_and_its_differences_are_told(action: CellText) -> None:
    draft = of_code(LISTS, action=action, name="Otro", prohibitPosting="1")
    assert draft.write == CodeWrite(7, KNOWN, AnalysisCode("DP0121", "Otro", "D121", True))
    assert draft.document.action == "update"
    assert draft.document.changes == (
        FieldChange("name", "Departamento 121", "Otro"),
        FieldChange("prohibitPosting", "0", "1"),
    )


@pytest.mark.parametrize("action", [None, "CREATE", "UPDATE"])
def test_an_equal_code_is_already_posted(action: CellText) -> None:
    draft = of_code(LISTS, action=action, prohibitPosting="0")
    assert (draft.document.status, draft.write, draft.problems) == (Status.ALREADY_POSTED, None, ())


def test_a_field_is_emptied_only_where_the_cell_says_so() -> None:
    assert of_code(LISTS, lookup="(empty)").document.changes == (FieldChange("lookup", "D121", ""),)


def test_a_delete_removes_what_is_there_and_is_done_where_nothing_is() -> None:
    draft = of_code(LISTS, action="DELETE", name=None)
    assert (draft.write, draft.document.action) == (CodeWrite(7, KNOWN, None), "delete")
    assert of_code(EMPTY, action="DELETE").document.status is Status.ALREADY_POSTED
    assert of_address(LISTS, action="DELETE").write == AddressWrite(WITH_CODES, None)
    assert of_address(EMPTY, action="DELETE").document.status is Status.ALREADY_POSTED


def test_what_contradicts_the_list_is_told_at_its_cell() -> None:
    assert told(of_code(EMPTY, action="UPDATE")) == [("unknown-dimension.plain", "code")]
    assert told(of_code(EMPTY, name=None)) == [("required.to-create", "name")]
    assert told(of_code(LISTS, action="CREATE", name="Otro")) == [("not-allowed.exists", "action")]
    assert told(of_address(EMPTY, action="UPDATE")) == [("unknown-address", "addressCode")]
    assert told(of_address(EMPTY, lookupCode=None)) == [("required.to-create", "lookupCode")]
    assert told(of_address(LISTS, action="CREATE", status="2")) == [("not-allowed.exists", "action")]


def test_a_list_that_could_not_be_had_decides_nothing() -> None:
    nothing = RecordLists({}, None, None)
    for form, draw_up, row in (
        ("dimensions", dimension_drafts_of, code()),
        ("addresses", address_drafts_of, address()),
    ):
        (draft,) = draw_up(record_sheet(form, [row]), allow_delete=True)
        assert decided(draft, nothing, NO_CODES) is None


def test_a_new_address_is_joined_to_the_required_analysis_codes() -> None:
    draft = of_address(EMPTY)
    wanted = replace(WITH_CODES, postal_code="", email="")
    assert draft.write == AddressWrite(None, wanted)


def test_an_update_sends_the_whole_record_and_keeps_what_blank_cells_leave() -> None:
    there = replace(WITH_CODES, telephone_number="555", area="Norte", postal_code="97000", status=7)
    lists = replace(LISTS, addresses={"PR/0001": there})
    draft = of_address(lists, addressLine1=None, lookupCode=None, status=None, area="(empty)", analysis1_code="CURP")
    wanted = replace(
        there, area="", email="", analysis_codes={**there.analysis_codes, 1: AddressCode("20", "CURP", "1")}
    )
    assert draft.write == AddressWrite(there, wanted)
    assert draft.document.changes == (
        FieldChange("area", "Norte", ""),
        FieldChange("analysis1.code", "RFC", "CURP"),
    )


def test_an_equal_address_is_already_posted_though_null_is_written_as_empty() -> None:
    assert of_address(LISTS).document.status is Status.ALREADY_POSTED


def test_an_update_needs_a_status_where_the_service_tells_none() -> None:
    lists = replace(LISTS, addresses={"PR/0001": replace(WITH_CODES, status=None)})
    assert told(of_address(lists, status=None, area="Sur")) == [("required.untold", "status")]
    assert of_address(lists, area="Sur").write is not None


ANALYSIS: list[tuple[dict[str, CellText], list[tuple[str, str | None]]]] = [
    ({"analysis2_code": None}, [("missing-dimension.address", "analysis2.code")]),
    ({"analysis2_code": "99"}, [("unknown-dimension.plain", "analysis2.code")]),
    ({"analysis2_code": "90"}, [("closed-dimension", "analysis2.code")]),
    ({"analysis1_code": "ANYTHING"}, []),
    (
        {"analysis5_code": "X"},
        [("required.analysis", "analysis5.id"), ("required.analysis", "analysis5.entryNum")],
    ),
    ({"analysis5_code": "X", "analysis5_id": "14", "analysis5_entryNum": "3"}, []),
]


@pytest.mark.parametrize(("changes", "expected"), ANALYSIS)
def test_the_analysis_codes_of_a_new_address_are_held_against_the_lists(
    changes: dict[str, CellText], expected: list[tuple[str, str | None]]
) -> None:
    assert told(of_address(EMPTY, **changes)) == expected


def test_an_old_address_need_not_have_every_required_code() -> None:
    lists = replace(LISTS, addresses={"PR/0001": SHOP})
    draft = of_address(lists, analysis1_code=None, analysis2_code=None, area="Sur")
    assert draft.problems == () and draft.write is not None


def test_an_address_may_use_a_code_that_the_upload_makes() -> None:
    (row,) = dimension_drafts_of(record_sheet("dimensions", [code(catId="3", code="40")]), allow_delete=False)
    lists = RecordLists({3: {}}, {}, REQUIRED)
    made = decided(row, lists, NO_CODES)
    assert made is not None
    assert of_address_beside(codes_made([made]), lists, analysis2_code="40").problems == ()
    failed = made.blocked()
    draft = of_address_beside(codes_made([failed]), lists, analysis2_code="40")
    assert (draft.document.status, told(draft)) == (Status.NOT_SENT, [("depends-on-refused.sheet", "analysis2.code")])
