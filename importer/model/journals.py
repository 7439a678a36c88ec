"""The ledger side: a journal and its lines."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """Debit or credit, as the wire and the sheet write them."""

    DEBIT = "D"
    CREDIT = "C"


DIMENSION_FIELDS = (
    "source",
    "tfww",
    "fund",
    "function",
    "restriction",
    "sdaOrganization",
    "who",
    "flag",
    "project",
    "details",
)
"""The ten dimensions in order (catId 01 to 10, analT0 to analT9, enterA1 to enterA10): D-01."""

EXTRA_DESCRIPTIONS = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal, with the sheet's row it came from.

    `amount` and `memo_amount` are positive and have at most two decimals; `period` is `yyyyppp` (June 2018 is 2018006);
    `dimensions` has ten analysis codes, `""` where none; `descriptions` has 25 texts.
    """

    row: int
    journal_type: str
    account: str
    reference: str
    dimensions: tuple[str, ...]
    description: str
    side: Side
    amount: Decimal
    currency: str
    transaction_date: date
    period: str
    memo_amount: Decimal | None = None
    expiration: date | None = None
    expected_date: date | None = None
    asset_code: str = ""
    asset_indicator: str = ""
    descriptions: tuple[str, ...] = ("",) * EXTRA_DESCRIPTIONS


@dataclass(frozen=True, slots=True)
class Journal:
    """What is posted or refused as a whole. Lines stand in the order in which they travel."""

    key: str
    file: str
    sheet: str
    lines: tuple[Line, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """The sheet's rows of this journal, ascending."""
        return tuple(sorted(line.row for line in self.lines))

    @property
    def debit(self) -> Decimal:
        """Sum of the debit lines."""
        return total(self.lines, Side.DEBIT)

    @property
    def credit(self) -> Decimal:
        """Sum of the credit lines."""
        return total(self.lines, Side.CREDIT)

    @property
    def journal_type(self) -> str:
        """The journal's type (equal on all lines once validated)."""
        return self.lines[0].journal_type

    @property
    def period(self) -> str:
        """The journal's accounting period, `yyyyppp`."""
        return self.lines[0].period

    @property
    def currency(self) -> str:
        """The journal's currency code."""
        return self.lines[0].currency


def total(lines: tuple[Line, ...], side: Side) -> Decimal:
    """Exact sum of the amounts on one side."""
    return sum((line.amount for line in lines if line.side is side), Decimal(0))
