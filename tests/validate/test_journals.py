"""Rows become journals; mistakes across rows are one problem each."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.model.journals import Side
from importer.model.problems import Place, Problem
from importer.model.results import Status
from importer.report.sentences import message
from importer.templates.forms import JOURNALS
from importer.translations import Language
from importer.validate.duplicates import with_duplicates_marked
from importer.validate.journals import Draft, drafts_of
from tests.validate.sheets import good, pair, sheet_of


def codes(draft: Draft) -> list[str]:
    return [problem.code for problem in draft.problems]


def only(drafts: list[Draft]) -> Draft:
    (draft,) = drafts
    return draft


def test_rows_with_one_key_make_one_journal_wherever_they_stand() -> None:
    rows = [*pair(journal="A"), *pair(journal="B", amount="5.00")]
    shuffled = [rows[2], rows[0], rows[3], rows[1]]
    drafts = drafts_of(sheet_of(shuffled), JOURNALS, 12)
    assert [(draft.document.key, draft.document.rows) for draft in drafts] == [("B", (2, 4)), ("A", (3, 5))]
    assert all(draft.journal is not None and draft.document.status is Status.READY for draft in drafts)


def test_a_journal_carries_exact_values_and_the_rows_of_its_lines() -> None:
    journal = only(drafts_of(sheet_of(pair(description25="last", memoAmount="7.5"), first_row=9), JOURNALS, 12)).journal
    assert journal is not None
    first, second = journal.lines
    assert (first.row, second.row, first.side, second.side) == (9, 10, Side.DEBIT, Side.CREDIT)
    assert first.amount == Decimal("18630.1") and first.dimensions[:3] == ("", "1001", "10")
    assert first.memo_amount == Decimal("7.5") and first.descriptions[24] == "last"
    assert journal.debit == journal.credit == Decimal("18630.10")


def test_the_line_column_gives_the_order_of_the_lines() -> None:
    rows = [good(line="3"), good(line="1", transaction="C", amount="20000.1"), good(line="2", amount="1370")]
    journal = only(drafts_of(sheet_of(rows), JOURNALS, 12)).journal
    assert journal is not None and [line.row for line in journal.lines] == [3, 4, 2]


def test_a_sheet_without_keys_is_one_journal() -> None:
    for without in ((), ("journal",)):
        rows = [{**row, "journal": None} for row in pair()]
        assert only(drafts_of(sheet_of(rows, without=without), JOURNALS, 12)).document.key == "Journals"


def test_a_key_missing_below_a_filled_one_is_to_be_filled_down_and_holds_the_journal_back() -> None:
    rows = [*pair(journal="A"), good(journal=None), *pair(journal="B")]
    first, second = drafts_of(sheet_of(rows), JOURNALS, 12)
    assert codes(first) == ["required"] and first.journal is None and first.document.rows == (2, 3, 4)
    (problem,) = first.problems
    assert (problem.wording, problem.suggestion, problem.place.row, problem.place.field) == (
        "required.fill-down",
        "A",
        4,
        "journal",
    )
    assert codes(second) == [] and second.document.status is Status.NOT_SENT


def test_rows_that_lost_their_key_never_leave_the_rest_of_the_journal_below_to_be_posted() -> None:
    """B's first two rows balance each other: without them B balances too, and would be posted incomplete."""
    rows = [*pair(journal="A"), *pair(journal=None), *pair(journal="B")]
    first, second = drafts_of(sheet_of(rows), JOURNALS, 12)
    assert codes(first) == ["required", "required"] and codes(second) == []
    assert first.journal is None and second.journal is None


def test_one_lost_key_is_one_problem_whatever_it_does_to_the_sums() -> None:
    rows = [*pair(journal="A"), good(journal=None, period="2018005", currency="USD1"), good(journal="B")]
    drafts = drafts_of(sheet_of(rows), JOURNALS, 12)
    assert [codes(draft) for draft in drafts] == [["required"], []]
    assert all(draft.journal is None for draft in drafts)


def test_a_key_missing_between_rows_of_one_journal_holds_no_other_back() -> None:
    rows = [good(journal="A"), good(journal=None), good(journal="A"), *pair(journal="B")]
    first, second = drafts_of(sheet_of(rows), JOURNALS, 12)
    assert codes(first) == ["required"] and second.journal is not None


