"""Payroll employees and their groups (section APS), and students.

Tax and population numbers are personal data: keep them out of logs (E-17).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from importer.errors import AnswerUnclear
from importer.services import arguments
from importer.services.responses import Envelope, JsonRows, Text, rows_or_none, single_row, text_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class Employee:
    """An employee. None means not given (N-12), not inactive of `is_active`; what is given differs by operation (E-12),
    and so does the order of the name, which is shown as it comes (E-13). `fund` and `function` are codes of the
    dimensions 03 and 04 (N-08); `allowance_id` refers to an allowance group (E-11)."""

    enrollment_code: str
    name: str
    is_active: bool | None
    group_code: str | None
    group_name: str | None
    population_id: str | None = field(repr=False)
    tax_id: str | None = field(repr=False)
    function: str | None = None
    fund: str | None = None
    job: str | None = None
    allowance_id: int | None = None
    employee_id: int | None = None
    enrollment_id: int | None = None


@dataclass(frozen=True, slots=True)
class AllowanceGroup:
    """A maintenance group; `id` is what employees refer to (E-11)."""

    id: int
    code: str
    name: str


class _Employee(msgspec.Struct, frozen=True, rename="camel"):
    enrollment_code: str | int
    name: str | None = None
    active: bool | None = None
    group_code: Text = None
    group_name: str | None = None
    curp: str | None = None
    rfc: str | None = None
    funcion: Text = None
    fund: Text = None
    job: str | None = None
    id_allowance: int | None = None
    id_employee: int | None = None
    id_enrollment: int | None = None

    def employee(self) -> Employee:
        return Employee(
            enrollment_code=trimmed(self.enrollment_code),
            name=trimmed(self.name),
            is_active=self.active,
            group_code=text_or_none(self.group_code),
            group_name=text_or_none(self.group_name),
            population_id=text_or_none(self.curp),
            tax_id=text_or_none(self.rfc),
            function=text_or_none(self.funcion),
            fund=text_or_none(self.fund),
            job=text_or_none(self.job),
            allowance_id=self.id_allowance,
            employee_id=self.id_employee,
            enrollment_id=self.id_enrollment,
        )


class _Allowance(msgspec.Struct, frozen=True, rename={"id": "idAllowance"}):
    id: int
    code: Text = None
    name: str | None = None


def list_employee_groups(session: Session, payroll_id: int, search: str = "") -> Sequence[object]:
    """GET /employee-group/payroll: the rows as they come (JSON values, numbers with decimals as Decimal): their shape
    is not documented, so rely on no member (E-10). `search` may hold `%` (A-29); empty means all."""
    payroll, query = _payroll(payroll_id), _search(search)
    rows = rows_or_none(msgspec.Raw, lambda: session.read("list_employee_groups", payroll, query=query))
    return JsonRows(list(rows))


def list_allowance_groups(session: Session, payroll_id: int) -> list[AllowanceGroup]:
    """GET /allowance-group/payroll: the groups in the order of the answer."""
    payroll = _payroll(payroll_id)
    rows = rows_or_none(_Allowance, lambda: session.read("list_allowance_groups", payroll))
    return [AllowanceGroup(row.id, trimmed(row.code), trimmed(row.name)) for row in rows]


def get_employee(session: Session, payroll_id: int, enrollment_code: str) -> Employee:
    """GET /employee/payroll/code. Raises AnswerUnclear unless exactly one comes (N-14), with the code asked for
    (E-15)."""
    payroll, code = _payroll(payroll_id), arguments.path_text("enrollment-code", enrollment_code)
    return _the_one(session, session.read("get_employee", payroll, code), code)


def activate_employee(session: Session, payroll_id: int, enrollment_code: str) -> Employee:
    """PUT /employee/payroll/code: makes an inactive employee active; there is no way back (E-14). Gives the employee as
    it is now. Raises what `Session.write` raises, RequestRefused, and AnswerUnclear like `get_employee`."""
    payroll, code = _payroll(payroll_id), arguments.path_text("enrollment-code", enrollment_code)
    return _the_one(session, session.write("activate_employee", payroll, code), code)


def search_employees(session: Session, payroll_id: int, search: str = "") -> list[Employee]:
    """GET /employee/payroll: employees by name. `search` may hold `%` (A-29); empty means all."""
    payroll, query = _payroll(payroll_id), _search(search)
    rows = rows_or_none(_Employee, lambda: session.read("search_employees", payroll, query=query))
    return [row.employee() for row in rows]


def _the_one(session: Session, envelope: Envelope, code: str) -> Employee:
    employee = single_row(_Employee, envelope).employee()
    if employee.enrollment_code != code:
        raise AnswerUnclear("other-record", asked=code, given=session.masking(employee.enrollment_code))
    return employee


def _payroll(number: int) -> int:
    return arguments.number("payroll", number, least=0)


def _search(text: str) -> dict[str, str] | None:
    return arguments.given(search=arguments.text("search", text)) or None


@dataclass(frozen=True, slots=True)
class Student:
    """A student; `population_id` (CURP) is personal data, `rvoe` the recognition number of the study programme."""

    enrollment: str
    education_level: str
    rvoe: str
    population_id: str = field(repr=False)


class _StudentRow(msgspec.Struct, frozen=True, rename={"education_level": "educationLevel"}):
    enrollment: str | int
    curp: str | None = None
    rvoe: Text = None
    education_level: str | None = None


def search_students(session: Session, search: str) -> list[Student]:
    """GET /data-student: the students that match a text, such as an enrollment code. Its codes have a table of their
    own (E-06)."""
    query = {"search": arguments.filled_text("search", search)}
    rows = rows_or_none(_StudentRow, lambda: session.read("search_students", query=query))
    return [
        Student(
            trimmed(row.enrollment), trimmed(row.education_level), trimmed(row.rvoe), population_id=trimmed(row.curp)
        )
        for row in rows
    ]
