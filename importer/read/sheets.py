"""The worksheets of a workbook's archive, and their rows by either of two readers."""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast
from xml.etree.ElementTree import Element

from importer.parts.texts import local_name, shared_texts
from importer.read.careful import careful_stretches
from importer.read.number_formats import SINCE_1900, SINCE_1904, NumberFormats, number_formats
from importer.read.plain import plain_stretches
from importer.read.plain_cells import PlainCells, Surroundings
from importer.read.survey import survey_of
from importer.read.values import CellValue, Hidden, SheetRows, Stretch, Token, UnreadableSheet

_COMMON = ("sharedStrings", "styles")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet by its name, and the archive's member that holds it."""

    name: str
    member: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook's bytes, its worksheets in their order, hidden ones too (chart and dialogue sheets are left out), and
    what their cells have in common."""

    content: bytes
    sheets: tuple[SheetPart, ...]
    surroundings: Surroundings


def book_of(content: bytes) -> Book:
    """The workbook in an archive.

    Raises zipfile.BadZipFile, LookupError, ValueError, ParseError or UnreadableSheet for parts that are broken or do
    not fit together.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {_folded(member): member for member in archive.namelist()}
        main = next(path for kind, path in _relations(archive, members, "").values() if kind == "officeDocument")
        relations = _relations(archive, members, main)
        root = _parsed(archive, members[_folded(main)])
        sheets = tuple(_worksheets(root, relations, members))
        common = {kind: members.get(_folded(path)) for kind, path in relations.values() if kind in _COMMON}
        surroundings = Surroundings(
            texts=_texts(archive, common.get("sharedStrings")),
            formats=_formats(archive, common.get("styles")),
            epoch=SINCE_1904 if _is_marked(root, "workbookPr", "date1904") else SINCE_1900,
            awaits_calculation=_is_marked(root, "calcPr", "fullCalcOnLoad"),
        )
    if len({sheet.name.casefold() for sheet in sheets}) < len(sheets):
        raise UnreadableSheet("two sheets of one name")
    return Book(content, sheets, surroundings)


def plain_rows(book: Book, part: SheetPart, meanwhile: Callable[[], None] = lambda: None) -> SheetRows:
    """The rows of a sheet by the fast reader. Reading them raises NotPlain when it cannot tell their values for
    certain; `meanwhile` may be called while they are parsed."""
    hidden = Hidden()

    def stretches() -> Iterator[Stretch]:
        with zipfile.ZipFile(io.BytesIO(book.content)) as archive, archive.open(part.member) as xml:
            yield from plain_stretches(xml, hidden, meanwhile)

    return SheetRows(stretches(), PlainCells(book.surroundings).value_of, hidden)


def careful_rows(book: Book, part: SheetPart) -> SheetRows:
    """The rows of a sheet in any shape of XML.

    Raises ExpatError or ValueError when the XML is broken; reading the rows raises UnreadableSheet when nobody can.
    """
    with zipfile.ZipFile(io.BytesIO(book.content)) as archive, archive.open(part.member) as xml:
        survey = survey_of(xml, book.surroundings.awaits_calculation)
    if not survey.last_row:
        return SheetRows(iter(()), _itself, survey.hidden)
    around = book.surroundings
    rows = careful_stretches(book.content, part.name, survey, around.texts, around.formats)
    return SheetRows(rows, _itself, survey.hidden)


def _itself(token: Token) -> CellValue:
    return cast(CellValue, token)


def _worksheets(
    root: Element, relations: Mapping[str, tuple[str, str]], members: Mapping[str, str]
) -> Iterator[SheetPart]:
    for sheet in root.iter():
        if local_name(sheet.tag) != "sheet":
            continue
        key = next((value for name, value in sheet.attrib.items() if local_name(name) == "id" and "}" in name), "")
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


def _texts(archive: zipfile.ZipFile, member: str | None) -> list[str]:
    if member is None:
        return []
    with archive.open(member) as xml:
        return shared_texts(xml)


def _formats(archive: zipfile.ZipFile, member: str | None) -> NumberFormats:
    return NumberFormats() if member is None else number_formats(_parsed(archive, member))


def _parsed(archive: zipfile.ZipFile, member: str) -> Element:
    from defusedxml.ElementTree import parse

    with archive.open(member) as part:
        root = parse(part, forbid_dtd=True).getroot()
    if root is None:
        raise UnreadableSheet(member)
    return root


def _is_marked(root: Element, name: str, mark: str) -> bool:
    return any(local_name(part.tag) == name and part.get(mark) in ("1", "true") for part in root)
