"""Further nouns of the company: what hangs beside its ledger, as frozen rows of its lists."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

Address = dict[str, object]
"""An address with the members of the wire, which are all the sandbox needs of it; codes without blanks at the end."""

CANCELLED = 7
"""The status of cancelled notifications; the document names no number for them (E-02)."""

PENDING = 1


class Notification(NamedTuple):
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


class Student(NamedTuple):
    """A student; the name can be searched and is never shown."""

    enrollment: str
    name: str
    curp: str
    rvoe: str
    education_level: str


class CompanyNode(NamedTuple):
    """A company of the structure; `last_company` has three states (E-09)."""

    key: str
    id: int
    name: str
    business_name: str
    type: str
    last_company: bool | None


class GenealogyLink(NamedTuple):
    """That `subsidiary` hangs under `parent`."""

    key: str
    parent: CompanyNode
    subsidiary: CompanyNode


class AllowanceGroup(NamedTuple):
    """A maintenance group of a payroll; employees refer to its `id`."""

    code: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Employee:
    """An employee of a payroll; `active` None is "not told"."""

    enrollment_code: str
    surnames: str
    given_names: str
    curp: str
    rfc: str
    active: bool | None
    group_code: str
    function: str
    fund: str
    id_allowance: int | None
    id_employee: int
    id_enrollment: int
    job: str


@dataclass(frozen=True, slots=True)
class Payroll:
    """A payroll: its groups by code, its allowance groups in the order of the list, its employees by code."""

    groups: dict[str, str]
    allowance_groups: tuple[AllowanceGroup, ...]
    employees: dict[str, Employee]


class BudgetRow(NamedTuple):
    """What a budget journal allows an account in a period, with fund, function and who."""

    journal: int
    account: str
    fund: str
    function: str
    who: str
    period: int
    amount: Decimal


class Document(NamedTuple):
    """A file linked to a journal, or to one line of it; the bytes are not kept, only their size and hash."""

    file_key: str
    journal: int
    line: int | None
    extension: str
    private: bool
    size: int
    sha256: str


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
