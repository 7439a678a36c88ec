"""Merged cells: Excel keeps the first one's value alone, the others are blank, whatever people see."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from importer.model.problems import Place, Problem
from importer.read.values import Merged

_MOST_NAMED = 10


def merge_problems(
    merged: Iterable[Merged], heading_row: int, rows: Sequence[int], columns: Mapping[str, int], place: Place
) -> Iterator[Problem]:
    """One problem for a sheet in which merged cells of the form's columns reach from one row to another that counts:
    what is seen there is not read. `rows` are those that count, `columns` those of the form (from 0), `place` is the
    sheet's."""
    of_form = set(columns.values())
    found = [
        one.reference
        for one in merged
        if _reaches_down(one.rows, heading_row, rows) and not of_form.isdisjoint(one.columns)
    ]
    if found:
        ranges = ", ".join(found[:_MOST_NAMED]) + (" …" if len(found) > _MOST_NAMED else "")
        yield Problem("not-allowed", place, wording="not-allowed.merged", facts={"ranges": ranges})


def _reaches_down(covered: range, heading_row: int, rows: Sequence[int]) -> bool:
    """True when a row that counts is covered and is not the first: only that one has its value."""
    below = max(covered.start, heading_row)
    after = bisect_right(rows, below)
    return after < len(rows) and rows[after] < covered.stop
