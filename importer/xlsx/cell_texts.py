"""What the XML of cells and of the texts that they share means: by patterns in the shape that programs write it, by
expat in any other.
"""

import io
import re
from collections.abc import Mapping
from typing import IO, Any, NamedTuple
from xml.parsers import expat

from importer.xlsx.values import (
    CellValue,
    CellValues,
    Converter,
    RawCell,
    Token,
    UnsupportedXml,
    WorkbookContext,
    unescaped,
)


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


_ATTRIBUTES = re.compile(r'(?: [a-z]+="[A-Za-z0-9]*")*(?: ?/)?')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_FORMULA = r'<f(?: [A-Za-z0-9:]+="[^"<>]*")*(?: ?/>|>[^<]*</f>)'
_CONTENT = re.compile(
    rf'(?P<formula>{_FORMULA})?(?:<v(?: xml:space="preserve")?(?:>(?P<value>[^<]*)</v>|(?P<empty> ?/>)))?</c>'
    r'|<is>(?P<inline><t(?: xml:space="preserve")?>(?P<text>[^<]*)</t>|(?:[^<]|<(?!/is>))*)</is></c>'
)
_INLINE, _INLINE_END = "<is><t>", "</t></is></c>"
_NOT_PLAIN = re.compile("[&<_\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|]]>")
"""What makes of the text of an inline cell another one, or none."""

_FOR_A_PARSER = re.compile("[&\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|]]>")


class _Kind(NamedTuple):
    """What cells of some marks have in common. `convert` takes what is written between `<v>` and `</v>`, None where an
    XML parser must have read that before."""

    name: str
    style: str
    is_bare: bool
    convert: Converter | None


class FastCells:
    """Tokens to raw cells and to values, the marks of cells (type and style) worked out once each."""

    def __init__(self, context: WorkbookContext) -> None:
        self._values = CellValues(context)
        self._kinds: dict[str, _Kind] = {}

    def value_of(self, token: Token) -> CellValue:
        """The value of a token. Raises UnsupportedXml for one that is no whole cell as programs write it."""
        if token is None:
            return None
        marks, _, content = str(token).partition(">")
        kind = self._kinds.get(marks) or self._learn(marks)
        if kind.convert is not None and content.startswith("<v>") and content.endswith("</v></c>"):
            try:
                return kind.convert(content[3:-8])
            except ValueError:
                pass
        elif kind.name == "inlineStr" and content.startswith(_INLINE) and content.endswith(_INLINE_END):
            text = content[len(_INLINE) : -len(_INLINE_END)]
            if text and not kind.is_bare and not _NOT_PLAIN.search(text):
                return text
        return self._values.value_of(_raw_cell(kind, content))

    def raw_cell(self, token: Token) -> RawCell | None:
        """The raw cell of a token; None for a blank. Raises as `value_of` does."""
        if token is None:
            return None
        marks, _, content = str(token).partition(">")
        raw = _raw_cell(self._kinds.get(marks) or self._learn(marks), content)
        return None if raw.text is None and raw.kind != "e" and not raw.has_formula else raw

    def _learn(self, marks: str) -> _Kind:
        found = _ATTRIBUTE.findall(marks)
        value_of = dict(found)
        if not _ATTRIBUTES.fullmatch(marks) or len(value_of) < len(found):
            raise UnsupportedXml(marks[:40])
        name, style, is_bare = value_of.get("t", "n"), value_of.get("s", "0"), marks.endswith("/")
        try:
            convert = self._values.converter(name, style) if name in ("n", "s") and not is_bare else None
        except ValueError as error:
            raise UnsupportedXml(marks[:40]) from error
        kind = self._kinds[marks] = _Kind(name, style, is_bare, convert)
        return kind


def _raw_cell(kind: _Kind, content: str) -> RawCell:
    found = _CONTENT.fullmatch(content + "</c>" if kind.is_bare else content)
    if found is None or (kind.is_bare and content):
        raise UnsupportedXml(content[:40])
    is_inline = found["inline"] is not None
    if is_inline != (kind.name == "inlineStr") and (is_inline or found["value"]):
        raise UnsupportedXml(content[:40])
    if is_inline:
        if found["text"] is not None:
            return RawCell(kind.name, kind.style, _decoded(found["text"]), has_formula=False)
        text, is_struck = _parsed_text(found["inline"])
        return RawCell(kind.name, kind.style, text, has_formula=False, is_struck=is_struck)
    text = "" if found["empty"] else found["value"]
    return RawCell(kind.name, kind.style, _decoded(text) if text else text, found["formula"] is not None)


def _decoded(written: str) -> str:
    """What an XML parser makes of a text."""
    return _parsed_text(f"<t>{written}</t>")[0] if _FOR_A_PARSER.search(written) else written


def _parsed_text(inside: str) -> tuple[str, bool]:
    """The text of an `is` element by the XML inside it, and whether a part of it is struck through."""
    try:
        (text,), struck = raw_texts(io.BytesIO(f"<sst><si>{inside}</si></sst>".encode()))
    except (expat.ExpatError, ValueError) as error:
        raise UnsupportedXml(inside[:40]) from error
    return text, bool(struck)
