"""People who post: each runs the real code, again and again, killed and disturbed as the schedule has it."""

import random
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from importer.errors import ImporterError
from importer.model.journals import Journal
from importer.model.postings import Decisions, Entry, PostingOptions
from importer.model.results import Company, Document, Mode, Result, Status
from importer.model.secrets import Secret
from importer.model.workbook import MappingUse
from importer.post.matching import Difference
from importer.post.plan import entries_of
from importer.run.history import known_so_far
from importer.run.journals import RunContext, begin, company_held, post_planned, post_remembered
from importer.run.results import NO_EXIT_CODE, concluded
from importer.run.resume import reopened
from importer.services.session import Credentials, Session
from importer.settings import Settings
from importer.store.journal_rows import appearances_of
from importer.store.runs import KeptRun, finish_run, newest_unfinished
from importer.translations import Language
from tests.schedules.ledger import ZONE
from tests.schedules.machine import MortalDatabase, Wire, machine_of
from tests.schedules.service import TIMEOUT, Service
from tests.schedules.world import Process, World

COMPANY = Company(5, "Example Company", "EXA010101AAA")
WHO = Credentials("user", Secret("a-password"), "user@example.org", Secret("an-api-key"))


@dataclass(frozen=True)
class Attempt:
    """One command: `run` or (with `resumes`) `resume`, so many seconds after the one before it has ended. The fields of
    `Process` say what happens to it; `says_yes` is the answer to the question before money moves. With `restores` the
    store is put back before it begins as it was before the attempt that came last."""

    pause: float
    resumes: bool = False
    posting_options: PostingOptions = field(default_factory=PostingOptions)
    at_once: int = 4
    says_yes: bool = True
    dies_at: int | None = None
    sleeps_at: int | None = None
    sleep_seconds: float = 0.0
    presses: tuple[float, ...] = ()
    send_again: tuple[str, ...] = ()
    clock_ahead: float = 0.0
    boot: int = 0
    restores: bool = False


@dataclass(frozen=True)
class Ended:
    """An attempt that came to its end, with what it reports; `store` is the one it had."""

    process: Process
    store: str
    attempt: Attempt
    result: Result
    stop: ImporterError | None
    journals: Sequence[Journal]

    @property
    def pairs(self) -> Sequence[tuple[Document, Journal]]:
        """Each document of the report with its journal."""
        return list(zip(self.result.documents, self.journals, strict=True))


@dataclass
class Office:
    """What persons share: the world, the service, and who is told of each attempt's end. `processes` are those of all
    offices."""

    world: World
    service: Service
    on_end: Callable[["Person"], None]
    processes: list[Process] = field(default_factory=list)

    def process_numbered(self, number: int) -> Process:
        """A process by its number."""
        return self.processes[number]


@dataclass
class Person:
    """Somebody at a machine, with a workbook and a store. `stores` has one for each attempt in turn: the same one
    again, or private ones."""

    name: str
    host: str
    office: Office
    stores: Sequence[str]
    journals: Sequence[Journal]
    attempts: list[Attempt]
    ended: list[Ended] = field(default_factory=list)
    has_reported: bool = False
    """Whether the last attempt came to its end."""
    _started: int = 0
    _restores: bool = False

    def __post_init__(self) -> None:
        self._restores = any(attempt.restores for attempt in self.attempts)

    def go_on(self) -> None:
        """The next attempt starts when its pause is over."""
        if not self.attempts:
            return
        attempt, world = self.attempts.pop(0), self.office.world
        number = len(self.office.processes)
        process = Process(
            f"{self.name}-{number}",
            self.host,
            attempt.dies_at,
            attempt.sleeps_at,
            attempt.sleep_seconds,
            attempt.presses,
            began=world.now + attempt.pause,
            clock_ahead=attempt.clock_ahead,
            boot=attempt.boot,
        )
        self.office.processes.append(process)
        store = self.stores[self._started % len(self.stores)]
        self._started += 1
        world.begin(process, lambda: self._attempt(process, attempt, store), process.began)

    def _attempt(self, process: Process, attempt: Attempt, store: str) -> None:
        world = self.office.world
        self.has_reported = False
        world.tell(f"{process.name} {'resumes' if attempt.resumes else 'runs'} {attempt.posting_options}")
        if self._restores:
            _put_back_or_keep(store, attempt.restores)
        database = MortalDatabase(store, world, process.clock_ahead)
        try:
            self._carry_out(process, attempt, database, store)
        finally:
            database.close()
            process.has_ended = True
            world.tell(f"{process.name} is over")
            self.office.on_end(self)
            self.go_on()

    def _carry_out(self, process: Process, attempt: Attempt, database: MortalDatabase, store: str) -> None:
        machine = machine_of(process, self.office.world, self.office.process_numbered)
        session = Session(
            Wire(self.office.world, self.office.service), WHO, machine.clock.pause, steady=machine.clock.steady
        )
        observer = _Watcher(process, self.office.world, attempt.says_yes)
        settings = _settings(attempt)
        kept = newest_unfinished(database) if attempt.resumes else None
        if kept is not None and kept.installation != self.office.service.installation:
            kept = None
        run = process.name if kept is None else kept.run
        session.log_in()
        run_context = RunContext(
            *(run, session, COMPANY, database, settings, attempt.posting_options, observer),
            machine=machine,
            installation=self.office.service.installation,
        )
        journals = self.journals
        if kept is None:
            result, stop = self._posted(run_context)
        else:
            entries = appearances_of(database, run)
            journals = [entry.journal for entry in entries]
            result, stop = self._resumed(kept, entries, run_context, attempt.send_again)
        result = concluded(result, stop, settings.language)
        finish_run(database, result, {})
        self.office.world.tell(f"{process.name} ends: {stop.key if stop else 'whole'} {_told(result)}")
        self.has_reported = True
        self.ended.append(Ended(process, store, attempt, result, stop, journals))

    def _posted(self, run_context: RunContext) -> tuple[Result, ImporterError | None]:
        begin(run_context)
        result = planned(run_context, self.journals)
        try:
            with company_held(run_context) as keep_lease:
                entries = entries_of(enumerate(self.journals), run_context.key)
                posted = post_planned(result, entries, run_context, keep_lease)
                return posted.result, posted.stopped_by
        except ImporterError as error:
            return result, error

    def _resumed(
        self, kept: KeptRun, entries: Sequence[Entry], run_context: RunContext, send_again: Sequence[str]
    ) -> tuple[Result, ImporterError | None]:
        assert kept.result is not None
        result = reopened(kept.result, [entry.position for entry in entries])
        try:
            with company_held(run_context) as keep_lease:
                posted = post_remembered(result, entries, run_context, keep_lease, Decisions(send=tuple(send_again)))
                return posted.result, posted.stopped_by
        except ImporterError as error:
            return known_so_far(
                result, entries, kept.company, run_context.database, Language.EN, run_context.installation
            ), error


