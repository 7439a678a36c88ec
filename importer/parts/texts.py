"""Texts as they stand in a workbook's XML: those that the cells share, and a cell's own."""

import io
import re
from typing import IO, Any
from xml.parsers import expat

_ESCAPED = re.compile(r"_x((?![dD][89a-fA-F])[0-9a-fA-F]{4})_")


def shared_texts(xml: IO[bytes]) -> list[str]:
    """The texts of a part of shared texts, by number, without their fonts and without how they are read aloud (`rPh`).
    Raises ExpatError for XML that is broken, ValueError for a document type or a part of another kind."""
    return _Reader().read(xml)


def text_of(inside: str) -> str:
    """The text of an `si` or `is` element by the XML inside it. Raises as `shared_texts` does."""
    (text,) = shared_texts(io.BytesIO(f"<sst><si>{inside}</si></sst>".encode()))
    return text


class _Reader:
    """A tree of elements takes ten times as long, and half a million texts are nothing unusual."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._heard: list[str] = []
        self._is_aloud = self._is_in_text = False
        self._item = self._text = self._aloud = ""
        self._parser: Any = expat.ParserCreate(namespace_separator="}")

    def read(self, xml: IO[bytes]) -> list[str]:
        self._parser.StartDoctypeDeclHandler = refuse_doctype
        self._parser.StartElementHandler = self._root_starts
        self._parser.EndElementHandler = self._ends
        self._parser.ParseFile(xml)
        return self._found

    def _root_starts(self, name: str, _: dict[str, str]) -> None:
        """Elements count in the root's own namespace alone."""
        space = name[: name.rfind("}") + 1]
        if name != f"{space}sst":
            raise ValueError(name)
        self._item, self._text, self._aloud = f"{space}si", f"{space}t", f"{space}rPh"
        self._parser.StartElementHandler = self._starts

    def _starts(self, name: str, _: dict[str, str]) -> None:
        if self._is_in_text:
            raise ValueError(f"{name} in a text")
        if name == self._text:
            self._is_in_text = True
            if not self._is_aloud:
                self._parser.CharacterDataHandler = self._heard.append
        elif name == self._aloud:
            self._is_aloud = True

    def _ends(self, name: str) -> None:
        if name == self._text:
            self._is_in_text = False
            self._parser.CharacterDataHandler = None
        elif name == self._item:
            self._found.append(unescaped("".join(self._heard)))
            self._heard.clear()
        elif name == self._aloud:
            self._is_aloud = False


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_" in text else text


def refuse_doctype(*_: object) -> None:
    """A handler for expat: nothing that can define entities is read."""
    raise ValueError("document type")


def local_name(name: str) -> str:
    """An element's name without its namespace."""
    return name.rpartition("}")[2]
