"""The nouns of the company that the sandbox plays: its lists, its rules, its ledger."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from importer.sandbox.company_records import (
    Address,
    BudgetRow,
    Document,
    GenealogyLink,
    Notification,
    Payroll,
    StampAccount,
    Student,
)
from importer.sandbox.dimensions import Dimension
from importer.sandbox.ledger import Ledger

MANDATORY, OPTIONAL, PROHIBITED = 1, 2, 3
"""Values of `enterA` in SunSystems; the contract shows 1 and 2 only (D-05)."""

SUSPENDED, CLOSED = 2, 3
"""Values of an account's `status` that keep lines away in SunSystems; 0 is open, 1 hidden."""


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
    """A code of one dimension; any `prohibit_posting` but 0 keeps lines away (NOTES D-10)."""

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
    dimension: Dimension
    side: str
    account_prefixes: tuple[str, ...]
    message: str


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
    genealogy: tuple[GenealogyLink, ...]
    payrolls: dict[int, Payroll]
    addresses: dict[str, Address]
    required_address_codes: dict[str, dict[str, object]]
    budgets: tuple[BudgetRow, ...]
    documents: dict[str, Document]
    stamps: StampAccount
    identity: str = field(default_factory=lambda: secrets.token_hex(6))
    closed_periods: set[int] = field(default_factory=set)
    """Periods that the list of journal periods leaves out; none by default, so that both agree (P-07)."""
    ledger: Ledger = field(default_factory=Ledger)
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
