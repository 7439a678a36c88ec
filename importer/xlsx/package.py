"""A workbook's archive: whether it is a harmless one, told before anything in it is parsed; its parts by their
relations, its worksheets, and what their cells have in common."""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any
from xml.etree.ElementTree import Element

from importer.model.problems import Place, Problem
from importer.xlsx.cell_texts import is_on, shared_texts
from importer.xlsx.number_formats import BUILT_IN_FORMATS
from importer.xlsx.values import GENERAL, SINCE_1900, SINCE_1904, UnreadableSheet, WorkbookContext, unescaped


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet by its name, and the archive's member that holds it."""

    name: str
    member: str
    is_hidden: bool = False


class Package:
    """A workbook's bytes as an open archive. What is asked for raises zipfile.BadZipFile, LookupError, ValueError,
    ParseError, ExpatError or UnreadableSheet for parts that are missing, broken or do not fit together.

    Parts are found by their relations, wherever they are; their names are compared without case, and backslashes, which
    some programs write, are slashes.
    """

    def __init__(self, content: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        self._members = {folded(member): member for member in self._archive.namelist()}
        main = next(path for kind, path in self._relations("").values() if kind == "officeDocument")
        self._root = self._parsed(main)
        self._related = self._relations(main)

    def load(self) -> None:
        """Reads the list of the sheets and what their cells have in common: a fault there is the whole workbook's."""
        _ = self.sheets, self.context

    @cached_property
    def sheets(self) -> Sequence[SheetPart]:
        """The worksheets in their order, hidden ones too; sheets without cells (charts, dialogues, modules of Excel 4)
        are left out. One whose part is missing is among them: it may have held a form; opening it raises KeyError."""
        found = []
        for sheet in self._root.iter():
            key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
            if local_name(sheet.tag) != "sheet" or not key:
                continue
            kind, path = self._related.get(key, ("worksheet", ""))
            if kind == "worksheet":
                is_hidden = sheet.attrib.get("state", "visible") != "visible"
                found.append(SheetPart(sheet.attrib["name"], self._members.get(folded(path), ""), is_hidden))
        if len({sheet.name.casefold() for sheet in found}) < len(found):
            raise UnreadableSheet("two sheets of one name")
        return found

    @cached_property
    def context(self) -> WorkbookContext:
        """What the cells of all sheets have in common."""
        texts, struck = self._texts()
        return WorkbookContext(
            texts=texts,
            number_formats=self._number_formats(),
            epoch=SINCE_1904 if self.counts_from_1904 else SINCE_1900,
            awaits_calculation=self._is_marked("calcPr", "fullCalcOnLoad"),
            struck=self._struck_styles(),
            struck_texts=struck,
        )

    @property
    def counts_from_1904(self) -> bool:
        """True when its dates are counted from 1904 (the calendar of the first Macintosh)."""
        return self._is_marked("workbookPr", "date1904")

    def notes(self, sheet: SheetPart) -> Mapping[str, str]:
        """The notes of a sheet by their cells' addresses."""
        if folded(_relations_of(sheet.member)) not in self._members:
            return {}
        members = [path for kind, path in self._relations(sheet.member).values() if kind == "comments"]
        return {
            note.attrib["ref"]: "".join(_note_text(inner) for inner in note if local_name(inner.tag) == "text")
            for member in members
            for note in self._parsed(member).iter()
            if local_name(note.tag) == "comment"
        }

    def open(self, sheet: SheetPart) -> IO[bytes]:
        """The XML of a sheet."""
        return self._archive.open(sheet.member)

    def _is_marked(self, name: str, mark: str) -> bool:
        return any(local_name(part.tag) == name and part.get(mark) in ("1", "true") for part in self._root)

    def _relations(self, source: str) -> dict[str, tuple[str, str]]:
        return relations_in(self._parsed(_relations_of(source)), posixpath.dirname(source))

    def _member(self, kind: str) -> str | None:
        """The member that the workbook part refers to as `kind`, None without one."""
        path = next((path for found, path in self._related.values() if found == kind), None)
        return None if path is None else self._members.get(folded(path))

    def _texts(self) -> tuple[Sequence[str], frozenset[str]]:
        member = self._member("sharedStrings")
        if member is None:
            return (), frozenset()
        with self._archive.open(member) as xml:
            return shared_texts(xml)

    @cached_property
    def _styles(self) -> Iterable[Element]:
        member = self._member("styles")
        return self._parsed(member) if member is not None else ()

    def _struck_styles(self) -> frozenset[str]:
        """The numbers of the styles whose font is struck through."""
        parts = {local_name(part.tag): part for part in self._styles}
        marks = [[one for one in font if local_name(one.tag) == "strike"] for font in parts.get("fonts", ())]
        struck = {str(at) for at, found in enumerate(marks) if found and is_on(found[-1].attrib)}
        return frozenset(str(at) for at, one in enumerate(parts.get("cellXfs", ())) if one.get("fontId") in struck)

    def _number_formats(self) -> Sequence[str]:
        """How a cell of each style is shown, by the style's number."""
        known, found = dict(BUILT_IN_FORMATS), []
        for part in self._styles:
            match local_name(part.tag):
                case "numFmts":
                    # Some stand in <mc:AlternateContent>, the one for every program last.
                    listed = [one.attrib for one in part.iter() if local_name(one.tag) == "numFmt"]
                    known |= {int(one["numFmtId"]): one["formatCode"] for one in listed}
                case "cellXfs":
                    found = [int(style.get("numFmtId", "0")) for style in part]
        return [known.get(number) or GENERAL for number in found] or [GENERAL]

    def _parsed(self, path: str) -> Element:
        root: Element = parsed(self._archive.read(self._members[folded(path)]))
        return root


def folded(name: str) -> str:
    """A part's name as names are compared: without case (ECMA-376, part 2), backslashes as slashes."""
    return name.replace("\\", "/").lower()


def relations_in(part: Iterable[Element], folder: str) -> dict[str, tuple[str, str]]:
    """The relations of a part in `folder` ("" for the archive itself): id to (last word of its type, path)."""
    relations = {}
    for one in part:
        if one.attrib.get("TargetMode") != "External":
            target = one.attrib["Target"].replace("\\", "/")
            path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
            relations[one.attrib["Id"]] = (one.attrib["Type"].rpartition("/")[2], path)
    return relations


def _relations_of(source: str) -> str:
    folder, name = posixpath.split(source.replace("\\", "/"))
    return posixpath.join(folder, "_rels", f"{name}.rels")


def parsed(xml: bytes) -> Any:
    """The root of a small part. Raises ParseError, or ValueError for a document type."""
    from defusedxml.ElementTree import fromstring

    return fromstring(xml, forbid_dtd=True)


def local_name(name: str) -> str:
    """An element's name without its namespace."""
    return name.rpartition("}")[2]


def _note_text(part: Element) -> str:
    """The text of a note, without its fonts."""
    blocks = [part, *(inner for inner in part if local_name(inner.tag) == "r")]
    return unescaped("".join(inner.text or "" for block in blocks for inner in block if local_name(inner.tag) == "t"))


MOST_PARTS = 2_000
MOST_BYTES = 2 * 1024**3
MOST_FILE_BYTES = 256 * 1024**2
"""Of a file as it lies there, packed: four times what all the rows that Excel can hold take."""
SMALLEST_SHARE = 0.004
"""A part packed to less than this share of its size is a bomb; a sheet of a million equal rows packs to about 0.02."""

EXEMPT_BYTES = 100 * 1024
"""Small parts may be packed as tightly as they like (as in Apache POI)."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    LookupError,
    ValueError,
)
"""What the standard library raises for a damaged archive (RuntimeError covers methods of packing it does not know)."""

ZIP = b"PK\x03\x04"
_CONTENT_TYPES = "[content_types].xml"
_MAIN_PART = re.compile(rb"(?:spreadsheetml\.(?:sheet|template)|ms-excel\.(?:sheet|template)\.macroEnabled)\.main\+xml")
_LOCAL_HEADER = 30
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_READ_PARTS = (".xml", ".rels", ".vml")
_CHUNK = 1024 * 1024

_Fault = tuple[str, dict[str, str]]


def fault_of_archive(name: str, content: bytes, *, is_excel: bool = True) -> Problem | None:
    """What keeps an archive from being read, None for a spreadsheet that may be parsed. `name` is the path as given;
    `is_excel` asks for the parts that a workbook of Excel has."""
    fault = _archive_fault(content, is_excel=is_excel)
    return None if fault is None else file_problem(name, *fault)


def file_problem(name: str, wording: str, facts: Mapping[str, str] | None = None) -> Problem:
    """A problem of a whole file, by its key in the catalogue."""
    return Problem(wording.partition(".")[0], Place(name), wording=wording, facts=facts or {})


def is_lock_file(name: str) -> bool:
    """True for the file that Excel keeps beside an open workbook."""
    return re.split(r"[/\\]", name)[-1].startswith("~$")


def _archive_fault(content: bytes, *, is_excel: bool) -> _Fault | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _format_fault(archive, is_excel=is_excel) or _parts_fault(archive) or _doctype_fault(archive)
    except DAMAGE:
        return "unreadable-file.damaged", {}


def _format_fault(archive: zipfile.ZipFile, *, is_excel: bool) -> _Fault | None:
    if any(part.flag_bits & 0x1 for part in archive.infolist()):
        return "encrypted-file", {}
    if not is_excel:
        return None
    members = {folded(name): name for name in archive.namelist()}
    declaration = members.get(_CONTENT_TYPES)
    if declaration is None:
        return "unsupported-format.other", {}
    if any(name.startswith("xl/") for name in members) or _declares_workbook(archive, declaration):
        return None
    return "unsupported-format.other", {}


def _declares_workbook(archive: zipfile.ZipFile, declaration: str) -> bool:
    """True when a workbook's main part is declared: that it lies in the folder `xl` is a custom, no rule."""
    with archive.open(declaration) as part:
        return _MAIN_PART.search(part.read(_CHUNK)) is not None


def _parts_fault(archive: zipfile.ZipFile) -> _Fault | None:
    parts = archive.infolist()
    names = {folded(part.filename) for part in parts}
    if len(parts) > MOST_PARTS or len(names) < len(parts) or _overlap(parts, archive.start_dir):
        return "unsafe-file.members", {}
    if sum(part.file_size for part in parts) > MOST_BYTES:
        return "unsafe-file.size", {"limit": str(MOST_BYTES // 1024**2)}
    for part in parts:
        is_large = _is_read(part) and part.file_size > EXEMPT_BYTES
        if is_large and part.compress_size < part.file_size * SMALLEST_SHARE:
            return "unsafe-file.ratio", {}
    return None


def _is_read(part: zipfile.ZipInfo) -> bool:
    """Pictures and printer settings are never unpacked: a white picture packs as tightly as a bomb. Older OpenOffice
    writes a document type into the list of an archive's parts."""
    return not part.filename.startswith("META-INF/") and part.filename.lower().endswith(_READ_PARTS)


def _overlap(parts: list[zipfile.ZipInfo], directory: int) -> bool:
    """Python up to 3.11.7 unpacks parts that share their bytes (CVE-2024-0450)."""
    ordered = sorted(parts, key=lambda part: part.header_offset)
    ends = [part.header_offset + _LOCAL_HEADER + len(part.filename) + part.compress_size for part in ordered]
    starts = [part.header_offset for part in ordered[1:]] + [directory]
    return any(end > start for end, start in zip(ends, starts, strict=True))


def _doctype_fault(archive: zipfile.ZipFile) -> _Fault | None:
    """Excel never writes a document type; it is how entities are smuggled in."""
    for part in filter(_is_read, archive.infolist()):
        tail = b""
        for chunk in _unpacked(archive, part):
            block = tail + chunk
            # A single byte is looked for ten times as fast, and most parts have none.
            if b"!" in block and any(mark in block for mark in _DOCTYPES):
                return "unsafe-file.doctype", {}
            tail = block[-32:]
    return None


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes. Raises BadZipFile when it is longer than it declares: other readers take no notice of that."""
    longer = copy(part)
    longer.file_size += 1
    size = 0
    with archive.open(longer) as packed:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            yield chunk
    if size > part.file_size:
        raise zipfile.BadZipFile(part.filename)
