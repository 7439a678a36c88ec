"""A sheet of a corrections workbook: the rows to mend, as they were, with their state, the marks of their wrong cells,
and notes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from importer.model.problems import Problem, column_letters
from importer.model.results import Status
from importer.printable import LONGEST_SENTENCE, printable, shortened
from importer.report.corrections_rows import RejectedRows, usual_format
from importer.report.original_rows import CellsOfRows, DropDown, OriginalSheet, Remembered
from importer.report.sentences import count_text, message, said, status_words
from importer.templates.forms import Column, Kind, calculated_headings, fold_heading, form_named, result_heading
from importer.translations import Language
from importer.xlsx.values import GENERAL
from importer.xlsx.writer import (
    BLANK,
    ERROR,
    REMEMBERED,
    TEXT,
    Body,
    Cell,
    Styles,
    cell_xml,
    number_format,
    write_note,
    write_text,
)

MOST_NOTES = 10_000
"""In one sheet: beyond them the state says what is wrong. Excel opens a sheet with more notes slowly or not at all."""

MOST_OF_A_CELL = 5
_ERROR, _WARNING, _STATE, _INK = "#F8CBAD", "#FFE699", "#F2F2F2", "#9C2B00"
_STRICT = frozenset({Kind.AMOUNT, Kind.PERIOD, Kind.INTEGER, Kind.CHOICE})
"""Kinds in which a day that Excel made of an entry stays wrong as a text."""


class _Look(NamedTuple):
    """How a cell looks: its number format, the colour behind it, the colour of its text."""

    number_format: str
    colour: str = ""
    ink: str = ""


class _Shown(NamedTuple):
    """A cell as it stands in the corrections workbook."""

    kind: str
    text: str
    look: _Look


LOOKS_OF_STATES = (_Look("@", _STATE), _Look("@", _STATE, _INK))


_MarkedRow = tuple[_Shown, Mapping[int, _Shown]]
"""The state of a row, and its marked cells by their columns in the original."""


def shown(cell: Cell, column: Column | None) -> _Shown:
    """A cell at which nothing is wrong: as it was. Texts of a form's column have that column's usual format."""
    usual = usual_format(column.kind) if column is not None and cell.kind == TEXT else GENERAL
    return _Shown(cell.kind, cell.text, _Look(usual if cell.number_format == GENERAL else cell.number_format))


def notes_of(problems: Sequence[Problem], language: Language) -> str:
    """The text of a note: what is wrong and, where it is certain, what to type instead."""
    parts = []
    for problem in problems[:MOST_OF_A_CELL]:
        sentence = printable(shortened(message(problem, language), LONGEST_SENTENCE))
        parts.append(sentence)
        if problem.suggestion and problem.suggestion not in sentence:
            parts.append(said(language, "corrections.note-suggestion", suggestion=printable(problem.suggestion)))
    cells = [cell for one in problems if (cell := one.facts.get("original", one.place.cell))]
    if cells:
        sheet = printable(problems[0].place.sheet or "")
        where = f"{sheet}!{', '.join(dict.fromkeys(cells))}"
        parts.append(said(language, "corrections.note-original", cell=where))
    for mapping in dict.fromkeys(name for one in problems if (name := one.facts.get("constant_of"))):
        parts.append(said(language, "corrections.note-constant", mapping=mapping))
    for scale in dict.fromkeys(text for one in problems if (text := one.facts.get("scale"))):
        parts.append(said(language, "corrections.note-scale", scale=count_text(int(scale), language)))
    if len(problems) > MOST_OF_A_CELL:
        parts.append(said(language, "corrections.note-more", count=str(len(problems) - MOST_OF_A_CELL)))
    return "\n".join(parts)


def _blocks(problems: Sequence[Problem]) -> bool:
    return any(problem.blocks for problem in problems)


def _marked(cell: Cell, column: Column | None, problems: Sequence[Problem], is_wrong: bool) -> _Shown:
    """A cell at which something is wrong. It stays wrong until it is mended, and has the format in which Excel takes
    what will be typed for what it is."""
    if column is None or not is_wrong:
        as_it_was = shown(cell, column)
        return as_it_was._replace(look=as_it_was.look._replace(colour=_ERROR if is_wrong else _WARNING))
    usual = _Look(usual_format(column.kind), _ERROR)
    codes = {one.code for one in problems}
    if "formula-without-value" in codes or (cell.kind == BLANK and "cell-error" in codes):
        return _Shown(ERROR, "#N/A", usual)
    if cell.kind in (BLANK, TEXT, ERROR):
        return _Shown(cell.kind, cell.text, usual)
    if column.kind in _STRICT and cell.is_day:
        described = next((one.value for one in problems if one.value), "")
        if described:
            return _Shown(TEXT, described, usual)
    return _Shown(cell.kind, cell.text, _Look(cell.number_format, _ERROR))


LAST_ROW = 1_048_575
_ROW = "\0"
"""In place of a row's number in cells that are made once for many rows; XML cannot hold this character."""

