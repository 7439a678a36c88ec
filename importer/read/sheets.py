"""The worksheets of a workbook's archive, each with its survey and its rows."""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from xml.etree.ElementTree import Element
from xml.parsers import expat

from importer.read.plain import plain_survey
from importer.read.survey import Survey, exact_survey
from importer.read.values import Row, UnreadableSheet, calamine_rows, openpyxl_rows

SMALL_GRID = 4_000_000
MOST_DENSE_CELLS = 80_000_000
"""calamine holds rows x columns, 24 bytes each: all of Excel's rows by our 52 columns are 55 million."""

FEWEST_IN_A_HUNDRED = 2
"""A grid with fewer values than this is a sheet with a stray cell far away, which openpyxl reads without the grid."""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet by its name, and the archive's member that holds it."""

    name: str
    member: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook's bytes and its worksheets in their order, hidden ones too; chart and dialogue sheets are left out.

    `is_utf8`: its common parts are in UTF-8, as calamine takes them to be. `awaits_calculation`: its maker asks Excel
    to calculate all formulas on opening, so that a result of 0 may be none.
    """

    content: bytes
    sheets: tuple[SheetPart, ...]
    is_utf8: bool
    awaits_calculation: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """A sheet's rows from row 1 on, to be read once."""

    part: SheetPart
    survey: Survey
    rows: Iterator[Row]


def book_of(content: bytes) -> Book:
    """The workbook in an archive.

    Raises zipfile.BadZipFile, LookupError, ParseError, ExpatError or UnreadableSheet for parts that are broken or do
    not fit together.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {_folded(member): member for member in archive.namelist()}
        main = next(path for kind, path in _relations(archive, members, "").values() if kind == "officeDocument")
        relations = _relations(archive, members, main)
        root = _parsed(archive, members[_folded(main)])
        sheets = tuple(_worksheets(root, relations, members))
        shared = [members[_folded(path)] for kind, path in relations.values() if kind in ("sharedStrings", "styles")]
        is_utf8 = all(_is_utf8(archive, member) for member in (members[_folded(main)], *shared))
    if len({sheet.name.casefold() for sheet in sheets}) < len(sheets):
        raise UnreadableSheet("two sheets of one name")
    awaits = any(_local(part.tag) == "calcPr" and _is_true(part.attrib.get("fullCalcOnLoad")) for part in root)
    return Book(content, sheets, is_utf8, awaits)


def rows_of(book: Book, part: SheetPart, meanwhile: Callable[[], None] = lambda: None) -> Rows:
    """The survey and the rows of a sheet; `meanwhile` may be called while it is parsed.

    Raises UnreadableSheet when no reader gives them, ExpatError or ValueError when the XML is broken; reading on in the
    rows may raise UnreadableSheet too.
    """
    survey = _survey(book, part)
    if survey.last_row == 0:
        return Rows(part, survey, iter(()))
    rows = None
    if book.is_utf8 and _is_for_calamine(survey):
        rows = calamine_rows(book.content, part.name, meanwhile)
    if rows is None:
        if survey.is_plain:
            # openpyxl loses what is out of order; only the parser tells that for certain.
            _survey(book, part, exactly=True)
        rows = openpyxl_rows(book.content, part.name)
    first = next(rows, None)
    if first is None:
        raise UnreadableSheet(part.name)
    return Rows(part, survey, chain((first,), rows))


def _survey(book: Book, part: SheetPart, exactly: bool = False) -> Survey:
    with zipfile.ZipFile(io.BytesIO(book.content)) as archive:
        if not exactly:
            with archive.open(part.member) as xml:
                plain = plain_survey(xml, book.awaits_calculation)
            if plain is not None:
                return plain
        with archive.open(part.member) as xml:
            return exact_survey(xml, book.awaits_calculation)


def _is_for_calamine(survey: Survey) -> bool:
    grid = survey.last_row * (survey.last_column + 1)
    is_dense = grid <= SMALL_GRID or survey.values * 100 >= grid * FEWEST_IN_A_HUNDRED
    return survey.is_plain and is_dense and grid <= MOST_DENSE_CELLS


def _worksheets(
    root: Element, relations: Mapping[str, tuple[str, str]], members: Mapping[str, str]
) -> Iterator[SheetPart]:
    for sheet in root.iter():
        if _local(sheet.tag) != "sheet":
            continue
        key = next((value for name, value in sheet.attrib.items() if _local(name) == "id" and "}" in name), "")
        kind, path = relations[key]
        if kind == "worksheet":
            is_hidden = sheet.attrib.get("state", "visible") != "visible"
            yield SheetPart(sheet.attrib["name"], members[_folded(path)], is_hidden)


def _relations(archive: zipfile.ZipFile, members: Mapping[str, str], source: str) -> dict[str, tuple[str, str]]:
    """Relation id of a part ("" for the archive itself) to (last word of its type, path)."""
    folder, name = posixpath.split(source)
    relations = {}
    for relation in _parsed(archive, members[_folded(posixpath.join(folder, "_rels", f"{name}.rels"))]):
        if relation.attrib.get("TargetMode") == "External":
            continue
        target = relation.attrib["Target"].replace("\\", "/")
        path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
        relations[relation.attrib["Id"]] = (relation.attrib["Type"].rpartition("/")[2], path)
    return relations


def _folded(path: str) -> str:
    """Names of parts are compared without case (ECMA-376, part 2); some programs write backslashes."""
    return path.replace("\\", "/").lower()


def _is_utf8(archive: zipfile.ZipFile, member: str) -> bool:
    """Raises ExpatError for a part that is not well-formed, of which calamine would read what it can."""
    with archive.open(member) as part:
        expat.ParserCreate().ParseFile(part)
    with archive.open(member) as part:
        start = part.read(200).removeprefix(b"\xef\xbb\xbf")
    declared = re.match(rb"""<\?xml[^>]*? encoding=["']([\w.-]+)["']""", start)
    return start.startswith(b"<") and (declared is None or declared[1].lower() == b"utf-8")


def _parsed(archive: zipfile.ZipFile, member: str) -> Element:
    from defusedxml.ElementTree import parse

    with archive.open(member) as part:
        root = parse(part, forbid_dtd=True).getroot()
    if root is None:
        raise UnreadableSheet(member)
    return root


def _is_true(mark: str | None) -> bool:
    return mark in ("1", "true")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
