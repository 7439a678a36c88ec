"""The store of journals against a model of a few lines: whatever processes do to it, in whatever order."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from importer.errors import SetupError
from importer.model.journals import Journal, Line, Side
from importer.model.postings import Entry, JournalOutcome, RejectedUpdates, State
from importer.store.database import Database
from importer.store.leases import LEASE_SECONDS, Holder, Lease
from importer.store.postings import JournalStore
from importer.store.runs import start_run
from tests.postgres import new_address

COMPANY = "5"
HOSTS, RUNS, IDS, NUMBERS = ("north", "south"), ("r1", "r2"), (1, 2), (6901, 6902)
MOST_PROCESSES = 3
EPOCH = datetime(2018, 7, 2, tzinfo=UTC)
OUTCOMES = (State.POSTED, State.REFUSED, State.UNKNOWN, State.PLANNED)
BEFORE = {
    State.POSTED: {State.PLANNED, State.SENDING, State.UNKNOWN, State.REFUSED},
    State.PLANNED: {State.UNKNOWN},
    State.REFUSED: {State.UNKNOWN},
    State.UNKNOWN: {State.SENDING},
}
"""What a journal must be when something is proved of it."""


@dataclass
class Modelled:
    """A journal as the model has it."""

    state: State = State.PLANNED
    run: str = ""
    number: str | None = None
    attempts: int = 0
    unknown_sends: int = 0
    denials: int = 0


@dataclass
class Process:
    """Somebody's process, with what it has claimed: the number of its sending by journal."""

    holder: Holder
    run: str
    database: Database
    lease: Lease
    store: JournalStore
    claims: dict[int, int] = field(default_factory=dict)


def entry(id_: int) -> Entry:
    day = date(2018, 6, 30)
    line = Line(1, "JV", "1", f"R{id_}", ("",) * 10, "", Side.DEBIT, Decimal(1), "MXN1", day, "2018006")
    return Entry(Journal(f"J{id_}", "f", "s", (line,)), id_, f"fingerprint {id_}", 1, "p", "[]")


