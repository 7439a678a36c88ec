"""What a sample with mistakes is made of: what was typed, what was meant, and all that the program tells of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from importer.templates.form_sheet import CellValue
from importer.templates.forms import JOURNALS, Form, form_named
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.samples.month import Row

Slips = Mapping[int, Mapping[str, CellValue]]
"""Cells typed wrong, by the row of the sheet, whose headings stand in row 1."""


@dataclass(frozen=True)
class ExpectedProblem:
    """What the program tells: code, the row and field of the cell (None: no cell), what stands there, what to type
    instead where that is certain, and the form of the sheet that it is about. `by_service`: only the service knows."""

    code: str
    row: int
    field: str | None
    value: str | None = None
    suggestion: str | None = None
    form: str = JOURNALS.name
    by_service: bool = False


@dataclass(frozen=True)
class Mistake:
    """`typed` and `meant` are the rows of every sheet by its form, row by row (None: a row that should not be there);
    `told` is all that the program finds; `layout` is that of the journals."""

    typed: Mapping[str, Sequence[Row]]
    meant: Mapping[str, Sequence[Row | None]]
    told: Sequence[ExpectedProblem]
    layout: Form = JOURNALS

    def workbook(self, file: str) -> bytes:
        """The workbook as it was typed, whose file has that name."""
        return workbook_of([self.form(name) for name in self.typed], Language.EN, self.typed, file=file)

    def form(self, name: str) -> Form:
        """The form of a sheet, with its columns as they stand there."""
        return self.layout if name == JOURNALS.name else form_named(name)

    def document(self, told: ExpectedProblem) -> str:
        """The key of the document that is spoken of."""
        return key_of(told.form, self.meant[told.form][told.row - 2] or self.typed[told.form][told.row - 2])


def with_slips(rows: Iterable[Row], slips: Slips) -> list[Row]:
    """The rows with other cells in some of them."""
    return [row | dict(slips.get(number, {})) for number, row in enumerate(rows, start=2)]


def key_of(form: str, row: Row) -> str:
    """The key of the document to which a row of a form belongs."""
    match form:
        case "dimensions":
            return f"{row['catId']}/{row['code']}"
        case "addresses":
            return str(row["addressCode"])
        case _:
            return str(row["journal"])
