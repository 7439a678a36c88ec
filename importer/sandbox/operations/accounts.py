"""The chart of accounts."""

from decimal import Decimal

from importer.sandbox import failures
from importer.sandbox.company_lists import Account
from importer.sandbox.dialect import Dialect
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.failures import QueryError
from importer.sandbox.operation import Call, Operation
from importer.sandbox.operations.parameters import read_period
from importer.sandbox.padding import CODE_WIDTH, CURRENCY_WIDTH, fill_up, fill_up_if_wide
from importer.sandbox.switches import Switches


def get_account_balance(call: Call) -> dict[str, object]:
    """The balance at the end of a period as a text, negative for a debit (B-01, B-02); 203 for no such account."""
    code = call.query.get("accountCode", "").rstrip(" ")
    if not code:
        raise QueryError("206")
    period = read_period(call, call.query.get("period"))
    if code not in call.company.accounts:
        raise QueryError("203")
    lines = call.company.ledger.movements_of(code)
    balance = sum((one.line.amount for one in lines if one.journal.period <= period), Decimal(0))
    response = {
        "account": fill_up_if_wide(code, CODE_WIDTH, call.switches),
        "balance": f"{balance:f}" if balance % 1 else f"{balance:.0f}",
    }
    return {"message": "Correct query", "response": response}


def list_accounts(call: Call) -> dict[str, object]:
    """Accounts by code (`code` 1) or by code and name (`code` 0); 203 when there is none (B-03).

    In the live dialect a request without parameters brings the whole chart.
    """
    part, by_code = call.query.get("part"), call.query.get("code")
    if call.dialect is Dialect.LIVE and part is None and by_code is None:
        part, by_code = "", "1"
    if part is None or by_code not in ("0", "1"):
        raise QueryError("206")
    wanted = part.rstrip(" ")
    found = [
        _row(account, call.switches)
        for account in call.company.accounts.values()
        if _has_code(account, wanted, call.switches)
        or (by_code == "0" and wanted.casefold() in account.name.casefold())
    ]
    if not found:
        raise QueryError("203")
    return {"message": "Correct query", "response": found}


def _has_code(account: Account, wanted: str, switches: Switches) -> bool:
    return account.code == wanted if switches.exact_account_search else account.code.startswith(wanted)


def _row(account: Account, switches: Switches) -> dict[str, object]:
    enter = sorted(zip((dimension.enter for dimension in DIMENSIONS), account.enter, strict=True))
    return {
        "accountType": account.account_type,
        "allocationInProgress": 99,
        "balanceType": 0,
        "code": account.code,
        "currency": fill_up(account.currency, CURRENCY_WIDTH, switches),
        "drcr": None,
        **dict(enter),
        "id": fill_up(account.code, CODE_WIDTH, switches),
        "longDescr": None,
        "lookup": fill_up(account.short_head.upper(), CODE_WIDTH, switches),
        "name": account.name,
        "shortHead": account.short_head,
        "status": account.status,
        "updateCount": None,
    }


OPERATIONS = (
    Operation(
        "get_account_balance",
        "GET",
        "/account-balance",
        get_account_balance,
        codes=failures.LOOKUP,
        code_of_malformed="206",
    ),
    Operation("list_accounts", "GET", "/account-list", list_accounts, codes=failures.LOOKUP),
)
