"""Failures: HTTP 220 and 221 for authentication, HTTP 201 with a code of the operation's table for the rest."""

from collections.abc import Sequence
from typing import NamedTuple

CodeTable = dict[str, str]
"""The codes an operation may answer with, and the text each one carries (A-05)."""

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


class LineError(NamedTuple):
    """A complaint about one line; `line` is the number the request gave it, not its place (J-09)."""

    line: int
    message: str


class QueryError(Exception):
    """The operation failed: HTTP 201 with a code of its own table."""

    def __init__(self, code: str, detail: str = "", line_errors: Sequence[LineError] = ()) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.line_errors = line_errors


class MalformedError(Exception):
    """Parameters or body cannot be read or are none of this operation; which code that is, the operation knows."""


class AccessError(Exception):
    """Authentication refused: HTTP 220 or 221, a body without a code (A-17), and nothing was done (A-19)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


def token_rejected() -> AccessError:
    """220: the token is unknown, expired, or not sent in the way the service wants it."""
    return AccessError(220, "Incorrect authentication")


def user_not_found() -> AccessError:
    """221: no such user, or not active any more."""
    return AccessError(221, "SPX user not found")
