"""What posting works with, handed in from outside, so that tests run the same code in a time of their own: the store,
the workers that talk to the service, and the clock."""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from importer.errors import ImporterError, SetupError
from importer.model.postings import (
    Absence,
    Clocks,
    JournalOutcome,
    LedgerFacts,
    PostingOptions,
    RejectedUpdates,
    StoredJournal,
)
from importer.services.session import Session

Task = TypeVar("Task")
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Completed(Generic[Task]):
    """A piece of work that ended: what it gave, or what it raised."""

    task: Task
    result: object
    failure: BaseException | None


class WorkerPool(Generic[Task]):
    """Workers that do pieces of work side by side: threads."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size)
        self._tasks: dict[Future[object], Task] = {}
        self._ended: SimpleQueue[Future[object]] = SimpleQueue()

    @property
    def busy(self) -> int:
        """How many pieces of work are under way."""
        return len(self._tasks)

    def start(self, task: Task, work: Work) -> None:
        """Has somebody do the work; the task tells later which it was."""
        future = self._pool.submit(work)
        self._tasks[future] = task
        future.add_done_callback(self._ended.put)

    def completed(self, seconds: float) -> list[Completed[Task]]:
        """What has ended, at once or after waiting that many seconds at most. Ctrl-C may cut the wait short."""
        try:
            ended = [self._ended.get(timeout=seconds)]
        except Empty:
            return []
        ended += [self._ended.get_nowait() for _ in range(self._ended.qsize())]
        completed = []
        for future in ended:
            failure = future.exception()
            completed.append(Completed(self._tasks.pop(future), None if failure else future.result(), failure))
        return completed

    def shutdown(self) -> None:
        """Goes away without waiting for work that is still under way."""
        self._pool.shutdown(wait=not self._tasks, cancel_futures=True)


class Clock:
    """The time that posting goes by: the machine's own. `boot` names the time since it was started."""

    def __init__(self, boot: str = "") -> None:
        self._boot = boot

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since some moment of this boot, the same for all processes; nobody can put it forward. It goes on
        while a laptop sleeps, where the system has such a clock."""
        since_boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if since_boot is None else time.clock_gettime(since_boot)

    def boot(self) -> str:
        """Names the time since the machine was started; `""` when nobody knows."""
        return self._boot

    def pause(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


LISTS_TO_A_JOURNAL = 2
"""A look asks for so many lists or ranges at once for each journal that is posted at once: they leave nothing in doubt,
and a run waits for all of them."""

PATIENCE = 0.25
"""Seconds that Ctrl-C may stay unnoticed while requests are under way."""


class _PostingStore(Protocol):
    """The part of the store that posting needs; each call is one durable commit (or a look)."""

    def claim(
        self,
        ids: Iterable[tuple[int, str]],
        at: datetime,
        preexisting_matches: Mapping[int, frozenset[int] | None] | None,
        clocks: Clocks | None,
    ) -> set[int]: ...

    def record(self, endings: Iterable[JournalOutcome], clocks: Clocks | None) -> RejectedUpdates: ...

    def settle(self, settlements: Iterable[JournalOutcome]) -> None: ...

    def keep_absences(self, absences: Mapping[int, Absence]) -> None: ...

    def clock(self) -> float: ...

    def posted_under(self, numbers: Iterable[int]) -> Mapping[int, StoredJournal]: ...

    def give_number_back(self, to: int, was_given_to: int) -> None: ...

    def newest_posted(self, count: int) -> Sequence[tuple[StoredJournal, datetime]]: ...

    def ledger_facts(self) -> LedgerFacts: ...

    def keep_ledger_facts(self, facts: LedgerFacts) -> None: ...


@dataclass(frozen=True, slots=True)
class PostingContext:
    """`workers` makes a pool for so many requests at once, `at_once` is how many journals are sent at once;
    `keep_lease` renews the hold on the company and raises SetupError when it is lost; `zone` is the company's;
    `sentence` says an error in the person's language.

    `tell` is called for each journal that has ended, `tell_wait` with the seconds until the next look at the ledger
    and the number of journals that wait for it, `tell_unseen` with the number of the first journal posted and the
    seconds until the ledger is looked at for it again, `tell_lag` with the seconds after which the ledger has shown it;
    `interrupts` is how often Ctrl-C was pressed so far.
    """

    session: Session
    store: _PostingStore
    at_once: int
    clock: Clock
    workers: Callable[[int], WorkerPool[Any]]
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
