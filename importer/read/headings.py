"""Which form a sheet is, and which column holds which field, told by its headings."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from importer.model.problems import Place, Problem, column_letters
from importer.read.cells import heading_of
from importer.templates.forms import Form, calculated_headings, fold_heading
from importer.xlsx.values import UNREADABLE_CELL, CellValue, Row, RowBatch, SheetRows, Token, UnusableCell

LAST_HEADING_ROW = 20
LIKE_HEADING = 65.0
"""In the hundredths of rapidfuzz' ratio: how like a misspelt heading must be to the one that is missing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet's form: the heading row's number, the column (from 0) of each field, and the other headings by column.

    `repeated` are fields with a second column: the field, its first and its second column. `calculated` are the columns
    of the template that hold formulas; they are not read.
    """

    form: Form
    row: int
    columns: dict[str, int]
    repeated: tuple[tuple[str, int, int], ...]
    unknown: dict[int, str]
    calculated: frozenset[int] = frozenset()

    @property
    def missing(self) -> list[str]:
        """The required fields that have no column; of an alternative the half that is nearer to be there."""
        missing = [column.name for column in self.form.required if column.name not in self.columns]
        other = self.form.alternative
        if other is None or not any(name in self.columns for name in other.names):
            return missing
        lacked = [name for name in missing if name in other.replaced]
        lacked_instead = [name for name in other.names if name not in self.columns]
        if len(lacked_instead) > len(lacked):
            return missing
        return [name for name in missing if name not in lacked] + (lacked_instead if lacked else [])

    @property
    def is_whole(self) -> bool:
        """True when the sheet is the form."""
        return not self.missing and len(self.columns) >= self.form.fewest_headings

    @property
    def is_nearly_whole(self) -> bool:
        """True when the sheet is certainly meant to be the form: at most half of the required headings are missing."""
        required = len(self.form.required)
        return len(self.columns) >= self.form.telling_headings and len(self.missing) <= max(1, required // 2)

    @property
    def headed(self) -> frozenset[int]:
        """The columns that have a heading."""
        second = (second for _, _, second in self.repeated)
        return self.calculated.union(self.columns.values(), self.unknown, second)


def top_of(read: SheetRows) -> tuple[list[Row], Iterator[RowBatch]]:
    """The first 20 rows of a sheet, from row 1 on, and all of its batches."""
    top: list[list[CellValue]] = [[] for _ in range(LAST_HEADING_ROW)]
    begun: list[RowBatch] = []
    for batch in read.batches:
        begun.append(batch)
        for place, number in enumerate(batch.rows[:LAST_HEADING_ROW]):
            if number <= LAST_HEADING_ROW:
                top[number - 1] = _row_of(batch, place, read.value_of)
        if batch.rows[-1] >= LAST_HEADING_ROW:
            break
    return list(top), chain(begun, read.batches)


def _row_of(batch: RowBatch, place: int, value_of: Callable[[Token], CellValue]) -> list[CellValue]:
    row: list[CellValue] = [None] * (max(batch.columns, default=-1) + 1)
    for index, tokens in batch.columns.items():
        row[index] = value_of(tokens[place])
    return row


def layout_of(rows: Sequence[Row], forms: Sequence[Form]) -> Layout | None:
    """The first row, within 20, that holds all required headings of a form; else the one with the most of them, when no
    more than half are missing (then columns are missing). None when the sheet is no form. Where a row could be several
    forms it is the one that knows the most of its headings: a journal sheet may carry an address code of its own."""
    names = [(form, form.headings()) for form in forms]
    best: Layout | None = None
    for number, row in enumerate(rows[:LAST_HEADING_ROW], start=1):
        headings = {index: heading for index, value in enumerate(row) if (heading := heading_of(value))}
        layouts = [_layout_of_row(number, headings, form, fields) for form, fields in names] if headings else []
        candidates = [layout for layout in layouts if layout.is_whole or layout.is_nearly_whole]
        layout = max(candidates, key=lambda one: len(one.columns), default=None)
        if layout is not None and layout.is_whole:
            return layout
        if layout is not None and (best is None or len(layout.missing) < len(best.missing)):
            best = layout
    return best


def _layout_of_row(number: int, headings: Mapping[int, str], form: Form, fields: Mapping[str, str]) -> Layout:
    columns: dict[str, int] = {}
    repeated, unknown, calculated = [], {}, set()
    for index, heading in headings.items():
        field = fields.get(fold_heading(heading))
        if field is None and fold_heading(heading) in calculated_headings(form.name):
            calculated.add(index)
        elif field is None:
            unknown[index] = heading
        elif field in columns:
            repeated.append((field, columns[field], index))
        else:
            columns[field] = index
    return Layout(form, number, columns, tuple(repeated), unknown, frozenset(calculated))


def unreadable_cell(rows: Sequence[Row], first: int = 1) -> str | None:
    """The first cell that holds no value of its kind, None without one; `first` is the number of the first row."""
    for number, row in enumerate(rows, start=first):
        for index, value in enumerate(row):
            if _is_unreadable(value):
                return f"{column_letters(index)}{number}"
    return None


def may_hide_headings(rows: Sequence[Row], forms: Sequence[Form]) -> bool:
    """True when a sheet that is no form might be one, had its cells been readable: some row has, its unreadable cells
    counted, as many headings as tell a form."""
    for row in rows:
        unreadable = sum(map(_is_unreadable, row))
        folded = {fold_heading(heading_of(value)) for value in row} if unreadable else set()
        if unreadable and any(
            unreadable + len(folded & form.headings().keys()) >= form.telling_headings for form in forms
        ):
            return True
    return False


def _is_unreadable(value: CellValue) -> bool:
    return isinstance(value, UnusableCell) and value.wording == UNREADABLE_CELL


def heading_problems(layout: Layout, file: str, sheet: str) -> list[Problem]:
    """What the headings lack, say twice, or say that nobody knows."""
    place = Place(file, sheet)
    similar = _similar_headings(layout)
    problems = [_missing(layout, place, name, similar.get(name)) for name in layout.missing]
    for field, first, second in layout.repeated:
        facts = {"heading": field, "first": column_letters(first), "second": column_letters(second)}
        problems.append(Problem("duplicate-column", place, wording="duplicate-column", facts=facts))
    for index, heading in layout.unknown.items():
        if index in similar.values():
            continue
        where = Place(file, sheet, layout.row, column_letters(index))
        wording, facts = "unknown-column.heading", {"heading": heading}
        problems.append(Problem("unknown-column", where, value=heading, wording=wording, facts=facts))
    return problems


def _missing(layout: Layout, place: Place, name: str, similar: int | None) -> Problem:
    facts = {"heading": name, "sheet": place.sheet or "", "row": str(layout.row)}
    if similar is None:
        return Problem("missing-column", place, wording="missing-column", facts=facts)
    facts |= {"meant": layout.unknown[similar], "cell": f"{column_letters(similar)}{layout.row}"}
    return Problem("missing-column", place, wording="missing-column.meant", facts=facts)


def _similar_headings(layout: Layout) -> dict[str, int]:
    """Of each missing field the column whose unknown heading is most like one of its names; each column stands for one
    field."""
    if not layout.missing or not layout.unknown:
        return {}
    from rapidfuzz import fuzz

    alike = [
        (fuzz.ratio(fold_heading(heading), name), field, index)
        for name, field in layout.form.headings().items()
        if field in layout.missing
        for index, heading in layout.unknown.items()
    ]
    similar: dict[str, int] = {}
    for similarity, field, index in sorted(alike, key=lambda one: -one[0]):
        if similarity >= LIKE_HEADING and field not in similar and index not in similar.values():
            similar[field] = index
    return similar


def blank_heading_problems(layout: Layout, file: str, sheet: str, headless: Collection[int]) -> list[Problem]:
    """Columns with entries below a blank heading (`headless`): they are not read, and that is not passed over in
    silence."""
    problems = []
    for index in sorted(headless):
        place = Place(file, sheet, layout.row, column_letters(index))
        facts = {"column": column_letters(index)}
        problems.append(Problem("unknown-column", place, wording="unknown-column.blank", facts=facts))
    return problems
