"""How the months of the samples are written: journals of rows, each with a key, a reference and amounts that add up."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count

from importer.templates.form_sheet import CellValue

Row = dict[str, CellValue]
"""Cells by wire name."""


class Month:
    """Collects the rows of a month; every journal gets the next key of its kind."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._numbers: dict[str, Iterator[int]] = {}

    def journal(self, kind: str, day: date, reference: str) -> "JournalRows":
        number = next(self._numbers.setdefault(kind, count(1)))
        return JournalRows(self.rows, f"{kind}-{number:02d}", kind, day, reference)


class JournalRows:
    """Writes the rows of one journal."""

    def __init__(self, rows: list[Row], key: str, kind: str, day: date, reference: str) -> None:
        self._rows = rows
        self._shared: Row = {
            "journal": key,
            "journalType": kind,
            "treference": reference,
            "transDateTime": day,
            "currency": "MXN1",
            "period": "2018006",
        }
        self._difference = Decimal(0)

    def debit(self, account: str, amount: str, description: str, **dimensions: str) -> None:
        self._line("D", account, Decimal(amount), description, dimensions)

    def credit(self, account: str, amount: str, description: str, **dimensions: str) -> None:
        self._line("C", account, Decimal(amount), description, dimensions)

    def credit_the_rest(self, account: str, description: str, **dimensions: str) -> None:
        self._line("C", account, self._difference, description, dimensions)

    def debit_the_rest(self, account: str, description: str, **dimensions: str) -> None:
        self._line("D", account, -self._difference, description, dimensions)

    def _line(self, side: str, account: str, amount: Decimal, description: str, dimensions: dict[str, str]) -> None:
        self._difference += amount if side == "D" else -amount
        usual = {"fund": "10"} if account[0] in "4567" else {"tfww": "1001", "fund": "10"}
        line: Row = {"account": account, "transaction": side, "amount": amount, "description": description}
        self._rows.append(self._shared | usual | dimensions | line)


def cents(seed: int, low: int, high: int) -> str:
    """An amount between low and high pesos that looks like one; the same for the same seed."""
    return f"{low + seed * 7919 % (high - low)}.{seed * 37 % 100:02d}"
