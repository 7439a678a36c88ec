"""The sheets of a workbook and the cells of each: (row number, values) with every value in its column.

python-calamine gives the values; where a sheet's values lie so far apart that its dense grid would not fit
into memory (two cells in opposite corners abort the whole process), or where it fails, openpyxl does.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree.ElementTree import Element

from importer.read.survey import Survey, survey_of

CellValue = str | float | int | bool | date | datetime | time | timedelta | None
"""A blank is None or an empty text."""

MOST_DENSE_CELLS = 80_000_000
"""calamine holds rows x columns, 24 bytes each: all of Excel's rows by our 52 columns are 55 million."""


class UnreadableSheet(Exception):
    """Neither reader gives the sheet's values."""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet by its name, and the archive's member that holds it."""

    name: str
    member: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A sheet's rows from 1; `rows[i]` are the values of row i + 1 from column A on, as long as the row is."""

    part: SheetPart
    survey: Survey
    rows: list[list[CellValue]]


def worksheets(content: bytes) -> list[SheetPart]:
    """The worksheets in their order, hidden ones too; chart and dialogue sheets are left out.

    Raises zipfile.BadZipFile, KeyError or ParseError for a workbook whose parts do not fit together.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = _target(archive, "_rels/.rels", "", "officeDocument")
        folder = posixpath.dirname(book)
        relations = _relations(archive, posixpath.join(folder, "_rels", posixpath.basename(book) + ".rels"), folder)
        found = []
        for sheet in _parsed(archive, book).iter():
            if _local(sheet.tag) != "sheet":
                continue
            key = next((value for name, value in sheet.attrib.items() if _local(name) == "id" and "}" in name), "")
            kind, member = relations.get(key, ("", ""))
            if kind == "worksheet":
                found.append(SheetPart(sheet.attrib["name"], member))
        return found


def rows_of(content: bytes, part: SheetPart) -> Rows:
    """The rows of a sheet. Raises UnreadableSheet when no reader gives them, ExpatError when the XML is broken."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        survey = survey_of(lambda: archive.open(part.member))
    if survey.last_row == 0:
        return Rows(part, survey, [])
    is_dense = survey.last_row * (survey.last_column + 1) <= MOST_DENSE_CELLS
    rows = calamine_rows(content, part.name) if is_dense else None
    if rows is None:
        rows = openpyxl_rows(content, part.name)
    if not any(any(value not in (None, "") for value in row) for row in rows) and not _all_marked(survey):
        raise UnreadableSheet(part.name)
    return Rows(part, survey, rows)


def _all_marked(survey: Survey) -> bool:
    """True when error cells and formulas without a value may be all there is."""
    return bool(survey.errors or survey.uncalculated)


def calamine_rows(content: bytes, sheet: str) -> list[list[CellValue]] | None:
    """The rows by python-calamine; None when it fails."""
    from python_calamine import CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            found = book.get_sheet_by_name(sheet)
            # iter_rows begins at row 1 but drops the blank columns on the left.
            pad: list[CellValue] = [None] * (found.start[1] if found.start else 0)
            rows: Iterator[Any] = found.iter_rows()
            return [pad + row for row in rows] if pad else list(rows)
    except Exception:  # noqa: BLE001  # calamine has no common exception; the other reader tries
        return None
    except BaseException as failure:
        # A Rust panic comes as a BaseException of pyo3 that cannot be imported.
        if type(failure).__name__ == "PanicException":
            return None
        raise


def openpyxl_rows(content: bytes, sheet: str) -> list[list[CellValue]]:
    """The rows by openpyxl. Raises UnreadableSheet when it fails or does not know the sheet (Strict OOXML)."""
    import warnings

    import openpyxl
    from openpyxl.utils.escape import unescape

    if not openpyxl.DEFUSEDXML:
        raise UnreadableSheet("defusedxml is not in use")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which nobody reads here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            found = book[sheet]
            found.reset_dimensions()  # a wrong <dimension> loses cells silently
            rows = [
                [unescape(value) if isinstance(value, str) else value for value in row]
                for row in found.iter_rows(values_only=True)
            ]
            book.close()
    except Exception as failure:  # whatever a damaged part makes openpyxl raise
        raise UnreadableSheet(sheet) from failure
    return rows


def _relations(archive: zipfile.ZipFile, member: str, folder: str) -> dict[str, tuple[str, str]]:
    """Relation id to (last word of its type, member)."""
    relations = {}
    for relation in _parsed(archive, member):
        kind = relation.attrib["Type"].rpartition("/")[2]
        target = relation.attrib["Target"]
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        relations[relation.attrib["Id"]] = (kind, path)
    return relations


def _target(archive: zipfile.ZipFile, member: str, folder: str, kind: str) -> str:
    return next(path for found, path in _relations(archive, member, folder).values() if found == kind)


def _parsed(archive: zipfile.ZipFile, member: str) -> Element:
    from defusedxml.ElementTree import parse

    part: IO[bytes]
    with archive.open(member) as part:
        root = parse(part, forbid_dtd=True).getroot()
    if root is None:
        raise UnreadableSheet(member)
    return root


def _local(name: str) -> str:
    return name.rpartition("}")[2]
