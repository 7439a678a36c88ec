"""Reads in a child process, with a limit of time and of memory, what a library reads: whatever a file makes of it, it
ends that file and not the run.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Thread

from importer.formats.book import Book, Unread
from importer.formats.kinds import Kind

SECONDS_OF_ANY_FILE = 8.0
SECONDS_OF_A_MEGABYTE = 20.0
MOST_SECONDS = 300.0
"""Of processor time, so that other work on the machine ends no good file. On a slow machine 100,000 journal lines
take 12 s as `.xlsb` (2 MB), 65,000 take 7 s as `.xls` (14 MB) and 24 s as `.ods` (1.4 MB)."""

_WAIT = 10
"""So many times the processor time a child may take by the clock."""

MOST_BYTES = 1024**3

_POLL = 0.05
_START = "import sys; sys.path[:] = sys.argv[2:]; from importer.formats.child_process import main; main(sys.argv[1])"


def seconds_for(size: int) -> float:
    """Seconds of processor time that reading a file of so many bytes may take: a small file that takes long is none
    that a spreadsheet program has written."""
    return min(SECONDS_OF_ANY_FILE + SECONDS_OF_A_MEGABYTE * size / 1024**2, MOST_SECONDS)


def read_in_child(kind: Kind, content: bytes, *, seconds: float | None = None, memory: int = MOST_BYTES) -> Book:
    """A spreadsheet read in a process of its own, which may take so many `seconds` of processor time (None: by its
    size) and bytes of memory. Raises Unread."""
    seconds = seconds_for(len(content)) if seconds is None else seconds
    command = [sys.executable, "-I", "-c", _START, kind.name, *filter(None, sys.path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:  # noqa: S603  this very program, no shell
        ending: list[str] = []
        is_over = Event()
        watch = Thread(target=_watch, args=(process, is_over, seconds, memory, ending), daemon=True)
        watch.start()
        try:
            answer, _ = process.communicate(content)
        finally:
            is_over.set()
            watch.join()
    if ending:
        raise Unread(ending[0])
    if process.returncode or not answer:
        raise Unread
    plain = json.loads(answer)
    if "fault" in plain:
        raise Unread(plain["fault"])
    return Book.of_plain(plain)


def _watch(process: "subprocess.Popen[bytes]", is_over: Event, seconds: float, memory: int, ending: list[str]) -> None:
    """Ends the child when its time is over or it takes too much memory."""
    import psutil

    until = time.monotonic() + _WAIT * seconds
    with suppress(psutil.Error):
        child = psutil.Process(process.pid)
        while not is_over.wait(_POLL):
            used = child.cpu_times()
            if used.user + used.system > seconds or time.monotonic() > until:
                ending.append("unsafe-file.time")
            elif child.memory_info().rss > memory:
                ending.append("unsafe-file.memory")
            if ending:
                process.kill()
                return


def main(kind: str) -> None:
    """What the child does: reads standard input, writes the book, or what is wrong with the file, as JSON."""
    answer: Mapping[str, object]
    try:
        answer = _book(Kind[kind], sys.stdin.buffer.read()).plain()
    except Unread as unread:
        answer = {"fault": unread.wording}
    except MemoryError:
        answer = {"fault": "unsafe-file.memory"}
    except Exception:  # noqa: BLE001  whatever a library stumbles over in a damaged file
        answer = {"fault": "unreadable-file.damaged"}
    sys.stdout.write(json.dumps(answer))


def _book(kind: Kind, content: bytes) -> Book:
    if kind is Kind.XLS:
        from importer.formats.xls import read_xls

        return read_xls(content)
    if kind is Kind.XLSB:
        from importer.formats.xlsb import read_xlsb

        return read_xlsb(content)
    from importer.formats.ods import read_ods

    return read_ods(content)
