"""A row of sums below the last journal: it holds amounts, perhaps a word beside them, and nothing else."""

from collections.abc import Iterable
from dataclasses import replace

from importer.model.problems import Problem
from importer.model.sheets import FormSheet

_AMOUNTS = ("amount", "debit", "credit", "memoAmount")
_FEWEST_LETTERS = 3


def trailing_totals(sheet: FormSheet, read: Iterable[Problem]) -> list[Problem]:
    """One problem for each row after the last line that has only amounts and at most one word (`Suma`), in their order;
    none when the sheet has nothing else. A row of which the reader complained (`read`) is taken for a line."""
    bad = {problem.place.row for problem in read} | {row for row, _ in sheet.spoilt}
    found: list[Problem] = []
    for position in range(len(sheet.rows) - 1, -1, -1):
        row = sheet.rows[position]
        filled = {name: text for name, texts in sheet.columns.items() if (text := texts[position]) is not None}
        amounts = [name for name in _AMOUNTS if filled.pop(name, None) is not None]
        if row in bad or not amounts or not _is_a_word(sheet, filled):
            return found[::-1]
        text = sheet.columns[amounts[0]][position]
        found.append(Problem("required", sheet.place(row, amounts[0]), None, text, None, "required.total"))
    return []


def _is_a_word(sheet: FormSheet, filled: dict[str, str]) -> bool:
    """True for nothing and for one text of letters that is no journal's key."""
    if not filled:
        return True
    ((name, text), *others) = filled.items()
    is_key = name == "journal" and sheet.columns[name].count(text) > 1
    return not others and not is_key and sum(mark.isalpha() for mark in text) >= _FEWEST_LETTERS


def without_last(sheet: FormSheet, count: int) -> FormSheet:
    """The sheet without its last rows."""
    if not count:
        return sheet
    columns = {name: texts[:-count] for name, texts in sheet.columns.items()}
    return replace(sheet, rows=sheet.rows[:-count], columns=columns)
