"""Numbers, days and rows are written as the reader's language has them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.problems import ranges_of
from importer.printable import printable, shortened
from importer.report.sentences import amount_text, count_text, period_text, rows_text, time_span
from importer.translations import Language

EN, ES, FR = Language.EN, Language.ES, Language.FR
MEXICO = timezone(timedelta(hours=-6))


@pytest.mark.parametrize(
    ("language", "text"), [(EN, "1,234,567.50"), (ES, "1,234,567.50"), (FR, "1\u202f234\u202f567,50")]
)
def test_amounts_have_the_separators_of_the_language(language: Language, text: str) -> None:
    assert amount_text(Decimal("1234567.5"), language) == text


def test_an_amount_that_is_not_known_is_a_dash() -> None:
    assert amount_text(None, EN) == "–"


def test_counts_have_separators_too() -> None:
    assert [count_text(12048, language) for language in Language] == ["12,048", "12,048", "12\u202f048"]


def test_rows_are_told_as_stretches() -> None:
    assert rows_text((12, 5, 6, 7, 8, 9, 9), EN) == "5–9, 12"


def test_scattered_rows_end_in_their_number() -> None:
    assert rows_text(range(2, 40, 2), EN) == "2, 4, 6, 8, 10, 12, 14, 16, and 11 more rows"


@given(st.lists(st.integers(1, 60)))
def test_stretches_hold_each_row_once(rows: list[int]) -> None:
    held = [row for first, last in ranges_of(rows) for row in range(first, last + 1)]
    assert held == sorted(set(rows))


@pytest.mark.parametrize(
    ("period", "words"),
    [("2018006", "June 2018"), ("2018013", ""), ("2018000", ""), ("Junio", ""), ("201800６", ""), (None, "")],
)
def test_a_period_is_a_month_only_when_it_is_one(period: str | None, words: str) -> None:
    assert period_text(period, EN) == words


def test_a_period_of_a_year_is_named_in_every_language() -> None:
    assert period_text("2018006", ES) == "junio de 2018"
    assert period_text("2018006", FR) == "juin 2018"


def test_time_is_told_in_the_readers_zone_with_its_distance_from_utc() -> None:
    start = datetime(2026, 7, 1, 20, 3, 11, tzinfo=UTC)
    end = start + timedelta(seconds=94)
    assert time_span(start, end, EN, MEXICO) == "1 July 2026, 14:03:11 to 14:04:45 (UTC−06:00)"
    assert time_span(start, end, FR, MEXICO) == "1er juillet 2026, de 14:03:11 à 14:04:45 (UTC−06:00)"


def test_a_run_over_midnight_names_both_days() -> None:
    start = datetime(2026, 7, 2, 5, 59, tzinfo=UTC)
    told = time_span(start, start + timedelta(minutes=5), ES, MEXICO)
    assert told == "1.º de julio de 2026, de 23:59:00 a 2 de julio de 2026, 00:04:00 (UTC−06:00)"


@given(st.text())
def test_what_is_printable_shows_every_character(text: str) -> None:
    shown = printable(text)
    assert all(
        mark.isprintable() or mark in "\u00a0\u202f\u3000\u1680\u205f" or "\u2000" <= mark <= "\u200a" for mark in shown
    )
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\u001b[31m"),
        ("\x9b2J", "\\u009b2J"),
        ("fdp\u202exslx", "fdp\\u202exslx"),
        ("a\nb\tc", "a\\u000ab\\u0009c"),
        ("\udce9", "\\udce9"),
        ("\U000e0041", "\\U000e0041"),
        ("Día 1\u00a0234,50 €", "Día 1\u00a0234,50 €"),
    ],
)
def test_control_and_format_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_text_says_how_much_of_it_is_missing() -> None:
    assert shortened("x" * 1000, 10) == "xxxxxxxxxx… (+990)"
    assert shortened("x" * 10, 10) == "xxxxxxxxxx"
