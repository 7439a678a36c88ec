"""The program without its guards: claims and leases are given to whoever wants them, the wall clock is believed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from importer.model.postings import Clocks
from importer.post.verification import Canary
from importer.store.database import Connection, Database
from importer.store.leases import Holder, Lease
from importer.store.postings import JournalStore


class CarelessStore(JournalStore):
    """Gives every claim, whoever has the journal or the company."""

    def claim(
        self,
        ids: Iterable[tuple[int, str]],
        at: datetime,
        preexisting_matches: Mapping[int, frozenset[int] | None] | None = None,
        clocks: Clocks | None = None,
    ) -> set[int]:
        asked = list(ids)
        super().claim(asked, at, preexisting_matches, clocks)
        return {id_ for id_, _ in asked}

    def _hold(self, connection: Connection) -> None:
        pass


class OneLedgerStore(JournalStore):
    """Takes every ledger of the company for the same one."""

    def __init__(
        self, database: Database, company: str, run: str, holder: Holder | None = None, installation: str = ""
    ) -> None:
        super().__init__(database, company, run, holder)


class BelievedCanary(Canary):
    """Takes the first journal for shown before anybody has looked."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.is_shown = True


class CarelessLease(Lease):
    """Lets several runs have a company at once."""

    def take(self) -> tuple[str, Holder] | None:
        return None

    def renew(self) -> None:
        pass


def by_the_wall(now: Clocks, then: Clocks | None) -> float | None:
    """Believes the store's clock alone (`Clocks.since`)."""
    return None if then is None else max(0.0, now.store - then.store)


def nothing(*_: object, **__: object) -> None:
    """What a guard does that is not there."""


def always(*_: object) -> bool:
    """What a guard says that asks for nothing."""
    return True
