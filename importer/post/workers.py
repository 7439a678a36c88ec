"""The workers that talk to the service, and the clock by which posting waits. Both are handed in, so that tests can run
the same code in a time of their own."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar

Task = TypeVar("Task")
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Completed(Generic[Task]):
    """A piece of work that ended: what it gave, or what it raised."""

    task: Task
    result: object
    failure: BaseException | None


class WorkerPool(Protocol[Task]):
    """Workers that do pieces of work side by side."""

    @property
    def busy(self) -> int:
        """How many pieces of work are under way."""
        ...

    def start(self, task: Task, work: Work) -> None:
        """Has somebody do the work; the task tells later which it was."""
        ...

    def completed(self, seconds: float) -> list[Completed[Task]]:
        """What has ended, at once or after waiting that many seconds at most. Ctrl-C may cut the wait short."""
        ...

    def shutdown(self) -> None:
        """Goes away without waiting for work that is still under way."""
        ...


class Clock(Protocol):
    """The time that posting goes by."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        ...

    def steady(self) -> float:
        """Seconds since some moment of this boot, the same for all processes; nobody can put it forward."""
        ...

    def boot(self) -> str:
        """Names the time since the machine was started; `""` when nobody knows."""
        ...

    def pause(self, seconds: float) -> None:
        """Waits."""
        ...


class WallClock:
    """The machine's own clock. `boot` names the time since it was started."""

    def __init__(self, boot: str = "") -> None:
        self._boot = boot

    def now(self) -> datetime:
        """See `Clock`."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """See `Clock`. It goes on while a laptop sleeps, where the system has such a clock."""
        since_boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if since_boot is None else time.clock_gettime(since_boot)

    def boot(self) -> str:
        """See `Clock`."""
        return self._boot

    def pause(self, seconds: float) -> None:
        """See `Clock`."""
        time.sleep(seconds)


class ThreadWorkerPool(Generic[Task]):
    """Workers that are threads."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size)
        self._under_way: dict[Future[object], Task] = {}
        self._ended: SimpleQueue[Future[object]] = SimpleQueue()

    @property
    def busy(self) -> int:
        """See `WorkerPool`."""
        return len(self._under_way)

    def start(self, task: Task, work: Work) -> None:
        """See `WorkerPool`."""
        future = self._pool.submit(work)
        self._under_way[future] = task
        future.add_done_callback(self._ended.put)

    def completed(self, seconds: float) -> list[Completed[Task]]:
        """See `WorkerPool`."""
        try:
            ended = [self._ended.get(timeout=seconds)]
        except Empty:
            return []
        ended += [self._ended.get_nowait() for _ in range(self._ended.qsize())]
        return [self._done(self._under_way.pop(future), future) for future in ended]

    def shutdown(self) -> None:
        """See `WorkerPool`."""
        self._pool.shutdown(wait=not self._under_way, cancel_futures=True)

    @staticmethod
    def _done(task: Task, future: Future[object]) -> Completed[Task]:
        failure = future.exception()
        return Completed(task, None if failure else future.result(), failure)
