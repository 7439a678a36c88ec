"""What an operation is: how it is called, what it may answer, and the function that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from importer.sandbox.access import Access, Dialect
from importer.sandbox.company import Company
from importer.sandbox.failures import CodeTable
from importer.sandbox.request_body import Body
from importer.sandbox.switches import Switches

Members = dict[str, object]
"""The members of an answer's body."""


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
