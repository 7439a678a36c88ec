"""Days that travel as milliseconds since 1970: midnight in the company's time zone (P-09 to P-11)."""

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
