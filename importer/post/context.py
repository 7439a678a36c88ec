"""What posting works with: handed in from outside, so that tests can put their own in each place."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Protocol

from importer.errors import ImporterError, SetupError
from importer.model.clocks import Clocks
from importer.model.options import PostingOptions
from importer.model.postings import Absence, LedgerFacts, Posted, RejectedUpdates, Resolution, SendResult
from importer.post.workers import Clock, WorkerPool
from importer.services.session import Session

PATIENCE = 0.25
"""Seconds that Ctrl-C may stay unnoticed while requests are under way."""


class PostingStore(Protocol):
    """The part of the store that posting needs; each call is one durable commit (or a look)."""

    def claim(
        self,
        ids: Iterable[tuple[int, str]],
        at: datetime,
        preexisting_matches: Mapping[int, frozenset[int] | None] | None,
        clocks: Clocks | None,
    ) -> set[int]: ...

    def record(self, endings: Iterable[SendResult], clocks: Clocks | None) -> RejectedUpdates: ...

    def settle(self, settlements: Iterable[Resolution]) -> None: ...

    def keep_absences(self, absences: Mapping[int, Absence]) -> None: ...

    def clock(self) -> float: ...

    def owners(self, numbers: Iterable[int]) -> Mapping[int, int]: ...

    def posted_under(self, numbers: Iterable[int]) -> Mapping[int, Posted]: ...

    def give_number_back(self, to: int, was_given_to: int) -> None: ...

    def newest_posted(self, count: int) -> Sequence[tuple[Posted, datetime]]: ...

    def ledger_facts(self) -> LedgerFacts: ...

    def keep_ledger_facts(self, facts: LedgerFacts) -> None: ...


@dataclass(frozen=True, slots=True)
class PostingContext:
    """`crew` makes workers for so many requests at once; `keep_lease` renews the hold on the company and raises
    SetupError when it is lost; `zone` is the company's; `sentence` says an error in the person's language.

    `tell` is called for each journal that has ended, `tell_wait` with the seconds until the next look at the ledger
    and the number of journals that wait for it, `tell_unseen` with the number of the first journal posted and the
    seconds until the ledger is looked at for it again, `tell_lag` with the seconds after which the ledger has shown it;
    `interrupts` is how often Ctrl-C was pressed so far.
    """

    session: Session
    store: PostingStore
    at_once: int
    clock: Clock
    crew: Callable[[int], WorkerPool[Any]]
    zone: tzinfo
    keep_lease: Callable[[], None]
    sentence: Callable[[ImporterError], str]
    tell: Callable[[], None]
    tell_wait: Callable[[float, int], None]
    tell_unseen: Callable[[str, float], None]
    tell_lag: Callable[[float], None]
    interrupts: Callable[[], int]
    posting_options: PostingOptions = field(default_factory=PostingOptions)
    patience: float = PATIENCE

    def clocks(self) -> Clocks:
        """The present moment by all clocks but the wall's. With a store that cannot be read nothing agrees (NaN): what
        has come of a sending must be taken in all the same."""
        try:
            by_store = self.store.clock()
        except SetupError:
            by_store = math.nan
        return Clocks(by_store, self.clock.steady(), self.clock.boot(), self.session.service_time)
