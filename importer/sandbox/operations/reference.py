"""Login, and the lists of the company: accounts, dimensions, periods, journal types, structure."""

import re
from decimal import Decimal

from importer.sandbox.authentication import Dialect
from importer.sandbox.company import DIMENSIONS, Account
from importer.sandbox.operation import (
    CODE_WIDTH,
    CURRENCY_WIDTH,
    TYPE_WIDTH,
    Call,
    Members,
    QueryError,
    fill_up,
    fill_up_if_wide,
    read_period,
    with_response,
)
from importer.sandbox.request_body import FilledText, Shape, read_shape
from importer.sandbox.switches import Switches


class _Login(Shape):
    userid: FilledText
    password: FilledText
    email: FilledText


class _LiveLogin(Shape):
    idusuario: FilledText
    password: FilledText
    email: FilledText


def login(call: Call) -> Members:
    """Any failure is 221, because the contract has nothing else for login (A-16).

    The live dialect calls the user `idusuario` and looks at no API key.
    """
    if call.dialect is Dialect.LIVE:
        live = read_shape(_LiveLogin, call.body)
        token = call.access.log_in(None, live.idusuario, live.password, live.email)
    else:
        sent = read_shape(_Login, call.body)
        token = call.access.log_in(call.headers.get("api-key", ""), sent.userid, sent.password, sent.email)
    return {"message": "Access granted", "access_token": token, "token_type": "Bearer"}


def get_company(call: Call) -> Members:
    """Name and tax data."""
    company = call.company
    response = {
        "id": company.id,
        "name": company.name,
        "rfc": company.rfc,
        "businessName": company.business_name,
        "address": company.address,
    }
    return with_response(response)


def get_account_balance(call: Call) -> Members:
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
    return with_response(response)


def list_accounts(call: Call) -> Members:
    """Accounts by code (`code` 1) or by code and name (`code` 0); 203 when there is none (B-03).

    In the live dialect a request without parameters brings the whole chart.
    """
    part, by_code = call.query.get("part"), call.query.get("code")
    if call.dialect is Dialect.LIVE and part is None and by_code is None:
        part, by_code = "", "1"
    if part is None or by_code not in ("0", "1"):
        raise QueryError("206")
    wanted = part.rstrip(" ")
    rows = [
        _row(account, call.switches)
        for account in call.company.accounts.values()
        if (account.code == wanted if call.switches.exact_account_search else account.code.startswith(wanted))
        or (by_code == "0" and wanted.casefold() in account.name.casefold())
    ]
    if not rows:
        raise QueryError("203")
    return with_response(rows)


def _row(account: Account, switches: Switches) -> Members:
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


def list_dimension_codes(call: Call) -> Members:
    """All codes of the dimension `catID`, which may be 1 or 01 here (N-02); 203 when it has none."""
    selector = call.query.get("catID", "")
    if not re.fullmatch("0?[1-9]|10", selector):
        raise QueryError("206")
    cat_id = selector.zfill(2)
    rows = [
        {
            "code": fill_up_if_wide(code.code, CODE_WIDTH, call.switches),
            "id": cat_id,
            "lookup": fill_up_if_wide(code.lookup, CODE_WIDTH, call.switches),
            "name": code.name,
            "prohibitPosting": code.prohibit_posting,
            "updateCount": None,
        }
        for code in call.company.analysis_codes[cat_id].values()
    ]
    if not rows:
        raise QueryError("203")
    return with_response(rows)


def get_ledger_definition(call: Call) -> Members:
    """Current, first and last period as texts, two of them with a blank behind (P-03, P-04)."""
    if call.switches.no_ledger:
        raise QueryError("206")
    response = {
        "currentPeriod": str(call.company.current_period),
        "fromPeriod": f"{call.company.first_period} ",
        "toPeriod": f"{call.company.last_period} ",
    }
    return with_response(response)


def list_journal_periods(call: Call) -> Members:
    """The periods one by one, as numbers (P-03)."""
    months = 13 if call.switches.period_13 else 12
    return with_response(list(call.company.journal_periods(months)))


def list_journal_types(call: Call) -> Members:
    """The journal types of this company."""
    types = [
        {"journalName": name, "journalType": fill_up_if_wide(code, TYPE_WIDTH, call.switches)}
        for code, name in call.company.journal_types.items()
    ]
    return with_response(types)


def get_genealogy(call: Call) -> Members:
    """One row for each pair of a parent and a subsidiary (E-08)."""
    structure = call.company.structure
    links = [
        link | {"parentCompany": structure[link["idFrom"]], "subsidiaryCompany": structure[link["idTo"]]}
        for link in call.company.genealogy
    ]
    return with_response(links)