class StoreMachine(RuleBasedStateMachine):
    """Processes come, die, and do to the store what the program does, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        self.url = self.resources.enter_context(self.empty_store())
        self.now = 0.0
        self.born = 0
        self.processes: list[Process] = []
        self.dead: set[int] = set()
        self.journals = {id_: Modelled(run="r1") for id_ in IDS}
        self.lease_of: Process | None = None
        self.held_until = 0.0
        self.reader = self.opened()
        for run in RUNS:
            start_run(self.reader, run, COMPANY, "", "me", EPOCH)
        JournalStore(self.reader, COMPANY, "r1").remember([entry(id_) for id_ in IDS])

    def teardown(self) -> None:
        for process in self.processes:
            process.database.close()
        self.reader.close()
        self.resources.close()

    @contextmanager
    def empty_store(self) -> Iterator[str]:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 's.db'}"

    def opened(self) -> Database:
        return Database(self.url, clock=lambda: self.now)

    @precondition(lambda self: len(self.processes) < MOST_PROCESSES)
    @rule(run=st.sampled_from(RUNS), host=st.sampled_from(HOSTS))
    def begin(self, run: str, host: str) -> None:
        """A process of a new run, or one more that resumes it."""
        self.born += 1
        holder, database = Holder("me", host, self.born, float(self.born)), self.opened()
        lease = Lease(database, COMPANY, run, holder, lambda other: other.host == host and other.process in self.dead)
        store = JournalStore(database, COMPANY, run, holder)
        self.processes.append(Process(holder, run, database, lease, store))

    @precondition(lambda self: len(self.processes) > 1)
    @rule(which=st.integers(0, 9))
    def kill(self, which: int) -> None:
        process = self.processes.pop(which % len(self.processes))
        process.database.close()
        self.dead.add(process.holder.process)

    @rule(seconds=st.sampled_from((1.0, 20.0, LEASE_SECONDS, 1000.0)))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 9))
    def take(self, which: int) -> None:
        process = self.process(which)
        has_it = self.lease_of
        is_free = has_it is None or has_it is process or self.held_until <= self.now
        if has_it is not None and has_it.holder.process in self.dead and has_it.holder.host == process.holder.host:
            is_free = True
        assert (process.lease.take() is None) is is_free
        if is_free:
            self.lease_of, self.held_until = process, self.now + LEASE_SECONDS

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 9))
    def renew(self, which: int) -> None:
        process = self.process(which)
        with self.refused(process is not self.lease_of):
            process.lease.renew()
            self.held_until = self.now + LEASE_SECONDS

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 9))
    def release(self, which: int) -> None:
        process = self.process(which)
        process.lease.release()
        if self.lease_of is process:
            self.lease_of = None

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 9), ids=st.sets(st.sampled_from(IDS)))
    def remember(self, which: int, ids: set[int]) -> None:
        """What is known already stays as it is."""
        for known in self.process(which).store.remember([entry(id_) for id_ in sorted(ids)]):
            mine = self.journals[known.id]
            assert (known.state, known.attempts, known.unknown_sends) == (mine.state, mine.attempts, mine.unknown_sends)

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 9), ids=st.sets(st.sampled_from(IDS), min_size=1), takes=st.booleans())
    def claim(self, which: int, ids: set[int], takes: bool) -> None:
        process = self.process(which)
        if takes:
            self.take(which)
        with self.refused(not self.holds(process)):
            claimed = process.store.claim([(id_, "p") for id_ in ids], self.at)
            assert claimed == {id_ for id_ in ids if self.journals[id_].state in (State.PLANNED, State.REFUSED)}
            for id_ in claimed:
                mine = self.journals[id_]
                mine.state, mine.run, mine.attempts = State.SENDING, process.run, mine.attempts + 1
                process.claims[id_] = mine.attempts

    @precondition(lambda self: any(process.claims for process in self.processes))
    @rule(
        which=st.integers(0, 9),
        outcome=st.sampled_from(OUTCOMES),
        number=st.sampled_from(NUMBERS),
        is_denial=st.booleans(),
    )
    def record(self, which: int, outcome: State, number: int, is_denial: bool) -> None:
        """The answer to something that a process has sent, whoever holds the company by now."""
        senders = [process for process in self.processes if process.claims]
        process = senders[which % len(senders)]
        id_, attempt = process.claims.popitem()
        text = str(number) if outcome is State.POSTED else None
        is_denial = is_denial and outcome is State.UNKNOWN
        ending = JournalOutcome(id_, outcome, self.at, text, is_denial=is_denial)
        rejected, mine = process.store.record([ending]), self.journals[id_]
        if (mine.state, mine.run, mine.attempts) != (State.SENDING, process.run, attempt):
            assert rejected == RejectedUpdates(taken=frozenset({id_}))
            return
        owners = [
            key
            for key, one in self.journals.items()
            if key != id_ and text is not None and one.number == text and one.state is not State.GONE
        ]
        assert {key: one.id for key, one in rejected.reused.items()} == dict.fromkeys([id_] * len(owners), *owners)
        assert rejected.taken == frozenset()
        for owner in owners:
            self.journals[owner].state = State.GONE
        mine.state, mine.number = outcome, text
        if mine.state is State.UNKNOWN:
            mine.unknown_sends, mine.denials = mine.unknown_sends + 1, mine.denials + is_denial
        elif mine.state is not State.PLANNED:
            mine.unknown_sends = mine.denials = 0

    @precondition(lambda self: self.processes)
    @rule(
        which=st.integers(0, 9),
        id_=st.sampled_from(IDS),
        state=st.sampled_from(OUTCOMES),
        number=st.sampled_from(NUMBERS),
        takes=st.booleans(),
    )
    def settle(self, which: int, id_: int, state: State, number: int, takes: bool) -> None:
        process, mine = self.process(which), self.journals[id_]
        if takes:
            self.take(which)
        text = str(number) if state is State.POSTED else None
        is_possible = mine.state in BEFORE[state]
        owners = [one for key, one in self.journals.items() if key != id_ and text is not None and one.number == text]
        with self.refused(not self.holds(process)):
            process.store.settle([JournalOutcome(id_, state, self.at, text)])
            if not is_possible:
                return
            for owner in owners:
                owner.state = State.GONE if owner.state is State.POSTED else owner.state
            mine.unknown_sends += mine.state is State.SENDING
            if state in (State.POSTED, State.REFUSED):
                mine.unknown_sends = mine.denials = 0
            mine.state, mine.run, mine.number = state, process.run, text

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        with self.reader.reading() as connection:
            rows = connection.execute("SELECT * FROM journals ORDER BY id").fetchall()
        for row, mine in zip(rows, self.journals.values(), strict=True):
            assert (row["state"], row["run"], row["journal_number"]) == (mine.state, mine.run, mine.number)
            assert (row["attempts"], row["doubts"], row["denials"]) == (mine.attempts, mine.unknown_sends, mine.denials)
        numbers = [row["journal_number"] for row in rows if row["journal_number"] and row["state"] != State.GONE]
        assert len(numbers) == len(set(numbers))

    def process(self, which: int) -> Process:
        return self.processes[which % len(self.processes)]

    @property
    def at(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now)

    def holds(self, process: Process) -> bool:
        return self.lease_of is process and self.held_until > self.now

    @contextmanager
    def refused(self, is_refused: bool) -> Iterator[None]:
        """What happens inside fails, and then nothing has changed, or works."""
        if is_refused:
            with pytest.raises(SetupError):
                yield
        else:
            yield


class PostgresMachine(StoreMachine):
    """The same on a server."""

    @contextmanager
    def empty_store(self) -> Iterator[str]:
        with new_address(has_clock=True) as address:
            yield address


StoreMachine.TestCase.settings = PostgresMachine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


TestNoJournalIsClaimedByTwoPostedIsFinalAndWithoutTheLeaseNothingChanges = StoreMachine.TestCase
TestTheSameOnPostgreSQL = pytest.mark.long(PostgresMachine.TestCase)


def test_an_answer_that_comes_after_a_take_over_ends_no_sending_of_another_process_of_the_same_run() -> None:
    machine = StoreMachine()
    machine.begin("r1", "north")
    machine.claim(0, {1}, takes=True)
    machine.pass_time(1000.0)
    machine.begin("r1", "south")
    machine.settle(1, 1, State.UNKNOWN, 6901, takes=True)
    machine.settle(1, 1, State.PLANNED, 6901, takes=False)
    machine.claim(1, {1}, takes=False)
    machine.record(0, State.REFUSED, 6901, is_denial=False)
    machine.the_store_is_as_the_model()
    assert machine.journals[1].state is State.SENDING
    machine.teardown()
