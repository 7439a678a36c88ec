"""Parameters of path and query that several operations read alike."""

import re

from importer.sandbox.company_records import Payroll
from importer.sandbox.failures import MalformedError, QueryError
from importer.sandbox.operation import Call
from importer.sandbox.shapes import period, period_to_13


def read_period(call: Call, text: str | None) -> int:
    """A period as a number (P-01); `MalformedError` for anything else, also when it is missing."""
    check = period_to_13 if call.switches.period_13 else period
    if text is None or (wanted := check(text)) is not None:
        raise MalformedError(f"the period must be {wanted}" if text is not None else "the period is missing")
    return int(text)


def read_range(call: Call, first: str | None, last: str | None) -> range:
    """The numbers from one period to another, both included; `MalformedError` when they stand the wrong way (U-08)."""
    start, end = read_period(call, first), read_period(call, last)
    if start > end:
        raise MalformedError("startPeriod is after endPeriod")
    return range(start, end + 1)


def read_payroll(call: Call) -> Payroll:
    """The payroll of the path; digits only (E-16), 203 for one that does not exist."""
    segment = call.path["payrollId"]
    if not re.fullmatch("[0-9]{1,18}", segment):
        raise MalformedError("payrollId is digits only")
    payroll = call.company.payrolls.get(int(segment))
    if payroll is None:
        raise QueryError("203")
    return payroll
