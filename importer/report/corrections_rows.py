"""What of a sheet goes into its corrections workbook: the journals and records that were refused or invalid, whole."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from importer.model.problems import HELD_FOR_A_PERSON, Problem, column_letters, rows_in, spans
from importer.model.results import Document, Result, Status
from importer.model.workbook import FormSheet, MappingUse
from importer.report.original_rows import OriginalSheet
from importer.templates.forms import Form, Kind
from importer.translations import Language
from importer.xlsx.values import GENERAL, column_index, serial_of
from importer.xlsx.writer import ERROR, NUMBER, TEXT, Cell

FIRST_ROW = 2
"""In a corrections workbook the headings stand in row 1."""

_OF_OTHER_SHEETS = frozenset({"depends-on-refused", "duplicate-document"})
"""Their sentences name rows that may be of another sheet or file."""


@dataclass(frozen=True)
class RejectedRows:
    """The documents of a sheet that are to be mended, and what is said of their rows."""

    sheet: FormSheet
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The sheet's rows of all documents, ascending."""
        return tuple(sorted({row for document in self.documents for row in document.rows}))

    @cached_property
    def moved(self) -> Mapping[int, int]:
        """Each row's number in the corrections workbook."""
        return {row: number for number, row in enumerate(self.rows, start=FIRST_ROW)}

    @cached_property
    def status_of(self) -> Mapping[int, Status]:
        """The state of each row's document."""
        return {row: document.status for document in self.documents for row in document.rows}

    @property
    def names_files(self) -> bool:
        """True when rows name files, which are looked for beside the workbook."""
        attached = zip(self.sheet.rows, self.sheet.columns.get("attachment") or (), strict=False)
        return any(text and row in self.moved for row, text in attached)

    @cached_property
    def of_rows(self) -> Mapping[int, Sequence[Problem]]:
        """The problems of each row: of its cells, of the row, and of the journal that begins there."""
        found: dict[int, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.place.row or 0, []).append(problem)
        return found


def rejected_rows_in(sheet: FormSheet, result: Result) -> RejectedRows:
    """The sheet's documents to be mended; those whose outcome is unknown are not among them (the program settles them),
    nor those that wait for another run or for a person's decision. Where one mistake was to keep everything from being
    posted, all that is not posted is among them."""
    found = [one for one in result.problems if (one.place.file, one.place.sheet) == (sheet.file, sheet.sheet)]
    faulty = {one.place.row for one in found if one.blocks and one.code not in HELD_FOR_A_PERSON}
    all_of_it = result.only_if_clean and result.stopped_by is None
    doubtful = set(_keys_below_keyless_rows(sheet, found))
    documents = tuple(
        document
        for document in result.documents
        if (document.file, document.sheet) == (sheet.file, sheet.sheet)
        and (
            document.status in (Status.REFUSED, Status.INVALID)
            or (
                document.status is Status.NOT_SENT
                and (all_of_it or document.key in doubtful or not faulty.isdisjoint(document.rows))
            )
        )
    )
    chosen = RejectedRows(sheet, documents, ())
    problems = tuple(_moved(one, chosen.moved) for one in found if one.place.row in chosen.moved)
    return RejectedRows(sheet, documents, problems)


def _keys_below_keyless_rows(sheet: FormSheet, problems: list[Problem]) -> Iterator[str]:
    """A row without a key may belong to the journal below it, which was held back for that (validate.groups)."""
    keys = sheet.columns.get("journal") or []
    keyless = {one.place.row for one in problems if one.blocks and one.place.field == "journal"}
    for position, row in enumerate(sheet.rows if keyless and keys else ()):
        if row in keyless:
            below = next((key for key in keys[position:] if key is not None), None)
            if below is not None:
                yield below


def _moved(problem: Problem, moved: Mapping[int, int]) -> Problem:
    """The problem with the row numbers of its sentence as they are in the corrections workbook."""
    if problem.code in _OF_OTHER_SHEETS or not problem.facts.keys() & {"row", "rows"}:
        return problem
    facts = dict(problem.facts)
    for name in facts.keys() & {"row", "rows"}:
        rows = rows_in(facts[name])
        if rows and rows <= moved.keys():
            facts[name] = spans(moved[row] for row in rows)
    return replace(problem, facts=facts)


