"""Which form a sheet is, and which column holds which field, told by its headings."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from types import MappingProxyType

from importer.formats.delimited import LAST_HEADING_ROW
from importer.model.journals import Side
from importer.model.problems import column_letters
from importer.read.cells import heading_of
from importer.templates.forms import JOURNALS, SEVERAL_MEANINGS, Form, Kind, calculated_headings, fold_heading, synonyms
from importer.xlsx.values import LAST_COLUMN, UNREADABLE_CELL, CellValue, Row, RowBatch, SheetRows, Token, UnusableCell

MOST_HEADINGS = 1000
"""A row with more texts is none of headings with synonyms, and no form is wider: on the widest sheets looking at all
of them would take seconds."""

LIKE_HEADING = 65.0
"""In the hundredths of rapidfuzz' ratio: how like a misspelt heading must be to the one that is missing."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A heading of several meanings in `column` (from 0): its kind (a key of `SEVERAL_MEANINGS`), the field that it is
    taken for until the cells are known, and the fields that it may be. `is_contested`: another heading may be the same
    field, or the text in the cell `note` above the headings may change what the amounts are."""

    column: int
    kind: str
    field: str
    candidates: tuple[str, ...]
    is_contested: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet's form: the heading row's number, the column (from 0) of each field, and the other headings by column.

    `repeated` are fields with a second column: the field, its first and its second column. `calculated` are the columns
    of the template that hold formulas; they are not read. `assumed` are the headings of several meanings; they
    are not among the `unknown`. `headings` are all headings by column. Of headings in two rows `row` is the lower one.
    Of the fields `typed` the texts of text cells are told from those of numbers and dates (`TypedText`).
    """

    form: Form
    row: int
    columns: dict[str, int]
    repeated: tuple[tuple[str, int, int], ...]
    unknown: dict[int, str]
    calculated: frozenset[int] = frozenset()
    assumed: tuple[Assumption, ...] = ()
    headings: Mapping[int, str] = field(default_factory=dict)
    is_in_two_rows: bool = False
    typed: frozenset[str] = frozenset()

    @property
    def heading_rows(self) -> tuple[int, ...]:
        """The number of the heading row, or of both."""
        return (self.row - 1, self.row) if self.is_in_two_rows else (self.row,)

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
        assumed = (one.column for one in self.assumed)
        return self.calculated.union(self.columns.values(), self.unknown, second, assumed)


def top_of(read: SheetRows, is_form: Callable[[Sequence[Row]], bool]) -> tuple[list[Row], Iterator[RowBatch]]:
    """The first 20 rows of a sheet, from row 1 on, and all of its batches. Of a sheet that fills more columns than any
    form the first 1,000 of those, unless `is_form` says that they are one."""
    begun: list[RowBatch] = []
    for batch in read.batches:
        begun.append(batch)
        if batch.rows[-1] >= LAST_HEADING_ROW:
            break
    filled = sorted({index for batch in begun for index in batch.columns})
    top = _first_rows(begun, read, filled[:MOST_HEADINGS])
    if len(filled) > MOST_HEADINGS and is_form(top):
        top = _first_rows(begun, read, filled)
    return top, chain(begun, read.batches)


def _first_rows(begun: Sequence[RowBatch], read: SheetRows, columns: Sequence[int]) -> list[Row]:
    top: list[Row] = [()] * LAST_HEADING_ROW
    for batch in begun:
        narrow = replace(batch, columns={index: batch.columns[index] for index in columns if index in batch.columns})
        for place, number in enumerate(batch.rows[:LAST_HEADING_ROW]):
            if number <= LAST_HEADING_ROW:
                top[number - 1] = row_of(narrow, place, read.value_of)
    return top


def row_of(batch: RowBatch, place: int, value_of: Callable[[Token], CellValue]) -> list[CellValue]:
    row: list[CellValue] = [None] * (max(batch.columns, default=-1) + 1)
    for index, tokens in batch.columns.items():
        row[index] = value_of(tokens[place])
    return row


