"""The sample month as a delimited text."""

import csv
import io
import warnings
from datetime import datetime
from pathlib import Path

import openpyxl

from importer.model.workbook import FormSheet
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS

SAMPLES = Path(__file__).parents[2] / "samples"


def rows_of(sample: str) -> FormSheet:
    """The sample's first form, as its workbook has it."""
    return read_workbook(SAMPLES / f"{sample}.xlsx", FORMS).sheets[0]


def as_text(sample: str, delimiter: str, encoding: str) -> bytes:
    """The cells of the sample's first sheet, days as `yyyy-mm-dd`, numbers with all of their digits."""
    with warnings.catch_warnings(action="ignore"):  # openpyxl knows no print area of whole columns
        book = openpyxl.load_workbook(SAMPLES / f"{sample}.xlsx")
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter)
    for row in book.worksheets[0].iter_rows(values_only=True):
        writer.writerow(list(map(_written, row)))
    return target.getvalue().encode(encoding)


def _written(value: object) -> object:
    match value:
        case datetime():
            return value.strftime("%Y-%m-%d")
        case float():
            return f"{value:.15g}"
    return value
