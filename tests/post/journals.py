"""Journals to post, with distinct contents."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from importer.model.journals import Journal, Line, Side


def line(row: int, side: Side, amount: str, account: str = "101110", reference: str = "EXAMPLE") -> Line:
    return Line(
        row=row,
        journal_type="JV",
        account=account,
        reference=reference,
        dimensions=("", "1001", "10", "", "", "", "", "", "", ""),
        description="LINE 1",
        side=side,
        amount=Decimal(amount),
        currency="MXN1",
        transaction_date=date(2018, 6, 30),
        period="2018006",
    )


def journal(key: str = "J1", amount: str = "18630.10", account: str = "101110") -> Journal:
    """Two lines that balance; different keys give different contents."""
    lines = (line(2, Side.DEBIT, amount, account, key), line(3, Side.CREDIT, amount, reference=key))
    return Journal(key, "june.xlsx", "Journals", lines)


def journals(count: int) -> list[Journal]:
    return [journal(f"J{number}", f"{number + 1}.05") for number in range(count)]


def reordered(one: Journal) -> Journal:
    """The same journal in a renamed, re-sorted workbook."""
    lines: Sequence[Line] = [replace(line, row=line.row + 40) for line in reversed(one.lines)]
    return Journal("other key", "renamed.xlsx", "Hoja1", tuple(lines))
