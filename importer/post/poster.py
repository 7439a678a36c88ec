"""Posts journals: several at once, the intent of each on disk before a byte leaves, its outcome once it is known; reads
back what was posted, and looks for what was lost.

One thread, the caller's, owns the store and decides; the workers only talk to the service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from importer.errors import (
    AnswerUnclear,
    ImporterError,
    Interrupted,
    NotSent,
    SetupError,
    TooManyUnknown,
    TryAgain,
)
from importer.model.journals import shown_content
from importer.model.postings import LedgerFacts, State
from importer.post.context import Completed, PostingContext, WorkerPool
from importer.post.ledger_checks import (
    WITNESSES,
    Witness,
    apply_matches,
    as_error,
    last_look,
    may_come_twice,
    raise_unless_soft,
    record_preexisting,
    would_show,
)
from importer.post.ledger_search import read_ledger
from importer.post.posting_state import Posting
from importer.post.reconciliation import LedgerIndex, Moment, PendingLookup, Reconciler, match_postings
from importer.post.send import MOST_UNKNOWN, STALE_SECONDS, SendQueue, outcome_of_work, send, send_result_of
from importer.post.verification import Canary, ReadBack, Verifier

LEASE_LOST = "lease-lost"


@dataclass(frozen=True, slots=True)
class _Looked:
    """Journals in doubt are looked for."""

    watches: list[PendingLookup]
    began: Moment
    witnesses: Sequence[Witness]


_Task = Posting | _Looked | Canary | Verifier
"""A posting is being sent; of a canary and a verifier what they wait for is being read."""


def post_journals(postings: Sequence[Posting], context: PostingContext) -> ImporterError | None:
    """Posts every posting that is to be sent and settles those in doubt; each posting tells afterwards what is true of
    it. Gives what stopped the rest from being sent, None when nothing did.

    Never raises for a single journal, nor once anything may have been sent. A store that cannot be written, a session
    that is over, a service out of reach, a lost lease or Ctrl-C stop the sending; what is under way is awaited, unless
    Ctrl-C is pressed a second time."""
    try:
        record_preexisting(postings, context)
    except ImporterError as error:
        return error
    poster = _Poster(postings, context)
    try:
        poster.work()
    finally:
        poster.workers.shutdown()
    return poster.stopped_by


def look_once_more(
    postings: Sequence[Posting], context: PostingContext, stopped_by: ImporterError | None
) -> ImporterError | None:
    """The last look, when sending is over: tells by each posting whether others have posted the same meanwhile. Gives
    why it could not (None: it could). `stopped_by` is what `post_journals` gave. Never raises."""
    if not any(
        posting.state is State.POSTED and posting.sent_this_run and not posting.was_posted for posting in postings
    ):
        return None
    if stopped_by is not None and _ends_reading(stopped_by):
        return stopped_by
    try:
        return last_look(postings, context, is_hasty=stopped_by is not None or not context.posting_options.wait)
    except ImporterError as error:
        return error


def _ends_reading(error: ImporterError) -> bool:
    """True of what keeps the ledger from being read as well: the service is out of reach, or the session is over."""
    return isinstance(error, SetupError) or (isinstance(error, TryAgain) and not isinstance(error, NotSent))


class _Poster:
    def __init__(self, postings: Sequence[Posting], context: PostingContext) -> None:
        self.workers: WorkerPool[_Task] = context.workers(
            context.at_once + 1
        )  # one more: looks never wait for sendings
        self.stopped_by: ImporterError | None = None
        self._context = context
        self._postings = postings
        self._queue = SendQueue(postings)
        self._sending: dict[int, Posting] = {}
        self._read_back = ReadBack(postings, self._queue, context)
        settle = context.posting_options.settle + (self._facts.lag or 0.0)
        self._reconciler = Reconciler(settle, context.posting_options.resend)
        self._is_looking = False
        self._unknown_in_a_row = 0
        self._is_over = False
        self._has_lease = True
        now = self._moment()
        for posting in postings:
            self._reconciler.note(posting, now)
            if posting.state is State.UNKNOWN:
                self._reconciler.add(posting, now)
            elif posting.is_to_be_read_back:
                self._read_back.verifier.add(posting, now.wall)

    @property
    def _facts(self) -> LedgerFacts:
        return self._read_back.facts

    def work(self) -> None:
        """Goes on until nothing is left to be done, or Ctrl-C was pressed twice."""
        while self._context.interrupts() < 2:
            self._attempt(self._hold)
            self._attempt(self._start_what_may_start)
            if not self.workers.busy and not self._has_more_to_do():
                return
            before = self._context.clock.now()
            if self.workers.busy:
                ended = self.workers.completed(self._patience())
                self._attempt(partial(self._take_in, ended))
            else:
                self._context.clock.pause(self._patience())
            if (self._context.clock.now() - before).total_seconds() > STALE_SECONDS and self._queue:
                self._stop(NotSent("slept"))  # others may have posted meanwhile: only a new look can tell

    def _attempt(self, step: Callable[[], None]) -> None:
        """What fails stops the sending; what is under way is awaited and taken in all the same."""
        try:
            step()
        except ImporterError as error:
            self._stop(error)

    def _stop(self, error: ImporterError) -> None:
        self.stopped_by = self.stopped_by or error
        self._is_over = self._is_over or _ends_reading(error)

    def _hold(self) -> None:
        if self._context.interrupts():
            self._stop(Interrupted("interrupted"))
        if self._has_lease and (self.workers.busy or not self._is_over):
            # Also when nothing more is sent: what is under way must end before another run looks for it.
            try:
                self._context.keep_lease()
            except SetupError as error:
                self._has_lease = error.key != LEASE_LOST
                raise

    def _start_what_may_start(self) -> None:
        if self._is_over:
            return
        self._start_look()
        is_stopped, is_held_up = self.stopped_by is not None, self._unknown_in_a_row >= MOST_UNKNOWN
        is_idle = not self._sending and (not self._queue or is_stopped or is_held_up)
        self._read_back.start(self.workers, is_stopped=is_stopped, is_idle=is_idle)
        if self.stopped_by is None:
            self._start_sending()

    @property
    def _is_hasty(self) -> bool:
        """Nothing is waited for: every journal in doubt gets one look."""
        return self.stopped_by is not None or not self._context.posting_options.wait

    def _has_more_to_do(self) -> bool:
        """Whether to wait although nothing is under way: for looks, for journals to be read back, for the next one."""
        if self._is_over:
            return False
        if (self._reconciler.unread() if self._is_hasty else self._reconciler.open) or self._read_back.is_at_work:
            return True
        if self.stopped_by is not None or not self._queue:
            return False
        if self._unknown_in_a_row >= MOST_UNKNOWN:
            self._stop(TooManyUnknown("breaker"))
            return False
        return self._queue.has_next

    # Sending

    def _start_sending(self) -> None:
        free = self._context.at_once - len(self._sending)
        if not self._read_back.canary.is_shown:
            free = 0 if self._sending or self._read_back.canary.posting is not None else 1
        if self._read_back.verifier.is_urgent or self._unknown_in_a_row >= MOST_UNKNOWN:
            free = 0
        batch = self._queue.next(free)
        if not batch:
            return
        now = self._context.clock.now()
        leaving = [(posting.id, posting.entry.payload_hash) for posting in batch]
        befores = {posting.id: posting.preexisting_matches for posting in batch}
        claimed = self._context.store.claim(leaving, now, befores, self._context.clocks())
        for posting in batch:
            if posting.id not in claimed:  # only a run without the lease could have taken it
                posting.claim_lost(AnswerUnclear("taken"))
                continue
            posting.claimed()
            self._sending[posting.id] = posting
            self.workers.start(posting, partial(send, posting.entry.journal, now, self._context, self._is_wanted))

    def _is_wanted(self) -> bool:
        return self.stopped_by is None and not self._context.interrupts()

    def _take_in_sent(self, sent: Sequence[tuple[Posting, Completed[_Task]]]) -> None:
        """First what is true of every posting, then one commit for all, then what follows from it."""
        moment = self._moment()
        now, endings = moment.wall, []
        unknown_sends = {posting.id: posting.unknown_sends for posting, _ in sent}
        for posting, done in sent:
            del self._sending[posting.id]
            outcome = outcome_of_work(done.result, done.failure)
            endings.append(send_result_of(posting.id, outcome, now, is_in_doubt=posting.unknown_sends > 0))
            posting.completed(outcome, now, moment.clocks)
            if outcome.stop is not None:
                self._stop(outcome.stop)
        rejected = self._context.store.record(endings, moment.clocks)
        for posting, _ in sent:
            if posting.id in rejected.taken:
                posting.disowned(AnswerUnclear("taken"), unknown_sends[posting.id], now, moment.clocks)
            elif posting.id in rejected.reused:
                posting.reused = rejected.reused[posting.id]
            self._follow_up(posting, moment)
        for posting in self._postings if rejected.doubtful else ():
            if posting.id in rejected.doubtful:
                posting.doubted_again(now, moment.clocks)
                self._follow_up(posting, moment)

    def _follow_up(self, posting: Posting, now: Moment) -> None:
        if posting.state is State.UNKNOWN:
            self._reconciler.add(posting, now)
            self._unknown_in_a_row += 1
            return
        self._unknown_in_a_row = 0
        self._context.tell()
        if posting.state is State.POSTED:
            self._read_back.add(posting, now)

    # Looking for what was lost

    def _start_look(self) -> None:
        if self._is_looking:
            return
        now = self._context.clock.now()
        due = [watch for watch in self._reconciler.due(now) if not (self._is_hasty and watch.was_read)]
        flying = {posting.similarity_key for posting in self._sending.values()} if due else set()
        # Those that have to wait for a look-alike in the air keep further ones from leaving.
        self._queue.looked_for = {watch.posting.similarity_key for watch in due}
        ready = [watch for watch in due if watch.posting.similarity_key not in flying]
        if ready:
            witnesses = self._context.store.newest_posted(WITNESSES)
            journals = [watch.posting.shown for watch in ready] + [shown_content(one.content) for one, _ in witnesses]
            numbers = [int(one.journal_number) for one, _ in witnesses]
            session, zone, blind = self._context.session, self._context.zone, self._facts.blind_accounts
            read = partial(read_ledger, journals, session, zone, blind_accounts=blind, numbers=numbers)
            self.workers.start(_Looked(ready, self._moment(), witnesses), read)
            self._is_looking = True

    def _take_in_look(self, task: _Looked, done: Completed[_Task]) -> None:
        self._is_looking = False
        now, canary = self._context.clock.now(), self._read_back.canary
        if done.failure is not None:
            self._reconciler.failed(task.watches, as_error(done.failure), now)
            raise_unless_soft(done.failure)
            return
        read: Any = done.result
        postings = [watch.posting for watch in task.watches]
        seen = match_postings(postings, LedgerIndex(read.journals, self._facts.cuts), self._context.store.posted_under)
        undecided = [
            watch.posting.id
            for watch in task.watches
            if may_come_twice(watch.posting, self._facts) and not self._reconciler.is_second_settled(watch, task.began)
        ]
        apply_matches(postings, seen, self._facts, self._context, self._postings, undecided)
        whole = [
            read.hiding_place(place) is None
            and would_show(read, posting.in_doubt_since, task.witnesses, self._facts, self._context)
            for place, posting in enumerate(postings)
        ]
        self._context.store.settle(self._reconciler.seen(task.watches, seen, task.began, now, whole))
        if absences := self._reconciler.absences():
            self._context.store.keep_absences(absences)
        self._queue.add(postings)
        for posting in postings:
            if posting.state is State.POSTED and canary.posting is None:
                canary.posting, canary.is_shown = posting, True  # both ways of reading have shown it
            if posting.state is not State.UNKNOWN:
                self._unknown_in_a_row = 0
            if posting.state in (State.POSTED, State.REFUSED):
                self._context.tell()

    # The loop's small change

    def _moment(self) -> Moment:
        return Moment(self._context.clock.now(), self._context.clocks())

    def _take_in(self, ended: Sequence[Completed[_Task]]) -> None:
        sent = [(one.task, one) for one in ended if isinstance(one.task, Posting)]
        if sent:
            self._attempt(partial(self._take_in_sent, sent))
        for done in ended:
            match done.task:
                case _Looked():
                    self._attempt(partial(self._take_in_look, done.task, done))
                case Canary() | Verifier():
                    is_stopped = self.stopped_by is not None
                    self._attempt(partial(self._read_back.take_in, done, self._moment(), is_stopped=is_stopped))
                case Posting():
                    pass  # all at once, above

    def _patience(self) -> float:
        """Seconds until something is to be done, at most as long as Ctrl-C may stay unnoticed."""
        now = self._context.clock.now()
        canary = self._read_back.canary
        due = (self._reconciler.next_look(), self._read_back.verifier.next_try(), canary.next_try)
        moments = [moment for moment in due if moment is not None]
        if not self.workers.busy and self._reconciler.open and moments:
            self._context.tell_wait((min(moments) - now).total_seconds(), len(self._reconciler.open))
        elif canary.is_awaited and canary.next_try is not None and canary.posting is not None:
            seconds = (canary.next_try - now).total_seconds()
            self._context.tell_unseen(canary.posting.journal_number or "", max(seconds, 0.0))
        # What is due and has not begun waits for something that is under way: its end cuts the wait short.
        ahead = [(moment - now).total_seconds() for moment in moments if moment > now]
        return min(max(min(ahead, default=self._context.patience), 0.01), self._context.patience)
