"""OpenDocument spreadsheets (`.ods`), by one pass of expat over `content.xml`."""

import io
import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.parsers import expat

from importer.formats.book import TEXT_FORMAT, Book, Sheet, Unread, is_error, text_cell
from importer.xlsx.cell_texts import refuse_doctype
from importer.xlsx.values import GENERAL, LAST_COLUMN, LAST_ROW, RawCell

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE, _NUMBER, _FO = (
    f"{_SPACE}{name}:1.0}}" for name in ("table", "office", "text", "style", "datastyle", "xsl-fo-compatible")
)
_KIND_OF_ERROR = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_SHEET, _COLUMN, _ROW, _CELL, _COVERED = (
    f"{_TABLE}{name}" for name in ("table", "table-column", "table-row", "table-cell", "covered-table-cell")
)
_CELLS, _PARAGRAPHS = frozenset((_CELL, _COVERED)), frozenset((f"{_TEXT}p", f"{_TEXT}h"))
_GROUPS = frozenset((f"{_TABLE}table-row-group", f"{_TABLE}table-column-group"))
_TAB_OR_BREAK = frozenset((f"{_TEXT}tab", f"{_TEXT}line-break"))
_SPREADSHEET, _SPAN, _SPACES = f"{_OFFICE}spreadsheet", f"{_TEXT}span", f"{_TEXT}s"
_NAME, _VISIBILITY, _DISPLAY = f"{_STYLE}name", f"{_TABLE}visibility", f"{_TABLE}display"
_KIND, _VALUE, _TEXT_VALUE = (f"{_OFFICE}{name}" for name in ("value-type", "value", "string-value"))
_FORMULA = f"{_TABLE}formula"
_COLUMNS_REPEATED, _ROWS_REPEATED = (f"{_TABLE}number-{way}-repeated" for way in ("columns", "rows"))
_COLUMNS_SPANNED, _ROWS_SPANNED = (f"{_TABLE}number-{way}-spanned" for way in ("columns", "rows"))
_CHUNK = 256 * 1024
_CONTENT, _STYLES, _MANIFEST = "content.xml", "styles.xml", "META-INF/manifest.xml"
_CELL_STYLE, _DEFAULT_STYLE = f"{_TABLE}style-name", f"{_TABLE}default-cell-style-name"
_OF_CELLS, _OF_TEXTS = "table-cell", "text"
"""Families of styles: names are those of one family."""

_LINE_THROUGH = tuple(f"{_STYLE}text-line-through-{name}" for name in ("style", "type"))

_BLANKS = re.compile("[ \t\r\n]+")
_BLANK, _TAB, _NEW_LINE = "\x00", "\x01", "\x02"
"""Of a text's elements, until what stands between them is joined: XML has no such characters."""

_PLACES = str.maketrans({_BLANK: " ", _TAB: "\t", _NEW_LINE: "\n"})
_NUMBERS = ("float", "currency", "percentage")
_FORMATS = (GENERAL, TEXT_FORMAT)
_WITHOUT_DAY, _WITHOUT_MINUS = "mmm", "0;0"
_NOT_ALL_DIGITS = re.compile(r"#|[0-9][Ee][-+]?[0-9]|[0-9] ?/")
_AROUND_NUMBER = " \u00a0\u202f.,()-\u2212\u2013"
_BETWEEN_DIGITS = frozenset("0123456789.,' \u00a0\u2019\u202f")
_MINUS = frozenset("-(\u2212\u2013")
_NEGATIVE = re.compile(r"^\W*[-\u2212\u2013]|[-\u2212\u2013]\W*$|\(.*\)$")
_CENTS = re.compile(r"[.,]([0-9]{1,2})\D*$")
_MOST_DECIMALS, _MOST_DIGITS = 10, 15
_DAY = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DIGITS, _WORD, _TOGETHER = re.compile("[0-9]+"), re.compile(r"[^\W\d_]{3}"), 6
"""A day may stand without separators, in six digits at least."""


