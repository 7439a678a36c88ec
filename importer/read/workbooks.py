"""A workbook becomes the forms on its sheets, with what is wrong with it."""

import errno
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException

from importer.files import UnusableFile, read_plain_file
from importer.formats.book import Book, Unread
from importer.formats.delimited import MOST_LOOKED_AT, DelimitedText, first_rows_in, names_encoding, read_delimited
from importer.formats.kinds import Kind, kind_of, read_in_child
from importer.model.problems import Place, Problem, column_letters, spans
from importer.model.workbook import FormSheet, Workbook
from importer.read.columns import Entries, entries_of
from importer.read.heading_meanings import (
    blank_heading_problems,
    heading_problems,
    nearest_columns,
    with_assumptions_checked,
)
from importer.read.headings import Layout, layout_of, may_hide_headings, row_of, top_of, unreadable_cell
from importer.read.layout_checks import (
    cells_problems,
    column_of_keys,
    covered_cells,
    encoding_problems,
    headings_below,
    mark_problems,
    merge_problems,
    second_headings,
    unread_key_problem,
    with_one_alternative,
)
from importer.read.mapped_sheet import mapped_sheet
from importer.read.mapping_search import (
    NO_MAPPINGS,
    MappingsAtHand,
    doubtful_mapping,
    mapped_layouts,
    near_mapping_problem,
)
from importer.read.other_sheets import SheetOfNoForm, no_form_problem, unread_sheet_problems
from importer.read.skipped_rows import with_rows_set_aside
from importer.read.text_above_headings import with_notes_asked
from importer.templates.forms import Form
from importer.xlsx.exact_reader import exact_rows
from importer.xlsx.fast_reader import fast_rows, import_polars
from importer.xlsx.package import (
    DAMAGE,
    MOST_FILE_BYTES,
    Package,
    SheetPart,
    fault_of_archive,
    file_problem,
    is_lock_file,
)
from importer.xlsx.values import Merged, Row, SheetMetadata, SheetRows, UnreadableSheet, UnsupportedXml

_BROKEN = (UnreadableSheet, ParseError, ExpatError, DefusedXmlException, StopIteration, ArithmeticError, *DAMAGE)


def read_workbook(
    path: Path,
    forms: Sequence[Form],
    meanwhile: Callable[[], None] = lambda: None,
    *,
    skip_hidden: bool = False,
    mappings: MappingsAtHand = NO_MAPPINGS,
) -> Workbook:
    """A file as the forms in it and what is wrong with it. Never raises for a bad file: its faults are problems.

    `meanwhile` is work that may be done while a big sheet is parsed, at no cost in time; it is called for any sheet.
    With `skip_hidden` the rows of a form that are hidden, or stand on a hidden sheet, are left out, and told.
    `mappings` are those by which sheets with headings of their own are read.
    """
    return _Reader(path, forms, meanwhile, mappings, skip_hidden).workbook()


def rows_of_sheets(path: Path, encoding: str = "") -> tuple[Workbook, dict[str, tuple[list[Row], Sequence[Merged]]]]:
    """The first rows of every sheet of a file and its merged cells, by the sheet's name, and the workbook with what
    keeps it from being read. `encoding` is that of a text, if it is declared."""
    collector = _RowCollector(path, mappings=MappingsAtHand(encoding=encoding))
    return collector.workbook(), collector.first_rows


def _fault(name: str, content: bytes, kind: Kind) -> Problem | None:
    """The guard unpacks everything once, which needs no lock of Python's; what reading needs is imported meanwhile."""
    if kind in (Kind.XLS, Kind.TEXT):
        return None
    with ThreadPoolExecutor(1) as aside:
        found = aside.submit(fault_of_archive, name, content, is_excel=kind is Kind.XLSX)
        if kind is Kind.XLSX:
            import_polars()
        return found.result()


@dataclass(frozen=True, slots=True)
class _Found:
    """What a sheet holds: a form with its problems, or none that is read."""

    sheet: FormSheet | None
    problems: tuple[Problem, ...] = ()
    no_form: SheetOfNoForm | None = None


