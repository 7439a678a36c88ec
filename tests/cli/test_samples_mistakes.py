"""The samples with mistakes: every planted mistake is found at its cell, and none that was not planted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter

from importer.translations import Language
from tests.cli.commands import ROOT, Ended, importer
from tests.samples.mistakes import MISTAKES
from tests.samples.planted import ExpectedProblem, Mistake

JUNE = "journals-june-mistakes"


def sample(name: str) -> Path:
    return ROOT / "samples" / f"{name}.xlsx"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """All of them in one run."""
    folder = tmp_path_factory.mktemp("mistakes")
    return importer("run", *map(sample, MISTAKES), "--sandbox", "--json", folder=folder)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    folder = tmp_path_factory.mktemp("mistakes")
    return importer("check", *map(sample, MISTAKES), "--sandbox", "--json", folder=folder)


@pytest.mark.parametrize("name", MISTAKES)
def test_each_planted_mistake_is_found_at_its_cell_and_no_other(name: str, ran: Ended) -> None:
    mistake = MISTAKES[name]()
    assert ran.code == 1
    assert _found(_of(name, ran.result["problems"])) == Counter(_cell(mistake, told) for told in mistake.told)


@pytest.mark.parametrize("name", MISTAKES)
def test_check_says_the_same_but_for_what_only_the_service_knows(name: str, ran: Ended, checked: Ended) -> None:
    known = [one for one in _of(name, ran.result["problems"]) if one["code"] != "refused-line"]
    assert checked.code == 1
    assert [_without_wording(one) for one in _of(name, checked.result["problems"])] == list(
        map(_without_wording, known)
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_what_has_no_mistake_is_posted(name: str, ran: Ended) -> None:
    mistake = MISTAKES[name]()
    wrong = {mistake.document(told) for told in mistake.told}
    documents = _of(name, ran.result["documents"])
    assert {one["key"] for one in documents if one["status"] != "posted"} == wrong
    assert {one["key"] for one in documents} >= wrong


def test_the_rest_of_the_month_is_posted(ran: Ended) -> None:
    states = Counter(one["status"] for one in _of(JUNE, ran.result["documents"]))
    assert states == {"posted": 31, "refused": 1, "invalid": 9}
    totals = ran.result["totals"]
    states_of_all = ("posted", "already_posted", "refused", "invalid", "unknown", "not_sent", "ready")
    assert sum(totals[state] for state in states_of_all) == totals["documents"]
    assert sum(ran.result["row_totals"].values()) == totals["rows"]


def test_a_check_without_a_service_finds_what_can_be_found_without_one(tmp_path: Path) -> None:
    ended = importer("check", sample(JUNE), "--json", folder=tmp_path)
    codes = {one["code"] for one in ended.result["problems"]}
    assert codes == {"bad-period", "not-a-date", "not-a-number", "required", "too-long", "unbalanced"}
    assert ended.code == 1 and ended.result["company"] is None and ended.result["totals"]["ready"] == 35


def test_only_if_clean_sends_nothing_beside_a_bad_row(tmp_path: Path) -> None:
    ended = importer("run", sample(JUNE), "--sandbox", "--only-if-clean", "--json", folder=tmp_path)
    totals = ended.result["totals"]
    assert ended.code == 1
    assert (totals["posted"], totals["not_sent"], totals["invalid"]) == (0, 32, 9)


Cell = tuple[str, str | None, str, int, str | None, str | None, str | None, str | None]
"""Sheet, document, code, row, column, field, value, suggestion."""


def _of(name: str, told: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in told if Path(one["file"]).stem == name]


def _found(problems: Iterable[Mapping[str, Any]]) -> Counter[Cell]:
    names = ("sheet", "document", "code", "row", "column", "field", "value", "suggestion")
    return Counter(tuple(one[name] for name in names) for one in problems)


def _cell(mistake: Mistake, told: ExpectedProblem) -> Cell:
    form = mistake.form(told.form)
    names = [column.name for column in form.columns]
    column = None if told.field is None else get_column_letter(names.index(told.field) + 1)
    place = (told.code, told.row, column, told.field, told.value, told.suggestion)
    return (form.title(Language.EN), mistake.document(told), *place)


def _without_wording(problem: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "message"}
