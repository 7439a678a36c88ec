"""Rows become tables: days in the company's zone, marks in words for people, unknown shapes as they come."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from importer.lookups.resources import RESOURCES
from importer.lookups.tables import Column, Resource, plain_value, table_of
from importer.model.dates import LedgerDay
from importer.model.journals import Side
from importer.translations import Language

MEXICO, MADRID = ZoneInfo("America/Mexico_City"), ZoneInfo("Europe/Madrid")
MIDNIGHT = LedgerDay(1530334800000)
"""2018-06-30 in Mexico City."""


@dataclass(frozen=True)
class Row:
    status: int | None
    is_active: bool | None


RESOURCE = Resource(
    "accounts", "", list, (Column("status", words="lookups.word.account-status.{}"), Column("is_active"))
)


def test_a_day_of_the_ledger_is_the_companys_day() -> None:
    assert plain_value(MIDNIGHT, MEXICO) == date(2018, 6, 30)


def test_what_is_no_midnight_is_shown_whole_and_no_day_is_guessed() -> None:
    assert plain_value(MIDNIGHT, MADRID) == "2018-06-30T07:00:00+02:00"


@pytest.mark.parametrize("number", [10**17, -(10**17)])
def test_an_instant_outside_the_calendar_stays_a_number(number: int) -> None:
    assert plain_value(LedgerDay(number), MEXICO) == number


def test_a_side_is_its_letter() -> None:
    assert plain_value(Side.DEBIT, MEXICO) == "D"


@pytest.mark.parametrize(
    ("row", "plain", "worded"),
    [
        (Row(0, True), [0, True], ["0 open", "yes"]),
        (Row(3, False), [3, False], ["3 closed", "no"]),
        (Row(9, None), [9, None], ["9", None]),
        (Row(None, None), [None, None], [None, None]),
    ],
)
def test_marks_are_told_in_words_to_people_only(row: Row, plain: list[object], worded: list[object]) -> None:
    assert table_of(RESOURCE, [row], Language.EN, MEXICO).rows == [plain]
    assert table_of(RESOURCE, [row], Language.EN, MEXICO, in_words=True).rows == [worded]


def test_rows_of_an_unknown_shape_keep_all_of_their_members() -> None:
    rows = [{"a": 1, "b": {"c": Decimal("1.50")}}, {"b": None, "d": "x"}, "text"]
    table = table_of(RESOURCES["employee-groups"], rows, Language.EN, MEXICO)
    assert table.headings == table.members == ("a", "b", "d", "value")
    assert table.rows == [
        [1, {"c": Decimal("1.50")}, None, None],
        [None, None, "x", None],
        [None, None, None, "text"],
    ]
