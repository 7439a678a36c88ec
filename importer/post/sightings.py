"""Which journals of the ledger are ours: each of them is claimed by one of ours only, exact equals first."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importer.model.entries import Posted, State
from importer.model.fingerprints import ShownJournal, shown_content
from importer.post.cases import Case
from importer.post.likeness import NO_CUTS, Cuts, LedgerJournal, Likeness, cut_key, likeness, loose_key

_Line = tuple[str, date, str, Decimal]


@dataclass(slots=True)
class Sighting:
    """What a complete read shows of one of ours: `found` is it (None: it is not there), `how` tells in which way.
    `equals` are further unclaimed journals that are identical; `look_alikes` are equal in accounts, sides and amounts
    only, `unclaimed_alikes` those of them that belong to no journal of the store; `same_lines` share a line (reference,
    day, account, amount). `may_be_older` are equal ones of which nobody knows whether they were there before it was
    sent; `all_equal` are the numbers of all that are equal, whoever they belong to."""

    found: LedgerJournal | None = None
    how: Likeness = Likeness.NONE
    all_equal: frozenset[int] = frozenset()
    equals: list[int] = field(default_factory=list)
    look_alikes: list[int] = field(default_factory=list)
    unclaimed_alikes: list[int] = field(default_factory=list)
    same_lines: list[int] = field(default_factory=list)
    may_be_older: list[int] = field(default_factory=list)


class LedgerView:
    """Journals of the ledger as one complete read gave them, found by what they hold. `cuts` are those learned of the
    ledger."""

    def __init__(self, journals: Mapping[int, LedgerJournal], cuts: Cuts = NO_CUTS) -> None:
        self.cuts = cuts
        self._by_bones: defaultdict[object, list[LedgerJournal]] = defaultdict(list)
        self._by_line: defaultdict[_Line, set[int]] = defaultdict(set)
        for number in sorted(journals):
            one = journals[number]
            self._by_bones[loose_key(one.journal)].append(one)
            for line in one.journal.lines:
                if line.reference:
                    self._by_line[line.reference, line.day, line.account, line.amount].add(number)

    def alike(self, ours: ShownJournal) -> Iterable[tuple[LedgerJournal, Likeness]]:
        """The journals that are ours or look like it, by number."""
        for one in self._by_bones.get(loose_key(ours), ()):
            how = likeness(ours, one.journal, one.days_off, self.cuts)
            if how >= Likeness.LOOKS_ALIKE:
                yield one, how

    def sharing_a_line(self, ours: ShownJournal) -> set[int]:
        """The numbers of journals that have reference, day, account and amount of one of its lines."""
        found: set[int] = set()
        for line in ours.lines:
            found |= self._by_line.get((line.reference, line.day, line.account, line.amount), set())
        return found


def sightings(
    cases: Sequence[Case], view: LedgerView, posted_under: Callable[[Iterable[int]], Mapping[int, Posted]]
) -> list[Sighting]:
    """What a complete read shows of each case, in their order. `posted_under` tells which journals of the ledger belong
    to a journal of the store; one that the ledger shows otherwise does not: its number was given a second time. What
    was, or may have been, in the ledger before a case was sent is never found to be it; nor
    settles a journal a doubt that shows less than what tells two of the cases apart."""
    seen = [Sighting() for _ in cases]
    alike = [list(view.alike(case.shown)) for case in cases]
    sharing = [view.sharing_a_line(case.shown) for case in cases]
    shown = {one.number: one for found in alike for one, _ in found}
    numbers = shown.keys()
    owners = posted_under(numbers)
    owned = {number: one.id for number, one in owners.items() if _is_its(one, shown[number], view.cuts)}
    free = numbers - owned.keys()
    alike_when_cut = _alike_when_cut(cases, view.cuts)
    for wanted in (Likeness.IDENTICAL, Likeness.OTHER_DAY, Likeness.CUT):
        # First those that may claim least: what they leave suits the others.
        for case, sighting, found in sorted(zip(cases, seen, alike, strict=True), key=lambda one: -len(_older(one[0]))):
            # Its own already: another process had its answer after this one had taken it over.
            may_be = [one for one, how in found if how is wanted]
            mine = [one for one in may_be if _is_claimable(one.number, case, free, owned)]
            is_ambiguous = wanted is Likeness.CUT and case.state is State.UNKNOWN and case.id in alike_when_cut
            if sighting.found is None and mine and not is_ambiguous:
                sighting.found, sighting.how = mine[0], wanted
                free.discard(mine[0].number)
    for case, sighting, found, shared in zip(cases, seen, alike, sharing, strict=True):
        others = free - _older(case) if sighting.found is not None else set[int]()
        sighting.equals = [one.number for one, how in found if how is Likeness.IDENTICAL and one.number in others]
        sighting.all_equal = frozenset(one.number for one, how in found if how.is_ours)
        if sighting.found is None and _is_blind(case):
            sighting.may_be_older = [one.number for one, how in found if how.is_ours and one.number in free]
        elif sighting.found is None and case.state is State.UNKNOWN:
            left = free - _older(case)
            sighting.may_be_older = [one.number for one, how in found if how is Likeness.CUT and one.number in left]
        sighting.look_alikes = [one.number for one, how in found if how is Likeness.LOOKS_ALIKE]
        sighting.unclaimed_alikes = [number for number in sighting.look_alikes if number in free - owners.keys()]
        sighting.same_lines = sorted(shared - {one.number for one, _ in found})
    return seen


def _alike_when_cut(cases: Sequence[Case], cuts: Cuts) -> set[int]:
    """The ids of cases in doubt that a ledger which cuts texts may show like another one of the cases."""
    if not any(case.state is State.UNKNOWN for case in cases):
        return set()
    contents: defaultdict[object, Counter[str]] = defaultdict(Counter)
    for case in cases:
        contents[cut_key(case.shown, cuts)][case.entry.content] += 1
    return {case.id for case in cases if len(contents[cut_key(case.shown, cuts)]) > 1}


def _is_its(owner: Posted, theirs: LedgerJournal, cuts: Cuts) -> bool:
    return likeness(shown_content(owner.content), theirs.journal, theirs.days_off, cuts).is_ours


def _is_claimable(number: int, case: Case, free: Set[int], owned: Mapping[int, int]) -> bool:
    if owned.get(number) == case.id:
        return True
    return number in free and not _is_blind(case) and number not in _older(case)


def _is_blind(case: Case) -> bool:
    return case.state is State.UNKNOWN and not case.was_looked_for


def _older(case: Case) -> frozenset[int]:
    """Of a journal that was sent: what it cannot be. One that was not may be found wherever it is."""
    return case.there_before or frozenset() if case.state is State.UNKNOWN else frozenset()
