"""The texts that a workbook's cells share, and which of them are struck through in a part."""

import re
from collections.abc import Mapping
from typing import IO, Any
from xml.parsers import expat

from importer.xlsx.values import unescaped


def is_on(marks: Mapping[str, str]) -> bool:
    """True for a mark of a font, such as `strike`, that is not switched off."""
    return marks.get("val", "1") not in ("0", "false")


def refuse_doctype(*_: object) -> None:
    """A handler for expat: nothing that can define entities is read."""
    raise ValueError("document type")


def shared_texts(xml: IO[bytes]) -> tuple[list[str], frozenset[str]]:
    """The texts of a part of shared texts, by number, without their fonts and without how they are read aloud (`rPh`),
    and the numbers of those of which a part is struck through.
    Raises ExpatError for XML that is broken, ValueError for a document type or a part of another kind."""
    found, struck = _plain_texts(xml.read(_MOST_PLAIN)), frozenset[str]()
    if found is None:
        xml.seek(0)
        found, struck = raw_texts(xml)
    return [unescaped(text) for text in found], struck


_MOST_PLAIN = 64 * 1024 * 1024
_ROOT_OF_TEXTS = re.compile(
    r"""\ufeff?(?:<\?xml version=["']1\.0["'] encoding=["'](?i:utf-8)["'](?: standalone=["'](?:yes|no)["'])? ?\?>)?"""
    r"""[ \t\n]*<sst(?: [A-Za-z:]+="[^"<>&]*")*>"""
)
_PLAIN_TEXT = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_NEVER_PLAIN = bytes({*range(32)} - {*b"\t\n"})
_ENTITY = re.compile("&(amp|lt|gt|quot|apos);")
_MARKS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _plain_texts(xml: bytes) -> list[str] | None:
    """The texts of a part as most programs write it, in a tenth of the time that a parser takes; None for any other,
    and for one that is not complete."""
    if not xml.rstrip(b" \t\n").endswith(b"</sst>") or len(xml.translate(None, _NEVER_PLAIN)) < len(xml):
        return None
    if any(mark in xml for mark in (b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")):
        return None
    try:
        part = xml.decode()
    except UnicodeDecodeError:
        return None
    root = _ROOT_OF_TEXTS.match(part)
    found = [] if root is None else _PLAIN_TEXT.findall(part, root.end())
    # Four tags a text and the root's end: there is nothing else.
    if root is None or part.count("<", root.end()) != 4 * len(found) + 1:
        return None
    if part.count("&") > sum(text.count("&") for text in found) or part.count("&") > len(_ENTITY.findall(part)):
        return None
    return [_ENTITY.sub(lambda mark: _MARKS[mark[1]], text) for text in found] if "&" in part else found


def raw_texts(xml: IO[bytes]) -> tuple[list[str], frozenset[str]]:
    """The same with escapes such as `_x000D_` still in them."""
    return _SharedTexts().read(xml)


class _SharedTexts:
    """A tree of elements takes ten times as long, and half a million texts are nothing unusual."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._pieces: list[str] = []
        self._is_phonetic = self._is_in_text = False
        self._struck: set[str] = set()
        self._item = self._text = self._phonetic = self._strike = ""
        self._parser: Any = expat.ParserCreate(namespace_separator="}")

    def read(self, xml: IO[bytes]) -> tuple[list[str], frozenset[str]]:
        self._parser.StartDoctypeDeclHandler = refuse_doctype
        self._parser.StartElementHandler = self._root_starts
        self._parser.EndElementHandler = self._ends
        self._parser.ParseFile(xml)
        return self._found, frozenset(self._struck)

    def _root_starts(self, name: str, _: dict[str, str]) -> None:
        """Elements count in the root's own namespace alone."""
        space = name[: name.rfind("}") + 1]
        if name != f"{space}sst":
            raise ValueError(name)
        self._item, self._text = f"{space}si", f"{space}t"
        self._phonetic, self._strike = f"{space}rPh", f"{space}strike"
        self._parser.StartElementHandler = self._starts

    def _starts(self, name: str, marks: dict[str, str]) -> None:
        if self._is_in_text:
            raise ValueError(f"{name} in a text")
        if name == self._text:
            self._is_in_text = True
            if not self._is_phonetic:
                self._parser.CharacterDataHandler = self._pieces.append
        elif name == self._phonetic:
            self._is_phonetic = True
        elif name == self._strike and is_on(marks):
            self._struck.add(str(len(self._found)))

    def _ends(self, name: str) -> None:
        if name == self._text:
            self._is_in_text = False
            self._parser.CharacterDataHandler = None
        elif name == self._item:
            self._found.append("".join(self._pieces))
            self._pieces.clear()
        elif name == self._phonetic:
            self._is_phonetic = False
