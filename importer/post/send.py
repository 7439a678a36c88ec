"""Sends journals, several at once: the intent of each is on disk before a byte leaves, the outcome once it is known.

One thread, the caller's, owns the store; the workers only talk to the service.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from importer.errors import AnswerUnclear, ImporterError, Interrupted, NotSent, TooManyUnknown
from importer.model.entries import Ending, Known, State
from importer.model.journals import Journal
from importer.post.judge import Outcome, outcome_of
from importer.post.plan import Planned
from importer.services.session import Session
from importer.services.sunplusxtra.journals import journal_payload, post_journal

NOT_SENT_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries of a request of which not one byte left: five tries (posting.md)."""

LOOK_SECONDS = 0.25
"""How long Ctrl-C may stay unnoticed while requests are under way."""

MOST_UNKNOWN = 3
"""After so many unknown outcomes in a row nothing new is sent."""


class Claims(Protocol):
    """The part of the store that sending needs; each call is one durable commit."""

    def claim(self, ids: Iterable[int], at: datetime) -> set[int]: ...

    def record(self, endings: Iterable[Ending]) -> None: ...

    def look_up(self, id_: int) -> Known: ...


@dataclass(slots=True)
class Posting:
    """What came of the journals by their id in the store. An id that was `claimed` and has no outcome may have
    been sent.

    `lost_claims` were taken by somebody else: what the store knew of them afterwards, None when it could not be asked.
    `stopped_by` says why the rest was not sent, None when all were.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    claimed: set[int] = field(default_factory=set)
    lost_claims: dict[int, Known | None] = field(default_factory=dict)
    stopped_by: ImporterError | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What sending works with: the session, the store, how many at once, the clock (UTC), the pause (seconds), whom to
    tell of each journal that ended, and how often Ctrl-C was pressed so far."""

    session: Session
    store: Claims
    at_once: int
    now: Callable[[], datetime]
    pause: Callable[[float], None]
    tell: Callable[[], None]
    interrupts: Callable[[], int]


def send_journals(planned: Sequence[Planned], means: Means) -> Posting:
    """Sends every journal that is to be sent, `at_once` at a time, and gives what is true of each.

    Never raises for a single journal. A store that cannot be written, a session that is over, a service out of reach,
    three unknowns in a row or Ctrl-C stop the sending of further ones; what is under way is awaited, unless Ctrl-C is
    pressed a second time.
    """
    posting = Posting()
    # A journal that stands in two workbooks of the upload is one entry: it is sent once.
    distinct = {one.known.id: one for one in planned if one.is_to_be_sent}
    waiting = list(reversed(distinct.values()))
    under_way: dict[Future[Outcome], int] = {}
    pool = ThreadPoolExecutor(means.at_once)
    try:
        _send_all(waiting, under_way, posting, means, pool)
    finally:
        pool.shutdown(wait=not under_way, cancel_futures=True)
    for id_ in posting.lost_claims:
        with suppress(ImporterError):
            posting.lost_claims[id_] = means.store.look_up(id_)
    return posting


def _send_all(
    waiting: list[Planned],
    under_way: dict[Future[Outcome], int],
    posting: Posting,
    means: Means,
    pool: ThreadPoolExecutor,
) -> None:
    unknown_in_a_row = 0
    while (waiting and posting.stopped_by is None) or under_way:
        if means.interrupts() > 1:
            return
        if means.interrupts() and posting.stopped_by is None:
            posting.stopped_by = Interrupted("interrupted")
        try:
            if posting.stopped_by is None:
                _send_more(waiting, under_way, posting, means, pool)
            for ended in _ended(under_way, posting, means):
                unknown_in_a_row = unknown_in_a_row + 1 if ended.state is State.UNKNOWN else 0
                posting.stopped_by = posting.stopped_by or ended.stop
                if unknown_in_a_row >= MOST_UNKNOWN:
                    posting.stopped_by = posting.stopped_by or TooManyUnknown("breaker")
        except ImporterError as error:
            posting.stopped_by = posting.stopped_by or error


def _send_more(
    waiting: list[Planned],
    under_way: dict[Future[Outcome], int],
    posting: Posting,
    means: Means,
    pool: ThreadPoolExecutor,
) -> None:
    """Fills the free places: intents that leave together are committed together."""
    batch = [waiting.pop() for _ in range(min(len(waiting), means.at_once - len(under_way)))]
    if not batch:
        return
    claimed = means.store.claim([one.known.id for one in batch], means.now())
    posting.claimed |= claimed
    for one in batch:
        if one.known.id in claimed:
            under_way[pool.submit(_send, one.journal, means, posting)] = one.known.id
        else:
            posting.lost_claims[one.known.id] = None
            means.tell()


def _ended(under_way: dict[Future[Outcome], int], posting: Posting, means: Means) -> list[Outcome]:
    """Waits a moment for journals to end; records those that have, in one commit."""
    done, _ = wait(under_way, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
    if not done:
        return []
    ended = {under_way.pop(future): _outcome(future) for future in done}
    posting.outcomes.update(ended)
    means.store.record(_ending(id_, outcome, means.now()) for id_, outcome in ended.items())
    for _ in ended:
        means.tell()
    return list(ended.values())


def _outcome(future: Future[Outcome]) -> Outcome:
    """A mistake of ours in one worker must not lose what is known of the others: that journal is unknown, and the run
    stops."""
    failure = future.exception()
    if failure is None:
        return future.result()
    unclear = AnswerUnclear("mistake", detail=type(failure).__name__)
    return Outcome(State.UNKNOWN, reason=unclear, stop=unclear)


def _ending(id_: int, outcome: Outcome, at: datetime) -> Ending:
    posted = outcome.posted
    return Ending(
        id=id_,
        state=outcome.state,
        at=at,
        journal_number=posted.journal_number if posted else None,
        voucher_number=posted.voucher_number if posted else None,
        answer=outcome.answer,
    )


def _send(journal: Journal, means: Means, posting: Posting) -> Outcome:
    """One journal, sent again only while it is proved that not one byte of it left, and nobody wants to stop."""
    payload = journal_payload(journal.lines)
    for seconds in NOT_SENT_PAUSES:
        outcome = outcome_of(lambda: post_journal(means.session, payload))
        if not isinstance(outcome.stop, NotSent) or outcome.stop.certificate:
            return outcome
        means.pause(seconds)
        if posting.stopped_by is not None or means.interrupts():
            return outcome
    return outcome_of(lambda: post_journal(means.session, payload))
