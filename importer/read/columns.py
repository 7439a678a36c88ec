"""The columns of a form below its headings: the texts of the cells, and the problems of those that have none."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, islice, zip_longest
from typing import NamedTuple, cast

from importer.model.places import Place, column_letters
from importer.model.problems import Problem
from importer.model.sheets import CellText
from importer.read.cells import Spoilt, TextsOf, heading_of
from importer.read.headings import Layout
from importer.read.sheets import Rows
from importer.read.survey import Survey
from importer.read.values import Row
from importer.templates.lists import is_listed

_SOME_ROWS = 256


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


def entries_of(read: Rows, layout: Layout, file: str) -> Entries:
    """What stands below the headings; `read.rows` go on right below them. Raises UnreadableSheet when they cannot."""
    marked = {(fault.row, fault.column): fault for fault in _marked(read.survey, layout)}
    reading = _Reading(layout, {row for row, _ in marked})
    while some := list(islice(read.rows, _SOME_ROWS)):
        reading.add(some)
    reading.add_marked_rows()
    faults = sorted(({(fault.row, fault.column): fault for fault in reading.faults()} | marked).values())
    for fault in faults:
        reading.texts[fault.field][bisect_left(reading.rows, fault.row)] = None
    columns = cast(dict[str, list[CellText]], reading.texts)
    spoilt = frozenset((fault.row, fault.field) for fault in faults)
    problems = [_problem(fault, file, read.part.name) for fault in faults]
    return Entries(tuple(reading.rows), columns, spoilt, problems, reading.headless)


class _Reading:
    """Rows turned into columns, some at a time and without the blank ones: the values of a whole sheet are ten times
    the size of its texts. `marked` are the rows that count although they may have no value."""

    def __init__(self, layout: Layout, marked: set[int]) -> None:
        self._layout = layout
        self._marked = marked
        self._headed = layout.headed
        form = layout.form
        self._known = {
            field: TextsOf(form.column(field).kind, is_picked=is_listed(form.name, field)) for field in layout.columns
        }
        self._next = layout.row + 1
        self.rows: list[int] = []
        self.texts: dict[str, list[CellText | Spoilt]] = {field: [] for field in layout.columns}
        self.headless: set[int] = set()

    def add(self, rows: list[Row]) -> None:
        numbers = range(self._next, self._next + len(rows))
        self._next = numbers.stop
        if not any(rows) and self._marked.isdisjoint(numbers):
            return
        across = list(zip_longest(*rows, fillvalue=""))
        blanks, blank = ("",) * len(rows), [None] * len(rows)
        added: dict[str, Sequence[CellText | Spoilt]] = {}
        for field, index in self._layout.columns.items():
            values = across[index] if index < len(across) else blanks
            # Most columns of most sheets are blank; 0 is not.
            added[field] = blank if values == blanks else list(map(self._known[field].__getitem__, values))
        self._keep(numbers, added)
        for index, values in enumerate(across):
            if index not in self._headed and any(map(heading_of, set(values))):
                self.headless.add(index)

    def _keep(self, numbers: range, added: Mapping[str, Sequence[CellText | Spoilt]]) -> None:
        if any(map(all, added.values())):
            self.rows += numbers
            for field, texts in added.items():
                self.texts[field] += texts
            return
        filled = map(any, zip(*added.values(), strict=True))
        is_kept = [is_filled or number in self._marked for number, is_filled in zip(numbers, filled, strict=True)]
        self.rows += compress(numbers, is_kept)
        for field, texts in added.items():
            self.texts[field] += compress(texts, is_kept)

    def add_marked_rows(self) -> None:
        """An error or a formula without a value may stand below the last value."""
        below = sorted(row for row in self._marked if row >= self._next)
        self.rows += below
        for texts in self.texts.values():
            texts += [None] * len(below)

    def faults(self) -> Iterator[_Fault]:
        """The cells in which Excel holds something else than was typed."""
        for field, texts in self.texts.items():
            if self._known[field].has_spoilt:
                column = self._layout.columns[field]
                for row, text in zip(self.rows, texts, strict=True):
                    if isinstance(text, Spoilt):
                        yield _Fault(row, column, field, text.wording, text.shown)


def _marked(survey: Survey, layout: Layout) -> Iterator[_Fault]:
    fields = {column: field for field, column in layout.columns.items()}
    for (row, column), error in survey.errors.items():
        if row > layout.row and column in fields:
            yield _Fault(row, column, fields[column], "cell-error", error)
    for row, column in survey.uncalculated:
        if row > layout.row and column in fields:
            yield _Fault(row, column, fields[column], "formula-without-value", None)


def _problem(fault: _Fault, file: str, sheet: str) -> Problem:
    place = Place(file, sheet, fault.row, column_letters(fault.column), fault.field)
    facts = {"error": fault.shown or "#"} if fault.wording == "cell-error" else {}
    return Problem(fault.wording.partition(".")[0], place, value=fault.shown, wording=fault.wording, facts=facts)
