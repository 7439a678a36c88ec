"""Days, accounting periods and calendar months, as the services write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class LedgerDay:
    """A day of the ledger as it came: milliseconds since 1970-01-01T00:00:00Z.

    Which day it is depends on the company's time zone, which is a setting: the machine's own zone is never asked.
    """

    milliseconds: int

    @property
    def instant(self) -> datetime:
        """The same as an instant in UTC. Raises OverflowError outside the years 1 to 9999."""
        return _EPOCH + timedelta(milliseconds=self.milliseconds)

    def day_in(self, zone: tzinfo) -> date | None:
        """The calendar day, if the instant is exactly midnight in that zone; otherwise None: the zone is not the
        company's, and the day would be a guess (P-10)."""
        local = self._local(zone)
        return local.date() if local.time() == time(0) else None

    def nearest_day_in(self, zone: tzinfo) -> date:
        """The day whose midnight in that zone is nearest: an hour of summer time more or less changes no day."""
        return (self._local(zone) + timedelta(hours=12)).date()

    def shown_in(self, zone: tzinfo) -> str:
        """`yyyy-mm-dd`, or the whole instant with its offset when it is not midnight there."""
        day = self.day_in(zone)
        return self._local(zone).isoformat() if day is None else day.isoformat()

    def _local(self, zone: tzinfo) -> datetime:
        return self.instant.astimezone(zone)


_PERIOD = re.compile("[1-9][0-9]{6}")
_MONTH = re.compile("[0-9]{4}-(0[1-9]|1[0-2])")


class Period(str):
    """An accounting period, `yyyyppp`: year, then a number from 001 (June 2018 is 2018006, P-01).

    It is a text of seven digits and compares, sorts and prints as one. Numbers above 12 are adjustment periods (P-02).
    Raises ValueError for anything else, such as the wire's 0; `Period.read` is the lenient way in.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> "Period":
        if not _PERIOD.fullmatch(text) or text.endswith("000"):
            raise ValueError(f"not a period: {text!r}")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, year: int, number: int) -> "Period":
        """The period with that number (1 to 999) of that year. Raises ValueError when there is none."""
        return cls(f"{year:04d}{number:03d}")

    @classmethod
    def read(cls, value: str | int | None) -> "Period | None":
        """A period of an answer: text or number (P-03), perhaps with blanks at its end (P-04). None for none: null,
        an empty text, 0 (P-05). Raises ValueError for anything else."""
        text = "" if value is None else str(value).rstrip(" ")
        return None if text.strip("0") == "" else cls(text)

    @property
    def year(self) -> int:
        """The year, four digits."""
        return int(self[:4])

    @property
    def number(self) -> int:
        """The number within the year: 1 to 12 are its months in most ledgers."""
        return int(self[4:])

    @property
    def is_adjustment(self) -> bool:
        """True above 12: the contract has no such period, a ledger may (P-02)."""
        return self.number > 12

    def __repr__(self) -> str:
        return f"Period({str(self)!r})"


class Month(str):
    """A calendar month, `yyyy-mm` (S-05). Raises ValueError for anything else."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Month":
        if not _MONTH.fullmatch(text):
            raise ValueError(f"not a month: {text!r}")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, year: int, number: int) -> "Month":
        """The month with that number (1 to 12). Raises ValueError when there is none."""
        return cls(f"{year:04d}-{number:02d}")

    def __repr__(self) -> str:
        return f"Month({str(self)!r})"
