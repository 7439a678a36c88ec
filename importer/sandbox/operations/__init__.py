"""The operations the sandbox plays, one module for each section of the contract."""

from importer.sandbox.operation import Operation
from importer.sandbox.operations import (
    accounts,
    cash_count,
    company,
    dimensions,
    journal_posting,
    journal_reading,
    login,
    periods,
)

OPERATIONS: tuple[Operation, ...] = (
    *login.OPERATIONS,
    *company.OPERATIONS,
    *accounts.OPERATIONS,
    *dimensions.OPERATIONS,
    *journal_posting.OPERATIONS,
    *journal_reading.OPERATIONS,
    *cash_count.OPERATIONS,
    *periods.OPERATIONS,
)
