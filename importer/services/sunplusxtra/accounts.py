"""The chart of accounts."""

from dataclasses import dataclass
from enum import IntEnum

import msgspec

from importer.services.answers import rows_or_none, trimmed
from importer.services.session import Session

NOTHING_FOUND = "203"


class EnterAnalysis(IntEnum):
    """What an account says about a dimension (notes/sunsystems 4.1); other numbers are read as optional."""

    MANDATORY = 1
    OPTIONAL = 2
    PROHIBITED = 3


class AccountStatus(IntEnum):
    """0 open, 1 hidden, 2 suspended, 3 closed (notes/sunsystems 4.9)."""

    OPEN = 0
    HIDDEN = 1
    SUSPENDED = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `enter_analysis` has a number for each of the ten dimensions, in their order; None when not told."""

    code: str
    name: str
    status: int
    enter_analysis: tuple[int | None, ...]


_EnterA = dict(
    zip(
        (f"enter_a{number}" for number in range(1, 11)),
        (f"enterA{number}" for number in range(1, 11)),
        strict=True,
    )
)


class _Row(msgspec.Struct, frozen=True, rename=_EnterA):
    code: str
    name: str | None = None
    status: int | None = None
    enter_a1: int | None = None
    enter_a2: int | None = None
    enter_a3: int | None = None
    enter_a4: int | None = None
    enter_a5: int | None = None
    enter_a6: int | None = None
    enter_a7: int | None = None
    enter_a8: int | None = None
    enter_a9: int | None = None
    enter_a10: int | None = None

    def account(self) -> Account:
        return Account(
            code=trimmed(self.code),
            name=trimmed(self.name),
            status=self.status or 0,
            enter_analysis=tuple(getattr(self, name) for name in _EnterA),
        )


def list_accounts(session: Session, part: str, *, by_code_only: bool = True) -> list[Account]:
    """GET /account-list: the accounts whose code begins with `part` (or whose name has it, unless `by_code_only`).

    Whether a code matches exactly or by its beginning is not documented (B-03): look for equality yourself.
    """
    query = {"part": part, "code": "1" if by_code_only else "0"}
    rows = rows_or_none(_Row, NOTHING_FOUND, lambda: session.read("GET", "/account-list", query=query))
    return [row.account() for row in rows]
