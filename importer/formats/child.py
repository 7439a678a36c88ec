"""Reads in a child process, with a limit of time and of memory, what a library reads: whatever a file makes of it, it
ends that file and not the run.
"""

import json
import subprocess
import sys
import time
from contextlib import suppress
from threading import Event, Thread

from importer.formats.book import Book
from importer.formats.kinds import Kind

MOST_SECONDS = 60.0
MOST_BYTES = 1024**3

_POLL = 0.05
_START = "import sys; sys.path[:] = sys.argv[2:]; from importer.formats.child import main; main(sys.argv[1])"


class Unread(Exception):
    """The file was not read: `wording` is the key of the sentence that tells why."""

    def __init__(self, wording: str) -> None:
        super().__init__(wording)
        self.wording = wording


def read_in_child(kind: Kind, content: bytes, *, seconds: float = MOST_SECONDS, memory: int = MOST_BYTES) -> Book:
    """A spreadsheet read in a process of its own. Raises Unread."""
    command = [sys.executable, "-I", "-c", _START, kind.name, *filter(None, sys.path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:  # noqa: S603  ourselves
        ending: list[str] = []
        is_over = Event()
        watch = Thread(target=_watch, args=(process, is_over, time.monotonic() + seconds, memory, ending), daemon=True)
        watch.start()
        try:
            answer, _ = process.communicate(content)
        finally:
            is_over.set()
            watch.join()
    if ending:
        raise Unread(ending[0])
    if process.returncode or not answer:
        raise Unread("unreadable-file.damaged")
    plain = json.loads(answer)
    if "fault" in plain:
        raise Unread(plain["fault"])
    return Book.of_plain(plain)


def _watch(process: "subprocess.Popen[bytes]", is_over: Event, until: float, memory: int, ending: list[str]) -> None:
    """Ends the child when its time is over or it takes too much memory."""
    import psutil

    with suppress(psutil.Error):
        child = psutil.Process(process.pid)
        while not is_over.wait(_POLL):
            if time.monotonic() > until:
                ending.append("unsafe-file.time")
            elif child.memory_info().rss > memory:
                ending.append("unsafe-file.memory")
            if ending:
                process.kill()
                return


def main(kind: str) -> None:
    """What the child does: reads standard input, writes the book, or what is wrong with the file, as JSON."""
    content = sys.stdin.buffer.read()
    sys.stdout.write(json.dumps(_read(Kind[kind], content)))


def _read(kind: Kind, content: bytes) -> object:
    from importer.formats.xls import Encrypted, OldWorkbook, OtherDocument

    try:
        return _book(kind, content).plain()
    except Encrypted:
        return {"fault": "encrypted-file"}
    except OldWorkbook:
        return {"fault": "unsupported-format.old"}
    except OtherDocument:
        return {"fault": "unsupported-format.other"}
    except MemoryError:
        return {"fault": "unsafe-file.memory"}
    except Exception:  # noqa: BLE001  whatever a library stumbles over in a damaged file
        return {"fault": "unreadable-file.damaged"}


def _book(kind: Kind, content: bytes) -> Book:
    if kind is Kind.XLS:
        from importer.formats.xls import read_xls

        return read_xls(content)
    if kind is Kind.XLSB:
        from importer.formats.xlsb import read_xlsb

        return read_xlsb(content)
    from importer.formats.ods import read_ods

    return read_ods(content)
