"""Cells as they are written, exactly as given: text is never a formula, a link or markup. Copies of the cells of
another workbook, and sheets too large to be written through xlsxwriter.
"""

import re
import zipfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any, BinaryIO, NamedTuple

from importer.printable import printable
from importer.xlsx.number_formats import Meaning, meaning_of_format
from importer.xlsx.package import Package, parsed
from importer.xlsx.values import GENERAL, RawCell, WorkbookContext, iso_moment, serial_of, unescaped

BLANK, TEXT, NUMBER, TRUTH, ERROR = "", "s", "n", "b", "e"
"""What cells hold. A date is a number that is shown as a date; a formula's cell holds its last result."""

_DAY = "yyyy-mm-dd"
_DIGITS = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


class Cell(NamedTuple):
    """A cell: its column (from 0), what it holds, that as a text (of numbers with the file's own digits), and how Excel
    shows it."""

    column: int
    kind: str
    text: str
    number_format: str = GENERAL

    @property
    def is_day(self) -> bool:
        """True when it is shown as a date or a time."""
        return self.kind == NUMBER and meaning_of_format(self.number_format) is not Meaning.NUMBER


def copied_cell(column: int, raw: RawCell | None, context: WorkbookContext) -> Cell | None:
    """A raw cell of a workbook as it is written again; None for one that holds nothing. Raises ValueError and
    LookupError for what means nothing."""
    if raw is None or raw.text is None:
        return None
    shown, text = context.number_formats[int(raw.style)], raw.text
    if raw.kind == "inlineStr":
        return Cell(column, TEXT, unescaped(text), shown)
    if not text:
        return None
    match raw.kind:
        case "s":
            return Cell(column, TEXT, context.texts[int(text)], shown)
        case "str":
            return Cell(column, TEXT, unescaped(text), shown)
        case "b":
            return Cell(column, TRUTH, "1" if text.strip() in ("1", "true") else "0", shown)
        case "e":
            return Cell(column, ERROR, text.strip(), shown)
        case "d":
            # Shown as a number, the day would become an amount.
            day = str(serial_of(iso_moment(text.strip()), context.epoch))
            return Cell(column, NUMBER, _digits(day), _DAY if shown == GENERAL else shown)
        case _:
            return Cell(column, NUMBER, _digits(text.strip()), shown)


def _digits(text: str) -> str:
    if not _DIGITS.fullmatch(text) or not isfinite(float(text)):
        raise ValueError(f"no number: {text[:40]}")
    return text


ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
LONGEST_TEXT = 32_767
LONGEST_NOTE = 4_000
REMEMBERED = 50_000
"""Most cells of a column repeat: so many are made once."""

_BUILT_IN = {"mm-dd-yy": 14, "d-mmm-yy": 15, "d-mmm": 16, "mmm-yy": 17, "m/d/yy h:mm": 22}
"""Formats that Excel shows in the way of the person's own country; by their text alone they would lose that."""

_ESCAPED = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "_": "_x005F_"}


def open_book(target: Any, *, counts_from_1904: bool = False) -> Any:
    """A new xlsxwriter workbook that writes itself into a file."""
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "date_1904": counts_from_1904,
        "in_memory": True,
    }
    return xlsxwriter.Workbook(target, options)


def number_format(text: str) -> str | int:
    """A number format as xlsxwriter takes it."""
    return _BUILT_IN.get(text, text)


def cell_xml(kind: str, text: str, style: int | None) -> str:
    """The XML of a cell from behind its address: `<c r="B5` and this make it whole. `kind` is what the cell holds
    (`TEXT`, `NUMBER` ...), `text` that as a text, `style` its number or None."""
    shown = f'" s="{style}"' if style is not None else '"'
    if not text:
        return f"{shown}/>"
    if kind == TEXT:
        blanks = ' xml:space="preserve"' if text != text.strip() else ""
        return f'{shown} t="inlineStr"><is><t{blanks}>{xml_text(text)}</t></is></c>'
    if kind == ERROR and text not in ERRORS:
        text = "#VALUE!"
    return f'{shown} t="{kind}"><v>{text}</v></c>'


def xml_text(text: str) -> str:
    """A text in XML, cut to what a cell can hold. Characters that XML cannot hold are written `_x000D_` (ECMA-376,
    ST_Xstring), unpaired surrogates as escapes."""
    return _ESCAPED.sub(_escape, _cut(text))


