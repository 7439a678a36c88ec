"""A workbook becomes forms: guarded, surveyed, recognised, each cell with its place."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException

from importer.model.places import Place, column_letters, spans
from importer.model.problems import Problem
from importer.model.sheets import CellText, FormSheet, Workbook
from importer.read.cells import NotText, texts_of
from importer.read.guard import fault_of_content
from importer.read.headings import Layout, blank_heading_problems, heading_problems, layout_of
from importer.read.sheets import Rows, UnreadableSheet, rows_of, worksheets
from importer.templates.forms import Form

SUFFIXES = (".xlsx", ".xlsm")


def find_workbooks(paths: Sequence[Path]) -> list[Path]:
    """The files to read: a file is itself, a folder its workbooks by name, without lock files (`~$`) and hidden ones.

    A folder without any stays in the list, to be reported.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
        found += [file for file in inside if not file.name.startswith(("~$", "."))] or [path]
    return found


def read_workbook(path: Path, forms: Sequence[Form]) -> Workbook:
    """A file as the forms in it and what is wrong with it. Never raises for a bad file: its faults are problems."""
    name = str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return _unread(name, "unreadable-file.missing")
    except IsADirectoryError:
        return _unread(name, "unreadable-file.folder")
    except OSError:
        return _unread(name, "unreadable-file.folder" if path.is_dir() else "unreadable-file.denied")
    digest = hashlib.sha256(content).hexdigest()
    fault = fault_of_content(name, content)
    if fault is not None:
        return Workbook(name, digest, problems=(fault,))
    try:
        return _Reader(name, digest, forms).read(content)
    except (
        UnreadableSheet,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        StopIteration,
        ParseError,
        ExpatError,
        DefusedXmlException,
        EOFError,
        zlib.error,
    ):
        return _unread(name, "unreadable-file.damaged", digest)


def _unread(name: str, wording: str, digest: str | None = None) -> Workbook:
    return Workbook(name, digest, problems=(Problem("unreadable-file", Place(name), wording=wording),))


class _Reader:
    def __init__(self, name: str, digest: str, forms: Sequence[Form]) -> None:
        self._name = name
        self._digest = digest
        self._forms = forms
        self._problems: list[Problem] = []

    def read(self, content: bytes) -> Workbook:
        parts = worksheets(content)
        sheets: list[FormSheet] = []
        passed_over = []
        for part in parts:
            sheet = self._form_sheet(rows_of(content, part))
            if sheet is None:
                passed_over.append(part.name)
            else:
                sheets.append(sheet)
        if not sheets:
            self._problems.append(Problem("no-form-found", Place(self._name), wording="no-form-found"))
        elif not any(sheet.rows for sheet in sheets) and not any(problem.blocks for problem in self._problems):
            first = sheets[0]
            facts = {"sheet": first.sheet}
            place = Place(self._name, first.sheet)
            self._problems.append(Problem("empty-form", place, wording="empty-form", facts=facts))
        return Workbook(self._name, self._digest, tuple(sheets), tuple(self._problems), tuple(passed_over))

    def _form_sheet(self, read: Rows) -> FormSheet | None:
        layout = layout_of(read.rows, self._forms)
        if layout is None:
            return None
        self._problems += heading_problems(layout, self._name, read.part.name)
        self._problems += blank_heading_problems(layout, read.rows, self._name, read.part.name)
        marked = _Marked(read, layout)
        columns, spoilt, problems = marked.columns(self._name)
        self._problems += problems
        kept = _filled(columns, spoilt, layout.row + 1)
        sheet = FormSheet(
            form=layout.form.name,
            file=self._name,
            sheet=read.part.name,
            heading_row=layout.row,
            rows=tuple(layout.row + 1 + position for position in kept),
            columns={field: [texts[position] for position in kept] for field, texts in columns.items()},
            letters={field: column_letters(index) for field, index in layout.columns.items()},
            spoilt=frozenset(spoilt),
        )
        self._problems += _hidden(sheet, read, layout)
        return sheet


class _Marked:
    """The columns of a form below its headings, with the survey's marks laid over the values."""

    def __init__(self, read: Rows, layout: Layout) -> None:
        self._read = read
        self._layout = layout

    def columns(self, file: str) -> tuple[dict[str, list[CellText]], set[tuple[int, str]], list[Problem]]:
        """The texts by field, the cells that have a problem of their own, and those problems."""
        below = self._read.rows[self._layout.row :]
        columns: dict[str, list[CellText]] = {}
        spoilt: set[tuple[int, str]] = set()
        problems: list[Problem] = []
        depth = max(len(below), self._read.survey.last_row - self._layout.row)
        for field, index in self._layout.columns.items():
            values = [row[index] if index < len(row) else None for row in below]
            texts = texts_of(values, self._layout.form.column(field).kind)
            found = dict(self._faults(field, index, texts))
            columns[field] = [None if isinstance(text, NotText) else text for text in texts]
            columns[field] += [None] * (depth - len(texts))
            for row, (code, wording, value, facts) in found.items():
                place = Place(file, self._read.part.name, row, column_letters(index), field)
                problems.append(Problem(code, place, value=value, wording=wording, facts=facts))
                spoilt.add((row, field))
                columns[field][row - self._layout.row - 1] = None
        return columns, spoilt, sorted(problems, key=lambda problem: problem.place.row or 0)

    def _faults(
        self, field: str, index: int, texts: Sequence[CellText | NotText]
    ) -> Iterator[tuple[int, tuple[str, str, str | None, dict[str, str]]]]:
        top, survey = self._layout.row, self._read.survey
        for position, text in enumerate(texts):
            if isinstance(text, NotText):
                yield top + 1 + position, ("not-text", text.wording, text.shown, {})
        for (row, column), error in survey.errors.items():
            if column == index and row > top:
                yield row, ("cell-error", "cell-error", error, {"error": error})
        for row, column in survey.uncalculated:
            if column == index and row > top:
                yield row, ("formula-without-value", "formula-without-value", None, {})


def _filled(columns: dict[str, list[CellText]], spoilt: set[tuple[int, str]], first_row: int) -> list[int]:
    """The positions of the rows that are not blank."""
    rows_spoilt = {row - first_row for row, _ in spoilt}
    return [
        position
        for position, texts in enumerate(zip(*columns.values(), strict=True))
        if position in rows_spoilt or any(texts)
    ]


def _hidden(sheet: FormSheet, read: Rows, layout: Layout) -> Iterator[Problem]:
    """Hidden rows and columns count like all others; one warning each says so."""
    rows = read.survey.hidden_rows & set(sheet.rows)
    place = Place(sheet.file, sheet.sheet)
    if rows:
        yield Problem("hidden-rows", place, wording="hidden-rows.rows", facts={"rows": spans(rows)})
    columns = [
        letters
        for field, letters in sheet.letters.items()
        if read.survey.hides_column(layout.columns[field]) and any(sheet.columns[field])
    ]
    if columns:
        facts = {"columns": ", ".join(sorted(columns, key=lambda one: (len(one), one)))}
        yield Problem("hidden-rows", place, wording="hidden-rows.columns", facts=facts)
