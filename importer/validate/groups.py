"""Which rows make one journal: those with the same key, and what is done about rows that have none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from importer.model.problems import Problem
from importer.model.sheets import FormSheet

Entry = TypeVar("Entry")

NO_KEY = "–"
"""What stands for the key of rows that have none and no journal beside them."""

_NONE = frozenset[str]()


@dataclass(slots=True)
class Group:
    """The rows that make one journal, as positions in the sheet's lists, and the fields of each that are unreadable.

    `is_in_doubt`: a row beside it has no key and may belong to it, so it is neither posted nor added up.
    """

    key: str
    positions: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: dict[int, frozenset[str]] = field(default_factory=dict)
    is_in_doubt: bool = False

    def pick(self, column: Sequence[Entry]) -> Sequence[Entry]:
        """The entries of a column at the group's positions; most groups stand together."""
        first, end = self.positions[0], self.positions[-1] + 1
        if end - first == len(self.positions):
            return column[first:end]
        return [column[position] for position in self.positions]

    def is_readable(self, position: int, *fields: str) -> bool:
        """True when none of these cells of the row has a problem of its own."""
        return not self.unreadable or self.unreadable.get(position, _NONE).isdisjoint(fields)


def grouped(sheet: FormSheet) -> tuple[list[Group], list[Problem]]:
    """The journals of a sheet in the order of their first rows, and a problem for each row without a key.

    A sheet without any key is one journal, named like the sheet; that a column which nobody read may hold keys is
    asked before (`read.unread_keys`).
    """
    keys = sheet.columns.get("journal") or []
    spoilt = {row for row, name in sheet.spoilt if name == "journal"}
    if not any(keys) and not spoilt:
        return [Group(sheet.sheet, list(range(len(sheet.rows))))] if sheet.rows else [], []
    groups: dict[str, Group] = {}
    problems: list[Problem] = []
    runs = [(key, len(list(equal))) for key, equal in groupby(keys)]
    below = [*(key for key, _ in runs[1:]), None]
    above: str | None = None
    end = 0
    for (key, length), next_key in zip(runs, below, strict=True):
        positions = range(end, end := end + length)
        if key is None:
            rows = [sheet.rows[position] for position in positions]
            problems += [_key_missing(sheet, row, above) for row in rows if row not in spoilt]
            _take_in(positions, above, next_key, groups)
        else:
            groups.setdefault(key, Group(key)).positions.extend(positions)
            above = key
    return list(groups.values()), problems


def _take_in(keyless: Sequence[int], above: str | None, below: str | None, groups: dict[str, Group]) -> None:
    """Rows without a key stand with the journal above (else below), and both are in doubt: they may belong to
    either."""
    home = above or below or NO_KEY
    for key in {home, below or home}:
        groups.setdefault(key, Group(key)).is_in_doubt = True
    groups[home].positions.extend(keyless)
    groups[home].positions.sort()


def _key_missing(sheet: FormSheet, row: int, above: str | None) -> Problem:
    wording = "required.empty" if above is None else "required.fill-down"
    facts = {"heading": "journal"} if above is None else {"key": above}
    return Problem("required", sheet.place(row, "journal"), None, None, above, wording, facts)
