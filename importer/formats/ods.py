"""OpenDocument spreadsheets (`.ods`), by one pass of expat over `content.xml`."""

import io
import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.parsers import expat

from importer.formats.book import TEXT_FORMAT, Book, BrokenBook, Sheet, is_error, text_cell
from importer.formats.xls import Encrypted
from importer.xlsx.package import refuse_doctype
from importer.xlsx.values import GENERAL, LAST_COLUMN, LAST_ROW, RawCell

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE = (f"{_SPACE}{name}:1.0}}" for name in ("table", "office", "text", "style"))
_KIND_OF_ERROR = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CONTENT, _STYLES, _MANIFEST = "content.xml", "styles.xml", "META-INF/manifest.xml"
_CELL_STYLE, _DEFAULT_STYLE = f"{_TABLE}style-name", f"{_TABLE}default-cell-style-name"
_LINE_THROUGH = tuple(f"{_STYLE}text-line-through-{name}" for name in ("style", "type"))

_BLANKS = re.compile("[ \t\r\n]+")
_BLANK, _TAB, _NEW_LINE = "\x00", "\x01", "\x02"
"""Of a text's elements, until what stands between them is joined: XML has no such characters."""

_PLACES = str.maketrans({_BLANK: " ", _TAB: "\t", _NEW_LINE: "\n"})
_NUMBERS = ("float", "currency", "percentage")
_CHUNK = 1024 * 1024
_FORMATS = (GENERAL, TEXT_FORMAT)
_NOT_ALL_DIGITS = frozenset("#Ee/")
_CURRENCY = re.compile("[A-Z$€£]+")
_NEGATIVE = re.compile(r"^\W*[-\u2212\u2013]|[-\u2212\u2013]\W*$|\(.*\)$")
_CENTS = re.compile(r"[.,]([0-9]{1,2})\D*$")
_MOST_DECIMALS = 10


