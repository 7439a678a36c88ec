"""Which ledger a run works in, and what older programs have left there
(importer/post/README.md, "Installation").

A store knows the journals of several ledgers of one company number: the real one and a test ledger beside it, or two
services that number alike. What was posted to one of them says nothing about the others.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from importer.errors import SetupError, TryAgain
from importer.model.journals import shown_content, shown_journal
from importer.model.postings import Entry, StoredJournal
from importer.model.results import Company
from importer.model.secrets import without_password
from importer.post.ledger_search import READ_FAILURES, journals_numbered
from importer.post.matching import LedgerJournal, Similarity, similarity, similarity_key
from importer.post.plan import company_key
from importer.run.state import Observer
from importer.services.http import place_of
from importer.services.session import Session
from importer.settings import Settings
from importer.store.database import Database
from importer.store.installations import Installation, add_address, find_installation, installations_of
from importer.store.postings import JournalStore
from importer.translations import sentence_of


def installation_of(
    session: Session, company: Company, settings: Settings, database: Database, person: Observer
) -> str:
    """The key of the installation at the address of the settings, `""` for a practice company. A new address is written
    down; where it may be a known ledger, the person is asked.

    Raises SetupError when the settings contradict what is known, or nobody can be asked, TryAgain when the ledger
    cannot be compared; nothing is written then.
    """
    if session.practice:
        return ""
    key, address, name = company_key(company), place_of(settings.url or ""), settings.installation
    found = find_installation(database, key, address, name)
    if found is not None:
        return found
    chosen = _chosen(session, company, settings, address, installations_of(database, key), person)
    add_address(database, key, address, chosen, name, datetime.now(UTC))
    return find_installation(database, key, address, name) or chosen


def _chosen(
    session: Session,
    company: Company,
    settings: Settings,
    address: str,
    known: Sequence[Installation],
    person: Observer,
) -> str:
    """The key of the installation that a new address belongs to."""
    name = settings.installation
    if name is not None:
        named = next((one for one in known if name in (one.key, one.name)), None)
        if named is not None:
            _be_as_named(session, company, settings, address, named, person)
        return name if named is None else named.key
    for one in known:
        if company.tax_id and one.tax_ids and company.tax_id not in one.tax_ids:
            continue
        shown = _shown_of(one.newest, session, settings)
        if shown or (one.is_in_doubt and not one.newest):
            answer = person.is_same_ledger(address, one.name, shown, is_shown=True)
            if answer is None:
                raise SetupError("installation-unclear", address=address, known=one.name)
            if answer:
                return one.key
    return address


def _be_as_named(
    session: Session,
    company: Company,
    settings: Settings,
    address: str,
    named: Installation,
    person: Observer,
) -> None:
    """A name that stands for a known ledger must not be given to another one by mistake: raises SetupError when the
    ledger at the new address shows none of what was posted there last, unless the person knows better."""
    if company.tax_id and named.tax_ids and company.tax_id not in named.tax_ids:
        facts = {"known": ", ".join(sorted(named.tax_ids)), "given": company.tax_id}
        raise SetupError("store-other-company", store=without_password(settings.store), **facts)
    if named.newest and not _shown_of(named.newest, session, settings):
        numbers = [one.journal_number for one in named.newest]
        if not person.is_same_ledger(address, named.name, numbers, is_shown=False):
            raise SetupError("installation-differs", address=address, known=named.name, numbers=", ".join(numbers))


def _shown_of(posted: Sequence[StoredJournal], session: Session, settings: Settings) -> list[str]:
    """The numbers of those that the ledger shows with their content."""
    found = _numbered([int(one.journal_number) for one in posted], session, settings)
    return [one.journal_number for one in posted if _how_shown(one, found).is_ours]


def take_over_older(
    store: JournalStore,
    session: Session,
    settings: Settings,
    entries: Sequence[Entry] | None = None,
    keep_lease: Callable[[], None] = lambda: None,
    *,
    finishes: bool = False,
) -> None:
    """What older programs have posted, is like one of the entries (None: any) and is shown by this ledger under its
    number, is known as posted there from now on. What it shows with other texts is the same journal, changed since.
    `keep_lease` is called between the requests.

    `finishes`: the entries are a run of an older program, which was posting to one ledger. With one of its journals
    all that were posted are this ledger's, whatever became of them since. Raises SetupError `resume-not-shown` when it
    shows none, TryAgain when the ledger cannot be read.
    """
    older = store.older_posted(None if entries is None else [entry.content for entry in entries])
    if older and entries is not None:
        ours = {similarity_key(shown_journal(entry.journal)) for entry in entries}
        older = [one for one in older if similarity_key(shown_content(one.content)) in ours]
    found = _numbered([int(one.journal_number) for one in older], session, settings, keep_lease)
    shown = {one.id for one in older if _how_shown(one, found) >= Similarity.LOOKS_ALIKE}
    if finishes and entries is not None:
        contents = {entry.content for entry in entries}
        of_run = {one.id: one.journal_number for one in older if one.content in contents}
        if of_run and not of_run.keys() & shown:
            facts = {"numbers": ", ".join(of_run.values()), "address": place_of(settings.url or "")}
            raise SetupError("resume-not-shown", **facts)
        shown |= of_run.keys()
    store.copy_older(sorted(shown))


def _how_shown(one: StoredJournal, found: Mapping[int, LedgerJournal]) -> Similarity:
    theirs = found.get(int(one.journal_number))
    return Similarity.NONE if theirs is None else similarity(shown_content(one.content), theirs)


def _numbered(
    numbers: Sequence[int], session: Session, settings: Settings, keep_lease: Callable[[], None] = lambda: None
) -> dict[int, LedgerJournal]:
    """The ledger's journals of these numbers. Raises TryAgain when the ledger cannot be read."""

    def gather(works: Sequence[Callable[[], Any]]) -> list[Any]:
        given = []
        for work in works:
            given.append(work())
            keep_lease()
        return given

    try:
        return journals_numbered(session, numbers, ZoneInfo(settings.timezone), gather, alone=True)
    except READ_FAILURES as error:
        raise TryAgain("ledger-not-compared", reason=sentence_of(error, settings.language)) from error
