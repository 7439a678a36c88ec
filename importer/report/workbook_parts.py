"""The parts of a workbook's archive beside its cells: where its sheets are, its texts, number formats and notes."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import IO, Any
from xml.etree.ElementTree import Element

from importer.parts.texts import local_name, shared_texts, unescaped

GENERAL = "General"
_MAIN = "xl/workbook.xml"


class Parts:
    """A workbook whose archive is open. Its parts were guarded when it was read the first time; a document type is
    refused here too.

    What is asked for raises KeyError when a part is missing, or the main part does not stand at its usual place,
    ParseError, ExpatError, ValueError or IndexError for XML that is broken or means nothing.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @cached_property
    def sheets(self) -> Mapping[str, str]:
        """The member of each worksheet by the sheet's name, in their order."""
        targets = dict(self._targets(_MAIN, "worksheet", key="Id"))
        found = {}
        for part in self._main:
            if local(part) == "sheets":
                for sheet in part:
                    key = next(value for name, value in sheet.attrib.items() if name.endswith("}id"))
                    if key in targets:
                        found[sheet.attrib["name"]] = targets[key]
        return found

    @property
    def counts_from_1904(self) -> bool:
        """True when its dates are counted from 1904 (the calendar of the first Macintosh)."""
        return any(local(part) == "workbookPr" and part.get("date1904") in ("1", "true", "on") for part in self._main)

    @cached_property
    def texts(self) -> Sequence[str]:
        """The texts that cells share, by number."""
        found = []
        for _, member in self._targets(_MAIN, "sharedStrings"):
            with self._archive.open(member) as xml:
                found += shared_texts(xml)
        return found

    @cached_property
    def number_formats(self) -> Sequence[str]:
        """How a cell of each style is shown, by the style's number."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        known: dict[int, str] = dict(BUILTIN_FORMATS)
        found = []
        for _, member in self._targets(_MAIN, "styles"):
            chapters = {local(part): part for part in self._parsed(member)}
            known |= {int(one.attrib["numFmtId"]): one.get("formatCode", "") for one in chapters.get("numFmts", ())}
            found += [known.get(int(one.get("numFmtId", "0"))) or GENERAL for one in chapters.get("cellXfs", ())]
        return found or [GENERAL]

    def notes(self, name: str) -> Mapping[str, str]:
        """The notes of a sheet by their cells' addresses."""
        found = {}
        for _, member in self._targets(self.sheets[name], "comments"):
            for part in self._parsed(member).iter():
                if local(part) == "comment":
                    found[part.attrib["ref"]] = "".join(text_of(inner) for inner in part if local(inner) == "text")
        return found

    def open_sheet(self, name: str) -> IO[bytes]:
        """The XML of a sheet."""
        return self._archive.open(self.sheets[name])

    @cached_property
    def _main(self) -> Any:
        return self._parsed(_MAIN)

    def _targets(self, member: str, kind: str, key: str = "Type") -> Iterator[tuple[str, str]]:
        """The members that a member refers to as `kind`, each with the reference's attribute `key`."""
        relations = join(dirname(member), "_rels", member.rpartition("/")[2] + ".rels")
        if relations not in self._archive.NameToInfo:
            return
        for one in self._parsed(relations):
            if one.attrib["Type"].endswith(f"/{kind}"):
                target = normpath(join("/", dirname(member), one.attrib["Target"]))
                yield one.attrib[key], target.removeprefix("/")

    def _parsed(self, member: str) -> Any:
        return parsed(self._archive.read(member))


def parsed(xml: bytes) -> Any:
    """The root of a small part. Raises ParseError, or ValueError for a document type."""
    from defusedxml.ElementTree import fromstring

    return fromstring(xml, forbid_dtd=True)


def local(part: Element) -> str:
    """An element's name without its namespace."""
    return local_name(part.tag)


def text_of(part: Element) -> str:
    """The text of a note, without its fonts."""
    blocks = [part, *(inner for inner in part if local(inner) == "r")]
    return unescaped("".join(inner.text or "" for block in blocks for inner in block if local(inner) == "t"))
