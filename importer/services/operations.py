"""The 38 operations of both contracts: method, path, what their failures mean, and what a failed write leaves behind.

A test holds every row against the contracts (`x-effect`, `x-outcome`, `x-repeat`, error tables).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from importer.errors import Effect
from importer.services import meanings
from importer.services.meanings import Codes

MEGABYTE = 1024 * 1024

RECORD = MEGABYTE
"""The most that a login, a post or a single record may answer."""
LIST = 64 * MEGABYTE
"""The most that a list, a range of journals or a printed file may answer: there is no paging (A-25)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its operationId. The braces of `path` stand for path parameters, in their order (A-28).

    `not_applied` are the codes after which a write has certainly changed nothing; those of `not_applied_with_lines`
    only when `linesError` came along. After any other answer that is no success the outcome is unknown.
    `repeats_harmlessly`: the same write twice leaves the same state; `proves_done` is the code by which a repeated
    write tells that an earlier one worked. `most` is how many bytes an answer may have; a larger one is not read to its
    end.
    """

    name: str
    method: str
    path: str
    codes: Codes
    is_write: bool = False
    not_applied: frozenset[str] = frozenset()
    not_applied_with_lines: frozenset[str] = frozenset()
    repeats_harmlessly: bool = False
    proves_done: str | None = None
    most: int = RECORD

    def effect_of(self, code: str, *, has_lines: bool) -> Effect:
        """What a failure with this code has left behind; a code outside the table tells nothing (A-07)."""
        is_undone = code in self.not_applied or (has_lines and code in self.not_applied_with_lines)
        return Effect.NOT_APPLIED if is_undone or not self.is_write else Effect.UNKNOWN


def _read(name: str, method: str, path: str, codes: Codes) -> Operation:
    return Operation(name, method, path, codes)


def _list(name: str, method: str, path: str, codes: Codes) -> Operation:
    return Operation(name, method, path, codes, most=LIST)


def _write(
    name: str,
    method: str,
    path: str,
    codes: Codes,
    not_applied: str = "",
    *,
    with_lines: str = "",
    repeats: bool = False,
    proves_done: str | None = None,
) -> Operation:
    undone, undone_with_lines = frozenset(not_applied.split()), frozenset(with_lines.split())
    return Operation(name, method, path, codes, True, undone, undone_with_lines, repeats, proves_done)


_ALL = (
    Operation("login", "POST", "/login", {}),
    _read("get_company", "GET", "/company", meanings.COMPANY),
    # "notificatios" is the wire's spelling.
    _list("list_notifications", "GET", "/notificatios/{}/{}/{}", meanings.PARAMETERS),
    _list("search_students", "GET", "/data-student", meanings.STUDENT),
    _read("get_account_balance", "GET", "/account-balance", meanings.LOOKUP),
    _list("list_accounts", "GET", "/account-list", meanings.LOOKUP),
    _list("list_dimension_codes", "GET", "/dimension", meanings.LOOKUP),
    _write("update_dimension_code", "PUT", "/dimension", meanings.PARAMETERS, "206", repeats=True),
    _write("create_dimension_code", "POST", "/dimension", meanings.PARAMETERS, "206"),
    _write("delete_dimension_code", "DELETE", "/dimension", meanings.PARAMETERS, "206", repeats=True),
    _write("post_journal", "POST", "/journal", meanings.SUNPLUS, with_lines="201 203"),
    _list("print_journal", "POST", "/journal/print", meanings.PRINT),
    _list("get_journal_range", "POST", "/journal/range/{}/{}", meanings.SUNPLUS),
    _list("list_journal_types", "GET", "/journal/type-list", meanings.TYPE_LIST),
    _list("list_addresses", "GET", "/address", meanings.SUNPLUS),
    _write("create_address", "POST", "/address", meanings.ADDRESS_WRITE, "201 203 206"),
    _write("update_address", "PUT", "/address", meanings.ADDRESS_WRITE, "201 203 206", repeats=True),
    _list("list_required_analysis_codes", "GET", "/address/required-analysis-codes", meanings.SUNPLUS),
    _write("delete_address", "DELETE", "/address/{}", meanings.SUNPLUS, "201", repeats=True),
    _list("get_cash_count", "POST", "/cash-count", meanings.CASH_COUNT),
    _read("get_ledger_definition", "GET", "/ledger-definition", meanings.LEDGER_DEFINITION),
    _list("get_genealogy", "GET", "/genealogy", meanings.GENEALOGY),
    _list("list_employee_groups", "GET", "/employee-group/{}", meanings.PARAMETERS),
    _list("list_allowance_groups", "GET", "/allowance-group/{}", meanings.PARAMETERS),
    _read("get_employee", "GET", "/employee/{}/{}", meanings.PARAMETERS),
    _write("activate_employee", "PUT", "/employee/{}/{}", meanings.PARAMETERS, "206", repeats=True),
    _list("search_employees", "GET", "/employee/{}", meanings.PARAMETERS),
    _list("get_budget_balance", "GET", "/budget/balance", meanings.LOOKUP),
    _read("get_annual_budget", "GET", "/budget/annual", meanings.LOOKUP),
    _read("get_annual_budget_used", "GET", "/budget/annual-used", meanings.LOOKUP),
    _list("get_monthly_budget", "GET", "/budget/monthly", meanings.LOOKUP),
    _list("get_monthly_budget_used", "GET", "/budget/monthly-used", meanings.LOOKUP),
    _list("list_journal_periods", "GET", "/budget/journal-period", meanings.LOOKUP),
    _write("link_document", "POST", "/edocs", meanings.DOCUMENT_LINK, "204 205 206"),
    # 206 says that the file is not there: after an unknown deletion that is the wanted end (F-10).
    _write(
        "delete_document", "DELETE", "/edocs", meanings.DOCUMENT_DELETE, "204 205 206", repeats=True, proves_done="206"
    ),
    _list("get_stamp_balance", "POST", "/api/rest/Timbre/saldos", meanings.STAMP_BALANCE),
    _list("download_consumption_report_pdf", "POST", "/api/rest/Timbre/saldos/pdf", meanings.STAMP_REPORT),
    _list("download_consumption_report_csv", "POST", "/api/rest/Timbre/saldos/csv", meanings.STAMP_REPORT),
)

OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in _ALL}
"""Every operation by its operationId; reading or writing is a property of the operation, not of its method (Q-01)."""
