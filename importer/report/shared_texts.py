"""The texts that the cells of a workbook share."""

import re
from typing import IO, Any
from xml.parsers import expat

_ESCAPED = re.compile(r"_x((?![dD][89a-fA-F])[0-9a-fA-F]{4})_")


def shared_texts(xml: IO[bytes]) -> list[str]:
    """The texts of a part of shared texts, by number, without their fonts and without how they are read aloud (`rPh`).
    Raises ExpatError for XML that is broken, ValueError for a document type."""
    return _Reader().read(xml)


class _Reader:
    """A tree of elements takes ten times as long, and half a million texts are nothing unusual."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._heard: list[str] = []
        self._is_aloud = False
        self._parser: Any = expat.ParserCreate(namespace_separator="}")

    def read(self, xml: IO[bytes]) -> list[str]:
        self._parser.StartDoctypeDeclHandler = refuse_doctype
        self._parser.StartElementHandler = self._starts
        self._parser.EndElementHandler = self._ends
        self._parser.ParseFile(xml)
        return self._found

    def _starts(self, name: str, _: dict[str, str]) -> None:
        match name.rpartition("}")[2]:
            case "t" if not self._is_aloud:
                self._parser.CharacterDataHandler = self._heard.append
            case "rPh":
                self._is_aloud = True

    def _ends(self, name: str) -> None:
        match name.rpartition("}")[2]:
            case "t":
                self._parser.CharacterDataHandler = None
            case "si":
                self._found.append(unescaped("".join(self._heard)))
                self._heard.clear()
            case "rPh":
                self._is_aloud = False


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_" in text else text


def refuse_doctype(*_: object) -> None:
    """A handler for expat: nothing that can define entities is read."""
    raise ValueError("document type")