@dataclass
class _Reader:
    """A file as it is read: once, with what `read_workbook` takes."""

    path: Path
    forms: Sequence[Form] = ()
    meanwhile: Callable[[], None] = lambda: None
    mappings: MappingsAtHand = NO_MAPPINGS
    skip_hidden: bool = False
    digest: str | None = None
    text: DelimitedText | None = None
    encoding: str = ""

    @property
    def name(self) -> str:
        return str(self.path)

    def workbook(self) -> Workbook:
        try:
            if self.path.is_dir():
                next(self.path.iterdir(), None)  # raises for one that may not be looked into
                return self._unread("unreadable-file.folder")
            if is_lock_file(self.name) and self.path.exists():
                return self._unread("unsupported-format.lock")
            content = read_plain_file(self.path, MOST_FILE_BYTES)
        except UnusableFile as unusable:
            if unusable.is_too_large:
                return self._unread("unsafe-file.file-size", {"limit": str(MOST_FILE_BYTES // 1024**2)})
            return self._unread("unreadable-file.special")
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return self._unread("unreadable-file.missing")
        except OSError as error:
            is_nowhere = error.errno in (errno.ELOOP, errno.ENAMETOOLONG)
            return self._unread(f"unreadable-file.{'missing' if is_nowhere else 'denied'}")
        self.digest = hashlib.sha256(content).hexdigest()
        kind = kind_of(content)
        if isinstance(kind, str):
            return self._unread(kind)
        if (fault := _fault(self.name, content, kind)) is not None:
            return Workbook(self.name, self.digest, problems=(fault,))
        try:
            return self._read(content, kind)
        except Unread as unread:
            return self._unread(unread.wording, unread.facts)
        except _BROKEN:
            return self._unread("unreadable-file.damaged")

    def _unread(self, wording: str, facts: Mapping[str, str] | None = None) -> Workbook:
        return Workbook(self.name, self.digest, problems=(file_problem(self.name, wording, facts),))

    def _read(self, content: bytes, kind: Kind) -> Workbook:
        package = self._opened(content, kind)
        found, broken = self._all_found(package)
        others = [one.no_form for _, one in found if one.no_form is not None]
        if any(one.corrects for one in others) and any(one.sheet and one.sheet.mapping for _, one in found):
            # Corrections hold what the mapping has made of the rows: a scale would be applied twice.
            self.mappings = NO_MAPPINGS
            found, broken = self._all_found(package)
            others = [one.no_form for _, one in found if one.no_form is not None]
        sheets = tuple(one.sheet for _, one in found if one.sheet is not None)
        problems = tuple(problem for _, one in found for problem in one.problems)
        problems = (*(encoding_problems(self.text, self.name) if sheets else ()), *problems)
        passed_over = tuple(part.name for part, one in found if one.sheet is None)
        origin = next((one.origin for one in others if one.origin is not None), None)
        corrects = next((one.corrects for one in others if one.corrects is not None), None)
        if sheets:
            problems = (*problems, *unread_sheet_problems(others, self.name))
        problems = (*problems, *(broken or self._no_rows(sheets, problems, others)))
        delimiter = self.text.delimiter if self.text is not None else ""
        return Workbook(
            *(self.name, self.digest, sheets, problems, passed_over, origin, corrects, delimiter, self.encoding)
        )

    def _opened(self, content: bytes, kind: Kind) -> Package | Book:
        if kind is Kind.XLSX:
            package = Package(content)
            package.load()
            return package
        if kind is Kind.TEXT:
            self.encoding = self.mappings.encoding or self._encoding_of_mapping(content)
            self.text = read_delimited(content, Path(self.name).stem, self._has_headings, self.encoding)
        self.meanwhile()
        return read_in_child(kind, content) if self.text is None else self.text.book

    def _encoding_of_mapping(self, content: bytes) -> str:
        """The encoding that a mapping declares under which its own headings stand in the text; empty without one, and
        for a text that tells its own."""
        named = self.mappings.named
        declared = {one.encoding for one in ([named] if named is not None else self.mappings.all) if one.encoding}
        for encoding in sorted(declared) if declared and not names_encoding(content) else ():
            for rows in first_rows_in(content, encoding):
                if any(one.mapping.encoding == encoding for one in mapped_layouts(rows, self.mappings)):
                    return encoding
        return ""

    def _has_headings(self, rows: Sequence[Row]) -> bool:
        return bool(mapped_layouts(rows, self.mappings)) or layout_of(rows, self.forms) is not None

    def _all_found(self, package: Package | Book) -> tuple[list[tuple[SheetPart, _Found]], list[Problem]]:
        """What each sheet holds, and the problems of those that cannot be read."""
        found, broken = [], []
        for part in package.sheets:
            try:
                found.append((part, self._found(package, part)))
            except _BROKEN as failure:
                broken.append(self._unreadable(part, failure.cell if isinstance(failure, UnreadableSheet) else None))
        return found, broken

    def _unreadable(self, part: SheetPart, cell: str | None, *, is_form: bool = True) -> Problem:
        """The problem of a sheet that cannot be read, at some cell: a warning where it is certainly no form."""
        place, facts = Place(self.name, part.name), {"sheet": part.name, "cell": cell or ""}
        wording = (
            "unreadable-file.aside" if not is_form else "unreadable-file.cell" if cell else "unreadable-file.sheet"
        )
        return Problem("unreadable-file", place, wording=wording, facts=facts, softened=not is_form)

    def _no_rows(
        self, sheets: Sequence[FormSheet], problems: Sequence[Problem], others: Sequence[SheetOfNoForm]
    ) -> Iterator[Problem]:
        if self.mappings.named is not None and not any(sheet.mapping for sheet in sheets):
            facts = {"mapping": self.mappings.named.name}
            yield Problem("uncertain-mapping", Place(self.name), wording="uncertain-mapping.unfit", facts=facts)
        elif not sheets and not any(problem.code == "uncertain-mapping" for problem in problems):
            yield no_form_problem(others, self.name)
        elif not any(sheet.rows for sheet in sheets) and not any(problem.blocks for problem in problems):
            facts = {"sheet": sheets[0].sheet}
            yield Problem("empty-form", sheets[0].place(), wording="empty-form", facts=facts)

    def _found(self, package: Package | Book, part: SheetPart) -> _Found:
        if isinstance(package, Book):
            return self._found_in(part, package.rows(part))
        with suppress(UnsupportedXml):
            return self._found_in(part, fast_rows(package, part, self.meanwhile))
        return self._found_in(part, exact_rows(package, part))

    def _found_in(self, part: SheetPart, read: SheetRows) -> _Found:
        top, batches = top_of(read, self._has_headings)
        mapped = mapped_layouts(top, self.mappings)
        layout = mapped[0].layout if mapped else layout_of(top, self.forms)
        if (doubt := doubtful_mapping(top, layout, mapped, self.mappings, Place(self.name, part.name))) is not None:
            return _Found(None, (doubt,))
        first = 1 if layout is None else layout.heading_rows[0]
        odd = unreadable_cell(top if layout is None else top[first - 1 : layout.row], first)
        if odd is not None and (layout is not None or may_hide_headings(top, self.forms)):
            raise UnreadableSheet("headings", odd)
        if layout is None:
            aside = () if odd is None else (self._unreadable(part, odd, is_form=False),)
            near = near_mapping_problem(top, self.mappings, Place(self.name, part.name))
            return _Found(None, aside, SheetOfNoForm.of(part.name, top, near))
        filled = entries_of(batches, read, layout, self.name, part.name)
        left_out = frozenset[int]()
        if self.skip_hidden:
            hidden_of = filled.rows if part.is_hidden else read.metadata.hidden_rows.intersection(filled.rows)
            left_out = frozenset(hidden_of)
        entries = filled.without(left_out)
        sheet = self._sheet_of(part, layout, entries)
        if left_out:
            hidden_rows = filled.without(frozenset(filled.rows) - left_out)
            sheet = replace(sheet, skipped=self._sheet_of(part, layout, hidden_rows))
        if self.skip_hidden and part.is_hidden:
            if mapped:
                as_declared, _ = mapped_sheet(sheet, mapped[0], top, read.metadata.merged, self.mappings)
                sheet = replace(sheet, skipped=as_declared.skipped)
            return _Found(sheet, tuple(_hidden(sheet, part, read.metadata, layout, left_out)))
        declares_journal = bool(mapped) and mapped[0].declares_journal
        nearest = nearest_columns(layout, top[layout.row :])
        problems = self._of_layout(part.name, layout, nearest, entries, has_keys=declares_journal)
        further = headings_below(layout, [*top, []][layout.row], entries.headless, self.name, part.name)
        problems += [] if further is None else [further]
        not_lines: list[Problem] = []
        if not layout.missing:
            sheet, not_lines = with_rows_set_aside(sheet, layout.form, mapped[0].mapping if mapped else None)
        problems += covered_cells(read.metadata.merged, sheet, layout.columns)
        problems += merge_problems(
            read.metadata.merged, layout.row, sheet.rows, layout.columns, sheet.place(), entries.rows
        )
        gone = set(sheet.set_aside.rows) if sheet.set_aside is not None else ()
        problems += [*(one for one in entries.problems if one.place.row not in gone), *not_lines]
        problems += cells_problems(self.text, layout, sheet.place())
        hidden = list(_hidden(sheet, part, read.metadata, layout, left_out))
        if struck := set(entries.struck).intersection(sheet.rows):
            facts = {"rows": spans(struck)}
            hidden.append(Problem("hidden-rows", sheet.place(), wording="hidden-rows.struck", facts=facts))
        if mapped:
            sheet, undecided = mapped_sheet(sheet, mapped[0], top, read.metadata.merged, self.mappings)
            problems += mark_problems(entries.marks, sheet)
            return _Found(sheet, (*problems, *undecided, *hidden))
        sheet, undecided = with_one_alternative(sheet, layout.form)
        asked = with_notes_asked(layout, top, sheet, read.metadata.merged)
        sheet, uncertain = with_assumptions_checked(sheet, asked)
        problems += mark_problems(entries.marks, sheet)
        return _Found(sheet, (*problems, *uncertain, *undecided, *hidden))

    def _sheet_of(self, part: SheetPart, layout: Layout, entries: Entries) -> FormSheet:
        return FormSheet(
            form=layout.form.name,
            file=self.name,
            sheet=part.name,
            heading_row=layout.row,
            rows=entries.rows,
            columns=entries.columns,
            letters={field: column_letters(index) for field, index in layout.columns.items()},
            unusable=entries.unusable,
        )

    def _of_layout(
        self, name: str, layout: Layout, nearest: Mapping[str, int], entries: Entries, *, has_keys: bool
    ) -> list[Problem]:
        problems = heading_problems(layout, nearest, self.name, name)
        problems += blank_heading_problems(layout, self.name, name, entries.headless)
        keys = None if has_keys else column_of_keys(layout, entries.unread, entries.columns)
        if keys is not None:
            # The same column is not complained of twice.
            place = Place(self.name, name, layout.row, column_letters(keys))
            problems = [problem for problem in problems if problem.place != place]
            problems.append(unread_key_problem(layout, keys, self.name, name))
        second = second_headings(layout, entries.rows, entries.columns, self.forms, Place(self.name, name))
        return problems if second is None else [*problems, second]


@dataclass
class _RowCollector(_Reader):
    """Keeps the first rows of each sheet, with its merged cells, and looks for no form."""

    first_rows: dict[str, tuple[list[Row], Sequence[Merged]]] = field(default_factory=dict)

    def _found_in(self, part: SheetPart, read: SheetRows) -> _Found:
        found: list[Row] = []
        for batch in read.batches:
            for place, number in enumerate(batch.rows):
                if number <= MOST_LOOKED_AT:
                    found += [()] * (number - 1 - len(found))
                    found.append(row_of(batch, place, read.value_of))
        self.first_rows[part.name] = found, read.metadata.merged
        return _Found(None)


def _hidden(
    sheet: FormSheet, part: SheetPart, metadata: SheetMetadata, layout: Layout, left_out: Collection[int]
) -> Iterator[Problem]:
    """Hidden sheets, rows and columns count like all others; one warning each says so, or which rows are left out."""
    place = Place(sheet.file, sheet.sheet)
    if left_out:
        wording = "hidden-rows.sheet-left-out" if part.is_hidden else "hidden-rows.left-out"
        facts = {"rows": spans(left_out), "sheet": sheet.sheet}
        yield Problem("hidden-rows", place, wording=wording, facts=facts)
    if part.is_hidden and sheet.rows:
        yield Problem("hidden-rows", place, wording="hidden-rows.sheet", facts={"sheet": sheet.sheet})
    rows = metadata.hidden_rows & set(sheet.rows)
    if rows:
        yield Problem("hidden-rows", place, wording="hidden-rows.rows", facts={"rows": spans(rows)})
    columns = [
        letters
        for field, letters in sheet.letters.items()
        if metadata.hides_column(layout.columns[field]) and any(sheet.columns[field])
    ]
    if columns:
        facts = {"columns": ", ".join(sorted(columns, key=lambda one: (len(one), one)))}
        yield Problem("hidden-rows", place, wording="hidden-rows.columns", facts=facts)
