"""What is to be posted, each journal once: known again by its content, told from its equals by its occurrence; and
which of them are twins of what was posted. Nothing is read or written here."""

import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from importer.model.journals import (
    Journal,
    ShownJournal,
    ShownLine,
    content_of,
    fingerprint,
    payload_hash,
    shown_content,
)
from importer.model.postings import Appearance, Entry, Known, State, StoredJournal
from importer.model.problems import file_name
from importer.model.results import Company
from importer.post.posting_state import Posting

Mark = tuple[str, str]
"""Where journals come from together: `("run", …)` or `("path", …)`."""

Sheet = tuple[str, str]
"""File and sheet."""


def twins_of(candidates: Sequence[StoredJournal], earlier: Iterable[StoredJournal]) -> dict[int, StoredJournal]:
    """Of the candidates (each as it stands on one sheet of this upload, with its appearance in this run) those that are
    twins of a journal that may be posted, by id, with that journal: a posted one before one whose outcome is unknown,
    the youngest of several. One that stands itself in the same workbook of the upload has no twin there. `earlier` also
    has what was never sent: it tells copies of workbooks."""
    by_key: defaultdict[str, list[StoredJournal]] = defaultdict(list)
    for one in earlier:
        by_key[one.key].append(one)
    contents: defaultdict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        contents[candidate.file].add(candidate.content)
    alike = [_alike(one, contents[one.file], by_key[one.key]) for one in candidates]
    if not any(alike):
        return {}
    together = _stood_together(candidates, alike, by_key)
    found: dict[int, StoredJournal] = {}
    for candidate, ones in zip(candidates, alike, strict=True):
        marks, names = together[candidate.file, candidate.sheet], _names(candidate.appearances)
        for one, has_equal_days in ones:
            is_copy = has_equal_days and not marks.isdisjoint(_marks(one, candidate.run))
            # Of one source: one came from the other's corrections, or both stood in a file of one name, in whatever
            # folder. (A corrections workbook counts under its own name and under that of the workbook it corrects.)
            if one.may_be_posted and (is_copy or not names.isdisjoint(_names(one.appearances))):
                known = found.setdefault(candidate.id, one)
                found[candidate.id] = max(known, one, key=lambda twin: (twin.state is State.POSTED, twin.id))
    return found


_Alike = Sequence[tuple[StoredJournal, bool]]
"""Earlier journals whose period and lines agree with a candidate of their key, and whether their days are equal."""


def _alike(candidate: StoredJournal, contents: Set[str], earlier: Iterable[StoredJournal]) -> _Alike:
    found = []
    others = [one for one in earlier if one.id != candidate.id and one.content not in contents]
    ours = shown_content(candidate.content) if others else None
    for one in others:
        theirs = shown_content(one.content)
        if ours is not None and theirs.period == ours.period and lines_agree(ours, theirs):
            found.append((one, {line.day for line in ours.lines} == {line.day for line in theirs.lines}))
    return found