def test_a_key_missing_above_the_first_one_holds_the_journal_below_back() -> None:
    rows = [good(journal=None), *pair(journal="A"), *pair(journal="B")]
    first, second = drafts_of(sheet_of(rows), JOURNALS, 12)
    assert codes(first) == ["required"] and first.problems[0].suggestion is None and first.journal is None
    assert first.document.rows == (2, 3, 4) and second.journal is not None


def test_an_unbalanced_journal_tells_both_totals_and_the_difference() -> None:
    rows = [good(journal="A"), good(journal="A", transaction="C", amount="18530.1")]
    draft = only(drafts_of(sheet_of(rows), JOURNALS, 12))
    (problem,) = draft.problems
    assert problem.code == "unbalanced" and problem.place == Place("june.xlsx", "Journals", 2)
    assert dict(problem.facts) == {"debit": "18630.10", "credit": "18530.10", "difference": "100.00"}
    assert (draft.document.debit, draft.document.credit) == (Decimal("18630.1"), Decimal("18530.1"))


def test_a_journal_with_an_unreadable_amount_or_side_is_not_also_unbalanced() -> None:
    for change in ({"amount": "1,234.50"}, {"amount": None}, {"transaction": "X"}):
        draft = only(drafts_of(sheet_of([good(**change), good(transaction="C", amount="1.00")]), JOURNALS, 12))
        assert len(draft.problems) == 1 and draft.document.debit is None


def test_the_rows_that_differ_from_the_others_are_the_mixed_ones() -> None:
    for field, code, other in (
        ("period", "mixed-period", "2018005"),
        ("currency", "mixed-currency", "USD1"),
        ("journalType", "mixed-type", "CR"),
    ):
        rows = [good(**{field: other}), *pair(), good(transaction="C")]
        draft = only(drafts_of(sheet_of(rows), JOURNALS, 12))
        found = [problem for problem in draft.problems if problem.code != "date-outside-period"]
        assert [problem.code for problem in found] == [code]
        assert (found[0].place.row, found[0].place.field, found[0].value) == (2, field, other)


def test_amounts_of_several_currencies_are_not_added_up_to_a_difference() -> None:
    rows = [good(amount="10.00"), good(transaction="C", amount="20.00", currency="USD1"), good(amount="5.00")]
    assert codes(only(drafts_of(sheet_of(rows), JOURNALS, 12))) == ["mixed-currency"]


def test_a_line_number_that_stands_twice_is_named_at_the_second() -> None:
    rows = [good(line="1"), good(line="1", transaction="C")]
    (problem,) = only(drafts_of(sheet_of(rows), JOURNALS, 12)).problems
    assert (problem.code, problem.place.row, problem.facts["row"]) == ("duplicate-line", 3, "2")


def test_a_date_in_another_month_is_one_warning_and_the_journal_goes() -> None:
    draft = only(drafts_of(sheet_of(pair(transDateTime="2018-07-21")), JOURNALS, 12))
    assert codes(draft) == ["date-outside-period"] and draft.journal is not None
    assert draft.problems[0].facts["rows"] == "2-3"


@pytest.mark.parametrize(
    ("day", "period", "blocks"),
    [
        ("2017-06-01", "2018006", False),
        ("2017-05-31", "2018006", True),
        ("2019-06-30", "2018006", False),
        ("2019-07-01", "2018006", True),
        ("2081-06-30", "2018006", True),
        ("2017-01-01", "2018013", None),
        ("2016-12-31", "2018013", True),
        ("2020-01-01", "2018013", True),
    ],
)
def test_a_date_more_than_a_year_from_its_period_is_an_error(day: str, period: str, blocks: bool | None) -> None:
    draft = only(drafts_of(sheet_of(pair(transDateTime=day, period=period)), JOURNALS, 13))
    assert [one.blocks for one in draft.problems] == ([] if blocks is None else [blocks])
    assert (draft.journal is None) is (blocks is True)
    if blocks:
        assert draft.problems[0].wording == "date-outside-period-by-years"


def test_of_dates_outside_their_period_those_far_away_are_told() -> None:
    rows = [*pair(transDateTime="2018-07-02"), good(transDateTime="2108-06-30"), good(transaction="C")]
    (problem,) = only(drafts_of(sheet_of(rows), JOURNALS, 12)).problems
    assert (problem.place.row, problem.facts["rows"], problem.blocks) == (4, "4", True)


