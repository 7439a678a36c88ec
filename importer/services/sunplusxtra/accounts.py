"""The chart of accounts, the balance of an account, and its movements between two days."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

import msgspec

from importer.errors import AnswerUnclear
from importer.model.dates import Period
from importer.services import arguments
from importer.services.responses import AnalysedRow, Text, day_in, period_in, read_as, rows_or_none, trimmed
from importer.services.session import Session

NOTHING_FOUND = "203"


class EnterAnalysis(IntEnum):
    """Whether lines of an account need a code of a dimension; other numbers are read as optional."""

    MANDATORY = 1
    OPTIONAL = 2
    PROHIBITED = 3


class AccountStatus(IntEnum):
    """The status of an account, as the ledger numbers it."""

    OPEN = 0
    HIDDEN = 1
    SUSPENDED = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `enter_analysis` has a number for each of the ten dimensions, in their order; None when not given.
    The numbers `account_type` and `balance_type` are passed through (B-04), None when not given."""

    code: str
    name: str
    status: int
    enter_analysis: tuple[int | None, ...]
    short_heading: str = ""
    lookup: str = ""
    currency: str = ""
    account_type: int | None = None
    balance_type: int | None = None


_ENTER_ANALYSIS = dict(
    zip(
        (f"enter_a{number}" for number in range(1, 11)),
        (f"enterA{number}" for number in range(1, 11)),
        strict=True,
    )
)
_MEMBERS = _ENTER_ANALYSIS | {
    "short_heading": "shortHead",
    "account_type": "accountType",
    "balance_type": "balanceType",
}


class _AccountRow(msgspec.Struct, frozen=True, rename=_MEMBERS):
    code: str | int
    name: str | None = None
    status: int | None = None
    short_heading: str | None = None
    lookup: str | None = None
    currency: str | None = None
    account_type: int | None = None
    balance_type: int | None = None
    enter_a1: int | None = None
    enter_a2: int | None = None
    enter_a3: int | None = None
    enter_a4: int | None = None
    enter_a5: int | None = None
    enter_a6: int | None = None
    enter_a7: int | None = None
    enter_a8: int | None = None
    enter_a9: int | None = None
    enter_a10: int | None = None

    def account(self) -> Account:
        return Account(
            code=trimmed(self.code),
            name=trimmed(self.name),
            status=self.status or 0,
            enter_analysis=tuple(getattr(self, name) for name in _ENTER_ANALYSIS),
            short_heading=trimmed(self.short_heading),
            lookup=trimmed(self.lookup),
            currency=trimmed(self.currency),
            account_type=self.account_type,
            balance_type=self.balance_type,
        )


def list_accounts(session: Session, part: str = "", *, by_code_only: bool = True) -> list[Account]:
    """GET /account-list: the accounts whose code begins with `part` (or whose name has it, unless `by_code_only`);
    without `part` all of them, asked as the session's dialect wants it.

    Whether a code matches exactly or by its beginning is not documented (B-03): look for equality yourself.
    """
    query: dict[str, str] | None = {
        "part": arguments.text("account", part),
        "code": "1" if by_code_only else "0",
    }
    if not part and session.dialect.lists_accounts_unasked:
        query = None
    rows = rows_or_none(_AccountRow, NOTHING_FOUND, lambda: session.read("list_accounts", query=query))
    return [row.account() for row in rows]


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """The balance of an account for a period. Whether it is that period's movement or the sum up to its end is not
    documented: label it so, and add no periods up (B-02). Its sign means neither debit nor credit (B-01)."""

    account: str
    period: Period
    balance: Decimal


class _Balance(msgspec.Struct, frozen=True):
    balance: msgspec.Raw
    account: Text = None


def get_account_balance(session: Session, account: str, period: Period) -> AccountBalance:
    """GET /account-balance. Raises ServiceFailure (203: nothing found), AnswerUnclear, NotSent, RequestRefused."""
    query = {
        "accountCode": arguments.filled_text("account", account),
        "period": arguments.period("period", period),
    }
    found = read_as(_Balance, session.read("get_account_balance", query=query).response)
    return AccountBalance(trimmed(found.account) or query["accountCode"], period, _decimal_in(found.balance))


def _decimal_in(raw: msgspec.Raw) -> Decimal:
    """A decimal from a text with sign, decimals and blanks, or from a number (B-01, N-11)."""
    text = bytes(raw).decode(errors="replace").strip('" ')
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", text):
        raise AnswerUnclear("unreadable")
    return Decimal(text)


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a journal that moves the account asked for. It has no amount, no side and no reference (B-06): those
    are in the journal range, by journal and line."""

    journal_number: int
    line_number: int | None
    transaction_date: date | None
    period: Period | None
    description: str
    dimensions: tuple[str, ...]
    allocation: str
    allocation_reference: int | None


class _MovementRow(AnalysedRow, frozen=True, kw_only=True):
    journalNo: int
    journalLine: int | None = None
    transDateTime: str | None = None
    period: Text = None
    description: str | None = None
    allocation: str | None = None
    allocRef: int | None = None


def get_cash_count(session: Session, account: str, first: date, last: date) -> list[Movement]:
    """POST /cash-count (a read, B-09): the movements of an account between two days, both included.

    Equal rows are kept: journal and line are no safe key (B-07). Never present it as a cash total (B-06).
    """
    body = {"account": arguments.filled_text("account", account), **arguments.days(first, last)}
    rows = rows_or_none(_MovementRow, None, lambda: session.read("get_cash_count", body=body))
    return [
        Movement(
            journal_number=row.journalNo,
            line_number=row.journalLine,
            transaction_date=day_in(row.transDateTime),
            period=period_in(row.period),
            description=trimmed(row.description),
            dimensions=row.codes(),
            allocation=trimmed(row.allocation),
            allocation_reference=row.allocRef,
        )
        for row in rows
    ]
