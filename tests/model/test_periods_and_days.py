"""Periods, months and days of the ledger: as they travel, and what they are."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.dates import LedgerDay, Month, Period

ZONES = ["America/Mexico_City", "America/Tijuana", "America/Cancun", "America/Hermosillo", "America/Chicago", "UTC"]
MEXICO_CITY = ZoneInfo("America/Mexico_City")
YEARS = st.integers(1000, 9999)


@given(YEARS, st.integers(1, 999))
def test_a_period_is_its_year_and_number_again(year: int, number: int) -> None:
    period = Period.of(year, number)
    assert (period.year, period.number, len(period)) == (year, number, 7)
    assert period == Period.read(int(period)) == Period.read(f"{period}  ") == Period(str(period))
    assert period.is_adjustment == (number > 12)


@given(st.lists(st.tuples(YEARS, st.integers(1, 999)), min_size=2))
def test_periods_sort_by_time(pairs: list[tuple[int, int]]) -> None:
    assert sorted(Period.of(*pair) for pair in pairs) == [Period.of(*pair) for pair in sorted(pairs)]


@pytest.mark.parametrize("value", [0, "0", "0000000", "", "  ", None])
def test_no_period_is_none(value: str | int | None) -> None:
    assert Period.read(value) is None


@pytest.mark.parametrize(
    "value", ["201806", "2018-06", "2018000", "20180006", "0052017x", " 2018006", "2018006\n", -1, 5]
)
def test_anything_else_is_no_period(value: str | int) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Period.read(value)


@given(st.text(alphabet="0123456789- \n", max_size=9))
def test_a_text_is_a_period_exactly_when_it_is_written_like_one(text: str) -> None:
    is_one = text.isdigit() and len(text) == 7 and int(text[:4]) >= 1000 and int(text[4:]) > 0
    try:
        assert Period(text) == text and is_one
    except ValueError:
        assert not is_one


@given(YEARS, st.integers(-1, 14))
def test_a_month_is_one_of_twelve(year: int, number: int) -> None:
    if 1 <= number <= 12:
        assert Month.of(year, number) == f"{year:04d}-{number:02d}"
    else:
        with pytest.raises(ValueError, match="not a month"):
            Month.of(year, number)


@pytest.mark.parametrize("text", ["2019-1", "2019-13", "2019-00", "201901", "2019-01-01", "2019-01\n", "٢٠١٩-01"])
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        Month(text)


@pytest.mark.parametrize(
    ("milliseconds", "day"),
    [
        (1532149200000, date(2018, 7, 21)),
        (1626843600000, date(2021, 7, 21)),
        (1544767200000, date(2018, 12, 14)),
        (1689919200000, date(2023, 7, 21)),
    ],
    ids=["2018 summer", "2021 summer", "2018 winter", "2023 summer"],
)
def test_the_samples_are_midnights_of_mexico_city(milliseconds: int, day: date) -> None:
    assert LedgerDay(milliseconds).day_in(MEXICO_CITY) == day
    assert LedgerDay(milliseconds).shown_in(MEXICO_CITY) == day.isoformat()


def test_an_instant_that_is_no_midnight_is_no_day() -> None:
    summer = LedgerDay(1532149200000)
    assert summer.day_in(ZoneInfo("America/Tijuana")) is None
    assert summer.shown_in(ZoneInfo("America/Tijuana")) == "2018-07-20T22:00:00-07:00"
    assert LedgerDay(1532149200001).day_in(MEXICO_CITY) is None
    assert summer.instant == datetime(2018, 7, 21, 5, tzinfo=UTC)


@given(st.dates(date(1990, 1, 1), date(2037, 12, 31)), st.sampled_from(ZONES))
def test_local_midnight_is_that_day_in_every_zone_and_season(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    travelled = LedgerDay(int(midnight.timestamp()) * 1000)
    assert travelled.day_in(zone) == day
    assert travelled.instant == midnight


@given(st.datetimes(datetime(1970, 1, 1), datetime(2037, 12, 31)), st.sampled_from(ZONES))
def test_only_a_midnight_is_a_day(moment: datetime, name: str) -> None:
    instant = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    travelled = LedgerDay((instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
    local = instant.astimezone(ZoneInfo(name))
    is_midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert travelled.day_in(ZoneInfo(name)) == (local.date() if is_midnight else None)


def test_days_sort_by_time_and_survive_odd_numbers() -> None:
    assert LedgerDay(1) < LedgerDay(2)
    with pytest.raises(OverflowError):
        _ = LedgerDay(10**18).instant
