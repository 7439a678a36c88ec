"""What a person asks of a run, what is known of it so far, what it tells and asks on its way, and what it gives."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from importer.errors import ImporterError
from importer.model.postings import PostingOptions
from importer.model.problems import Problem
from importer.model.results import Company, Document, Mode, RequestMade, Result
from importer.model.workbook import MappingUse, Workbook
from importer.run.drafts import drafts_in, records_in, with_origin_checked
from importer.run.results import AnyDraft, blocked, planned_result, user_name
from importer.settings import Settings
from importer.validate.journals import Draft
from importer.validate.records import RecordDraft

if TYPE_CHECKING:
    from importer.post.matching import Difference


class Observer(Protocol):
    """The person or script in front of the run."""

    def confirms(self, result: Result, again: Collection[int]) -> Collection[int] | None:
        """May the documents in the state `ready` be posted to the result's company? None: nothing may; else the
        positions of those that stay behind. The result stands as it would end without them: what is not to be posted,
        with the reasons, and every warning. `again` are the positions of those that were posted before."""
        ...

    def chooses_mapping(self, sheet: str, names: Sequence[str]) -> str | None:
        """Which of the mappings that fit a sheet reads it; None when nobody says so."""
        ...

    def accepts_mapping(self, use: MappingUse, sheet: str, is_edited: bool) -> bool | None:
        """True when a sheet may be read by a mapping that is new to the profile, or was edited since its last use; None
        when nobody is to be asked."""
        ...

    def confirms_deletes(self, company: Company, documents: Sequence[Document]) -> bool:
        """True when these records may be deleted in that company; asked only where there are any."""
        ...

    def accepts(self, key: str, number: str, differences: "Sequence[Difference]") -> bool:
        """The ledger's journal `number` differs so from ours, `key`; True when it is taken for it all the same."""
        ...

    def is_same_ledger(self, address: str, known: str, numbers: Sequence[str], *, is_shown: bool) -> bool | None:
        """Whether the address is that of the known ledger. The ledger at the address shows the journals of these
        numbers that were posted there last, or (not `is_shown`) none of them; without numbers there is nothing that
        could be compared. None when there is nobody to be asked."""
        ...

    def waits_for(self, run: str, name: str, host: str) -> None:
        """Another run, of the person `name` on the machine `host`, has the company; called again and again."""
        ...

    def posting(self, total: int) -> AbstractContextManager[Callable[[], None]]:
        """Surrounds the posting of `total` journals; what it gives is called once for each that ended."""
        ...

    def settling(self, seconds: float, journals: int) -> None:
        """So many journals are in doubt; in so many seconds the ledger is looked at again. Called again and again."""
        ...

    def unseen(self, number: str, seconds: float) -> None:
        """The ledger does not show the first journal yet; in so many seconds it is looked at again. Called again and
        again."""
        ...

    def lag(self, seconds: float) -> None:
        """After so many seconds the ledger has shown the first journal."""
        ...

    def interrupts(self) -> int:
        """How often the person has asked to stop since the posting began (Ctrl-C)."""
        ...


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the command line asks for. `is_sandbox`: the service is the built-in one, with a throw-away store;
    `posting_options` are about posting and what comes after it; `reason` is why equal journals are posted
    again on purpose; `skip_hidden` leaves out what is hidden in the workbooks; `mapping` names the mapping by which
    sheets with headings of their own are read, `encoding` how the letters of texts (CSV) are written, `mappings` the
    folder of mappings in place of the user's own. `origin` is where the workbook comes from when the file is only a
    copy of it, `name` what the run is to be called (`""`: by the moment); `maker` as in
    `run.journals.RunContext`."""

    paths: tuple[Path, ...]
    mode: Mode
    settings: Settings
    is_sandbox: bool = False
    any_company: bool = False
    only_if_clean: bool = False
    allow_delete: bool = False
    skip_hidden: bool = False
    posting_options: PostingOptions = field(default_factory=PostingOptions)
    reason: str = ""
    mapping: str | None = None
    encoding: str = ""
    mappings: Path | None = None
    origin: str = ""
    name: str = ""
    maker: str | None = None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run gives. `is_remembered`: the store knows of it and is to be told how it ended; `workbooks` are those
    that were read."""

    result: Result
    is_remembered: bool
    workbooks: Sequence[Workbook] = field(default=())


def run_name() -> str:
    """A name that no other run has, sorted by time: `20180630-170501-3fa9c2` (UTC)."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


class RunState:
    """What is known of a run so far; each step adds to it. `blocked_journals` are all journals as they
    stood before a mistake somewhere kept the right ones from being sent; `ending` is the result once anything was
    posted, `stopped_by` why the run could not go on; `requests` is what was asked of the service, `lists_at` when the
    company's lists had been read."""

    def __init__(self, asked: RunRequest, observer: Observer) -> None:
        self.asked = asked
        self.observer = observer
        self.name = asked.name or run_name()
        self.workbooks: Sequence[Workbook] = ()
        self.records: Sequence[RecordDraft] = ()
        self.journals: Sequence[Draft] = ()
        self.blocked_journals: Sequence[Draft] = ()
        self.company: Company | None = None
        self.warnings: list[Problem] = []
        self.ending: Result | None = None
        self.stopped_by: ImporterError | None = None
        self.is_remembered = False
        self.requests: tuple[RequestMade, ...] = ()
        self.lists_at: datetime | None = None
        self._started = datetime.now(UTC)

    def take_company(self, company: Company) -> None:
        """The company is known: a workbook with the lists of another one cannot be used."""
        self.company = company
        checked = with_origin_checked(self.workbooks, company, any_company=self.asked.any_company)
        is_otherwise = any(not one.is_usable for one in checked) and checked != self.workbooks
        self.workbooks = checked
        if is_otherwise:
            self.build_drafts()

    def block_unless_clean(self) -> None:
        """With one error anywhere nothing is sent."""
        files_are_good = not any(problem.blocks for workbook in self.workbooks for problem in workbook.problems)
        if not (files_are_good and not any(problem.blocks for draft in self._drafts() for problem in draft.problems)):
            self.blocked_journals = self.journals
            self.journals = blocked(self.journals)
            self.records = [one.blocked() for one in self.records]

    def pass_over(self, done: Iterable[str]) -> None:
        """The journals workbooks at these paths are none of this run's."""
        gone = set(done)
        self.workbooks = [one for one in self.workbooks if one.path not in gone]
        self.journals = [one for one in self.journals if one.document.file not in gone]

    def so_far(self) -> Result:
        """The result as it stands before anything is posted."""
        asked = self.asked
        return planned_result(
            *(self.name, asked.mode, self._started, self.workbooks, self._drafts()),
            sandbox=asked.is_sandbox,
            company=self.company,
            warnings=self.warnings,
            only_if_clean=asked.only_if_clean,
            started_by=user_name(),
        )

    def build_drafts(self) -> None:
        """The documents of the workbooks as they stand."""
        self.records = records_in(self.workbooks, allow_delete=self.asked.allow_delete)
        self.journals = drafts_in(self.workbooks, self.asked.settings, self.asked.posting_options.released)

    def _drafts(self) -> list[AnyDraft]:
        return [*self.records, *self.journals]
