"""People: notifications of other companies, students, the payroll."""

from importer.sandbox.changes import EmployeeActivated, take
from importer.sandbox.company import CANCELLED, PENDING, Employee, Payroll, WireRow
from importer.sandbox.operation import (
    CODE_WIDTH,
    Call,
    Members,
    QueryError,
    fill_up_if_wide,
    is_found,
    read_payroll,
    read_period,
    with_response,
)
from importer.sandbox.request_body import MalformedError


def list_notifications(call: Call) -> Members:
    """Those of a period, all of them or only the pending or the cancelled ones; both at once is none (A-31, A-32)."""
    wanted = str(read_period(call, call.path["period"]))
    shown = [one for one in call.company.notifications if one["period"] == wanted]
    for name, status in (("onlyPending", PENDING), ("canceled", CANCELLED)):
        if call.path[name] not in ("0", "1"):
            raise MalformedError(f"{name} must be 0 or 1")
        if call.path[name] == "1":
            shown = [one for one in shown if one["statusId"] == status]
    return with_response([_shown_notification(one, call.company.name) for one in shown])


def _shown_notification(one: WireRow, destination: str) -> Members:
    """With the company that is asked as the destination; nulls as in the example (N-12)."""
    return one | {"destinationCompany": destination}


def search_students(call: Call) -> Members:
    """Nothing to search for is 202, nothing found an empty list (E-06)."""
    search = call.query.get("search", "")
    if not search:
        raise QueryError("202")
    rows = [
        {
            "enrollment": student.enrollment,
            "curp": student.curp,
            "rvoe": student.rvoe,
            "educationLevel": student.education_level,
        }
        for student in call.company.students
        if is_found(search, student.enrollment) or is_found(search, student.name)
    ]
    return with_response(rows)


def list_employee_groups(call: Call) -> Members:
    """Rows of a shape the document does not tell (E-10); no `search` is all."""
    payroll = read_payroll(call)
    if call.switches.copied_employee_groups:
        copied = [one for one in call.company.notifications if one["period"] == "2022007"][:2]
        return with_response([_shown_notification(one, call.company.name) for one in copied])
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
    groups = read_payroll(call).allowance_groups
    return with_response([{"code": group.code, "idAllowance": group.id, "name": group.name} for group in groups])


def get_employee(call: Call) -> Members:
    """A list of one (N-14), about the code that was asked for (E-15); 203 when there is none."""
    payroll = read_payroll(call)
    return with_response([_employee_row(_employee(call, payroll), payroll)])


def activate_employee(call: Call) -> Members:
    """Sets the employee active; nothing happens to one who is already (E-14)."""
    payroll = read_payroll(call)
    employee = _employee(call, payroll)
    if not employee.active:
        take(call.company, EmployeeActivated(int(call.path["payrollId"]), employee.enrollment_code))
    return with_response([_employee_row(_employee(call, payroll), payroll)])


def search_employees(call: Call) -> Members:
    """By name, in either order of surnames and given names; no `search` is all."""
    payroll, search = read_payroll(call), call.query.get("search", "")
    return with_response(
        [
            _search_row(one, call)
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


def _employee_row(one: Employee, payroll: Payroll) -> Members:
    return {
        "active": one.active,
        "curp": one.curp,
        "enrollmentCode": one.enrollment_code,
        "groupCode": one.group_code,
        "groupName": payroll.groups.get(one.group_code),
        "name": f"{one.surnames}, {one.given_names}",
        "rfc": one.rfc,
    }


def _search_row(one: Employee, call: Call) -> Members:
    """As the search shows an employee: other members, other order of names, five nulls (E-12, E-13, N-12)."""
    return {
        "active": None,
        "curp": None,
        "enrollmentCode": one.enrollment_code,
        "funcion": fill_up_if_wide(one.function, CODE_WIDTH, call.switches),
        "fund": fill_up_if_wide(one.fund, CODE_WIDTH, call.switches),
        "groupCode": None,
        "groupName": None,
        "idAllowance": one.id_allowance,
        "idEmployee": one.id_employee,
        "idEnrollment": one.id_enrollment,
        "job": one.job or None,
        "name": f"{one.given_names} {one.surnames}",
        "rfc": None,
    }
