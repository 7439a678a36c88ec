"""Finishing a run from the store alone: what it left open is settled, what it did not send is sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from importer import __version__
from importer.errors import SetupError
from importer.model.postings import Decisions, Entry, PostingOptions
from importer.model.problems import ORIGIN_OF, Place, Problem
from importer.model.results import Document, Evidence, Result, Status
from importer.post.plan import company_key
from importer.run.company import company_of, service
from importer.run.files_and_vouchers import with_extras
from importer.run.installations import installation_of
from importer.run.journals import RunContext, company_held, post_remembered
from importer.run.posting_results import with_earlier_verdicts
from importer.run.results import concluded
from importer.run.state import Observer, RunOutcome
from importer.services.session import RequestLog
from importer.settings import Settings
from importer.store.database import Database
from importer.store.journal_rows import appearances_of, declined_appearances, later_appearances
from importer.store.runs import KeptRun, find_run, newest_unfinished, record_writes_of, runs_with

DEPENDS = "depends-on-refused"
_ENDED = {"posted": Status.POSTED, "refused": Status.REFUSED, "unknown": Status.UNKNOWN, "sending": Status.UNKNOWN}
"""Where a record stands by the last evidence of its sending; one that was about to be sent may have been."""


def resume(
    settings: Settings,
    name: str | None,
    posting_options: PostingOptions,
    decisions: Decisions,
    observer: Observer,
    maker: str | None = None,
) -> RunOutcome | None:
    """Settles what a run left open and finishes it, after what a person has decided about its journals; `name` None is
    the newest unfinished one, without what a person has said no to since, or else the only one that has the journals
    which `decisions` name. None when there is nothing to resume. `maker` as in `RunContext`.

    Raises SetupError for a run or key that is not there, and what keeps the company from being held: nothing is changed
    then.
    """
    with Database(settings.store) as database:
        kept = _matched(database, decisions) if name is None else find_run(database, name)
        if kept is None:
            return None
        if kept.result is None:
            raise SetupError("run-planned-nothing", run=kept.run)
        # Whoever names a run means all of it.
        declined = declined_appearances(database, kept.run) if name is None else set()
        return _resumed(kept, kept.result, declined, database, settings, posting_options, decisions, observer, maker)


def _matched(database: Database, decisions: Decisions) -> KeptRun | None:
    """The run that is meant by whoever names none."""
    unfinished = newest_unfinished(database)
    runs = runs_with(database, decisions.names) if decisions.names else []
    if not runs or (unfinished is not None and unfinished.run in runs):
        return unfinished
    if len(runs) > 1:
        raise SetupError("several-runs", journal=decisions.names[0], runs=", ".join(runs))
    return find_run(database, runs[0])


def _resumed(
    kept: KeptRun,
    before: Result,
    declined: Collection[int],
    database: Database,
    settings: Settings,
    posting_options: PostingOptions,
    decisions: Decisions,
    observer: Observer,
    maker: str | None,
) -> RunOutcome:
    # What was to be posted again on purpose is not looked for: its equal would be found.
    posting_options = replace(
        posting_options, check_ledger=posting_options.check_ledger and not (kept.reason and not decisions.send_missing)
    )
    requests = RequestLog()
    with service(settings, requests) as session:
        company = company_of(session, settings, any_company=True)
        if company_key(company, session.practice) != kept.company:
            raise SetupError("resume-other-company", run=kept.run, name=company.name, id=str(company.id))
        installation = installation_of(session, company, settings, database, observer)
        if kept.installation not in ("", installation):
            raise SetupError("resume-other-ledger", run=kept.run, known=kept.installation, address=installation)
        run_context = RunContext(
            *(kept.run, session, company, database, settings, posting_options, observer, kept.reason),
            installation=installation,
            maker=maker,
        )
        with company_held(run_context) as keep_lease:
            entries = _to_be_finished(before, appearances_of(database, kept.run))
            later = later_appearances(database, kept.run, installation)
            wanted = [entry for entry in entries if entry.position not in later]
            result = _with_records(reopened(before, [entry.position for entry in entries]), database)
            result = _with_later(result, later)
            is_older = kept.installation != installation
            posted = post_remembered(result, wanted, run_context, keep_lease, decisions, declined, is_older=is_older)
            posted = replace(posted, result=with_earlier_verdicts(posted.result, before))
            posted = with_extras(posted, run_context, keep_lease)
    result = concluded(posted.result, posted.stopped_by, settings.language)
    return RunOutcome(replace(result, evidence=_evidence(before, settings, requests)), is_remembered=True)


def _evidence(before: Result, settings: Settings, requests: RequestLog) -> Evidence:
    """What was asked now stands after what was asked before."""
    earlier = before.evidence or Evidence(__version__, {})
    return Evidence(__version__, settings.shown(), earlier.lists_at, (*earlier.requests, *requests.all()))


def _to_be_finished(result: Result, entries: Sequence[Entry]) -> list[Entry]:
    """Without the journals that depend on a row that failed: only a new run can mend that row."""
    held = {(problem.place.file, problem.document) for problem in result.problems if problem.code == DEPENDS}
    found = []
    for entry in entries:
        document = result.documents[entry.position]
        if (document.file, document.key) not in held:
            found.append(entry)
    return found


def reopened(result: Result, positions: Sequence[int]) -> Result:
    """The result as it was planned: its journals are ready again, and what was said of their sending is forgotten."""
    documents = list(result.documents)
    rows: set[tuple[str, str, int]] = set()
    for position in positions:
        document = documents[position]
        rows |= {(document.file, document.sheet, row) for row in document.rows}
        documents[position] = replace(document.ended(Status.READY), verified=None, is_declined=False)
    problems = tuple(
        problem
        for problem in result.problems
        if ORIGIN_OF[problem.code] != "service"
        or problem.code == DEPENDS
        or (problem.place.row is not None and (problem.place.file, problem.place.sheet, problem.place.row) not in rows)
    )
    return replace(result, documents=tuple(documents), problems=problems, stopped_by=None, links=(), vouchers=())


def _with_records(result: Result, database: Database) -> Result:
    """A run that was cut off while it changed dimensions and addresses: each stands where the evidence of its sending
    leaves it. Their sending itself is for a new run, which looks first."""
    ended = {(one.kind, one.key): one.state for one in record_writes_of(database, result.run)}
    documents, problems = list(result.documents), list(result.problems)
    for position, document in enumerate(documents):
        state = ended.get((document.kind, document.key))
        if document.status is Status.READY and document.kind != "journal" and state in _ENDED:
            documents[position] = replace(document.ended(_ENDED[state]), attempts=1)
            if _ENDED[state] is Status.UNKNOWN:
                problems.append(_of_document("outcome-unknown", "outcome-unknown.cut-record", document))
    return replace(result, documents=tuple(documents), problems=tuple(problems))


def _with_later(result: Result, later: Mapping[int, str]) -> Result:
    """Journals that a later run has anew, from the same sheet under the same key, are not sent from the old one."""
    documents, problems = list(result.documents), list(result.problems)
    for position, run in later.items():
        document = documents[position]
        documents[position] = document.ended(Status.NOT_SENT)
        facts = {"run": run, "key": document.key}
        problems.append(_of_document("duplicate-document", "duplicate-document.superseded", document, **facts))
    return replace(result, documents=tuple(documents), problems=tuple(problems))


def _of_document(code: str, wording: str, document: Document, **facts: str) -> Problem:
    place = Place(document.file, document.sheet, min(document.rows))
    return Problem(code, place, document.key, wording=wording, facts=facts)
