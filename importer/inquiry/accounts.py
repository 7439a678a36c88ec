"""Accounts: their list, the balance of one, its movements between two days."""

from collections.abc import Iterable
from datetime import date

from importer.inquiry.resources import Column, Filter, FilterKind, Resource, columns, dimension_columns
from importer.model.periods import Period
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import Account, AccountBalance, get_account_balance, list_accounts
from importer.services.sunplusxtra.cash import Movement, get_cash_count

_ACCOUNT = Filter("account", is_required=True)
FIRST_DAY = Filter("first", FilterKind.DAY, flag="from", wording="first-day", is_required=True)
LAST_DAY = Filter("last", FilterKind.DAY, flag="to", wording="last-day", is_required=True)


def _accounts(session: Session, search: str, names: bool) -> list[Account]:
    return list_accounts(session, search, by_code_only=not names)


def _balance(session: Session, account: str, period: Period) -> list[AccountBalance]:
    return [get_account_balance(session, account, period)]


def _movements(session: Session, account: str, first: date, last: date) -> Iterable[Movement]:
    return get_cash_count(session, account, first, last)


ACCOUNTS = Resource(
    "accounts",
    ("list_accounts",),
    _accounts,
    (
        *columns("code name"),
        Column("status", words="inquiry.word.account-status.{}"),
        *columns("currency lookup short_heading account_type balance_type"),
        *dimension_columns("enter_", "enter_analysis", "inquiry.word.enter-analysis.{}"),
    ),
    (Filter("search", wording="account-search"), Filter("names", FilterKind.SWITCH)),
    also=("account", "account-list", "chart"),
)
BALANCE = Resource(
    "balance",
    ("get_account_balance",),
    _balance,
    columns("account period balance"),
    (_ACCOUNT, Filter("period", FilterKind.PERIOD, is_required=True)),
    also=("account-balance",),
    has_caution=True,
)
CASH_COUNT = Resource(
    "cash-count",
    ("get_cash_count",),
    _movements,
    (
        *columns("journal_number line_number transaction_date period description"),
        *dimension_columns(),
        *columns("allocation allocation_reference"),
    ),
    (_ACCOUNT, FIRST_DAY, LAST_DAY),
    also=("cash", "movements"),
    has_caution=True,
)
RESOURCES = (ACCOUNTS, BALANCE, CASH_COUNT)
