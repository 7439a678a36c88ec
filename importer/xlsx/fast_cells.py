"""What a cell's XML in the shape that programs write it means: the tokens of the fast reader become raw cells and
values."""

import io
import re
from typing import NamedTuple
from xml.parsers.expat import ExpatError

from importer.xlsx.shared_texts import raw_texts
from importer.xlsx.values import CellValue, CellValues, Converter, RawCell, Token, UnsupportedXml, WorkbookContext

_MARKS = re.compile(r'(?: [a-z]+="[A-Za-z0-9]*")*(?: ?/)?')
_MARK = re.compile(r' ([a-z]+)="([^"]*)"')
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
        found = _MARK.findall(marks)
        value_of = dict(found)
        if not _MARKS.fullmatch(marks) or len(value_of) < len(found):
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
    except (ExpatError, ValueError) as error:
        raise UnsupportedXml(inside[:40]) from error
    return text, bool(struck)