def layout_of(rows: Sequence[Row], forms: Sequence[Form]) -> Layout | None:
    """The first row, within 20, that holds all required headings of a form; else the first that does with synonyms, by
    itself or as the upper of two rows; else the one with the most of the form's own headings, when no more than half
    are missing (then columns are missing). None when the sheet is no form. Where a row could be several forms it is the
    one that knows the most of its headings: a journal sheet may carry an address code of its own."""
    names = [(form, form.headings()) for form in forms]
    best: Layout | None = None
    in_rows = dict(headings_in(rows))
    for number, headings in in_rows.items():
        folded = {index: fold_heading(heading) for index, heading in headings.items()}
        there = set(folded.values())
        # A wide row of other texts is no layout three times.
        layouts = [_layout_of_row(number, headings, form, folded) for form, of in names if not there.isdisjoint(of)]
        candidates = [layout for layout in layouts if layout.is_whole or layout.is_nearly_whole]
        layout = max(candidates, key=lambda one: len(one.columns), default=None)
        if layout is not None and layout.is_whole:
            return layout
        if layout is not None and (best is None or len(layout.missing) < len(best.missing)):
            best = layout
    if JOURNALS in forms:
        understood = list(_understood_rows(rows, in_rows))
        whole = next((layout for layout in understood if layout.is_whole), None)
        if whole is not None or best is None or best.form is not JOURNALS:
            return whole or best
        # What synonyms add is not missing; a list with a balance is no journal.
        of_best = (layout for layout in understood if best.row in layout.heading_rows)
        return min(of_best, key=lambda layout: len(layout.missing), default=None)
    return best


def nearest_layout(rows: Sequence[Row]) -> Layout | None:
    """Of a sheet that is no form the row, or the two rows, with the most of a journal's required headings; None where
    no row has three headings of a journal."""
    in_rows = dict(headings_in(rows, MOST_HEADINGS))
    layouts = [
        layout for layout in _understood_rows(rows, in_rows) if len(layout.columns) >= layout.form.telling_headings
    ]
    return min(layouts, key=lambda layout: len(layout.missing), default=None)


def headings_in(rows: Sequence[Row], most: int = LAST_COLUMN + 1) -> Iterator[tuple[int, dict[int, str]]]:
    """The texts of the first rows by column, with the rows' numbers; without rows that have more than `most` cells."""
    for number, row in enumerate(rows[:LAST_HEADING_ROW], start=1):
        if len(row) - row.count(None) > most:
            continue
        headings = {index: heading for index, value in enumerate(row) if (heading := heading_of(value))}
        if headings:
            yield number, headings


def journal_layout_of(rows: Sequence[Row], number: int) -> Layout:
    """The row of that number as the headings of a journal, whatever it holds."""
    of_row = _layout_of_row(number, dict(headings_in(rows)).get(number, {}), JOURNALS)
    return _with_synonyms(of_row, rows[number:])


def _understood_rows(rows: Sequence[Row], in_rows: Mapping[int, Mapping[int, str]]) -> Iterator[Layout]:
    """Each row as the headings of a journal with synonyms, by itself and as the upper of two; without those that can be
    no journal. `in_rows` are the texts of the rows as `headings_in` gives them."""
    in_rows = {number: headings for number, headings in in_rows.items() if len(headings) <= MOST_HEADINGS}
    for number, headings in in_rows.items():
        lower = in_rows.get(number + 1, {})
        for last, found in ((number, headings), (number + 1, of_two_rows(headings, lower))):
            if found:
                of_row = replace(_layout_of_row(last, found, JOURNALS), is_in_two_rows=last != number)
                layout = _with_synonyms(of_row, rows[last:])
                if of_row.is_in_two_rows:
                    layout = _with_groups_asked(layout, headings, lower)
                if not _is_a_list_of_balances(layout):
                    yield layout


