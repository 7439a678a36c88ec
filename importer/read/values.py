"""The values of a sheet's cells, by either of two readers; both give the same canonical texts (`cells`).

python-calamine is fast; openpyxl takes any shape of XML and needs no more memory than a row. Each is right only behind
the survey: calamine aborts the process on two cells in opposite corners and misreads comments and CDATA
inside a cell, openpyxl loses rows and cells that are out of order (notes/readers-and-speed, section 3).
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


@dataclass(frozen=True, slots=True)
class NoDay:
    """A number in a date cell that is no day; openpyxl does not tell which number."""


CellValue = str | float | int | bool | date | datetime | time | timedelta | NoDay | None
"""A blank is None or an empty text."""

Row = Sequence[CellValue]
"""The values of a row from column A on, as long as the row is."""


_NO_DAY = "#VALUE!"
_FEW = 256


class UnreadableSheet(Exception):
    """Neither reader gives the sheet's values."""


def calamine_rows(content: bytes, sheet: str, meanwhile: Callable[[], None]) -> Iterator[Row] | None:
    """The rows from row 1 on by python-calamine; None when it fails or finds no value. A row whose numbers it cannot
    hold (an elapsed time of a million years) and all that follow are openpyxl's.

    It parses without Python's lock, on another processor if there is one: `meanwhile` is called in that time.
    """
    parser = ThreadPoolExecutor(1)
    parsing = parser.submit(_parsed, content, sheet)
    parser.shutdown(wait=False)
    meanwhile()
    try:
        found = parsing.result()
    except BaseException as failure:
        if not _is_calamines(failure):
            raise
        return None
    if found.start is None:
        return None
    # iter_rows begins at row 1 but drops the blank columns on the left.
    pad: list[CellValue] = [None] * found.start[1]
    rows: Iterator[list[Any]] = found.iter_rows()
    return _rest_by_openpyxl((pad + row for row in rows) if pad else rows, content, sheet)


def _parsed(content: bytes, sheet: str) -> "CalamineSheet":
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        return book.get_sheet_by_name(sheet)


def _rest_by_openpyxl(rows: Iterator[Row], content: bytes, sheet: str) -> Iterator[Row]:
    done = 0
    while True:
        try:
            row = next(rows, None)
        except BaseException as failure:
            if not _is_calamines(failure):
                raise
            break
        if row is None:
            return
        yield row
        done += 1
    yield from islice(openpyxl_rows(content, sheet), done, None)


def _is_calamines(failure: BaseException) -> bool:
    """calamine has no common exception, and a Rust panic comes as a BaseException of pyo3 that cannot be imported."""
    return isinstance(failure, Exception) or type(failure).__name__ == "PanicException"


def openpyxl_rows(content: bytes, sheet: str) -> Iterator[Row]:
    """The rows from row 1 on by openpyxl; error cells are texts such as #N/A.

    Raises UnreadableSheet when it fails or does not know the sheet (Strict OOXML).
    """
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise UnreadableSheet("defusedxml is not in use")
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            found = book[sheet]
        found.reset_dimensions()  # a wrong <dimension> loses cells silently
        rows = _quietly(found.iter_rows(values_only=True))
        for row in rows:
            yield [_as_calamine(value, book.epoch) for value in row]
        book.close()
    except Exception as failure:  # whatever a damaged part makes openpyxl raise
        raise UnreadableSheet(sheet) from failure


def _quietly(rows: Iterator[Row]) -> Iterator[Row]:
    """Without openpyxl's warnings about styles and extensions, which nobody reads here."""
    while True:
        with warnings.catch_warnings(action="ignore"):
            some = list(islice(rows, _FEW))
        if not some:
            return
        yield from some


def _as_calamine(value: CellValue, epoch: datetime) -> CellValue:
    if isinstance(value, str):
        return NoDay() if value == _NO_DAY else _unescaped(value)
    if isinstance(value, datetime) and value < epoch + timedelta(days=1):
        return value.time()
    return value


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376, ST_Xstring)."""
    return re.sub(r"_x((?!d[89a-f])[0-9a-f]{4})_", lambda found: chr(int(found[1], 16)), text, flags=re.I)
