"""Budgets: the balance of an account beside its budget, what a budget journal plans, what of it is used."""

from dataclasses import dataclass
from decimal import Decimal

from importer.inquiry.resources import Filter, FilterKind, Resource, columns, dimension_columns
from importer.model.periods import Period
from importer.services.session import Session
from importer.services.sunplusxtra.budget import (
    BudgetBalance,
    BudgetUse,
    PeriodAmount,
    get_annual_budget,
    get_annual_budget_used,
    get_budget_balance,
    get_monthly_budget,
    get_monthly_budget_used,
)


@dataclass(frozen=True, slots=True)
class Planned:
    """The budget of a budget journal; an empty `function` means all."""

    journal_number: int
    function: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Used:
    """What is used of the budget between two periods; an empty `function` and empty `projects` mean all."""

    first_period: Period
    last_period: Period
    function: str
    projects: str
    amount: Decimal


def _balance(
    session: Session, account: str, first: Period, last: Period, fund: str, function: str, who: str
) -> list[BudgetBalance]:
    return get_budget_balance(session, account, first, last, fund=fund, function=function, who=who)


def _annual(session: Session, journal: int, function: str) -> list[Planned]:
    amount = get_annual_budget(session, journal, function)
    return [] if amount is None else [Planned(journal, function, amount)]


def _annual_used(session: Session, first: Period, last: Period, function: str, projects: tuple[str, ...]) -> list[Used]:
    amount = get_annual_budget_used(session, BudgetUse(first, last, function, projects))
    return [] if amount is None else [Used(first, last, function, " ".join(projects), amount)]


def _monthly(session: Session, journal: int, function: str) -> list[PeriodAmount]:
    return get_monthly_budget(session, journal, function)


def _monthly_used(
    session: Session, first: Period, last: Period, function: str, projects: tuple[str, ...]
) -> list[PeriodAmount]:
    return get_monthly_budget_used(session, BudgetUse(first, last, function, projects))


_FIRST = Filter("first", FilterKind.PERIOD, flag="from", wording="first-period", is_required=True)
_LAST = Filter("last", FilterKind.PERIOD, flag="to", wording="last-period", is_required=True)
_FUNCTION = Filter("function")
_OF_A_JOURNAL = (Filter("journal", FilterKind.NUMBER, wording="budget-journal", is_required=True), _FUNCTION)
_USE = (
    _FIRST,
    _LAST,
    _FUNCTION,
    Filter("projects", flag="project", is_repeatable=True),
)

RESOURCES = (
    Resource(
        "budget balance",
        ("get_budget_balance",),
        _balance,
        (*columns("account period amount budget debit credit"), *dimension_columns()),
        (Filter("account", is_required=True), _FIRST, _LAST, Filter("fund"), _FUNCTION, Filter("who")),
        has_caution=True,
    ),
    Resource(
        "budget annual", ("get_annual_budget",), _annual, columns("journal_number function amount"), _OF_A_JOURNAL
    ),
    Resource(
        "budget annual-used",
        ("get_annual_budget_used",),
        _annual_used,
        columns("first_period last_period function projects amount"),
        _USE,
    ),
    Resource("budget monthly", ("get_monthly_budget",), _monthly, columns("period amount"), _OF_A_JOURNAL),
    Resource("budget monthly-used", ("get_monthly_budget_used",), _monthly_used, columns("period amount"), _USE),
)
