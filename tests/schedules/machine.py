"""A simulated machine: its clock, its workers, its way to the service and to the store, all of which die with it."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar

from importer.errors import ImporterError
from importer.post.context import Clock, Completed, Work, WorkerPool
from importer.run.journals import Environment
from importer.services.http import Request, Response
from importer.store.database import Connection, Database
from importer.store.leases import Holder
from tests.schedules.service import Service
from tests.schedules.world import Actor, Killed, Process, World

BEGINNING = datetime(2018, 7, 2, 15, 0, tzinfo=UTC)
LONGEST_COMMIT = 0.01
BETWEEN_BOOTS = 1234.0
"""Seconds by which the steady clock is set back at a boot."""
PATIENCE, LEASE_LOOK = 14.0, 25.0

Task = TypeVar("Task")


class VirtualClock(Clock):
    """The clock of a process: `ahead` seconds before the world's, on a host since a boot."""

    def __init__(self, world: World, process: Process) -> None:
        self._world = world
        self._process = process

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._world.now + self._process.clock_ahead)

    def steady(self) -> float:
        return self._world.now - BETWEEN_BOOTS * self._process.boot

    def boot(self) -> str:
        return f"{self._process.host}/{self._process.boot}"

    def pause(self, seconds: float) -> None:
        self._world.step()
        self._world.wait(seconds)
        self._world.step()


class VirtualCrew(WorkerPool[Task]):
    """Workers of a process, as many as a pool of threads would have."""

    def __init__(self, world: World, process: Process, size: int) -> None:
        self._world = world
        self._process = process
        self._free = size
        self._queue: deque[tuple[Task, Work]] = deque()
        self._under_way = 0
        self._done: list[Completed[Task]] = []
        self._waiting: Actor | None = None

    @property
    def busy(self) -> int:
        return self._under_way

    def start(self, ticket: Task, work: Work) -> None:
        self._under_way += 1
        self._queue.append((ticket, work))
        self._employ()

    def completed(self, seconds: float) -> list[Completed[Task]]:
        self._world.step()
        if not self._done:
            self._waiting = self._world.current if self._under_way else None
            self._world.wait(seconds)
            self._waiting = None
        done, self._done = self._done, []
        self._under_way -= len(done)
        return done

    def shutdown(self) -> None:
        self._queue.clear()

    def _employ(self) -> None:
        while self._free and self._queue:
            self._free -= 1
            ticket, work = self._queue.popleft()
            self._world.begin(self._process, lambda ticket=ticket, work=work: self._do(ticket, work))  # type: ignore[misc]  # the loop's own values

    def _do(self, ticket: Task, work: Work) -> None:
        given: object = None
        failure: BaseException | None = None
        try:
            given = work()
        except Killed:
            raise
        except BaseException as error:  # noqa: BLE001 - a pool of threads keeps whatever its work raises
            failure = error
        self._free += 1
        self._done.append(Completed(ticket, given, failure))
        self._employ()
        if self._waiting is not None:
            self._world.wake(self._waiting)


class MortalDatabase(Database):
    """A store whose owner may die before and after each transaction, and while a commit takes its time others may be
    quicker. Nothing here loses power: what SQLite does for that costs time only. Its clock is `ahead` seconds before
    the world's."""

    def __init__(self, url: str, world: World, ahead: float) -> None:
        super().__init__(url, lambda: world.now + ahead)
        self._world = world
        self._engine.connection.execute(
            "PRAGMA synchronous = OFF" if url.startswith("sqlite") else "SET synchronous_commit = off"
        )

    @contextmanager
    def transaction(self, company: str = "") -> Iterator[Connection]:
        self._take_time()
        with super().transaction(company) as connection:
            yield connection
        self._take_time()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self._take_time()
        with super().reading() as connection:
            yield connection

    def _take_time(self) -> None:
        self._world.step()
        self._world.wait(self._world.dice.random() * LONGEST_COMMIT)


class Wire:
    """The way from a process to the service."""

    def __init__(self, world: World, service: Service) -> None:
        self._world = world
        self._service = service

    def __call__(self, request: Request) -> Response:
        if request.path == "/login":  # at once: a session logs in under a lock, and nobody may wait with a lock
            return self._service.log_in()
        self._world.step()
        fate = self._service.receive(request, self._world.current.process.name)
        self._world.wait(fate.seconds)
        self._world.step()
        if isinstance(fate.outcome, ImporterError):
            raise fate.outcome
        self._service.was_answered(request, self._world.current.process.name, fate.outcome)
        if not self._service.has_dates:
            return fate.outcome
        return replace(fate.outcome, date=format_datetime(BEGINNING + timedelta(seconds=self._world.now)))


def machine_of(process: Process, world: World, find: Callable[[int], Process]) -> Environment:
    """The machine on which a process runs; `find` gives the process of a number. Of other hosts nobody can tell whether
    a process has died."""

    def is_dead(holder: Holder) -> bool:
        other = find(holder.process)
        return holder.host == process.host and (other.is_dead or other.has_ended)

    number = int(process.name.rsplit("-", 1)[1])
    return Environment(
        clock=VirtualClock(world, process),
        workers=lambda size: VirtualCrew(world, process, size),
        holder=lambda: Holder(process.name, process.host, number, process.began),
        is_dead=is_dead,
        patience=PATIENCE,
        lease_look=LEASE_LOOK,
    )
