"""The operations of SunPlusXtra as a table: function, method, path, codes, code of a malformed request, body; and the
codes with which each may answer a failure, with their texts (A-05)."""

from importer.sandbox.operation import CodeTable, Operation
from importer.sandbox.operations import budget, documents, journals, people, records, reference
from importer.sandbox.request_body import Body

COMPANY: CodeTable = {"202": "Error in the data obtained", "203": "Error in the data obtained"}
PARAMETERS: CodeTable = {
    "202": "Error in the data obtained",
    "203": "Error in the data obtained",
    "206": "The parameters sent are invalid",
}
DIMENSION_UPDATE: CodeTable = PARAMETERS | {"203": "The code appears to be nonexistent"}
STUDENT: CodeTable = {"201": "Error in the data obtained", "202": "Error in the query, invalid parameters"}
LOOKUP: CodeTable = {
    "202": "Error in the data obtained",
    "203": "Error data not found",
    "206": "Error of information received, incorrect data",
}
SUNPLUS: CodeTable = {
    "201": "Error returned by SunPlus",
    "202": "Connection error to SunPlus",
    "203": "Response error or invalid parameters",
}
PRINT: CodeTable = SUNPLUS | {"204": "Printing is not available"}
ADDRESS_WRITE: CodeTable = {
    "201": "Error returned by SunPlus",
    "202": "Connection error to SunPlus",
    "203": "Error data not found",
    "206": "Error of information received, incorrect data",
}
TYPE_LIST: CodeTable = {"201": "Error returned by SunPlus", "202": "Connection error to SunPlus"}
CASH_COUNT: CodeTable = {
    "201": "Incorrect data",
    "202": "Connection error to SunPlus",
    "203": "Response error or invalid parameters",
    "206": "Account and/or initial date empty",
}
LEDGER_DEFINITION: CodeTable = {
    "202": "Error in the information sent",
    "203": "Response error or invalid parameters",
    "206": "No data found",
}

GENEALOGY: CodeTable = {"203": "Response error or invalid parameters"}
DOCUMENT_LINK: CodeTable = {
    "203": "An error occurred while processing the request",
    "204": "The journal number or line does not exist",
    "205": "The linking path is not available",
    "206": "Invalid data error",
}
DOCUMENT_DELETE: CodeTable = DOCUMENT_LINK | {"206": "The file was not found"}

NO_BODY, JSON, FORM = Body.NONE_OR_EMPTY, Body.REQUIRED, Body.MULTIPART

OPERATIONS: tuple[Operation, ...] = (
    Operation(reference.login, "POST", "/login", {}, None, JSON, needs_token=False, code_of_unreachable=None),
    Operation(reference.get_company, "GET", "/company", COMPANY),
    # The contract spells it so.
    Operation(people.list_notifications, "GET", "/notificatios/{period}/{onlyPending}/{canceled}", PARAMETERS, "206"),
    Operation(people.search_students, "GET", "/data-student", STUDENT, code_of_unreachable="201"),
    Operation(reference.get_account_balance, "GET", "/account-balance", LOOKUP, "206"),
    Operation(reference.list_accounts, "GET", "/account-list", LOOKUP),
    Operation(reference.list_dimension_codes, "GET", "/dimension", LOOKUP),
    Operation(records.update_dimension_code, "PUT", "/dimension", DIMENSION_UPDATE, "206", JSON),
    Operation(records.create_dimension_code, "POST", "/dimension", PARAMETERS, "206", JSON),
    Operation(records.delete_dimension_code, "DELETE", "/dimension", PARAMETERS, "206", JSON),
    Operation(journals.post_journal, "POST", "/journal", SUNPLUS, "203", JSON),
    Operation(documents.print_journal, "POST", "/journal/print", PRINT, "203", JSON),
    Operation(
        journals.get_journal_range, "POST", "/journal/range/{start}/{end}", SUNPLUS, "203", NO_BODY, live_method="GET"
    ),
    Operation(reference.list_journal_types, "GET", "/journal/type-list", TYPE_LIST),
    Operation(records.list_addresses, "GET", "/address", SUNPLUS),
    Operation(records.list_required_analysis_codes, "GET", "/address/required-analysis-codes", SUNPLUS),
    Operation(records.create_address, "POST", "/address", ADDRESS_WRITE, "206", JSON),
    Operation(records.update_address, "PUT", "/address", ADDRESS_WRITE, "206", JSON),
    Operation(records.delete_address, "DELETE", "/address/{addressCode}", SUNPLUS, "203"),
    Operation(journals.get_cash_count, "POST", "/cash-count", CASH_COUNT, "201", JSON),
    Operation(reference.get_ledger_definition, "GET", "/ledger-definition", LEDGER_DEFINITION),
    Operation(reference.list_journal_periods, "GET", "/budget/journal-period", LOOKUP),
    Operation(reference.get_genealogy, "GET", "/genealogy", GENEALOGY, code_of_unreachable="203"),
    Operation(people.list_employee_groups, "GET", "/employee-group/{payrollId}", PARAMETERS, "206"),
    Operation(people.list_allowance_groups, "GET", "/allowance-group/{payrollId}", PARAMETERS, "206"),
    Operation(people.get_employee, "GET", "/employee/{payrollId}/{enrollmentCode}", PARAMETERS, "206"),
    Operation(people.activate_employee, "PUT", "/employee/{payrollId}/{enrollmentCode}", PARAMETERS, "206", NO_BODY),
    Operation(people.search_employees, "GET", "/employee/{payrollId}", PARAMETERS, "206"),
    Operation(budget.get_budget_balance, "GET", "/budget/balance", LOOKUP, "206"),
    Operation(budget.get_annual_budget, "GET", "/budget/annual", LOOKUP, "206"),
    # A GET with a body, and so is the monthly one.
    Operation(budget.get_annual_budget_used, "GET", "/budget/annual-used", LOOKUP, "206", JSON),
    Operation(budget.get_monthly_budget, "GET", "/budget/monthly", LOOKUP, "206"),
    Operation(budget.get_monthly_budget_used, "GET", "/budget/monthly-used", LOOKUP, "206", JSON),
    Operation(documents.link_document, "POST", "/edocs", DOCUMENT_LINK, "206", FORM, code_of_unreachable=None),
    Operation(documents.delete_document, "DELETE", "/edocs", DOCUMENT_DELETE, "203", JSON, code_of_unreachable=None),
)
