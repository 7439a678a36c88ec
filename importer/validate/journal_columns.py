"""The columns of a journal sheet as what the lines of its journals hold; each distinct text is worked out once."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation, localcontext
from functools import cache, cached_property
from typing import Any, TypeVar

from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Line, Side
from importer.model.problems import Problem
from importer.model.results import EXACT, LineMoney
from importer.model.workbook import CellText, FormSheet
from importer.templates.forms import fold_heading

Entry = TypeVar("Entry")
Meaning = TypeVar("Meaning")
Pick = Callable[[Sequence[Any]], Sequence[Any]]
"""Takes some rows out of a column."""

_SIDES = {side.value: side for side in Side}
NOUGHT = Decimal(0)
_CREDIT_IN_SPANISH = frozenset(("a", "abono", "abonos", "h", "haber", "acreedor"))
_DESCRIPTIONS = tuple(f"description{number}" for number in range(1, EXTRA_DESCRIPTIONS + 1))


@dataclass(slots=True)
class Group:
    """The rows that make one journal, as positions in the sheet's lists, and the fields of each that are unreadable.

    `is_in_doubt`: a row beside it has no key and may belong to it, so it is neither posted nor added up.
    """

    key: str
    positions: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: dict[int, frozenset[str]] = field(default_factory=dict)
    is_in_doubt: bool = False

    def pick(self, column: Sequence[Entry]) -> Sequence[Entry]:
        """The entries of a column at the group's positions; most groups stand together."""
        first, end = self.positions[0], self.positions[-1] + 1
        if end - first == len(self.positions):
            return column[first:end]
        return [column[position] for position in self.positions]

    def is_readable(self, position: int, *fields: str) -> bool:
        """True when none of these cells of the row has a problem of its own."""
        return not self.unreadable or self.unreadable.get(position, frozenset()).isdisjoint(fields)


class TypedColumns:
    """The columns of a sheet of journals, one entry a position; a column that is not there is blank. A cell that cannot
    be read is None, as a blank one is."""

    def __init__(self, sheet: FormSheet) -> None:
        self._rows = sheet.rows
        self._blank: list[CellText] = [None] * len(sheet.rows)
        self._filled = {name: texts for name, texts in sheet.columns.items() if any(texts)}
        self._distinct: dict[str, Set[CellText]] = {}
        self._columns: dict[str, list[Any]] = {}
        self._whole = cache(self._new_whole)
        self.amounts = self._each("amount", _amount)
        self.sides = self._each("transaction", _SIDES.get)

    def texts(self, name: str) -> list[CellText]:
        """A column as it stands on the sheet."""
        return self._filled.get(name, self._blank)

    def distinct(self, name: str) -> Set[CellText]:
        """The texts of a column, each once, None for blank cells."""
        if name not in self._distinct:
            self._distinct[name] = frozenset(self.texts(name))
        return self._distinct[name]

    @cached_property
    def dimensions(self) -> list[tuple[str, ...]]:
        """The ten analysis codes of each row."""
        return self._side_by_side(DIMENSION_FIELDS, lambda column: column)

    @cached_property
    def days_and_periods_apart(self) -> frozenset[tuple[CellText, CellText]]:
        """The dates that stand beside the period of another month, with it."""
        pairs = set(zip(self.texts("transDateTime"), self.texts("period"), strict=True))
        return frozenset((day, period) for day, period in pairs if is_outside(day or "", period or ""))

    @cached_property
    def words_against_credit(self) -> frozenset[CellText]:
        """The texts of sides that say credit in Spanish: who writes these may have written C for cargo."""
        return frozenset(
            text for text in self.distinct("transaction") if fold_heading(text or "") in _CREDIT_IN_SPANISH
        )

    @cached_property
    def never_blank(self) -> tuple[Sequence[object], ...]:
        """The columns of which a good line has every cell, as far as a line would take a blank one."""
        return (self.sides, self.texts("amount"), self._each("transDateTime", _day))

    def lines_of(self, pick: Pick) -> list[Line]:
        """The lines of the rows that `pick` takes out of a column."""

        def codes(name: str) -> list[str]:
            return [text or "" for text in pick(self.texts(name))]

        members = (
            pick(self._rows),
            codes("journalType"),
            codes("account"),
            codes("treference"),
            self._side_by_side(DIMENSION_FIELDS, pick),
            codes("description"),
            pick(self.sides),
            pick(self.amounts),
            codes("currency"),
            pick(self._each("transDateTime", _day)),
            codes("period"),
            pick(self._each("memoAmount", _amount)),
            pick(self._each("expiration", _day)),
            pick(self._each("expectedDate", _day)),
            codes("assetCode"),
            codes("assetIndicator"),
            self._side_by_side(_DESCRIPTIONS, pick),
        )
        return list(map(Line, *members))

    def _each(self, name: str, meaning: Callable[[str], Meaning | None]) -> list[Meaning | None]:
        if name not in self._columns:
            meanings: dict[CellText, Meaning | None] = {
                text: meaning(text) for text in self.distinct(name) if text is not None
            }
            self._columns[name] = list(map(meanings.get, self.texts(name)))
        return self._columns[name]

    def _side_by_side(self, names: tuple[str, ...], pick: Pick) -> list[tuple[str, ...]]:
        """The texts of several columns in the rows that `pick` takes; equal tuples are one (most rows repeat the same
        few)."""
        there = [name for name in names if name in self._filled]
        if not there:
            return [("",) * len(names)] * len(pick(self._blank))
        return [self._whole(names, row) for row in zip(*(pick(self._filled[name]) for name in there), strict=True)]

    def _new_whole(self, names: tuple[str, ...], row: tuple[CellText, ...]) -> tuple[str, ...]:
        texts = iter(row)
        return tuple((next(texts) or "") if name in self._filled else "" for name in names)


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_outside(day: str, period: str) -> bool:
    """True when a date (`2018-06-30`) lies in another month than a period (`2018006`) that is a month, or more than a
    year away from an adjustment period's year."""
    is_month = "001" <= period[4:] <= "012"
    return period != f"{day[:4]}0{day[5:7]}" if is_month else is_far_outside(day, period)


