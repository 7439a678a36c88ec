"""The company that the sandbox plays: its lists, its rules; and its ledger, kept as SunSystems keeps it (debits
negative, J-06).

Ids in comments, such as D-10, are those of tests/contract/NOTES.md.
"""

import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

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

    @property
    def title(self) -> str:
        """As complaints name it."""
        return f"{self.name} ({self.cat_id})"


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
class JournalTypeRule:
    """A dimension that a journal type demands of some lines; no list of the API shows it."""

    journal_type: str
    dimension: str
    side: str
    account_prefixes: tuple[str, ...]
    message: str


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
    allowance_groups: list[WireRow]
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


@dataclass(frozen=True, slots=True)
class Line:
    """One posted line; texts without blanks at their end, `codes` in the order of `DIMENSIONS`."""

    account: str
    amount: Decimal
    codes: tuple[str, ...]
    transaction_date: date
    due_date: date
    entry_date: date
    treference: str = ""
    description: str = ""
    memo_amount: Decimal | int = 0
    asset_code: str = ""
    asset_indicator: str = ""
    allocation: str = ""
    allocation_reference: int = 0
    allocation_period: int = 0

    @property
    def side(self) -> str:
        """D for a debit (negative), C for a credit."""
        return "D" if self.amount < 0 else "C"


@dataclass(frozen=True, slots=True)
class Journal:
    """A posted journal; periods as numbers (2018006)."""

    number: int
    voucher: str
    journal_type: str
    currency: str
    period: int
    entry_period: int
    lines: tuple[Line, ...]


class Movement(NamedTuple):
    """A line found by account and date, with the journal it stands in and its place there (1..n)."""

    journal: Journal
    position: int
    line: Line


@dataclass(slots=True)
class Ledger:
    """All posted journals by number. Posting is one synchronous step: nothing else runs in between."""

    journals: dict[int, Journal] = field(default_factory=dict)
    last_number: int = 0
    """The number the counter stands at; journals with higher ones are passed over when it gets there."""
    _vouchers: Counter[str] = field(default_factory=Counter)
    _by_account: defaultdict[str, list[Movement]] = field(default_factory=lambda: defaultdict(list))

    def draft(self, journal_type: str, currency: str, period: int, entry_period: int, lines: Sequence[Line]) -> Journal:
        """The lines as a journal of that type, currency, period and entry period (2018006) with the next number and
        voucher (J-21); nothing is posted yet."""
        series = f"{journal_type}{period // 1000}"
        number = self.last_number + 1
        while number in self.journals:
            number += 1
        voucher = f"{series}-{self._vouchers[series] + 1:04d}"
        return Journal(number, voucher, journal_type, currency, period, entry_period, tuple(lines))

    def post(self, journal: Journal) -> None:
        """Takes in a drafted journal and moves the counter on."""
        self.add(journal)
        self.last_number = journal.number

    def add(self, journal: Journal) -> None:
        """Takes in a journal that has its number and voucher already."""
        series, _, counter = journal.voucher.rpartition("-")
        if re.fullmatch("[0-9]+", counter):
            self._vouchers[series] = max(self._vouchers[series], int(counter))
        self.journals[journal.number] = journal
        for position, line in enumerate(journal.lines, 1):
            self._by_account[line.account].append(Movement(journal, position, line))

    def between(self, first: int, last: int) -> Iterator[Journal]:
        """The journals of a range of numbers, both ends included; missing numbers are passed over (J-16)."""
        asked = range(first, last + 1)
        numbers = asked if len(asked) < len(self.journals) else sorted(self.journals)
        for number in numbers:
            if number in asked and number in self.journals:
                yield self.journals[number]

    def all_movements(self) -> Iterator[Movement]:
        """Every line of the ledger, in no order that means anything."""
        return chain.from_iterable(self._by_account.values())

    def movements(self, account: str, first: date = date.min, last: date = date.max) -> list[Movement]:
        """The lines of an account from the day `first` to `last`, both included (B-08), by journal and line."""
        found = [one for one in self._by_account.get(account, ()) if first <= one.line.transaction_date <= last]
        return sorted(found, key=lambda one: (one.journal.number, one.position))


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
    currencies: dict[str, WireRow]
    """By code, with the three words that posted lines carry."""
    journal_type_rules: tuple[JournalTypeRule, ...]
    notifications: list[WireRow]
    """What other companies announce to this one; an amount is a text as the service shows it (N-11)."""
    students: list[WireRow]
    """Their names can be searched and are never shown."""
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
