"""Rows become journals: grouped by their key, checked across rows, built when nothing is wrong with them."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from pathlib import Path

from importer.model.journals import Journal, Side
from importer.model.problems import Problem
from importer.model.results import Document, Status
from importer.model.workbook import FormSheet
from importer.templates.forms import Form
from importer.validate.attachments import attachment_problems
from importer.validate.cell_rules import cell_problems
from importer.validate.journal_columns import (
    NOUGHT,
    Group,
    SheetMoney,
    TypedColumns,
    has_debit_and_credit,
    side_problems,
    unreadable_by,
    with_sides,
    without_noughts,
)
from importer.validate.journal_rules import journal_problems, side_in_doubt, texts_in

NO_KEY = "–"
"""What stands for the key of rows that have none and no journal beside them."""


def grouped(sheet: FormSheet) -> tuple[list[Group], list[Problem]]:
    """The journals of a sheet in the order of their first rows, and a problem for each row without a key.

    A sheet without any key is one journal, named like the sheet; that a column which nobody read may hold keys is
    asked before (`read.unread_keys`).
    """
    keys = sheet.columns.get("journal") or []
    unusable = {row for row, name in sheet.unusable if name == "journal"}
    if not any(keys) and not unusable:
        return [Group(sheet.sheet, list(range(len(sheet.rows))))] if sheet.rows else [], []
    groups: dict[str, Group] = {}
    problems: list[Problem] = []
    runs = [(key, len(list(equal))) for key, equal in groupby(keys)]
    below = [*(key for key, _ in runs[1:]), None]
    above: str | None = None
    end = 0
    for (key, length), next_key in zip(runs, below, strict=True):
        positions = range(end, end := end + length)
        if key is None:
            wording = "required.empty" if above is None else "required.fill-down"
            facts = {"heading": "journal"} if above is None else {"key": above}
            rows = [sheet.rows[position] for position in positions]
            problems += [
                Problem("required", sheet.place(row, "journal"), None, None, above, wording, facts)
                for row in rows
                if row not in unusable
            ]
            _take_in(positions, above, next_key, groups)
        else:
            groups.setdefault(key, Group(key)).positions.extend(positions)
            above = key
    return list(groups.values()), problems


def _take_in(keyless: Sequence[int], above: str | None, below: str | None, groups: dict[str, Group]) -> None:
    """Rows without a key stand with the journal above (else below), and both are in doubt: they may belong to
    either."""
    home = above or below or NO_KEY
    for key in {home, below or home}:
        groups.setdefault(key, Group(key)).is_in_doubt = True
    groups[home].positions.extend(keyless)
    groups[home].positions.sort()


_LAST = 1_000_000_000
"""Greater than every line number."""


@dataclass(frozen=True, slots=True)
class CodedRow:
    """The codes of a row, `""` where none; `unreadable` names the fields that have a problem of their own."""

    row: int
    journal_type: str
    account: str
    period: str
    currency: str
    dimensions: tuple[str, ...]
    unreadable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Draft:
    """A journal as it stands on the sheet: what the report says of it, and what is wrong with it. `group` are its rows
    and `columns` the sheet's, None for a sheet whose columns cannot be told. `released_as` is what a person called it
    who wants it posted although its sheet is a copy."""

    sheet: FormSheet
    document: Document
    problems: tuple[Problem, ...] = ()
    is_to_post: bool = False
    group: Group | None = None
    columns: TypedColumns | None = None
    released_as: str = ""

    @cached_property
    def journal(self) -> Journal | None:
        """The value to post, None when a problem or the user forbids it. Lines stand by the `line` column where it is
        filled, after those in the order of the rows."""
        columns = self.columns
        if not self.is_to_post or self.group is None or columns is None:
            return None
        pick = self.group.pick
        if any(None in pick(column) for column in columns.never_blank):
            raise AssertionError("a journal is built only when its required cells are good")
        lines = columns.lines_of(pick)
        numbers = [int(number) if number else _LAST for number in pick(columns.texts("line"))]
        ordered = [lines[place] for place in sorted(range(len(lines)), key=numbers.__getitem__)]
        return Journal(self.group.key, self.sheet.file, self.sheet.sheet, tuple(ordered))

    def coded_rows(self) -> Iterator[CodedRow]:
        """The codes of each row, valid or not."""
        columns = self.columns
        if self.group is None or columns is None:
            return
        types, accounts, periods, currencies = map(columns.texts, ("journalType", "account", "period", "currency"))
        for position in self.group.positions:
            yield CodedRow(
                row=self.sheet.rows[position],
                journal_type=types[position] or "",
                account=accounts[position] or "",
                period=periods[position] or "",
                currency=currencies[position] or "",
                dimensions=columns.dimensions[position],
                unreadable=self.group.unreadable.get(position, frozenset()),
            )

    @property
    def accounts(self) -> frozenset[str | None]:
        """The accounts of its rows."""
        if self.group is None or self.columns is None:
            return frozenset()
        return frozenset(self.group.pick(self.columns.texts("account")))

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

    def blocked(self) -> "Draft":
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
    alone = {problem.place.row for problem in read if problem.wording == "required.total"}
    groups, key_problems = grouped(sheet)
    of_position = {position: group for group in groups for position in group.positions}
    homes = [of_position[position] for position in range(len(sheet.rows))]  # every row has one
    keys = [group.key for group in homes]
    filled = without_noughts(sheet) if has_debit_and_credit(sheet) else sheet
    of_rules = [*key_problems, *cell_problems(filled, form, last_period, keys)]
    found = [*read, *(one for one in of_rules if one.code != "required" or one.place.row not in alone)]
    found += attachment_problems(sheet, attachments)
    if has_debit_and_credit(sheet):
        found += list(side_problems(filled, found))
        filled = with_sides(filled)
    _hand_out(found, homes, sheet)
    columns = TypedColumns(filled)
    money = SheetMoney(sheet)
    return [_draft(group, sheet, columns, balance_by, money) for group in groups]


def unusable(sheet: FormSheet) -> list[Draft]:
    """The rows of a sheet whose columns cannot be told, as one invalid document: no row is without a home."""
    if not sheet.rows:
        return []
    money = SheetMoney(sheet).of()
    document = Document("journal", sheet.sheet, sheet.file, sheet.sheet, sheet.rows, Status.INVALID, money=money)
    return [Draft(sheet, document)]


def _hand_out(problems: Iterable[Problem], homes: Sequence[Group], sheet: FormSheet) -> None:
    """Gives each problem to the group of its row, which is unreadable there if it blocks; `homes` are the groups by
    position."""
    positions = {row: position for position, row in enumerate(sheet.rows)}
    unreadable: dict[int, set[str]] = {}
    for problem in problems:
        row = problem.place.row
        if row is not None:
            homes[positions[row]].problems.append(problem)
            if problem.blocks and problem.place.field is not None:
                unreadable.setdefault(row, set()).add(problem.place.field)
    for row, name in sheet.unusable:
        unreadable.setdefault(row, set()).add(name)
    for row, names in unreadable.items():
        homes[positions[row]].unreadable[positions[row]] = unreadable_by(names)


def _draft(
    group: Group, sheet: FormSheet, columns: TypedColumns, balance_by: Sequence[str], money: SheetMoney
) -> Draft:
    debit, credit = _sums(group, columns)
    problems = [*group.problems, *side_in_doubt(group, sheet, columns)]
    if not group.is_in_doubt:
        problems = [*problems, *journal_problems(group, sheet, columns, debit, credit, balance_by)]
    has_text = debit is not None and credit is not None
    is_right = has_text and not group.unreadable and not any(problem.blocks for problem in problems)
    currencies, periods, types = (texts_in(group, columns, name) for name in ("currency", "period", "journalType"))
    says_all = has_text and len(currencies) == len(periods) == 1
    document = Document(
        kind="journal",
        key=group.key,
        file=sheet.file,
        sheet=sheet.sheet,
        rows=tuple(group.pick(sheet.rows)),
        status=Status.READY if is_right else Status.INVALID,
        debit=debit,
        credit=credit,
        currency=_only_one(currencies),
        period=_only_one(periods),
        journal_type=_only_one(types),
        money=() if says_all else money.of(group.positions),
    )
    with_key = tuple([problem.of(group.key) for problem in problems])
    draft = Draft(sheet, document, with_key, is_right, group, columns)
    return draft.blocked() if group.is_in_doubt and is_right else draft


def _sums(group: Group, columns: TypedColumns) -> tuple[Decimal | None, Decimal | None]:
    """Debit and credit of a journal, None when an amount, a side or a key of it cannot be read."""
    if not all(group.is_readable(position, "amount", "transaction") for position in group.unreadable):
        return None, None
    lines = list(zip(group.pick(columns.sides), group.pick(columns.amounts), strict=True))
    if any(side is None or amount is None for side, amount in lines):
        return None, None
    debit, credit = (sum([amount or NOUGHT for side, amount in lines if side is one], NOUGHT) for one in Side)
    return debit, credit


def _only_one(texts: Set[str | None]) -> str | None:
    return next(iter(texts)) if len(texts) == 1 else None
