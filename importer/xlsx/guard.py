"""Checks of a file before anything in it is parsed: is it a workbook by its content, and a harmless one?"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from copy import copy

from importer.model.problems import Place, Problem
from importer.xlsx.package import folded

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
