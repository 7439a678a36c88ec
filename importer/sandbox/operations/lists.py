"""Login, and what can be asked of the company: accounts, dimensions, periods, journal types, structure; and people:
notifications of other companies, students, the payroll."""

import re
from decimal import Decimal

from importer.sandbox.changes import EmployeeActivated, take
from importer.sandbox.company import CANCELLED, DIMENSIONS, PENDING, Account, Employee, Payroll, WireRow
from importer.sandbox.operations import (
    CODE_WIDTH,
    CURRENCY_WIDTH,
    TYPE_WIDTH,
    Call,
    Members,
    QueryError,
    fill_up,
    fill_up_if_wide,
    is_found,
    read_payroll,
    read_period,
    with_response,
)
from importer.sandbox.request_body import FilledText, MalformedError, Shape, read_shape
from importer.sandbox.switches import Dialect, Switches


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
    lines = call.company.ledger.movements(code)
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


def list_notifications(call: Call) -> Members:
    """Those of a period, all of them or only the pending or the cancelled ones; both at once is none (A-31, A-32)."""
    wanted = str(read_period(call, call.path["period"]))
    shown = [one for one in call.company.notifications if one["period"] == wanted]
    for name, status in (("onlyPending", PENDING), ("canceled", CANCELLED)):
        if call.path[name] not in ("0", "1"):
            raise MalformedError(f"{name} must be 0 or 1")
        if call.path[name] == "1":
            shown = [one for one in shown if one["statusId"] == status]
    return _shown_notifications(shown, call)


def _shown_notifications(rows: list[WireRow], call: Call) -> Members:
    """With the company that is asked as the destination; nulls as in the example (N-12)."""
    return with_response([one | {"destinationCompany": call.company.name} for one in rows])


def search_students(call: Call) -> Members:
    """Nothing to search for is 202, nothing found an empty list (E-06)."""
    search = call.query.get("search", "")
    if not search:
        raise QueryError("202")
    return with_response(
        [
            {name: fact for name, fact in student.items() if name != "name"}
            for student in call.company.students
            if is_found(search, student["enrollment"]) or is_found(search, student["name"])
        ]
    )


def list_employee_groups(call: Call) -> Members:
    """Rows of a shape the document does not tell (E-10); no `search` is all."""
    payroll = read_payroll(call)
    if call.switches.copied_employee_groups:
        copied = [one for one in call.company.notifications if one["period"] == "2022007"]
        return _shown_notifications(copied[:2], call)
    search = call.query.get("search", "")
    return with_response(
        [
            {"groupCode": code, "groupName": name}
            for code, name in payroll.groups.items()
            if is_found(search, code) or is_found(search, name)
        ]
    )


def list_allowance_groups(call: Call) -> Members:
    """In the order of the list, which is not that of the codes (E-11)."""
    return with_response(read_payroll(call).allowance_groups)


def get_employee(call: Call) -> Members:
    """A list of one (N-14), about the code that was asked for (E-15); 203 when there is none."""
    return _shown_employee(call, read_payroll(call))


def activate_employee(call: Call) -> Members:
    """Sets the employee active; nothing happens to one who is already (E-14)."""
    payroll = read_payroll(call)
    employee = _employee(call, payroll)
    if not employee.active:
        take(call.company, EmployeeActivated(int(call.path["payrollId"]), employee.enrollment_code))
    return _shown_employee(call, payroll)


def search_employees(call: Call) -> Members:
    """By name, in either order of surnames and given names; no `search` is all. They are shown with other members, in
    another order of names, with five nulls (E-12, E-13, N-12)."""
    payroll, search = read_payroll(call), call.query.get("search", "")
    return with_response(
        [
            {
                **dict.fromkeys(("active", "curp", "groupCode", "groupName", "rfc")),
                "enrollmentCode": one.enrollment_code,
                "funcion": fill_up_if_wide(one.function, CODE_WIDTH, call.switches),
                "fund": fill_up_if_wide(one.fund, CODE_WIDTH, call.switches),
                "idAllowance": one.id_allowance,
                "idEmployee": one.id_employee,
                "idEnrollment": one.id_enrollment,
                "job": one.job or None,
                "name": f"{one.given_names} {one.surnames}",
            }
            for one in payroll.employees.values()
            if is_found(search, f"{one.given_names} {one.surnames}")
            or is_found(search, f"{one.surnames}, {one.given_names}")
        ]
    )


def _employee(call: Call, payroll: Payroll) -> Employee:
    employee = payroll.employees.get(call.path["enrollmentCode"].rstrip(" "))
    if employee is None:
        raise QueryError("203")
    return employee


def _shown_employee(call: Call, payroll: Payroll) -> Members:
    one = _employee(call, payroll)
    row = {
        "active": one.active,
        "curp": one.curp,
        "enrollmentCode": one.enrollment_code,
        "groupCode": one.group_code,
        "groupName": payroll.groups.get(one.group_code),
        "name": f"{one.surnames}, {one.given_names}",
        "rfc": one.rfc,
    }
    return with_response([row])
