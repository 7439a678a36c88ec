"""A spreadsheet of any format as raw cells: what its readers fill, and what the reader of workbooks asks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from xml.etree.ElementTree import Element

from importer.model.problems import column_letters
from importer.xlsx.package import SheetPart
from importer.xlsx.values import (
    GENERAL,
    LAST_COLUMN,
    LAST_ROW,
    SINCE_1900,
    SINCE_1904,
    CellValue,
    CellValues,
    RawCell,
    RowBatch,
    SheetMetadata,
    SheetRows,
    Token,
    WorkbookContext,
    escaped,
    merged_in,
)

TEXT_FORMAT = "@"
_ERROR = re.compile(r"#(?:N/[AD]|[¡¿]?[A-ZÀ-Ü0-9/]+[!?])|Err:[0-9]+")
_ROWS_OF_BATCH = 256


class Unread(ValueError):
    """A file is not read: `wording` is the key of the sentence that tells why, `facts` fill it; by default it is
    damaged, or holds cells where no spreadsheet has any."""

    def __init__(self, wording: str = "unreadable-file.damaged", **facts: str) -> None:
        super().__init__(wording)
        self.wording = wording
        self.facts = facts


@dataclass(slots=True)
class Sheet:
    """A sheet: its batches of rows with the numbers of cells as tokens, each column down to its last cell, hidden rows
    and columns as ranges (rows from 1, columns from 0), merged ranges as they are written (`B2:B4`)."""

    name: str
    is_hidden: bool = False
    batches: list[tuple[list[int], dict[int, list[int | None]]]] = field(default_factory=list)
    hidden_rows: list[range] = field(default_factory=list)
    hidden_columns: list[range] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def merge(self, rows: range, columns: range) -> None:
        """Notes merged cells."""
        first, last = column_letters(columns.start), column_letters(columns.stop - 1)
        self.merged.append(f"{first}{rows.start}:{last}{rows.stop - 1}")


class Book:
    """A whole spreadsheet. Equal cells are one token; `number_formats` are shown by a raw cell's style.

    It answers what `importer.xlsx.package.Package` answers of an Excel workbook: sheets, context, notes.
    """

    def __init__(self, number_formats: Sequence[str] = (GENERAL,), *, counts_from_1904: bool = False) -> None:
        self.number_formats = list(number_formats)
        self.counts_from_1904 = counts_from_1904
        self._sheets: list[Sheet] = []
        self._cells: list[RawCell] = []
        self._tokens: dict[RawCell, int] = {}

    @property
    def sheets(self) -> Sequence[SheetPart]:
        """The sheets in their order, hidden ones too."""
        return [SheetPart(sheet.name, str(number), sheet.is_hidden) for number, sheet in enumerate(self._sheets)]

    @property
    def context(self) -> WorkbookContext:
        """What the cells of all sheets have in common."""
        epoch = SINCE_1904 if self.counts_from_1904 else SINCE_1900
        return WorkbookContext((), self.number_formats, epoch, awaits_calculation=False)

    def notes(self, sheet: SheetPart) -> Mapping[str, str]:
        """None: the notes of these formats are not read."""
        return {}

    def rows(self, part: SheetPart) -> SheetRows:
        """The rows of a sheet."""
        values, sheet = CellValues(self.context), self._sheets[int(part.member)]

        def raw_cell(token: Token) -> RawCell | None:
            return None if token is None else self._cells[cast(int, token)]

        def value_of(token: Token) -> CellValue:
            return None if token is None else values.value_of(self._cells[cast(int, token)])

        batches = (RowBatch(rows, _filled_up(columns, len(rows))) for rows, columns in sheet.batches)
        filled = (row for rows, _ in sheet.batches for row in rows)  # a million blank ones may be hidden below
        metadata = SheetMetadata(
            hidden_rows={row for row in filled if any(row in hidden for hidden in sheet.hidden_rows)},
            hidden_columns=sheet.hidden_columns,
            merged=[one for reference in sheet.merged if (one := merged_in(reference)) is not None],
            frame=Element("worksheet"),
            has_struck=any(cell.is_struck for cell in self._cells),
        )
        return SheetRows(batches, value_of, raw_cell, metadata, self.context)

    def begin_sheet(self, name: str, *, is_hidden: bool = False) -> Sheet:
        """A further sheet, to be filled by `add` and what it has itself. Raises Unread for a name that is taken."""
        if any(name.casefold() == sheet.name.casefold() for sheet in self._sheets):
            raise Unread
        self._sheets.append(Sheet(name, is_hidden))
        return self._sheets[-1]

    def add(self, row: int, column: int, cell: RawCell) -> None:
        """Adds a cell of the last sheet, to the right of or below the one before; rows count from 1, columns from 0.
        Raises Unread for one outside a sheet or out of order."""
        if not 0 < row <= LAST_ROW or not 0 <= column <= LAST_COLUMN:
            raise Unread
        token = self._tokens.setdefault(cell, len(self._cells))
        if token == len(self._cells):
            self._cells.append(cell)
        batches = self._sheets[-1].batches
        rows, columns = batches[-1] if batches else ([], {})
        if not rows or row != rows[-1]:
            if rows and row < rows[-1]:
                raise Unread
            if len(rows) % _ROWS_OF_BATCH == 0:
                rows, columns = [], {}
                batches.append((rows, columns))
            rows.append(row)
        tokens = columns.setdefault(column, [])
        missing = len(rows) - 1 - len(tokens)
        if missing < 0:
            raise Unread
        tokens += [None] * missing
        tokens.append(token)

    def plain(self) -> bytes:
        """All of it as JSON."""
        import msgspec

        plain = (self.number_formats, self.counts_from_1904, self._cells, self._sheets)
        return msgspec.json.encode(plain, enc_hook=lambda ends: (ends.start, ends.stop))

    @classmethod
    def of_plain(cls, written: bytes) -> "Book":
        """The book that `plain` gave. Raises Unread where a wording stands in its place."""
        import msgspec

        plain = msgspec.json.decode(written, type=_Plain, dec_hook=lambda of_ends, ends: of_ends(*ends))
        if isinstance(plain, str):
            raise Unread(plain)
        book = cls(plain[0], counts_from_1904=plain[1])
        book._cells, book._sheets = plain[2:]
        return book


def _filled_up(columns: Mapping[int, list[int | None]], length: int) -> Mapping[int, list[int | None]]:
    return {index: tokens + [None] * (length - len(tokens)) for index, tokens in columns.items()}


_Plain = str | tuple[list[str], bool, list[RawCell], list[Sheet]]


def text_cell(text: str, style: int = 0, *, has_formula: bool = False) -> RawCell:
    """The raw cell of a text, in which nothing is an escape."""
    return RawCell("str", str(style), escaped(text), has_formula)


def is_error(text: str) -> bool:
    """True for what spreadsheet programs show for an error, such as `#N/A` or, in Spanish, `#¡REF!`."""
    return text.startswith(("#", "Err:")) and _ERROR.fullmatch(text) is not None


def number_cell(number: float, style: int, *, has_formula: bool = False) -> RawCell:
    """The raw cell of a number, all of its digits."""
    return RawCell("n", str(style), repr(float(number)), has_formula)
