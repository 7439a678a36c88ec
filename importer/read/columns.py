"""The columns of a form below its headings: the texts of the cells, and the problems of those that have none."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import compress
from operator import itemgetter
from typing import TypeVar, cast

from importer.model.problems import Place, Problem, column_letters
from importer.model.workbook import CellText
from importer.read.cells import CellTexts, MarkedAmount, TimedDay, heading_of, text_of
from importer.read.headings import Layout
from importer.read.layout_checks import key_field_of, time_problems
from importer.read.skipped_rows import LABELS, is_label
from importer.templates.forms import Kind, is_listed
from importer.xlsx.number_formats import NumberLook
from importer.xlsx.values import CELL_ERROR, UNREADABLE_CELL, RowBatch, SheetRows, UnusableCell

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Entries:
    """A form's rows without the blank ones: their numbers, and the texts of every field in their order.

    `unusable` are the cells (row, field) that have no text but a problem of their own, `problems` those problems and
    the ones of dates with a time. `marks` are the looks of amounts that Excel shows with a currency or a side, by cell.
    `headless` are the columns (from 0) with entries below a blank heading. `unread` are the texts of the columns (from
    0) that are no field's, where the form groups its rows by a key and no row has one. `struck` are rows whose account
    or amount Excel shows struck through.
    """

    rows: tuple[int, ...]
    columns: dict[str, list[CellText]]
    unusable: frozenset[tuple[int, str]]
    problems: list[Problem]
    headless: set[int]
    unread: dict[int, list[CellText | UnusableCell]]
    marks: Mapping[tuple[int, str], NumberLook]
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


def entries_of(batches: Iterable[RowBatch], read: SheetRows, layout: Layout, file: str, sheet: str) -> Entries:
    """What stands below the headings of the sheet that is `read`, in batches from any row on. Raises what reading the
    batches raises."""
    reading = _Reading(layout, read)
    for batch in batches:
        reading.add(batch)
    return reading.entries(Place(file, sheet))


class _Reading:
    """Rows turned into columns, some at a time and without the blank ones: the values of a whole sheet are ten times
    the size of its texts."""

    def __init__(self, layout: Layout, read: SheetRows) -> None:
        self._layout = layout
        self._value_of = value_of = read.value_of
        self._metadata, self._is_struck = read.metadata, cache(read.is_struck)
        self._struck: set[int] = set()
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
                self._struck.update(row for row, token in zip(rows, tokens, strict=False) if self._is_struck(token))
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
        if not self._awaits_key:
            self.unread.clear()
        for index, read in unread.items():
            known = self.unread.setdefault(index, [])
            known += [None] * (before - len(known))
            known += read
        self.rows += _those(is_kept, rows)
        for field, column in added.items():
            # A column begins with its first cell: most have none.
            if field in self.texts or column is not blank:
                self.texts.setdefault(field, [None] * before).extend(_those(is_kept, column))

    def entries(self, sheet: Place) -> Entries:
        """All of it, once; `sheet` is the place of the sheet."""
        # One for all columns without an entry, which are most.
        blank: list[CellText | UnusableCell] = [None] * len(self.rows)
        texts_of = {}
        faults, times, marks = list[Problem](), list[Problem](), dict[tuple[int, str], NumberLook]()
        for field, index in sorted(self._layout.columns.items(), key=itemgetter(1)):
            known, texts = self._known[field], self.texts.get(field, blank)
            place = replace(sheet, column=column_letters(index), field=field)
            if known.has_unusable:
                faults += [
                    _problem(text, replace(place, row=row))
                    for row, text in zip(self.rows, texts, strict=True)
                    if isinstance(text, UnusableCell)
                ]
                texts = [None if isinstance(text, UnusableCell) else text for text in texts]
            if known.has_times:
                times += time_problems(place, self.rows, texts)
                texts = [str(text) if isinstance(text, TimedDay) else text for text in texts]
            if known.has_marks:
                pairs = zip(self.rows, texts, strict=True)
                marks |= {(row, field): text.look for row, text in pairs if isinstance(text, MarkedAmount)}
                texts = [str(text) if isinstance(text, MarkedAmount) else text for text in texts]
            texts_of[field] = texts if any(texts) else blank
        for texts in self.unread.values():
            texts += [None] * (len(self.rows) - len(texts))
        faults.sort(key=lambda one: one.place.row or 0)
        return Entries(
            rows=tuple(self.rows),
            columns={field: cast(list[CellText], texts_of[field]) for field in self._layout.columns},
            unusable=frozenset((one.place.row or 0, one.place.field or "") for one in faults),
            problems=[*faults, *times],
            headless=self.headless,
            unread=self.unread,
            marks=marks,
            struck=self._struck,
        )


def _kept(added: Mapping[str, Sequence[CellText | UnusableCell]]) -> Sequence[bool] | None:
    """Of each row whether it has an entry; None when all have."""
    if any(map(all, added.values())):
        return None
    return list(map(any, zip(*added.values(), strict=True)))


def _those(is_kept: Sequence[bool] | None, entries: Sequence[Entry]) -> Iterable[Entry]:
    return entries if is_kept is None else compress(entries, is_kept)


def _problem(cell: UnusableCell, place: Place) -> Problem:
    """What is told of a cell in which Excel holds something else than was typed."""
    facts = {"error": cell.shown or "#"} if cell.wording in (CELL_ERROR, UNREADABLE_CELL) else {}
    return Problem(cell.wording.partition(".")[0], place, value=cell.shown, wording=cell.wording, facts=facts)