def in_product_form(rejected: RejectedRows, form: Form) -> RejectedRows:
    """The rows of a sheet that was read by a mapping, in the form's own columns: what the mapping fills in is written
    out. The problems stand at those columns, and keep the original's cell as the fact `original`: that above the
    headings where the mapping takes the value from there; for a constant the mapping is the fact `constant_of`.
    Cells that are taken from unreadable ones have a problem too, since both are to be typed."""
    sheet = rejected.sheet
    names = [column.name for column in form.every_column if column.name in sheet.columns]
    letters = {name: column_letters(index) for index, name in enumerate(names)}
    problems = tuple(
        replace(
            one,
            place=replace(one.place, column=letters.get(one.place.field or ""), above=None),
            facts={**one.facts, **_original_place(one, form, sheet.mapping)},
            suggestion=one.suggestion and _multiplied(one.suggestion, _scale_of(one, form, sheet.mapping)),
        )
        for one in (*rejected.problems, *_untaken(rejected))
    )
    plain = replace(sheet, letters=letters, mapping=None, moved={}, borrowed={}, above={})
    return RejectedRows(plain, rejected.documents, problems)


def _untaken(rejected: RejectedRows) -> Iterator[Problem]:
    """A problem for each cell that is taken from one that cannot be read."""
    sheet, rows = rejected.sheet, set(rejected.rows)
    known = {(one.place.row, one.place.field) for one in rejected.problems}
    for row, name in sorted(sheet.unusable):
        if row in rows and name in sheet.borrowed and (row, name) not in known:
            facts = {"heading": sheet.borrowed[name]}
            yield Problem("required", sheet.place(row, name), wording="required.taken-from", facts=facts)


def _original_place(problem: Problem, form: Form, mapping: MappingUse | None) -> Mapping[str, str]:
    """The facts `original`, `constant_of` and `scale` of a problem."""
    name, cell = problem.place.field or "", problem.place.cell
    if cell is None and mapping is not None and name in mapping.constants:
        return {"original": "", "constant_of": mapping.name}
    scale = _scale_of(problem, form, mapping)
    return {"original": cell or "", **({} if scale == 1 else {"scale": str(scale)})}


def _scale_of(problem: Problem, form: Form, mapping: MappingUse | None) -> int:
    """By what the mapping has multiplied the amount at which a problem stands; 1 for what is none."""
    name = problem.place.field
    is_amount = name is not None and form.column(name).kind is Kind.AMOUNT
    return mapping.scale if is_amount and mapping is not None else 1


def _multiplied(amount: str, scale: int) -> str:
    return amount if scale == 1 else f"{(Decimal(amount) * scale).normalize():f}"


_USUAL_FORMATS = {Kind.AMOUNT: "#,##0.00", Kind.DATE: "yyyy-mm-dd", Kind.INTEGER: "0"}
_FIRST_YEAR = 1900
"""Excel knows no earlier days."""

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def usual_format(kind: Kind) -> str:
    """The number format of the template's cells of a kind; codes and texts are text: zeros at the front stay."""
    return _USUAL_FORMATS.get(kind, "@")


def source_rows(
    sheet: FormSheet, form: Form, rows: Collection[int], problems: Iterable[Problem], language: Language
) -> OriginalSheet:
    """The form's columns of some rows, by what the reader made of their cells; other columns and the sheet's own
    formats are lost. `problems` tell what stands in the cells that the reader could make nothing of."""
    position_of = {row: position for position, row in enumerate(sheet.rows)}
    values = {(one.place.row, one.place.field): one.value for one in problems}
    columns = sorted((column_index(letters), name) for name, letters in sheet.letters.items())
    found: dict[int, tuple[Cell, ...]] = {}
    for row in rows:
        cells = []
        for index, name in columns:
            kind = form.column(name).kind
            text = sheet.columns[name][position_of[row]]
            if (row, name) in sheet.unusable:
                shown = values.get((row, name)) or "#N/A"
                cells.append(Cell(index, ERROR if shown.startswith("#") else TEXT, shown, usual_format(kind)))
            elif text is not None:
                cells.append(_cell(index, text, kind))
        found[row] = tuple(cells)
    headings = {index: form.label(form.column(name), language) for index, name in columns}
    return OriginalSheet(headings, found)


def _cell(index: int, text: str, kind: Kind) -> Cell:
    if kind is Kind.AMOUNT and _PLAIN_NUMBER.fullmatch(text):
        return Cell(index, NUMBER, f"{Decimal(text):f}", usual_format(kind))
    if kind is Kind.DATE:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return Cell(index, TEXT, text, GENERAL)
        if day.year < _FIRST_YEAR:
            return Cell(index, TEXT, text, usual_format(kind))
        return Cell(index, NUMBER, str(int(serial_of(day))), usual_format(kind))
    return Cell(index, TEXT, text, usual_format(kind) if kind is not Kind.AMOUNT else GENERAL)
