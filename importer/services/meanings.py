"""What a failure code means: never the same from table to table (A-05), so it is read by (operation, code).

The words stand in the catalogues below `meaning.`; the English ones are the contract's own (`x-enum-descriptions`), and
a test holds the two against each other.
"""

from collections.abc import Mapping

DATA_ERROR = "data-error"
BAD_PARAMETERS = "bad-parameters"
BAD_QUERY = "bad-query"
NOTHING_FOUND = "nothing-found"
BAD_INFORMATION = "bad-information"
SUNPLUS_ERROR = "sunplus-error"
NO_CONNECTION = "no-connection"
"""Between SunPlusXtra and SunPlus: the only failure of a read for which a repeat is of use (NOTES 13)."""
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
