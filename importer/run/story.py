"""The story of a run, top to bottom: read, validate, look up, post; each step hands the next one a plain value.

What only a service needs (HTTP, the store) is imported when there is one: it is a third of what a check of a small
workbook takes.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from importer.errors import ImporterError, TryAgain
from importer.language import Language, say
from importer.language.sentences import sentence_of
from importer.model.places import Place
from importer.model.problems import Problem
from importer.model.results import Company, Mode, Result
from importer.model.sheets import Workbook
from importer.model.wishes import Extras, Wishes
from importer.report.view import prepare_page
from importer.run.endings import AnyDraft, Told, concluded, held_back, planned_result
from importer.run.reading import drafts_in, records_in, with_origin_checked, workbooks_at
from importer.run.watching import Watcher
from importer.settings import Settings
from importer.validate.cells import import_rules
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
    return Story(asked, watcher).told()


def run_name() -> str:
    """A name that no other run has, sorted by time: `20180630-170501-3fa9c2` (UTC)."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


class Story:
    """What is known of a run so far; each step adds to it. `journals_held_back` are all journals as they
    stood before a mistake somewhere kept the right ones from being sent; `ending` is the result once anything was
    posted, `stopped_by` why the run could not go on."""

    def __init__(self, asked: Asked, watcher: Watcher) -> None:
        self.asked = asked
        self.watcher = watcher
        self.name = run_name()
        self.workbooks: Sequence[Workbook] = ()
        self.records: Sequence[RecordDraft] = ()
        self.journals: Sequence[Draft] = ()
        self.journals_held_back: Sequence[Draft] = ()
        self.company: Company | None = None
        self.warnings: list[Problem] = []
        self.ending: Result | None = None
        self.stopped_by: ImporterError | None = None
        self.is_remembered = False
        self._started = datetime.now(UTC)

    def told(self) -> Ran:
        """Every step, and what came of it."""
        asked = self.asked
        self.workbooks = workbooks_at(asked.paths, lambda: _get_ready(asked.settings.language))
        self._draw_up()
        if (self.records or self.journals) and (asked.mode is Mode.RUN or asked.settings.is_connectable):
            from importer.run.at_company import check_and_post

            try:
                check_and_post(self)
            except ImporterError as error:
                if asked.mode is Mode.CHECK and isinstance(error, TryAgain):
                    self.warnings = [_nothing_checked(error, asked.settings.language)]
                else:
                    self.stopped_by = error
        if self.company is None:
            self.workbooks = with_origin_checked(self.workbooks, None, any_company=asked.any_company)
        result = concluded(self.ending or planned_result(self.so_far()), self.stopped_by, asked.settings.language)
        return Ran(result, self.is_remembered, self.workbooks)

    def take_company(self, company: Company) -> None:
        """The company is known: a workbook with the lists of another one cannot be used."""
        self.company = company
        checked = with_origin_checked(self.workbooks, company, any_company=self.asked.any_company)
        is_otherwise = any(not one.is_usable for one in checked) and checked != self.workbooks
        self.workbooks = checked
        if is_otherwise:
            self._draw_up()

    def hold_back_unless_clean(self) -> None:
        """With one error anywhere nothing is sent."""
        files_are_good = not any(problem.blocks for workbook in self.workbooks for problem in workbook.problems)
        if not (files_are_good and not any(problem.blocks for draft in self._drafts() for problem in draft.problems)):
            self.journals_held_back = self.journals
            self.journals = held_back(self.journals)
            self.records = [one.held_back() for one in self.records]

    def pass_over(self, done: Iterable[str]) -> None:
        """The journals workbooks at these paths are none of this run's."""
        gone = set(done)
        self.workbooks = [one for one in self.workbooks if one.path not in gone]
        self.journals = [one for one in self.journals if one.document.file not in gone]

    def so_far(self) -> Told:
        """What a result is made of, as it stands."""
        asked = self.asked
        return Told(
            *(self.name, asked.mode, self._started, asked.is_sandbox),
            *(self.workbooks, self._drafts(), self.warnings, self.company),
            only_if_clean=asked.only_if_clean,
        )

    def _draw_up(self) -> None:
        self.records = records_in(self.workbooks, allow_delete=self.asked.allow_delete)
        self.journals = drafts_in(self.workbooks, self.asked.settings, self.asked.wishes.released)

    def _drafts(self) -> list[AnyDraft]:
        return [*self.records, *self.journals]


def _get_ready(language: Language) -> None:
    """The libraries for rules and page take half a second to import; a big workbook takes longer to be parsed."""
    import_rules()
    prepare_page(language)


def _nothing_checked(error: TryAgain, language: Language) -> Problem:
    """The warning that the service was out of reach, so that no list was checked."""
    facts = {"list": say(language, "list.all"), "reason": sentence_of(error, language)}
    return Problem("reference-unavailable", Place(""), wording="reference-unavailable", facts=facts)
