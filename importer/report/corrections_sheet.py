"""A sheet of a corrections workbook: the rows to mend, as they were, with their state, marks and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any

from importer.language import Language
from importer.model.places import column_letters
from importer.model.problems import Problem
from importer.report.original import BLANK, GENERAL, Cell, CellValue, DropDown, ErrorShown, OriginalSheet
from importer.report.printable import LONGEST_SENTENCE, printable, shortened
from importer.report.retold import usual_format
from importer.report.unposted import Unposted
from importer.report.wording import message, said, status_words
from importer.report.written_cells import number_format, write_cell, write_note, write_text
from importer.templates.columns import Column, Kind
from importer.templates.forms import Form, calculated_headings, fold_heading, result_heading

LAST_ROW = 1_048_575
STATE_WIDTH = 38
MOST_NOTES = 10_000
"""In one sheet: beyond them the state says what is wrong. Excel opens a sheet with more notes slowly or not at all."""

MOST_OF_A_CELL = 5
_ERROR, _WARNING, _STATE, _HEAD, _INK = "#F8CBAD", "#FFE699", "#F2F2F2", "#1F4E79", "#9C2B00"
_STRICT = frozenset({Kind.AMOUNT, Kind.PERIOD, Kind.INTEGER, Kind.CHOICE})
"""Kinds in which a day that Excel made of an entry stays wrong as a text."""


@dataclass(frozen=True)
class Sheet:
    """What a sheet is made of: its name in the corrections workbook, the rows to mend, the form, the original's cells,
    and the names of the sheets with lists that are copied too."""

    name: str
    unposted: Unposted
    form: Form
    original: OriginalSheet
    list_sheets: frozenset[str]

    @cached_property
    def columns(self) -> Mapping[int, int]:
        """The original's columns (from 0) by their place in this sheet, whose first one is the state. What the program
        or the template's formulas wrote beside the form is left out: it would be out of date."""
        used = {column for cells in self.original.rows.values() for column in cells}
        left_out = calculated_headings(self.form.name)
        kept = [
            column
            for column in sorted(used | self.original.headings.keys())
            if fold_heading(self.original.headings.get(column, "")) not in left_out
        ]
        return dict(enumerate(kept, start=1))

    def cell_of(self, problem: Problem) -> str:
        """The cell (`C5`) at which a problem's note stands."""
        places = {column_letters(index): place for place, index in self.columns.items()}
        row = self.unposted.moved[problem.place.row or 0]
        return f"{column_letters(places.get(problem.place.column or '', 0))}{row}"


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


def write_sheet(book: Any, target: Any, made_of: Sheet, language: Language) -> None:
    """Fills `target`, a new sheet of the xlsxwriter workbook `book`."""
    _Writer(book, target, made_of, language).write()


