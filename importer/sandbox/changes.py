"""The company in files: as it comes with the program, and what requests do to it, kept in a folder between two starts.

Every change is a line of `changes.jsonl` before it is done. At the next start the lines are done again, on the company
that comes with the program (or the one given). A line that was cut off by a crash was never answered for, and is
dropped.
"""

import csv
import json
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib.resources import files
from io import BufferedRandom
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import msgspec

from importer.sandbox.company import (
    DIMENSIONS,
    Account,
    Address,
    AnalysisCode,
    BudgetRow,
    Company,
    Document,
    Employee,
    Journal,
    JournalTypeRule,
    Ledger,
    Line,
    Payroll,
    StampAccount,
    StampMovement,
    WireRow,
)

Record = TypeVar("Record")

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
            folder.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((folder / LOCK).open("ab"))
            if not _lock(lock.fileno()):
                raise BrokenFolderError("another sandbox is using it")
            known = folder / IDENTITY
            if not known.exists():
                known.write_text(company.identity, encoding="ascii")
            company.identity = known.read_text(encoding="ascii").strip()
            (folder / CHANGES).touch()
            file = stack.enter_context((folder / CHANGES).open("r+b"))
            _restore(company, file)
        except OSError as error:
            raise BrokenFolderError(error.strerror or str(error)) from error
        company.keep = partial(_write, file)
        try:
            yield
        finally:
            company.keep = None


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
    """Does the changes of the file again, and leaves it ready for the next one."""
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


_FOLDER = files("importer.sandbox") / "company"


def read_company() -> Company:
    """The company that comes with the program: company.toml, and a CSV or JSON file for each list."""
    facts = tomllib.loads((_FOLDER / "company.toml").read_text(encoding="utf-8"))
    last_journal = facts["ledger"].pop("last_journal", None)
    return Company(
        **facts["company"],
        **facts["ledger"],
        accounts={row["code"]: _account(row) for row in _rows("accounts.csv")},
        analysis_codes=_analysis_codes(),
        journal_types={row["code"]: row["name"] for row in _rows("journal_types.csv")},
        currencies={words["code"]: words for words in facts["currencies"]},
        journal_type_rules=msgspec.convert(facts.get("journal_type_rules", []), tuple[JournalTypeRule, ...]),
        ledger=_opening_ledger(last_journal),
        notifications=_wire_rows("notifications.json"),
        students=list(_rows("students.csv")),
        structure={row["id"]: row for row in _wire_rows("companies.json")},
        genealogy=_wire_rows("genealogy.json"),
        payrolls=_payrolls(),
        addresses={row["addressCode"]: row for row in _wire_rows("addresses.json")},
        required_address_codes={row.pop("key"): row for row in facts.get("required_address_codes", [])},
        budgets=_records("budgets.csv", BudgetRow),
        documents={one.file_key: one for one in _records("documents.csv", Document)},
        stamps=StampAccount(
            name=facts["stamps"]["account"],
            consumption=facts["stamps"]["consumption"],
            rfcs={row["rfc"]: row["authorised"] == "true" for row in _rows("rfcs.csv")},
            movements=_records("stamps.csv", StampMovement),
        ),
    )


def _wire_rows(name: str) -> list[WireRow]:
    rows: list[WireRow] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return rows


def _rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table by its headings."""
    with (_FOLDER / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _record(row: Mapping[str, object], kind: type[Record]) -> Record:
    """A row with its columns as members; an empty cell is the member's default."""
    return msgspec.convert({name: cell for name, cell in row.items() if cell}, kind, strict=False)


def _records(name: str, kind: type[Record]) -> tuple[Record, ...]:
    return tuple(_record(row, kind) for row in _rows(name))


def _account(row: dict[str, str]) -> Account:
    short_head = row["short_head"] or row["name"][:15].rstrip()
    return _record({**row, "short_head": short_head, "enter": [row[one.request] for one in DIMENSIONS]}, Account)


def _analysis_codes() -> dict[str, dict[str, AnalysisCode]]:
    lists: dict[str, dict[str, AnalysisCode]] = {dimension.cat_id: {} for dimension in DIMENSIONS}
    for row in _rows("dimension_codes.csv"):
        code = _record(row | {"lookup": row["lookup"] or row["name"]}, AnalysisCode)
        lists[row["dimension"]][code.code] = code
    return lists


def _payrolls() -> dict[int, Payroll]:
    payrolls: dict[int, Payroll] = {}
    for row in _rows("employee_groups.csv"):
        payrolls.setdefault(int(row["payroll"]), Payroll({}, [], {})).groups[row["code"]] = row["name"]
    for row in _rows("allowance_groups.csv"):
        shown = {"code": row["code"], "idAllowance": int(row["id"]), "name": row["name"]}
        payrolls[int(row["payroll"])].allowance_groups.append(shown)
    for employee in _records("employees.csv", Employee):
        payrolls[employee.payroll].employees[employee.enrollment_code] = employee
    return payrolls


def _opening_ledger(last_number: int | None) -> Ledger:
    ledger = Ledger()
    for _, lines in groupby(_rows("opening_journals.csv"), key=lambda row: row["journal"]):
        rows = list(lines)
        members: dict[str, object] = {"number": rows[0]["journal"], "lines": tuple(_line(row) for row in rows)}
        ledger.add(_record({**rows[0], **members}, Journal))
    ledger.last_number = max(ledger.journals, default=0) if last_number is None else last_number
    return ledger


def _line(row: dict[str, str]) -> Line:
    members: dict[str, object] = {
        "amount": f"-{row['amount']}" if row["side"] == "D" else row["amount"],
        "codes": [row[dimension.request] for dimension in DIMENSIONS],
        "due_date": row["transaction_date"],
    }
    return _record({**row, **members}, Line)
