"""What a value is in each kind of column."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.workbook import CellText
from importer.read.cells import BLANKS, INVISIBLE_BLANKS, CellTexts, heading_of, number_text, text_of
from importer.templates.forms import Kind
from importer.xlsx.values import NO_DAY, CellValue, Token, UnusableCell


def itself(token: Token) -> CellValue:
    """A value is its own token, as it is for the exact reader."""
    return cast(CellValue, token)


FREE = (Kind.KEY, Kind.CODE, Kind.TEXT, Kind.FILES)
MEASURED = tuple(kind for kind in Kind if kind not in FREE)


@pytest.mark.parametrize("mark", [*BLANKS, *INVISIBLE_BLANKS], ids=lambda mark: f"U+{ord(mark):04X}")
@pytest.mark.parametrize("kind", Kind)
def test_blanks_around_a_text_are_taken_off_and_alone_are_nothing(kind: Kind, mark: str) -> None:
    is_plain = kind in (Kind.CODE, Kind.TEXT) and category(mark) == "Zs"
    assert text_of(f"{mark}A{mark}b {mark}{mark}", kind) == ("A b" if is_plain else f"A{mark}b")
    assert text_of(mark * 3, kind) is None


def test_a_choice_of_the_column_is_in_capitals_and_nothing_else_is_changed() -> None:
    assert text_of(" c ", Kind.CHOICE, ("C", "D")) == "C"
    assert text_of("Create", Kind.CHOICE, ("create",)) == "CREATE"
    assert text_of(" Cargo", Kind.CHOICE, ("C", "D")) == "Cargo"
    for text in (
        "1,234.50",
        "$1,234.50",
        "(100.00)",
        "12,5",
        "22/10/2025",
        "30-jun-2018",
        "2018-06-30",
        "0012",
        "=1+1",
    ):
        assert {text_of(text, kind) for kind in Kind} == {text}
        assert text_of(text, Kind.AMOUNT) == text_of(text, Kind.DATE) == text_of(text, Kind.CODE) == text


@pytest.mark.parametrize("text", ["1.23457E+11", "1,23E+05", "5E+15", "#####", "###"])
def test_what_excel_shows_of_a_number_without_room_is_no_code(text: str) -> None:
    for kind in (Kind.KEY, Kind.CODE, Kind.TEXT):
        assert text_of(text, kind) == UnusableCell("too-long.shown", text)
    assert text_of(text, Kind.AMOUNT) == text


@pytest.mark.parametrize("text", ["950E2862", "E+11", "1.5E11", "A1E+11", "#1", "##", "C# E+ 12", "12E+5 kg"])
def test_a_code_that_looks_much_like_it_is_a_code(text: str) -> None:
    assert text_of(text, Kind.CODE) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (101110.0, "101110"),
        (0.0, "0"),
        (-0.0, "0"),
        (-0.5, "-0.5"),
        (0.1 + 0.2, "0.3"),
        (1.1 * 3, "3.3"),
        (1e-7, "0.0000001"),
        (1.5e-300, "0." + "0" * 299 + "15"),
        (1e14, "100000000000000"),
        (123456789012345.0, "123456789012345"),
        (9999999999999.99, "9999999999999.99"),
        (1234567.8999999999, "1234567.9"),
        (0.1234567890123456, "0.123456789012346"),
    ],
)
def test_a_number_is_its_digits_as_excel_shows_them(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    "value", [12345678901234.56, 99999999999999.98, 123456789012345.6, 1e15, 1e22, 12345678901234567]
)
def test_a_number_with_too_many_digits_keeps_more_than_fifteen(value: float) -> None:
    """Rounded to 15 digits it would be another amount, and nobody would know."""
    digits = number_text(value)
    assert float(digits) == float(value)
    assert len(digits.replace(".", "")) > 15


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 10**400])
def test_a_number_without_end_is_no_number(value: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        number_text(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_digits_of_any_number_are_plain_and_true(value: float) -> None:
    digits = number_text(value)
    assert set(digits) <= set("-.0123456789") and "." not in digits[-1:]
    assert abs(Decimal(digits) - Decimal(value)) <= abs(Decimal(value)) * Decimal("1e-14")


@pytest.mark.parametrize(
    ("value", "text", "wording"),
    [
        (date(2018, 6, 30), "2018-06-30", "not-text.date"),
        (datetime(2018, 6, 30, 23, 59), "2018-06-30", "not-text.date"),
        (date(907, 1, 2), "0907-01-02", "not-text.date"),
        (time(12, 30), "12:30:00", "not-text.time"),
        (timedelta(hours=30), "1 day, 6:00:00", "not-text.time"),
        (True, "TRUE", "not-text.truth"),
        (False, "FALSE", "not-text.truth"),
        (1e15, "1000000000000000", "too-long.digits"),
        (-123456789012345678.0, "-123456789012345680", "too-long.digits"),
    ],
)
def test_what_excel_made_of_a_text_is_spoilt_in_columns_of_text(value: CellValue, text: str, wording: str) -> None:
    is_moment = isinstance(value, date | time | timedelta)
    of_amounts = UnusableCell("not-a-number.moment", text) if is_moment else text
    assert {text_of(value, kind) for kind in MEASURED if kind is not Kind.AMOUNT} == {text}
    assert text_of(value, Kind.AMOUNT) == of_amounts
    assert {text_of(value, kind) for kind in FREE} == {UnusableCell(wording, text)}


@pytest.mark.parametrize("kind", Kind)
def test_a_day_that_is_none_is_spoilt_everywhere(kind: Kind) -> None:
    assert text_of(NO_DAY, kind) == UnusableCell("cell-error", "#####")


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("text", ["#N/A", "#N/D", "#REF!", "#¡VALOR!", "#NAME?", " #DIV/0!\xa0", "Err:502"])
def test_an_error_that_is_text_is_an_error(kind: Kind, text: str) -> None:
    assert text_of(text, kind) == UnusableCell("cell-error", text.strip())


@pytest.mark.parametrize("kind", Kind)
def test_nothing_is_nothing(kind: Kind) -> None:
    assert text_of(None, kind) is None
    assert text_of("", kind) is None


values = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.sampled_from([0, 1, 0.0, 1.0, True, False, -1, 1e15]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(st.sampled_from(Kind), st.lists(values, max_size=30))
def test_a_remembered_text_is_the_text_of_its_value(kind: Kind, column: list[CellValue]) -> None:
    tokens = {f"{type(value)} {value!r}": value for value in column}
    texts = CellTexts(kind, lambda token: tokens[str(token)])
    found: list[CellText | UnusableCell] = [texts[token] for token in [f"{type(one)} {one!r}" for one in column] * 2]
    right = [text_of(value, kind) for value in column + column]
    assert found == right
    assert texts.has_unusable == any(isinstance(text, UnusableCell) for text in right)


def test_a_heading_is_shown_as_it_is_typed() -> None:
    shown = [heading_of(value) for value in (None, "", " \u200b", " Who? ", 2018.0, 2.5, True)]
    assert shown == ["", "", "", "Who?", "2018", "2.5", "True"]
