"""The payroll: its groups, its allowance groups, its employees."""

from importer.sandbox import failures
from importer.sandbox.changes import EmployeeActivated
from importer.sandbox.company_records import Employee, Payroll
from importer.sandbox.failures import QueryError
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.operations.notifications import write_notification
from importer.sandbox.operations.parameters import read_payroll
from importer.sandbox.padding import CODE_WIDTH, fill_up_if_wide
from importer.sandbox.text_search import is_found


def list_employee_groups(call: Call) -> dict[str, object]:
    """Rows of a shape the document does not tell (E-10); no `search` is all."""
    payroll = read_payroll(call)
    if call.switches.copied_employee_groups:
        copied = [one for one in call.company.notifications if one.period == "2022007"][:2]
        return _told([write_notification(one, call.company.name) for one in copied])
    search = call.query.get("search", "")
    return _told(
        [
            {"groupCode": code, "groupName": name}
            for code, name in payroll.groups.items()
            if is_found(search, code) or is_found(search, name)
        ]
    )


def list_allowance_groups(call: Call) -> dict[str, object]:
    """In the order of the list, which is not that of the codes (E-11)."""
    groups = read_payroll(call).allowance_groups
    return _told([{"code": group.code, "idAllowance": group.id, "name": group.name} for group in groups])


def get_employee(call: Call) -> dict[str, object]:
    """A list of one (N-14), about the code that was asked for (E-15); 203 when there is none."""
    payroll = read_payroll(call)
    return _told([_shown(_employee(call, payroll), payroll)])


def activate_employee(call: Call) -> dict[str, object]:
    """Sets the employee active; nothing happens to one who is already (E-14)."""
    payroll = read_payroll(call)
    employee = _employee(call, payroll)
    if not employee.active:
        call.company.take(EmployeeActivated(int(call.path["payrollId"]), employee.enrollment_code))
    return _told([_shown(_employee(call, payroll), payroll)])


def search_employees(call: Call) -> dict[str, object]:
    """By name, in either order of surnames and given names; no `search` is all."""
    payroll, search = read_payroll(call), call.query.get("search", "")
    return _told(
        [
            _found(one, call)
            for one in payroll.employees.values()
            if is_found(search, f"{one.given_names} {one.surnames}")
            or is_found(search, f"{one.surnames}, {one.given_names}")
        ]
    )


def _told(rows: list[dict[str, object]]) -> dict[str, object]:
    return {"message": "Correct query", "response": rows}


def _employee(call: Call, payroll: Payroll) -> Employee:
    employee = payroll.employees.get(call.path["enrollmentCode"].rstrip(" "))
    if employee is None:
        raise QueryError("203")
    return employee


def _shown(one: Employee, payroll: Payroll) -> dict[str, object]:
    return {
        "active": one.active,
        "curp": one.curp,
        "enrollmentCode": one.enrollment_code,
        "groupCode": one.group_code,
        "groupName": payroll.groups.get(one.group_code),
        "name": f"{one.surnames}, {one.given_names}",
        "rfc": one.rfc,
    }


def _found(one: Employee, call: Call) -> dict[str, object]:
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


_TABLE = failures.PARAMETERS
OPERATIONS = (
    Operation(
        "list_employee_groups",
        "GET",
        "/employee-group/{payrollId}",
        list_employee_groups,
        codes=_TABLE,
        code_of_malformed="206",
    ),
    Operation(
        "list_allowance_groups",
        "GET",
        "/allowance-group/{payrollId}",
        list_allowance_groups,
        codes=_TABLE,
        code_of_malformed="206",
    ),
    Operation(
        "get_employee",
        "GET",
        "/employee/{payrollId}/{enrollmentCode}",
        get_employee,
        codes=_TABLE,
        code_of_malformed="206",
    ),
    Operation(
        "activate_employee",
        "PUT",
        "/employee/{payrollId}/{enrollmentCode}",
        activate_employee,
        codes=_TABLE,
        body=Body.NONE_OR_EMPTY,
        code_of_malformed="206",
    ),
    Operation(
        "search_employees", "GET", "/employee/{payrollId}", search_employees, codes=_TABLE, code_of_malformed="206"
    ),
)
