"""What stands at the rows of a corrections workbook: their state, the marks of their wrong cells, and the notes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from importer.model.problems import Problem, column_letters
from importer.model.results import Status
from importer.printable import LONGEST_SENTENCE, printable, shortened
from importer.report.corrections_rows import RejectedRows, usual_format
from importer.report.original import OriginalSheet
from importer.report.sentences import message, said, status_words
from importer.templates.forms import Column, Kind
from importer.translations import Language
from importer.xlsx.values import GENERAL
from importer.xlsx.writer import BLANK, ERROR, TEXT, Cell

MOST_NOTES = 10_000
"""In one sheet: beyond them the state says what is wrong. Excel opens a sheet with more notes slowly or not at all."""

MOST_OF_A_CELL = 5
_ERROR, _WARNING, _STATE, _INK = "#F8CBAD", "#FFE699", "#F2F2F2", "#9C2B00"
_STRICT = frozenset({Kind.AMOUNT, Kind.PERIOD, Kind.INTEGER, Kind.CHOICE})
"""Kinds in which a day that Excel made of an entry stays wrong as a text."""

WriteNote = Callable[[int, int | None, str], None]
"""Takes a row's number in the original, a column (None: the state) and a text."""


class Look(NamedTuple):
    """How a cell looks: its number format, the colour behind it, the colour of its text."""

    number_format: str
    colour: str = ""
    ink: str = ""


class Shown(NamedTuple):
    """A cell as it stands in the corrections workbook."""

    kind: str
    text: str
    look: Look


LOOKS_OF_STATES = (Look("@", _STATE), Look("@", _STATE, _INK))


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """The state of a row, and its marked cells by their columns in the original."""

    state: Shown
    cells: Mapping[int, Shown] = field(default_factory=dict)


def shown(cell: Cell, column: Column | None) -> Shown:
    """A cell at which nothing is wrong: as it was. Texts of a form's column have that column's usual format."""
    usual = usual_format(column.kind) if column is not None and cell.kind == TEXT else GENERAL
    return Shown(cell.kind, cell.text, Look(usual if cell.number_format == GENERAL else cell.number_format))


def notes_of(problems: Sequence[Problem], language: Language) -> str:
    """The text of a note: what is wrong and, where it is certain, what to type instead."""
    parts = []
    for problem in problems[:MOST_OF_A_CELL]:
        sentence = printable(shortened(message(problem, language), LONGEST_SENTENCE))
        parts.append(sentence)
        if problem.suggestion and problem.suggestion not in sentence:
            parts.append(said(language, "corrections.note-suggestion", suggestion=printable(problem.suggestion)))
    if len(problems) > MOST_OF_A_CELL:
        parts.append(said(language, "corrections.note-more", count=str(len(problems) - MOST_OF_A_CELL)))
    return "\n".join(parts)


class Marks:
    """Marks the rows of a sheet, from the first to the last; `columns` are the original's columns that are carried
    over, with the form's. `write_note` is called at most `MOST_NOTES` times."""

    def __init__(
        self,
        rejected_rows: RejectedRows,
        original: OriginalSheet,
        columns: Mapping[int, Column | None],
        language: Language,
        write_note: WriteNote,
    ) -> None:
        self._rejected_rows = rejected_rows
        self._original = original
        self._columns = columns
        self._language = language
        self._write_note = write_note
        self._notes_left = MOST_NOTES
        self._index_of = {column_letters(index): index for index in columns}
        self._state = lru_cache(self._state_of)

    def of_row(self, row: int) -> MarkedRow:
        """What is said at a row, by its number in the original."""
        of_row, of_cells = self._parted(self._rejected_rows.of_rows.get(row, ()))
        wrong = tuple([index for index, problems in of_cells.items() if _blocks(problems)])
        state = self._state(self._rejected_rows.status_of[row], wrong, _blocks(of_row))
        if not of_row and not of_cells:
            return state
        if self._notes_left <= 0:
            every = [*of_row, *(one for found in of_cells.values() for one in found)]
            described = f"{state.state.text}: {notes_of(every, self._language)}"
            state = MarkedRow(Shown(TEXT, described, state.state.look))
        if of_row:
            self._attach(row, None, of_row)
        for index, problems in of_cells.items():
            self._attach(row, index, problems)
        return MarkedRow(state.state, self._marked(row, of_cells, wrong))

    def _parted(self, problems: Sequence[Problem]) -> tuple[list[Problem], dict[int, list[Problem]]]:
        """The problems of the row, and of its cells that are carried over, from left to right."""
        of_row, of_cells = [], dict[int, list[Problem]]()
        for problem in problems:
            if problem.place.column is None:
                of_row.append(problem)
            elif (index := self._index_of.get(problem.place.column)) is not None:
                of_cells.setdefault(index, []).append(problem)
        return of_row, of_cells if len(of_cells) < 2 else dict(sorted(of_cells.items()))

    def _state_of(self, status: Status, wrong: tuple[int, ...], is_row_wrong: bool) -> MarkedRow:
        words = status_words(status, self._language)
        if wrong:
            names = ", ".join(printable(shortened(self._original.headings.get(index, ""))) for index in wrong)
            text = said(self._language, "corrections.row-wrong", status=words, columns=names)
        elif is_row_wrong:
            text = said(self._language, "corrections.row-whole", status=words)
        else:
            text = said(self._language, "corrections.row-fine", status=words)
        return MarkedRow(Shown(TEXT, text, LOOKS_OF_STATES[bool(wrong) or is_row_wrong]))

    def _attach(self, row: int, index: int | None, problems: Sequence[Problem]) -> None:
        if self._notes_left > 0:
            self._notes_left -= 1
            self._write_note(row, index, notes_of(problems, self._language))

    def _marked(self, row: int, of_cells: Mapping[int, Sequence[Problem]], wrong: Collection[int]) -> dict[int, Shown]:
        there = {cell.column: cell for cell in self._original.rows.get(row, ()) if cell.column in of_cells}
        return {
            index: _marked(there.get(index) or Cell(index, BLANK, ""), self._columns[index], problems, index in wrong)
            for index, problems in of_cells.items()
        }


def _blocks(problems: Sequence[Problem]) -> bool:
    return any(problem.blocks for problem in problems)


def _marked(cell: Cell, column: Column | None, problems: Sequence[Problem], is_wrong: bool) -> Shown:
    """A cell at which something is wrong. It stays wrong until it is mended, and has the format in which Excel takes
    what will be typed for what it is."""
    if column is None or not is_wrong:
        as_it_was = shown(cell, column)
        return as_it_was._replace(look=as_it_was.look._replace(colour=_ERROR if is_wrong else _WARNING))
    usual = Look(usual_format(column.kind), _ERROR)
    codes = {one.code for one in problems}
    if "formula-without-value" in codes or (cell.kind == BLANK and "cell-error" in codes):
        return Shown(ERROR, "#N/A", usual)
    if cell.kind in (BLANK, TEXT, ERROR):
        return Shown(cell.kind, cell.text, usual)
    if column.kind in _STRICT and cell.is_day:
        described = next((one.value for one in problems if one.value), "")
        if described:
            return Shown(TEXT, described, usual)
    return Shown(cell.kind, cell.text, Look(cell.number_format, _ERROR))
