"""The story of a run, top to bottom: read, validate, look up, post; each step hands the next one a plain value."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from importer.errors import ImporterError, TryAgain
from importer.model.problems import Problem
from importer.model.results import Company, Mode, Result, Status
from importer.model.sheets import Workbook
from importer.post.means import Wishes
from importer.run.afterwards import Extras, with_extras
from importer.run.company import check_against_company, company_of, is_connectable, nothing_checked, service
from importer.run.endings import AnyDraft, Told, concluded, held_back, planned_result
from importer.run.posting import Course, Posted, begin, company_held, known_to_be_posted, post_planned
from importer.run.reading import drafts_in, earlier_corrections, with_origin_checked, workbooks_at
from importer.run.records import check_records, held_back_by_records, records_in
from importer.run.records_first import RecordsFirst, journals_to_post
from importer.run.watching import Watcher
from importer.services.session import Session
from importer.settings import Settings
from importer.store.database import Database
from importer.validate.journals import Draft
from importer.validate.records import RecordDraft


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for. `is_sandbox`: the service is the built-in one, with a throw-away store; `wishes`
    are about posting, `extras` about what comes after it; `reason` is why equal journals are posted again on
    purpose."""

    paths: tuple[Path, ...]
    mode: Mode
    settings: Settings
    is_sandbox: bool = False
    any_company: bool = False
    only_if_clean: bool = False
    allow_delete: bool = False
    wishes: Wishes = field(default_factory=Wishes)
    extras: Extras = field(default_factory=Extras)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run gives. `is_remembered`: the store knows of it and is to be told how it ended; `workbooks` are those
    that were read."""

    result: Result
    is_remembered: bool
    workbooks: Sequence[Workbook] = field(default=())


def run(asked: Asked, watcher: Watcher) -> Ran:
    """Does everything that is asked and says what is true of every document afterwards.

    Never raises for what is wrong with a file, a row, the set-up or the service: the result tells it, with `stopped_by`
    when the run could not go on.
    """
    return _Story(asked, watcher).told()


def run_name() -> str:
    """A name that no other run has, sorted by time: `20180630-170501-3fa9c2` (UTC)."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


class _Story:
    """What is known so far; each step adds to it."""

    def __init__(self, asked: Asked, watcher: Watcher) -> None:
        self._asked = asked
        self._watcher = watcher
        self._name = run_name()
        self._started = datetime.now(UTC)
        self._workbooks: Sequence[Workbook] = ()
        self._records: Sequence[RecordDraft] = ()
        self._journals: Sequence[Draft] = ()
        self._company: Company | None = None
        self._warnings: list[Problem] = []
        self._posted: Posted | None = None
        self._stop: ImporterError | None = None
        self._is_remembered = False

    def told(self) -> Ran:
        asked = self._asked
        self._workbooks = workbooks_at(asked.paths)
        self._draw_up()
        try:
            if (self._records or self._journals) and (asked.mode is Mode.RUN or is_connectable(asked.settings)):
                with service(asked.settings) as session:
                    self._check(session)
                    self._post(session)
        except ImporterError as error:
            if asked.mode is Mode.CHECK and isinstance(error, TryAgain):
                self._warnings = nothing_checked(error, asked.settings.language)
            else:
                self._stop = error
        if self._company is None:
            self._workbooks = with_origin_checked(self._workbooks, None, any_company=asked.any_company)
        posted = self._posted or Posted(planned_result(self._so_far()), (), None)
        result = concluded(posted.result, self._stop or posted.stopped_by, asked.settings.language)
        return Ran(result, self._is_remembered, self._workbooks)

    def _draw_up(self) -> None:
        self._records = records_in(self._workbooks, allow_delete=self._asked.allow_delete)
        self._journals = drafts_in(self._workbooks, self._asked.settings)

    def _check(self, session: Session) -> None:
        asked, settings = self._asked, self._asked.settings
        self._company = company_of(session, settings, any_company=asked.any_company)
        checked = with_origin_checked(self._workbooks, self._company, any_company=asked.any_company)
        if any(not one.is_usable for one in checked) and checked != self._workbooks:
            self._workbooks = checked
            self._draw_up()
        self._workbooks = checked
        found = check_records(self._records, session, settings.concurrency, settings.language)
        self._records = found.drafts
        of_journals = check_against_company(self._journals, session, settings, found.made, found.known)
        self._journals = of_journals[0]
        self._warnings = [*found.warnings, *of_journals[1]]
        if asked.only_if_clean and not self._are_clean():
            self._journals = held_back(self._journals)
            self._records = [one.held_back() for one in self._records]

    def _are_clean(self) -> bool:
        files_are_good = not any(problem.blocks for workbook in self._workbooks for problem in workbook.problems)
        drafts: list[AnyDraft] = [*self._records, *self._journals]
        return files_are_good and not any(problem.blocks for draft in drafts for problem in draft.problems)

    def _post(self, session: Session) -> None:
        asked, company = self._asked, self._company
        if asked.mode is Mode.CHECK or company is None:
            return
        database = Database(asked.settings.store)
        try:
            course = Course(
                *(self._name, session, company, database),
                *(asked.settings, asked.wishes, self._watcher, asked.reason),
            )
            self._pass_over_earlier_corrections(course)
            journals = journals_to_post(self._journals, len(self._records), asked.settings)
            if not (journals or any(one.document.status is Status.READY for one in self._records)):
                return
            begin(course)
            self._is_remembered = True
            with company_held(course) as keep_lease:
                records = RecordsFirst(self._records, course, keep_lease, self._so_far_with)
                self._posted = post_planned(planned_result(self._so_far()), journals, course, keep_lease, records)
                self._posted = with_extras(self._posted, course, asked.extras, keep_lease)
        finally:
            database.close()

    def _pass_over_earlier_corrections(self, course: Course) -> None:
        """Corrections found in a folder, all of whose journals were posted since, are done with."""
        done = set()
        for workbook in earlier_corrections(self._workbooks, self._asked.paths):
            drafts = [one for one in self._journals if one.document.file == workbook.path]
            has_records = any(one.document.file == workbook.path for one in self._records)
            if not has_records and known_to_be_posted([one.journal for one in drafts], course):
                done.add(workbook.path)
        if done:
            self._workbooks = [one for one in self._workbooks if one.path not in done]
            self._journals = [one for one in self._journals if one.document.file not in done]

    def _so_far_with(self, records: Sequence[RecordDraft]) -> tuple[Result, Sequence[Draft]]:
        """The result once the records have been carried out, and the journals as they stand then."""
        self._records = records
        self._journals = held_back_by_records(self._journals, records)
        return planned_result(self._so_far()), self._journals

    def _so_far(self) -> Told:
        drafts: list[AnyDraft] = [*self._records, *self._journals]
        return Told(
            *(self._name, self._asked.mode, self._started, self._asked.is_sandbox),
            *(self._workbooks, drafts, self._warnings, self._company),
        )
