"""The stamps of a month, with counters that add up (S-18)."""

import calendar
import re
from dataclasses import dataclass

from importer.sandbox.company_records import StampAccount, StampMovement

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Balance:
    """A month (2019-01) of the account, or of one of its RFCs."""

    account: StampAccount
    month: str
    registered: int
    authorised: int
    with_stamps: int
    movements: tuple[StampMovement, ...]

    @property
    def transactions(self) -> int:
        """Stamps used, all movements together."""
        return sum(movement.count for movement in self.movements)

    @property
    def first_day(self) -> str:
        """As the reports write it."""
        return f"{self.month}-01T00:00:00"

    @property
    def last_day(self) -> str:
        """The last day at midnight; it belongs to the month as a whole (S-15)."""
        year, month = (int(part) for part in self.month.split("-"))
        # The calendar repeats after 400 years and has no year 0, which the contract's pattern allows.
        _, days = calendar.monthrange(2000 + year % 400, month)
        return f"{self.month}-{days:02d}T00:00:00"


def is_month(value: object) -> bool:
    """Whether a value is a month as yyyy-mm (S-05)."""
    return type(value) is str and _MONTH.fullmatch(value) is not None


def balance_of(account: StampAccount, month: str, rfc: str | None = None) -> Balance:
    """The balance of a month; without movements it is all zeros and an empty detail (S-06)."""
    rfcs = [rfc] if rfc is not None else list(account.rfcs)
    found = [one for one in account.movements if one.rfc in rfcs and one.day.isoformat().startswith(f"{month}-")]
    return Balance(
        account=account,
        month=month,
        registered=len(rfcs),
        authorised=sum(account.rfcs[one] for one in rfcs),
        with_stamps=len({one.rfc for one in found}),
        movements=tuple(sorted(found, key=lambda one: (one.day, one.rfc))),
    )
