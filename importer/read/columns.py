"""The columns of a form below its headings: the texts of the cells, and the problems of those that have none."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import compress
from typing import NamedTuple, TypeVar, cast

from importer.model.problems import Place, Problem, column_letters
from importer.model.workbook import CellText
from importer.read.cells import CellTexts, CurrencyText, TimedDay, heading_of, text_of
from importer.read.headings import Layout
from importer.read.layout_checks import key_field_of, time_problems
from importer.read.skipped_rows import LABELS, is_label
from importer.templates.forms import Kind, is_listed
from importer.xlsx.values import CELL_ERROR, UNREADABLE_CELL, RowBatch, SheetRows, UnusableCell

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Entries:
    """A form's rows without the blank ones: their numbers, and the texts of every field in their order.

    `unusable` are the cells (row, field) that have no text but a problem of their own, `problems` those problems and
    the ones of dates with a time. `currencies` are those that Excel shows beside amounts, by cell. `headless` are the
    columns (from 0) with entries below a blank heading. `unread` are the texts of the columns (from 0) that are no
    field's, where the form groups its rows by a key and no row has one. `struck` are rows whose account or amount Excel
    shows struck through.
    """

    rows: tuple[int, ...]
    columns: dict[str, list[CellText]]
    unusable: frozenset[tuple[int, str]]
    problems: list[Problem]
    headless: set[int]
    unread: dict[int, list[CellText | UnusableCell]]
    currencies: Mapping[tuple[int, str], str]
    struck: Collection[int]

    def without(self, left_out: Collection[int]) -> "Entries":
        """The same without some rows and their problems."""
        if not left_out:
            return self
        is_kept = [row not in left_out for row in self.rows]
        return replace(
            self,
            rows=tuple(compress(self.rows, is_kept)),
            columns={field: list(compress(texts, is_kept)) for field, texts in self.columns.items()},
            unusable=frozenset((row, field) for row, field in self.unusable if row not in left_out),
            problems=[problem for problem in self.problems if problem.place.row not in left_out],
            unread={index: list(compress(texts, is_kept)) for index, texts in self.unread.items()},
        )


_OF_LINES = frozenset(("account", "amount", "debit", "credit"))


class _Fault(NamedTuple):
    row: int
    column: int
    field: str
    wording: str
    shown: str | None


def entries_of(batches: Iterable[RowBatch], read: SheetRows, layout: Layout, file: str, sheet: str) -> Entries:
    """What stands below the headings of the sheet that is `read`, in batches from any row on. Raises what reading the
    batches raises."""
    reading = _Reading(layout, read)
    for batch in batches:
        reading.add(batch)
    # One for all columns without an entry, which are most.
    blank: list[CellText | UnusableCell] = [None] * len(reading.rows)
    reading.texts = {field: reading.texts.get(field, blank) for field in layout.columns}
    faults = sorted(reading.faults())
    for fault in faults:
        reading.texts[fault.field][bisect_left(reading.rows, fault.row)] = None
    times = reading.times(file, sheet)
    currencies = reading.currencies()
    for texts in reading.unread.values():
        texts += [None] * (len(reading.rows) - len(texts))
    texts_of = {field: texts if any(texts) else blank for field, texts in reading.texts.items()}
    columns = cast(dict[str, list[CellText]], texts_of)
    unusable = frozenset((fault.row, fault.field) for fault in faults)
    problems = [*(_problem(fault, file, sheet) for fault in faults), *times]
    return Entries(
        *(tuple(reading.rows), columns, unusable, problems, reading.headless, reading.unread, currencies),
        struck=reading.struck,
    )


class _Reading:
    """Rows turned into columns, some at a time and without the blank ones: the values of a whole sheet are ten times
    the size of its texts."""

    def __init__(self, layout: Layout, read: SheetRows) -> None:
        self._layout = layout
        self._value_of = value_of = read.value_of
        self._metadata, self._is_struck = read.metadata, cache(read.is_struck)
        self.struck: set[int] = set()
        self._headed = layout.headed
        form = layout.form
        self._known = {
            field: CellTexts(
                form.column(field).kind,
                value_of,
                choices=form.column(field).choices,
                is_picked=is_listed(form.name, field),
                is_blank_at_zero=form.column(field).is_blank_at_zero,
                marks_typed=field in layout.typed,
            )
            for field in layout.columns
        }
        self.rows: list[int] = []
        self.texts: dict[str, list[CellText | UnusableCell]] = {}
        self.headless: set[int] = set()
        self.unread: dict[int, list[CellText | UnusableCell]] = {}
        self._key = key_field_of(form)
        self._awaits_key = self._key is not None

    def add(self, batch: RowBatch) -> None:
        above = bisect_right(batch.rows, self._layout.row)
        rows = batch.rows[above:]
        blank = [None] * len(rows)
        added: dict[str, Sequence[CellText | UnusableCell]] = {}
        for field, index in self._layout.columns.items():
            tokens = batch.columns.get(index)
            added[field] = blank if tokens is None else list(map(self._known[field].__getitem__, tokens[above:]))
        if self._metadata.has_struck:
            for index in {self._layout.columns[field] for field in _OF_LINES & self._layout.columns.keys()}:
                tokens = batch.columns.get(index, ())[above:]
                self.struck.update(row for row, token in zip(rows, tokens, strict=False) if self._is_struck(token))
        is_kept = _kept(added)
        # The label of a row of totals is no key: the column of keys may be another one.
        keys = added.get(self._key or "", ()) if self._awaits_key else ()
        self._awaits_key = self._awaits_key and all(
            key is None or (isinstance(key, str) and is_label(key, LABELS)) for key in keys
        )
        unread: dict[int, list[CellText | UnusableCell]] = {}
        for index, tokens in batch.columns.items():
            # Every token is looked at: one that stands for nothing may have swallowed others.
            if index not in self._layout.columns.values():
                values = {token: self._value_of(token) for token in set(tokens[above:])}
                if index not in self._headed and any(map(heading_of, values.values())):
                    self.headless.add(index)
                if self._awaits_key and (index in self._layout.unknown or index not in self._headed):
                    texts = {token: text_of(value, Kind.KEY) for token, value in values.items()}
                    unread[index] = list(_those(is_kept, [texts[token] for token in tokens[above:]]))
        before = len(self.rows)
        self._keep_unread(unread, before)
        self.rows += _those(is_kept, rows)
        for field, column in added.items():
            # A column begins with its first cell: most have none.
            if field in self.texts or column is not blank:
                self.texts.setdefault(field, [None] * before).extend(_those(is_kept, column))

    def _keep_unread(self, unread: Mapping[int, list[CellText | UnusableCell]], before: int) -> None:
        if not self._awaits_key:
            self.unread.clear()
            return
        for index, texts in unread.items():
            known = self.unread.setdefault(index, [])
            known += [None] * (before - len(known))
            known += texts

    def faults(self) -> Iterator[_Fault]:
        """The cells in which Excel holds something else than was typed."""
        for field, texts in self.texts.items():
            if self._known[field].has_unusable:
                column = self._layout.columns[field]
                for row, text in zip(self.rows, texts, strict=True):
                    if isinstance(text, UnusableCell):
                        yield _Fault(row, column, field, text.wording, text.shown)

    def currencies(self) -> dict[tuple[int, str], str]:
        """The currencies that Excel shows beside amounts. To be asked once."""
        found: dict[tuple[int, str], str] = {}
        for field, texts in self.texts.items():
            if self._known[field].has_currencies:
                pairs = zip(self.rows, texts, strict=True)
                found |= {(row, field): text.currency for row, text in pairs if isinstance(text, CurrencyText)}
                self.texts[field] = [str(text) if isinstance(text, CurrencyText) else text for text in texts]
        return found

    def times(self, file: str, sheet: str) -> list[Problem]:
        """What is told of date cells with a time of day, of which only the days are kept. To be asked once."""
        found: list[Problem] = []
        for field, texts in self.texts.items():
            if self._known[field].has_times:
                place = Place(file, sheet, None, column_letters(self._layout.columns[field]), field)
                found += time_problems(place, self.rows, texts)
                self.texts[field] = [str(text) if isinstance(text, TimedDay) else text for text in texts]
        return found


def _kept(added: Mapping[str, Sequence[CellText | UnusableCell]]) -> Sequence[bool] | None:
    """Of each row whether it has an entry; None when all have."""
    if any(map(all, added.values())):
        return None
    return list(map(any, zip(*added.values(), strict=True)))


def _those(is_kept: Sequence[bool] | None, entries: Sequence[Entry]) -> Iterable[Entry]:
    return entries if is_kept is None else compress(entries, is_kept)


def _problem(fault: _Fault, file: str, sheet: str) -> Problem:
    place = Place(file, sheet, fault.row, column_letters(fault.column), fault.field)
    facts = {"error": fault.shown or "#"} if fault.wording in (CELL_ERROR, UNREADABLE_CELL) else {}
    return Problem(fault.wording.partition(".")[0], place, value=fault.shown, wording=fault.wording, facts=facts)