def of_two_rows(upper: Mapping[int, str], lower: Mapping[int, str]) -> dict[int, str]:
    """The headings of two rows, of which the upper one also names groups (Amount above Debit and Credit); empty where
    the lower row is none of headings, or a heading in it is of another kind than the group above it."""
    of_two = dict(upper)
    group = ""
    for index in range(max((*upper, *lower), default=-1) + 1):
        if index in upper:
            group = upper[index] if index in lower else ""
        if index not in lower:
            continue
        kind = kind_of(lower[index])
        if kind is None or kind_of(group) not in (None, kind):
            return {}
        of_two[index] = lower[index]
    return of_two if lower else {}


def _with_groups_asked(layout: Layout, upper: Mapping[int, str], lower: Mapping[int, str]) -> Layout:
    """The layout of two rows in which amounts below a group that nobody knows are assumed: USD, a budget or thousands
    above Debit and Credit are other amounts. A title above a row of headings that is whole by itself is no group."""
    if lower.keys() >= set(layout.columns.values()):
        return layout
    asked = []
    for name, index in layout.columns.items():
        above = max((one for one in upper if one <= index), default=-1)
        if name not in AMOUNTS or index not in lower or above not in lower:
            continue
        group = upper[above]
        if kind_of(group) is None and synonyms().other.get(fold_heading(group)) != "amounts":
            asked.append(Assumption(index, "amount", name, (name,), is_contested=True))
    return with_asked(layout, asked)


def with_asked(layout: Layout, asked: Sequence[Assumption]) -> Layout:
    """The layout with assumptions in place of those that it has of the same fields."""
    kept = (one for one in layout.assumed if one.field not in {other.field for other in asked})
    return replace(layout, assumed=(*kept, *asked))


AMOUNTS = frozenset(("amount", "debit", "credit"))


def field_named(heading: str) -> str | None:
    """The field of a journal that a heading names, None when it names none, or may name several."""
    folded = fold_heading(heading)
    return JOURNALS.headings().get(folded) or synonyms().one.get(folded)


def possible_fields(heading: str) -> Sequence[str]:
    """The fields of a journal that a heading of several meanings may name, the likeliest first."""
    return SEVERAL_MEANINGS.get(synonyms().several.get(fold_heading(heading), ""), ())


def kind_of(heading: str) -> Kind | None:
    """The kind of the column that a heading names, None when it names none."""
    name = field_named(heading) or next(iter(possible_fields(heading)), None)
    return None if name is None else JOURNALS.column(name).kind


def _is_a_list_of_balances(layout: Layout) -> bool:
    """True for a statement or a trial balance: debits and credits beside a balance, or without any date or journal."""
    if "debit" not in layout.columns or "credit" not in layout.columns:
        return False
    has_balance = any(synonyms().other.get(fold_heading(heading)) == "balance" for heading in layout.unknown.values())
    return has_balance or layout.columns.keys().isdisjoint(("transDateTime", "journal"))


def _with_synonyms(layout: Layout, below: Sequence[Row]) -> Layout:
    """The layout with the headings that the form's own names leave unknown; the first rows `below` tell which of its
    meanings a heading of several is taken for."""
    known = synonyms()
    columns, repeated, unknown = dict(layout.columns), list(layout.repeated), dict(layout.unknown)
    for index, heading in layout.unknown.items():
        name = known.one.get(fold_heading(heading))
        if name is not None:
            del unknown[index]
            first = columns.setdefault(name, index)
            if first != index:
                repeated.append((name, first, index))
    found: dict[str, list[Assumption]] = {}
    kinds = {index: kind for index, heading in unknown.items() if (kind := known.several.get(fold_heading(heading)))}
    for index, kind in sorted(kinds.items(), key=lambda one: (one[1] == "amount", one[0])):
        texts = {heading_of(row[index]) for row in below if index < len(row)} - {""}
        name = _assumed_field(kind, columns.keys(), columns.keys() | found.keys(), texts)
        if name is not None:
            candidates = tuple(one for one in SEVERAL_MEANINGS[kind] if one not in columns)
            found.setdefault(name, []).append(Assumption(index, kind, name, candidates))
            del unknown[index]
    columns |= {name: claims[0].column for name, claims in found.items()}
    assumed = tuple(replace(claim, is_contested=len(claims) > 1) for claims in found.values() for claim in claims)
    return replace(layout, columns=columns, repeated=tuple(repeated), unknown=unknown, assumed=assumed)


