"""Sheets that are no form: what they lack to be one, and what they say of their workbook: whose lists it holds, and
which run it corrects."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from importer.model.problems import Place, Problem
from importer.model.workbook import (
    CORRECTED_FILE,
    CORRECTED_FIRST,
    CORRECTED_RUN,
    CORRECTED_SHA256,
    CORRECTIONS_MARK,
    Corrects,
    ListsOrigin,
)
from importer.read.cells import heading_of
from importer.read.heading_meanings import MOST_SHOWN, shortened_texts
from importer.read.headings import Layout, nearest_layout
from importer.templates.forms import COMPANY_ID, COMPANY_NAME, LISTS_MARK, TAKEN_AT
from importer.xlsx.values import Row


@dataclass(frozen=True, slots=True)
class SheetOfNoForm:
    """A sheet that is no form: its name, what was understood of its headings (None: nothing), and its first row with
    texts, by number (0: it is blank); of these as many as are shown. `near` is the warning that it is like one with a
    mapping, `origin` whose lists it holds, `corrects` which run's corrections the workbook is."""

    sheet: str
    layout: Layout | None
    first_row: int
    first_texts: tuple[str, ...]
    near: Problem | None = None
    origin: ListsOrigin | None = None
    corrects: Corrects | None = None

    @classmethod
    def of(cls, name: str, rows: Sequence[Row], near: Problem | None = None) -> "SheetOfNoForm":
        """The sheet by its first rows."""
        texts = (tuple(islice(filter(None, map(heading_of, row)), MOST_SHOWN + 1)) for row in rows)
        first, found = next(((number, one) for number, one in enumerate(texts, start=1) if one), (0, ()))
        return cls(name, nearest_layout(rows), first, found, near, origin_in(rows), _corrects_in(rows))


def no_form_problem(sheets: Sequence[SheetOfNoForm], file: str) -> Problem:
    """The problem of a workbook without any form: the nearest sheet, or what was seen."""
    near = [(sheet, sheet.layout) for sheet in sheets if sheet.layout is not None]
    if near:
        sheet, layout = min(near, key=lambda one: len(one[1].missing))
        return _nearest(sheet.sheet, layout, file, "no-form-found.near")
    seen = next((sheet for sheet in sheets if sheet.first_row), None)
    if seen is None:
        return Problem("no-form-found", Place(file), wording="no-form-found.none")
    facts = {"sheet": seen.sheet, "row": str(seen.first_row), "seen": shortened_texts(seen.first_texts)}
    return Problem("no-form-found", Place(file), wording="no-form-found.seen", facts=facts)


def unread_sheet_problems(sheets: Sequence[SheetOfNoForm], file: str) -> list[Problem]:
    """A warning for each sheet that is not read beside others that are, although it lacks little: there are accounts,
    amounts, and dates or keys."""
    problems = []
    for one in sheets:
        if one.near is not None:
            problems.append(one.near)
        elif one.layout is not None and one.layout.is_nearly_whole:
            has = one.layout.columns.keys()
            has_amounts = "amount" in has or {"debit", "credit"} <= has
            if "account" in has and has_amounts and not has.isdisjoint(("transDateTime", "journal")):
                problems.append(replace(_nearest(one.sheet, one.layout, file, "no-form-found.sheet"), softened=True))
    return problems


def _nearest(sheet: str, layout: Layout, file: str, wording: str) -> Problem:
    facts = {
        "sheet": sheet,
        "name": sheet,
        "row": str(layout.row),
        "understood": shortened_texts(layout.headings[index] for index in sorted(layout.columns.values())),
        "lacking": ", ".join(layout.missing),
    }
    return Problem("no-form-found", Place(file, sheet), wording=wording, facts=facts)


def origin_in(rows: Sequence[Row]) -> ListsOrigin | None:
    """What the first rows of a sheet tell of a company's lists; None when the sheet holds none. A value that was
    changed by hand is None, and what cannot be told is not held against the workbook."""
    values = _values_under(LISTS_MARK, rows)
    if values is None:
        return None
    company, taken_at = values.get(COMPANY_ID, ""), None
    with suppress(ValueError):
        taken_at = datetime.fromisoformat(values.get(TAKEN_AT, ""))
    return ListsOrigin(
        company_id=int(company) if company.isascii() and company.isdigit() else None,
        company_name=values.get(COMPANY_NAME, ""),
        taken_at=taken_at if taken_at is None or taken_at.tzinfo is not None else taken_at.replace(tzinfo=UTC),
    )


def _corrects_in(rows: Sequence[Row]) -> Corrects | None:
    """What the first rows of a sheet tell of the run whose corrections the workbook is; None when they tell nothing."""
    values = _values_under(CORRECTIONS_MARK, rows)
    if values is None:
        return None
    labels = (CORRECTED_RUN, CORRECTED_FILE, CORRECTED_SHA256, CORRECTED_FIRST)
    return Corrects(*(values.get(label, "") for label in labels))


def _values_under(mark: str, rows: Sequence[Row]) -> dict[str, str] | None:
    """The values of the second column by the labels of the first, on a sheet that begins with the mark."""
    texts = [[heading_of(value) for value in row[:2]] for row in rows]
    if not texts or texts[0][:1] != [mark]:
        return None
    return {row[0]: row[1] for row in texts if len(row) > 1}
