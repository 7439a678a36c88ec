"""Journals that are held until a person decides: twins of what was posted, and what a person has released with
`--post`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from importer.errors import SetupError
from importer.model.postings import Entry, State, StoredJournal
from importer.model.problems import names_of
from importer.model.results import Document, Result, names_among
from importer.post.plan import twins_of
from importer.post.posting_state import Posting
from importer.store.database import Database, storable
from importer.store.journal_rows import appearances_in, earlier_journals, entries_by_id, keep_releases, released_in
from importer.store.postings import JournalStore
from importer.validate.duplicates import COPIED


class Twins:
    """The search for twins among the postings of a run: `entries` are all its journals, as the store keeps them for
    this run (copies in other workbooks too).

    `doubtful` are postings of other runs: journals that were refused by an answer that may mean "posted", of which one
    of this run may be a mended form. They are looked for in the ledger again before anything is sent, and never
    sent."""

    def __init__(
        self,
        entries: Sequence[Entry],
        postings: Sequence[Posting],
        store: JournalStore,
        database: Database,
        run: str,
    ) -> None:
        self._database = database
        self._run = run
        self._earlier = earlier_journals(database, store.ledger, run)
        self._candidates = list(_candidates(entries, postings, database, run)) if self._earlier else []
        self._released = released_in(database, run)
        ours = {posting.id for posting in postings}
        doubtful = [one.id for one in self._earlier if one.is_doubtful_refusal and one.id not in ours]
        theirs = entries_by_id(database, doubtful)
        self.doubtful = [Posting(entry, known) for entry, known in zip(theirs, store.recall(theirs), strict=True)]

    def hold(self, postings: Iterable[Posting]) -> None:
        """Tells each posting that is a twin and was not released of what it is the twin. Call it after each look: what
        was refused may have been found, and what is found is no twin any more."""
        found = {one.id: one.journal_number or "" for one in self.doubtful if one.state is State.POSTED}
        earlier = [
            replace(one, state=State.POSTED, journal_number=found[one.id]) if one.id in found else one
            for one in self._earlier
        ]
        twins = twins_of(self._candidates, earlier)
        for posting in postings:
            is_free = posting.state is State.POSTED or posting.id in self._released
            posting.twin_of = None if is_free else twins.get(posting.id)

    def release(self, reasons: Mapping[int, str], by: str, at: str) -> None:
        """Keeps why a person wants these postings (by the id of their entry) posted all the same."""
        keep_releases(self._database, self._run, by, at, reasons)
        self._released |= reasons.keys()


def _candidates(
    entries: Sequence[Entry], postings: Sequence[Posting], database: Database, run: str
) -> Iterator[StoredJournal]:
    case_at = {place: posting for posting in postings for place in posting.positions}
    stands = appearances_in(database, run)
    for entry in entries:
        posting, journal = case_at.get(entry.position), entry.journal
        if posting is not None:
            yield StoredJournal(
                *(posting.id, posting.state, entry.content, "", None, run),
                *(storable(journal.key), journal.file, journal.sheet),
                appearances=(stands[entry.position],),
            )


def released_among(
    result: Result, postings: Sequence[Posting], entries: Sequence[Entry], reasons: Mapping[str, str]
) -> dict[int, str]:
    """Why a person has released postings, by the id of their entry: those that are held as twins, and those of copied
    sheets, which are ready to be sent. `reasons` are by the name on the command line.

    Raises SetupError for a name that nothing held has, or several.
    """
    case_at = {place: posting for posting in postings for place in posting.positions}
    copies = {one.position for one in entries if one.released_as}
    held = {place for place, posting in case_at.items() if posting.twin_of is not None} | copies
    held |= set(_held_copies(result))
    name_of = names_among(result.documents)
    found: dict[int, str] = {}
    for name, reason in reasons.items():
        places = [place for place in sorted(held) if name in _names(result.documents[place])]
        chosen = {case_at[place].id for place in places if place in case_at}
        if not places:
            raise SetupError("not-held", journal=name)
        if len(chosen) != 1 or any(place not in case_at for place in places):
            names = ", ".join(name_of(result.documents[place]) for place in places)
            raise SetupError("several-held", journal=name, names=names)
        found[chosen.pop()] = reason
    return found


def _names(document: Document) -> frozenset[str]:
    return names_of(document.key, document.file, document.sheet)


def _held_copies(result: Result) -> Iterator[int]:
    """The places of the documents that are held because their sheet is a copy."""
    held = {(one.place.file, one.place.sheet, one.document) for one in result.problems if one.code == COPIED}
    for place, document in enumerate(result.documents):
        if (document.file, document.sheet, document.key) in held:
            yield place
