"""The careful reader: any shape of XML, by openpyxl, with what openpyxl does not tell by a parser of our own.

openpyxl alone loses rows and cells that are out of order, gives an error as a text and a formula that was never
calculated as a blank, takes East Asian days for numbers and loses escapes of shared texts (notes/readers-and-speed,
section 3).
"""

import io
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, zip_longest

from importer.parts.texts import unescaped
from importer.read.number_formats import Meaning, NumberFormats
from importer.read.survey import Survey
from importer.read.values import CELL_ERROR, NO_DAY, NOT_CALCULATED, CellValue, Row, Spoilt, Stretch, UnreadableSheet

_SOME_ROWS = 256
_NO_DAY = "#VALUE!"
"""What openpyxl makes of a number in a date cell that is no day."""


class _SharedText(str):
    """A text that cells share, its escapes read already."""


def careful_stretches(
    content: bytes, sheet: str, survey: Survey, texts: Sequence[str], formats: NumberFormats
) -> Iterator[Stretch]:
    """The rows of a sheet with a value, and those that the survey has a mark for; `texts` are those that cells share.

    Raises UnreadableSheet when openpyxl fails, does not know the sheet (Strict OOXML), or loses its rows.
    """
    marks = _marks_by_row(survey)
    rows, first = _rows(content, sheet, texts, formats), 1
    while some := list(islice(rows, _SOME_ROWS)):
        numbers = range(first, first + len(some))
        first = numbers.stop
        some = [_with_marks(row, marks.pop(number, {})) for number, row in zip(numbers, some, strict=True)]
        if any(value is not None for row in some for value in row):
            yield Stretch(numbers, dict(enumerate(zip_longest(*some))))
    if marks or first <= survey.last_row:
        raise UnreadableSheet(sheet)


def _marks_by_row(survey: Survey) -> dict[int, dict[int, Spoilt]]:
    marks: dict[int, dict[int, Spoilt]] = defaultdict(dict)
    for (row, column), error in survey.errors.items():
        marks[row][column] = Spoilt(CELL_ERROR, unescaped(error) or None)
    for row, column in survey.uncalculated:
        marks[row][column] = NOT_CALCULATED
    return marks


def _with_marks(row: Row, marks: Mapping[int, Spoilt]) -> Row:
    if not marks:
        return row
    wide = [*row, *[None] * (max(marks) + 1 - len(row))]
    return [marks.get(column, value) for column, value in enumerate(wide)]


def _rows(content: bytes, sheet: str, texts: Sequence[str], formats: NumberFormats) -> Iterator[Row]:
    """The rows from row 1 on. openpyxl is given the shared texts and the formats, of which it misreads some."""
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise UnreadableSheet("defusedxml is not in use")
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            found = book[sheet]
        found._shared_strings = [_SharedText(text) for text in texts]
        book._date_formats = formats.styles_of(Meaning.MOMENT, Meaning.LENGTH)
        book._timedelta_formats = formats.styles_of(Meaning.LENGTH)
        found.reset_dimensions()  # a wrong <dimension> loses cells silently
        for row in _quietly(found.iter_rows(values_only=True)):
            yield [_value(value, book.epoch) for value in row]
        book.close()
    except Exception as failure:  # whatever a damaged part makes openpyxl raise
        raise UnreadableSheet(sheet) from failure


def _quietly(rows: Iterator[Row]) -> Iterator[Row]:
    """Without openpyxl's warnings about styles and extensions, which nobody reads here."""
    while True:
        with warnings.catch_warnings(action="ignore"):
            some = list(islice(rows, _SOME_ROWS))
        if not some:
            return
        yield from some


def _value(value: CellValue, epoch: datetime) -> CellValue:
    if isinstance(value, _SharedText):
        return str(value)
    if isinstance(value, str):
        return NO_DAY if value == _NO_DAY else unescaped(value)
    if isinstance(value, datetime) and value < epoch + timedelta(days=1):
        return value.time()
    return value