STATE_WIDTH = 38
_HEAD = "#1F4E79"
_shape_of, _column_of = attrgetter("column", "kind", "number_format"), itemgetter(0)
_MOST_WRITTEN = 4 * REMEMBERED


def body_of_list(cells_of: CellsOfRows) -> Body:
    """The rows of a sheet with lists: their values, where they were."""

    def rows(_: Styles) -> Iterator[str]:
        for number, cells in cells_of.items():
            found = (f'<c r="{column_letters(one.column)}{number}{cell_xml(one.kind, one.text, None)}' for one in cells)
            yield f'<row r="{number}">{"".join(found)}</row>'

    last = max((one.column for cells in cells_of.values() for one in cells), default=0)
    return Body(f"A1:{column_letters(last)}{max(cells_of, default=1)}", {}, rows)


class Sheet:
    """A sheet that is to be written: `name` in the corrections workbook (of xlsxwriter) `book`, the rows to mend, the
    original's cells, and the names of the sheets with lists that are copied too."""

    def __init__(
        self,
        book: Any,
        name: str,
        rejected_rows: RejectedRows,
        original: OriginalSheet,
        list_sheets: Collection[str],
        language: Language,
    ) -> None:
        self.name, self.rejected_rows = name, rejected_rows
        self._book, self._target = book, book.add_worksheet(name)
        self._form, self._original = form_named(rejected_rows.sheet.form), original
        self._list_sheets, self._language = list_sheets, language
        self._marked: dict[int, _MarkedRow] = {}
        self._notes_left = MOST_NOTES
        self._state = lru_cache(self._state_of)
        # Columns side by side are written as one where they share the very format.
        self._format = cache(self._new_format)

    @cached_property
    def _shapes(self) -> Collection[tuple[int, str, str]]:
        """Column, kind and number format of the original's cells, each once."""
        return set(map(_shape_of, set(chain.from_iterable(self._original.rows.values()))))

    @cached_property
    def _columns(self) -> Mapping[int, int]:
        """The original's columns (from 0) by their place in this sheet, whose first one is the state. What the program
        or the template's formulas wrote beside the form is left out: it would be out of date."""
        used = {column for column, _, _ in self._shapes}
        left_out = calculated_headings(self._form.name)
        kept = [
            column
            for column in sorted(used | self._original.headings.keys())
            if fold_heading(self._original.headings.get(column, "")) not in left_out
        ]
        return dict(enumerate(kept, start=1))

    @cached_property
    def _places(self) -> Mapping[int, int]:
        """The place of each of the original's columns that is carried over."""
        return {index: place for place, index in self._columns.items()}

    @cached_property
    def _form_columns(self) -> Mapping[int, Column | None]:
        """The form's column at each of the original's columns that is carried over."""
        field_of = {letters: name for name, letters in self.rejected_rows.sheet.letters.items()}
        names = {index: field_of.get(column_letters(index)) for index in self._places}
        return {index: self._form.column(name) if name is not None else None for index, name in names.items()}

    @cached_property
    def _index_of(self) -> Mapping[str, int]:
        return {column_letters(index): index for index in self._places}

    def cell_of(self, problem: Problem) -> str:
        """The cell (`C5`) at which a problem's note stands."""
        index = self._index_of.get(problem.place.column or "")
        place = 0 if index is None else self._places[index]
        return f"{column_letters(place)}{self.rejected_rows.moved[problem.place.row or 0]}"

    def write(self) -> Body:
        """Fills the sheet with all but its rows, which are the body."""
        self._set_up_columns()
        self._write_headings()
        self._target.freeze_panes(1, 1)
        self._target.set_landscape()
        self._target.repeat_rows(0)
        self._target.autofilter(0, 0, len(self.rejected_rows.moved), len(self._columns))
        self._marked = {row: self._marked_row(row) for row in self.rejected_rows.moved}
        area = f"A1:{column_letters(len(self._columns))}{len(self.rejected_rows.moved) + 1}"
        return Body(area, self._probes(), self._rows)

    def _marked_row(self, row: int) -> _MarkedRow:
        """What is said at a row, by its number in the original; at most `MOST_NOTES` times in a note."""
        status, problems = self.rejected_rows.status_of[row], self.rejected_rows.of_rows.get(row)
        if problems is None:
            return self._state(status, (), False)
        of_row, of_cells = self._parted(problems)
        wrong = tuple([index for index, found in of_cells.items() if _blocks(found)])
        words, _ = state = self._state(status, wrong, _blocks(of_row))
        if not of_row and not of_cells:
            return state
        if self._notes_left > 0:
            for index, found in ((None, of_row), *of_cells.items()):
                if found and self._notes_left > 0:
                    self._notes_left -= 1
                    place = 0 if index is None else self._places[index]
                    text = notes_of(found, self._language)
                    write_note(self._target, self.rejected_rows.moved[row] - 1, place, text)
        else:
            every = [*of_row, *chain.from_iterable(of_cells.values())]
            words = words._replace(text=f"{words.text}: {notes_of(every, self._language)}")
        return words, self._marked_cells(row, of_cells, wrong) if of_cells else {}

    def _parted(self, problems: Sequence[Problem]) -> tuple[list[Problem], dict[int, list[Problem]]]:
        """The problems of the row, and of its cells that are carried over, from left to right."""
        of_row, of_cells = [], dict[int, list[Problem]]()
        for problem in problems:
            if problem.place.column is None:
                of_row.append(problem)
            elif (index := self._index_of.get(problem.place.column)) is not None:
                of_cells.setdefault(index, []).append(problem)
        return of_row, of_cells if len(of_cells) < 2 else dict(sorted(of_cells.items()))

    def _state_of(self, status: Status, wrong: tuple[int, ...], is_row_wrong: bool) -> _MarkedRow:
        words = status_words(status, self._language)
        if wrong:
            names = ", ".join(printable(shortened(self._original.headings.get(index, ""))) for index in wrong)
            text = said(self._language, "corrections.row-wrong", status=words, columns=names)
        elif is_row_wrong:
            text = said(self._language, "corrections.row-whole", status=words)
        else:
            text = said(self._language, "corrections.row-fine", status=words)
        return _Shown(TEXT, text, LOOKS_OF_STATES[bool(wrong) or is_row_wrong]), {}

    def _marked_cells(
        self, row: int, of_cells: Mapping[int, Sequence[Problem]], wrong: Collection[int]
    ) -> dict[int, _Shown]:
        there = {cell.column: cell for cell in self._original.rows.get(row, ()) if cell.column in of_cells}
        columns = self._form_columns
        return {
            index: _marked(there.get(index) or Cell(index, BLANK, ""), columns[index], problems, index in wrong)
            for index, problems in of_cells.items()
        }

    def _probes(self) -> dict[str, _Look]:
        """Gives each look to a cell, from which its number can be read afterwards."""
        columns = self._form_columns
        looks = {
            shown(Cell(column, kind, "", number_format), columns[column]).look
            for column, kind, number_format in self._shapes
            if column in columns
        }
        looks |= {cell.look for _, marked in self._marked.values() for cell in marked.values()}
        probes = {}
        for row, look in enumerate(sorted(looks.union(LOOKS_OF_STATES)), start=1):
            self._target.write_blank(row, 0, None, self._format(look))
            probes[f"A{row + 1}"] = look
        return probes

    def _rows(self, styles: Styles) -> Iterator[str]:
        letters = {index: column_letters(place) for index, place in self._places.items()}
        columns = self._form_columns

        def marked_cell(cell: _Shown, at: str) -> str:
            return f'<c r="{at}{_ROW}{cell_xml(cell.kind, cell.text, styles[cell.look])}'

        def as_it_was(cell: Cell) -> str:
            if cell.column not in letters:
                return ""
            return marked_cell(shown(cell, columns[cell.column]), letters[cell.column])

        as_marked, written = lru_cache(REMEMBERED)(marked_cell), Remembered(as_it_was, _MOST_WRITTEN)
        for row, number in self.rejected_rows.moved.items():
            (state, marked), cells = self._marked[row], self._original.rows[row]
            texts: Iterable[str] = map(written.__getitem__, cells)
            if marked:
                by_column = dict(zip(map(_column_of, cells), texts, strict=True))
                there = len(by_column)
                by_column |= {index: as_marked(cell, letters[index]) for index, cell in marked.items()}
                texts = by_column.values() if len(by_column) == there else map(itemgetter(1), sorted(by_column.items()))
            whole = "".join((f'<row r="{_ROW}">', as_marked(state, "A"), *texts, "</row>"))
            yield whole.replace(_ROW, str(number))

    def _new_format(self, look: _Look) -> Any:
        marks = {"bg_color": look.colour, "border": 1, "border_color": "#BFBFBF"} if look.colour else {}
        written = {"font_color": look.ink, "bold": True} if look.ink else {}
        return self._book.add_format({"num_format": number_format(look.number_format)} | marks | written)

    def _set_up_columns(self) -> None:
        self._target.set_column(0, 0, STATE_WIDTH)
        for place, index in self._columns.items():
            column = self._form_columns[index]
            width = self._original.widths.get(index) or (column.width if column is not None else 14)
            shape = self._format(_Look(usual_format(column.kind))) if column is not None else None
            self._target.set_column(place, place, min(width, 80), shape)
            drop_down = self._drop_down(index, column)
            if drop_down is not None:
                self._target.data_validation(1, place, LAST_ROW, place, drop_down)

    def _drop_down(self, index: int, column: Column | None) -> dict[str, Any] | None:
        for found in self._original.drop_downs:
            if index in found.columns and (source := self._source(found)) is not None:
                marks = found.marks
                kinds = {"warning": "warning", "information": "information"}
                return {
                    "validate": "list",
                    "source": source,
                    # within the limits of xlsxwriter, which are Excel's
                    "input_title": marks.get("promptTitle", "")[:32],
                    "input_message": marks.get("prompt", "")[:255],
                    "error_title": marks.get("errorTitle", "")[:32],
                    "error_message": marks.get("error", "")[:255],
                    "error_type": kinds.get(marks.get("errorStyle", ""), "stop"),
                    "show_error": marks.get("showErrorMessage") in ("1", "true"),
                }
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
            write_text(self._target, 0, place, self._heading(index), shape)
            column, note = self._form_columns[index], self._original.notes.get(index)
            if note is None and column is not None:
                note = self._form.help(column, self._language)
            if note:
                write_note(self._target, 0, place, note)

    def _heading(self, index: int) -> str:
        """The heading as it stands in the original; the form's own where that is a synonym, which may be in doubt above
        fewer rows, or stands in another row."""
        heading, column = self._original.headings.get(index, ""), self._form_columns[index]
        form = self._form
        if column is None or form.headings().get(fold_heading(heading)) == column.name:
            return heading
        return form.label(column, self._language)
