"""Rows of the dimension form become changes or problems, each at its cell."""

import pytest

from importer.model.journals import Action, DimensionChange
from importer.model.results import Status
from importer.model.workbook import CellText
from importer.validate.records import RecordDraft, dimension_drafts_of, unusable_records, with_repeated_keys_marked
from tests.validate.record_sheets import code, record_sheet


def drafts(*rows: dict[str, CellText], allow_delete: bool = False) -> list[RecordDraft]:
    return dimension_drafts_of(record_sheet("dimensions", rows), allow_delete=allow_delete)


def told(draft: RecordDraft) -> list[tuple[str, str | None]]:
    return [(problem.wording or problem.code, problem.place.field) for problem in draft.problems]


def test_a_row_is_a_change_with_its_blank_cells_untold() -> None:
    (draft,) = drafts(code(catId="7", lookup="(Empty)", prohibitPosting="1"))
    assert draft.change == DimensionChange(None, 7, "DP0121", "", "Departamento 121", True)
    document = draft.document
    assert (document.kind, document.key, document.rows, document.status) == (
        "dimension",
        "07/DP0121",
        (2,),
        Status.READY,
    )
    assert draft.sheet.columns["catId"] == ["7"], "the report shows the cell as it stands on the sheet"


@pytest.mark.parametrize("action", Action)
def test_actions_are_read_in_capitals_as_the_reader_hands_them_on(action: Action) -> None:
    (draft,) = drafts(code(action=action.upper()), allow_delete=True)
    assert draft.change is not None and draft.change.action is action
    assert draft.document.action == action.value


CASES: list[tuple[dict[str, CellText], list[tuple[str, str | None]]]] = [
    ({"catId": "11"}, [("bad-choice", "catId")]),
    ({"catId": "0"}, [("bad-choice", "catId")]),
    ({"catId": "007"}, [("bad-choice", "catId")]),
    ({"catId": None}, [("required.empty", "catId")]),
    ({"code": None}, [("required.empty", "code")]),
    ({"code": "C" * 16}, [("too-long.text", "code")]),
    ({"code": "(empty)"}, [("required.not-emptied", "code")]),
    ({"name": "(empty)"}, [("required.not-emptied", "name")]),
    ({"name": "two\nlines"}, [("control-character", "name")]),
    ({"prohibitPosting": "TRUE"}, [("bad-choice", "prohibitPosting")]),
    ({"action": "REMOVE"}, [("bad-choice", "action")]),
    ({"action": "CREATE", "name": None}, [("required.to-create", "name")]),
    ({"action": "DELETE"}, [("not-allowed", "action")]),
    ({"action": "UPDATE", "name": None}, []),
    ({"name": None}, []),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_each_mistake_is_told_once_at_its_cell(
    changes: dict[str, CellText], expected: list[tuple[str, str | None]]
) -> None:
    (draft,) = drafts(code(**changes))
    assert told(draft) == expected
    assert (draft.change is None) is bool(expected)
    assert draft.document.status is (Status.INVALID if expected else Status.READY)


def test_deletes_are_good_when_they_are_allowed() -> None:
    (draft,) = drafts({"action": "DELETE", "catId": "7", "code": "DP0121"}, allow_delete=True)
    assert draft.problems == () and draft.change is not None


def test_the_same_code_twice_is_wrong_in_both_rows_and_in_two_files() -> None:
    first, other, second = with_repeated_keys_marked(drafts(code(), code(catId="8"), code(catId="7")))
    assert (told(first), told(other), told(second)) == (
        [("duplicate-line.record", "code")],
        [],
        [("duplicate-line.record", "code")],
    )
    assert (first.problems[0].facts["row"], second.problems[0].facts["row"]) == ("4", "2")
    elsewhere = dimension_drafts_of(record_sheet("dimensions", [code()], file="july.xlsx"), allow_delete=False)
    for draft in with_repeated_keys_marked([*drafts(code()), *elsewhere]):
        assert told(draft) == [("duplicate-line.record-elsewhere", "code")] and draft.change is None


def test_rows_whose_code_cannot_be_read_are_not_called_equal() -> None:
    rows = [code(code=None), code(code=None), code(catId="77"), code(catId="77")]
    assert [len(draft.problems) for draft in with_repeated_keys_marked(drafts(*rows))] == [1, 1, 1, 1]
    sheet = record_sheet(
        "dimensions", [code(code=None), code(code=None)], unusable=frozenset({(2, "code"), (3, "code")})
    )
    found = with_repeated_keys_marked(dimension_drafts_of(sheet, allow_delete=False))
    assert [draft.problems for draft in found] == [(), ()]
    assert {draft.document.status for draft in found} == {Status.INVALID}


def test_a_sheet_that_cannot_be_used_is_one_invalid_document() -> None:
    (draft,) = unusable_records(record_sheet("dimensions", [code(), code()]), "dimension")
    assert (draft.document.status, draft.document.rows, draft.has_key) == (Status.INVALID, (2, 3), False)
    assert unusable_records(record_sheet("dimensions", []), "dimension") == []


def test_held_back_rows_are_not_sent_and_invalid_ones_stay_invalid() -> None:
    good, bad = drafts(code(), code(catId="99"))
    assert good.blocked().document.status is Status.NOT_SENT and good.blocked().change is None
    assert bad.blocked().document.status is Status.INVALID
