"""Accounts with balances and movements, posted journals, and budgets."""

from types import SimpleNamespace as Row

from importer.lookups.resources import Column, Filter, FilterKind, Resource, columns, dimension_columns
from importer.model.dates import Period
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import (
    get_account_balance,
    get_annual_budget,
    get_annual_budget_used,
    get_budget_balance,
    get_cash_count,
    get_monthly_budget,
    get_monthly_budget_used,
    list_accounts,
)
from importer.services.sunplusxtra.company import list_notifications
from importer.services.sunplusxtra.journals import get_journal_range

_ACCOUNT = Filter("account", is_required=True)
_FIRST_DAY = Filter("first", FilterKind.DAY, flag="from", wording="first-day", is_required=True)
_LAST_DAY = Filter("last", FilterKind.DAY, flag="to", wording="last-day", is_required=True)


def _annual(session: Session, journal_number: int, function: str) -> list[Row]:
    """The budget of a budget journal; an empty `function` means all."""
    amount = get_annual_budget(session, journal_number, function)
    return [] if amount is None else [Row(journal_number=journal_number, function=function, amount=amount)]


def _annual_used(session: Session, first: Period, last: Period, function: str, projects: tuple[str, ...]) -> list[Row]:
    """What is used of the budget between two periods; an empty `function` and empty `projects` mean all."""
    amount = get_annual_budget_used(session, first, last, function, projects)
    facts = {"first_period": first, "last_period": last, "function": function, "projects": " ".join(projects)}
    return [] if amount is None else [Row(**facts, amount=amount)]


_FIRST = Filter("first", FilterKind.PERIOD, flag="from", wording="first-period", is_required=True)
_LAST = Filter("last", FilterKind.PERIOD, flag="to", wording="last-period", is_required=True)
_FUNCTION = Filter("function")
_OF_A_JOURNAL = (
    Filter("journal_number", FilterKind.NUMBER, flag="journal", wording="budget-journal", is_required=True),
    _FUNCTION,
)
_USE = (_FIRST, _LAST, _FUNCTION, Filter("projects", flag="project", is_repeatable=True))

LEDGER_RESOURCES = (
    Resource(
        "accounts",
        "list_accounts",
        lambda session, search, names: list_accounts(session, search, by_code_only=not names),
        (
            *columns("code name"),
            Column("status", words="lookups.word.account-status.{}"),
            *columns("currency lookup short_heading account_type balance_type"),
            *dimension_columns("enter_", "enter_analysis", "lookups.word.enter-analysis.{}"),
        ),
        (Filter("search", wording="account-search"), Filter("names", FilterKind.SWITCH)),
        also=("account", "account-list", "chart"),
    ),
    Resource(
        "balance",
        "get_account_balance",
        lambda session, account, period: [get_account_balance(session, account, period)],
        columns("account period balance"),
        (_ACCOUNT, Filter("period", FilterKind.PERIOD, is_required=True)),
        also=("account-balance",),
        has_caution=True,
    ),
    Resource(
        "cash-count",
        "get_cash_count",
        get_cash_count,
        (
            *columns("journal_number line_number transaction_date period description"),
            *dimension_columns(),
            *columns("allocation allocation_reference"),
        ),
        (_ACCOUNT, _FIRST_DAY, _LAST_DAY),
        also=("cash", "movements"),
        has_caution=True,
    ),
    Resource(
        "journals",
        "get_journal_range",
        lambda session, first, last: get_journal_range(session, first, first if last is None else last),
        (
            *columns("journal_number line_number account"),
            *columns("side amount currency description reference"),
            Column("transaction_date", lambda line: line.transaction_day),
            *columns("period journal_type"),
            *dimension_columns(),
            *columns("voucher_number"),
            Column("due_date", lambda line: line.due_day),
            Column("entry_date", lambda line: line.entry_day),
            Column("posting_date", lambda line: line.posting_day),
            *columns("entry_period memo_amount other_amount fourth_amount fourth_currency"),
            Column("journal_source", lambda line: line.source),
            *columns(
                "allocation allocation_reference allocation_period asset_code asset_indicator reversal rough_flag"
            ),
        ),
        (
            Filter("first", FilterKind.NUMBER, flag="from", wording="first-journal", is_required=True, is_place=True),
            Filter("last", FilterKind.NUMBER, flag="to", wording="last-journal", is_place=True),
        ),
        also=("journal", "lines"),
    ),
    Resource(
        "notifications",
        "list_notifications",
        lambda session, period, pending, cancelled: list_notifications(
            session, period, only_pending=pending, only_cancelled=cancelled
        ),
        (
            *columns("id journal_number line_number period"),
            Column("status", words="lookups.word.notification-status.{}"),
            *columns("transaction amount origin_company destination_company origin_account destination_account"),
            *columns("rejection_reason origin_company_id policy_id policy_detail_id accounting_policy"),
        ),
        (
            Filter("period", FilterKind.PERIOD, is_required=True),
            Filter("pending", FilterKind.SWITCH),
            Filter("cancelled", FilterKind.SWITCH),
        ),
        also=("notification",),
        has_caution=True,
    ),
)

BUDGET_RESOURCES = (
    Resource(
        "budget balance",
        "get_budget_balance",
        get_budget_balance,
        (*columns("account period amount budget debit credit"), *dimension_columns()),
        (Filter("account", is_required=True), _FIRST, _LAST, Filter("fund"), _FUNCTION, Filter("who")),
        has_caution=True,
    ),
    Resource("budget annual", "get_annual_budget", _annual, columns("journal_number function amount"), _OF_A_JOURNAL),
    Resource(
        "budget annual-used",
        "get_annual_budget_used",
        _annual_used,
        columns("first_period last_period function projects amount"),
        _USE,
    ),
    Resource("budget monthly", "get_monthly_budget", get_monthly_budget, columns("period amount"), _OF_A_JOURNAL),
    Resource("budget monthly-used", "get_monthly_budget_used", get_monthly_budget_used, columns("period amount"), _USE),
)
