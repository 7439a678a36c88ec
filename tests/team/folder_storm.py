"""A storm over a watched folder: several writers, slow copies, open workbooks, and a watcher that is killed again and
again; `python -m tests.team.folder_storm 200` is the long one, by hand.

With KILL_AT=5 in the environment `python -m tests.team.folder_storm FOLDER` is the watcher, killed before the fifth of
its steps: a rename, a folder made or removed, a file copied, a row written, a process started."""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.cli.workbooks import line, write
from tests.faulty_service import faulty_service
from tests.team.test_jobs import environment, of_service

STABLE = 0.4
_CHUNKS = 5
DAMAGED_EACH, FAULTY_EACH = 23, 7
_LONGEST_LIFE = 40
"""Steps of a watcher; a workbook needs about ten."""


@dataclass
class Storm:
    """What a storm has left: journals in the ledger by reference, workbooks and pages by their folder and stem, what
    else lies there, and how often the watcher was killed."""

    posted: Counter[str]
    books: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)
    kills: int = 0
    last_code: int | None = None


def _kill_at(nth: int) -> None:
    from importer.team import folder

    counted = itertools.count(1)

    def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            if next(counted) == nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)

        return wrapper

    steps = [(Path, name) for name in ("rename", "replace", "mkdir", "rmdir", "unlink")]
    functions = [(folder, name) for name in ("collect", "add_submission", "carry_out")]
    for owner, name in (*steps, *functions, (shutil, "copyfile")):
        setattr(owner, name, wrapped(getattr(owner, name)))


def _workbooks(folder: Path, files: int) -> list[Path]:
    """So many workbooks of two journals each; some with a journal that does not balance, some damaged."""
    made = []
    for number in range(files):
        amount, other = number + 1.11, number + 1.57  # no two journals look alike
        journals = [(f"A{number}", amount, amount), (f"B{number}", other, other if number % FAULTY_EACH else amount)]
        rows = [
            line(key, side, value, treference=key)
            for key, *values in journals
            for side, value in zip("DC", values, strict=True)
        ]
        path = write(folder / f"book {number:03}.xlsx", rows)
        if number % DAMAGED_EACH == DAMAGED_EACH - 1:
            path.write_bytes(path.read_bytes()[:-40])
        made.append(path)
    return made


def _put(path: Path, target: Path, way: int) -> None:
    """Copies a workbook in one of four ways: at once, slowly, under another name, or while Excel has it open."""
    content = path.read_bytes()
    lock = target.with_name(f"~${target.name[2:]}")
    match way:
        case 0:
            target.write_bytes(content)
        case 1:
            size = len(content) // _CHUNKS + 1
            with target.open("wb") as file:
                for start in range(0, len(content), size):
                    file.write(content[start : start + size])
                    file.flush()
                    time.sleep(STABLE * 0.7)
        case 2:
            draft = target.with_suffix(".part")
            draft.write_bytes(content)
            draft.rename(target)
        case _:
            lock.touch()
            target.write_bytes(content[:100])
            time.sleep(STABLE * 3)
            target.write_bytes(content)
            lock.unlink()


