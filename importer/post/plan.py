"""What is to be posted, each journal once: known again by its content, told from its equals by its occurrence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from importer.model.identity import content_of, fingerprint, payload_hash
from importer.model.journals import Journal
from importer.model.postings import CorrectedFrom, Entry, Known, State
from importer.model.results import Company
from importer.post.postings import Posting


class PlanStore(Protocol):
    """The part of the store that planning needs."""

    def remember(self, entries: Sequence[Entry]) -> list[Known]: ...

    def next_occurrence(self, fingerprint: str) -> int: ...


def company_key(company: Company, practice: str = "") -> str:
    """What tells one company's journals from another's in a store: its id, the only thing that every answer tells. Each
    sandbox's company (`practice`, as it calls itself) is kept apart, so that practising never makes a real journal look
    posted, nor one sandbox's journal that of the next."""
    return f"practice/{company.id}/{practice}" if practice else str(company.id)


@dataclass(frozen=True, slots=True)
class JournalToPost:
    """A journal with the position of its document in the result, and the files of its rows (paths by row). `origin` is
    for one that stands in a corrections workbook; `released_as` is what a person called it who wants it posted although
    its sheet is a copy."""

    position: int
    journal: Journal
    files: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    origin: CorrectedFrom | None = None
    released_as: str = ""


def entries_of(journals: Sequence[JournalToPost], company: str) -> list[Entry]:
    """The journals as entries for the store. `company` is a `company_key`.

    Equal journals of one workbook are told apart by their occurrence (1st, 2nd, ...); in another workbook the same
    journal is the same one.
    """
    occurrences: Counter[tuple[str, str]] = Counter()
    entries = []
    for wanted in journals:
        journal = wanted.journal
        content = content_of(journal)
        mark = fingerprint(company, content)
        occurrences[journal.file, mark] += 1
        occurrence = occurrences[journal.file, mark]
        digest = payload_hash(journal)
        kept = Entry(journal, wanted.position, mark, occurrence, digest, content, wanted.files, wanted.origin)
        entries.append(kept)
    return entries


def plan(entries: Sequence[Entry], store: PlanStore) -> list[Posting]:
    """Remembers all entries in one commit and gives a case for each different one, in their order, with what the store
    knows of it. A journal that stands in two workbooks of the upload is one case."""
    postings: dict[int, Posting] = {}
    for entry, known in zip(entries, store.remember(entries), strict=True):
        if known.id in postings:
            postings[known.id].positions.append(entry.position)
        else:
            postings[known.id] = Posting(entry, known)
    return list(postings.values())


def posted_again(entries: Sequence[Entry], postings: Sequence[Posting], store: PlanStore) -> list[Entry]:
    """The entries with a new occurrence for each journal that was posted before: equal ones are posted again on purpose
    (`--allow-duplicates`). Copies of one journal stay one journal."""
    free: dict[str, int] = {}
    by_position = {entry.position: entry for entry in entries}
    again = []
    for posting in postings:
        if posting.state is State.POSTED:
            mark = posting.entry.fingerprint
            occurrence = free.get(mark) or store.next_occurrence(mark)
            free[mark] = occurrence + 1
            again += [replace(by_position[position], occurrence=occurrence) for position in posting.positions]
    return again
