"""What goes into a template comes out of it: documents, written as rows, read and validated, are the same documents."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Journal, Line, Side
from importer.model.workbook import FormSheet
from importer.read.workbooks import read_workbook
from importer.templates.form_sheet import RowValues
from importer.templates.forms import ADDRESSES, DIMENSIONS, FORMS, JOURNALS, PICKED, Form, Kind
from importer.templates.lists import Lists
from importer.translations import Language
from importer.validate.journals import drafts_of
from tests.templates.practice import LISTS, template_of

BY_SIDE = JOURNALS.in_alternative_layout()
MARKS = st.characters(exclude_categories=("C", "Z"), include_characters=" ")


LOOKS_LOST = re.compile(r"^#+$|[0-9]E\+[0-9]")
"""What Excel shows of a number without room is refused."""


@cache
def texts(longest: int, least: int = 1) -> st.SearchStrategy[str]:
    """Texts that a cell keeps as they are: a line, trimmed; formulas, numbers and dates among them."""
    odd = st.sampled_from(["=1+1", "0012", "+5", "@x", "1e5", "TRUE", "2018-06-30", "'", "_x000D_", "<&>", "*"])
    usual = st.text(MARKS, min_size=least, max_size=longest).map(str.strip)
    return (odd | usual).filter(
        lambda text: (
            least <= len(text) <= longest and PICKED not in text and text.isprintable() and not LOOKS_LOST.search(text)
        )
    )


AMOUNTS = st.integers(1, 10**12).map(lambda cents: Decimal(cents) / 100)
DAYS = st.integers(0, 27).map(lambda days: date(2018, 6, 1) + timedelta(days))
MAYBE_AMOUNT, SIDES, NUMBERS = st.none() | AMOUNTS, st.sampled_from(Side), st.integers(1, 3)
DIMENSION, ASSET, EXTRA = (st.just("") | texts(longest) for longest in (15, 10, 30))
MAYBE_DAY = st.none() | st.dates(date(1900, 3, 1), date(2999, 12, 31))


@st.composite
def journals(draw: st.DrawFn) -> Journal:
    """A journal that balances."""
    shared = {"journal_type": draw(texts(5)), "currency": draw(texts(5)), "period": "2018006"}
    lines = [
        Line(
            row=0,
            account=draw(texts(15)),
            reference=draw(texts(30)),
            dimensions=tuple(draw(DIMENSION) for _ in DIMENSION_FIELDS),
            description=draw(texts(50)),
            side=draw(SIDES),
            amount=draw(AMOUNTS),
            transaction_date=draw(DAYS),
            memo_amount=draw(MAYBE_AMOUNT),
            expiration=draw(MAYBE_DAY),
            expected_date=draw(MAYBE_DAY),
            asset_code=draw(ASSET),
            descriptions=tuple(draw(EXTRA) for _ in range(2)) + ("",) * (EXTRA_DESCRIPTIONS - 2),
            **shared,
        )
        for _ in range(draw(NUMBERS))
    ]
    rest = sum((line.amount if line.side is Side.DEBIT else -line.amount for line in lines), Decimal(0))
    if rest:
        side = Side.CREDIT if rest > 0 else Side.DEBIT
        lines.append(replace(lines[0], side=side, amount=abs(rest)))
    return Journal("", "", "", tuple(lines))


def rows_of(made: Sequence[Journal], form: Form) -> list[RowValues]:
    """The rows of a sheet that say these journals."""
    return [row_of(line, f"J{number}", form) for number, one in enumerate(made, start=1) for line in one.lines]


def row_of(line: Line, key: str, form: Form) -> RowValues:
    sides: RowValues = {"transaction": line.side.value, "amount": line.amount}
    if form is BY_SIDE:
        sides = {"debit" if line.side is Side.DEBIT else "credit": line.amount}
    extras = {f"description{number}": text or None for number, text in enumerate(line.descriptions, start=1)}
    dimensions = {name: code or None for name, code in zip(DIMENSION_FIELDS, line.dimensions, strict=True)}
    return {
        "journal": key,
        "journalType": line.journal_type,
        "account": line.account,
        "treference": line.reference,
        "description": line.description,
        "currency": line.currency,
        "transDateTime": line.transaction_date,
        "memoAmount": line.memo_amount,
        "period": line.period,
        "expiration": line.expiration,
        "expectedDate": line.expected_date,
        "assetCode": line.asset_code or None,
        **sides,
        **dimensions,
        **extras,
    }


def sheet_read_from(content: bytes) -> FormSheet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filled.xlsx"
        path.write_bytes(content)
        read = read_workbook(path, FORMS)
    assert read.problems == () and len(read.sheets) == 1
    return read.sheets[0]


@pytest.mark.parametrize("form", [JOURNALS, BY_SIDE], ids=["side and amount", "debit and credit"])
@pytest.mark.parametrize("lists", [None, LISTS], ids=["bare", "with lists"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=st.lists(journals(), min_size=1, max_size=3), language=st.sampled_from(Language))
def test_journals_come_back_as_they_were(
    form: Form, lists: Lists | None, made: list[Journal], language: Language
) -> None:
    sheet = sheet_read_from(template_of(form, language, rows_of(made, form), lists, 6))
    drafts = drafts_of(sheet, JOURNALS, 12)
    assert [problem for draft in drafts for problem in draft.problems if problem.blocks] == []
    found = [draft.journal for draft in drafts if draft.journal is not None]
    assert [[replace(line, row=0) for line in one.lines] for one in found] == [list(one.lines) for one in made]


@st.composite
def record_rows(draw: st.DrawFn, form: Form) -> dict[str, str]:
    """A row with each of its required cells, and some of the others."""
    row: dict[str, str] = {}
    for column in form.columns:
        if column.required or draw(st.booleans()):
            choice = st.sampled_from(column.choices) if column.choices else texts(column.length or 40)
            row[column.name] = draw(st.integers(0, 9).map(str) if column.kind is Kind.INTEGER else choice)
    return row


@pytest.mark.parametrize("form", [DIMENSIONS, ADDRESSES], ids=lambda form: form.name)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draws=st.data(), language=st.sampled_from(Language), lists=st.sampled_from([None, LISTS]))
def test_records_come_back_as_they_were(
    form: Form, draws: st.DataObject, language: Language, lists: Lists | None
) -> None:
    rows = draws.draw(st.lists(record_rows(form), min_size=1, max_size=4))
    sheet = sheet_read_from(template_of(form, language, rows, lists))
    found = [
        {name: texts[place] for name, texts in sheet.columns.items() if texts[place] is not None}
        for place in range(len(sheet.rows))
    ]
    expected = [
        {name: text.upper() if form.column(name).kind is Kind.CHOICE else text for name, text in row.items()}
        for row in rows
    ]
    assert (sheet.form, found) == (form.name, expected)
