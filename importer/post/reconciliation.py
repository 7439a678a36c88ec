"""Which journals of the ledger are ours, each claimed by one of ours only; when to look for a journal whose answer was
lost, and what the looks prove."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from importer.errors import AnswerUnclear, ImporterError
from importer.model.journals import ShownJournal
from importer.model.postings import Absence, Clocks, JournalOutcome, State, StoredJournal
from importer.post.matching import (
    NO_CUTS,
    Cuts,
    LedgerJournal,
    Similarity,
    cut_key,
    is_shown_as,
    line_key,
    similarity,
    similarity_key,
)
from importer.post.posting_state import MOST_DOUBTS, Posting

_Line = tuple[str, date, str, Decimal]


@dataclass(slots=True)
class MatchResult:
    """What a complete read shows of one of ours: `found` is it (None: it is not there), `how` tells in which way.
    `equals` are further unclaimed journals that are identical; `look_alikes` are equal in accounts, sides and amounts
    only, `unclaimed_alikes` those of them that belong to no journal of the store, and, for a journal in doubt, those
    that hold its lines and others besides: a ledger may add lines. `same_lines` share a line (reference, day, account,
    amount). `may_be_older` are equal ones of which nobody knows whether they were there before it was
    sent; `all_equal` are the numbers of all that are equal, whoever they belong to."""

    found: LedgerJournal | None = None
    how: Similarity = Similarity.NONE
    all_equal: frozenset[int] = frozenset()
    equals: list[int] = field(default_factory=list)
    look_alikes: list[int] = field(default_factory=list)
    unclaimed_alikes: list[int] = field(default_factory=list)
    same_lines: list[int] = field(default_factory=list)
    may_be_older: list[int] = field(default_factory=list)


class LedgerIndex:
    """Journals of the ledger as one complete read gave them, found by what they hold. `cuts` are those learned of the
    ledger."""

    def __init__(self, journals: Mapping[int, LedgerJournal], cuts: Cuts = NO_CUTS) -> None:
        self.cuts = cuts
        self._journals = journals
        # By the hash alone, for the keys are as large as the journals; `alike` compares whom it finds.
        self._by_key: defaultdict[int, list[LedgerJournal]] = defaultdict(list)
        for number in sorted(journals):
            self._by_key[hash(similarity_key(journals[number].journal))].append(journals[number])

    @cached_property
    def _by_line(self) -> Mapping[_Line, set[int]]:
        found: defaultdict[_Line, set[int]] = defaultdict(set)
        for number, one in self._journals.items():
            for line in one.journal.lines:
                if line.reference:
                    found[line.reference, line.day, line.account, line.amount].add(number)
        return found

    def alike(self, ours: ShownJournal) -> Iterable[tuple[LedgerJournal, Similarity]]:
        """The journals that are ours or look like it, by number."""
        for one in self._by_key.get(hash(similarity_key(ours)), ()):
            how = similarity(ours, one, self.cuts)
            if how >= Similarity.LOOKS_ALIKE:
                yield one, how

    def owned(self, owners: Mapping[int, StoredJournal]) -> dict[int, int]:
        """Which numbers of the ledger belong to a journal of the store, with its id. `owners` has by number what the
        store calls posted under it; one that the ledger shows otherwise does not: its number was given a second
        time."""
        return {number: one.id for number, one in owners.items() if is_shown_as(one, self._journals[number], self.cuts)}

    def holding(self, ours: ShownJournal) -> set[int]:
        """The numbers of journals of its period that hold all of its lines, by account, side and amount, and others
        besides."""
        lines = Counter(line_key(line) for line in ours.lines)
        return {
            number
            for number, one in self._journals.items()
            if one.journal.period == ours.period
            and len(one.journal.lines) > len(ours.lines)
            and lines <= Counter(line_key(line) for line in one.journal.lines)
        }

    def sharing_a_line(self, ours: ShownJournal) -> set[int]:
        """The numbers of journals that have reference, day, account and amount of one of its lines."""
        found: set[int] = set()
        for line in ours.lines:
            found |= self._by_line.get((line.reference, line.day, line.account, line.amount), set())
        return found


def match_postings(
    postings: Sequence[Posting], view: LedgerIndex, posted_under: Callable[[Iterable[int]], Mapping[int, StoredJournal]]
) -> list[MatchResult]:
    """What a complete read shows of each posting, in their order. `posted_under` tells what the store calls posted
    under numbers of the ledger (`LedgerIndex.owned`). What was, or may have been, in the ledger before a posting was
    sent is never found to be it; nor settles a journal a doubt that shows less than what tells two of the postings
    apart."""
    seen = [MatchResult() for _ in postings]
    alike = [list(view.alike(posting.shown)) for posting in postings]
    sharing = [view.sharing_a_line(posting.shown) for posting in postings]
    numbers = {one.number for found in alike for one, _ in found}
    owners = posted_under(numbers)
    owned = view.owned(owners)
    free = numbers - owned.keys()
    alike_when_cut = _alike_when_cut(postings, view.cuts)
    for wanted in (Similarity.IDENTICAL, Similarity.OTHER_DAY, Similarity.CUT):
        # First those that may claim least: what they leave suits the others.
        for posting, match, found in sorted(
            zip(postings, seen, alike, strict=True), key=lambda one: -len(_older(one[0]))
        ):
            older, is_blind = _older(posting), _is_blind(posting)
            mine = [
                one
                for one, how in found
                if how is wanted
                # Its own already: another process had its answer after this one had taken it over.
                and (
                    owned.get(one.number) == posting.id
                    or (one.number in free and not is_blind and one.number not in older)
                )
            ]
            is_ambiguous = wanted is Similarity.CUT and posting.state is State.UNKNOWN and posting.id in alike_when_cut
            if match.found is None and mine and not is_ambiguous:
                match.found, match.how = mine[0], wanted
                free.discard(mine[0].number)
    for posting, match, found, shared in zip(postings, seen, alike, sharing, strict=True):
        others = free - _older(posting) if match.found is not None else set[int]()
        match.equals = [one.number for one, how in found if how is Similarity.IDENTICAL and one.number in others]
        match.all_equal = frozenset(one.number for one, how in found if how.is_ours)
        if match.found is None and _is_blind(posting):
            match.may_be_older = [one.number for one, how in found if how.is_ours and one.number in free]
        elif match.found is None and posting.state is State.UNKNOWN:
            left = free - _older(posting)
            match.may_be_older = [one.number for one, how in found if how is Similarity.CUT and one.number in left]
        match.look_alikes = [one.number for one, how in found if how is Similarity.LOOKS_ALIKE]
        match.unclaimed_alikes = [number for number in match.look_alikes if number in free - owners.keys()]
        is_lost = match.found is None and posting.state is State.UNKNOWN
        if is_lost and (longer := view.holding(posting.shown) - _older(posting)):
            match.unclaimed_alikes += sorted(longer - posted_under(longer).keys())
        match.same_lines = sorted(shared - {one.number for one, _ in found})
    return seen


def _alike_when_cut(postings: Sequence[Posting], cuts: Cuts) -> set[int]:
    """The ids of postings in doubt that a ledger which cuts texts may show like another one of the postings."""
    if not any(posting.state is State.UNKNOWN for posting in postings):
        return set()
    contents: defaultdict[object, Counter[str]] = defaultdict(Counter)
    for posting in postings:
        contents[cut_key(posting.shown, cuts)][posting.entry.content] += 1
    return {posting.id for posting in postings if len(contents[cut_key(posting.shown, cuts)]) > 1}


def _is_blind(posting: Posting) -> bool:
    return posting.state is State.UNKNOWN and not posting.was_looked_for


def _older(posting: Posting) -> frozenset[int]:
    """Of a journal that was sent: what it cannot be. One that was not may be found wherever it is."""
    return posting.preexisting_matches or frozenset() if posting.state is State.UNKNOWN else frozenset()


EARLY_LOOKS = (0.0, 1 / 180, 1 / 45, 1 / 15, 1 / 5, 1 / 2, 1.0)
"""When to look before the settling time is over, in parts of it: most lost answers are found by the first look."""
GAP = 1 / 30
"""Between two looks that are to agree, in parts of the settling time: a read-back may lag behind."""
AGREEING_LOOKS = 2
MOST_FAILED_LOOKS = 6
APART = 0.01
"""By how much of the time the steady clock may be slower than the wall clock, which is being corrected all the time."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by the wall clock (UTC), by which looks are due, and by the others, which tell what has passed."""

    wall: datetime
    clocks: Clocks

    @property
    def steady(self) -> float:
        """Seconds of this machine that nobody can set."""
        return self.clocks.steady


