"""What stands in a sheet's cells, and how its rows are handed on."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A cell in which Excel holds something else than was typed: `wording` of its problem, and what it shows (None when
    it shows nothing)."""

    wording: str
    shown: str | None


CELL_ERROR = "cell-error"
NOT_CALCULATED = Spoilt("formula-without-value", None)
NO_DAY = Spoilt(CELL_ERROR, "#####")
"""A number in a date cell that is no day, as Excel shows it; openpyxl does not tell which number."""

CellValue = str | float | int | bool | date | datetime | time | timedelta | Spoilt | None
"""A blank is None or an empty text."""

Row = Sequence[CellValue]
"""The values of a row from column A on, as long as the row is."""

Token = Hashable
"""What a reader hands on for a cell: equal tokens stand for equal values. None is a blank."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows, one below the other: their numbers, ascending, and the tokens of each column (from 0) that has any.
    Blank rows may be left out."""

    rows: Sequence[int]
    columns: Mapping[int, Sequence[Token]]


@dataclass(frozen=True, slots=True)
class Merged:
    """Merged cells: the range as it is written, its rows (from 1) and columns (from 0)."""

    reference: str
    rows: range
    columns: range


@dataclass(slots=True)
class Hidden:
    """The rows (from 1) and columns (from 0) that nobody sees, and the merged cells, in which nobody sees that all but
    the first are blank; a reader fills it as it goes."""

    rows: set[int] = field(default_factory=set)
    columns: list[range] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)

    def holds_column(self, column: int) -> bool:
        """True when the column (from 0) is hidden."""
        return any(column in columns for columns in self.columns)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """A sheet's rows, to be read once, and what a token of theirs stands for. `hidden` is complete after the last."""

    stretches: Iterator[Stretch]
    value_of: Callable[[Token], CellValue]
    hidden: Hidden


class UnreadableSheet(Exception):
    """No reader gives the sheet's values."""
