"""Texts as they stand in a workbook's XML: those that the cells share, and a cell's own."""

import re
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring, iterparse

_ESCAPED = re.compile(r"_x((?![dD][89a-fA-F])[0-9a-fA-F]{4})_")
_MANY = 1_000


def shared_texts(xml: IO[bytes]) -> list[str]:
    """The texts that cells share, by number. Raises ParseError for XML that is broken, DefusedXmlException for one that
    is dangerous."""
    return list(_texts(xml))


def _texts(xml: IO[bytes]) -> Iterator[str]:
    parts = iterparse(xml, events=("start", "end"), forbid_dtd=True)
    _, root = next(parts)
    for event, part in parts:
        if event == "end" and local_name(part.tag) == "si":
            yield text_of_parts(part)
            part.clear()
            if len(root) > _MANY:
                root.clear()


def text_of_parts(parts: Element) -> str:
    """The text of an `si` or `is` element: of all its runs, without their fonts and without how they are read aloud."""
    if len(parts) == 1 and local_name(parts[0].tag) == "t":
        return unescaped(parts[0].text or "")
    runs = (run for part in parts for run in ([part] if local_name(part.tag) == "t" else _texts_of_run(part)))
    return unescaped("".join(run.text or "" for run in runs))


def _texts_of_run(run: Element) -> list[Element]:
    return [part for part in run if local_name(part.tag) == "t"] if local_name(run.tag) == "r" else []


def text_of_xml(xml: str) -> str:
    """The text of one element that holds nothing but text, or of an `is` element. Raises ParseError, ValueError."""
    part: Element = fromstring(xml, forbid_dtd=True)
    return text_of_parts(part) if local_name(part.tag) == "is" else unescaped(part.text or "")


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text or "_X" in text else text


def local_name(name: str) -> str:
    """An element's name without its namespace."""
    return name.rpartition("}")[2]
