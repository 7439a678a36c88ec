"""The columns of a form below its headings: the texts of the cells, and the problems of those that have none."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple, cast

from importer.model.places import Place, column_letters
from importer.model.problems import Problem
from importer.model.sheets import CellText
from importer.read.cells import TextsOf, heading_of
from importer.read.headings import Layout
from importer.read.values import CellValue, Spoilt, Stretch, Token
from importer.templates.lists import is_listed


@dataclass(frozen=True, slots=True)
class Entries:
    """A form's rows without the blank ones: their numbers, and the texts of every field in their order.

    `spoilt` are the cells (row, field) that have a problem of their own, `problems` those problems. `headless` are the
    columns (from 0) with entries below a blank heading.
    """

    rows: tuple[int, ...]
    columns: dict[str, list[CellText]]
    spoilt: frozenset[tuple[int, str]]
    problems: list[Problem]
    headless: set[int]


class _Fault(NamedTuple):
    row: int
    column: int
    field: str
    wording: str
    shown: str | None


def entries_of(
    stretches: Iterable[Stretch], value_of: Callable[[Token], CellValue], layout: Layout, file: str, sheet: str
) -> Entries:
    """What stands below the headings, in stretches from any row on. Raises what reading the stretches raises."""
    reading = _Reading(layout, value_of)
    for stretch in stretches:
        reading.add(stretch)
    faults = sorted(reading.faults())
    for fault in faults:
        reading.texts[fault.field][bisect_left(reading.rows, fault.row)] = None
    columns = cast(dict[str, list[CellText]], reading.texts)
    spoilt = frozenset((fault.row, fault.field) for fault in faults)
    problems = [_problem(fault, file, sheet) for fault in faults]
    return Entries(tuple(reading.rows), columns, spoilt, problems, reading.headless)


class _Reading:
    """Rows turned into columns, some at a time and without the blank ones: the values of a whole sheet are ten times
    the size of its texts."""

    def __init__(self, layout: Layout, value_of: Callable[[Token], CellValue]) -> None:
        self._layout = layout
        self._value_of = value_of
        self._headed = layout.headed
        form = layout.form
        self._known = {
            field: TextsOf(form.column(field).kind, value_of, is_picked=is_listed(form.name, field))
            for field in layout.columns
        }
        self.rows: list[int] = []
        self.texts: dict[str, list[CellText | Spoilt]] = {field: [] for field in layout.columns}
        self.headless: set[int] = set()

    def add(self, stretch: Stretch) -> None:
        above = bisect_right(stretch.rows, self._layout.row)
        rows = stretch.rows[above:]
        blank = [None] * len(rows)
        added: dict[str, Sequence[CellText | Spoilt]] = {}
        for field, index in self._layout.columns.items():
            tokens = stretch.columns.get(index)
            added[field] = blank if tokens is None else list(map(self._known[field].__getitem__, tokens[above:]))
        self._keep(rows, added)
        for index, tokens in stretch.columns.items():
            # Every token is looked at: one that stands for nothing may have swallowed others.
            if index not in self._layout.columns.values():
                shown = [heading_of(self._value_of(token)) for token in set(tokens[above:])]
                if index not in self._headed and any(shown):
                    self.headless.add(index)

    def _keep(self, rows: Sequence[int], added: Mapping[str, Sequence[CellText | Spoilt]]) -> None:
        if any(map(all, added.values())):
            self.rows += rows
            for field, texts in added.items():
                self.texts[field] += texts
            return
        is_kept = list(map(any, zip(*added.values(), strict=True)))
        self.rows += compress(rows, is_kept)
        for field, texts in added.items():
            self.texts[field] += compress(texts, is_kept)

    def faults(self) -> Iterator[_Fault]:
        """The cells in which Excel holds something else than was typed."""
        for field, texts in self.texts.items():
            if self._known[field].has_spoilt:
                column = self._layout.columns[field]
                for row, text in zip(self.rows, texts, strict=True):
                    if isinstance(text, Spoilt):
                        yield _Fault(row, column, field, text.wording, text.shown)


def _problem(fault: _Fault, file: str, sheet: str) -> Problem:
    place = Place(file, sheet, fault.row, column_letters(fault.column), fault.field)
    facts = {"error": fault.shown or "#"} if fault.wording == "cell-error" else {}
    return Problem(fault.wording.partition(".")[0], place, value=fault.shown, wording=fault.wording, facts=facts)