def _escape(found: re.Match[str]) -> str:
    mark = found[0]
    if mark in _ENTITIES:
        return _ENTITIES[mark]
    return f"\\u{ord(mark):04x}" if "\ud800" <= mark <= "\udfff" else f"_x{ord(mark):04X}_"


def _cut(text: str) -> str:
    """Excel counts what lies beyond U+FFFF as two."""
    if 2 * len(text) <= LONGEST_TEXT:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * LONGEST_TEXT].decode("utf-16-le", "ignore")


def write_text(sheet: Any, row: int, column: int, text: str, cell_format: Any = None) -> None:
    """Writes a text through xlsxwriter; row and column count from 0."""
    text = _cut(text.encode("utf-8", "backslashreplace").decode())
    if text.startswith("<r>") and text.endswith("</r>"):
        # xlsxwriter takes such a text for its own markup of rich strings.
        sheet.write_rich_string(row, column, text[:1], text[1:2], text[2:], cell_format)
    else:
        sheet.write_string(row, column, text, cell_format)


_AREA = re.compile(rb'<dimension ref="[^"]*"/>')
_ROWS = re.compile(rb"<sheetData(?:/>|>(<row .*?</row>)?.*?</sheetData>)", re.S)
_AT_ONCE = 500

Styles = Mapping[Any, int]
"""The number of a cell format by the look that the caller gave it."""


def write_note(sheet: Any, row: int, column: int, text: str) -> None:
    """Attaches a note of several lines to a cell, large enough to be read."""
    lines = [printable(line) for line in text[:LONGEST_NOTE].split("\n")]
    height = sum(-(-len(line) // 44) or 1 for line in lines)
    options = {"x_scale": 2.2, "y_scale": max(0.6, min(height * 0.24, 6)), "font_size": 9}
    sheet.write_comment(row, column, "\n".join(lines), options)


@dataclass(frozen=True, slots=True)
class Body:
    """What a sheet gets below the row that xlsxwriter wrote, if it wrote any: whatever else is there goes. Written
    through the library 1.8 million cells take 15 s, straight into the archive 4 s (tests/benchmarks/correcting).

    `area` are all its cells (`A1:K9`). `probes` are cells, by address, to which xlsxwriter gave each look that occurs;
    `rows` makes the XML of the rows once the looks' numbers are known."""

    area: str
    probes: Mapping[str, Hashable]
    rows: Callable[[Styles], Iterable[str]]


def fill(book: BinaryIO, bodies: Mapping[str, Body], target: BinaryIO) -> None:
    """Writes the finished workbook `book` to `target`, with these bodies of its sheets (by name)."""
    book.seek(0)
    sheets = Package(book.read()).sheets
    with zipfile.ZipFile(book) as source, _packed_quickly(target) as filled:
        body_of = {sheet.member: bodies[sheet.name] for sheet in sheets if sheet.name in bodies}
        if len(body_of) != len(bodies):
            raise ValueError("a sheet without its rows")
        for entry in source.infolist():
            with filled.open(entry.filename, "w") as part:
                body = body_of.get(entry.filename)
                for piece in (source.read(entry),) if body is None else _filled(source.read(entry), body):
                    part.write(piece)


def _packed_quickly(target: BinaryIO) -> zipfile.ZipFile:
    """As Excel packs: a fifth larger than usual in a third of the time."""
    return zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1)


def _filled(frame: bytes, body: Body) -> Iterator[bytes]:
    found = _ROWS.search(frame)
    if found is None:
        raise ValueError("a sheet without rows")
    yield _AREA.sub(b'<dimension ref="%s"/>' % body.area.encode(), frame[: found.start()])
    yield b"<sheetData>" + (found[1] or b"")
    rows = iter(body.rows(_styles(frame, body.probes)))
    while some := list(islice(rows, _AT_ONCE)):
        yield "".join(some).encode()
    yield b"</sheetData>" + frame[found.end() :]


def _styles(frame: bytes, probes: Mapping[str, Hashable]) -> Styles:
    if not probes:
        return {}
    cells = {part.get("r"): int(part.get("s", "0")) for part in parsed(frame).iter() if part.tag.endswith("}c")}
    return {look: cells[address] for address, look in probes.items()}