def _put_back_or_keep(store: str, is_put_back: bool) -> None:
    """The store as it was before the last attempt, or a copy of it as it is before this one."""
    file = Path(store.removeprefix("sqlite:///"))
    copy = file.with_name(f"{file.name}.before")
    if is_put_back and copy.exists():
        shutil.copyfile(copy, file)
    else:
        shutil.copyfile(file, copy)


class _Watcher:
    """Says yes, or no, and presses Ctrl-C when it is time."""

    def __init__(self, process: Process, world: World, says_yes: bool) -> None:
        self._process = process
        self._world = world
        self._says_yes = says_yes

    def confirms(self, result: Result, again: Collection[int]) -> Collection[int] | None:
        return () if self._says_yes else None

    def chooses_mapping(self, sheet: str, names: Sequence[str]) -> str | None:
        return None

    def accepts_mapping(self, use: MappingUse, sheet: str, is_edited: bool) -> bool | None:
        return None

    def confirms_deletes(self, company: Company, documents: Sequence[Document]) -> bool:
        return self._says_yes

    def accepts(self, key: str, number: str, differences: Sequence[Difference]) -> bool:
        return self._says_yes

    def is_same_ledger(self, address: str, known: str, numbers: Sequence[str], *, is_shown: bool) -> bool | None:
        return None

    def waits_for(self, run: str, name: str, host: str) -> None:
        pass

    @contextmanager
    def posting(self, total: int) -> Iterator[Callable[[], None]]:
        yield lambda: None

    def settling(self, seconds: float, journals: int) -> None:
        pass

    def unseen(self, number: str, seconds: float) -> None:
        pass

    def lag(self, seconds: float) -> None:
        pass

    def interrupts(self) -> int:
        return sum(self._process.began + press <= self._world.now for press in self._process.presses)


def planned(run_context: RunContext, journals: Sequence[Journal]) -> Result:
    """The result of a run before anything is sent."""
    now = run_context.machine.clock.now()
    documents = tuple(
        Document(
            *("journal", one.key, one.file, one.sheet, one.rows, Status.READY),
            **{"debit": one.debit, "credit": one.credit, "currency": one.currency, "period": one.period},  # type: ignore[arg-type]  # of four kinds
        )
        for one in journals
    )
    return Result(run_context.run, Mode.RUN, False, COMPANY, now, now, NO_EXIT_CODE, (), documents, (), {})


def _settings(attempt: Attempt) -> Settings:
    nothing = dict.fromkeys(("url", "userid", "password", "email", "api_key", "company_id", "profile"))
    return Settings(
        **nothing,  # type: ignore[arg-type]  # None is right for each of them
        last_period=12,
        first_month=1,
        balance_by=(),
        timezone=ZONE,
        timeout=TIMEOUT,
        concurrency=attempt.at_once,
        language=Language.EN,
        reports=None,  # type: ignore[arg-type]  # nobody writes a report here
        store="",
        settle=attempt.posting_options.settle,
    )


def _told(result: Result) -> str:
    return ", ".join(f"{one.key} {one.status.value} {one.journal_number or ''}".rstrip() for one in result.documents)


def draw_attempts(dice: random.Random, posting_options: PostingOptions, pauses: tuple[float, float]) -> list[Attempt]:
    """The disturbed attempts of one person."""
    attempts = []
    for place in range(dice.randint(1, 4)):
        disturbance = dice.random()
        own = replace(posting_options, wait=dice.random() < 0.7, verify=dice.random() < 0.7)
        attempt = Attempt(
            pause=dice.uniform(*pauses),
            resumes=place > 0 and dice.random() < 0.5,
            posting_options=own,
            at_once=dice.randint(1, 6),
            says_yes=dice.random() < 0.95,
        )
        if disturbance < 0.4:
            attempt = replace(attempt, dies_at=int(dice.triangular(1, 250, 30)))
        elif disturbance < 0.65:  # a machine that sleeps long wakes up with others at work
            seconds = dice.choice((20.0, 70.0, 400.0, 4000.0, 4000.0))
            attempt = replace(attempt, sleeps_at=dice.randint(1, 150), sleep_seconds=seconds)
        elif disturbance < 0.8:
            presses = sorted(dice.uniform(0, 60) for _ in range(dice.choice((1, 2))))
            attempt = replace(attempt, presses=tuple(presses))
        attempts.append(attempt)
    return attempts
