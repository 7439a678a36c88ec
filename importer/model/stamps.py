"""The stamps of a month at Sovos, as a report shows them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class StampsOfMonth:
    """`month` is `yyyy-mm`; `transactions` how many stamps the account used in it (None: not told); `by_day` the days
    that have movements, with their stamps."""

    month: str
    transactions: int | None
    by_day: tuple[tuple[date, int], ...]