def is_far_outside(day: str, period: str) -> bool:
    """True when a date lies more than a year before the first day of a period, or after its last day; an adjustment
    period is taken for its whole year. False for texts that are neither date nor period."""
    if not (_DAY.fullmatch(day) and _PERIOD.fullmatch(period)):
        return False
    year, number = int(period[:4]), period[5:]
    first, last = (number, number) if period[4] == "0" and number <= "12" else ("01", "12")
    # Months of two digits compare as days do: a month's last day is never after its 31st.
    return day < f"{year - 1:04d}-{first}-01" or day > f"{year + 1:04d}-{last}-31"


_DAY, _PERIOD = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile("[1-9][0-9]{6}")


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
        if _is_nought(credit) and (debit is not None or (row, DEBIT) in sheet.unusable):
            credits[position] = None
        elif _is_nought(debit) and (credit is not None or (row, CREDIT) in sheet.unusable):
            debits[position] = None
    return replace(sheet, columns={**sheet.columns, DEBIT: debits, CREDIT: credits})


def _is_nought(text: CellText) -> bool:
    return text is not None and _NOUGHT.fullmatch(text) is not None


def side_problems(sheet: FormSheet, found: Iterable[Problem]) -> Iterator[Problem]:
    """One problem for each row with both columns filled, or none. Rows whose cells have a problem of their own
    (`found`, or told by the reader) are passed over."""
    bad = {problem.place.row for problem in found if problem.blocks and problem.place.field in COLUMNS}
    bad |= {row for row, name in sheet.unusable if name in COLUMNS}
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


_READABLE = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_NO_AMOUNT = "?"


class SheetMoney:
    """What the amounts on a sheet of journals add up to, whatever else is wrong with their lines: each cell counts with
    what it holds, on the side that its column or its line says."""

    def __init__(self, sheet: FormSheet) -> None:
        blank: list[CellText] = [None] * len(sheet.rows)
        of_sides = tuple(name for name in (DEBIT, CREDIT) if name in sheet.columns)
        is_by_side = has_debit_and_credit(sheet) or "amount" not in sheet.columns
        self._fields = of_sides if is_by_side else ("amount",)
        names = ("currency", "period", "transaction", *self._fields)
        columns = {name: sheet.columns.get(name, blank) for name in names}
        bad = [(row, name) for row, name in sheet.unusable if name in self._fields]
        if bad:
            positions = {row: position for position, row in enumerate(sheet.rows)}
            columns |= {name: list(columns[name]) for name in self._fields}
            for row, name in bad:
                if row in positions:
                    columns[name][positions[row]] = _NO_AMOUNT
        self._columns = list(columns.values())

    def of(self, positions: Sequence[int] | None = None) -> tuple[LineMoney, ...]:
        """The sums of the rows at these positions (None: of all), by currency and period as they stand there."""
        columns = self._columns
        if positions is not None:
            columns = [[column[position] for position in positions] for column in columns]
        texts_of = defaultdict[tuple[CellText, ...], list[tuple[CellText, ...]]](list)
        for line in zip(*columns, strict=True):
            texts_of[line[:3]].append(line[3:])
        sums: dict[tuple[CellText, CellText], LineMoney] = {}
        for (currency, period, side), lines in texts_of.items():
            of_side = self._of_side(currency, period, side, lines)
            before = sums.get((currency, period))
            sums[currency, period] = of_side if before is None else before.plus(of_side)
        return tuple(sums.values())

    def _of_side(
        self, currency: CellText, period: CellText, side: CellText, lines: Sequence[tuple[CellText, ...]]
    ) -> LineMoney:
        """What `lines`, the amounts' texts of lines of one side, add up to."""
        on_side = {DEBIT: Decimal(0), CREDIT: Decimal(0), None: Decimal(0)}
        unreadable = 0
        with localcontext(EXACT):
            for name, texts in zip(self._fields, zip(*lines, strict=True), strict=True):
                filled = [text for text in texts if text is not None]
                readable = list(filter(_READABLE.fullmatch, filled))
                on = {Side.DEBIT.value: DEBIT, Side.CREDIT.value: CREDIT}.get(side or "") if name == "amount" else name
                on_side[on] += sum(map(Decimal, readable), Decimal(0))
                unreadable += len(filled) - len(readable)
        blank = lines.count((None,) * len(self._fields))
        sums = (on_side[DEBIT], on_side[CREDIT], on_side[None])
        return LineMoney(currency, period, len(lines), *sums, unreadable=unreadable, blank=blank)


def unreadable_by(names: Collection[str]) -> frozenset[str]:
    """The fields that cannot be told when these cells are unreadable."""
    present = frozenset(names)
    return present if COLUMNS.isdisjoint(present) else present | STOOD_FOR
