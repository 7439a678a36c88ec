"""A workbook as it was read: its forms as columns of cell texts, every row with its number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from importer.model.problems import Place, Problem

CellText = str | None
"""A cell in canonical text; None is blank.

Codes and texts: trimmed (also of no-break and zero-width blanks); a number is its digits (`101110`).
Choices: as texts; one of the column's choices in capitals. Amounts: what Excel holds, to 15 significant digits,
without exponent (`18630.1`); text that was typed stays as it is. Dates: `yyyy-mm-dd` when the cell is a date, else what
stands there.
Periods: digits, or `yyyy-mm-dd` when the cell is a date.
"""


@dataclass(frozen=True, slots=True)
class SideTotals:
    """Sums of a currency, as they stand in the workbook and as they are posted; the first two are those of positive and
    negative amounts where these tell the side."""

    currency: str
    debit_before: Decimal
    credit_before: Decimal
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class MappingUse:
    """The mapping by which a sheet was read. `sha256` is that of its file, `headings` are by field, `constants` the
    values of all rows by field, `cells` those that stand once above the headings, with their addresses. `period_from`
    is the date field whose month is the period; `scale` is what every amount was multiplied by. `totals` are told where
    a sign changes a side, or amounts were multiplied. `values` are, by field, the codes that stand for texts, `formats`
    what is declared of the texts of dates, periods, numbers, negative ones and sides, by the key in the mapping."""

    name: str
    sha256: str
    headings: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    period_from: str | None = None
    totals: tuple[SideTotals, ...] = ()
    scale: int = 1
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormSheet:
    """A sheet recognised as a form, without its blank rows.

    `rows[i]` is the sheet's row number of entry i of every list in `columns` (by field). `letters` tells each field's
    column on the sheet. `unusable` names the cells (row, field) that already have a problem of their own; their
    text is None. `mapping` is None for a sheet in the product's own form; under one, `moved` has the columns of single
    cells (row, field) whose text stands in another one, `borrowed` the fields whose cells are another field's, and
    `above` the addresses of those whose value stands once above the headings.
    `set_aside` are the rows that are no lines, `skipped` the hidden ones left out on demand, each as a sheet of their
    own; they are none of this one's.
    """

    form: str
    file: str
    sheet: str
    heading_row: int
    rows: tuple[int, ...]
    columns: Mapping[str, list[CellText]]
    letters: Mapping[str, str]
    unusable: frozenset[tuple[int, str]] = frozenset()
    mapping: MappingUse | None = None
    moved: Mapping[tuple[int, str], str] = field(default_factory=dict)
    borrowed: Mapping[str, str] = field(default_factory=dict)
    above: Mapping[str, str] = field(default_factory=dict)
    set_aside: "FormSheet | None" = None
    skipped: "FormSheet | None" = None

    def place(self, row: int | None = None, field: str | None = None) -> Place:
        """The place of a row, of a cell (with `field`), or of the sheet."""
        letters = self._letters_of(row, field) if field else None
        return Place(self.file, self.sheet, row, letters, field, self.above.get(field or ""))

    def _letters_of(self, row: int | None, name: str) -> str | None:
        if self.moved and row is not None and (row, name) in self.moved:
            return self.moved[row, name]
        return self.letters.get(self.borrowed.get(name, name))


@dataclass(frozen=True, slots=True)
class ListsOrigin:
    """Whose lists a template's drop-downs hold, and when they were read (with a time zone); None where the workbook
    does not tell."""

    company_id: int | None
    company_name: str
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class Corrects:
    """What a corrections workbook corrects: the run, the name of the workbook it read, and the hash of its bytes.
    `first` is the name of the workbook with which it all began, where that one was a corrections workbook itself."""

    run: str
    file: str
    sha256: str
    first: str = ""


CORRECTIONS_MARK = "importer.corrections/1"
"""The first cell of a corrections workbook's first sheet, whatever that is called. Cells survive what Excel,
LibreOffice and openpyxl save; properties of the file do not."""

ANNOTATED_MARK = "importer.annotated"
"""The property of an annotated copy that names its run: Excel and openpyxl keep properties of a name of one's own. In a
folder such a copy is passed over, given by name it is a workbook like any other."""

CORRECTED_RUN, CORRECTED_FILE, CORRECTED_SHA256 = "corrects.run", "corrects.file", "corrects.sha256"
CORRECTED_FIRST = "corrects.first"
"""Below it in the first column; the values stand beside them."""


TEXT_ENCODINGS = ("cp850", "cp437", "mac-roman", "cp1252", "utf-8", "utf-16")
"""That a person may declare for a delimited text: what programs under DOS, on older Macs and on Windows write."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """One file as it was read: its forms, what is wrong with it, and the sheets that hold no form.

    `sha256` is the hexadecimal hash of the file's bytes, None when it could not be read at all. `origin` is None for a
    workbook without a company's lists, `corrects` for one that is no corrections workbook. `delimiter` is the one under
    which a delimited text was read, `encoding` the one that was declared for it; empty for other formats.
    """

    path: str
    sha256: str | None
    sheets: tuple[FormSheet, ...] = ()
    problems: tuple[Problem, ...] = ()
    passed_over: tuple[str, ...] = ()
    origin: ListsOrigin | None = None
    corrects: Corrects | None = None
    delimiter: str = ""
    encoding: str = ""

    @property
    def is_usable(self) -> bool:
        """False when nothing of the file may be posted (it has a problem of its own)."""
        return not any(problem.blocks and problem.place.row is None for problem in self.problems)
