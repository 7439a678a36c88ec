"""The story of a run, top to bottom: read, validate, look up, post; each step hands the next one a plain value."""

import getpass
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from importer.errors import Declined, ImporterError, TryAgain
from importer.model.problems import Problem
from importer.model.results import Company, Mode, Result
from importer.model.sheets import FormSheet, Workbook
from importer.post.plan import company_key, plan
from importer.post.send import Means, send_journals
from importer.read.workbooks import find_workbooks, read_workbook
from importer.run.company import check_against_company, company_of, is_connectable, nothing_checked, service
from importer.run.endings import Told, after_posting, held_back, result_of
from importer.run.watching import Watcher
from importer.services.session import Session
from importer.settings import Settings
from importer.store.database import Database
from importer.store.journals import JournalStore
from importer.store.runs import finish_run, start_run
from importer.templates.journals import JOURNALS
from importer.validate.duplicates import with_duplicates_marked
from importer.validate.journals import Draft, drafts_of, unusable


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for. `is_sandbox`: the service is the built-in one, with a throw-away store."""

    paths: tuple[Path, ...]
    mode: Mode
    settings: Settings
    is_sandbox: bool = False
    any_company: bool = False
    only_if_clean: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run gives. `is_remembered`: the store knows of it and is to be told how it ended."""

    result: Result
    is_remembered: bool


def run(asked: Asked, watcher: Watcher) -> Ran:
    """Does everything that is asked and says what is true of every document afterwards.

    Never raises for what is wrong with a file, a row, the set-up or the service: the result tells it, with `stopped_by`
    when the run could not go on.
    """
    settings, started, name = asked.settings, datetime.now(UTC), run_name()
    workbooks = [read_workbook(path, [JOURNALS]) for path in find_workbooks(asked.paths)]
    drafts = drafts_in(workbooks, settings)
    company: Company | None = None
    stop: ImporterError | None = None
    warnings: list[Problem] = []
    journal: Database | None = None
    try:
        if drafts and (asked.mode is Mode.RUN or is_connectable(settings)):
            with service(settings) as session:
                company = company_of(session, settings, any_company=asked.any_company)
                drafts, warnings = check_against_company(drafts, session, settings)
                if asked.only_if_clean and not _are_clean(workbooks, drafts):
                    drafts = held_back(drafts)
                if asked.mode is Mode.RUN and any(draft.journal is not None for draft in drafts):
                    journal = Database(settings.store)
                    drafts, stop = posted(drafts, session, company, journal, asked, name, watcher)
    except ImporterError as error:
        if asked.mode is Mode.CHECK and isinstance(error, TryAgain):
            warnings = nothing_checked(error, settings.language)
        else:
            stop = error
    finally:
        if journal is not None:
            journal.close()
    told = Told(workbooks, drafts, warnings, company, stop)
    result = result_of(told, asked.mode, name, started, settings.language, is_sandbox=asked.is_sandbox)
    return Ran(result, is_remembered=journal is not None)


def keep_result(asked: Asked, result: Result, document: Mapping[str, object]) -> None:
    """Keeps the result document of a run with what the store remembers of it. Raises SetupError when it cannot."""
    database = Database(asked.settings.store)
    try:
        finish_run(database, result.run, result.exit_code, document, result.finished_at)
    finally:
        database.close()


def _are_clean(workbooks: Sequence[Workbook], drafts: Sequence[Draft]) -> bool:
    files_are_good = not any(problem.blocks for workbook in workbooks for problem in workbook.problems)
    return files_are_good and all(draft.journal is not None for draft in drafts)


def run_name() -> str:
    """A name that no other run has, sorted by time: `20180630-170501-3fa9c2` (UTC)."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def drafts_in(workbooks: Sequence[Workbook], settings: Settings) -> list[Draft]:
    """The journals of all workbooks, valid or not, in the order of the files and rows; those of a workbook
    that cannot be used as it stands are held back."""
    drafts: list[Draft] = []
    for workbook in workbooks:
        for sheet in workbook.sheets:
            found = _drafts_of_sheet(sheet, workbook, settings)
            drafts += found if workbook.is_usable else held_back(found)
    return with_duplicates_marked(drafts)


def _drafts_of_sheet(sheet: FormSheet, workbook: Workbook, settings: Settings) -> list[Draft]:
    of_sheet = [one for one in workbook.problems if one.place.sheet == sheet.sheet]
    if any(one.blocks and one.place.row is None for one in of_sheet):
        return unusable(sheet)
    rows = set(sheet.rows)
    of_cells = [one for one in of_sheet if one.place.row in rows]
    return drafts_of(sheet, JOURNALS, settings.last_period, of_cells, settings.balance_by)


def posted(
    drafts: Sequence[Draft],
    session: Session,
    company: Company,
    database: Database,
    asked: Asked,
    name: str,
    watcher: Watcher,
) -> tuple[list[Draft], ImporterError | None]:
    """Posts what is right, and gives every draft with what became of it, and what stopped the run (None: nothing).

    Raises SetupError when the store cannot be used or holds another company under this number, Declined when the person
    says no: nothing was sent then. Once anything may have been sent nothing is raised.
    """
    key = company_key(company, is_practice=session.is_practice)
    start_run(database, name, key, company.tax_id, _user(), datetime.now(UTC))
    store = JournalStore(database, key, name)
    planned = plan([draft.journal for draft in drafts if draft.journal is not None], key, store)
    waiting = {one.known.id: one.journal for one in planned if one.is_to_be_sent}
    documents = {id(draft.journal): draft.document for draft in drafts}
    if waiting and not watcher.confirms(company, [documents[id(journal)] for journal in waiting.values()]):
        raise Declined("declined")
    with watcher.posting(len(waiting)) as tell:
        at_once = asked.settings.concurrency
        means = Means(session, store, at_once, lambda: datetime.now(UTC), time.sleep, tell, watcher.interrupts)
        posting = send_journals(planned, means)
    return after_posting(drafts, planned, posting, asked.settings.language), posting.stopped_by


def _user() -> str:
    """The name of the person at this machine; a container may run under a number that has none."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return "?"
