"""How much time has passed since a moment, told by clocks of which none alone can be trusted (posting.md, "Settling and
clocks")."""

import json
from dataclasses import dataclass

AGREEMENT = 60.0
"""Seconds: so far two clocks that agree may be apart."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """One moment by several clocks, in seconds: `store` since 1970 by the store's, `steady` since some moment within
    the boot named `boot` (`""`: nobody knows which), `service` since 1970 by the service's `Date`, None when it named
    none."""

    store: float
    steady: float
    boot: str = ""
    service: float | None = None

    def since(self, then: "Clocks | None") -> float | None:
        """Seconds that have certainly passed since another moment. None when the store's clock agrees with no other
        one: it was put forward or back, and the machine was started anew, or stood still, meanwhile."""
        if then is None:
            return None
        by_store = self.store - then.store
        others = []
        if _is_same_boot(self.boot, then.boot):
            others.append(self.steady - then.steady)
        if self.service is not None and then.service is not None:
            others.append(self.service - then.service)
        agreed = [min(by_store, other) for other in others if abs(by_store - other) <= AGREEMENT]
        return max(0.0, *agreed) if agreed else None

    def as_text(self) -> str:
        """For the store; `read_clocks` reads it."""
        return json.dumps([self.store, self.steady, self.boot, self.service])


def read_clocks(text: str) -> Clocks | None:
    """What `as_text` has written; None for `""`."""
    return Clocks(*json.loads(text)) if text else None


def _is_same_boot(one: str, other: str) -> bool:
    """Some systems name a boot by its moment, which they reckon anew each time: it may be off by a little."""
    try:
        return abs(float(one) - float(other)) <= AGREEMENT
    except ValueError:
        return one == other != ""
