"""The ledger against what was posted: the first journal of a run is read back before the others leave, the others in
few ranges; and an audit compares all that the store calls posted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from importer.errors import AnswerUnclear
from importer.model.journals import ShownJournal, shown_content
from importer.model.postings import LedgerFacts, Posted, State
from importer.post.ledger_search import LedgerRead, read_ledger
from importer.post.matching import NO_CUTS, Cuts, Difference, LedgerJournal, Similarity, differences, learned_cut
from importer.post.posting_state import Posting
from importer.post.reconciliation import LedgerIndex, Moment
from importer.services.session import Session


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
    posted: Posted
    shown: ShownJournal
    numbers: tuple[int, ...] = ()
    differences: tuple[Difference, ...] = ()
    reverse: tuple[int, ...] = ()


def audited(
    posted: Sequence[tuple[State, Posted]],
    session: Session,
    zone: tzinfo,
    posted_under: Callable[[Iterable[int]], Mapping[int, Posted]],
    cuts: Cuts = NO_CUTS,
) -> list[Finding]:
    """Every fault of the journals, in their order, each with its state in the store: posted, gone (its number is
    another's now), unknown or sending. `posted_under` tells what the store calls posted under numbers of the ledger,
    `cuts` are the lengths at which the ledger was seen to cut texts. Raises what its requests raise, and AnswerUnclear
    when the ledger lists one of them and does not show it."""
    shown = [shown_content(one.content) for _, one in posted]
    numbers = {int(one.journal_number) for state, one in posted if state in (State.POSTED, State.GONE)}
    journals, hidden = read_whole(session, shown, numbers, zone)
    if hidden & numbers:  # listed and not shown is not missing: nobody can tell
        raise AnswerUnclear("not-whole")
    view = LedgerIndex(journals, cuts)
    owned = view.owned(posted_under(journals))
    found: list[Finding] = []
    for (state, one), ours in zip(posted, shown, strict=True):
        if state in (State.UNKNOWN, State.SENDING):
            found.append(Finding(Fault(state.value), one, ours))
        else:
            theirs = None if state is State.GONE else journals.get(int(one.journal_number))
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
    posted: Posted, ours: ShownJournal, theirs: LedgerJournal | None, view: LedgerIndex, owned: Mapping[int, int]
) -> Iterator[Finding]:
    own = int(posted.journal_number)
    alike = [(one.number, how) for one, how in view.alike(ours)]
    others = [(number, how) for number, how in alike if number != own and number not in owned]
    equal = tuple(number for number, how in others if how.is_ours)
    changed = () if theirs is None else tuple(differences(ours, theirs.journal, theirs.days_off, view.cuts))
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
        posted_under: Callable[[Iterable[int]], Mapping[int, Posted]],
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
        self.is_shown = True

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
                self._try_later(one, now, 0.0 if is_hasty else patience)
                continue
            one.posting.compared(theirs, facts.cuts)
            self.different += bool(one.posting.differences)
            shown.append(one.posting)
        return shown

    def _try_later(self, one: _Pending, now: datetime, most_seconds: float) -> None:
        passed = max((now - one.posted).total_seconds(), 0.0)
        if passed < most_seconds:
            one.next_try = now + timedelta(seconds=min(try_after(passed), most_seconds) - passed)
            self._pending.append(one)
