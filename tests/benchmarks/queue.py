"""What the queue costs: workbooks of several companies through `importer submit` and a worker, against a bare loop that
starts as many `importer run` at once over the same store. Loop, worker, worker, loop: a machine whose speed drifts
favours neither."""

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.checking import Asked
from tests.benchmarks.goals import Figure, table
from tests.benchmarks.measuring import ROOT, Failed

if TYPE_CHECKING:
    from tests.team.storm import Office

PROFILES, BOOKS, JOURNALS, AT_ONCE = 10, 6, 12, 4
_MOST_COST = 1.10
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of the processors in child processes."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Took") -> "Took":
        return Took(self.wall + other.wall, self.cpu + other.cpu)


def queue(asked: Asked) -> tuple[str, list[Figure]]:
    """The table of both, and the ratio with its goal."""
    from tests.team.storm import Storm, office  # needs the extra `dev`

    storm = Storm(PROFILES, BOOKS, workers=1, kills=(), cuts=(), crashes=(), most_seconds=0, timeout=20)
    loop, submitted, worked = Took(), Took(), Took()
    with tempfile.TemporaryDirectory() as folder, office(Path(folder), storm) as there:
        rounds = [_books(there, half) for half in range(2)]
        loop += _taken(lambda: _loop(there, asked.python, rounds[0]["L"]))
        for half in rounds:
            submitted += _taken(partial(_submit, there, asked.python, half["Q"]))  # in the order of the loop
            worked += _taken(lambda: _work(there, asked.python))
        loop += _taken(lambda: _loop(there, asked.python, rounds[1]["L"]))
        if there.exit_codes() != {0: PROFILES * BOOKS}:
            raise Failed(f"submissions by exit code: {there.exit_codes()}")
    rows = [
        [name, f"{took.wall:.1f} s", f"{took.cpu:.1f} s"]
        for name, took in (("bare loop", loop), ("importer submit", submitted), ("importer worker", worked))
    ]
    heading = f"{PROFILES * BOOKS} workbooks of {JOURNALS} journals, {AT_ONCE} at once"
    figures = [
        Figure("a worker : a bare loop of importer run, by the clock", worked.wall / loop.wall, most=_MOST_COST),
        Figure("… of the processors", worked.cpu / loop.cpu),
    ]
    return table([heading, "wall", "processors"], rows), figures


def _books(there: "Office", half: int) -> dict[str, list[tuple[str, Path]]]:
    """Writes half of the workbooks of the loop (`L`) and of the queue (`Q`); gives each with its profile, the companies
    taking turns."""
    from tests.cli.workbooks import line, write

    found: dict[str, list[tuple[str, Path]]] = {"L": [], "Q": []}
    for mark, amount in (("L", 1), ("Q", 5001)):
        for book in range(half * BOOKS // 2, (half + 1) * BOOKS // 2):
            for profile in range(PROFILES):
                rows = [
                    line(f"{mark}{one}", side, amount + one + 100 * book, treference=f"{mark}{profile}-{book}-{one}")
                    for one in range(JOURNALS)
                    for side in "DC"
                ]
                path = there.folder / f"{mark}{profile}" / f"book{book}.xlsx"
                path.parent.mkdir(exist_ok=True)
                found[mark].append((f"p{profile}", write(path, rows)))
    return found


def _loop(there: "Office", python: str, books: list[tuple[str, Path]]) -> None:
    def post(one: tuple[str, Path]) -> None:
        _importer(there, python, "run", str(one[1]), "--profile", one[0], "--yes")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(post, books))


def _submit(there: "Office", python: str, books: list[tuple[str, Path]]) -> None:
    for profile, path in books:
        _importer(there, python, "submit", str(path), "--profile", profile)


def _work(there: "Office", python: str) -> None:
    worker = subprocess.Popen(
        [python, "-m", "importer", "worker", "--concurrency", str(AT_ONCE)],
        cwd=there.folder,
        env=_environment(there),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while set(there.states()) - {"done", "stopped"} and worker.poll() is None:
        time.sleep(_LOOK_SECONDS)
    worker.terminate()
    worker.wait()


def _importer(there: "Office", python: str, *arguments: str) -> None:
    ended = subprocess.run(
        [python, "-m", "importer", *arguments],
        cwd=there.folder,
        env=_environment(there),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise Failed(f"{arguments}: code {ended.returncode} {ended.stdout[-1500:]} {ended.stderr[-1500:]}")


def _environment(there: "Office") -> dict[str, str]:
    from tests.cli.commands import home_in

    own = {"XDG_CACHE_HOME": str(there.folder / "cache"), "PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    return home_in(there.folder) | there.environment | own


def _taken(work: Callable[[], None]) -> Took:
    def processors() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    wall, cpu = time.perf_counter(), processors()
    work()
    return Took(time.perf_counter() - wall, processors() - cpu)