def read_ods(content: bytes) -> Book:
    """The cells of an OpenDocument spreadsheet. Raises Unread, ExpatError, ValueError or what zipfile
    raises for a damaged file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST):
            raise Unread("encrypted-file")
        handlers = _Handlers()
        if _STYLES in archive.namelist():  # those of the content are made from these
            handlers.parser().Parse(archive.read(_STYLES), True)
        with archive.open(_CONTENT) as xml:
            parser = handlers.parser()
            while chunk := xml.read(_CHUNK):  # expat itself would ask for 2 kB at a time
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    if not handlers.book.sheets:
        raise Unread
    return handlers.book


class _Handlers:
    """Tables count where they stand in the spreadsheet itself: links and charts have tables too."""

    def __init__(self) -> None:
        self.book = Book(_FORMATS)
        self._sheet = Sheet("")
        self._parser: Any = None
        self._hidden_styles: set[str] = set()
        self._style = ("", "")
        self._struck_styles: set[tuple[str, str]] = set()
        self._format = ""
        self._coloured_formats: set[str] = set()
        self._coloured_styles: set[str] = set()
        self._styles_of_columns: list[tuple[range, str]] = []
        self._styles = {code: str(number) for number, code in enumerate(_FORMATS)}
        self._style_of_row: str | None = None
        self._is_struck_text = False
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

    def parser(self) -> Any:
        parser: Any = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._ends
        parser.CharacterDataHandler = self._characters
        self._parser = parser
        return parser

    def _starts(self, name: str, marks: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if name == _SHEET and parent == _SPREADSHEET:
            is_hidden = marks.get(f"{_TABLE}style-name", "") in self._hidden_styles
            self._sheet = self.book.begin_sheet(marks.get(f"{_TABLE}name", ""), is_hidden=is_hidden)
            self._row = self._column = 0
            self._styles_of_columns = []
            self._parser.StartElementHandler = self._starts_in_sheet
            self._parser.EndElementHandler = self._ends_in_sheet
        elif name == f"{_STYLE}style":
            family = marks.get(f"{_STYLE}family", "")
            self._style = (family, marks.get(_NAME, ""))
            if (family, marks.get(f"{_STYLE}parent-style-name", "")) in self._struck_styles:
                self._struck_styles.add(self._style)
            if marks.get(f"{_STYLE}data-style-name") in self._coloured_formats:
                self._coloured_styles.add(self._style[1])
        elif name == f"{_STYLE}text-properties":
            lines = {marks.get(one) for one in _LINE_THROUGH} - {None}
            if parent.startswith(_NUMBER) and f"{_FO}color" in marks:
                self._coloured_formats.add(self._format)
            elif self._style[0] in (_OF_CELLS, _OF_TEXTS) and lines:
                change = self._struck_styles.discard if "none" in lines else self._struck_styles.add
                change(self._style)
        elif name.startswith(_NUMBER) and name.endswith("-style"):
            self._format = marks.get(_NAME, "")
        elif name == f"{_STYLE}table-properties" and marks.get(_DISPLAY) == "false":
            self._hidden_styles.add(self._style[1])

    def _ends(self, name: str) -> None:
        self._path.pop()

    # These two run twice for each cell of a sheet, the most frequent names come first.

    def _starts_in_sheet(self, name: str, marks: dict[str, str]) -> None:
        parent = self._path[-1]
        self._path.append(name)
        if name in _CELLS:
            self._marks, self._lines, self._is_struck_text = marks, [], False
        elif name in _PARAGRAPHS:
            if parent in _CELLS:
                self._pieces = []
        elif name in _GROUPS:
            if marks.get(_DISPLAY) == "false":
                self._hidden_groups.append(len(self._path))
        elif name == _COLUMN:
            count = _repeats(marks, _COLUMNS_REPEATED, LAST_COLUMN + 1)
            if self._is_hidden(marks):
                self._sheet.hidden_columns.append(range(self._column, self._column + count))
            self._styles_of_columns.append((range(self._column, self._column + count), marks.get(_DEFAULT_STYLE, "")))
            self._column += count
        elif name == _ROW:
            self._rows, self._column = _repeats(marks, _ROWS_REPEATED, LAST_ROW), 0
            self._style_of_row = marks.get(_DEFAULT_STYLE)
            if self._is_hidden(marks):
                self._sheet.hidden_rows.append(range(self._row + 1, self._row + 1 + self._rows))
        elif self._pieces is not None and name == _SPAN:
            is_struck = (_OF_TEXTS, marks.get(f"{_TEXT}style-name")) in self._struck_styles
            self._is_struck_text = self._is_struck_text or is_struck
        elif self._pieces is not None and name == _SPACES:
            self._pieces.append(_BLANK * min(int(marks.get(f"{_TEXT}c", "1")), 1000))
        elif self._pieces is not None and name in _TAB_OR_BREAK:
            self._pieces.append(_TAB if name.endswith("tab") else _NEW_LINE)

    def _ends_in_sheet(self, name: str) -> None:
        self._path.pop()
        parent = self._path[-1]
        if name in _CELLS:
            self._cell_ends(self._marks)
        elif name in _PARAGRAPHS:
            if self._pieces is not None and parent in _CELLS:
                text = "".join(self._pieces)
                if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
                    text = _BLANKS.sub(" ", text).strip(" ").translate(_PLACES)
                self._lines.append(text)
                self._pieces = None
        elif name == _ROW:
            self._row_ends()
        elif name in _GROUPS:
            if self._hidden_groups and self._hidden_groups[-1] > len(self._path):
                self._hidden_groups.pop()
        elif name == _SHEET and parent == _SPREADSHEET:
            self._parser.StartElementHandler, self._parser.EndElementHandler = self._starts, self._ends

    def _is_hidden(self, marks: dict[str, str]) -> bool:
        return bool(self._hidden_groups) or marks.get(_VISIBILITY, "visible") != "visible"

    def _characters(self, text: str) -> None:
        if self._pieces is not None and self._path[-1] != f"{_TEXT}ruby-text":
            self._pieces.append(text)

    def _cell_ends(self, marks: dict[str, str]) -> None:
        count = _repeats(marks, _COLUMNS_REPEATED, LAST_COLUMN + 1)
        lines = self._lines
        cell = self._cell_of(marks, lines[0] if len(lines) == 1 else "\n".join(lines), has_text=bool(lines))
        if cell is not None and self._rows > 1:
            self._cells.append((self._column, count, cell))
        elif cell is not None:
            for column in range(self._column, self._column + count):
                self.book.add(self._row + 1, column, cell)
        if _COLUMNS_SPANNED in marks or _ROWS_SPANNED in marks:
            wide, high = int(marks.get(_COLUMNS_SPANNED, "1")), int(marks.get(_ROWS_SPANNED, "1"))
            if wide > 1 or high > 1:
                self._merges.append((self._column, min(wide, LAST_COLUMN), min(high, LAST_ROW)))
        self._column += count
        self._marks, self._lines = {}, []

    def _cell_of(self, marks: dict[str, str], shown: str, *, has_text: bool) -> RawCell | None:
        """A cell; of a number or day that stands there otherwise than it is, with a format that shows it so."""
        cell = _cell_of(marks, shown)
        if cell is None:
            return None
        if self._is_struck_text or (self._struck_styles and (_OF_CELLS, self._style_of(marks)) in self._struck_styles):
            cell = cell._replace(is_struck=True)
        look = None
        if cell.kind == "n" and cell.text and has_text and shown != cell.text:
            if shown.isalpha() and cell.text in ("0", "1"):
                return cell._replace(kind="b")  # in the words of any language
            look = _format_of(float(cell.text), shown)
            if look == _WITHOUT_MINUS and self._style_of(marks) in self._coloured_styles:
                look = None
        elif cell.kind == "d" and shown and _hides_day(cell.text or "", shown):
            look = _WITHOUT_DAY
        if look is None:
            return cell
        if look not in self._styles:
            self._styles[look] = str(len(self.book.number_formats))
            self.book.number_formats.append(look)
        return cell._replace(style=self._styles[look])

    def _style_of(self, marks: dict[str, str]) -> str:
        """The style of a cell: its own, or without one that of its row or column."""
        style = marks.get(_CELL_STYLE, self._style_of_row)
        of_columns = (style for columns, style in self._styles_of_columns if self._column in columns)
        return next(of_columns, "") if style is None else style

    def _row_ends(self) -> None:
        if self._cells:
            for row in range(self._row + 1, self._row + 1 + self._rows):
                for first, count, cell in self._cells:
                    for column in range(first, first + count):
                        self.book.add(row, column, cell)
            self._cells = []
        for column, wide, high in self._merges:
            self._sheet.merge(range(self._row + 1, self._row + 1 + high), range(column, column + wide))
        self._merges = []
        self._row += self._rows


def _repeats(marks: dict[str, str], way: str, most: int) -> int:
    if way not in marks:
        return 1
    count = int(marks[way])
    if not 0 < count <= most:
        raise Unread
    return count


def _format_of(number: float, shown: str) -> str | None:
    """The format of a number that is shown as a percentage, without or with other digits, with a minus that it has not
    or without its own, with zeros in front or with texts; None of another one. Formats lie in styles of several parts
    here; what stands in the cell tells as much."""
    digits = "".join(filter(str.isdecimal, shown))
    if "%" in shown:
        return "0%"
    if not digits:
        return None if "#" in shown or (shown and not number) else '"*"' if number else "#"
    if digits.lstrip("0") not in _digits_of(number, shown):
        return None if _NOT_ALL_DIGITS.search(shown) else "0,"
    if number > 0 and _NEGATIVE.search(shown):
        return '"-"0'
    if number < 0 and _MINUS.isdisjoint(shown):
        return _WITHOUT_MINUS
    first, last = (order(at for at, mark in enumerate(shown) if mark.isdecimal()) for order in (min, max))
    inside, middle = shown[first : last + 1], "0"
    if inside.isdecimal() and inside.startswith("0"):
        middle = "0" * len(inside)
    elif not _BETWEEN_DIGITS.issuperset(inside):
        is_whole = number.is_integer()
        middle = "".join("0" if mark.isdecimal() else _quoted(mark) for mark in inside) if is_whole else "0,"
    code = _quoted(shown[:first].strip(_AROUND_NUMBER)) + middle + _quoted(shown[last + 1 :].strip(_AROUND_NUMBER))
    return None if code == "0" else code


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"' if text else ""


def _hides_day(written: str, shown: str) -> bool:
    """True where the day or the month of a date (`yyyy-mm-dd`) does not stand in what is shown: `Jun-18`, `2018`."""
    found = _DAY.match(written)
    if found is None:
        return False
    year, month, day = found.groups()
    runs = _DIGITS.findall(shown)
    if any(len(run) >= _TOGETHER for run in runs):
        return not any(month in rest and day in rest for rest in (run.replace(year, "", 1) for run in runs))
    numbers = [int(run) for run in runs]
    if _WORD.search(shown):  # the month's name; a number beside it may be the year's
        return int(day) not in numbers or (len(numbers) == 1 and day == year[2:])
    return not {int(month), int(day)} <= set(numbers) or (month == day and numbers.count(int(day)) == 1)


def _digits_of(number: float, shown: str) -> set[str]:
    """The digits of a number as it may be shown, without zeros in front: rounded to the one or two decimals at its end,
    else to any."""
    exact, cents = Decimal(repr(abs(number))), _CENTS.search(shown)
    if exact.adjusted() >= _MOST_DIGITS:
        return {f"{exact:f}".replace(".", "").lstrip("0")}
    places = range(_MOST_DECIMALS) if cents is None else (len(cents[1]),)
    rounded = [exact.quantize(Decimal(1).scaleb(-count), ROUND_HALF_UP) for count in places]
    return {f"{one:f}".replace(".", "").lstrip("0") for one in (rounded if cents is not None else [exact, *rounded])}


def _cell_of(marks: dict[str, str], text: str) -> RawCell | None:
    kind, has_formula = marks.get(_KIND), _FORMULA in marks
    if marks.get(_KIND_OF_ERROR) == "error" or is_error(text):
        return RawCell("e", "0", text or "#N/A", has_formula)
    if kind in _NUMBERS:
        return RawCell("n", "0", marks[_VALUE], has_formula)
    if kind in ("date", "time"):
        return RawCell("d", "0", marks[f"{_OFFICE}{kind}-value"], has_formula)
    if kind == "boolean":
        return RawCell("b", "0", "1" if marks[f"{_OFFICE}boolean-value"] == "true" else "0", has_formula)
    text = marks.get(_TEXT_VALUE, text)
    if text or kind == "string":
        return text_cell(text, 1, has_formula=has_formula) if text or has_formula else None
    return RawCell("n", "0", None, has_formula=True) if has_formula else None
