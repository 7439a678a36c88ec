"""A sheet's columns as what the lines of its journals hold: each column is worked out once, each distinct text of it
once."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, TypeVar

from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Side
from importer.model.sheets import CellText, FormSheet
from importer.validate.across_rows import is_outside

Meant = TypeVar("Meant")

_SIDES = {side.value: side for side in Side}
_DESCRIPTIONS = tuple(f"description{number}" for number in range(1, EXTRA_DESCRIPTIONS + 1))


class TypedColumns:
    """The columns of a sheet of journals, one entry a position; a column that is not there is blank. A cell that cannot
    be read is None, as a blank one is."""

    def __init__(self, sheet: FormSheet) -> None:
        self._rows = sheet.rows
        self._blank: list[CellText] = [None] * len(sheet.rows)
        self._filled = {name: texts for name, texts in sheet.columns.items() if any(texts)}
        self.amounts = self._each("amount", _amount)
        self.sides = self._each("transaction", _SIDES.get)

    def texts(self, name: str) -> list[CellText]:
        """A column as it stands on the sheet."""
        return self._filled.get(name, self._blank)

    @cached_property
    def dimensions(self) -> list[tuple[str, ...]]:
        """The ten analysis codes of each row."""
        return self._side_by_side(DIMENSION_FIELDS)

    @cached_property
    def days_and_periods_apart(self) -> frozenset[tuple[CellText, CellText]]:
        """The dates that stand beside the period of another month, with it."""
        pairs = set(zip(self.texts("transDateTime"), self.texts("period"), strict=True))
        return frozenset((day, period) for day, period in pairs if is_outside(day or "", period or ""))

    @cached_property
    def never_blank(self) -> tuple[Sequence[object], ...]:
        """The columns of which a good line has every cell, as far as a line would take a blank one."""
        return (self.sides, self.texts("amount"), self._days)

    @cached_property
    def of_lines(self) -> tuple[Sequence[Any], ...]:
        """The columns in the order of a `Line`'s members."""
        return (
            self._rows,
            self._codes("journalType"),
            self._codes("account"),
            self._codes("treference"),
            self.dimensions,
            self._codes("description"),
            self.sides,
            self.amounts,
            self._codes("currency"),
            self._days,
            self._codes("period"),
            self._each("memoAmount", _amount),
            self._each("expiration", _day),
            self._each("expectedDate", _day),
            self._codes("assetCode"),
            self._codes("assetIndicator"),
            self._side_by_side(_DESCRIPTIONS),
        )

    @cached_property
    def _days(self) -> list[date | None]:
        return self._each("transDateTime", _day)

    def _codes(self, name: str) -> list[str]:
        return [text or "" for text in self.texts(name)]

    def _each(self, name: str, meaning: Callable[[str], Meant | None]) -> list[Meant | None]:
        texts = self.texts(name)
        meant: dict[CellText, Meant | None] = {text: meaning(text) for text in set(texts) if text is not None}
        return list(map(meant.get, texts))

    def _side_by_side(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """The texts of several columns by position; equal tuples are one (most rows repeat the same few)."""
        there = [name for name in names if name in self._filled]
        if not there:
            return [("",) * len(names)] * len(self._blank)
        places = [there.index(name) if name in there else None for name in names]
        rows = list(zip(*map(self._codes, there), strict=True))
        whole = {row: tuple("" if place is None else row[place] for place in places) for row in set(rows)}
        return list(map(whole.__getitem__, rows))


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
