"""The steps of a run's story that ask the service: who the company is, what its lists say, and the posting."""

from collections.abc import Sequence

from importer.model.results import Mode, Result, Status
from importer.run.afterwards import with_extras
from importer.run.company import check_against_company, company_of, service
from importer.run.endings import planned_result
from importer.run.held import released_among
from importer.run.installations import installation_of
from importer.run.posting import Course, begin, company_held, known_to_be_posted, post_planned, told_without_posting
from importer.run.records import check_records, held_back_by_records
from importer.run.records_first import RecordsFirst, journals_to_post
from importer.run.story import Story
from importer.services.session import Session
from importer.store.database import Database
from importer.store.earlier import corrected_from
from importer.validate.journals import Draft
from importer.validate.records import RecordDraft

CORRECTIONS = ".corrections.xlsx"
"""The end of the names that corrections workbooks get."""


def check_and_post(story: Story) -> None:
    """Checks the story's drafts against the company and, in a run, posts what is right. Raises ImporterError when the
    service or the set-up forbids it; what was known until then stays in the story."""
    with service(story.asked.settings) as session:
        _check(story, session)
        if story.asked.mode is Mode.RUN:
            _post(story, session)


def _check(story: Story, session: Session) -> None:
    settings = story.asked.settings
    story.take_company(company_of(session, settings, any_company=story.asked.any_company))
    found = check_records(story.records, session, settings.concurrency, settings.language)
    story.records = found.drafts
    story.journals, warnings = check_against_company(story.journals, session, settings, found.made, found.known)
    story.warnings = [*found.warnings, *warnings]
    if story.asked.only_if_clean:
        story.hold_back_unless_clean()


def _post(story: Story, session: Session) -> None:
    asked, company = story.asked, story.company
    if company is None:
        raise AssertionError("posting follows the check")
    database = Database(asked.settings.store)
    try:
        installation = installation_of(session, company, asked.settings, database, story.watcher)
        course = Course(
            *(story.name, session, company, database),
            *(asked.settings, asked.wishes, story.watcher, asked.reason),
            installation=installation,
        )
        begin(course)
        story.is_remembered = True
        story.pass_over(_earlier_corrections(story, course))
        origins = {
            one.path: corrected_from(database, one.corrects) for one in story.workbooks if one.corrects is not None
        }
        before = len(story.records)
        journals = journals_to_post(story.journals, before, asked.settings, origins)
        if not (journals or any(one.document.status is Status.READY for one in story.records)):
            planned = planned_result(story.so_far())
            held = journals_to_post(story.journals_held_back, before, asked.settings, origins)
            story.ending = told_without_posting(planned, held, course)
            released_among(planned, (), (), asked.wishes.released)
            return
        with company_held(course) as keep_lease:
            records = RecordsFirst(story.records, course, keep_lease, lambda ended: _after_records(story, ended))
            posted = post_planned(planned_result(story.so_far()), journals, course, keep_lease, records)
            story.ending, story.stopped_by = posted.result, posted.stopped_by
            posted = with_extras(posted, course, asked.extras, keep_lease)
            story.ending, story.stopped_by = posted.result, posted.stopped_by
    finally:
        database.close()


def _after_records(story: Story, records: Sequence[RecordDraft]) -> tuple[Result, Sequence[Draft]]:
    """The result once the records have been carried out, and the journals as they stand then."""
    story.records = records
    story.journals = held_back_by_records(story.journals, records)
    return planned_result(story.so_far()), story.journals


def _earlier_corrections(story: Story, course: Course) -> set[str]:
    """The corrections of an earlier run that were found in a folder, all of whose journals were posted since: they are
    done with. One that is named itself is meant."""
    named = {str(path) for path in story.asked.paths}
    done = set()
    for path in (one.path for one in story.workbooks if one.corrects is not None and one.path not in named):
        if not path.endswith(CORRECTIONS) or any(one.document.file == path for one in story.records):
            continue
        journals = [one.journal for one in story.journals if one.document.file == path]
        if known_to_be_posted(journals, course):
            done.add(path)
    return done
