"""A workbook's archive cut down to a few rows of its sheets, so that openpyxl, which is exact and slow, reads no others
(100,000 rows take it 27 s and 1.4 GB: notes/readers-and-speed, section 1)."""

import io
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

_ROWS = re.compile(rb"<(?P<space>(?:[\w.-]+:)?)sheetData\b[^>]*?(?P<empty>/?)>")
_NUMBER = re.compile(rb"""\sr\s*=\s*["']([0-9]+)["']""")
_RELATION = re.compile(rb"<(?:[\w.-]+:)?Relationship\b[^>]*?>")


class CannotBeCut(Exception):
    """The archive or a sheet's XML has a shape that is not known here."""


@dataclass(frozen=True, slots=True)
class CutWorkbook:
    """`content`: an archive that holds the wanted rows of the wanted sheets, the sheets to be kept, and the others
    empty. `frames`: the XML of each wanted sheet without its rows."""

    content: bytes
    frames: Mapping[str, bytes]


def cut_archive(content: bytes, wanted: Mapping[str, Collection[int]], kept: Collection[str] = ()) -> CutWorkbook:
    """The workbook with the `wanted` rows (by sheet name) and whole `kept` sheets only, without pictures, charts and
    tables. The content was guarded when it was read. Raises CannotBeCut."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _cut_archive(archive, sheet_members(archive), wanted, kept)
    except (zipfile.BadZipFile, ParseError, LookupError, ValueError, OSError) as failure:
        raise CannotBeCut(str(failure)) from failure


def _cut_archive(
    archive: zipfile.ZipFile, members: Mapping[str, str], wanted: Mapping[str, Collection[int]], kept: Collection[str]
) -> CutWorkbook:
    missing = set(wanted) - set(members)
    if missing:
        raise CannotBeCut(f"no sheet {missing}")
    sheet_of = {member: name for name, member in members.items()}
    frames, target = {}, io.BytesIO()
    with zipfile.ZipFile(target, "w") as smaller:
        for entry in archive.infolist():
            member = entry.filename
            part = archive.read(entry)
            name = sheet_of.get(member)
            if name is not None and name not in kept:
                part, frame = _cut_sheet(part, set(wanted.get(name, ())))
                if name in wanted:
                    frames[name] = frame
            elif "/worksheets/_rels/" in member:
                part = _RELATION.sub(lambda found: found[0] if b"/comments" in found[0] else b"", part)
            smaller.writestr(member, part)
    return CutWorkbook(target.getvalue(), frames)


def sheet_members(archive: zipfile.ZipFile) -> dict[str, str]:
    """The archive's member of each worksheet, by the sheet's name, in their order. Raises KeyError for a workbook whose
    main part does not stand at its usual place."""
    main = "xl/workbook.xml"
    targets = {part.attrib["Id"]: part.attrib["Target"] for part in _parsed(archive.read("xl/_rels/workbook.xml.rels"))}
    members = {}
    for part in _parsed(archive.read(main)).iter():
        if part.tag.rpartition("}")[2] == "sheet":
            key = next(value for name, value in part.attrib.items() if name.endswith("}id"))
            target = targets[key]
            member = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if "worksheets/" in member:
                members[part.attrib["name"]] = member
    return members


def _parsed(xml: bytes) -> Any:
    from defusedxml.ElementTree import fromstring

    return fromstring(xml, forbid_dtd=True)


def _cut_sheet(xml: bytes, rows: Collection[int]) -> tuple[bytes, bytes]:
    """The sheet with these rows alone and without what follows them; and the sheet without any row."""
    opening = _ROWS.search(xml)
    if opening is None:
        raise CannotBeCut("no rows")
    space, start = opening["space"], opening.end()
    end = start if opening["empty"] else xml.rfind(b"</" + space + b"sheetData")
    after = start if opening["empty"] else xml.find(b">", end) + 1
    if end < start or after <= 0:
        raise CannotBeCut("rows without an end")
    found = _rows_in(xml, b"<" + space + b"row", start, end, rows)
    if len(found) < len(rows):
        raise CannotBeCut("rows without their numbers")
    head = xml[: opening.start()]
    body = [b"<" + space + b"sheetData>", *found, b"</" + space + b"sheetData>", b"</" + space + b"worksheet>"]
    return head + b"".join(body), head + xml[after:]


def _rows_in(xml: bytes, mark: bytes, start: int, end: int, rows: Collection[int]) -> list[bytes]:
    found, number = [], 0
    at = xml.find(mark, start, end)
    while at >= 0:
        tag_end = xml.find(b">", at, end)
        following = xml.find(mark, tag_end, end)
        told = _NUMBER.search(xml, at, tag_end)
        number = int(told[1]) if told else number + 1
        if number in rows:
            found.append(xml[at : following if following >= 0 else end])
        at = following
    return found
