"""Finishing a run from the store alone: what it left open is settled, what it did not send is sent."""

from collections.abc import Sequence
from dataclasses import replace

from importer.errors import ImporterError, SetupError
from importer.model.results import Result, Status
from importer.post.means import Wishes
from importer.run.afterwards import Extras, with_extras
from importer.run.company import company_of, service
from importer.run.endings import concluded
from importer.run.posting import Course, company_held, known_so_far, post_remembered
from importer.run.story import Ran
from importer.run.watching import Watcher
from importer.settings import Settings
from importer.store.appearances import appearances_of
from importer.store.database import Database
from importer.store.runs import KeptRun, find_run, newest_unfinished


def resume(
    settings: Settings, name: str | None, wishes: Wishes, send_again: Sequence[str], watcher: Watcher
) -> Ran | None:
    """Settles what a run left open and finishes it; `name` None is the newest unfinished one. None when there is
    nothing to resume.

    `send_again` are the keys of journals in doubt that a person wants sent once more. Raises SetupError for a run or
    key that is not there, and when the store cannot be used.
    """
    database = Database(settings.store)
    try:
        kept = newest_unfinished(database) if name is None else find_run(database, name)
        if kept is None:
            return None
        if kept.result is None:
            raise SetupError("run-planned-nothing", run=kept.run)
        return _resumed(kept, kept.result, database, settings, wishes, send_again, watcher)
    finally:
        database.close()


def _resumed(
    kept: KeptRun,
    before: Result,
    database: Database,
    settings: Settings,
    wishes: Wishes,
    send_again: Sequence[str],
    watcher: Watcher,
) -> Ran:
    entries = appearances_of(database, kept.run)
    result = reopened(before, [entry.position for entry in entries])
    stop: ImporterError | None = None
    try:
        with service(settings) as session:
            company = company_of(session, settings, any_company=True)
            course = Course(kept.run, session, company, database, settings, wishes, watcher, kept.reason)
            if course.key != kept.company:
                raise SetupError("resume-other-company", run=kept.run, name=company.name, id=str(company.id))
            with company_held(course) as keep_lease:
                posted = post_remembered(result, entries, course, keep_lease, send_again)
                posted = with_extras(posted, course, Extras())
                result, stop = posted.result, posted.stopped_by
    except ImporterError as error:
        if error.key == "not-in-doubt":
            raise
        stop = error
        result = known_so_far(result, entries, kept.company, database, settings.language)
    return Ran(concluded(result, stop, settings.language), is_remembered=True)


def reopened(result: Result, positions: Sequence[int]) -> Result:
    """The result as it was planned: its journals are ready again, and what was said of their sending is forgotten."""
    documents = list(result.documents)
    rows: set[tuple[str, str, int]] = set()
    for position in positions:
        document = documents[position]
        rows |= {(document.file, document.sheet, row) for row in document.rows}
        documents[position] = replace(document.ended(Status.READY), verified=None)
    problems = tuple(
        problem
        for problem in result.problems
        if problem.origin.value != "service"
        or (problem.place.row is not None and (problem.place.file, problem.place.sheet, problem.place.row) not in rows)
    )
    return replace(result, documents=tuple(documents), problems=problems, stopped_by=None)
