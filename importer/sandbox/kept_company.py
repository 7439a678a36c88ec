"""A company that outlives the sandbox: every change is a line of `changes.jsonl` before it is done.

At the next start the lines are done again, on the company that comes with the program (or the one given). A line
that was cut off by a crash was never answered for, and is dropped.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedRandom
from pathlib import Path

from importer.sandbox.change_lines import read_change, write_change
from importer.sandbox.company_lists import Change, Company

CHANGES, LOCK, IDENTITY = "changes.jsonl", "in-use.lock", "identity"


class BrokenFolderError(ValueError):
    """The folder cannot be used; the text says why, for people."""


@contextmanager
def keeping(company: Company, folder: Path | None) -> Iterator[None]:
    """Inside the block, `company` is what the folder tells, and everything done to it is kept there.

    The folder is made when it does not exist; None keeps nothing. Raises `BrokenFolderError`.
    """
    if folder is None:
        yield
        return
    with ExitStack() as stack:
        try:
            file = _restored(company, folder, stack)
        except OSError as error:
            raise BrokenFolderError(error.strerror or str(error)) from error
        company.keep = _Keeper(file).write
        try:
            yield
        finally:
            company.keep = None


def _restored(company: Company, folder: Path, stack: ExitStack) -> BufferedRandom:
    """The file of changes after all of them have been done; locked for this process."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = stack.enter_context((folder / LOCK).open("ab"))
    if not _lock(lock.fileno()):
        raise BrokenFolderError("another sandbox is using it")
    known = folder / IDENTITY
    if not known.exists():
        known.write_text(company.identity, encoding="ascii")
    company.identity = known.read_text(encoding="ascii").strip()
    path = folder / CHANGES
    path.touch()
    file = stack.enter_context(path.open("r+b"))
    _restore(company, file)
    return file


class _Keeper:
    """Appends changes to the file, each of them safe on disk when `write` returns."""

    def __init__(self, file: BufferedRandom) -> None:
        self._file = file

    def write(self, change: Change) -> None:
        end = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(write_change(change) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            with suppress(OSError):
                self._file.truncate(end)
            raise


def _restore(company: Company, file: BufferedRandom) -> None:
    head = json.dumps({"kept-by": "importer sandbox", "version": 1, "company": company.id}).encode()
    lines = file.read().split(b"\n")
    torn = lines.pop()
    if not lines:
        file.seek(0)
        file.truncate()
        file.write(head + b"\n")
        file.flush()
        return
    if lines[0] != head:
        raise BrokenFolderError(f"{CHANGES} was not written by this version of the sandbox for company {company.id}")
    if torn:
        file.truncate(file.seek(-len(torn), os.SEEK_END))
    for number, line in enumerate(lines[1:], 2):
        try:
            read_change(line).apply(company)
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
            raise BrokenFolderError(f"line {number} of {CHANGES} cannot be understood") from error


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        """Takes the file for this process alone, until it is closed; False when another one has it."""
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        """Takes the file for this process alone, until it is closed; False when another one has it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