def lines_agree(ours: ShownJournal, theirs: ShownJournal) -> bool:
    """True when at least half of the lines of the shorter journal agree with one of the other each: account and side,
    and two of amount, date and reference."""
    needed = -(-min(len(ours.lines), len(theirs.lines)) // 2)
    return pairs_of_lines(ours.lines, theirs.lines, needed) >= needed


def pairs_of_lines(ours: Sequence[ShownLine], theirs: Sequence[ShownLine], enough: int) -> int:
    """How many lines can be paired one to one so that each pair agrees: the most that are possible, or `enough`."""
    pairing = _Pairing(ours, theirs)
    pairs = 0
    for place in range(len(ours)):
        if pairs >= enough:
            break
        pairs += pairing.add(place)
    return min(pairs, enough)


class _Pairing:
    """A greatest matching, made larger line by line along augmenting paths. Lines that have two of the three facts in
    common are reached over these facts, each once: journals may have tens of thousands of lines that all agree."""

    def __init__(self, ours: Sequence[ShownLine], theirs: Sequence[ShownLine]) -> None:
        self._facts = [_two_of_three(line) for line in ours]
        self._at: defaultdict[object, list[int]] = defaultdict(list)
        for place, line in enumerate(theirs):
            for facts in _two_of_three(line):
                self._at[facts].append(place)
        self._free = {facts: list(places) for facts, places in self._at.items()}
        self._ours_of: dict[int, int] = {}
        self._theirs_of: dict[int, int] = {}
        self._dead_ends: set[object] = set()

    def add(self, first: int) -> bool:
        """Finds a partner for one more line of ours, others changing theirs for it; False when that cannot be."""
        for facts in self._facts[first]:
            free = self._free.get(facts, [])
            while free and free[-1] in self._ours_of:
                free.pop()
            if free:
                self._change_partners(free[-1], {free[-1]: first})
                return True
        reached: dict[int, int] = {}
        passed: list[object] = []
        waiting = deque([first])
        while waiting:
            one = waiting.popleft()
            for facts in self._facts[one]:
                if facts in self._dead_ends:
                    continue
                self._dead_ends.add(facts)
                passed.append(facts)
                for other in self._at.get(facts, ()):
                    if other in reached:
                        continue
                    reached[other] = one
                    if other not in self._ours_of:
                        self._change_partners(other, reached)
                        self._dead_ends.difference_update(passed)
                        return True
                    waiting.append(self._ours_of[other])
        return False

    def _change_partners(self, free: int, reached: Mapping[int, int]) -> None:
        other: int | None = free
        while other is not None:
            one = reached[other]
            before = self._theirs_of.get(one)
            self._ours_of[other], self._theirs_of[one] = one, other
            other = before


def _two_of_three(line: ShownLine) -> tuple[object, object, object]:
    """Equal in at least one place for lines that agree."""
    known = line.account, line.side
    return (
        (known, "amount, day", line.amount, line.day),
        (known, "amount, reference", line.amount, line.reference),
        (known, "day, reference", line.day, line.reference),
    )


def _names(appearances: Iterable[Appearance]) -> Set[str]:
    return {
        unicodedata.normalize("NFC", file_name(path)).casefold()
        for one in appearances
        for path in (one.file, one.path, one.origin.path if one.origin is not None else "")
        if path
    }


def _stood_together(
    candidates: Sequence[StoredJournal], alike: Sequence[_Alike], by_key: Mapping[str, Sequence[StoredJournal]]
) -> Mapping[Sheet, Set[Mark]]:
    """For each sheet the marks under which at least half of its journals stood before, equal or as twins by key, lines
    and days: it is a copy, whatever its name. (Whether they were posted tells nothing of that: a run that was cut off
    has posted few.)"""
    sizes = Counter((candidate.file, candidate.sheet) for candidate in candidates)
    counts: defaultdict[Sheet, Counter[Mark]] = defaultdict(Counter)
    for candidate, ones in zip(candidates, alike, strict=True):
        known = [one for one in by_key[candidate.key] if one.content == candidate.content]
        known += [one for one, has_equal_days in ones if has_equal_days]
        sheet = candidate.file, candidate.sheet
        counts[sheet].update({mark for one in known for mark in _marks(one, candidate.run)})
    return {
        sheet: {mark for mark, count in counts[sheet].items() if 2 * count >= size} for sheet, size in sizes.items()
    }


def _marks(earlier: StoredJournal, run: str) -> set[Mark]:
    """The runs (without this one) and workbooks that it stood in: what was posted from corrections belongs to the run
    and the workbook that they correct."""
    found: set[Mark] = set()
    for one in earlier.appearances:
        if one.run != run:
            found.add(("run", one.run))
            if one.origin is not None:
                found |= {("run", one.origin.run), ("path", one.origin.path)}
            elif one.path:
                found.add(("path", one.path))
    return found


def company_key(company: Company, practice: str = "") -> str:
    """What tells one company's journals from another's in a store: its id, the only thing that every answer tells. Each
    sandbox's company (`practice`, as it calls itself) is kept apart, so that practising never makes a real journal look
    posted, nor one sandbox's journal that of the next."""
    return f"practice/{company.id}/{practice}" if practice else str(company.id)


def entries_of(journals: Iterable[tuple[int, Journal]], company: str) -> list[Entry]:
    """The journals, each with the position of its document, as entries for the store. `company` is a `company_key`.

    Equal journals of one workbook are told apart by their occurrence (1st, 2nd, ...); in another workbook the same
    journal is the same one.
    """
    occurrences: Counter[tuple[str, str]] = Counter()
    entries = []
    for position, journal in journals:
        content = content_of(journal)
        mark = fingerprint(company, content)
        occurrences[journal.file, mark] += 1
        entries.append(Entry(journal, position, mark, occurrences[journal.file, mark], payload_hash(journal), content))
    return entries


def plan(entries: Sequence[Entry], known_entries: Sequence[Known]) -> list[Posting]:
    """A posting for each different entry, in their order; `known_entries` is what the store knows of each one. A
    journal that stands in two workbooks of the upload is one posting."""
    postings: dict[int, Posting] = {}
    for entry, known in zip(entries, known_entries, strict=True):
        if known.id in postings:
            postings[known.id].positions.append(entry.position)
        else:
            postings[known.id] = Posting(entry, known)
    return list(postings.values())


def posted_again(
    entries: Sequence[Entry], postings: Sequence[Posting], next_occurrence: Callable[[str], int]
) -> list[Entry]:
    """The entries with a new occurrence for each journal that was posted before: equal ones are posted again on purpose
    (`--allow-duplicates`). `next_occurrence` tells by a fingerprint which occurrence is free in the store. Copies of
    one journal stay one journal."""
    free: dict[str, int] = {}
    by_position = {entry.position: entry for entry in entries}
    again = []
    for posting in postings:
        if posting.state is State.POSTED:
            mark = posting.entry.fingerprint
            occurrence = free.get(mark) or next_occurrence(mark)
            free[mark] = occurrence + 1
            again += [replace(by_position[position], occurrence=occurrence) for position in posting.positions]
    return again
