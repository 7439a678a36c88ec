"""Sends: one journal; the queue of the journals that are still to be sent; and records, files and vouchers, one request
after the other until something keeps the rest from being sent."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from importer.errors import AnswerUnclear, ImporterError, Interrupted, NotSent
from importer.model.journals import Journal
from importer.model.postings import JournalOutcome, State
from importer.post.context import PostingContext
from importer.post.posting_state import Outcome, Posting, outcome_of
from importer.services.session import POST_PAUSES
from importer.services.sunplusxtra.journals import journal_payload, post_journal


class SendQueue:
    """A queue in which a journal stays back while one that looks like it is looked for in the ledger: the look could
    take it for the other one. `looked_for` are the loose keys of those."""

    def __init__(self, postings: Iterable[Posting]) -> None:
        self._postings = deque(posting for posting in postings if posting.is_to_be_sent)
        self.looked_for: set[Hashable] = set()

    def __bool__(self) -> bool:
        return bool(self._postings)

    def __iter__(self) -> Iterator[Posting]:
        return iter(tuple(self._postings))

    def drop_found(self) -> None:
        """Leaves out what is not to be sent any more: a look at the ledger has found it."""
        self._postings = deque(posting for posting in self._postings if posting.is_to_be_sent)

    @property
    def has_next(self) -> bool:
        """True when a journal may leave."""
        return any(self._may_leave(posting) for posting in self._postings)

    def add(self, postings: Iterable[Posting]) -> None:
        """Those of the postings that are to be sent once more go to the end."""
        self._postings.extend(posting for posting in postings if posting.is_to_be_sent)

    def next(self, most: int) -> list[Posting]:
        """The next postings, without those that have to stay back."""
        batch: list[Posting] = []
        for _ in range(len(self._postings) if most > 0 else 0):
            posting = self._postings.popleft()
            if len(batch) < most and self._may_leave(posting):
                batch.append(posting)
            else:
                self._postings.append(posting)
            if len(batch) == most and not self.looked_for:
                break
        return batch

    def _may_leave(self, posting: Posting) -> bool:
        return not self.looked_for or posting.similarity_key not in self.looked_for


STALE_SECONDS = 30.0
"""An intent that waited longer than this on its way (a laptop that slept) is given back: half of the shortest lease."""


def send(journal: Journal, claimed_at: datetime, context: PostingContext, is_wanted: Callable[[], bool]) -> Outcome:
    """One journal, sent again only while it is proved that not one byte of it left and it is still wanted."""
    payload = journal_payload(journal.lines)
    outcome = Outcome(State.PLANNED)
    for seconds in (*POST_PAUSES, None):
        if (context.clock.now() - claimed_at).total_seconds() > STALE_SECONDS:
            return Outcome(State.PLANNED, stop=outcome.stop or NotSent("slept"))
        outcome = outcome_of(lambda: post_journal(context.session, payload))
        is_final = not isinstance(outcome.stop, NotSent) or not outcome.stop.may_pass
        if is_final or seconds is None:
            break
        context.clock.pause(seconds)
        if not is_wanted():
            break
    return outcome


def outcome_of_work(given: object, failure: BaseException | None) -> Outcome:
    """What a worker brought back. A mistake of ours in one worker must not lose what is known of the others: that
    journal is unknown, and the run stops."""
    if isinstance(given, Outcome):
        return given
    unclear = AnswerUnclear("mistake", detail=type(failure).__name__)
    return Outcome(State.UNKNOWN, reason=unclear, stop=unclear)


def send_result_of(id_: int, outcome: Outcome, at: datetime, *, is_in_doubt: bool) -> JournalOutcome:
    """What is to be recorded of a sending; `is_in_doubt`: an earlier one has no certain end, so that a refusal does not
    settle it."""
    posted = outcome.posted
    is_refusal = outcome.state is State.REFUSED
    return JournalOutcome(
        id=id_,
        state=State.UNKNOWN if is_refusal and (is_in_doubt or outcome.is_doubtful_refusal) else outcome.state,
        at=at,
        journal_number=posted.journal_number if posted else None,
        voucher_number=posted.voucher_number if posted else None,
        evidence=outcome.answer,
        is_refusal=is_refusal,
        is_denial=outcome.is_denial,
    )


Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_UNKNOWN = 3
"""After so many unknown outcomes in a row nothing new is sent."""


def in_order(
    items: Iterable[Item],
    attempt: Callable[[Item], tuple[Result, ImporterError | None, ImporterError | None]],
    interrupts: Callable[[], int],
    tell: Callable[[], None],
    *,
    interrupted: str,
    breaker: ImporterError | None = None,
) -> tuple[list[Result], ImporterError | None]:
    """Attempts the items in order, and gives the results of those that were attempted, and why the rest was not (None:
    all were).

    `attempt` gives what came of an item, why nobody knows its outcome (None: it is known), and why the rest is not to
    be sent (None: it may be). `interrupts` tells how often Ctrl-C was pressed, `tell` is called after each item;
    `interrupted` is the key of the sentence for Ctrl-C, `breaker` the reason after `MOST_UNKNOWN` unknown outcomes in a
    row (None: the last one's).
    """
    results: list[Result] = []
    unknown_in_a_row = 0
    for item in items:
        if interrupts():
            return results, Interrupted(interrupted)
        result, unknown, stop = attempt(item)
        results.append(result)
        tell()
        unknown_in_a_row = unknown_in_a_row + 1 if unknown is not None else 0
        if stop is None and unknown_in_a_row >= MOST_UNKNOWN:
            stop = breaker or unknown
        if stop is not None:
            return results, stop
    return results, None
