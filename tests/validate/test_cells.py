"""Each kind of bad cell is found once, under its code, at its cell; good cells are left alone."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.model.problems import Problem
from importer.templates.forms import JOURNALS
from importer.validate.cell_rules import cell_problems
from importer.validate.value_suggestions import period_of
from tests.validate.sheets import good, sheet_of

BAD_CELLS = [
    *((field, None, "required", "required.empty") for field in ("journalType", "account", "treference", "description")),
    *((field, None, "required", "required.empty") for field in ("transaction", "amount", "currency", "period")),
    ("transDateTime", None, "required", "required.empty"),
    ("amount", "abc", "not-a-number", "not-a-number.text"),
    ("amount", "1,234.50", "not-a-number", "not-a-number.separators"),
    ("amount", "1.234,50", "not-a-number", "not-a-number.separators"),
    ("amount", "1234,50", "not-a-number", "not-a-number.separators"),
    ("amount", "$1234.50", "not-a-number", "not-a-number.separators"),
    ("amount", "(100.00)", "not-a-number", "not-a-number.separators"),
    ("amount", "1E3", "not-a-number", "not-a-number.separators"),
    ("amount", "１２３", "not-a-number", "not-a-number.text"),
    ("amount", "TRUE", "not-a-number", "not-a-number.text"),
    ("amount", "2018-06-30", "not-a-number", "not-a-number.separators"),
    ("amount", "0", "not-positive", "not-positive.zero"),
    ("amount", "0.00", "not-positive", "not-positive.zero"),
    ("amount", "-18630.1", "not-positive", "not-positive.negative"),
    ("amount", "18630.105", "too-many-decimals", "too-many-decimals"),
    ("amount", "100.000", "too-many-decimals", "too-many-decimals.thousands"),
    ("amount", "1.000", "too-many-decimals", "too-many-decimals.thousands"),
    ("amount", "1000.000", "too-many-decimals", "too-many-decimals"),
    ("amount", "1.0000", "too-many-decimals", "too-many-decimals"),
    ("period", "0000006", "bad-period", "bad-period.text"),
    ("period", "0018-06", "bad-period", "bad-period.text"),
    ("amount", "12345678901234567", "too-long", "too-long.amount"),
    ("memoAmount", "x", "not-a-number", "not-a-number.text"),
    ("line", "1.5", "not-an-integer", "not-an-integer"),
    ("line", "0", "not-an-integer", "not-an-integer"),
    ("line", "-1", "not-an-integer", "not-an-integer"),
    ("line", "one", "not-an-integer", "not-an-integer"),
    ("transDateTime", "30/06/2018", "not-a-date", "not-a-date.as"),
    ("transDateTime", "2018-6-30", "not-a-date", "not-a-date.as"),
    ("transDateTime", "2018-02-30", "not-a-date", "not-a-date.never-was"),
    ("transDateTime", "1753-01-01", "not-a-date", "not-a-date.year"),
    ("transDateTime", "2018-06-30T00:00:00", "not-a-date", "not-a-date.as"),
    ("transDateTime", "43281", "not-a-date", "not-a-date.number"),
    ("transDateTime", "0218-06-30", "not-a-date", "not-a-date.year"),
    ("expiration", "tomorrow", "not-a-date", "not-a-date.text"),
    ("expectedDate", "junio", "not-a-date", "not-a-date.text"),
    ("period", "June", "bad-period", "bad-period.text"),
    ("period", "2018013", "bad-period", "bad-period.range"),
    ("period", "2018000", "bad-period", "bad-period.range"),
    ("period", "2018-06", "bad-period", "bad-period.month"),
    ("period", "201806", "bad-period", "bad-period.month"),
    ("period", "2018-06-30", "bad-period", "bad-period.month"),
    ("transaction", "X", "bad-choice", "bad-choice.side"),
    ("transaction", "DEBIT", "bad-choice", "bad-choice.side"),
    ("journalType", "JVJVJV", "too-long", "too-long.code"),
    ("currency", "MXN123", "too-long", "too-long.code"),
    ("account", "1" * 16, "too-long", "too-long.digits"),
    ("account", "A" * 16, "too-long", "too-long.code"),
    ("fund", "F" * 16, "too-long", "too-long.code"),
    ("treference", "R" * 31, "too-long", "too-long.text"),
    ("description", "d" * 51, "too-long", "too-long.text"),
    ("description25", "d" * 31, "too-long", "too-long.text"),
    ("description", "line\nbreak", "control-character", "control-character"),
    ("treference", "tab\there", "control-character", "control-character"),
    ("description", "right\u202eleft", "control-character", "control-character"),
    ("account", "1011\u200b10", "control-character", "control-character"),
    ("description", "se\u00adñal", "control-character", "control-character"),
    ("amount", "\u00ad10.00", "control-character", "control-character"),
    ("description", "é" * 51 + "\x07", "control-character", "control-character"),
]


def problems_of(field: str, text: str | None, last_period: int = 12) -> list[Problem]:
    rows = [good(), good(**{field: text}), good()]
    return cell_problems(sheet_of(rows, first_row=5), JOURNALS, last_period)


@pytest.mark.parametrize(("field", "text", "code", "wording"), BAD_CELLS)
def test_a_bad_cell_is_one_problem_at_its_cell(field: str, text: str | None, code: str, wording: str) -> None:
    (problem,) = problems_of(field, text)
    assert (problem.code, problem.wording, problem.value) == (code, wording, text)
    assert (problem.place.row, problem.place.field, problem.place.sheet) == (6, field, "Journals")
    assert problem.place.cell == f"{problem.place.column}6"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("amount", "0.01"),
        ("amount", "0001.50"),
        ("amount", "9999999999999.99"),
        ("line", "300"),
        ("account", "101110 NF"),
        ("account", "1" * 15),
        ("sdaOrganization", "*"),
        ("description", "Año — 100 % «así» 😀"),
        ("description", "é" * 50),
        ("transDateTime", "2020-02-29"),
        ("memoAmount", None),
        ("expiration", None),
        ("period", "2018001"),
    ],
)
def test_a_good_cell_is_left_alone(field: str, text: str | None) -> None:
    assert problems_of(field, text) == []


@pytest.mark.parametrize("text", ["2018-06", "2018/6", "06/2018", "201806", "2018-06-30", "0062018"])
def test_what_certainly_means_june_is_suggested_as_june(text: str) -> None:
    (problem,) = problems_of("period", text)
    assert problem.suggestion == "2018006"


@pytest.mark.parametrize("text", ["2018-13", "13/2018", "180600", "06-18", "30/06/2018", "999999", ""])
def test_what_is_not_certain_is_not_suggested(text: str) -> None:
    assert period_of(text, 12) is None


def test_adjustment_periods_are_good_where_the_ledger_has_them() -> None:
    assert problems_of("period", "2018013", last_period=13) == []
    assert [problem.code for problem in problems_of("period", "2018014", last_period=13)] == ["bad-period"]


def test_a_cell_the_reader_complained_of_is_not_complained_of_again() -> None:
    rows = [good(amount=None)]
    sheet = sheet_of(rows, unusable=frozenset({(2, "amount")}))
    assert cell_problems(sheet, JOURNALS, 12) == []


def faults(field: str, texts: list[str]) -> dict[int, str]:
    """Problem codes by position, all texts in one sheet."""
    found = cell_problems(sheet_of([good(**{field: text}) for text in texts], first_row=0), JOURNALS, 12)
    assert len({problem.place.row for problem in found}) == len(found)
    return {problem.place.row or 0: problem.code for problem in found}


@settings(max_examples=12)
@given(st.lists(st.integers(1, 10**15 - 1), min_size=1, max_size=50))
def test_every_amount_of_up_to_fifteen_digits_is_good(cents: list[int]) -> None:
    assert faults("amount", [str(Decimal(cent) / 100) for cent in cents]) == {}


@settings(max_examples=12)
@given(st.lists(st.dates(date(1900, 1, 1), date(9999, 12, 31)), min_size=1, max_size=50), st.integers(1, 3))
def test_every_calendar_day_is_good_and_no_part_of_one(days: list[date], cut: int) -> None:
    assert faults("transDateTime", [day.isoformat() for day in days]) == {}
    assert len(faults("transDateTime", [day.isoformat()[:-cut] for day in days])) == len(days)


@settings(max_examples=25)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=50))
def test_any_text_in_an_amount_is_a_positive_number_of_cents_or_one_problem(texts: list[str]) -> None:
    found = faults("amount", texts)
    for position, text in enumerate(texts):
        if position not in found:
            assert Decimal(text) > 0 and Decimal(text) == Decimal(text).quantize(Decimal("0.01"))


def test_a_large_sheet_has_the_problems_of_each_of_its_rows() -> None:
    kinds = [good(**{field: text}) for field, text, *_ in BAD_CELLS] + [good(), good(account=None), good(period=None)]
    rows = [kinds[place % len(kinds)] | {"line": str(place + 1)} for place in range(1500)]

    def found(rows: list[dict[str, str | None]]) -> list[list[tuple[str | None, str, str | None]]]:
        of_rows: list[list[tuple[str | None, str, str | None]]] = [[] for _ in rows]
        for problem in cell_problems(sheet_of(rows, first_row=0), JOURNALS, 12):
            of_rows[problem.place.row or 0].append((problem.place.field, problem.wording, problem.value))
        return of_rows

    alone = found(kinds)
    assert found(rows) == [[one for one in alone[place % len(kinds)] if one[0] != "line"] for place in range(1500)]
