"""Which form a sheet is, and which column holds which field, told by its headings."""

from collections.abc import Sequence
from dataclasses import dataclass

from importer.model.places import Place, column_letters
from importer.model.problems import Problem
from importer.read.sheets import CellValue
from importer.templates.forms import Form, fold_heading

LAST_HEADING_ROW = 20
FEWEST_HEADINGS = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet's form: the heading row's number, the column (from 0) of each field, and the other headings by column."""

    form: Form
    row: int
    columns: dict[str, int]
    repeated: tuple[tuple[str, int, int], ...]
    unknown: dict[int, str]

    @property
    def missing(self) -> list[str]:
        """The required fields that have no column."""
        return [column.name for column in self.form.required if column.name not in self.columns]


def layout_of(rows: Sequence[Sequence[CellValue]], forms: Sequence[Form]) -> Layout | None:
    """The first row, within 20, that holds all required headings of a form; else the one with the most of them, when it
    has at least half of the required ones and three (then columns are missing). None when the sheet is no form."""
    best: Layout | None = None
    for number, row in enumerate(rows[:LAST_HEADING_ROW], start=1):
        for form in forms:
            layout = _layout_of_row(number, row, form)
            if not layout.missing:
                return layout
            if _is_nearly(layout) and (best is None or len(layout.missing) < len(best.missing)):
                best = layout
    return best


def _is_nearly(layout: Layout) -> bool:
    required = len(layout.form.required)
    found = required - len(layout.missing)
    return found >= FEWEST_HEADINGS and found * 2 >= required


def _layout_of_row(number: int, row: Sequence[CellValue], form: Form) -> Layout:
    names = form.headings()
    columns: dict[str, int] = {}
    repeated, unknown = [], {}
    for index, value in enumerate(row):
        heading = _text(value)
        if not heading:
            continue
        field = names.get(fold_heading(heading))
        if field is None:
            unknown[index] = heading
        elif field in columns:
            repeated.append((field, columns[field], index))
        else:
            columns[field] = index
    return Layout(form, number, columns, tuple(repeated), unknown)


def _text(value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def heading_problems(layout: Layout, file: str, sheet: str) -> list[Problem]:
    """What the headings lack, say twice, or say that nobody knows."""
    place = Place(file, sheet)
    problems = [
        Problem("missing-column", place, wording="missing-column", facts=_missing(layout, name, sheet))
        for name in layout.missing
    ]
    for field, first, second in layout.repeated:
        facts = {"heading": field, "first": column_letters(first), "second": column_letters(second)}
        problems.append(Problem("duplicate-column", place, wording="duplicate-column", facts=facts))
    for index, heading in layout.unknown.items():
        where = Place(file, sheet, layout.row, column_letters(index))
        wording, facts = "unknown-column.heading", {"heading": heading}
        problems.append(Problem("unknown-column", where, value=heading, wording=wording, facts=facts))
    return problems


def _missing(layout: Layout, name: str, sheet: str) -> dict[str, str]:
    return {"heading": name, "sheet": sheet, "row": str(layout.row)}


def blank_heading_problems(layout: Layout, rows: Sequence[Sequence[CellValue]], file: str, sheet: str) -> list[Problem]:
    """Columns with entries below a blank heading: they are not read, and that is not passed over in silence."""
    known = set(layout.columns.values()) | set(layout.unknown) | {second for _, _, second in layout.repeated}
    filled: set[int] = set()
    for row in rows[layout.row :]:
        if len(row) > len(known):
            filled.update(index for index, value in enumerate(row) if index not in known and _text(value))
    return [
        Problem(
            "unknown-column",
            Place(file, sheet, layout.row, column_letters(index)),
            wording="unknown-column.blank",
            facts={"column": column_letters(index)},
        )
        for index in sorted(filled)
    ]