@dataclass(slots=True)
class PendingLookup:
    """A journal in doubt: when to look for it next, and what the looks have shown so far. `absent` counts the looks
    after the settling time that did not show it and agree, the last of which began at `absent_at` (steady); `is_over`:
    nothing more can be found out in this run."""

    posting: Posting
    next_look: datetime
    absent: int = 0
    absent_at: float = 0.0
    failed: int = 0
    is_over: bool = False
    was_read: bool = False
    alikes: frozenset[int] = frozenset()


class Reconciler:
    """The journals in doubt of one run. `seconds` is the settling time."""

    def __init__(self, seconds: float, sends_again: frozenset[int]) -> None:
        self._settle = timedelta(seconds=seconds)
        self._sends_again = sends_again
        # A person who wants a journal sent again has seen its look-alikes: they do not hold it any more in this run.
        self._judged = sends_again
        self._watches: dict[int, PendingLookup] = {}
        self._latest: dict[str, datetime] = {}
        self._earliest: dict[str, float] = {}
        self._twice: dict[str, float] = {}
        self._absences: dict[int, Absence] = {}

    def add(self, posting: Posting, now: Moment) -> None:
        """From now on the posting is looked for."""
        self.note(posting, now)
        watch = self._watches[posting.id] = PendingLookup(posting, now.wall)
        kept = posting.absence
        apart = None if kept is None else now.clocks.since(kept.at)
        # A look that was kept counts only when no equal journal has come into doubt after it.
        needed = self._settle.total_seconds() * (1 - APART)
        is_over = kept is not None and all((kept.at.since(one) or 0.0) >= needed for one in posting.doubted_at)
        if kept is not None and apart is not None and is_over:
            watch.absent, watch.alikes, watch.absent_at = kept.looks, kept.alikes, now.steady - apart

    def note(self, posting: Posting, now: Moment) -> None:
        """Takes in when a posting came into doubt, whatever has become of it. Equal journals are told apart by nothing:
        what the older one is found as may be the younger one's, so that both wait for the younger one's time.

        What has passed counts as far as clocks agree (`Clocks.since`); what is left has to pass by this process's own
        steady clock."""
        if posting.in_doubt_since is None:
            return
        passed = [now.clocks.since(one) for one in posting.doubted_at] or [None]
        posting.is_time_uncertain = None in passed
        counted = min(seconds or 0.0 for seconds in passed)
        mark, since = posting.entry.fingerprint, now.wall - timedelta(seconds=counted)
        self._latest[mark] = max(since, self._latest.get(mark, since))
        for times, over in ((1, self._earliest), (2, self._twice)):
            left = max(self._settle.total_seconds() * times - counted, 0.0)
            over[mark] = max(now.steady + left * (1 - APART), over.get(mark, now.steady))

    @property
    def open(self) -> list[PendingLookup]:
        """The journals that may still be settled."""
        return [watch for watch in self._watches.values() if not watch.is_over]

    def due(self, now: datetime) -> list[PendingLookup]:
        """The journals to look for now."""
        return [watch for watch in self.open if watch.next_look <= now]

    def unread(self) -> list[PendingLookup]:
        """The journals that were not looked for at all."""
        return [watch for watch in self.open if not watch.was_read]

    def next_look(self) -> datetime | None:
        """When the next look is due; None when nothing is in doubt."""
        return min((watch.next_look for watch in self.open), default=None)

    def seen(
        self,
        watches: Sequence[PendingLookup],
        seen: Iterable[MatchResult],
        began: Moment,
        now: datetime,
        whole: Sequence[bool],
    ) -> list[JournalOutcome]:
        """Takes in a look that began at `began`, and gives what it proves of journals that it did not find. `whole`
        tells for each of them whether the look would have shown it."""
        proved = []
        for watch, match, is_whole in zip(watches, seen, whole, strict=True):
            watch.was_read = True
            if match.found is not None:
                watch.is_over = watch.posting.state is not State.UNKNOWN
                left = self._twice.get(watch.posting.entry.fingerprint, began.steady) - began.steady
                watch.next_look = now + max(timedelta(seconds=left), self._settle * GAP)
                continue
            if not is_whole and self._is_settled(watch, began):
                self.failed([watch], AnswerUnclear("not-whole"), now)  # not for ever after the settling time
                continue
            if not is_whole:  # a look that does not even show what was posted later proves nothing
                watch.absent, watch.next_look = 0, self._next(watch, now)
                continue
            watch.failed = 0
            if watch.posting.is_doubtful_refusal and watch.posting.unknown_sends == 1:
                # Refused line by line by an answer that may mean "posted", and a whole look does not show it.
                watch.is_over = True
                watch.posting.proved_refused()
                finding = "refused, and not in the ledger"
                proved.append(JournalOutcome(watch.posting.id, State.REFUSED, now, evidence=finding, is_doubtful=True))
                continue
            if self._is_settled(watch, began):
                watch.posting.is_time_uncertain = False
                self._count(watch, match, began)
            else:
                watch.absent = 0
            if watch.absent < AGREEING_LOOKS:
                watch.next_look = self._next(watch, now)
            else:
                watch.is_over = True
                proved += self._proved(watch.posting, match, now)
        return proved

    def absences(self) -> dict[int, Absence]:
        """How far the settling has come of those that were looked for since this was called last, by id."""
        absences, self._absences = self._absences, {}
        return absences

    def failed(self, watches: Iterable[PendingLookup], error: ImporterError, now: datetime) -> None:
        """A look that failed proves nothing; it is tried again with growing pauses, a few times."""
        for watch in watches:
            watch.was_read, watch.absent = True, 0
            watch.failed += 1
            watch.next_look = now + self._settle * GAP * watch.failed
            if watch.failed >= MOST_FAILED_LOOKS:
                watch.is_over = True
                watch.posting.reason = error

    def is_second_settled(self, watch: PendingLookup, began: Moment) -> bool:
        """Whether a look that began then shows all that two sendings may have come to, in a ledger of which nobody
        knows how late it shows them: twice the settling time has passed since the second one."""
        return began.steady >= self._twice.get(watch.posting.entry.fingerprint, began.steady)

    def _is_settled(self, watch: PendingLookup, moment: Moment) -> bool:
        mark = watch.posting.entry.fingerprint
        return mark not in self._earliest or moment.steady >= self._earliest[mark]

    def _count(self, watch: PendingLookup, match: MatchResult, began: Moment) -> None:
        """Takes in a look that did not show it. Two that differ in what looks like it do not agree: one was stale. Two
        that began at nearly the same time are one."""
        alikes, gap = frozenset(_what_may_be_it(match)), self._settle.total_seconds() * GAP * (1 - APART)
        if alikes != watch.alikes:
            watch.absent = 0
        elif watch.absent and began.steady - watch.absent_at < gap:
            return
        watch.absent, watch.absent_at, watch.alikes = watch.absent + 1, began.steady, alikes
        self._absences[watch.posting.id] = Absence(watch.absent, alikes, began.clocks)

    def _next(self, watch: PendingLookup, now: datetime) -> datetime:
        since = self._latest.get(watch.posting.entry.fingerprint, now)
        looks = (since + self._settle * part for part in EARLY_LOOKS)
        return next((look for look in looks if look > now), now + self._settle * GAP)

    def _proved(self, posting: Posting, match: MatchResult, now: datetime) -> list[JournalOutcome]:
        """It is not in the ledger and will not come any more."""
        is_wanted = posting.id in self._sends_again
        if (ambiguous_matches := _what_may_be_it(match)) and posting.id not in self._judged:
            posting.ambiguous_matches = tuple(ambiguous_matches)
            return []
        if not is_wanted and (
            posting.was_refused or (posting.unknown_sends >= MOST_DOUBTS and posting.denials >= posting.unknown_sends)
        ):
            posting.proved_refused()
        elif is_wanted or posting.unknown_sends < MOST_DOUBTS:
            posting.proved_absent(match.may_be_older)
            self._sends_again -= {posting.id}
        else:
            return []
        return [JournalOutcome(posting.id, posting.state, now, evidence="not in the ledger")]


def _what_may_be_it(match: MatchResult) -> list[int]:
    """The journals of the ledger of which only a person can tell whether they are the lost one."""
    return sorted({*match.unclaimed_alikes, *match.may_be_older})
