"""What is to be done about each journal: sent, or left alone because it was posted before or nobody knows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from importer.model.entries import Entry, Known, State
from importer.model.fingerprints import content_of, fingerprint, payload_hash
from importer.model.journals import Journal
from importer.model.results import Company


class Rememberer(Protocol):
    """The part of the store that planning needs."""

    def remember(self, entries: Sequence[Entry]) -> list[Known]: ...


@dataclass(frozen=True, slots=True)
class Planned:
    """A journal with what the store knows of it."""

    journal: Journal
    known: Known
    has_other_details: bool

    @property
    def is_to_be_sent(self) -> bool:
        """True for new journals and for refused ones: what was amiss may have been mended in the company."""
        return self.known.state in (State.PLANNED, State.REFUSED)


def company_key(company: Company, *, is_practice: bool) -> str:
    """What tells one company's journals from another's in a store: its id, the only thing that every answer tells. The
    sandbox's company is kept apart, so that practising never makes a real journal look posted."""
    return f"practice/{company.id}" if is_practice else str(company.id)


def plan(journals: Sequence[Journal], company: str, store: Rememberer) -> list[Planned]:
    """Remembers all journals in one commit and says what is known of each. Equal journals of one workbook are
    told apart
    by their occurrence (1st, 2nd, ...); in another workbook the same journal is the same one. `company` is a
    `company_key`."""
    occurrences: Counter[tuple[str, str]] = Counter()
    entries = []
    for journal in journals:
        content = content_of(journal)
        mark = fingerprint(company, content)
        occurrences[journal.file, mark] += 1
        entries.append(
            Entry(
                fingerprint=mark,
                occurrence=occurrences[journal.file, mark],
                payload_hash=payload_hash(journal),
                content=content,
                key=journal.key,
                file=journal.file,
                sheet=journal.sheet,
                rows=journal.rows,
            )
        )
    return [
        Planned(journal, known, known.payload_hash != entry.payload_hash)
        for journal, entry, known in zip(journals, entries, store.remember(entries), strict=True)
    ]
