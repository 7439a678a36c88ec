"""The ledger of the sandbox: posted journals, kept as SunSystems keeps them (debits negative, J-06)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Line(NamedTuple):
    """One posted line; texts without blanks at their end, `codes` in the order of `DIMENSIONS`."""

    account: str
    amount: Decimal
    codes: tuple[str, ...]
    treference: str
    description: str
    transaction_date: date
    due_date: date
    entry_date: date
    memo_amount: Decimal | int = 0
    asset_code: str = ""
    asset_indicator: str = ""
    allocation: str = ""
    allocation_reference: int = 0
    allocation_period: int = 0

    @property
    def side(self) -> str:
        """D for a debit (negative), C for a credit."""
        return "D" if self.amount < 0 else "C"


@dataclass(frozen=True, slots=True)
class Journal:
    """A posted journal; periods as numbers (2018006)."""

    number: int
    voucher: str
    journal_type: str
    currency: str
    period: int
    entry_period: int
    lines: tuple[Line, ...]


class Movement(NamedTuple):
    """A line found by account and date, with the journal it stands in and its place there (1..n)."""

    journal: Journal
    position: int
    line: Line


@dataclass(slots=True)
class Ledger:
    """All posted journals by number. Posting is one synchronous step: nothing else runs in between."""

    journals: dict[int, Journal] = field(default_factory=dict)
    _vouchers: Counter[str] = field(default_factory=Counter)
    _by_account: dict[str, dict[date, list[Movement]]] = field(default_factory=dict)

    def post(self, journal_type: str, currency: str, period: int, entry_period: int, lines: Sequence[Line]) -> Journal:
        """Takes the lines in and returns them as a journal with the next number and voucher (J-21)."""
        series = f"{journal_type}{period // 1000}"
        number = next(reversed(self.journals), 0) + 1
        voucher = f"{series}-{self._vouchers[series] + 1:04d}"
        journal = Journal(number, voucher, journal_type, currency, period, entry_period, tuple(lines))
        self.add(journal)
        return journal

    def add(self, journal: Journal) -> None:
        """Takes in a journal that has its number and voucher already; numbers must come in rising order."""
        series, _, counter = journal.voucher.rpartition("-")
        if re.fullmatch("[0-9]+", counter):
            self._vouchers[series] = max(self._vouchers[series], int(counter))
        self.journals[journal.number] = journal
        for position, line in enumerate(journal.lines, 1):
            days = self._by_account.setdefault(line.account, defaultdict(list))
            days[line.transaction_date].append(Movement(journal, position, line))

    def between(self, first: int, last: int) -> Iterator[Journal]:
        """The journals of a range of numbers, both ends included; missing numbers are passed over (J-16)."""
        if self.journals:
            lowest, highest = next(iter(self.journals)), next(reversed(self.journals))
            for number in range(max(first, lowest), min(last, highest) + 1):
                if number in self.journals:
                    yield self.journals[number]

    def movements(self, account: str, first: date, last: date) -> list[Movement]:
        """The lines of an account between two days, both included (B-08), in order of journal and line."""
        days = self._by_account.get(account, {})
        found = [movement for day, there in days.items() if first <= day <= last for movement in there]
        return sorted(found, key=lambda movement: (movement.journal.number, movement.position))

    def total(self) -> Decimal:
        """The sum of all amounts: zero, unless something went wrong."""
        lines = (line for journal in self.journals.values() for line in journal.lines)
        return sum((line.amount for line in lines), Decimal(0))
