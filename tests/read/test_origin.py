"""What the sheet of the lists tells, also when it was changed by hand."""

from datetime import UTC, datetime

import pytest

from importer.model.workbook import ListsOrigin
from importer.read.other_sheets import origin_in
from importer.templates.forms import COMPANY_ID, COMPANY_NAME, LISTS_MARK, TAKEN_AT
from importer.xlsx.values import Row

WHOLE: list[Row] = [
    [LISTS_MARK, ""],
    [COMPANY_ID, "5", None, "x"],
    [COMPANY_NAME, "IAN"],
    [TAKEN_AT, "2018-06-30T17:05:01Z"],
]


def test_company_and_time_are_told() -> None:
    assert origin_in(WHOLE) == ListsOrigin(5, "IAN", datetime(2018, 6, 30, 17, 5, 1, tzinfo=UTC))


def test_a_number_that_a_program_made_of_the_text_is_the_same_company() -> None:
    told = origin_in([WHOLE[0], [COMPANY_ID, 5.0]])
    assert told == ListsOrigin(5, "", None)


@pytest.mark.parametrize("rows", [[], [[]], [["Lists", "5"]], [[None, LISTS_MARK]], [["x"], [LISTS_MARK]]])
def test_other_sheets_tell_nothing(rows: list[Row]) -> None:
    assert origin_in(rows) is None


@pytest.mark.parametrize("company", ["five", "", "-5", "\u0665"])
def test_a_spoilt_value_is_not_told(company: str) -> None:
    assert origin_in([WHOLE[0], [COMPANY_ID, company], [TAKEN_AT, "yesterday"]]) == ListsOrigin(None, "", None)
