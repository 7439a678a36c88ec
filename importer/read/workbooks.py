"""A workbook becomes forms: guarded, surveyed, recognised, each cell with its place."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException

from importer.model.places import Place, column_letters, spans
from importer.model.problems import Problem
from importer.model.sheets import FormSheet, ListsOrigin, Workbook
from importer.read.alternatives import with_one_alternative
from importer.read.columns import entries_of
from importer.read.guard import DAMAGE, MOST_BYTES, fault_of_content, file_problem, is_lock_file
from importer.read.headings import LAST_HEADING_ROW, Layout, blank_heading_problems, heading_problems, layout_of
from importer.read.origin import origin_in
from importer.read.sheets import Rows, book_of, rows_of
from importer.read.values import UnreadableSheet
from importer.templates.forms import Form

SUFFIXES = (".xlsx", ".xlsm")


def find_workbooks(paths: Sequence[Path]) -> list[Path]:
    """The files to read, each once: a file is itself, a folder its workbooks by name, without lock files (`~$`) and
    hidden ones.

    A folder without any, or one that may not be looked into, stays in the list, to be reported.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _workbooks_in(path) or [path]:
            found.setdefault(_absolute(file), file)
    return list(found.values())


def _workbooks_in(path: Path) -> list[Path]:
    try:
        inside = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    except (OSError, ValueError):
        return []
    return [file for file in inside if not file.name.startswith(("~$", "."))]


def _absolute(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def read_workbook(path: Path, forms: Sequence[Form], meanwhile: Callable[[], None] = lambda: None) -> Workbook:
    """A file as the forms in it and what is wrong with it. Never raises for a bad file: its faults are problems.

    `meanwhile` is work that may be done while a big sheet is parsed, at no cost in time; it is called for any sheet.
    """
    name = str(path)
    try:
        if path.is_dir():
            return _unread(file_problem(name, "unreadable-file.folder"))
        if is_lock_file(name) and path.exists():
            return _unread(file_problem(name, "unsupported-format.lock"))
        if path.stat().st_size > MOST_BYTES:
            return _unread(file_problem(name, "unsafe-file.size", {"limit": str(MOST_BYTES // 1024**2)}))
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return _unread(file_problem(name, "unreadable-file.missing"))
    except OSError:
        return _unread(file_problem(name, "unreadable-file.denied"))
    digest = hashlib.sha256(content).hexdigest()
    fault = fault_of_content(name, content)
    if fault is not None:
        return _unread(fault, digest)
    try:
        return _Reader(name, digest, forms, meanwhile).read(content)
    except (UnreadableSheet, ParseError, ExpatError, DefusedXmlException, StopIteration, ArithmeticError, *DAMAGE):
        return _unread(file_problem(name, "unreadable-file.damaged"), digest)


def _unread(problem: Problem, digest: str | None = None) -> Workbook:
    return Workbook(problem.place.file, digest, problems=(problem,))


class _Reader:
    def __init__(self, name: str, digest: str, forms: Sequence[Form], meanwhile: Callable[[], None]) -> None:
        self._name = name
        self._digest = digest
        self._forms = forms
        self._meanwhile = meanwhile
        self._problems: list[Problem] = []
        self._origin: ListsOrigin | None = None

    def read(self, content: bytes) -> Workbook:
        book = book_of(content)
        sheets: list[FormSheet] = []
        passed_over = []
        for part in book.sheets:
            sheet = self._form_sheet(rows_of(book, part, self._meanwhile))
            if sheet is None:
                passed_over.append(part.name)
            else:
                sheets.append(sheet)
        if not sheets:
            self._problems.append(file_problem(self._name, "no-form-found"))
        elif not any(sheet.rows for sheet in sheets) and not any(problem.blocks for problem in self._problems):
            place, facts = sheets[0].place(), {"sheet": sheets[0].sheet}
            self._problems.append(Problem("empty-form", place, wording="empty-form", facts=facts))
        return Workbook(
            self._name, self._digest, tuple(sheets), tuple(self._problems), tuple(passed_over), self._origin
        )

    def _form_sheet(self, read: Rows) -> FormSheet | None:
        top = list(islice(read.rows, LAST_HEADING_ROW))
        layout = layout_of(top, self._forms)
        if layout is None:
            self._origin = self._origin or origin_in(top)
            return None
        below = replace(read, rows=chain(top[layout.row :], read.rows))
        entries = entries_of(below, layout, self._name)
        sheet = FormSheet(
            form=layout.form.name,
            file=self._name,
            sheet=read.part.name,
            heading_row=layout.row,
            rows=entries.rows,
            columns=entries.columns,
            letters={field: column_letters(index) for field, index in layout.columns.items()},
            spoilt=entries.spoilt,
        )
        self._problems += heading_problems(layout, self._name, sheet.sheet)
        self._problems += blank_heading_problems(layout, self._name, sheet.sheet, entries.headless)
        self._problems += entries.problems
        sheet, undecided = with_one_alternative(sheet, layout.form)
        self._problems += undecided
        self._problems += _hidden(sheet, read, layout)
        return sheet


def _hidden(sheet: FormSheet, read: Rows, layout: Layout) -> Iterator[Problem]:
    """Hidden sheets, rows and columns count like all others; one warning each says so."""
    place = Place(sheet.file, sheet.sheet)
    if read.part.is_hidden and sheet.rows:
        yield Problem("hidden-rows", place, wording="hidden-rows.sheet", facts={"sheet": sheet.sheet})
    rows = read.survey.hidden_rows & set(sheet.rows)
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
