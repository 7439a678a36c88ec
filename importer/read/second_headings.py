"""Headings that stand once more below the first: the rows under them would be read by the first ones' columns."""

from collections.abc import Mapping, Sequence

from importer.model.problems import Place, Problem
from importer.model.workbook import CellText
from importer.read.headings import Layout
from importer.templates.forms import Form, calculated_headings, fold_heading

_FEWEST = 2


def second_heading_row(
    layout: Layout, rows: Sequence[int], columns: Mapping[str, Sequence[CellText]], forms: Sequence[Form]
) -> int | None:
    """The number of the first row below the headings that holds headings again, None when there is none.

    Such a row has headings, of whatever form, in at least half of the required columns that the sheet has (in both of
    two), in two cells at least, and in at least half of its filled cells. None is looked for where headings are
    missing: that is told.
    """
    if layout.missing:
        return None
    telling = [name for name in columns if name in _required(layout.form)]
    fewest = max((len(telling) + 1) // 2, min(len(telling), _FEWEST))
    # A row with so many of them has one in each choice of the others and one more: those with the fewest texts do.
    distinct = {name: set(columns[name]) for name in telling}
    asked = sorted(telling, key=lambda name: len(distinct[name]))[: len(telling) - fewest + 1]
    headings = _Headings(forms)
    for position in sorted(_positions(asked, distinct, columns, headings)):
        filled = {name: text for name, texts in columns.items() if (text := texts[position]) is not None}
        found = [name for name, text in filled.items() if text in headings]
        is_much = len(found) >= _FEWEST and 2 * len(found) >= len(filled)
        if is_much and sum(name in found for name in telling) >= fewest:
            return rows[position]
    return None


def _required(form: Form) -> frozenset[str]:
    other = form.alternative.names if form.alternative is not None else ()
    return frozenset((*(column.name for column in form.required), *other))


def _positions(
    asked: Sequence[str],
    distinct: Mapping[str, set[CellText]],
    columns: Mapping[str, Sequence[CellText]],
    headings: "_Headings",
) -> set[int]:
    positions: set[int] = set()
    for name in asked:
        found = {text for text in distinct[name] if text is not None and text in headings}
        if found:
            positions.update(position for position, text in enumerate(columns[name]) if text in found)
    return positions


class _Headings:
    """All headings of all forms."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._folded = {heading for form in forms for heading in (*form.headings(), *calculated_headings(form.name))}
        self._longest = 2 * max(map(len, self._folded), default=0)

    def __contains__(self, text: str) -> bool:
        # Numbers and long texts are no headings; folding each of a hundred thousand would take a second.
        return not text.isdecimal() and len(text) <= self._longest and fold_heading(text) in self._folded


def second_heading_problem(row: int, file: str, sheet: str) -> Problem:
    """The problem of a sheet with headings in `row` again."""
    facts = {"row": str(row), "sheet": sheet}
    return Problem("duplicate-column", Place(file, sheet), wording="duplicate-column.headings", facts=facts)
