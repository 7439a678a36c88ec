"""What an operation is: how it is called, what it may answer, and the function that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from importer.sandbox.access import Access
from importer.sandbox.company_lists import Company
from importer.sandbox.dialect import Dialect
from importer.sandbox.failures import CodeTable
from importer.sandbox.switches import Switches


class Body(Enum):
    """What an operation does with the body of a request."""

    IGNORED = "ignored"
    NONE_OR_EMPTY = "none, or an empty object (A-22)"
    REQUIRED = "JSON is required"
    MULTIPART = "multipart/form-data is required"


@dataclass(frozen=True, slots=True)
class Call:
    """One request that has come through the door, and what it may work on."""

    company: Company
    access: Access
    switches: Switches
    headers: Mapping[str, str]
    path: Mapping[str, str]
    """The variable segments of the path, each decoded on its own (W-05)."""
    query: Mapping[str, str]
    body: object
    """Parsed JSON, a `Form` for a multipart body, or None."""
    dialect: Dialect = Dialect.DOCUMENT


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of SunPlusXtra, under the contract's `operationId`.

    `answer` returns the members of the body of a 200, or raises `QueryError` with a code of `codes`,
    `MalformedError` for parameters or a body that are none of this operation's (`code_of_malformed`), or
    `AccessError`. Login alone needs no token and has no codes. `code_of_unreachable` is the code for a SunPlus
    that cannot be reached (section 14), None where the table has none.
    """

    name: str
    method: str
    path: str
    answer: Callable[[Call], dict[str, object]]
    codes: CodeTable
    body: Body = Body.IGNORED
    code_of_malformed: str | None = None
    needs_token: bool = True
    code_of_unreachable: str | None = "202"
    live_method: str | None = None
    """The method in the live dialect, where it is another one."""
