"""The samples, run as the README says: every planted mistake is found at its cell, and none that was not planted."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, Ended, importer
from tests.samples.workbooks import WORKBOOKS, planted_rows

GOOD = ROOT / "samples" / "journals-june.xlsx"
MISTAKES = ROOT / "samples" / "journals-june-mistakes.xlsx"

PLANTED = {
    ("AP-02", 1): ("not-a-number", "R", "amount", "1,234.50"),
    ("AP-04", 0): ("unknown-account", "D", "account", "642198"),
    ("AP-06", 2): ("missing-dimension", "I", "function", None),
    ("CR-02", 3): ("not-a-date", "T", "transDateTime", "11/06/2018"),
    ("DP-03", 2): ("bad-period", "V", "period", "2018-06-13"),
    ("JV-03", 1): ("closed-dimension", "L", "who", "EM0090"),
    ("PAY-01", 2): ("too-long", "P", "description", "Salary for the first half of June, Tamayo Ruiz, Josué"),
    ("DP-05", 4): ("required", "A", "journal", None),
    ("PC-03", 1): ("refused-line", None, None, None),
}


@pytest.fixture(scope="module")
def mistakes(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return importer("run", MISTAKES, "--sandbox", "--json", folder=tmp_path_factory.mktemp("mistakes"))


def test_the_good_month_is_posted_whole(tmp_path: Path) -> None:
    ended = importer("run", GOOD, "--sandbox", "--json", folder=tmp_path)
    assert ended.code == 0, ended.err
    result = ended.result
    assert result["totals"]["posted"] == result["totals"]["documents"] == 41
    assert result["row_totals"]["posted"] == result["totals"]["rows"] == 277
    assert result["problems"] == [] and result["sandbox"] is True and result["company"]["id"] == 5
    assert all(one["verified"] is True and one["attempts"] == 1 for one in result["documents"])
    assert all(Decimal(one["debit"]) == Decimal(one["credit"]) > 0 for one in result["documents"])
    assert len({one["journal_number"] for one in result["documents"]}) == 41
    assert (tmp_path / result["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_each_planted_mistake_is_found_at_its_cell_and_no_other(mistakes: Ended) -> None:
    assert mistakes.code == 1
    found = {
        (one["document"], one["code"], one["row"], one["column"], one["field"], one["value"])
        for one in mistakes.result["problems"]
    }
    rows = planted_rows()
    planted = {
        (spot[0], code, rows[spot], column, field, value) for spot, (code, column, field, value) in PLANTED.items()
    }
    first_row = min(one["rows"][0] for one in mistakes.result["documents"] if one["key"] == "JV-06")
    planted.add(("JV-06", "unbalanced", first_row, None, None, None))
    assert found == planted and len(mistakes.result["problems"]) == len(planted)


def test_the_rest_of_the_month_is_posted(mistakes: Ended) -> None:
    totals = mistakes.result["totals"]
    assert (totals["posted"], totals["refused"], totals["invalid"], totals["documents"]) == (31, 1, 9, 41)
    states = ("posted", "already_posted", "refused", "invalid", "unknown", "not_sent", "ready")
    assert sum(totals[state] for state in states) == totals["documents"]
    assert sum(mistakes.result["row_totals"].values()) == totals["rows"] == 277


def test_a_check_without_a_service_finds_what_can_be_found_without_one(tmp_path: Path) -> None:
    ended = importer("check", MISTAKES, "--json", folder=tmp_path)
    codes = sorted(one["code"] for one in ended.result["problems"])
    assert codes == ["bad-period", "not-a-date", "not-a-number", "required", "too-long", "unbalanced"]
    assert ended.code == 1 and ended.result["company"] is None and ended.result["totals"]["ready"] == 35


def test_only_if_clean_sends_nothing_beside_a_bad_row(tmp_path: Path) -> None:
    ended = importer("run", MISTAKES, "--sandbox", "--only-if-clean", "--json", folder=tmp_path)
    totals = ended.result["totals"]
    assert ended.code == 1
    assert (totals["posted"], totals["not_sent"], totals["invalid"]) == (0, 32, 9)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_committed_workbooks_are_what_the_code_writes(name: str) -> None:
    assert (ROOT / name).read_bytes() == WORKBOOKS[name](), "python -m tests.samples writes them anew"