def read_ods(content: bytes) -> Book:
    """The cells of an OpenDocument spreadsheet. Raises Encrypted, BrokenBook, ExpatError, ValueError or what zipfile
    raises for a damaged file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST):
            raise Encrypted
        parser = _Parser()
        if _STYLES in archive.namelist():
            parser.read_styles(archive.read(_STYLES))
        with archive.open(_CONTENT) as xml:
            while chunk := xml.read(_CHUNK):
                parser.feed(chunk)
        return parser.close()


class _Parser:
    """Tables count where they stand in the spreadsheet itself: links and charts have tables too."""

    def __init__(self) -> None:
        self._book = Book(_FORMATS)
        self._sheet: Sheet | None = None
        self._hidden_styles: set[str] = set()
        self._style, self._is_cell_style = "", False
        self._struck_styles: set[str] = set()
        self._struck_columns: list[range] = []
        self._styles: dict[tuple[str, bool], str] = {(GENERAL, False): "0", (TEXT_FORMAT, False): "1"}
        self._is_struck_row = False
        self._path: list[str] = []
        self._hidden_groups: list[int] = []
        # Of the row and the cell that are being read:
        self._row = self._column = 0
        self._rows = 1
        self._marks: dict[str, str] = {}
        self._cells: list[tuple[int, int, RawCell]] = []
        self._merges: list[tuple[int, int, int]] = []
        self._lines: list[str] = []
        self._pieces: list[str] | None = None
        self._parser = self._new_parser()

    def _new_parser(self) -> Any:
        parser: Any = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._ends
        parser.CharacterDataHandler = self._characters
        return parser

    def read_styles(self, xml: bytes) -> None:
        """The styles that those of the content are made from."""
        self._new_parser().Parse(xml, True)

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)

    def close(self) -> Book:
        self._parser.Parse(b"", True)
        if not self._book.sheets:
            raise BrokenBook("no sheet")
        self._book.struck = frozenset(style for (_, is_struck), style in self._styles.items() if is_struck)
        return self._book

    def _starts(self, name: str, marks: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if name == f"{_TABLE}table" and parent == f"{_OFFICE}spreadsheet":
            is_hidden = marks.get(f"{_TABLE}style-name", "") in self._hidden_styles
            self._sheet = self._book.begin_sheet(marks.get(f"{_TABLE}name", ""), is_hidden=is_hidden)
            self._row = self._column = 0
            self._struck_columns = []
        elif name == f"{_STYLE}style":
            self._style = marks.get(f"{_STYLE}name", "")
            self._is_cell_style = marks.get(f"{_STYLE}family") == "table-cell"
            if self._is_cell_style and marks.get(f"{_STYLE}parent-style-name") in self._struck_styles:
                self._struck_styles.add(self._style)
        elif (
            name == f"{_STYLE}text-properties"
            and self._is_cell_style
            and (lines := {marks.get(one) for one in _LINE_THROUGH} - {None})
        ):
            change = self._struck_styles.discard if "none" in lines else self._struck_styles.add
            change(self._style)
        elif name == f"{_STYLE}table-properties" and marks.get(f"{_TABLE}display") == "false":
            self._hidden_styles.add(self._style)
        elif self._sheet is not None:
            self._starts_in_sheet(self._sheet, name, marks, parent)

    def _starts_in_sheet(self, sheet: Sheet, name: str, marks: dict[str, str], parent: str) -> None:
        is_hidden = bool(self._hidden_groups) or marks.get(f"{_TABLE}visibility", "visible") != "visible"
        if name in (f"{_TABLE}table-row-group", f"{_TABLE}table-column-group"):
            if marks.get(f"{_TABLE}display") == "false":
                self._hidden_groups.append(len(self._path))
        elif name == f"{_TABLE}table-column":
            count = _repeats(marks, "columns", LAST_COLUMN + 1)
            if is_hidden:
                sheet.hidden_columns.append(range(self._column, self._column + count))
            if marks.get(_DEFAULT_STYLE) in self._struck_styles:
                self._struck_columns.append(range(self._column, self._column + count))
            self._column += count
        elif name == f"{_TABLE}table-row":
            self._rows, self._column = _repeats(marks, "rows", LAST_ROW), 0
            self._is_struck_row = marks.get(_DEFAULT_STYLE) in self._struck_styles
            if is_hidden:
                sheet.hidden_rows.append(range(self._row + 1, self._row + 1 + self._rows))
        elif name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            self._marks, self._lines = marks, []
        elif name in (f"{_TEXT}p", f"{_TEXT}h") and parent.startswith(f"{_TABLE}") and parent.endswith("table-cell"):
            self._pieces = []
        elif self._pieces is not None and name == f"{_TEXT}s":
            self._pieces.append(_BLANK * min(int(marks.get(f"{_TEXT}c", "1")), 1000))
        elif self._pieces is not None and name in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            self._pieces.append(_TAB if name.endswith("tab") else _NEW_LINE)

    def _characters(self, text: str) -> None:
        if self._pieces is not None and self._path[-1] != f"{_TEXT}ruby-text":
            self._pieces.append(text)

    def _ends(self, name: str) -> None:
        if self._hidden_groups and self._hidden_groups[-1] == len(self._path):
            self._hidden_groups.pop()
        self._path.pop()
        if self._sheet is None:
            return
        parent = self._path[-1] if self._path else ""
        if name in (f"{_TEXT}p", f"{_TEXT}h") and self._pieces is not None and parent.endswith("table-cell"):
            self._lines.append(_BLANKS.sub(" ", "".join(self._pieces)).strip(" ").translate(_PLACES))
            self._pieces = None
        elif name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            self._cell_ends(self._marks)
        elif name == f"{_TABLE}table-row":
            self._row_ends(self._sheet)
        elif name == f"{_TABLE}table" and parent == f"{_OFFICE}spreadsheet":
            self._sheet = None

    def _cell_ends(self, marks: dict[str, str]) -> None:
        count = _repeats(marks, "columns", LAST_COLUMN + 1)
        cell = self._cell_of(marks, "\n".join(self._lines))
        if cell is not None:
            self._cells.append((self._column, count, cell))
        wide, high = (int(marks.get(f"{_TABLE}number-{way}-spanned", "1")) for way in ("columns", "rows"))
        if wide > 1 or high > 1:
            self._merges.append((self._column, min(wide, LAST_COLUMN), min(high, LAST_ROW)))
        self._column += count
        self._marks, self._lines = {}, []

    def _cell_of(self, marks: dict[str, str], shown: str) -> RawCell | None:
        """A cell; of a number that stands there otherwise than it is, with a format that shows it so."""
        cell = _cell_of(marks, shown)
        if cell is None:
            return None
        is_struck = bool(self._struck_styles) and self._is_struck(marks)
        look = None
        if cell.kind == "n" and cell.text and shown not in ("", cell.text):
            look = _format_of(float(cell.text), shown)
        if look is None and not is_struck:
            return cell
        key = (look or _FORMATS[int(cell.style)], is_struck)
        if key not in self._styles:
            self._styles[key] = str(len(self._book.number_formats))
            self._book.number_formats.append(key[0])
        return cell._replace(style=self._styles[key])

    def _is_struck(self, marks: dict[str, str]) -> bool:
        """True for a cell that is struck through by its own style, or without one by that of its row or column."""
        style = marks.get(_CELL_STYLE)
        if style is not None:
            return style in self._struck_styles
        return self._is_struck_row or any(self._column in columns for columns in self._struck_columns)

    def _row_ends(self, sheet: Sheet) -> None:
        if self._cells:
            for row in range(self._row + 1, self._row + 1 + self._rows):
                for first, count, cell in self._cells:
                    for column in range(first, first + count):
                        self._book.add(row, column, cell)
            self._cells = []
        for column, wide, high in self._merges:
            sheet.merge(range(self._row + 1, self._row + 1 + high), range(column, column + wide))
        self._merges = []
        self._row += self._rows


def _repeats(marks: dict[str, str], way: str, most: int) -> int:
    count = int(marks.get(f"{_TABLE}number-{way}-repeated", "1"))
    if not 0 < count <= most:
        raise BrokenBook(f"{count} times")
    return count


def _format_of(number: float, shown: str) -> str | None:
    """The format of a number that is shown as a percentage, with other digits, with a minus that it has not, with zeros
    in front or with letters; None of another one. Formats lie in styles of several parts here; what stands in the cell
    tells as much."""
    digits = "".join(filter(str.isdecimal, shown))
    if "%" in shown:
        return "0%"
    if shown.isdecimal() and shown.startswith("0"):
        return "0" * len(shown)
    if digits and not _NOT_ALL_DIGITS & set(shown) and digits.lstrip("0") not in _digits_of(number, shown):
        return "0,"
    if number > 0 and _NEGATIVE.search(shown):
        return '"-"0'
    signs = "".join(found for found in _CURRENCY.findall(shown))
    return f'"{signs}"0' if signs else None


def _digits_of(number: float, shown: str) -> set[str]:
    """The digits of a number as it may be shown, without zeros in front: rounded to the one or two decimals at its end,
    else to any."""
    exact, cents = Decimal(repr(abs(number))), _CENTS.search(shown)
    places = range(_MOST_DECIMALS) if cents is None else (len(cents[1]),)
    rounded = [exact.quantize(Decimal(1).scaleb(-count), ROUND_HALF_UP) for count in places]
    return {f"{one:f}".replace(".", "").lstrip("0") for one in (rounded if cents is not None else [exact, *rounded])}


def _cell_of(marks: dict[str, str], text: str) -> RawCell | None:
    kind, has_formula = marks.get(f"{_OFFICE}value-type"), f"{_TABLE}formula" in marks
    if marks.get(_KIND_OF_ERROR) == "error" or is_error(text):
        return RawCell("e", "0", text or "#N/A", has_formula)
    if kind in _NUMBERS:
        return RawCell("n", "0", marks[f"{_OFFICE}value"], has_formula)
    if kind in ("date", "time"):
        return RawCell("d", "0", marks[f"{_OFFICE}{kind}-value"], has_formula)
    if kind == "boolean":
        return RawCell("b", "0", "1" if marks[f"{_OFFICE}boolean-value"] == "true" else "0", has_formula)
    text = marks.get(f"{_OFFICE}string-value", text)
    if text or kind == "string":
        return text_cell(text, 1, has_formula=has_formula) if text or has_formula else None
    return RawCell("n", "0", None, has_formula=True) if has_formula else None
