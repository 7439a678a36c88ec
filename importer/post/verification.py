"""What a run has posted is read back: the first journal before the others leave, the others in few ranges. And the
ledger is held against what the store calls posted: `importer audit`, and what a person decides."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any

from importer.errors import AnswerUnclear, DifferentInLedger, TryAgain
from importer.model.journals import ShownJournal, shown_content
from importer.model.postings import LedgerFacts, State, StoredJournal
from importer.post.context import Completed, PostingContext, WorkerPool
from importer.post.ledger_checks import as_error, displaced, look, raise_unless_soft, read_for
from importer.post.ledger_search import READ_FAILURES, LedgerRead, journals_numbered, read_ledger
from importer.post.matching import Cuts, Difference, LedgerJournal, Similarity, differences, is_shown_as, learned_cut
from importer.post.posting_state import Posting
from importer.post.reconciliation import LedgerIndex, Moment
from importer.post.send import SendQueue
from importer.services.session import Session

TOGETHER = 100
"""So many journals are read back together, in as few ranges as their numbers allow."""
MOST_DIFFERENT = 3
"""So many journals that differ in the ledger stop a run."""
TRIES = (0.0, 1.0, 4.0, 10.0, 30.0, 60.0)
"""Seconds after its posting at which a journal is looked for; after the last one every minute."""
HASTY_SECONDS = 15.0
"""So long the first journal is looked for by a run that is told not to wait, and the others in a ledger that cannot be
read."""
SHORTEST_WAIT, LAGS = 60.0, 4
"""Seconds that the others are looked for at least, and how many times the lag of the first one."""


def try_after(seconds: float) -> float:
    """At how many seconds after a posting the next look is due, when so many have passed."""
    return next((one for one in TRIES if one > seconds), TRIES[-1] * (seconds // TRIES[-1] + 1))


class Canary:
    """The first journal that a run posts: the others leave when the ledger shows it, by both of its ways, as often as
    the run knows of (importer/post/README.md, "The canary"). `seconds` is how long it is looked for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._posted: Moment | None = None
        self.posting: Posting | None = None
        self.is_shown = False
        self.is_over = False
        self.is_under_way = False
        self.next_try: datetime | None = None
        self.lag = 0.0
        self.older_unseen = frozenset[int]()
        """Equal journals that the ledger had before and does not show any more, while it shows the first one: what it
        shows is not whole, or somebody has put an older copy of it back."""

    @property
    def is_awaited(self) -> bool:
        """True while it is looked for."""
        return self.posting is not None and not (self.is_shown or self.is_over)

    def watch(self, posting: Posting, now: Moment) -> None:
        """This is the first one."""
        self.posting, self._posted, self.next_try = posting, now, now.wall

    def seen(
        self,
        read: LedgerRead | None,
        view: LedgerIndex,
        posted_under: Callable[[Iterable[int]], Mapping[int, StoredJournal]],
    ) -> None:
        """Takes in what a look shows, None when it failed. Journals that are equal, came since and belong to nobody
        here are its `twins`."""
        posting = self.posting
        if posting is None or read is None:
            return
        number = int(posting.journal_number or 0)
        theirs = read.journals.get(number)
        equal = {one.number for one, how in view.alike(posting.shown) if how.is_ours}
        self.older_unseen = frozenset()
        if theirs is None or number not in read.listed:
            return
        posting.compared(theirs, view.cuts)
        self.older_unseen = _before(posting) - read.journals.keys()
        if self.older_unseen:
            return
        others = equal - {number} - _before(posting)
        posting.twins = tuple(sorted(others - view.owned(posted_under(others)).keys()))
        self.is_shown, self.next_try = True, None

    def try_later(self, now: Moment, *, is_last: bool) -> None:
        """It was not shown: the next look, or the last one has been."""
        if self._posted is None:
            return
        passed = max(now.steady - self._posted.steady, 0.0)
        if is_last or passed >= self._seconds:
            self.is_over, self.next_try = True, None
            return
        due = min(try_after(passed), self._seconds)
        self.next_try = now.wall + timedelta(seconds=due - passed)

    def learned(self, read: LedgerRead, facts: LedgerFacts, now: Moment) -> LedgerFacts:
        """What the ledger shows of itself by this journal: how late it shows a new one, by which accounts it lists
        nothing, at which length it cuts a text."""
        posting = self.posting
        if posting is None or self._posted is None:
            return facts
        self.lag = max(now.steady - self._posted.steady, 0.0)
        blind = facts.blind_accounts | read.blind_accounts
        found = replace(facts, lag=max(self.lag, facts.lag or 0.0), blind_accounts=blind)
        theirs = read.journals[int(posting.journal_number or 0)]
        differing = [(one.line, one.field) for one in posting.differences]
        cut = learned_cut(posting.shown, theirs.journal, differing) if differing else None
        return found if cut is None else replace(found, cuts={**found.cuts, cut.field: cut.length})