SIDES = frozenset("CDAHS")
"""Letters that stand for a side in some language (cargo, crédito, debe, abono, haber, Soll), and so for both."""

WORDS_OF_SIDES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("cargo", "debe", "debit", "debito"), Side.DEBIT.value)
    | dict.fromkeys(("abono", "haber", "credit", "credito"), Side.CREDIT.value)
)
"""Folded words for the side of an amount."""


def may_be_side(text: str) -> bool:
    """True for a letter or a word that says the side of an amount in some language."""
    return text.upper() in SIDES or fold_heading(text) in WORDS_OF_SIDES


def _assumed_field(kind: str, certain: Collection[str], taken: Collection[str], texts: Collection[str]) -> str | None:
    """The required field that a heading of several meanings may be, None when there is none left for it. `certain` are
    the fields of headings with one meaning, `taken` those of all headings so far, `texts` those of cells below."""
    has_sides = not {"transaction", "debit", "credit"}.isdisjoint(certain)
    if kind == "type":
        is_side = not has_sides and bool(texts) and all(map(may_be_side, texts))
        name = "transaction" if is_side else "journalType"
    elif kind == "side" and has_sides:
        return None
    elif kind == "amount" and ("transaction" not in taken or not {"debit", "credit"}.isdisjoint(certain)):
        return None  # with the sign as its side, or beside amounts by sides
    else:
        name = SEVERAL_MEANINGS[kind][0]
    return None if name in certain else name


def _layout_of_row(
    number: int, headings: Mapping[int, str], form: Form, folded: Mapping[int, str] | None = None
) -> Layout:
    columns: dict[str, int] = {}
    repeated, unknown, calculated = [], {}, set()
    fields, of_formulas = form.headings(), calculated_headings(form.name)
    for index, heading in headings.items():
        text = folded[index] if folded is not None else fold_heading(heading)
        name = fields.get(text)
        if name is None and text in of_formulas:
            calculated.add(index)
        elif name is None:
            unknown[index] = heading
        elif name in columns:
            repeated.append((name, columns[name], index))
        else:
            columns[name] = index
    return Layout(form, number, columns, tuple(repeated), unknown, frozenset(calculated), headings=headings)


def unreadable_cell(rows: Sequence[Row], first: int = 1) -> str | None:
    """The first cell that holds no value of its kind, None without one; `first` is the number of the first row."""
    for number, row in enumerate(rows, start=first):
        for index, value in enumerate(row):
            if isinstance(value, UnusableCell) and _is_unreadable(value):
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


def similar_headings(layout: Layout) -> dict[str, int]:
    """Of each missing field the column whose unknown heading is most like one of its names or synonyms; each column
    stands for one field."""
    if not layout.missing or not layout.unknown:
        return {}
    from rapidfuzz import fuzz

    names = {**(synonyms().one if layout.form is JOURNALS else {}), **layout.form.headings()}
    alike = [
        (fuzz.ratio(fold_heading(heading), one), name, index)
        for one, name in names.items()
        if name in layout.missing
        for index, heading in layout.unknown.items()
    ]
    similar: dict[str, int] = {}
    for similarity, name, index in sorted(alike, key=lambda one: -one[0]):
        if similarity >= LIKE_HEADING and name not in similar and index not in similar.values():
            similar[name] = index
    return similar
