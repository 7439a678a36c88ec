"""Debit and credit columns stand for side and amount; what is wrong with them is told at the real cell."""

from decimal import Decimal

import pytest

from importer.model.results import Status
from importer.model.workbook import CellText, FormSheet
from importer.report.sentences import message
from importer.templates.forms import JOURNALS
from importer.translations import Language
from importer.validate.journals import Draft, drafts_of
from tests.validate.sheets import good, sheet_of

Sides = tuple[CellText, CellText]


def sheet(*sides: Sides, unusable: frozenset[tuple[int, str]] = frozenset()) -> FormSheet:
    """A journal with a line for each pair of debit and credit."""
    rows = [{**good(), "debit": debit, "credit": credit} for debit, credit in sides]
    made = sheet_of([{name: row.get(name) for name in (*good(), "debit", "credit")} for row in rows], unusable=unusable)
    columns = {name: texts for name, texts in made.columns.items() if name not in ("transaction", "amount")}
    columns |= {name: [row[name] for row in rows] for name in ("debit", "credit")}
    letters = {name: letter for name, letter in made.letters.items() if name in columns} | {"debit": "X", "credit": "Y"}
    return FormSheet("journals", made.file, made.sheet, 1, made.rows, columns, letters, unusable)


def draft_of(*sides: Sides, unusable: frozenset[tuple[int, str]] = frozenset()) -> Draft:
    (draft,) = drafts_of(sheet(*sides, unusable=unusable), JOURNALS, 12)
    return draft


def told(draft: Draft) -> list[tuple[str, str | None]]:
    return [(problem.wording, problem.place.cell) for problem in draft.problems]


def test_each_line_has_the_side_and_amount_of_its_filled_column() -> None:
    draft = draft_of(("10.50", None), (None, "7"), (None, "3.5"))
    assert draft.problems == () and draft.journal is not None
    assert [(line.side, line.amount) for line in draft.journal.lines] == [
        ("D", Decimal("10.50")),
        ("C", Decimal("7")),
        ("C", Decimal("3.5")),
    ]
    assert (draft.document.debit, draft.document.credit) == (Decimal("10.50"), Decimal("10.5"))
    assert draft.sheet.columns.keys().isdisjoint({"transaction", "amount"}), "the report shows the sheet as it is"


@pytest.mark.parametrize("nought", ["0", "0.00", "-0", ".00"])
def test_a_nought_beside_an_amount_is_a_blank(nought: str) -> None:
    draft = draft_of(("10", nought), (nought, "10"))
    assert draft.problems == () and draft.document.status is Status.READY


CASES: list[tuple[Sides, list[tuple[str, str | None]]]] = [
    ((None, None), [("required.one-of-two", "X2")]),
    (("5", "5"), [("not-allowed.both-sides", "Y2")]),
    (("0", "0"), [("not-positive.zero", "X2")]),
    (("0", None), [("not-positive.zero", "X2")]),
    ((None, "0"), [("not-positive.zero", "Y2")]),
    (("-5", None), [("not-positive.other-side", "X2")]),
    ((None, "-5"), [("not-positive.other-side", "Y2")]),
    (("1,234.50", None), [("not-a-number.separators", "X2")]),
    (("x", "5"), [("not-a-number.text", "X2")]),
    (("5", "5.555"), [("too-many-decimals.thousands", "Y2")]),
]


@pytest.mark.parametrize(("sides", "expected"), CASES)
def test_each_mistake_is_told_once_at_its_cell(sides: Sides, expected: list[tuple[str, str | None]]) -> None:
    draft = draft_of(sides, (None, "5"))
    assert told(draft) == expected
    assert draft.document.status is Status.INVALID
    assert (draft.document.debit, draft.document.credit) == (None, None), "nobody can add them up"


@pytest.mark.parametrize("other", [None, "0", "5"])
def test_a_cell_the_reader_complained_of_is_not_told_twice(other: CellText) -> None:
    draft = draft_of((None, other), (None, "5"), unusable=frozenset({(2, "debit")}))
    assert draft.problems == () and draft.document.status is Status.INVALID


def test_sums_that_differ_are_told() -> None:
    assert told(draft_of(("5", None), (None, "4"))) == [("unbalanced.total", None)]


@pytest.mark.parametrize("language", Language)
def test_sentences_name_the_columns_as_the_sheet_may_head_them(language: Language) -> None:
    (problem,) = draft_of(("-5", None), (None, "5")).problems
    assert JOURNALS.label(JOURNALS.column("credit"), language) in message(problem, language)
    (problem,) = draft_of(("5", "5"), (None, "5")).problems
    for name in ("debit", "credit"):
        assert JOURNALS.label(JOURNALS.column(name), language) in message(problem, language)
