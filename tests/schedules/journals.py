"""The journals of a schedule: some equal, some that look alike, some that the ledger never takes."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from importer.model.journals import Journal, Line, Side

ACCOUNTS = ("101110", "101120", "411000", "511000")
DAYS = (date(2018, 6, 29), date(2018, 6, 30))
SHEET = "Journals"


def draw_journals(dice: random.Random) -> list[Journal]:
    """A handful of journals as a workbook has them."""
    journals: list[Journal] = []
    for place in range(dice.randint(3, 10)):
        if journals and dice.random() < 0.25:
            journals.append(_retold(dice.choice(journals), f"J{place}", place))
        elif journals and dice.random() < 0.15:
            alike = _retold(dice.choice(journals), f"J{place}", place)
            journals.append(replace(alike, lines=tuple(replace(line, reference=f"R{place}") for line in alike.lines)))
        else:
            journals.append(_drawn(place, dice))
    return journals


def _retold(journal: Journal, key: str, place: int) -> Journal:
    """The same journal again, further down on the sheet."""
    lines = tuple(replace(line, row=100 * (place + 1) + count) for count, line in enumerate(journal.lines))
    return replace(journal, key=key, lines=lines)


def _drawn(place: int, dice: random.Random) -> Journal:
    reference = f"BAD{place}" if dice.random() < 0.1 else f"R{place}"
    amount = Decimal(dice.randint(1, 99_999)).scaleb(-2)
    debit, credit = dice.sample(ACCOUNTS, 2)
    day = dice.choice(DAYS)
    first = _line(100 * (place + 1), Side.DEBIT, amount, debit, reference, day)
    if dice.random() < 0.3 and amount > Decimal("0.01"):
        part = (amount / 3).quantize(Decimal("0.01"))
        amounts: Sequence[Decimal] = (part, amount - part) if part else (amount,)
    else:
        amounts = (amount,)
    others = [
        _line(first.row + 1 + count, Side.CREDIT, one, credit, reference, day) for count, one in enumerate(amounts)
    ]
    return Journal(f"J{place}", "", SHEET, (first, *others))


def _line(row: int, side: Side, amount: Decimal, account: str, reference: str, day: date) -> Line:
    return Line(
        row=row,
        journal_type="JV",
        account=account,
        reference=reference,
        dimensions=("", "1001", "10", "", "", "", "", "", "", ""),
        description="OFFERINGS JUNE",
        side=side,
        amount=amount,
        currency="MXN1",
        transaction_date=day,
        period="2018006",
    )


def as_workbook(journals: Sequence[Journal], file: str, dice: random.Random) -> list[Journal]:
    """The same journals as one person has them: in a file and an order of her own."""
    own = [replace(journal, file=file) for journal in journals]
    dice.shuffle(own)
    return own
