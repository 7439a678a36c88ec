"""Rows become journals: grouped by their key, checked across rows, built when nothing is wrong with them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Journal, Line, Side
from importer.model.problems import Problem
from importer.model.results import Document, Status
from importer.model.sheets import FormSheet
from importer.templates.forms import Form
from importer.validate.across_rows import journal_problems
from importer.validate.attachments import attachment_problems
from importer.validate.cells import cell_problems
from importer.validate.debit_credit import (
    has_debit_and_credit,
    side_problems,
    unreadable_by,
    with_sides,
    without_noughts,
)
from importer.validate.groups import Group, grouped


@dataclass(frozen=True, slots=True)
class CodedRow:
    """The codes of a row, `""` where none; `unreadable` names the fields that have a problem of their own."""

    row: int
    journal_type: str
    account: str
    period: str
    dimensions: tuple[str, ...]
    unreadable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Draft:
    """A journal as it stands on the sheet: the value to post (None when a problem forbids it), what the report says of
    it, and what is wrong with it. An invalid one keeps the codes of its rows, to be checked all the same."""

    sheet: FormSheet
    journal: Journal | None
    document: Document
    problems: tuple[Problem, ...] = ()
    rows_of_invalid: tuple[CodedRow, ...] = ()

    def coded_rows(self) -> Iterator[CodedRow]:
        """The codes of each row, valid or not."""
        if self.journal is None:
            yield from self.rows_of_invalid
            return
        for line in self.journal.lines:
            yield CodedRow(line.row, line.journal_type, line.account, line.period, line.dimensions)

    def with_problems(self, found: Iterable[Problem]) -> "Draft":
        """The same draft with further problems; an error among them makes it invalid. One that only depends on a row
        that failed is right as it is, and not sent."""
        problems = tuple(replace(problem, document=self.document.key) for problem in found)
        if not problems:
            return self
        more = replace(self, problems=self.problems + problems)
        if not any(problem.blocks for problem in problems):
            return more
        return replace(more._without_journal(), document=self.document.ended_by(problems))

    def held_back(self) -> "Draft":
        """The same draft, right as it is, but not to be sent."""
        return replace(self._without_journal(), document=self.document.ended(Status.NOT_SENT))

    def _without_journal(self) -> "Draft":
        return replace(self, journal=None, rows_of_invalid=tuple(self.coded_rows()))


def drafts_of(
    sheet: FormSheet,
    form: Form,
    last_period: int,
    read: Iterable[Problem] = (),
    balance_by: Sequence[str] = (),
    attachments: Path | None = None,
) -> list[Draft]:
    """Every journal of a sheet, in the order of their first rows. `last_period` is the ledger's last period of a year,
    `read` what the reader found wrong with cells of the sheet's rows, `balance_by` the dimensions by each of which a
    journal must balance, `attachments` a folder in which the files that rows name may lie besides the workbook's."""
    groups, key_problems = grouped(sheet)
    told = without_noughts(sheet) if has_debit_and_credit(sheet) else sheet
    found = [*read, *key_problems, *cell_problems(told, form, last_period), *attachment_problems(sheet, attachments)]
    if has_debit_and_credit(sheet):
        found += list(side_problems(told, found))
        told = with_sides(told)
    _hand_out(found, groups, sheet)
    texts = _Columns(told)
    return [_draft(group, sheet, texts, balance_by) for group in groups]


def unusable(sheet: FormSheet) -> list[Draft]:
    """The rows of a sheet whose columns cannot be told, as one invalid document: no row is without a home."""
    if not sheet.rows:
        return []
    document = Document("journal", sheet.sheet, sheet.file, sheet.sheet, sheet.rows, Status.INVALID)
    return [Draft(sheet, None, document)]


def _hand_out(problems: list[Problem], groups: list[Group], sheet: FormSheet) -> None:
    group_of_row = {sheet.rows[position]: group for group in groups for position in group.positions}
    position_of = {row: position for position, row in enumerate(sheet.rows)}
    for problem in problems:
        if problem.place.row is not None:
            group_of_row[problem.place.row].problems.append(problem)
    for group in groups:
        for problem in group.problems:
            if problem.blocks and problem.place.row is not None and problem.place.field is not None:
                group.unreadable.setdefault(position_of[problem.place.row], set()).add(problem.place.field)
    for row, name in sheet.spoilt:
        group_of_row[row].unreadable.setdefault(position_of[row], set()).add(name)
    for group in groups:
        group.unreadable = {position: set(unreadable_by(names)) for position, names in group.unreadable.items()}


