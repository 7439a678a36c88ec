"""The 38 operations of both contracts, what their failures mean, and the dialects in which a live service differs.

A test holds every row against the contracts (`x-effect`, `x-outcome`, `x-repeat`, error tables). A failure code means
something else from table to table (A-05), so it is read by (operation, code). Its words stand in the catalogues below
`meaning.`; the English ones are the contract's own (`x-enum-descriptions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.errors import Effect

DATA_ERROR = "data-error"
BAD_PARAMETERS = "bad-parameters"
BAD_QUERY = "bad-query"
NOTHING_FOUND = "nothing-found"
BAD_INFORMATION = "bad-information"
SUNPLUS_ERROR = "sunplus-error"
NO_CONNECTION = "no-connection"
"""Between SunPlusXtra and SunPlus: the only failure of a read for which a repeat is of use."""
BAD_RESPONSE = "bad-response"
NO_PRINTING = "no-printing"
INCORRECT_DATA = "incorrect-data"
EMPTY_ACCOUNT_OR_DAY = "empty-account-or-day"
INFORMATION_SENT = "information-sent"
NO_DATA = "no-data"
PROCESSING_FAILED = "processing-failed"
NO_JOURNAL_OR_LINE = "no-journal-or-line"
NO_PLACE_FOR_FILES = "no-place-for-files"
INVALID_DATA = "invalid-data"
NO_FILE = "no-file"
BAD_MONTH = "bad-month"
FOREIGN_RFC = "foreign-rfc"
NEEDLESS_RFC = "needless-rfc"
UNKNOWN_FORMAT = "unknown-format"

Codes = Mapping[str, str]
"""A failure code, as text, to what it means."""

COMPANY: Codes = {"202": DATA_ERROR, "203": DATA_ERROR}
PARAMETERS: Codes = {"202": DATA_ERROR, "203": DATA_ERROR, "206": BAD_PARAMETERS}
STUDENT: Codes = {"201": DATA_ERROR, "202": BAD_QUERY}
LOOKUP: Codes = {"202": DATA_ERROR, "203": NOTHING_FOUND, "206": BAD_INFORMATION}
SUNPLUS: Codes = {"201": SUNPLUS_ERROR, "202": NO_CONNECTION, "203": BAD_RESPONSE}
PRINT: Codes = {**SUNPLUS, "204": NO_PRINTING}
TYPE_LIST: Codes = {"201": SUNPLUS_ERROR, "202": NO_CONNECTION}
ADDRESS_WRITE: Codes = {
    "201": SUNPLUS_ERROR,
    "202": NO_CONNECTION,
    "203": NOTHING_FOUND,
    "206": BAD_INFORMATION,
}
CASH_COUNT: Codes = {
    "201": INCORRECT_DATA,
    "202": NO_CONNECTION,
    "203": BAD_RESPONSE,
    "206": EMPTY_ACCOUNT_OR_DAY,
}
LEDGER_DEFINITION: Codes = {"202": INFORMATION_SENT, "203": BAD_RESPONSE, "206": NO_DATA}
GENEALOGY: Codes = {"203": BAD_RESPONSE}
DOCUMENT_LINK: Codes = {
    "203": PROCESSING_FAILED,
    "204": NO_JOURNAL_OR_LINE,
    "205": NO_PLACE_FOR_FILES,
    "206": INVALID_DATA,
}
DOCUMENT_DELETE: Codes = {**DOCUMENT_LINK, "206": NO_FILE}
STAMP_BALANCE: Codes = {"400-001": BAD_MONTH, "400-002": FOREIGN_RFC}
STAMP_REPORT: Codes = {"400-001": BAD_MONTH, "400-002": NEEDLESS_RFC, "400-003": UNKNOWN_FORMAT}


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
    `repeats_harmlessly`: the same write twice leaves the same state; `proves_done` is the code of a repeated write
    that proves that an earlier one worked. `most` is how many bytes an answer may have; a larger one is not read to its
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
        """What a failure with this code has left behind; after a code outside the table nobody knows (A-07)."""
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
    _read("get_company", "GET", "/company", COMPANY),
    # "notificatios" is the wire's spelling.
    _list("list_notifications", "GET", "/notificatios/{}/{}/{}", PARAMETERS),
    _list("search_students", "GET", "/data-student", STUDENT),
    _read("get_account_balance", "GET", "/account-balance", LOOKUP),
    _list("list_accounts", "GET", "/account-list", LOOKUP),
    _list("list_dimension_codes", "GET", "/dimension", LOOKUP),
    _write("update_dimension_code", "PUT", "/dimension", PARAMETERS, "206", repeats=True),
    _write("create_dimension_code", "POST", "/dimension", PARAMETERS, "206"),
    _write("delete_dimension_code", "DELETE", "/dimension", PARAMETERS, "206", repeats=True),
    _write("post_journal", "POST", "/journal", SUNPLUS, with_lines="201 203"),
    _list("print_journal", "POST", "/journal/print", PRINT),
    _list("get_journal_range", "POST", "/journal/range/{}/{}", SUNPLUS),
    _list("list_journal_types", "GET", "/journal/type-list", TYPE_LIST),
    _list("list_addresses", "GET", "/address", SUNPLUS),
    _write("create_address", "POST", "/address", ADDRESS_WRITE, "201 203 206"),
    _write("update_address", "PUT", "/address", ADDRESS_WRITE, "201 203 206", repeats=True),
    _list("list_required_analysis_codes", "GET", "/address/required-analysis-codes", SUNPLUS),
    _write("delete_address", "DELETE", "/address/{}", SUNPLUS, "201", repeats=True),
    _list("get_cash_count", "POST", "/cash-count", CASH_COUNT),
    _read("get_ledger_definition", "GET", "/ledger-definition", LEDGER_DEFINITION),
    _list("get_genealogy", "GET", "/genealogy", GENEALOGY),
    _list("list_employee_groups", "GET", "/employee-group/{}", PARAMETERS),
    _list("list_allowance_groups", "GET", "/allowance-group/{}", PARAMETERS),
    _read("get_employee", "GET", "/employee/{}/{}", PARAMETERS),
    _write("activate_employee", "PUT", "/employee/{}/{}", PARAMETERS, "206", repeats=True),
    _list("search_employees", "GET", "/employee/{}", PARAMETERS),
    _list("get_budget_balance", "GET", "/budget/balance", LOOKUP),
    _read("get_annual_budget", "GET", "/budget/annual", LOOKUP),
    _read("get_annual_budget_used", "GET", "/budget/annual-used", LOOKUP),
    _list("get_monthly_budget", "GET", "/budget/monthly", LOOKUP),
    _list("get_monthly_budget_used", "GET", "/budget/monthly-used", LOOKUP),
    _list("list_journal_periods", "GET", "/budget/journal-period", LOOKUP),
    _write("link_document", "POST", "/edocs", DOCUMENT_LINK, "204 205 206"),
    # 206 says that the file is not there: after an unknown deletion that is the wanted end (F-10).
    _write("delete_document", "DELETE", "/edocs", DOCUMENT_DELETE, "204 205 206", repeats=True, proves_done="206"),
    _list("get_stamp_balance", "POST", "/api/rest/Timbre/saldos", STAMP_BALANCE),
    _list("download_consumption_report_pdf", "POST", "/api/rest/Timbre/saldos/pdf", STAMP_REPORT),
    _list("download_consumption_report_csv", "POST", "/api/rest/Timbre/saldos/csv", STAMP_REPORT),
)

OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in _ALL}
"""Every operation by its operationId; reading or writing is a property of the operation, not of its method (Q-01)."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One reading of the service.

    `login_user` is the member of the login's body that names the user; `login_has_key` tells whether an API key
    goes along; `scheme` is written before the token, letter by letter, since servers compare it as text (A-12; the
    framework of the live one did for years); `prints_more`: it prints formats beyond the document's; `methods` are the
    operations that are asked by another method than the contract's; `lists_accounts_unasked`: `account-list` without
    parameters gives all accounts.
    """

    name: str
    login_user: str = "userid"
    login_has_key: bool = True
    scheme: str = "bearer"
    prints_more: bool = False
    methods: Mapping[str, str] = field(default_factory=dict)
    lists_accounts_unasked: bool = False

    def method_of(self, operation: str) -> str:
        """The method by which an operation is asked."""
        return self.methods.get(operation) or OPERATIONS[operation].method


DOCUMENT = Dialect("document")
"""What the contract says."""

LIVE = Dialect(
    "live",
    login_user="idusuario",
    login_has_key=False,
    scheme="Bearer",
    prints_more=True,
    methods={"get_journal_range": "GET"},
    lists_accounts_unasked=True,
)
"""What a public client of the live service does."""

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (DOCUMENT, LIVE)}
"""By the names that the setting `dialect` takes."""
