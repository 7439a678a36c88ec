"""The stamps of a month at Sovos: figures, use by day and by RFC, and the reports as files."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime

from importer.errors import SetupError
from importer.model.dates import Month
from importer.model.secrets import OF_THIS_PROCESS
from importer.services.sovos import (
    Movement,
    SovosAccount,
    download_consumption_report_csv,
    download_consumption_report_pdf,
    get_stamp_balance,
)
from importer.settings import Settings

OPERATIONS: Mapping[str, str] = {
    "get_stamp_balance": "",
    "download_consumption_report_pdf": "--pdf",
    "download_consumption_report_csv": "--csv",
}
"""What `importer stamps` asks, by operationId, with the option that makes it ask."""


@dataclass(frozen=True, slots=True)
class MonthOfStamps:
    """The stamps of a month: of the whole account, or of `rfcs` together. All figures are counts (S-20), None where not
    told; they need not add up (S-18), and none is what is left to stamp with (S-19). The first three count RFCs, of the
    account or of the one asked for: for several RFCs they are None. `asked_at` is local time of the platform (S-23)."""

    month: Month
    rfcs: tuple[str, ...]
    consumption: str
    asked_at: datetime | None
    registered: int | None
    authorised: int | None
    stamped: int | None
    transactions: int | None
    movements: tuple[Movement, ...]

    def by_day(self) -> dict[date, int]:
        """Stamps of each day of the month that has a movement, in the order of the days; strays are left out."""
        sums: Counter[date] = Counter()
        for movement in self.movements:
            if self._is_of_the_month(movement):
                sums[movement.at.date()] += movement.stamps
        return dict(sorted(sums.items()))

    def by_rfc(self) -> dict[str, int]:
        """Stamps of each RFC, in the order of their first movement (S-21)."""
        sums: Counter[str] = Counter()
        for movement in self.movements:
            sums[movement.rfc] += movement.stamps
        return dict(sums)

    @property
    def strays(self) -> int:
        """How many movements are of another month than the one asked for (S-24)."""
        return sum(not self._is_of_the_month(movement) for movement in self.movements)

    def _is_of_the_month(self, movement: Movement) -> bool:
        return movement.at.date().isoformat().startswith(f"{self.month}-")


def _account(settings: Settings) -> SovosAccount:
    """The account of the settings, to be closed. Raises SetupError when its address or key is missing, or not fit for
    use."""
    if not (settings.sovos_url and settings.sovos_api_key):
        known = {"SOVOS_URL": settings.sovos_url, "SOVOS_API_KEY": settings.sovos_api_key}
        raise SetupError("no-sovos", missing=", ".join(name for name, value in known.items() if not value))
    return SovosAccount(
        *(settings.sovos_url, settings.sovos_api_key, settings.timeout, time.sleep, OF_THIS_PROCESS),
        proxy=settings.proxy.reveal() if settings.proxy else None,
        ca_file=settings.ca_file,
    )


def month_of_stamps(settings: Settings, month: Month, rfcs: Sequence[str] = ()) -> MonthOfStamps:
    """The stamps of a month at Sovos, of all RFCs or of those in `rfcs`, each asked for once (S-07).

    Raises SetupError (no or refused settings), ServiceFailure (400-002: an RFC that is not the account's),
    AnswerUnclear, NotSent, RequestRefused.
    """
    wanted = tuple(dict.fromkeys(rfcs))
    with closing(_account(settings)) as account:
        found = [get_stamp_balance(account, month, rfc) for rfc in wanted or (None,)]
    only = found[0] if len(found) == 1 else None
    counts = [one.transactions for one in found]  # not told for one RFC, it is not told
    movements = sorted((one for balance in found for one in balance.movements), key=lambda one: one.at)
    return MonthOfStamps(
        month=month,
        rfcs=wanted,
        consumption=found[0].consumption,
        asked_at=found[0].asked_at,
        registered=only.registered if only else None,
        authorised=only.authorised if only else None,
        stamped=only.stamped if only else None,
        transactions=None if None in counts else sum(filter(None, counts)),
        movements=tuple(movements),
    )


def consumption_report(settings: Settings, month: Month, *, as_pdf: bool) -> bytes:
    """The consumption report of all RFCs, as PDF or as CSV, as the service wrote it. Raises what `month_of_stamps`
    raises."""
    with closing(_account(settings)) as account:
        if as_pdf:
            return download_consumption_report_pdf(account, month)
        return download_consumption_report_csv(account, month).content
