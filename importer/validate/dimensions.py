"""Rows of the dimension form: each makes, changes or removes one analysis code."""

from collections.abc import Iterable
from dataclasses import replace

from importer.model.dimensions import CATEGORIES, DimensionChange
from importer.model.problems import Problem
from importer.model.sheets import CellText, FormSheet
from importer.templates.dimensions import DIMENSIONS
from importer.validate.records import RecordDraft, Row, drafts_of_rows

KIND = "dimension"


def dimension_drafts_of(sheet: FormSheet, read: Iterable[Problem] = (), *, allow_delete: bool) -> list[RecordDraft]:
    """A draft for each row of a dimension sheet; `read` is what the reader found wrong with cells of its rows."""
    told = _with_two_digits(sheet)
    drafts = drafts_of_rows(told, DIMENSIONS, KIND, _key_of, _change_of, read, allow_delete=allow_delete)
    return [replace(draft, sheet=sheet) for draft in drafts]


def _with_two_digits(sheet: FormSheet) -> FormSheet:
    """7 is 07 (product.md); Excel drops the nought when it takes the cell for a number."""
    if "catId" not in sheet.columns:
        return sheet
    return replace(sheet, columns={**sheet.columns, "catId": [_two_digits(text) for text in sheet.columns["catId"]]})


def _two_digits(text: CellText) -> CellText:
    return text.zfill(2) if text is not None and text.zfill(2) in CATEGORIES else text


def _key_of(row: Row) -> str:
    return f"{row.text('catId') or '–'}/{row.text('code') or '–'}"


def _change_of(row: Row) -> DimensionChange:
    mark = row.text("prohibitPosting")
    return DimensionChange(
        action=row.action,
        dimension=int(row.text("catId") or 0),
        code=row.text("code") or "",
        lookup=row.wanted("lookup"),
        name=row.wanted("name"),
        prohibits_posting=None if mark is None else mark == "1",
    )
