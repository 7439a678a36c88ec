"""Which format a file has, told by its content alone (people and programs give endings that are wrong), and its cells,
read in a child process.
"""

import csv
import enum
import gc
import html
import io
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread

from importer.formats.book import Book, Unread
from importer.formats.delimited import DELIMITERS
from importer.xlsx.package import ZIP, folded

SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".fods", ".csv", ".tsv")
"""Of the files of a folder that are read, or told as not readable."""

PERHAPS_SUFFIXES = (".xml", ".html", ".htm", ".txt")
"""Of files that are told only where they say in themselves that they are a workbook."""

_OWN = re.compile(
    r"""["'#\s]*importer\.(?:problems|journals)/|\{\s*"schema":\s*"importer\.result/|<[^{]*content="importer\.report/"""
)
"""How a list, a result or a page begins that the importer has written: by its first cell, member or `meta` element."""

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_OLDEST = re.compile(rb"\x09[\x00\x02\x04\x08][\x04\x06\x08\x10]\x00", re.S)
"""The first record (BOF) of a workbook of Excel 2 to 4, which has no container."""

_START = 4096
LONGEST_START = 16 * _START
"""As many bytes tell whether a file of a folder is looked at."""

_PAIRS = 64
_MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PAGES = ("<!doctype html", "<html", "<table", "<head", "<meta", "<style", "<script", "<body", "<div", "mime-version:")
_EXCEL_XML = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL_PAGE = "urn:schemas-microsoft-com:office:excel"
_OPENDOCUMENT = "application/vnd.oasis.opendocument."
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.S | re.I)
_TAG = re.compile(r"<[^>]*>")


class Kind(enum.Enum):
    """The formats that are read."""

    XLSX = enum.auto()
    XLSB = enum.auto()
    ODS = enum.auto()
    XLS = enum.auto()
    TEXT = enum.auto()


def kind_of(content: bytes) -> Kind | str:
    """The format of a file, or the key of the sentence that tells why it is not read."""
    if not content:
        return "unreadable-file.empty"
    if content.startswith(_OLE):
        # An encrypted workbook is an OLE file with this stream; its name stands in UTF-16 in the directory.
        return "encrypted-file" if "EncryptedPackage".encode("utf-16-le") in content else Kind.XLS
    if _OLDEST.match(content):
        return "unsupported-format.old"
    return _kind_of_archive(content) if content.startswith(ZIP) else _kind_of_text(start_of(content))


def start_of(content: bytes) -> str:
    """The first characters of a text, in small letters."""
    is_utf16 = content.startswith(_MARKS_OF_UTF16)
    text = content[:_START].decode("utf-16" if is_utf16 else "utf-8", "replace")
    return text.lstrip("\ufeff \t\r\n").lower()


def _kind_of_archive(content: bytes) -> Kind | str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:100].decode("latin-1") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, LookupError, ValueError, EOFError, NotImplementedError):
        # All that zipfile raises for a damaged archive (NotImplementedError: a way of packing that it does not know).
        return Kind.XLSX  # whose reader tells what is wrong with the archive
    if mimetype.startswith(_OPENDOCUMENT):
        return Kind.ODS if mimetype.startswith(f"{_OPENDOCUMENT}spreadsheet") else "unsupported-format.other"
    return Kind.XLSB if "xl/workbook.bin" in {folded(name) for name in names} else Kind.XLSX


def _kind_of_text(start: str) -> Kind | str:
    if is_own(start):
        return "unsupported-format.own"
    if start.startswith(_PAGES):
        return "unsupported-format.html"
    if start.startswith("%pdf"):
        return "unsupported-format.pdf"
    if start.startswith("<") and _EXCEL_XML in start:
        return "unsupported-format.xml"
    if start.startswith("<") and f"{_OPENDOCUMENT}spreadsheet" in start:
        return "unsupported-format.fods"
    is_other = start.startswith(("<", "{\\rtf")) or ("\x00" in start and not _is_unmarked_utf16(start))
    return "unsupported-format.other" if is_other else Kind.TEXT


def _is_unmarked_utf16(start: str) -> bool:
    """True for a text of Western letters in UTF-16 without its mark, which a person can declare."""
    most, few = sorted((start[:_PAIRS:2].count("\x00"), start[1:_PAIRS:2].count("\x00")), reverse=True)
    return few == 0 and 2 * most > min(len(start), _PAIRS) // 2