def _write_all(books: Sequence[Path], folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    for path in books:
        _put(path, folder / path.name, dice.randrange(4))
        time.sleep(dice.random() * 0.2)


def storm(place: Path, files: int, kills: int, seed: int, *, kills_children: bool = False) -> Storm:
    """Puts workbooks into a folder by three writers while the watcher is killed so many times; gives what is left when
    every one of them has ended. `kills_children`: now and then its process is killed with it, which keeps the workbook
    for a minute."""
    staging, drop = place / "staging", place / "drop"
    for one in (staging, drop):
        one.mkdir()
    books = _workbooks(staging, files)
    dice = random.Random(seed)
    with faulty_service(others=False) as service:
        given = environment(place, of_service(service.url, place))
        writers = [threading.Thread(target=_write_all, args=(books[n::3], drop, seed + n)) for n in range(3)]
        for writer in writers:
            writer.start()
        killed, code = 0, None
        while code is None:
            nth = dice.randint(1, _LONGEST_LIFE) if killed < kills else 0
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.team.folder_storm", str(drop)],
                env={**given, "KILL_AT": str(nth), "PYTHONPATH": str(Path(__file__).parents[2])},
                cwd=place,
                stdout=subprocess.DEVNULL,
            )
            dies = time.monotonic() + dice.random() * 10
            while process.poll() is None:
                time.sleep(0.1)
                if killed < kills and time.monotonic() > dies:
                    _kill(process, with_children=kills_children and dice.random() < 0.3)
                elif not any(writer.is_alive() for writer in writers) and _ended(drop) == files:
                    process.send_signal(signal.SIGTERM)
                    code = process.wait()
            killed += code is None
            assert process.returncode in (0, -signal.SIGKILL), process.returncode
        for writer in writers:
            writer.join()
        return _left(drop, Storm(service.posted, kills=killed, last_code=code))


def _kill(process: "subprocess.Popen[bytes]", *, with_children: bool) -> None:
    children = psutil.Process(process.pid).children() if with_children else []
    process.kill()
    for child in children:
        child.kill()
    process.wait()


def _delivered(drop: Path) -> Iterator[Path]:
    for name in ("done", "corrections", "failed", "doubt"):
        yield from (drop / name).glob("book *")


def _ended(drop: Path) -> int:
    """How many workbooks have ended and left nothing in work."""
    working = drop / ".working"
    in_work = [one for one in working.iterdir() if one.is_dir()] if working.is_dir() else []
    return 0 if in_work else sum(1 for path in _delivered(drop) if _is_book(path))


def _is_book(path: Path) -> bool:
    return path.suffix == ".xlsx" and not path.name.endswith(".corrections.xlsx")


def _left(drop: Path, storm: Storm) -> Storm:
    for path in _delivered(drop):
        kind = storm.books if _is_book(path) else storm.pages if path.suffix == ".html" else None
        if kind is not None:
            kind.setdefault(path.name.split(".")[0], []).append(f"{path.parent.name}/{path.stem}")
    storm.rest += [path.name for path in drop.iterdir() if path.is_file()]
    storm.rest += [str(path.relative_to(drop)) for path in drop.rglob("*.part")]
    storm.rest += [path.name for path in (drop / ".working").iterdir()]
    return storm


def check(left: Storm, files: int) -> None:
    """Raises AssertionError unless each workbook has ended once where it belongs, with its report, and is in the ledger
    once."""
    assert left.books.keys() == {f"book {number:03}" for number in range(files)}
    assert left.books == left.pages, "each workbook once, each with its page"
    for number in range(files):
        ((place, _),) = (one.split("/") for one in left.books[f"book {number:03}"])
        is_damaged, is_faulty = number % DAMAGED_EACH == DAMAGED_EACH - 1, number % FAULTY_EACH == 0
        assert place == ("failed" if is_damaged else "corrections" if is_faulty else "done")
        wanted = [f"A{number}"] * (not is_damaged) + [f"B{number}"] * (not is_damaged and not is_faulty)
        assert [left.posted.pop(key, 0) for key in wanted] == [1] * len(wanted)
    assert not left.posted and left.rest == [] and left.last_code == 0


if __name__ == "__main__":
    if "KILL_AT" in os.environ:
        from importer import cli

        _kill_at(int(os.environ["KILL_AT"]))
        sys.argv = ["importer", "watch", sys.argv[1], "--every", "0.1", "--stable", str(STABLE)]
        cli.main()
    count = int(sys.argv[1])
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        left = storm(Path(place), count, count // 4, 1, kills_children=True)
        posted, killed = left.posted.total(), left.kills
        check(left, count)
    print(f"{count} workbooks, {posted} journals once each, {killed} kills, {time.monotonic() - began:.0f} s")
