"""The company that the sandbox plays: its lists, its rules, its ledger; and how it is read from a folder of files.

Ids in comments, such as D-10, are those of tests/contract/NOTES.md.
"""

import csv
import json
import secrets
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from importer.sandbox.ledger import Journal, Ledger, Line

Record = TypeVar("Record")

ZONE = ZoneInfo("America/Mexico_City")
"""The time zone of both services: days begin at its midnight (P-10), and Sovos writes its local times (S-23)."""

MANDATORY, OPTIONAL, PROHIBITED = 1, 2, 3
"""Values of `enterA` in SunSystems; the contract shows 1 and 2 only (D-05)."""

SUSPENDED, CLOSED = 2, 3
"""Values of an account's `status` that keep lines away in SunSystems; 0 is open, 1 hidden."""

PENDING, CANCELLED = 1, 7
"""Statuses of notifications; the document names no number for cancelled ones (E-02)."""

Address = dict[str, object]
"""An address with the members of the wire, which are all the sandbox needs of it; codes without blanks at the end."""

WireRow = dict[str, Any]
"""A row of a list with the members of the wire, as it is shown."""


class Dimension(NamedTuple):
    """An analysis dimension: its id in the lists, and its members in a request, an account and a posted line."""

    cat_id: str
    name: str
    request: str
    enter: str
    analysis: str


DIMENSIONS = (
    Dimension("01", "Resource", "source", "enterA1", "analT0"),
    Dimension("02", "TFWW", "tfww", "enterA2", "analT1"),
    Dimension("03", "Fund", "fund", "enterA3", "analT2"),
    Dimension("04", "Function", "function", "enterA4", "analT3"),
    Dimension("05", "Restriction", "restriction", "enterA5", "analT4"),
    Dimension("06", "SDAOrgID", "sdaOrganization", "enterA6", "analT5"),
    Dimension("07", "Who", "who", "enterA7", "analT6"),
    Dimension("08", "Flag", "flag", "enterA8", "analT7"),
    Dimension("09", "Project", "project", "enterA9", "analT8"),
    Dimension("10", "Details", "details", "enterA10", "analT9"),
)
"""In the order in which accounts and lines hold their ten values (D-01)."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `enter` holds a value for each dimension, in the order of `DIMENSIONS`."""

    code: str
    name: str
    short_head: str
    account_type: int
    status: int
    currency: str
    enter: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnalysisCode:
    """A code of one dimension; any `prohibit_posting` but 0 keeps lines away (D-10)."""

    code: str
    name: str
    lookup: str
    prohibit_posting: int


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency, with the three words that posted lines carry."""

    code: str
    name: str
    singular: str
    plural: str


@dataclass(frozen=True, slots=True)
class JournalTypeRule:
    """A dimension that a journal type demands of some lines; no list of the API shows it."""

    journal_type: str
    dimension: str
    side: str
    account_prefixes: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Student:
    """A student; the name can be searched and is never shown."""

    enrollment: str
    name: str
    curp: str
    rvoe: str
    education_level: str


@dataclass(frozen=True, slots=True)
class AllowanceGroup:
    """A maintenance group of a payroll; employees refer to its `id`."""

    payroll: int
    code: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Employee:
    """An employee of a payroll; `active` None is "not known"."""

    payroll: int
    enrollment_code: str
    surnames: str
    given_names: str
    curp: str
    rfc: str
    id_employee: int
    id_enrollment: int
    function: str = ""
    fund: str = ""
    group_code: str = ""
    job: str = ""
    id_allowance: int | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Payroll:
    """A payroll: its groups by code, its allowance groups in the order of the list, its employees by code."""

    groups: dict[str, str]
    allowance_groups: tuple[AllowanceGroup, ...]
    employees: dict[str, Employee]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """What a budget journal allows an account in a period, with fund, function and who."""

    journal: int
    account: str
    period: int
    amount: Decimal
    fund: str = ""
    function: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file linked to a journal, or to one line of it; the bytes are not kept, only their size and hash."""

    file_key: str
    journal: int
    extension: str
    private: bool
    size: int
    line: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class StampMovement:
    """Stamps that an RFC used on a day."""

    rfc: str
    day: date
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class StampAccount:
    """The account at Sovos: its name, how it pays, which RFCs it has (True: may stamp), and what they used."""

    name: str
    consumption: str
    rfcs: dict[str, bool]
    movements: tuple[StampMovement, ...]


@dataclass(slots=True)
class Company:
    """One company while the sandbox runs. Its lists are keyed by code and may be changed by a test."""

    id: int
    name: str
    rfc: str
    business_name: str
    address: str
    current_period: int
    first_period: int
    last_period: int
    journal_source: str
    accounts: dict[str, Account]
    analysis_codes: dict[str, dict[str, AnalysisCode]]
    journal_types: dict[str, str]
    currencies: dict[str, Currency]
    journal_type_rules: tuple[JournalTypeRule, ...]
    notifications: list[WireRow]
    """What other companies announce to this one; an amount is a text as the service shows it (N-11)."""
    students: tuple[Student, ...]
    structure: dict[int, WireRow]
    """The companies of the structure by id; `lastCompany` has three states (E-09)."""
    genealogy: list[WireRow]
    """Which company (`idTo`) hangs under which (`idFrom`)."""
    payrolls: dict[int, Payroll]
    addresses: dict[str, Address]
    required_address_codes: dict[str, dict[str, object]]
    budgets: tuple[BudgetRow, ...]
    documents: dict[str, Document]
    stamps: StampAccount
    ledger: Ledger
    identity: str = field(default_factory=lambda: secrets.token_hex(6))
    closed_periods: set[int] = field(default_factory=set)
    """Periods that the list of journal periods leaves out; none by default, so that both agree (P-07)."""
    keep: Callable[[Any], None] | None = None
    """Writes a change (`importer.sandbox.changes`) down before it is done; None: all is forgotten at the end."""

    def has_open(self, period: int) -> bool:
        """Whether the ledger takes entries in this period (2018006)."""
        return self.first_period <= period <= self.last_period

    def journal_periods(self, months: int = 12) -> Iterator[int]:
        """The open periods one by one; `months` is 13 where a year has an adjustment period (P-02)."""
        for year in range(self.first_period // 1000, self.last_period // 1000 + 1):
            for month in range(1, months + 1):
                period = year * 1000 + month
                if self.has_open(period) and period not in self.closed_periods:
                    yield period


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
        currencies={words["code"]: Currency(**words) for words in facts["currencies"]},
        journal_type_rules=msgspec.convert(facts.get("journal_type_rules", []), tuple[JournalTypeRule, ...]),
        ledger=_opening_ledger(last_journal),
        notifications=_wire_rows("notifications.json"),
        students=_records("students.csv", Student),
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
    allowance_groups = _records("allowance_groups.csv", AllowanceGroup)
    for row in _rows("employee_groups.csv"):
        number = int(row["payroll"])
        there = tuple(group for group in allowance_groups if group.payroll == number)
        payrolls.setdefault(number, Payroll({}, there, {})).groups[row["code"]] = row["name"]
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
