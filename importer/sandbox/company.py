"""The company that the sandbox plays: its lists, its rules, its ledger.

Ids in comments, such as D-10, are those of tests/contract/NOTES.md.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from importer.sandbox.ledger import Ledger

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
class Notification:
    """An entry that another company announces to this one; `amount` is a text as the service shows it (N-11)."""

    id: int
    policy_id: int
    journal_no: int
    policy_detail_id: int
    origin_company: str
    origin_company_id: int
    transaction: str
    amount: str
    status_id: int
    line: int
    period: str


@dataclass(frozen=True, slots=True)
class Student:
    """A student; the name can be searched and is never shown."""

    enrollment: str
    name: str
    curp: str
    rvoe: str
    education_level: str


@dataclass(frozen=True, slots=True)
class CompanyNode:
    """A company of the structure; `last_company` has three states (E-09)."""

    key: str
    id: int
    name: str
    business_name: str
    type: str
    last_company: bool | None = None


@dataclass(frozen=True, slots=True)
class GenealogyLink:
    """That `subsidiary` hangs under `parent`; both are ids of nodes."""

    key: str
    parent: int
    subsidiary: int


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


class Change(Protocol):
    """Something a request does to the company; see `importer.sandbox.changes`."""

    def apply(self, company: "Company") -> None:
        """Does it."""


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
    notifications: tuple[Notification, ...]
    students: tuple[Student, ...]
    nodes: dict[int, CompanyNode]
    genealogy: tuple[GenealogyLink, ...]
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
    keep: Callable[[Change], None] | None = None
    """Writes a change down before it is done; None: the company is forgotten at the end."""

    def take(self, change: Change) -> None:
        """Does a change, after it has been written down where the company is kept."""
        if self.keep is not None:
            self.keep(change)
        change.apply(self)

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
