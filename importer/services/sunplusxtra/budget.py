"""Budget figures: what was planned, and what of it is used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from importer.errors import ServiceFailure
from importer.model.dates import Period
from importer.services import arguments
from importer.services.responses import (
    AnalysedRow,
    Envelope,
    Text,
    finite,
    read_or_none,
    required_period,
    rows_or_none,
    trimmed,
)
from importer.services.session import Session

NOTHING_FOUND = "203"


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


class _Balance(AnalysedRow, frozen=True, rename={"account_code": "accountCode"}):
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
    rows = rows_or_none(_Balance, NOTHING_FOUND, lambda: session.read("get_budget_balance", query=query))
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
    return _months(rows_or_none(_Month, NOTHING_FOUND, lambda: session.read("get_monthly_budget", query=query)))


def get_monthly_budget_used(
    session: Session, first: Period, last: Period, function: str, projects: Sequence[str]
) -> list[PeriodAmount]:
    """GET /budget/monthly-used, with a JSON body (A-20): what is used of the budget by period; see
    `get_annual_budget_used`."""
    body = _use_payload(first, last, function, projects)
    return _months(rows_or_none(_Month, NOTHING_FOUND, lambda: session.read("get_monthly_budget_used", body=body)))


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
        envelope: Envelope = session.read(operation, query=query, body=body)
    except ServiceFailure as failure:
        if failure.code == NOTHING_FOUND:
            return None
        raise
    return finite(read_or_none(Decimal, envelope.response))


def _months(rows: Iterable[_Month]) -> list[PeriodAmount]:
    return [PeriodAmount(required_period(row.period), finite(row.amount)) for row in rows]