class _Columns:
    """A sheet's texts by field and position; a column that is not there is blank."""

    def __init__(self, sheet: FormSheet) -> None:
        self._columns: Mapping[str, list[str | None]] = sheet.columns
        self._blank: list[str | None] = [None] * len(sheet.rows)
        self._amounts: dict[str, Decimal] = {}
        self._days: dict[str, date] = {}
        self.dimensions = self._side_by_side(DIMENSION_FIELDS)
        self.descriptions = self._side_by_side([f"description{number}" for number in range(1, EXTRA_DESCRIPTIONS + 1)])

    def _side_by_side(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """The texts of several columns by position; equal tuples are one (most rows repeat the same few)."""
        known: dict[tuple[str | None, ...], tuple[str, ...]] = {}
        return [
            known[texts] if texts in known else known.setdefault(texts, tuple(text or "" for text in texts))
            for texts in zip(*(self.texts(name) for name in names), strict=True)
        ]

    def texts(self, name: str) -> list[str | None]:
        return self._columns.get(name, self._blank)

    def text(self, name: str, position: int) -> str:
        return self.texts(name)[position] or ""

    def amount(self, name: str, position: int) -> Decimal | None:
        text = self.texts(name)[position]
        if text is None:
            return None
        if text not in self._amounts:
            self._amounts[text] = Decimal(text)
        return self._amounts[text]

    def day(self, name: str, position: int) -> date | None:
        text = self.texts(name)[position]
        if text is None:
            return None
        if text not in self._days:
            self._days[text] = date.fromisoformat(text)
        return self._days[text]


def _draft(group: Group, sheet: FormSheet, texts: _Columns, balance_by: Sequence[str]) -> Draft:
    amounts = _Amounts(group, texts)
    document = Document(
        kind="journal",
        key=group.key,
        file=sheet.file,
        sheet=sheet.sheet,
        rows=tuple(sheet.rows[position] for position in group.positions),
        status=Status.READY,
        debit=amounts.debit,
        credit=amounts.credit,
        currency=_only_one(texts.texts("currency"), group.positions),
        period=_only_one(texts.texts("period"), group.positions),
    )
    problems = list(group.problems)
    if not group.is_in_doubt:
        problems += journal_problems(group, sheet, texts, amounts.debit, amounts.credit, balance_by)
    if any(problem.blocks for problem in problems) or group.unreadable:
        coded = tuple(_coded_row(position, group, sheet, texts) for position in group.positions)
        draft = Draft(sheet, None, document.ended(Status.INVALID), (), coded)
    else:
        draft = Draft(sheet, _journal(group, sheet, texts), document)
    draft = draft.with_problems(problems)
    return draft.held_back() if group.is_in_doubt and draft.journal is not None else draft


def _coded_row(position: int, group: Group, sheet: FormSheet, texts: _Columns) -> CodedRow:
    return CodedRow(
        row=sheet.rows[position],
        journal_type=texts.text("journalType", position),
        account=texts.text("account", position),
        period=texts.text("period", position),
        dimensions=texts.dimensions[position],
        unreadable=frozenset(group.unreadable.get(position, ())),
    )


class _Amounts:
    """The two sums of a journal, None when an amount, a side or a key of it cannot be read."""

    def __init__(self, group: Group, texts: _Columns) -> None:
        self.debit: Decimal | None = None
        self.credit: Decimal | None = None
        if not all(group.is_readable(position, "amount", "transaction") for position in group.positions):
            return
        sums = {Side.DEBIT.value: Decimal(0), Side.CREDIT.value: Decimal(0)}
        for position in group.positions:
            sums[texts.text("transaction", position)] += texts.amount("amount", position) or 0
        self.debit, self.credit = sums[Side.DEBIT.value], sums[Side.CREDIT.value]


def _only_one(texts: list[str | None], positions: list[int]) -> str | None:
    values = Counter(texts[position] for position in positions)
    return next(iter(values)) if len(values) == 1 else None


def _journal(group: Group, sheet: FormSheet, texts: _Columns) -> Journal:
    lines = sorted(_lines(group, sheet, texts), key=lambda numbered: numbered[0])
    return Journal(group.key, sheet.file, sheet.sheet, tuple(line for _, line in lines))


def _lines(group: Group, sheet: FormSheet, texts: _Columns) -> Iterator[tuple[tuple[int, int], Line]]:
    """Lines with their order: by the `line` column where it is filled, after those in the order of the rows."""
    for position in group.positions:
        amount, day = texts.amount("amount", position), texts.day("transDateTime", position)
        if amount is None or day is None:
            raise AssertionError("a journal is built only when its required cells are good")
        number = texts.text("line", position)
        yield (
            (int(number) if number else 1_000_000_000, position),
            Line(
                row=sheet.rows[position],
                journal_type=texts.text("journalType", position),
                account=texts.text("account", position),
                reference=texts.text("treference", position),
                dimensions=texts.dimensions[position],
                description=texts.text("description", position),
                side=Side(texts.text("transaction", position)),
                amount=amount,
                currency=texts.text("currency", position),
                transaction_date=day,
                period=texts.text("period", position),
                memo_amount=texts.amount("memoAmount", position),
                expiration=texts.day("expiration", position),
                expected_date=texts.day("expectedDate", position),
                asset_code=texts.text("assetCode", position),
                asset_indicator=texts.text("assetIndicator", position),
                descriptions=texts.descriptions[position],
            ),
        )
