"""The ledger of the sandbox: posted journals, kept as SunSystems keeps them (debits negative, J-06)."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Line:
    """One posted line; texts without blanks at their end, `codes` in the order of `DIMENSIONS`."""

    account: str
    amount: Decimal
    codes: tuple[str, ...]
    transaction_date: date
    due_date: date
    entry_date: date
    treference: str = ""
    description: str = ""
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
    last_number: int = 0
    """The number the counter stands at; journals with higher ones are passed over when it gets there."""
    _vouchers: Counter[str] = field(default_factory=Counter)
    _by_account: dict[str, dict[date, list[Movement]]] = field(default_factory=dict)

    def draft(self, journal_type: str, currency: str, period: int, entry_period: int, lines: Sequence[Line]) -> Journal:
        """The lines as a journal of that type, currency, period and entry period (2018006) with the next number and
        voucher (J-21); nothing is posted yet."""
        series = f"{journal_type}{period // 1000}"
        number = self.last_number + 1
        while number in self.journals:
            number += 1
        voucher = f"{series}-{self._vouchers[series] + 1:04d}"
        return Journal(number, voucher, journal_type, currency, period, entry_period, tuple(lines))

    def post(self, journal: Journal) -> None:
        """Takes in a drafted journal and moves the counter on."""
        self.add(journal)
        self.last_number = journal.number

    def add(self, journal: Journal) -> None:
        """Takes in a journal that has its number and voucher already."""
        series, _, counter = journal.voucher.rpartition("-")
        if re.fullmatch("[0-9]+", counter):
            self._vouchers[series] = max(self._vouchers[series], int(counter))
        self.journals[journal.number] = journal
        for position, line in enumerate(journal.lines, 1):
            days = self._by_account.setdefault(line.account, defaultdict(list))
            days[line.transaction_date].append(Movement(journal, position, line))

    def without(self, numbers: Collection[int]) -> "Ledger":
        """The ledger as it would be shown if these journals were not there."""
        shown = Ledger(last_number=self.last_number)
        for number, journal in self.journals.items():
            if number not in numbers:
                shown.add(journal)
        return shown

    def between(self, first: int, last: int) -> Iterator[Journal]:
        """The journals of a range of numbers, both ends included; missing numbers are passed over (J-16)."""
        asked = range(first, last + 1)
        numbers = asked if len(asked) < len(self.journals) else sorted(self.journals)
        for number in numbers:
            if number in asked and number in self.journals:
                yield self.journals[number]

    def all_movements(self) -> Iterator[Movement]:
        """Every line of the ledger, in no order that means anything."""
        for days in self._by_account.values():
            for there in days.values():
                yield from there

    def movements_of(self, account: str) -> Iterator[Movement]:
        """The lines of an account."""
        for there in self._by_account.get(account, {}).values():
            yield from there

    def movements(self, account: str, first: date, last: date) -> list[Movement]:
        """The lines of an account from the day `first` to `last`, both included (B-08), by journal and line."""
        days = self._by_account.get(account, {})
        found = [movement for day, there in days.items() if first <= day <= last for movement in there]
        return sorted(found, key=lambda movement: (movement.journal.number, movement.position))

    def total(self) -> Decimal:
        """The sum of all amounts: zero, unless something went wrong."""
        lines = (line for journal in self.journals.values() for line in journal.lines)
        return sum((line.amount for line in lines), Decimal(0))
