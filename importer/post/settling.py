"""When to look for a lost journal, and what the looks prove (posting.md, "Settling")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from importer.errors import AnswerUnclear, ImporterError
from importer.model.clocks import Clocks
from importer.model.entries import Absence, Settlement, State
from importer.post.cases import MOST_DOUBTS, Case
from importer.post.sightings import Sighting

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
class Watch:
    """A journal in doubt: when to look for it next, and what the looks have shown so far. `absent` counts the looks
    after the settling time that did not show it and agree, the last of which began at `absent_at` (steady); `is_over`:
    nothing more can be found out in this run."""

    case: Case
    next_look: datetime
    absent: int = 0
    absent_at: float = 0.0
    failed: int = 0
    is_over: bool = False
    was_read: bool = False
    alikes: frozenset[int] = frozenset()

    def count(self, sighting: Sighting, began: float, gap: float) -> None:
        """Takes in a look that began at `began` (steady) and did not show it. Two that differ in what looks like it do
        not agree: one was stale. Two that began within `gap` seconds are one."""
        alikes = frozenset(_what_may_be_it(sighting))
        if alikes != self.alikes:
            self.absent = 0
        elif self.absent and began - self.absent_at < gap:
            return
        self.absent, self.absent_at, self.alikes = self.absent + 1, began, alikes


class Settling:
    """The journals in doubt of one run. `seconds` is the settling time."""

    def __init__(self, seconds: float, sends_again: frozenset[int]) -> None:
        self._settle = timedelta(seconds=seconds)
        self._sends_again = sends_again
        # A person who wants a journal sent again has seen its look-alikes: they do not hold it any more in this run.
        self._judged = sends_again
        self._watches: dict[int, Watch] = {}
        self._latest: dict[str, datetime] = {}
        self._earliest: dict[str, float] = {}
        self._twice: dict[str, float] = {}
        self._absences: dict[int, Absence] = {}

    def add(self, case: Case, now: Moment) -> None:
        """From now on the case is looked for."""
        self.note(case, now)
        watch = self._watches[case.id] = Watch(case, now.wall)
        kept = case.absence
        apart = None if kept is None else now.clocks.since(kept.at)
        if kept is not None and apart is not None and self._was_over(case, kept.at):
            watch.absent, watch.alikes, watch.absent_at = kept.looks, kept.alikes, now.steady - apart

    def note(self, case: Case, now: Moment) -> None:
        """Takes in when a case came into doubt, whatever has become of it. Equal journals are told apart by nothing:
        what the older one is found as may be the younger one's, so that both wait for the younger one's time.

        What has passed counts as far as clocks agree (`Clocks.since`); what is left has to pass by this process's own
        steady clock."""
        if case.in_doubt_since is None:
            return
        passed = [now.clocks.since(one) for one in case.doubted_at] or [None]
        case.is_time_uncertain = None in passed
        counted = min(seconds or 0.0 for seconds in passed)
        mark, since = case.entry.fingerprint, now.wall - timedelta(seconds=counted)
        self._latest[mark] = max(since, self._latest.get(mark, since))
        for times, over in ((1, self._earliest), (2, self._twice)):
            left = max(self._settle.total_seconds() * times - counted, 0.0)
            over[mark] = max(now.steady + left * (1 - APART), over.get(mark, now.steady))

    @property
    def open(self) -> list[Watch]:
        """The journals that may still be settled."""
        return [watch for watch in self._watches.values() if not watch.is_over]

    def due(self, now: datetime) -> list[Watch]:
        """The journals to look for now."""
        return [watch for watch in self.open if watch.next_look <= now]

    def unread(self) -> list[Watch]:
        """The journals that were not looked for at all."""
        return [watch for watch in self.open if not watch.was_read]

    def next_look(self) -> datetime | None:
        """When the next look is due; None when nothing is in doubt."""
        return min((watch.next_look for watch in self.open), default=None)

    def seen(
        self,
        watches: Sequence[Watch],
        sightings: Iterable[Sighting],
        began: Moment,
        now: datetime,
        whole: Sequence[bool] | None = None,
    ) -> list[Settlement]:
        """Takes in a look that began at `began`, and gives what it proves of journals that it did not find. `whole`
        tells for each of them whether the look would have shown it (None: for all)."""
        proved = []
        for watch, sighting, is_whole in zip(watches, sightings, whole or [True] * len(watches), strict=True):
            watch.was_read = True
            if sighting.found is not None:
                watch.is_over = watch.case.state is not State.UNKNOWN
                left = self._twice.get(watch.case.entry.fingerprint, began.steady) - began.steady
                watch.next_look = now + max(timedelta(seconds=left), self._settle * GAP)
                continue
            if not is_whole:
                self._put_off(watch, began, now)
                continue
            watch.failed = 0
            if watch.case.is_doubtful_refusal and watch.case.doubts == 1:
                watch.is_over = True
                proved.append(_refused(watch.case, now))
                continue
            if self._is_settled(watch, began):
                watch.case.is_time_uncertain = False
                self._count(watch, sighting, began)
            else:
                watch.absent = 0
            if watch.absent < AGREEING_LOOKS:
                watch.next_look = self._next(watch, now)
            else:
                watch.is_over = True
                proved += self._proved(watch.case, sighting, now)
        return proved

    def absences(self) -> dict[int, Absence]:
        """How far the settling has come of those that were looked for since this was called last, by id."""
        absences, self._absences = self._absences, {}
        return absences

    def _put_off(self, watch: Watch, began: Moment, now: datetime) -> None:
        """A look that does not even show what was posted later proves nothing; after the settling time not for ever."""
        watch.absent = 0
        if self._is_settled(watch, began):
            self.failed([watch], AnswerUnclear("not-whole"), now)
        else:
            watch.next_look = self._next(watch, now)

    def failed(self, watches: Iterable[Watch], error: ImporterError, now: datetime) -> None:
        """A look that failed proves nothing; it is tried again with growing pauses, a few times."""
        for watch in watches:
            watch.was_read, watch.absent = True, 0
            watch.failed += 1
            watch.next_look = now + self._settle * GAP * watch.failed
            if watch.failed >= MOST_FAILED_LOOKS:
                watch.is_over = True
                watch.case.reason = error

    def is_second_settled(self, watch: Watch, began: Moment) -> bool:
        """Whether a look that began then shows all that two sendings may have come to, in a ledger of which nobody
        knows how late it shows them: twice the settling time has passed since the second one."""
        return began.steady >= self._twice.get(watch.case.entry.fingerprint, began.steady)

    def _was_over(self, case: Case, at: Clocks) -> bool:
        """A look that was kept counts only when no equal journal has come into doubt after it."""
        needed = self._settle.total_seconds() * (1 - APART)
        return all((at.since(one) or 0.0) >= needed for one in case.doubted_at)

    def _is_settled(self, watch: Watch, moment: Moment) -> bool:
        mark = watch.case.entry.fingerprint
        return mark not in self._earliest or moment.steady >= self._earliest[mark]

    def _count(self, watch: Watch, sighting: Sighting, began: Moment) -> None:
        watch.count(sighting, began.steady, self._settle.total_seconds() * GAP * (1 - APART))
        if watch.absent_at == began.steady:
            self._absences[watch.case.id] = Absence(watch.absent, watch.alikes, began.clocks)

    def _next(self, watch: Watch, now: datetime) -> datetime:
        since = self._latest.get(watch.case.entry.fingerprint, now)
        looks = (since + self._settle * part for part in EARLY_LOOKS)
        return next((look for look in looks if look > now), now + self._settle * GAP)

    def _proved(self, case: Case, sighting: Sighting, now: datetime) -> list[Settlement]:
        """It is not in the ledger and will not come any more."""
        is_wanted = case.id in self._sends_again
        if (held_by := _what_may_be_it(sighting)) and case.id not in self._judged:
            case.held_by = tuple(held_by)
            return []
        if not is_wanted and (case.was_refused or (case.doubts >= MOST_DOUBTS and case.denials >= case.doubts)):
            case.state, case.was_touched, case.doubts, case.denials = State.REFUSED, True, 0, 0
        elif is_wanted or case.doubts < MOST_DOUBTS:
            case.state, case.was_touched = State.PLANNED, False
            case.there_before = (case.there_before or frozenset()) | frozenset(sighting.may_be_older)
            self._sends_again -= {case.id}
        else:
            return []
        return [Settlement(case.id, case.state, now, finding="not in the ledger")]


def _refused(case: Case, now: datetime) -> Settlement:
    """Refused line by line by an answer that may mean "posted", and a whole look does not show it."""
    case.state, case.was_touched, case.doubts, case.denials = State.REFUSED, True, 0, 0
    return Settlement(case.id, State.REFUSED, now, finding="refused, and not in the ledger", is_doubtful=True)


def _what_may_be_it(sighting: Sighting) -> list[int]:
    """The journals of the ledger of which only a person can tell whether they are the lost one."""
    return sorted({*sighting.unclaimed_alikes, *sighting.may_be_older})
