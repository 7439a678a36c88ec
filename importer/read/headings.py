"""Which form a sheet is, and which column holds which field, told by its headings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from importer.model.places import Place, column_letters
from importer.model.problems import Problem
from importer.read.cells import heading_of
from importer.read.values import Row
from importer.templates.forms import Form, fold_heading

LAST_HEADING_ROW = 20
FEWEST_HEADINGS = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet's form: the heading row's number, the column (from 0) of each field, and the other headings by column.

    `repeated` are fields with a second column: the field, its first and its second column.
    """

    form: Form
    row: int
    columns: dict[str, int]
    repeated: tuple[tuple[str, int, int], ...]
    unknown: dict[int, str]

    @property
    def missing(self) -> list[str]:
        """The required fields that have no column."""
        return [column.name for column in self.form.required if column.name not in self.columns]

    @property
    def headed(self) -> frozenset[int]:
        """The columns that have a heading."""
        return frozenset((*self.columns.values(), *self.unknown, *(second for _, _, second in self.repeated)))


def layout_of(rows: Sequence[Row], forms: Sequence[Form]) -> Layout | None:
    """The first row, within 20, that holds all required headings of a form; else the one with the most of them, when it
    has at least half of the required ones and three (then columns are missing). None when the sheet is no form."""
    names = [(form, form.headings()) for form in forms]
    best: Layout | None = None
    for number, row in enumerate(rows[:LAST_HEADING_ROW], start=1):
        headings = {index: heading for index, value in enumerate(row) if (heading := heading_of(value))}
        for form, fields in names if headings else ():
            layout = _layout_of_row(number, headings, form, fields)
            if not layout.missing:
                return layout
            if _is_nearly(layout) and (best is None or len(layout.missing) < len(best.missing)):
                best = layout
    return best


def _is_nearly(layout: Layout) -> bool:
    required = len(layout.form.required)
    found = required - len(layout.missing)
    return found >= FEWEST_HEADINGS and found * 2 >= required


def _layout_of_row(number: int, headings: Mapping[int, str], form: Form, fields: Mapping[str, str]) -> Layout:
    columns: dict[str, int] = {}
    repeated, unknown = [], {}
    for index, heading in headings.items():
        field = fields.get(fold_heading(heading))
        if field is None:
            unknown[index] = heading
        elif field in columns:
            repeated.append((field, columns[field], index))
        else:
            columns[field] = index
    return Layout(form, number, columns, tuple(repeated), unknown)


def heading_problems(layout: Layout, file: str, sheet: str) -> list[Problem]:
    """What the headings lack, say twice, or say that nobody knows."""
    place = Place(file, sheet)
    row = str(layout.row)
    problems = [
        Problem("missing-column", place, wording="missing-column", facts={"heading": name, "sheet": sheet, "row": row})
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


def blank_heading_problems(layout: Layout, file: str, sheet: str, headless: Collection[int]) -> list[Problem]:
    """Columns with entries below a blank heading (`headless`): they are not read, and that is not passed over in
    silence."""
    problems = []
    for index in sorted(headless):
        place = Place(file, sheet, layout.row, column_letters(index))
        facts = {"column": column_letters(index)}
        problems.append(Problem("unknown-column", place, wording="unknown-column.blank", facts=facts))
    return problems
