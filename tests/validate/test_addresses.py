"""Rows of the address form become changes or problems, each at its cell."""

import pytest

from importer.model.journals import AddressChange
from importer.model.results import Status
from importer.model.workbook import CellText
from importer.services.sunplusxtra.records import Address, AddressCode, address_payload
from importer.validate.record_references import address_of, fields_of
from importer.validate.records import RecordDraft, address_drafts_of, with_repeated_keys_marked
from tests.contract.schemas import faults_of_request, operation
from tests.validate.record_sheets import ADDRESS, address, record_sheet


def drafts(*rows: dict[str, CellText], allow_delete: bool = False) -> list[RecordDraft]:
    return address_drafts_of(record_sheet("addresses", rows), allow_delete=allow_delete)


def told(draft: RecordDraft) -> list[tuple[str, str | None]]:
    return [(problem.wording or problem.code, problem.place.field) for problem in draft.problems]


def test_a_row_is_a_change_of_its_filled_cells() -> None:
    (draft,) = drafts(address(faxNumber="(EMPTY)", area=None))
    wishes = {name: text for name, text in ADDRESS.items() if text and name != "addressCode"} | {"faxNumber": ""}
    assert draft.change == AddressChange(None, "PR/0001", wishes)
    assert (draft.document.kind, draft.document.key, draft.document.status) == ("address", "PR/0001", Status.READY)
    assert "Faisán" not in repr(draft.change), "personal data (R-11)"


CASES: list[tuple[dict[str, CellText], list[tuple[str, str | None]]]] = [
    ({"addressCode": None}, [("required.empty", "addressCode")]),
    ({"status": "x"}, [("not-an-integer.from-nought", "status")]),
    ({"status": "-1"}, [("not-an-integer.from-nought", "status")]),
    ({"status": "0"}, []),
    ({"lookupCode": "(empty)"}, [("required.not-emptied", "lookupCode")]),
    ({"analysis1_code": "A" * 16}, [("too-long.code", "analysis1.code")]),
    ({"action": "DELETE"}, [("not-allowed", "action")]),
    (
        {"action": "CREATE", "addressLine1": None, "status": None},
        [("required.to-create", "addressLine1"), ("required.to-create", "status")],
    ),
    ({"action": "UPDATE", "addressLine1": None, "status": None, "lookupCode": None}, []),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_each_mistake_is_told_once_at_its_cell(
    changes: dict[str, CellText], expected: list[tuple[str, str | None]]
) -> None:
    (draft,) = drafts(address(**changes))
    assert told(draft) == expected
    assert draft.document.status is (Status.INVALID if expected else Status.READY)


def test_a_cell_that_lacks_its_column_is_told_at_the_row() -> None:
    (draft,) = drafts({"action": "CREATE", "addressCode": "N1", "status": "1", "lookupCode": "N"})
    (problem,) = draft.problems
    assert (problem.wording, problem.place.row, problem.place.cell) == ("required.to-create", 2, None)


def test_the_same_address_twice_is_wrong_in_both_rows() -> None:
    found = with_repeated_keys_marked(drafts(address(), address(addressCode="PR/0002"), address()))
    assert [told(draft) for draft in found] == [
        [("duplicate-line.record", "addressCode")],
        [],
        [("duplicate-line.record", "addressCode")],
    ]


def test_a_record_as_fields_is_the_same_record_again() -> None:
    codes = {1: AddressCode("20", "RFC", "1"), 10: AddressCode("3", "10", "2")}
    record = Address(
        "PR/1", ("a", "b", "", "", "c"), "area", "fax", "look", "97000", "short", 2, "tel", "web", codes, "e@x.example"
    )
    assert address_of("PR/1", fields_of(record)) == record
    assert fields_of(address_of("PR/1", fields_of(record))) == fields_of(record)


def test_an_analysis_code_of_which_nothing_is_left_is_gone() -> None:
    emptied = {"status": "1", "analysis1.code": "", "analysis1.id": "", "analysis1.entryNum": "", "analysis2.code": "X"}
    assert address_of("A", emptied).analysis_codes == {2: AddressCode("", "X", "")}


def test_all_members_travel_and_empty_ones_as_empty_texts() -> None:
    payload = address_payload(address_of("A", {"status": "0", "addressLine1": "Name"}))
    assert faults_of_request("create_address", payload) == []
    (example, *_) = operation("create_address").request_examples.values()
    assert set(payload) == set(example)
    assert {name for name, member in payload.items() if member == ""} == set(payload) - {
        "addressCode",
        "addressLine1",
        "status",
        "analysisCodes",
    }
