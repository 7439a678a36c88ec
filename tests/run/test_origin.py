"""A workbook's lists against the company of the run."""

from datetime import UTC, datetime, timedelta

import pytest

from importer.model.results import Company
from importer.model.workbook import ListsOrigin, Workbook
from importer.run.drafts import origin_problems
from importer.translations import Language, say

TAKEN = datetime(2018, 6, 30, 17, tzinfo=UTC)
OWN, OTHER = Company(5, "IAN"), Company(11, "K11")


def codes(origin: ListsOrigin | None, company: Company | None, days: int = 1, any_company: bool = False) -> list[str]:
    workbook = Workbook("june.xlsx", "00", origin=origin)
    found = list(origin_problems(workbook, company, TAKEN + timedelta(days), any_company=any_company))
    for problem in found:
        for language in Language:
            assert "{" not in say(language, f"problem.{problem.wording}", **problem.facts)
    return [problem.code for problem in found]


@pytest.mark.parametrize(
    ("company", "days", "any_company", "expected"),
    [
        (OWN, 31, False, []),
        (OWN, 32, False, ["stale-lists"]),
        (OTHER, 1, False, ["wrong-company"]),
        (OTHER, 32, False, ["wrong-company", "stale-lists"]),
        (OTHER, 32, True, ["stale-lists"]),
        (None, 1, False, []),
        (None, 32, False, ["stale-lists"]),
    ],
)
def test_other_companies_lists_are_refused_and_old_ones_warned_of(
    company: Company | None, days: int, any_company: bool, expected: list[str]
) -> None:
    assert codes(ListsOrigin(5, "IAN", TAKEN), company, days, any_company) == expected


def test_the_wrong_company_keeps_the_whole_workbook_from_being_posted() -> None:
    workbook = Workbook("june.xlsx", "00", origin=ListsOrigin(5, "IAN", TAKEN))
    (problem,) = origin_problems(workbook, OTHER, TAKEN)
    assert problem.blocks and problem.place.file == "june.xlsx" and problem.place.row is None
    assert dict(problem.facts) == {"expected": "5", "expected_name": "IAN", "actual": "11", "name": "K11"}


def test_what_a_workbook_does_not_tell_is_not_held_against_it() -> None:
    assert codes(None, OTHER, 400) == codes(ListsOrigin(None, "", None), OTHER, 400) == []
