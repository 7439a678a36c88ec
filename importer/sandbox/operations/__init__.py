"""The operations of SunPlusXtra, one module for each section of the contract."""

from importer.sandbox.operation import Operation
from importer.sandbox.operations import (
    accounts,
    addresses,
    budget,
    cash_count,
    company,
    dimension_changes,
    dimensions,
    documents,
    genealogy,
    journal_posting,
    journal_printing,
    journal_reading,
    login,
    notifications,
    payroll,
    periods,
    students,
)

OPERATIONS: tuple[Operation, ...] = (
    *login.OPERATIONS,
    *company.OPERATIONS,
    *notifications.OPERATIONS,
    *students.OPERATIONS,
    *accounts.OPERATIONS,
    *dimensions.OPERATIONS,
    *dimension_changes.OPERATIONS,
    *journal_posting.OPERATIONS,
    *journal_printing.OPERATIONS,
    *journal_reading.OPERATIONS,
    *addresses.OPERATIONS,
    *cash_count.OPERATIONS,
    *periods.OPERATIONS,
    *genealogy.OPERATIONS,
    *payroll.OPERATIONS,
    *budget.OPERATIONS,
    *documents.OPERATIONS,
)
