"""Budgets: what journals of a budget allow, and what the ledger has used."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from importer.sandbox.company import DIMENSIONS, BudgetRow, Movement
from importer.sandbox.operations import Call, Members, QueryError, read_range, with_response
from importer.sandbox.request_body import MalformedError, Shape, read_shape

FUND, FUNCTION, WHO, PROJECT = 2, 3, 6, 8
"""Places of dimensions 03, 04, 07 and 09 in a line's codes."""

PROFIT_AND_LOSS = 3
"""The type of the accounts that use a budget; without it every balanced journal would use nothing."""


class _Used(Shape):
    startPeriod: str
    endPeriod: str
    function: str
    projects: list[str]


NOTHING = Decimal(0)


def get_budget_balance(call: Call) -> Members:
    """One row for each period and combination of dimensions; amount = credit - debit (B-05). 203: no row."""
    account = call.query.get("account", "").rstrip(" ")
    if not account:
        raise MalformedError("account is missing")
    periods = read_range(call, call.query.get("startPeriod"), call.query.get("endPeriod"))
    wanted = {place: _filter(call, name) for place, name in ((FUND, "fund"), (FUNCTION, "function"), (WHO, "who"))}
    rows: defaultdict[tuple[int, tuple[str, ...]], dict[str, Decimal]] = defaultdict(
        lambda: dict.fromkeys(("credit", "debit", "budget"), NOTHING)
    )
    for movement in call.company.ledger.movements(account):
        row = rows[movement.journal.period, movement.line.codes]
        row["credit"] += max(movement.line.amount, NOTHING)
        row["debit"] += max(-movement.line.amount, NOTHING)
    for budget in call.company.budgets:
        if budget.account == account:
            rows[budget.period, _codes(budget)]["budget"] += budget.amount
    shown = [
        _shown(account, period, codes, row)
        for (period, codes), row in sorted(rows.items(), key=lambda item: item[0])
        if period in periods and all(code is None or codes[place] == code for place, code in wanted.items())
    ]
    if not shown:
        raise QueryError("203")
    return with_response(shown)


def get_annual_budget(call: Call) -> Members:
    """The sum of a budget journal as a bare number, which may be 0 (N-17)."""
    return with_response(sum((row.amount for row in _budget(call)), NOTHING))


def get_monthly_budget(call: Call) -> Members:
    """The sum of each period that has a row (U-07)."""
    return _months((row.period, row.amount) for row in _budget(call))


def get_annual_budget_used(call: Call) -> Members:
    """What lines of profit-and-loss accounts have used, debits counting up; 0 when there is none."""
    used = sum((-movement.line.amount for movement in _used(call)), NOTHING)
    return with_response(used)


def get_monthly_budget_used(call: Call) -> Members:
    """The same by period; 203 when there is none (N-15)."""
    months = _months((movement.journal.period, -movement.line.amount) for movement in _used(call))
    if not months["response"]:
        raise QueryError("203")
    return months


def _filter(call: Call, name: str) -> str | None:
    """The code to filter by; None is all (U-03, A-30)."""
    code = call.query.get(name, "").rstrip(" ")
    return None if code == "" or (code == "*" and call.switches.asterisk_means_all) else code


def _codes(budget: BudgetRow) -> tuple[str, ...]:
    there = {FUND: budget.fund, FUNCTION: budget.function, WHO: budget.who}
    return tuple(there.get(place, "") for place in range(len(DIMENSIONS)))


def _shown(account: str, period: int, codes: tuple[str, ...], row: dict[str, Decimal]) -> Members:
    return {
        "accountCode": account,
        "period": str(period),
        "amount": row["credit"] - row["debit"],
        **row,
        **{dimension.analysis: code for dimension, code in zip(DIMENSIONS, codes, strict=True)},
    }


def _budget(call: Call) -> list[BudgetRow]:
    number = call.query.get("journalNo", "")
    if not re.fullmatch("[0-9]+", number):
        raise MalformedError("journalNo is digits only")
    function = _filter(call, "function")
    rows = [
        row
        for row in call.company.budgets
        if str(row.journal) == (number.lstrip("0") or "0") and (function is None or row.function == function)
    ]
    if not rows:
        raise QueryError("203")
    return rows


def _used(call: Call) -> Iterator[Movement]:
    sent = read_shape(_Used, call.body)
    periods = read_range(call, sent.startPeriod, sent.endPeriod)
    every = call.switches.asterisk_means_all
    function = sent.function.rstrip(" ")
    projects = {project.rstrip(" ") for project in sent.projects} - {""}
    if every and function == "*":
        function = ""
    if every and "*" in projects:
        projects = set()
    if function and function not in call.company.analysis_codes["04"]:
        raise QueryError("203")
    for movement in call.company.ledger.all_movements():
        codes, account = movement.line.codes, call.company.accounts.get(movement.line.account)
        if (
            account is not None
            and account.account_type == PROFIT_AND_LOSS
            and movement.journal.period in periods
            and (not function or codes[FUNCTION] == function)
            and (not projects or codes[PROJECT] in projects)
        ):
            yield movement


def _months(amounts: Iterator[tuple[int, Decimal]]) -> Members:
    totals: defaultdict[int, Decimal] = defaultdict(Decimal)
    for period, amount in amounts:
        totals[period] += amount
    rows = [{"amount": amount, "period": period} for period, amount in sorted(totals.items())]
    return with_response(rows)
