"""Past runs, as the store keeps them; and the store against the ledger."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from importer.errors import SetupError, TryAgain
from importer.model.journals import shown_content
from importer.model.postings import Entry
from importer.model.results import Company, Result, Stop
from importer.post.ledger_search import READ_FAILURES
from importer.post.plan import company_key, plan
from importer.post.verification import Fault, Finding, audited
from importer.run.company import company_of, service
from importer.run.installations import installation_of, take_over_older
from importer.run.posting_results import after_posting
from importer.run.results import NO_EXIT_CODE
from importer.run.reversals import without_reversed
from importer.run.state import Observer
from importer.settings import Settings
from importer.store.database import Database
from importer.store.journal_rows import appearances_of
from importer.store.postings import JournalStore
from importer.store.runs import KeptRun, ListedRun, count_of_runs, find_run, finish_run, runs_in
from importer.translations import Language, sentence_of


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit shows: how many journals were compared or are in doubt, and what is wrong."""

    company: Company
    compared: int
    findings: Sequence[Finding]

    @property
    def wrong(self) -> int:
        """How many journals are not as they were posted, or in doubt; look-alikes of others are for a person to
        judge."""
        return len({one.posted.id for one in self.findings if one.fault is not Fault.FOREIGN})


def audit(settings: Settings, period: str | None, person: Observer, *, any_company: bool) -> Audit:
    """Compares every journal that the store calls posted to this ledger of the company (of one period, `yyyyppp`, where
    it is given) with the ledger, in which nothing is changed, and finds those that are in doubt. Raises SetupError, or
    TryAgain when the ledger cannot be read."""
    with Database(settings.store) as database, service(settings) as session:
        company = company_of(session, settings, any_company=any_company)
        key = company_key(company, session.practice)
        installation = installation_of(session, company, settings, database, person)
        store = JournalStore(database, key, "", installation=installation)
        take_over_older(store, session, settings)
        known = [*store.unsettled(), *store.posted(period)]
        posted = [one for one in known if period in (None, shown_content(one.content).period)]
        try:
            zone = ZoneInfo(settings.timezone)
            findings = audited(posted, session, zone, store.posted_under, store.ledger_facts().cuts)
            findings = without_reversed(findings, session, zone)
        except READ_FAILURES as error:
            raise TryAgain("audit-failed", reason=sentence_of(error, settings.language)) from error
    return Audit(company, len(posted), findings)


_ENDINGS = (".corrections.xlsx", ".annotated.xlsx", ".annotated.xlsm")
"""Of the workbooks that a run gives back to be mended; the run's name stands before."""


def keep_ending(settings: Settings, result: Result, document: Mapping[str, object]) -> None:
    """Keeps the result and its document with what the store remembers of the run; the paths of its corrections are kept
    whole, since another command may be typed in another folder. Raises SetupError when it cannot."""
    result = replace(result, corrections=tuple(map(os.path.abspath, result.corrections)))
    with Database(settings.store) as database:
        finish_run(database, result, document)


def corrections_of(settings: Settings, name: str, *, is_practice: bool) -> tuple[Path, ...]:
    """The corrections of a past run (its name, or how it alone begins). A practice run and a check have left nothing in
    a store: their corrections are looked for in the folder of reports.

    Raises SetupError for a run that is not there, that has no corrections, or whose corrections are gone.
    """
    if is_practice:
        return _practice_corrections(settings.reports, name)
    database = Database(settings.store)
    try:
        kept = find_run(database, name)
    except SetupError:
        with suppress(SetupError):
            return _practice_corrections(settings.reports, name)
        raise
    finally:
        database.close()
    files = tuple(Path(path) for path in kept.result.corrections) if kept.result is not None else ()
    if not files:
        raise SetupError("no-corrections", run=kept.run)
    if gone := [str(file) for file in files if not file.is_file()]:
        raise SetupError("corrections-gone", run=kept.run, file=", ".join(gone))
    return files


def _practice_corrections(folder: Path, name: str) -> tuple[Path, ...]:
    endings = tuple(f".{name}{ending}" for ending in _ENDINGS)
    files = tuple(file for file in sorted(folder.iterdir()) if file.name.endswith(endings)) if folder.is_dir() else ()
    if not files:
        raise SetupError("no-practice-corrections", run=name, folder=str(folder))
    return files


RUNS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class PageOfRuns:
    """Some of the runs, the newest first: the page of that number (from 1) of so many, and how many runs there are in
    all."""

    number: int
    pages: int
    all: int
    runs: Sequence[ListedRun]


def past_runs(settings: Settings, page: int | None = None) -> PageOfRuns:
    """One page of the runs, or (None) all of them on one; those that were cut off with what the store knows of their
    journals by now. Raises SetupError when the store cannot be used."""
    with Database(settings.store) as database:
        count = count_of_runs(database)
        if page is None:
            return PageOfRuns(1, 1, count, runs_in(database))
        runs = runs_in(database, RUNS_ON_A_PAGE, (page - 1) * RUNS_ON_A_PAGE)
        return PageOfRuns(page, max(1, -(-count // RUNS_ON_A_PAGE)), count, runs)


def past_result(settings: Settings, name: str) -> Result:
    """The result of a past run; of one that was cut off, with what the store knows of its journals by now. Raises
    SetupError for a run that is not there, or that has kept nothing."""
    with Database(settings.store) as database:
        kept = find_run(database, name)
        result = _as_known(kept, database, settings)
        if result is None:
            raise SetupError("nothing-kept", run=kept.run)
        return result


def _as_known(kept: KeptRun, database: Database, settings: Settings) -> Result | None:
    if kept.result is None or kept.result.exit_code != NO_EXIT_CODE:
        return kept.result
    result = replace(kept.result, stopped_by=Stop("declined", {})) if kept.is_declined else kept.result
    entries, place = appearances_of(database, kept.run), kept.installation
    return known_so_far(result, entries, kept.company, database, settings.language, place)


def known_so_far(
    result: Result,
    entries: Sequence[Entry],
    key: str,
    database: Database,
    language: Language,
    installation: str = "",
) -> Result:
    """The result with what the store alone knows of the journals of a run; nobody is asked. Raises SetupError when the
    store cannot be used."""
    store = JournalStore(database, key, result.run, installation=installation)
    postings = plan(entries, store.recall(entries))
    return after_posting(result, postings, language, verifies=False)