def is_own(start: str) -> bool:
    """True for the beginning (`start_of`) of what the importer itself has written: a list, a result, a page."""
    return _OWN.match(start) is not None


def says_workbook(content: bytes) -> bool:
    """True for a file whose first bytes are those of a workbook, or of a page or XML made by Excel."""
    start = start_of(content)
    return (
        content.startswith((ZIP, _OLE))
        or (start.startswith("<") and (_EXCEL_XML in start or f"{_OPENDOCUMENT}spreadsheet" in start))
        or (start.startswith(_PAGES) and _EXCEL_PAGE in start)
    )


def first_rows(content: bytes) -> Iterator[list[str]]:
    """What the first row of a page's first table, or the first line of a text, may be."""
    text = content.decode("utf-16" if content.startswith(_MARKS_OF_UTF16) else "utf-8", "replace").lstrip("\ufeff")
    if start_of(content).startswith(_PAGES):
        row = re.search(r"<tr\b.*?(?=<tr\b|</tr>|$)", text, re.S | re.I)
        yield [html.unescape(_TAG.sub("", cell)).strip() for cell in _CELL.findall(row[0])] if row else []
        return
    for delimiter in DELIMITERS:
        with suppress(csv.Error, StopIteration):
            yield next(csv.reader(text.splitlines(), delimiter=delimiter))


SECONDS_OF_ANY_FILE = 8.0
SECONDS_OF_A_MEGABYTE = 20.0
MOST_SECONDS = 300.0
"""Of processor time, so that other work on the machine ends no good file. On a slow machine 100,000 journal lines
take 12 s as `.xlsb` (2 MB), 65,000 take 7 s as `.xls` (14 MB) and 24 s as `.ods` (1.4 MB)."""

_WAIT = 10
"""So many times the processor time a child may take by the clock."""

MOST_BYTES = 1024**3

_POLL = 0.05
_CHILD = "import sys; sys.path[:] = sys.argv[2:]; from importer.formats.kinds import main; main(sys.argv[1])"


def seconds_for(size: int) -> float:
    """Seconds of processor time that reading a file of so many bytes may take: a small file that takes long is none
    that a spreadsheet program has written."""
    return min(SECONDS_OF_ANY_FILE + SECONDS_OF_A_MEGABYTE * size / 1024**2, MOST_SECONDS)


def read_in_child(kind: Kind, content: bytes) -> Book:
    """A spreadsheet read in a process of its own, with a limit of processor time (`seconds_for`) and of memory
    (`MOST_BYTES`): whatever a file makes of a library, it ends that file and not the run. Raises Unread."""
    command = [sys.executable, "-I", "-c", _CHILD, kind.name, *filter(None, sys.path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:  # noqa: S603  this very program, no shell
        ending: list[str] = []
        is_over = Event()
        watch = Thread(target=_watch, args=(process, is_over, seconds_for(len(content)), ending), daemon=True)
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
    return Book.of_plain(answer)


def _watch(process: "subprocess.Popen[bytes]", is_over: Event, seconds: float, ending: list[str]) -> None:
    """Ends the child when its time is over or it takes too much memory."""
    import psutil

    until = time.monotonic() + _WAIT * seconds
    with suppress(psutil.Error):
        child = psutil.Process(process.pid)
        while not is_over.wait(_POLL):
            used = child.cpu_times()
            if used.user + used.system > seconds or time.monotonic() > until:
                ending.append("unsafe-file.time")
            elif child.memory_info().rss > MOST_BYTES:
                ending.append("unsafe-file.memory")
            if ending:
                process.kill()
                return


def main(kind: str) -> None:
    """What the child does: reads standard input, writes the book, or what is wrong with the file."""
    fault = ""
    gc.disable()  # a sixth of the time went into looking at cells, of which none is ever garbage
    try:
        answer = _book(Kind[kind], sys.stdin.buffer.read()).plain()
    except Unread as unread:
        fault = unread.wording
    except MemoryError:
        fault = "unsafe-file.memory"
    except Exception:  # noqa: BLE001  whatever a library stumbles over in a damaged file
        fault = "unreadable-file.damaged"
    sys.stdout.buffer.write(f'"{fault}"'.encode() if fault else answer)


def _book(kind: Kind, content: bytes) -> Book:
    if kind is Kind.XLS:
        from importer.formats.xls import read_xls

        return read_xls(content)
    if kind is Kind.XLSB:
        from importer.formats.xlsb import read_xlsb

        return read_xlsb(content)
    from importer.formats.ods import read_ods

    return read_ods(content)
