"""Commands in processes of their own, and what they took: wall and processor time, and the most memory."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_KILOBYTE = 1024 if sys.platform == "linux" else 1  # macOS counts bytes


@dataclass(frozen=True)
class Taken:
    """What a process took: seconds by the clock, seconds of the processors, megabytes at most. `said` is the beginning
    of its output."""

    wall: float
    cpu: float
    megabytes: float
    code: int
    said: str = ""


class Failed(Exception):
    """A command ended with a code that it should not have."""


def taken_by(command: Sequence[str], codes: Sequence[int] = (0,)) -> Taken:
    """Runs a command (its first word an absolute path) and measures it, its children included. Raises Failed, with its
    errors, when it ends with none of the `codes`."""
    ours = ("SPX_", "IMPORTER_", "PYTHONDONTWRITEBYTECODE")  # a user's Python keeps what it has compiled
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        files = [(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)]
        start = time.perf_counter()
        child = os.posix_spawn(command[0], list(command), environment, file_actions=files)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
        code = os.waitstatus_to_exitcode(status)
        if code not in codes:
            errors.seek(0)
            raise Failed(f"{' '.join(command)}\n{errors.read().decode(errors='replace')[-2000:]}")
        said.seek(0)
        words = said.read(2000).decode(errors="replace").strip()
    cpu = usage.ru_utime + usage.ru_stime
    return Taken(wall, cpu, usage.ru_maxrss * _KILOBYTE / 1024**2, code, words)


def best_of(times: int, measures: Sequence[Callable[[], Taken]]) -> list[Taken]:
    """The quickest run of each measure, the most memory of any; they take turns, so that whatever else the machine does
    in the meantime meets all of them."""
    rounds = [[measure() for measure in measures] for _ in range(times)]
    best = []
    for runs in zip(*rounds, strict=True):
        quickest = min(runs, key=lambda taken: taken.wall)
        most = max(taken.megabytes for taken in runs)
        least = min(taken.cpu for taken in runs)
        best.append(Taken(quickest.wall, least, most, quickest.code, quickest.said))
    return best
