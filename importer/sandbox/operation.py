"""What an operation is: how it is called, how it may fail, and the function that carries it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from importer.sandbox.access import Access, Dialect
from importer.sandbox.company import Company
from importer.sandbox.request_body import Body
from importer.sandbox.switches import Switches

Members = dict[str, object]
"""The members of an answer's body."""


CodeTable = dict[str, str]
"""The codes an operation may answer with, and the text each one carries (A-05)."""


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


@dataclass(frozen=True, slots=True)
class Call:
    """One request, parsed, and what it may work on."""

    company: Company
    access: Access
    switches: Switches
    headers: Mapping[str, str]
    path: Mapping[str, str]
    """The variable segments of the path, each decoded on its own (W-05)."""
    query: Mapping[str, str]
    body: object
    """Parsed JSON, the parts of a multipart body, or None."""
    dialect: Dialect = Dialect.DOCUMENT


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of SunPlusXtra.

    `answer` returns the members of the body of a 200, or raises `QueryError` with a code of `codes`, `MalformedError`
    for parameters or a body that are none of this operation's (`code_of_malformed`), or `AccessError`. Login alone
    needs no token and has no codes. `code_of_unreachable` is the code for a SunPlus that cannot be reached
    (tests/contract/NOTES.md, "Section 14"), None where the table has none. `live_method` is the method in the live
    dialect, where it is another one.
    """

    answer: Callable[[Call], Members]
    method: str
    path: str
    codes: CodeTable
    code_of_malformed: str | None = None
    body: Body = Body.IGNORED
    needs_token: bool = True
    code_of_unreachable: str | None = "202"
    live_method: str | None = None

    @property
    def name(self) -> str:
        """The contract's `operationId`, which is the name of the function."""
        return self.answer.__name__


def with_response(response: object, message: str = "Correct query") -> Members:
    """The members of an answer that has a response."""
    return {"message": message, "response": response}
