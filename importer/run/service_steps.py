"""The steps of a run that ask the service: who the company is, what its lists say, and the posting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from importer.model.journals import Journal
from importer.model.postings import Entry
from importer.model.results import Company, Mode, Result, Status
from importer.post.plan import entries_of
from importer.reference.lists import ListsOfAll
from importer.run.company import Connection, check_against_company, connecting
from importer.run.files_and_vouchers import with_extras
from importer.run.history import known_so_far
from importer.run.installations import installation_of, take_over_older
from importer.run.journals import (
    RunContext,
    begin,
    company_held,
    post_planned,
)
from importer.run.records import RecordsPosting, blocked_by_records, check_records, entries_to_post
from importer.run.state import RunState
from importer.run.twins import released_among
from importer.services.session import RequestLog, Session
from importer.store.database import Database
from importer.store.journal_rows import corrected_from
from importer.validate.journals import Draft
from importer.validate.records import RecordDraft

CORRECTIONS = ".corrections.xlsx"
"""The end of the names that corrections workbooks get."""


@contextmanager
def connecting_meanwhile(state: RunState) -> Iterator[Connection]:
    """See `run.company.connecting`; the state gets what was asked of the service."""
    requests, asked = RequestLog(), state.asked
    try:
        with connecting(asked.settings, requests, any_company=asked.any_company) as connection:
            yield connection
    finally:
        state.requests = requests.all()


def check_and_post(state: RunState, connection: Connection) -> None:
    """Checks the run's drafts against the company and, in a run, posts what is right. Raises ImporterError when the
    service or the set-up forbids it; what was known until then stays in the state."""
    session, company, lists = connection()
    _check(state, session, company, lists)
    if state.asked.mode is Mode.RUN:
        _post(state, session)


def _check(state: RunState, session: Session, company: Company, lists: ListsOfAll) -> None:
    settings = state.asked.settings
    state.take_company(company)
    found = check_records(state.records, session, settings.concurrency, settings.language)
    state.records = found.drafts
    made, known = found.made, found.known
    state.journals, warnings = check_against_company(state.journals, session, settings, made, known, lists)
    state.lists_at = datetime.now(UTC)
    state.warnings = [*found.warnings, *warnings]
    if state.asked.only_if_clean:
        state.block_unless_clean()


def _post(state: RunState, session: Session) -> None:
    asked, company = state.asked, state.company
    if company is None:
        raise AssertionError("posting follows the check")
    with Database(asked.settings.store) as database:
        installation = installation_of(session, company, asked.settings, database, state.observer)
        run_context = RunContext(
            *(state.name, session, company, database),
            *(asked.settings, asked.posting_options, state.observer, asked.reason),
            installation=installation,
            origin=asked.origin,
            maker=asked.maker,
        )
        begin(run_context)
        state.is_remembered = True
        state.pass_over(_earlier_corrections(state, run_context))
        origins = {
            one.path: corrected_from(database, one.corrects) for one in state.workbooks if one.corrects is not None
        }
        before = len(state.records)
        entries = entries_to_post(state.journals, before, run_context.key, asked.settings, origins)
        if not (entries or any(one.document.status is Status.READY for one in state.records)):
            planned = state.so_far()
            held = entries_to_post(state.blocked_journals, before, run_context.key, asked.settings, origins)
            state.ending = _result_without_posting(planned, held, run_context)
            released_among(planned, (), (), asked.posting_options.released)
            return
        with company_held(run_context) as keep_lease:
            first = RecordsPosting(state.records, run_context, keep_lease, lambda ended: _after_records(state, ended))
            records = first if state.records else None
            planned = state.so_far()
            if records is None:  # what journals were made of takes as much memory as they do
                state.ending, state.journals = planned, ()
            posted = post_planned(planned, entries, run_context, keep_lease, records)
            state.ending, state.stopped_by = posted.result, posted.stopped_by
            posted = with_extras(posted, run_context, keep_lease)
            state.ending, state.stopped_by = posted.result, posted.stopped_by


def _after_records(state: RunState, records: Sequence[RecordDraft]) -> tuple[Result, Sequence[Draft]]:
    """The result once the records have been carried out, and the journals as they stand then."""
    state.records = records
    state.journals = blocked_by_records(state.journals, records)
    return state.so_far(), state.journals


def _earlier_corrections(state: RunState, run_context: RunContext) -> set[str]:
    """The corrections of an earlier run that were found in a folder, all of whose journals were posted since: they are
    done with. One that is named itself is meant."""
    named = {str(path) for path in state.asked.paths}
    done = set()
    for path in (one.path for one in state.workbooks if one.corrects is not None and one.path not in named):
        if not path.endswith(CORRECTIONS) or any(one.document.file == path for one in state.records):
            continue
        journals = [one.journal for one in state.journals if one.document.file == path]
        if _known_to_be_posted(journals, run_context):
            done.add(path)
    return done


def _known_to_be_posted(journals: Sequence[Journal | None], run_context: RunContext) -> bool:
    """True when every one of the journals can be read and the store knows it as posted."""
    readable = [(place, one) for place, one in enumerate(journals) if one is not None]
    entries, store = entries_of(readable, run_context.key), run_context.journal_store()
    take_over_older(store, run_context.session, run_context.settings, entries)
    return bool(entries) and len(entries) == len(journals) and store.are_posted(entries)


def _result_without_posting(result: Result, wanted: Sequence[Entry], run_context: RunContext) -> Result:
    """The result of a run that sends nothing: those of the journals that the store knows as posted are told so. Nothing
    is remembered. Raises SetupError when the store cannot be used."""
    store = run_context.journal_store()
    take_over_older(store, run_context.session, run_context.settings, wanted)
    entries = [entry for entry in wanted if store.are_posted([entry])]
    language = run_context.settings.language
    return known_so_far(result, entries, run_context.key, run_context.database, language, run_context.installation)
