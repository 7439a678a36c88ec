"""What the rows of the forms declare. A journal and its lines, and when two journals are the same one: by what the
ledger will show again, not by file, row or key. Changes of dimension codes and of addresses."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any


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


WIDE_BLANKS = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""The blanks of Unicode that look like a plain one, such as the no-break space, as a class of characters has them."""

_AS_PLAIN = dict.fromkeys((160, 5760, *range(8192, 8203), 8239, 8287, 12288), " ")


@dataclass(frozen=True, slots=True)
class ShownLine:
    """What the ledger shows again of a line; `amount` is positive."""

    account: str
    side: Side
    amount: Decimal
    dimensions: tuple[str, ...]
    reference: str
    description: str
    day: date


@dataclass(frozen=True, slots=True)
class ShownJournal:
    """What the ledger shows again of a journal."""

    journal_type: str
    period: str
    currency: str
    lines: tuple[ShownLine, ...]


def content_of(journal: Journal | ShownJournal) -> str:
    """The journal as the ledger shows it again: type, period, currency and the sorted lines (account, side, exact
    amount, ten dimensions, reference, description, date). Equal for equal journals in any order of rows."""
    lines = sorted(map(_shown, journal.lines))
    return _compact([journal.journal_type, journal.period, journal.currency, lines])


def _shown(line: Line | ShownLine) -> list[Any]:
    day = line.transaction_date if isinstance(line, Line) else line.day
    return [
        with_plain_blanks(line.account),
        line.side.value,
        f"{line.amount:.2f}",
        _plain_codes(line.dimensions),
        composed(line.reference),
        composed(line.description),
        day.isoformat(),
    ]


def shown_content(content: str) -> ShownJournal:
    """What `content_of` has written, read again."""
    journal_type, period, currency, lines = json.loads(content)
    shown = (
        ShownLine(account, Side(side), Decimal(amount), tuple(codes), reference, description, date.fromisoformat(day))
        for account, side, amount, codes, reference, description, day in lines
    )
    return ShownJournal(journal_type, period, currency, tuple(shown))


def shown_journal(journal: Journal) -> ShownJournal:
    """A journal as the ledger is to show it again, its lines in the order in which they travel."""
    lines = tuple(shown_line(line, line.transaction_date) for line in journal.lines)
    return ShownJournal(journal.journal_type, journal.period, journal.currency, lines)


def shown_line(line: Any, day: date) -> ShownLine:
    """A line, ours or the ledger's own, as the ledger shows it on that day."""
    return ShownLine(
        account=with_plain_blanks(line.account),
        side=line.side,
        amount=line.amount,
        dimensions=_plain_codes(line.dimensions),
        reference=composed(line.reference),
        description=composed(line.description),
        day=day,
    )


@lru_cache(maxsize=1024)
def _plain_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes with plain blanks. Most lines have the codes of another one: equal ones are one."""
    return tuple(map(with_plain_blanks, codes))


def fingerprint(company_key: str, content: str) -> str:
    """Hexadecimal hash of a journal's content within a company."""
    return _hash(_compact([company_key, content]))


def payload_hash(journal: Journal) -> str:
    """Hexadecimal hash of everything sent: tells a journal posted before with other extra descriptions, memo amount,
    asset or due dates from the very same one. Independent of the order of rows."""
    return _hash(_compact(sorted([*_shown(line), *_details(line)] for line in journal.lines)))


def _details(line: Line) -> Iterable[str]:
    yield "" if line.memo_amount is None else f"{line.memo_amount:.2f}"
    yield "" if line.expiration is None else line.expiration.isoformat()
    yield "" if line.expected_date is None else line.expected_date.isoformat()
    yield line.asset_code
    yield line.asset_indicator
    yield from line.descriptions


def composed(text: str) -> str:
    """The text with its accents as part of their letters (macOS writes them apart), and with plain blanks."""
    return text if text.isascii() else with_plain_blanks(unicodedata.normalize("NFC", text))


def with_plain_blanks(text: str) -> str:
    """The text with a plain blank for each no-break space and its like: nobody sees which of them it is, and a ledger
    may show another one."""
    return text if text.isascii() else text.translate(_AS_PLAIN)


def content_with_plain_blanks(content: str) -> str:
    """What `content_of` writes today of a journal of which it once wrote `content`, when such blanks were kept."""
    journal_type, period, currency, lines = json.loads(with_plain_blanks(content))
    return _compact([journal_type, period, currency, sorted(lines)])


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Action(StrEnum):
    """What is to be done with a record, as the sheet writes it."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


CATEGORIES = tuple(f"{number:02d}" for number in range(1, 11))
"""The dimensions by their ids on the wire: two digits (N-02)."""


@dataclass(frozen=True, slots=True)
class DimensionChange:
    """A row of the dimension form. `action` None: create or update as needed. `dimension` is 1 to 10.

    A field that is None is to stay as it is (in a new code: the default); `""` empties it.
    """

    action: Action | None
    dimension: int
    code: str
    lookup: str | None = None
    name: str | None = None
    prohibits_posting: bool | None = None

    @property
    def category(self) -> str:
        """The dimension in the two digits of the wire."""
        return f"{self.dimension:02d}"

    @property
    def key(self) -> str:
        """What tells it from all others: `07/DP0121`."""
        return f"{self.category}/{self.code}"


ANALYSIS_NUMBERS = range(1, 11)
"""The analysis codes that an address may have: Analysis1 to Analysis10 (R-06)."""


@dataclass(frozen=True, slots=True)
class AddressChange:
    """A row of the address form. `action` None: create or update as needed.

    `fields` are the filled cells by wire name (`addressLine1`, `status`, `analysis1.code`), `""` for one that is to be
    emptied; a field that is not there stays as it is. The repr leaves them out: they are personal data (R-11).
    """

    action: Action | None
    code: str
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """What tells it from all others: the address code."""
        return self.code
