"""Some rows of a workbook as they were understood, for when the file cannot be read again as it was."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from importer.language import Language
from importer.model.problems import Problem
from importer.model.sheets import FormSheet
from importer.report.original import OriginalSheet
from importer.report.sheet_cells import ERROR, NUMBER, TEXT, Cell
from importer.report.workbook_parts import GENERAL
from importer.templates.columns import Kind
from importer.templates.forms import Form

_USUAL_FORMATS = {Kind.AMOUNT: "#,##0.00", Kind.DATE: "yyyy-mm-dd", Kind.INTEGER: "0"}
_FIRST_YEAR = 1900
"""Excel knows no earlier days."""

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def usual_format(kind: Kind) -> str:
    """The number format of the template's cells of a kind; codes and texts are text: zeros at the front stay."""
    return _USUAL_FORMATS.get(kind, "@")


def retold(
    sheet: FormSheet, form: Form, rows: Collection[int], problems: Iterable[Problem], language: Language
) -> OriginalSheet:
    """The form's columns of some rows, by what the reader made of their cells; other columns and the sheet's own
    formats are lost. `problems` tell what stands in the cells that the reader could make nothing of."""
    position_of = {row: position for position, row in enumerate(sheet.rows)}
    told = {(one.place.row, one.place.field): one.value for one in problems}
    columns = sorted((_index(letters), name) for name, letters in sheet.letters.items())
    found: dict[int, tuple[Cell, ...]] = {}
    for row in rows:
        cells = []
        for index, name in columns:
            kind = form.column(name).kind
            text = sheet.columns[name][position_of[row]]
            if (row, name) in sheet.spoilt:
                cells.append(Cell(index, ERROR, told.get((row, name)) or "#N/A", usual_format(kind)))
            elif text is not None:
                cells.append(_cell(index, text, kind))
        found[row] = tuple(cells)
    headings = {index: form.label(form.column(name), language) for index, name in columns}
    return OriginalSheet(headings, found)


def _cell(index: int, text: str, kind: Kind) -> Cell:
    if kind is Kind.AMOUNT and _PLAIN_NUMBER.fullmatch(text):
        return Cell(index, NUMBER, f"{Decimal(text):f}", usual_format(kind))
    if kind is Kind.DATE:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return Cell(index, TEXT, text, GENERAL)
        if day.year < _FIRST_YEAR:
            return Cell(index, TEXT, text, usual_format(kind))
        return Cell(index, NUMBER, _day_number(day), usual_format(kind))
    return Cell(index, TEXT, text, usual_format(kind) if kind is not Kind.AMOUNT else GENERAL)


def _day_number(day: date) -> str:
    from openpyxl.utils.datetime import to_excel

    return str(int(to_excel(day)))


def _index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
