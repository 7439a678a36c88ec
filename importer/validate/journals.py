"""Rows become journals: grouped by their key, checked across rows, built when nothing is wrong with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from importer.model.journals import Journal, Side
from importer.model.problems import Problem
from importer.model.results import Document, Status
from importer.model.sheets import FormSheet
from importer.templates.forms import Form
from importer.validate.across_rows import journal_problems
from importer.validate.attachments import attachment_problems
from importer.validate.cells import cell_problems
from importer.validate.choices import SIDE, side_in_doubt, words_against_credit
from importer.validate.debit_credit import (
    has_debit_and_credit,
    side_problems,
    unreadable_by,
    with_sides,
    without_noughts,
)
from importer.validate.groups import NO_KEY, Group, grouped
from importer.validate.journal_rows import CodedRow, JournalRows
from importer.validate.totals import trailing_totals, without_last
from importer.validate.typed_columns import TypedColumns

_DEBIT = Side.DEBIT  # naming an enum's member takes longer than adding to a sum in Python 3.11


@dataclass(frozen=True)
class Draft:
    """A journal as it stands on the sheet: what the report says of it, and what is wrong with it. Its rows can be asked
    for their codes, valid or not; None for a sheet whose columns cannot be told. `released_as` is what a person called
    it who wants it posted although its sheet is a copy."""

    sheet: FormSheet
    rows: JournalRows | None
    document: Document
    problems: tuple[Problem, ...] = ()
    is_to_post: bool = False
    released_as: str = ""

    @cached_property
    def journal(self) -> Journal | None:
        """The value to post, None when a problem or the user forbids it."""
        return self.rows.journal() if self.is_to_post and self.rows is not None else None

    def coded_rows(self) -> Iterator[CodedRow]:
        """The codes of each row, valid or not."""
        return iter(()) if self.rows is None else self.rows.coded()

    @property
    def accounts(self) -> frozenset[str | None]:
        """The accounts of its rows."""
        return frozenset() if self.rows is None else self.rows.accounts()

    def with_problems(self, found: Iterable[Problem]) -> "Draft":
        """The same draft with further problems; an error among them makes it invalid. One that only depends on a row
        that failed is right as it is, and not sent."""
        problems = tuple([problem.of(self.document.key) for problem in found])
        if not problems:
            return self
        more = replace(self, problems=self.problems + problems)
        if not any(problem.blocks for problem in problems):
            return more
        return replace(more, is_to_post=False, document=self.document.ended_by(problems))

    def held_back(self) -> "Draft":
        """The same draft, right as it is, but not to be sent."""
        return replace(self, is_to_post=False, document=self.document.ended(Status.NOT_SENT))


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
    read = list(read)
    whole, totals = sheet, trailing_totals(sheet, read)
    sheet = without_last(whole, len(totals))
    groups, key_problems = grouped(sheet)
    homes = {sheet.rows[position]: (group, position) for group in groups for position in group.positions}
    keys = {row: group.key for row, (group, _) in homes.items()}
    told = without_noughts(sheet) if has_debit_and_credit(sheet) else sheet
    found = [*read, *key_problems, *cell_problems(told, form, last_period, keys)]
    found += attachment_problems(sheet, attachments)
    if has_debit_and_credit(sheet):
        found += list(side_problems(told, found))
        told = with_sides(told)
    _hand_out(found, homes, sheet)
    columns = TypedColumns(told)
    _doubt_sides(groups, sheet, columns)
    drafts = [_draft(JournalRows(group, sheet, columns), balance_by) for group in groups]
    return [*drafts, *rows_of_totals(whole, totals)]


def _doubt_sides(groups: Iterable[Group], sheet: FormSheet, columns: TypedColumns) -> None:
    sides = columns.texts(SIDE)
    against = words_against_credit(sides)
    for group in groups:
        problem = side_in_doubt(group, sheet, sides, against)
        if problem is not None:
            group.problems.append(problem)


def rows_of_totals(sheet: FormSheet, totals: Sequence[Problem]) -> list[Draft]:
    """The rows below the last journal that hold an amount and nothing else, as one invalid document."""
    if not totals:
        return []
    rows = sheet.rows[-len(totals) :]
    document = Document("journal", NO_KEY, sheet.file, sheet.sheet, rows, Status.INVALID)
    return [Draft(sheet, None, document).with_problems(totals)]


def unusable(sheet: FormSheet) -> list[Draft]:
    """The rows of a sheet whose columns cannot be told, as one invalid document: no row is without a home."""
    if not sheet.rows:
        return []
    document = Document("journal", sheet.sheet, sheet.file, sheet.sheet, sheet.rows, Status.INVALID)
    return [Draft(sheet, None, document)]


def _hand_out(problems: Iterable[Problem], homes: Mapping[int, tuple[Group, int]], sheet: FormSheet) -> None:
    """Gives each problem to the group of its row, which is unreadable there if it blocks; `homes` are the rows' groups
    and positions."""
    unreadable: dict[int, set[str]] = {}
    for problem in problems:
        row = problem.place.row
        if row is not None:
            homes[row][0].problems.append(problem)
            if problem.blocks and problem.place.field is not None:
                unreadable.setdefault(row, set()).add(problem.place.field)
    for row, name in sheet.spoilt:
        unreadable.setdefault(row, set()).add(name)
    for row, names in unreadable.items():
        group, position = homes[row]
        group.unreadable[position] = unreadable_by(names)


def _draft(rows: JournalRows, balance_by: Sequence[str]) -> Draft:
    group, sheet, columns = rows.group, rows.sheet, rows.columns
    debit, credit = _sums(group, columns)
    problems = group.problems
    if not group.is_in_doubt:
        problems = [*problems, *journal_problems(group, sheet, columns, debit, credit, balance_by)]
    is_told = debit is not None and credit is not None
    is_right = is_told and not group.unreadable and not any(problem.blocks for problem in problems)
    document = Document(
        kind="journal",
        key=group.key,
        file=sheet.file,
        sheet=sheet.sheet,
        rows=tuple(group.pick(sheet.rows)),
        status=Status.READY if is_right else Status.INVALID,
        debit=debit,
        credit=credit,
        currency=_only_one(group.pick(columns.texts("currency"))),
        period=_only_one(group.pick(columns.texts("period"))),
    )
    draft = Draft(sheet, rows, document, tuple([problem.of(group.key) for problem in problems]), is_right)
    return draft.held_back() if group.is_in_doubt and is_right else draft


def _sums(group: Group, columns: TypedColumns) -> tuple[Decimal | None, Decimal | None]:
    """Debit and credit of a journal, None when an amount, a side or a key of it cannot be read."""
    if not all(group.is_readable(position, "amount", "transaction") for position in group.unreadable):
        return None, None
    debit = credit = Decimal(0)
    for side, amount in zip(group.pick(columns.sides), group.pick(columns.amounts), strict=True):
        if side is None or amount is None:
            return None, None
        if side is _DEBIT:
            debit += amount
        else:
            credit += amount
    return debit, credit


def _only_one(texts: Sequence[str | None]) -> str | None:
    values = set(texts)
    return values.pop() if len(values) == 1 else None
