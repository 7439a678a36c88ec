"""Columns that may stand in place of others (debit and credit for side and amount): a sheet uses the ones or the
others."""

from collections.abc import Collection
from dataclasses import replace

from importer.model.problems import Problem
from importer.model.workbook import FormSheet
from importer.templates.forms import Form


def with_one_alternative(sheet: FormSheet, form: Form) -> tuple[FormSheet, list[Problem]]:
    """The sheet with the columns that it uses, where it has both: those without any entry are put aside. When both have
    entries nobody can tell which count, and that is a problem of the sheet; so is a column that is missing beside those
    that it uses."""
    other = form.alternative
    if other is None:
        return sheet, []
    replaced = [name for name in other.replaced if name in sheet.letters]
    standing_in = [name for name in other.names if name in sheet.letters]
    if not (replaced and standing_in):
        return sheet, []
    if not _is_used(sheet, standing_in):
        return _without(sheet, standing_in), []
    if not _is_used(sheet, replaced):
        lacked = [name for name in other.names if name not in sheet.letters]
        return _without(sheet, replaced), [_missing(sheet, name) for name in lacked]
    facts = {"first": _letters(sheet, replaced), "second": _letters(sheet, standing_in)}
    return sheet, [Problem("duplicate-column", sheet.place(), wording="duplicate-column.alternatives", facts=facts)]


def _missing(sheet: FormSheet, name: str) -> Problem:
    facts = {"heading": name, "sheet": sheet.sheet, "row": str(sheet.heading_row)}
    return Problem("missing-column", sheet.place(), wording="missing-column", facts=facts)


def _is_used(sheet: FormSheet, names: Collection[str]) -> bool:
    return any(any(sheet.columns[name]) for name in names) or any(name in names for _, name in sheet.spoilt)


def _without(sheet: FormSheet, names: Collection[str]) -> FormSheet:
    columns = {name: texts for name, texts in sheet.columns.items() if name not in names}
    letters = {name: letters for name, letters in sheet.letters.items() if name not in names}
    return replace(sheet, columns=columns, letters=letters)


def _letters(sheet: FormSheet, names: Collection[str]) -> str:
    return ", ".join(sheet.letters[name] for name in names)