class _Writer:
    def __init__(self, book: Any, target: Any, made_of: Sheet, language: Language) -> None:
        self._book = book
        self._target = target
        self._language = language
        self._unposted = made_of.unposted
        self._form = made_of.form
        self._original = made_of.original
        self._list_sheets = made_of.list_sheets
        self._formats: dict[tuple[object, ...], Any] = {}
        self._field_of = {letters: name for name, letters in made_of.unposted.sheet.letters.items()}
        self._columns = made_of.columns
        self._letters = {index: column_letters(index) for index in self._columns.values()}
        self._form_columns = {index: self._column_of(letters) for index, letters in self._letters.items()}
        self._notes_left = MOST_NOTES

    def write(self) -> None:
        self._set_up_columns()
        self._write_headings()
        for row, number in self._unposted.moved.items():
            self._write_row(row, number - 1)
        self._target.freeze_panes(1, 1)
        self._target.set_landscape()
        self._target.repeat_rows(0)
        self._target.autofilter(0, 0, len(self._unposted.moved), len(self._columns))

    def _column_of(self, letters: str) -> Column | None:
        """The form's column at a column of the original."""
        name = self._field_of.get(letters)
        return self._form.column(name) if name is not None else None

    def _set_up_columns(self) -> None:
        self._target.set_column(0, 0, STATE_WIDTH)
        for place, index in self._columns.items():
            column = self._form_columns[index]
            width = self._original.widths.get(index) or (column.width if column is not None else 14)
            shape = self._format(usual_format(column.kind)) if column is not None else None
            self._target.set_column(place, place, min(width, 80), shape)
            drop_down = self._drop_down(index, column)
            if drop_down is not None:
                self._target.data_validation(1, place, LAST_ROW, place, drop_down)

    def _drop_down(self, index: int, column: Column | None) -> dict[str, Any] | None:
        for found in self._original.drop_downs:
            if index in found.columns and (source := self._source(found)) is not None:
                return {"validate": "list", "source": source} | _prompts(found)
        if column is not None and column.choices:
            return {"validate": "list", "source": [str(choice) for choice in column.choices]}
        return None

    def _source(self, found: DropDown) -> str | list[str] | None:
        """The list's cells or choices, None where it is on a sheet that is not here, or beside the rows."""
        text = found.source.removeprefix("=")
        if text.startswith('"') and text.endswith('"') and len(text) > 2:
            return text[1:-1].replace('""', '"').split(",")
        sheet = text.rpartition("!")[0].strip("'").replace("''", "'")
        return f"={text}" if sheet in self._list_sheets else None

    def _write_headings(self) -> None:
        head = {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": _HEAD, "font_color": "#FFFFFF"}
        shape = self._book.add_format(head | {"num_format": "@", "border": 1, "border_color": "#9DB2C8"})
        self._target.set_row(0, 34)
        write_text(self._target, 0, 0, result_heading("state", self._language), shape)
        for place, index in self._columns.items():
            write_text(self._target, 0, place, self._original.headings.get(index, ""), shape)
            column, note = self._form_columns[index], self._original.notes.get(index)
            if note is None and column is not None:
                note = self._form.help(column, self._language)
            if note:
                write_note(self._target, 0, place, note)

    def _write_row(self, row: int, number: int) -> None:
        of_row = self._unposted.of_rows.get(row, ())
        of_cells = {
            letters: found
            for letters in self._letters.values()
            if (found := self._unposted.of_cells.get((row, letters)))
        }
        self._write_state(row, number, of_row, of_cells)
        cells = self._original.rows.get(row, {})
        for place, index in self._columns.items():
            problems = of_cells.get(self._letters[index], ())
            cell = cells.get(index, BLANK)
            if cell.value is not None or problems:
                value, shown = _mended_shape(cell, self._form_columns[index], problems)
                write_cell(self._target, number, place, value, self._format(shown, _colour(problems)))
            if problems:
                self._write_note(number, place, problems)

    def _write_state(
        self, row: int, number: int, of_row: Sequence[Problem], of_cells: Mapping[str, Sequence[Problem]]
    ) -> None:
        status = status_words(self._unposted.status_of[row], self._language)
        wrong = [letters for letters, problems in of_cells.items() if any(one.blocks for one in problems)]
        if wrong:
            of_letters = {letters: self._original.headings.get(index, "") for index, letters in self._letters.items()}
            names = ", ".join(printable(of_letters[letters]) for letters in wrong)
            text = said(self._language, "corrections.row-wrong", status=status, columns=names)
        elif any(one.blocks for one in of_row):
            text = said(self._language, "corrections.row-whole", status=status)
        else:
            text = said(self._language, "corrections.row-fine", status=status)
        if self._notes_left <= 0 and (of_row or of_cells):
            every = [*of_row, *(one for found in of_cells.values() for one in found)]
            text = f"{text}: {notes_of(every, self._language)}"
        is_wrong = bool(wrong) or any(one.blocks for one in of_row)
        write_text(self._target, number, 0, text, self._format("@", _STATE, _INK if is_wrong else ""))
        if of_row:
            self._write_note(number, 0, of_row)

    def _write_note(self, number: int, place: int, problems: Sequence[Problem]) -> None:
        if self._notes_left > 0:
            self._notes_left -= 1
            write_note(self._target, number, place, notes_of(problems, self._language))

    def _format(self, shown: str, colour: str = "", ink: str = "") -> Any:
        key = (shown, colour, ink)
        if key not in self._formats:
            marks = {"bg_color": colour, "border": 1, "border_color": "#BFBFBF"} if colour else {}
            written = {"font_color": ink, "bold": True} if ink else {}
            self._formats[key] = self._book.add_format({"num_format": number_format(shown)} | marks | written)
        return self._formats[key]


def _colour(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    return _ERROR if any(one.blocks for one in problems) else _WARNING


def _mended_shape(cell: Cell, column: Column | None, problems: Sequence[Problem]) -> tuple[CellValue, str]:
    """A cell's value and number format. A right one stays as it is; a wrong one stays wrong until it is mended, and has
    the format in which Excel takes what will be typed for what it is."""
    if column is None or not any(one.blocks for one in problems):
        usual = usual_format(column.kind) if column is not None and isinstance(cell.value, str) else GENERAL
        return cell.value, usual if cell.number_format == GENERAL else cell.number_format
    usual = usual_format(column.kind)
    value = cell.value
    if value is None and any(one.code == "formula-without-value" for one in problems):
        return ErrorShown("#N/A"), usual
    if value is None or isinstance(value, str | ErrorShown):
        return value, usual
    if isinstance(value, date | time | timedelta) and column.kind in _STRICT:
        return next((one.value for one in problems if one.value), str(value)), usual
    return value, cell.number_format


def _prompts(found: DropDown) -> dict[str, Any]:
    """What a drop-down says, within the limits of xlsxwriter, which are Excel's."""
    marks = found.marks
    kinds = {"warning": "warning", "information": "information"}
    return {
        "input_title": marks.get("promptTitle", "")[:32],
        "input_message": marks.get("prompt", "")[:255],
        "error_title": marks.get("errorTitle", "")[:32],
        "error_message": marks.get("error", "")[:255],
        "error_type": kinds.get(marks.get("errorStyle", ""), "stop"),
        "show_error": marks.get("showErrorMessage") in ("1", "true"),
    }
