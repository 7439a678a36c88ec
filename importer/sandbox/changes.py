"""What a request does to the company, as values; and a folder in which they are kept between two starts.

Every change is a line of `changes.jsonl` before it is done. At the next start the lines are done again, on the company
that comes with the program (or the one given). A line that was cut off by a crash was never answered for, and is
dropped.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from io import BufferedRandom
from pathlib import Path

import msgspec

from importer.sandbox.company import Address, AnalysisCode, Company, Document
from importer.sandbox.ledger import Journal

CHANGES, LOCK, IDENTITY = "changes.jsonl", "in-use.lock", "identity"


class _Change(msgspec.Struct, frozen=True, tag=True, tag_field="change", forbid_unknown_fields=True):
    """A change; its line has the name of its class under `change`, then its members."""


class JournalPosted(_Change, frozen=True):
    """A journal goes into the ledger."""

    journal: Journal


class CodeSet(_Change, frozen=True):
    """A code of a dimension is made, or changed in its place."""

    cat_id: str
    code: AnalysisCode


class CodeRemoved(_Change, frozen=True):
    """A code of a dimension is gone."""

    cat_id: str
    code: str


class AddressSet(_Change, frozen=True):
    """An address is made, or changed in its place."""

    address: Address


class AddressRemoved(_Change, frozen=True):
    """An address is gone."""

    code: str


class EmployeeActivated(_Change, frozen=True):
    """An employee is active from now on."""

    payroll: int
    enrollment_code: str


class DocumentLinked(_Change, frozen=True):
    """A file is linked."""

    document: Document


class DocumentRemoved(_Change, frozen=True):
    """A linked file is gone."""

    file_key: str


Change = (
    JournalPosted
    | CodeSet
    | CodeRemoved
    | AddressSet
    | AddressRemoved
    | EmployeeActivated
    | DocumentLinked
    | DocumentRemoved
)

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Change)


def take(company: Company, change: Change) -> None:
    """Does a change to `company`, after it has been written to the company's folder, where there is one."""
    if company.keep is not None:
        company.keep(change)
    _apply(company, change)


def _apply(company: Company, change: Change) -> None:
    match change:
        case JournalPosted():
            company.ledger.post(change.journal)
        case CodeSet():
            company.analysis_codes[change.cat_id][change.code.code] = change.code
        case CodeRemoved():
            del company.analysis_codes[change.cat_id][change.code]
        case AddressSet():
            company.addresses[str(change.address["addressCode"])] = change.address
        case AddressRemoved():
            del company.addresses[change.code]
        case EmployeeActivated():
            employees = company.payrolls[change.payroll].employees
            employees[change.enrollment_code] = replace(employees[change.enrollment_code], active=True)
        case DocumentLinked():
            company.documents[change.document.file_key] = change.document
        case DocumentRemoved():
            del company.documents[change.file_key]


class BrokenFolderError(ValueError):
    """The folder cannot be used; the text says why, for people."""


@contextmanager
def keeping(company: Company, folder: Path | None) -> Iterator[None]:
    """Inside the block, `company` is what the folder holds, and everything done to it is kept there.

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
        company.keep = partial(_write, file)
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


def _write(file: BufferedRandom, change: Change) -> None:
    """Appends a change to the file; it is safe on disk when this returns."""
    end = file.seek(0, os.SEEK_END)
    try:
        file.write(_ENCODER.encode(change) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(end)
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
            _apply(company, _DECODER.decode(line))
        except (msgspec.MsgspecError, ValueError, KeyError) as error:
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
