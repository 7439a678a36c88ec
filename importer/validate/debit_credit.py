"""Debit and credit columns in place of side and amount: one of the two is filled in each row."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from importer.model.journals import Side
from importer.model.problems import Problem
from importer.model.sheets import CellText, FormSheet

DEBIT, CREDIT = "debit", "credit"
COLUMNS = frozenset({DEBIT, CREDIT})
STOOD_FOR = frozenset(("transaction", "amount"))
"""What cannot be told when a cell of either column is unreadable."""

_NOUGHT = re.compile(r"-?0*(\.0*)?")


def has_debit_and_credit(sheet: FormSheet) -> bool:
    """True when the sheet writes the sides of its lines as two columns."""
    return sheet.columns.keys() >= COLUMNS


def without_noughts(sheet: FormSheet) -> FormSheet:
    """The same sheet where a nought beside the other column's amount is blank: many systems export it so. A row of two
    noughts keeps one of them, to be complained of."""
    debits, credits = list(sheet.columns[DEBIT]), list(sheet.columns[CREDIT])
    for position, row in enumerate(sheet.rows):
        debit, credit = debits[position], credits[position]
        if _is_nought(credit) and (debit is not None or (row, DEBIT) in sheet.spoilt):
            credits[position] = None
        elif _is_nought(debit) and (credit is not None or (row, CREDIT) in sheet.spoilt):
            debits[position] = None
    return replace(sheet, columns={**sheet.columns, DEBIT: debits, CREDIT: credits})


def _is_nought(text: CellText) -> bool:
    return text is not None and _NOUGHT.fullmatch(text) is not None


def side_problems(sheet: FormSheet, found: Iterable[Problem]) -> Iterator[Problem]:
    """One problem for each row with both columns filled, or none. Rows whose cells have a problem of their own
    (`found`, or told by the reader) are passed over."""
    bad = {problem.place.row for problem in found if problem.blocks and problem.place.field in COLUMNS}
    bad |= {row for row, name in sheet.spoilt if name in COLUMNS}
    for row, debit, credit in zip(sheet.rows, sheet.columns[DEBIT], sheet.columns[CREDIT], strict=True):
        if row in bad or (debit is None) is not (credit is None):
            continue
        if debit is None:
            facts = {"heading": DEBIT, "counterpart": CREDIT}
            yield Problem("required", sheet.place(row, DEBIT), wording="required.one-of-two", facts=facts)
        else:
            facts = {"heading": CREDIT, "counterpart": DEBIT}
            place = sheet.place(row, CREDIT)
            yield Problem("not-allowed", place, None, credit, None, "not-allowed.both-sides", facts)


def with_sides(sheet: FormSheet) -> FormSheet:
    """The sheet with the columns that debit and credit stand for beside them; the places of cells are as they were."""
    debits, credits = sheet.columns[DEBIT], sheet.columns[CREDIT]
    sides: list[CellText] = [
        Side.DEBIT.value if debit is not None else Side.CREDIT.value if credit is not None else None
        for debit, credit in zip(debits, credits, strict=True)
    ]
    amounts = [credit if debit is None else debit for debit, credit in zip(debits, credits, strict=True)]
    return replace(sheet, columns={**sheet.columns, "transaction": sides, "amount": amounts})


def unreadable_by(names: Collection[str]) -> frozenset[str]:
    """The fields that cannot be told when these cells are unreadable."""
    told = frozenset(names)
    return told if COLUMNS.isdisjoint(told) else told | STOOD_FOR
