"""Is this file a workbook, and a harmless one? Told by its content, before anything is parsed (notes/security)."""

import io
import re
import zipfile
import zlib
from itertools import pairwise

from importer.model.places import Place
from importer.model.problems import Problem

MOST_PARTS = 2_000
MOST_BYTES = 2 * 1024**3
SMALLEST_SHARE = 0.004
"""A part packed to less than this share of its size is a bomb; a sheet of a million equal rows packs to about 0.02."""

EXEMPT_BYTES = 100 * 1024
"""Small parts may be packed as tightly as they like (as in Apache POI)."""

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
_OPENDOCUMENT = b"application/vnd.oasis.opendocument"
_LOCAL_HEADER = 30
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_CHUNK = 1024 * 1024


def fault_of_content(name: str, content: bytes) -> Problem | None:
    """What keeps a file from being read, None for a workbook that may be parsed. `name` is the path as given."""
    fault = _kind_fault(name, content) or _archive_fault(content)
    if fault is None:
        return None
    wording, facts = fault
    return Problem(wording.partition(".")[0], Place(name), wording=wording, facts=facts)


_Fault = tuple[str, dict[str, str]]


def _kind_fault(name: str, content: bytes) -> _Fault | None:
    if re.split(r"[/\\]", name)[-1].startswith("~$"):
        return "unsupported-format.lock", {}
    if not content:
        return "unreadable-file.empty", {}
    if content.startswith(_OLE):
        # An encrypted workbook is an OLE file with this stream; its name stands in UTF-16 in the directory.
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in content
        return ("encrypted-file" if is_encrypted else "unsupported-format.xls"), {}
    if content.startswith(_ZIP):
        return None
    return _text_fault(content)


def _text_fault(content: bytes) -> _Fault:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "unsupported-format.html", {}
    if start.startswith(b"<") or b"\x00" in content[:4096].replace(b"\xff\xfe", b""):
        return "unsupported-format.other", {}
    return "unsupported-format.csv", {}


def _archive_fault(content: bytes) -> _Fault | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _format_fault(archive) or _parts_fault(archive) or _doctype_fault(archive)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError, zlib.error):
        return "unreadable-file.damaged", {}


def _format_fault(archive: zipfile.ZipFile) -> _Fault | None:
    names = set(archive.namelist())
    if any(part.flag_bits & 0x1 for part in archive.infolist()):
        return "encrypted-file", {}
    if "mimetype" in names and archive.read("mimetype").startswith(_OPENDOCUMENT):
        return "unsupported-format.ods", {}
    if "xl/workbook.bin" in names:
        return "unsupported-format.xlsb", {}
    if "[Content_Types].xml" not in names or not any(name.endswith(".rels") for name in names):
        return "unsupported-format.other", {}
    return None


def _parts_fault(archive: zipfile.ZipFile) -> _Fault | None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts) or _overlap(parts):
        return "unsafe-file.members", {}
    if sum(part.file_size for part in parts) > MOST_BYTES:
        return "unsafe-file.size", {"limit": str(MOST_BYTES // 1024**2)}
    for part in parts:
        if part.file_size > EXEMPT_BYTES and part.compress_size < part.file_size * SMALLEST_SHARE:
            return "unsafe-file.ratio", {}
    return None


def _overlap(parts: list[zipfile.ZipInfo]) -> bool:
    """Python up to 3.11.7 unpacks parts that share their bytes (CVE-2024-0450)."""
    ordered = sorted(parts, key=lambda part: part.header_offset)
    return any(
        one.header_offset + _LOCAL_HEADER + len(one.filename) + one.compress_size > following.header_offset
        for one, following in pairwise(ordered)
    )


def _doctype_fault(archive: zipfile.ZipFile) -> _Fault | None:
    """Excel never writes a document type; it is how entities are smuggled in."""
    for name in archive.namelist():
        if not name.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with archive.open(name) as part:
            tail = b""
            while chunk := part.read(_CHUNK):
                block = tail + chunk
                if any(mark in block for mark in _DOCTYPES):
                    return "unsafe-file.doctype", {}
                tail = block[-32:]
    return None
