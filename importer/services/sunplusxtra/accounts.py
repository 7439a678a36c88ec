"""Accounts: the chart, the balance of one, its movements between two days; and budgets, with what is used of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

import msgspec

from importer.errors import AnswerUnclear, ServiceFailure
from importer.model.dates import Period
from importer.services import arguments
from importer.services.operations import NOTHING_FOUND
from importer.services.responses import (
    AnalysedRow,
    Text,
    day_in,
    finite,
    period_in,
    read_as,
    read_or_none,
    required_period,
    rows_or_none,
    trimmed,
)
from importer.services.session import Session


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


class _AccountRow(msgspec.Struct, frozen=True):
    code: str | int
    name: str | None = None
    status: int | None = None
    shortHead: str | None = None
    lookup: str | None = None
    currency: str | None = None
    accountType: int | None = None
    balanceType: int | None = None
    enterA1: int | None = None
    enterA2: int | None = None
    enterA3: int | None = None
    enterA4: int | None = None
    enterA5: int | None = None
    enterA6: int | None = None
    enterA7: int | None = None
    enterA8: int | None = None
    enterA9: int | None = None
    enterA10: int | None = None

    def account(self) -> Account:
        return Account(
            code=trimmed(self.code),
            name=trimmed(self.name),
            status=self.status or 0,
            enter_analysis=tuple(getattr(self, f"enterA{number}") for number in arguments.DIMENSIONS),
            short_heading=trimmed(self.shortHead),
            lookup=trimmed(self.lookup),
            currency=trimmed(self.currency),
            account_type=self.accountType,
            balance_type=self.balanceType,
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
    rows = rows_or_none(_AccountRow, lambda: session.read("list_accounts", query=query))
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
    # A text with sign, decimals and blanks, or a number (B-01, N-11).
    digits = bytes(found.balance).decode(errors="replace").strip('" ')
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", digits):
        raise AnswerUnclear("unreadable")
    return AccountBalance(trimmed(found.account) or query["accountCode"], period, Decimal(digits))


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
    rows = rows_or_none(_MovementRow, lambda: session.read("get_cash_count", body=body))
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


@dataclass(frozen=True, slots=True)
class BudgetBalance:
    """Balance and budget of an account for one combination of analysis codes. None of the figures can be had from the
    others, and their signs are shown as they are (B-05)."""

    account: str
    period: Period
    amount: Decimal | None
    credit: Decimal | None
    debit: Decimal | None
    budget: Decimal | None
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodAmount:
    """A figure of one period; a period without a figure is absent (U-07)."""

    period: Period
    amount: Decimal


class _BudgetRow(AnalysedRow, frozen=True, rename={"account_code": "accountCode"}):
    period: Text = None
    account_code: Text = None
    amount: Decimal | None = None
    credit: Decimal | None = None
    debit: Decimal | None = None
    budget: Decimal | None = None


class _Month(msgspec.Struct, frozen=True):
    period: Text
    amount: Decimal


def get_budget_balance(
    session: Session, account: str, first: Period, last: Period, *, fund: str = "", function: str = "", who: str = ""
) -> list[BudgetBalance]:
    """GET /budget/balance: one row per combination of analysis codes. `fund`, `function` and `who` are codes of the
    dimensions 03, 04 and 07; empty ones are left out (U-03). The rows may be of other periods than those asked for
    (U-06): look."""
    query = {
        "account": arguments.filled_text("account", account),
        **arguments.periods(first, last),
        **arguments.given(
            fund=arguments.text("fund", fund),
            function=arguments.text("function", function),
            who=arguments.text("who", who),
        ),
    }
    rows = rows_or_none(_BudgetRow, lambda: session.read("get_budget_balance", query=query))
    return [
        BudgetBalance(
            account=trimmed(row.account_code),
            period=required_period(row.period),
            amount=finite(row.amount),
            credit=finite(row.credit),
            debit=finite(row.debit),
            budget=finite(row.budget),
            dimensions=row.codes(),
        )
        for row in rows
    ]


def get_annual_budget(session: Session, journal_number: int, function: str = "") -> Decimal | None:
    """GET /budget/annual: the budget of a budget journal; 0 is an answer (N-17), None means that there is none."""
    return _amount(session, "get_annual_budget", query=_budget_journal(journal_number, function))


def get_annual_budget_used(
    session: Session, first: Period, last: Period, function: str, projects: Sequence[str]
) -> Decimal | None:
    """GET /budget/annual-used, with a JSON body (A-20): what is used of the budget; None means that there is none.
    `function` is a code of dimension 04, `projects` are codes of dimension 09; `*` is sent only if the user typed it
    (A-30), and all four always travel (U-04)."""
    return _amount(session, "get_annual_budget_used", body=_use_payload(first, last, function, projects))


def get_monthly_budget(session: Session, journal_number: int, function: str = "") -> list[PeriodAmount]:
    """GET /budget/monthly: the budget of a budget journal by period, in the order of the answer."""
    query = _budget_journal(journal_number, function)
    return _months(rows_or_none(_Month, lambda: session.read("get_monthly_budget", query=query)))


def get_monthly_budget_used(
    session: Session, first: Period, last: Period, function: str, projects: Sequence[str]
) -> list[PeriodAmount]:
    """GET /budget/monthly-used, with a JSON body (A-20): what is used of the budget by period; see
    `get_annual_budget_used`."""
    body = _use_payload(first, last, function, projects)
    return _months(rows_or_none(_Month, lambda: session.read("get_monthly_budget_used", body=body)))


def _budget_journal(number: int, function: str) -> dict[str, str]:
    digits = str(arguments.number("journal-number", number))
    return {"journalNo": digits, **arguments.given(function=arguments.text("function", function))}


def _use_payload(first: Period, last: Period, function: str, projects: Sequence[str]) -> dict[str, str | Sequence[str]]:
    return {
        **arguments.periods(first, last),
        "function": arguments.text("function", function),
        "projects": [arguments.text("projects", project) for project in projects],
    }


def _amount(
    session: Session, operation: str, *, query: dict[str, str] | None = None, body: object = None
) -> Decimal | None:
    try:
        envelope = session.read(operation, query=query, body=body)
    except ServiceFailure as failure:
        if failure.meaning == NOTHING_FOUND:
            return None
        raise
    return finite(read_or_none(Decimal, envelope.response))


def _months(rows: Iterable[_Month]) -> list[PeriodAmount]:
    return [PeriodAmount(required_period(row.period), finite(row.amount)) for row in rows]
