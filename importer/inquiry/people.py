"""Students and employees with their groups. What is shown here is personal data: it is never logged (E-17)."""

from importer.inquiry.resources import Filter, FilterKind, Resource, columns
from importer.services.session import Session
from importer.services.sunplusxtra.employees import (
    AllowanceGroup,
    Employee,
    EmployeeFound,
    get_employee,
    list_allowance_groups,
    list_employee_groups,
    search_employees,
)
from importer.services.sunplusxtra.students import Student, search_students

_PAYROLL = Filter("payroll", FilterKind.NUMBER, is_required=True)
_SEARCH = Filter("search")


def _students(session: Session, search: str) -> list[Student]:
    return search_students(session, search)


def _employees(session: Session, payroll: int, search: str) -> list[EmployeeFound]:
    return search_employees(session, payroll, search)


def _employee(session: Session, payroll: int, code: str) -> list[Employee]:
    return [get_employee(session, payroll, code)]


def _employee_groups(session: Session, payroll: int, search: str) -> list[object]:
    return list_employee_groups(session, payroll, search)


def _allowance_groups(session: Session, payroll: int) -> list[AllowanceGroup]:
    return list_allowance_groups(session, payroll)


STUDENTS = Resource(
    "students",
    ("search_students",),
    _students,
    columns("enrollment education_level rvoe population_id"),
    (Filter("search", wording="student-search", is_required=True),),
    also=("student",),
)
EMPLOYEES = Resource(
    "employees",
    ("search_employees",),
    _employees,
    columns(
        "enrollment_code name is_active job fund function group_code group_name"
        " allowance_id employee_id enrollment_id population_id tax_id"
    ),
    (_PAYROLL, _SEARCH),
)
EMPLOYEE = Resource(
    "employee",
    ("get_employee",),
    _employee,
    columns("enrollment_code name is_active group_code group_name population_id tax_id"),
    (_PAYROLL, Filter("code", wording="enrollment-code", is_required=True)),
)
EMPLOYEE_GROUPS = Resource(
    "employee-groups",
    ("list_employee_groups",),
    _employee_groups,
    filters=(_PAYROLL, _SEARCH),
    also=("employee-group",),
    has_caution=True,
)
ALLOWANCE_GROUPS = Resource(
    "allowance-groups",
    ("list_allowance_groups",),
    _allowance_groups,
    columns("id code name"),
    (_PAYROLL,),
    also=("allowance-group", "allowances"),
)
RESOURCES = (STUDENTS, EMPLOYEES, EMPLOYEE, EMPLOYEE_GROUPS, ALLOWANCE_GROUPS)