def _before(posting: Posting) -> frozenset[int]:
    return posting.preexisting_matches or frozenset()


@dataclass(slots=True)
class _Pending:
    posting: Posting
    posted: datetime
    next_try: datetime


class Verifier:
    """The journals posted by one run after the first one, until they have been read back. Without `is_wanted` only
    those are whose number was another journal's."""

    def __init__(self, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._pending: list[_Pending] = []
        self._under_way: dict[int, _Pending] = {}
        self.different = 0

    @property
    def is_at_work(self) -> bool:
        """True while a posted journal waits to be read back, or is being read."""
        return bool(self._pending or self._under_way)

    @property
    def is_urgent(self) -> bool:
        """True while the ledger has not told whose a number is that was given twice: nothing leaves before."""
        return any(one.posting.reused is not None for one in (*self._pending, *self._under_way.values()))

    def add(self, posting: Posting, now: datetime) -> None:
        """A journal was posted."""
        if self._is_wanted or posting.reused is not None:
            self._pending.append(_Pending(posting, now, now))

    def next_try(self) -> datetime | None:
        """When the next journal is to be looked for, None when none waits."""
        return min((one.next_try for one in self._pending), default=None)

    def next_batch(self, now: datetime, *, is_idle: bool) -> list[Posting]:
        """The journals to read back now; `is_idle`: nothing else is left to be done."""
        due = [one for one in self._pending if one.next_try <= now]
        if self._under_way or not due or not (is_idle or len(due) >= TOGETHER or self.is_urgent):
            return []
        batch = due[: 2 * TOGETHER]
        self._under_way = {one.posting.id: one for one in batch}
        self._pending = [one for one in self._pending if one.posting.id not in self._under_way]
        return [one.posting for one in batch]

    def seen(
        self, found: Mapping[int, LedgerJournal] | None, now: datetime, facts: LedgerFacts, *, is_hasty: bool
    ) -> list[Posting]:
        """Takes in what the ledger shows of the batch under way, None when it could not be read, and gives those that
        were shown. `is_hasty`: nothing is tried again."""
        under_way, self._under_way = self._under_way, {}
        shown = []
        for one in under_way.values():
            theirs = None if found is None else found.get(int(one.posting.journal_number or 0))
            if theirs is None:
                one.posting.is_not_shown = found is not None and not is_hasty
                patience = HASTY_SECONDS if found is None else max(SHORTEST_WAIT, LAGS * (facts.lag or 0.0))
                passed = max((now - one.posted).total_seconds(), 0.0)
                if not is_hasty and passed < patience:
                    one.next_try = now + timedelta(seconds=min(try_after(passed), patience) - passed)
                    self._pending.append(one)
                continue
            one.posting.compared(theirs, facts.cuts)
            self.different += bool(one.posting.differences)
            shown.append(one.posting)
        return shown


class ReadBack:
    """Reads back what a run posts: its `canary`, then the others. `facts` are what is known of the ledger, and what the
    canary has taught. `queue` has the journals that are still to be sent. What is raised is a reason to send nothing
    more."""

    def __init__(self, postings: Sequence[Posting], queue: SendQueue, context: PostingContext) -> None:
        self._postings, self._queue, self._context = postings, queue, context
        options = context.posting_options
        self.facts = context.store.ledger_facts()
        self.canary = Canary(options.settle if options.wait else min(options.settle, HASTY_SECONDS))
        self.verifier = Verifier(options.verify)

    @property
    def is_at_work(self) -> bool:
        """True while something that was posted is looked for, or waits for it."""
        return self.verifier.is_at_work or self.canary.is_awaited

    def add(self, posting: Posting, now: Moment) -> None:
        """A journal was posted."""
        if self.canary.posting is None:
            self.canary.watch(posting, now)
        else:
            self.verifier.add(posting, now.wall)

    def start(self, workers: WorkerPool[Any], *, is_stopped: bool, is_idle: bool) -> None:
        """Has read what is due; at once when sending `is_stopped`. `is_idle`: nothing else is left to be done."""
        now = self._context.clock.now()
        canary, posting, due = self.canary, self.canary.posting, self.canary.next_try
        if posting and due and canary.is_awaited and not canary.is_under_way and (due <= now or is_stopped):
            canary.is_under_way = True
            number, accounts = int(posting.journal_number or 0), len({line.account for line in posting.shown.lines})
            numbers = {number} | _before(posting)
            beside = replace(self._context, keep_lease=lambda: None, interrupts=lambda: 0)  # both are the main thread's
            read = partial(read_for, [posting.shown], numbers, self.facts, beside)
            workers.start(canary, partial(read, newest=number, most_accounts=accounts))
        if batch := self.verifier.next_batch(now, is_idle=is_idle):
            numbers = {int(one.journal_number or 0) for one in batch}
            read_batch = partial(journals_numbered, self._context.session, numbers, self._context.zone)
            workers.start(self.verifier, read_batch)

    def take_in(self, done: Completed[Any], now: Moment, *, is_stopped: bool) -> None:
        """Takes in what was read."""
        if done.task is self.canary:
            self._take_in_canary(done, now, is_stopped=is_stopped)
        else:
            self._take_in_batch(done, now.wall, is_hasty=is_stopped)

    def _take_in_canary(self, done: Completed[Any], now: Moment, *, is_stopped: bool) -> None:
        canary = self.canary
        canary.is_under_way = False
        posting = canary.posting
        if posting is None:
            raise AssertionError("a canary that is read has a posting")
        read: Any = done.result if done.failure is None else None
        view = LedgerIndex(read.journals if read else {}, self.facts.cuts)
        canary.seen(read, view, self._context.store.posted_under)
        canary.is_over = done.failure is not None and not isinstance(done.failure, READ_FAILURES)
        raise_unless_soft(done.failure)
        if canary.is_shown:
            self._learn(canary.learned(read, self.facts, now), read, posting)
            return
        canary.try_later(now, is_last=is_stopped)
        number = posting.journal_number or ""
        if canary.is_over and done.failure is not None:
            raise TryAgain("first-unread", number=number, reason=self._context.sentence(as_error(done.failure)))
        if canary.is_over and canary.older_unseen:
            raise DifferentInLedger("older-unseen", number=number, older=str(max(canary.older_unseen)))
        if canary.is_over:
            posting.is_not_shown = not is_stopped
            raise DifferentInLedger("not-shown", number=number)

    def _learn(self, facts: LedgerFacts, read: LedgerRead, posting: Posting) -> None:
        """The first journal is shown: what that tells of the ledger is kept, and what is amiss stops the rest."""
        is_seen_otherwise = (facts.blind_accounts, facts.cuts) != (self.facts.blind_accounts, self.facts.cuts)
        if facts.cuts != self.facts.cuts:
            posting.compared(read.journals[int(posting.journal_number or 0)], facts.cuts)
        if facts != self.facts:
            self._context.store.keep_ledger_facts(facts)
        self.facts = facts
        self._context.tell_lag(self.canary.lag)
        if self._is_reused_otherwise(posting, read.journals):
            raise DifferentInLedger("different")
        if posting.twins:
            raise DifferentInLedger("posted-twice", number=posting.journal_number or "")
        if posting.differences:
            raise DifferentInLedger("different")
        if is_seen_otherwise and self._context.posting_options.check_ledger:
            # The look before sending went by accounts that list nothing, or by whole texts that the ledger cuts.
            look(list(self._queue), self._context)
            self._queue.drop_found()

    def _take_in_batch(self, done: Completed[Any], now: datetime, *, is_hasty: bool) -> None:
        found: Any = None if done.failure else done.result
        was_urgent = self.verifier.is_urgent
        shown = self.verifier.seen(found, now, self.facts, is_hasty=is_hasty)
        raise_unless_soft(done.failure)
        is_amiss = [posting for posting in shown if self._is_reused_otherwise(posting, found)]
        for one, owner in displaced((posting for posting in shown if not posting.differences), self._postings):
            # What was found by an older look under a number that the ledger shows as another journal's is gone.
            self._context.store.give_number_back(owner.id, one.id)
            one.gone()
        is_decided = (
            not was_urgent
            or self.verifier.is_urgent
            or not any(one.reused and one.is_not_shown for one in self._postings)
        )
        if is_amiss or not is_decided or self.verifier.different >= MOST_DIFFERENT:
            raise DifferentInLedger("different")

    def _is_reused_otherwise(self, posting: Posting, journals: Mapping[int, LedgerJournal]) -> bool:
        """True when the number of the posting was another journal's and the ledger does not show this one under it;
        where it shows the other one it is that one's again (importer/post/README.md, "A good answer is final")."""
        other = posting.reused
        if other is None or not posting.differences:
            return False
        theirs = journals[int(posting.journal_number or 0)]
        if is_shown_as(other, theirs, self.facts.cuts):
            self._context.store.give_number_back(other.id, posting.id)
            posting.gone()
        return True


class Fault(StrEnum):
    """What is wrong with a journal. UNKNOWN and SENDING: it was sent, and nobody knows what became of it. FOREIGN is
    for a person to judge: somebody else's journal looks like it."""

    UNKNOWN = "unknown"
    SENDING = "sending"
    MISSING = "missing"
    RENUMBERED = "renumbered"
    DOUBLED = "doubled"
    CHANGED = "changed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one journal; `numbers` are the other journals of the ledger that it is about. `reverse` are those of
    a doubled one that are too many: always the highest numbers, so that two people who are told by two stores reverse
    the same ones."""

    fault: Fault
    posted: StoredJournal
    shown: ShownJournal
    numbers: tuple[int, ...] = ()
    differences: tuple[Difference, ...] = ()
    reverse: tuple[int, ...] = ()


def audited(
    posted: Sequence[StoredJournal],
    session: Session,
    zone: tzinfo,
    posted_under: Callable[[Iterable[int]], Mapping[int, StoredJournal]],
    cuts: Cuts,
) -> list[Finding]:
    """Every fault of the journals, in their order, by its state in the store: posted, gone (its number is
    another's now), unknown or sending. `posted_under` tells what the store calls posted under numbers of the ledger,
    `cuts` are the lengths at which the ledger was seen to cut texts. Raises what its requests raise, and AnswerUnclear
    when the ledger lists one of them and does not show it."""
    shown = [shown_content(one.content) for one in posted]
    numbers = {int(one.journal_number) for one in posted if one.state in (State.POSTED, State.GONE)}
    journals, hidden = read_whole(session, shown, numbers, zone)
    if hidden & numbers:  # listed and not shown is not missing: nobody can tell
        raise AnswerUnclear("not-whole")
    view = LedgerIndex(journals, cuts)
    owned = view.owned(posted_under(journals))
    found: list[Finding] = []
    for one, ours in zip(posted, shown, strict=True):
        if one.state in (State.UNKNOWN, State.SENDING):
            found.append(Finding(Fault(one.state.value), one, ours))
        else:
            theirs = None if one.state is State.GONE else journals.get(int(one.journal_number))
            found += _faults(one, ours, theirs, view, owned)
    return found


def read_whole(
    session: Session, journals: Sequence[ShownJournal], numbers: Iterable[int], zone: tzinfo
) -> tuple[dict[int, LedgerJournal], set[int]]:
    """Every journal of the ledger that could be one of ours, and those with the numbers; and which numbers /cash-count
    names that no range shows (0: some journal that no list names). Raises what its requests raise."""
    read = read_ledger(journals, session, zone, numbers=numbers)
    return dict(read.journals), set(read.hidden.values())


def _faults(
    posted: StoredJournal, ours: ShownJournal, theirs: LedgerJournal | None, view: LedgerIndex, owned: Mapping[int, int]
) -> Iterator[Finding]:
    own = int(posted.journal_number)
    alike = [(one.number, how) for one, how in view.alike(ours)]
    others = [(number, how) for number, how in alike if number != own and number not in owned]
    equal = tuple(number for number, how in others if how.is_ours)
    changed = () if theirs is None else tuple(differences(ours, theirs, view.cuts))
    if equal and (theirs is None or changed):
        yield Finding(Fault.RENUMBERED, posted, ours, equal)
    elif theirs is None:
        yield Finding(Fault.MISSING, posted, ours)
    elif changed:
        yield Finding(Fault.CHANGED, posted, ours, differences=changed)
    elif equal:
        all_equal = sorted(number for number, how in alike if how.is_ours)
        yield Finding(Fault.DOUBLED, posted, ours, equal, reverse=tuple(all_equal[-len(equal) :]))
    if foreign := tuple(number for number, how in others if how is Similarity.LOOKS_ALIKE):
        yield Finding(Fault.FOREIGN, posted, ours, foreign)