def test_adjustment_periods_have_no_month_to_lie_outside_of() -> None:
    assert codes(only(drafts_of(sheet_of(pair(period="2018013")), JOURNALS, 13))) == []


def test_a_whole_journal_problem_hides_no_cell_problem_beside_it() -> None:
    rows = [
        good(period="2018005"),
        good(transaction="C", description=None),
        good(),
        good(transaction="C", amount="1"),
    ]
    assert sorted(codes(only(drafts_of(sheet_of(rows), JOURNALS, 12)))) == [
        "date-outside-period",
        "mixed-period",
        "required",
        "unbalanced",
    ]


def test_equal_journals_are_both_posted_and_pointed_at() -> None:
    rows = [*pair(journal="A"), *reversed(pair(journal="B")), *pair(journal="C", amount="1.00")]
    first, second, third = with_duplicates_marked(drafts_of(sheet_of(rows), JOURNALS, 12))
    assert (codes(first), codes(second), codes(third)) == ([], ["duplicate-document"], [])
    assert second.journal is not None
    assert second.problems[0].wording == "duplicate-document.twice"
    assert dict(second.problems[0].facts) == {"other": "A", "row": "2", "file": "june.xlsx"}


def test_an_equal_journal_of_another_sheet_is_pointed_at_with_the_sheet() -> None:
    sheets = [replace(sheet_of(pair(journal=name)), sheet=name) for name in ("June", "July")]
    _, second = with_duplicates_marked([draft for sheet in sheets for draft in drafts_of(sheet, JOURNALS, 12)])
    (problem,) = second.problems
    assert problem.wording == "duplicate-document.twice-elsewhere" and problem.facts["sheet"] == "June"
    for language in Language:
        assert "June" in message(problem, language)


def test_the_same_journal_in_another_workbook_is_pointed_at_as_a_copy() -> None:
    drafts = [draft for name in ("a.xlsx", "b.xlsx") for draft in drafts_of(sheet_of(pair(), file=name), JOURNALS, 12)]
    _, second = with_duplicates_marked(drafts)
    assert [problem.wording for problem in second.problems] == ["duplicate-document.copy"]


def test_what_the_reader_found_belongs_to_its_journal() -> None:
    sheet = sheet_of([good(amount=None), good(transaction="C")], unusable=frozenset({(2, "amount")}))
    found = Problem("cell-error", sheet.place(2, "amount"), value="#N/A", wording="cell-error", facts={"error": "#N/A"})
    draft = only(drafts_of(sheet, JOURNALS, 12, [found]))
    assert codes(draft) == ["cell-error"] and draft.problems[0].document == "J1" and draft.journal is None


@settings(max_examples=20)
@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=12),
    st.integers(0, 10**6),
    st.randoms(use_true_random=False),
)
def test_a_journal_is_unbalanced_exactly_when_its_cents_differ(cents: list[int], off: int, dice: random.Random) -> None:
    rows = [good(amount=f"{cent / 100:.2f}") for cent in cents]
    rows.append(good(transaction="C", amount=f"{(sum(cents) + off) / 100:.2f}"))
    dice.shuffle(rows)
    draft = only(drafts_of(sheet_of(rows), JOURNALS, 12))
    assert codes(draft) == (["unbalanced"] if off else [])
    assert (draft.journal is None) is bool(off)


def test_a_journal_balances_by_each_dimension_that_the_ledger_demands() -> None:
    rows = [
        good(fund="10", amount="100"),
        good(fund="20", amount="50"),
        good(fund="10", transaction="C", amount="50"),
        good(fund="20", transaction="C", amount="100"),
    ]
    (problem,) = only(drafts_of(sheet_of(rows), JOURNALS, 12, (), ("fund", "tfww"))).problems
    assert (problem.code, problem.wording, problem.place.row) == ("unbalanced", "unbalanced.by", 2)
    facts = {"heading": "fund", "key": "10", "debit": "100.00", "credit": "50.00", "difference": "50.00"}
    assert dict(problem.facts) == facts
    assert codes(only(drafts_of(sheet_of(rows), JOURNALS, 12, (), ("tfww",)))) == []
    assert codes(only(drafts_of(sheet_of([*rows, good(amount="1")]), JOURNALS, 12, (), ("fund",)))) == ["unbalanced"]
