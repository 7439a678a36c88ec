"""Binary workbooks of Excel (`.xlsb`), by their records ([MS-XLSB]): no library gives formats, errors and hidden
rows."""

import io
import struct
import zipfile
from collections.abc import Iterator

from importer.formats.book import Book, Sheet, Unread, number_cell, text_cell
from importer.formats.xls import ERROR_TEXTS
from importer.xlsx.number_formats import BUILT_IN_FORMATS
from importer.xlsx.package import folded, parsed, relations_in
from importer.xlsx.values import GENERAL, RawCell

_MAIN = "xl/workbook.bin"

# The numbers of records (2.3.2) that matter.
_ROW, _MERGED, _COLUMNS = 0, 176, 60
_ERROR_KINDS, _TRUTH_KINDS, _REAL_KINDS, _INLINE_KINDS = (3, 11, 14), (4, 10, 15), (5, 9, 16), (6, 8, 17)
_SMALL_KINDS, _SHARED_KINDS, _RICH = (2, 13), (7, 18), 62
_FORMULAS, _WITHOUT_COLUMN = range(8, 12), range(12, 19)
_CELLS = frozenset((*range(2, 12), *range(13, 19), _RICH))
_BLANK_WITHOUT_COLUMN = 12
_SHARED_TEXT, _FORMAT, _FONT, _STYLES, _END_OF_STYLES, _STYLE = 19, 44, 43, 617, 618, 47
_STRUCK, _HAS_FONTS = 0x08, 0x01
"""Of the marks of a font (2.4.152) and of a rich text."""

_PROPERTIES, _SHEET = 153, 156
_LONGEST_SIZE = 28


def read_xlsb(content: bytes) -> Book:
    """The cells of a binary workbook. Raises Unread, struct.error, LookupError, ValueError or what zipfile raises
    for a damaged file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _Reader(archive).read()


class _Reader:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = {folded(name): name for name in archive.namelist()}
        self._related = relations_in(parsed(self._bytes("xl/_rels/workbook.bin.rels")), "xl")
        self._texts: list[tuple[str, bool]] = []
        self._is_struck: list[bool] = []
        self._struck_styles: set[int] = set()

    def read(self) -> Book:
        book, sheets = Book(self._styles()), []
        for kind, data in self._records(_MAIN):
            if kind == _PROPERTIES:
                book.counts_from_1904 = bool(data[0] & 1)
            elif kind == _SHEET:
                (state,) = struct.unpack_from("<I", data)
                relation, after = _text(data, 8)
                sheets.append((_text(data, after)[0], relation, state))
        part = self._part("sharedStrings")
        if part is not None:
            self._texts = [self._rich_text(data) for kind, data in self._records(part) if kind == _SHARED_TEXT]
        for name, relation, state in sheets:
            kind_of_part, path = self._related.get(relation, ("", ""))
            if kind_of_part == "worksheet":
                self._read_sheet(book, book.begin_sheet(name, is_hidden=state != 0), path)
        return book

    def _part(self, kind: str) -> str | None:
        return next((path for found, path in self._related.values() if found == kind), None)

    def _bytes(self, path: str) -> bytes:
        return self._archive.read(self._members[folded(path)])

    def _records(self, path: str) -> Iterator[tuple[int, memoryview]]:
        """The records of a part: their numbers and what is in them."""
        data, position = memoryview(self._bytes(path)), 0
        while position < len(data):
            kind = data[position]
            position += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | ((data[position] & 0x7F) << 7)
                position += 1
            size = 0
            for shift in range(0, _LONGEST_SIZE, 7):
                byte = data[position]
                position += 1
                size |= (byte & 0x7F) << shift
                if not byte & 0x80:
                    break
            if position + size > len(data):
                raise Unread
            yield kind, data[position : position + size]
            position += size

    def _styles(self) -> list[str]:
        """The number formats by style; notes the fonts and styles that are struck through."""
        part = self._part("styles")
        known, shown, is_in_styles = dict(BUILT_IN_FORMATS), list[str](), False
        for kind, data in self._records(part) if part is not None else ():
            if kind == _FORMAT:
                known[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
            elif kind == _FONT:
                self._is_struck.append(bool(data[2] & _STRUCK))
            elif kind in (_STYLES, _END_OF_STYLES):
                is_in_styles = kind == _STYLES
            elif kind == _STYLE and is_in_styles:
                _, number_format, font = struct.unpack_from("<HHH", data)
                if any(self._is_struck[font : font + 1]):
                    self._struck_styles.add(len(shown))
                shown.append(known.get(number_format, GENERAL))
        return shown or [GENERAL]

    def _rich_text(self, data: memoryview) -> tuple[str, bool]:
        """A text with fonts of its parts (RichStr, 2.5.122), and whether one of them strikes it through."""
        text, end = _text(data, 1)
        count = struct.unpack_from("<I", data, end)[0] if data[0] & _HAS_FONTS else 0
        fonts = (struct.unpack_from("<HH", data, end + 4 + 4 * place)[1] for place in range(count))
        return text, any(any(self._is_struck[font : font + 1]) for font in fonts)

    def _read_sheet(self, book: Book, sheet: Sheet, path: str) -> None:
        row, column = 0, -1
        for kind, data in self._records(path):
            if kind == _ROW:
                row, column = struct.unpack_from("<I", data)[0] + 1, -1
                if data[11] & 0x10:
                    sheet.hidden_rows.append(range(row, row + 1))
            elif kind in _CELLS:
                is_short = kind in _WITHOUT_COLUMN
                column = column + 1 if is_short else struct.unpack_from("<I", data)[0]
                start = 0 if is_short else 4
                style = int.from_bytes(data[start : start + 3], "little")
                cell = self._cell(kind, data[start + 4 :], style)
                if cell is not None:
                    is_struck = style in self._struck_styles
                    book.add(row, column, cell._replace(is_struck=True) if is_struck else cell)
            elif kind == _BLANK_WITHOUT_COLUMN:
                column += 1
            elif kind == 1:
                (column,) = struct.unpack_from("<I", data)
            elif kind == _COLUMNS:
                first, last, _, _, marks = struct.unpack_from("<IIIIB", data)
                if marks & 1:
                    sheet.hidden_columns.append(range(first, last + 1))
            elif kind == _MERGED:
                top, bottom, left, right = struct.unpack_from("<IIII", data)
                sheet.merge(range(top + 1, bottom + 2), range(left, right + 1))

    def _cell(self, kind: int, data: memoryview, style: int) -> RawCell | None:
        has_formula = kind in _FORMULAS
        if kind in _SMALL_KINDS:
            return number_cell(_small_number(struct.unpack_from("<I", data)[0]), style)
        if kind in _REAL_KINDS:
            return number_cell(struct.unpack_from("<d", data)[0], style, has_formula=has_formula)
        if kind in _SHARED_KINDS or kind == _RICH:
            is_shared = kind in _SHARED_KINDS
            text, is_struck = self._texts[struct.unpack_from("<I", data)[0]] if is_shared else self._rich_text(data)
            cell = text_cell(text, style)
            return None if not text else cell._replace(is_struck=True) if is_struck else cell
        if kind in _INLINE_KINDS:
            text = _text(data, 0)[0]
            return text_cell(text, style, has_formula=has_formula) if text else None
        if kind in _TRUTH_KINDS:
            return RawCell("b", str(style), str(int(bool(data[0]))), has_formula)
        return RawCell("e", str(style), ERROR_TEXTS.get(data[0], "#N/A"), has_formula)


def _text(data: memoryview, position: int) -> tuple[str, int]:
    """A text (XLWideString) and where it ends."""
    (length,) = struct.unpack_from("<I", data, position)
    start = position + 4
    if length == 0xFFFFFFFF:
        return "", start
    end = start + 2 * length
    if end > len(data):
        raise Unread
    return bytes(data[start:end]).decode("utf-16-le", "replace"), end


def _small_number(number: int) -> float:
    """A number in 30 bits (RkNumber, 2.5.122): whole or the upper bits of a float, perhaps in hundredths."""
    if number & 2:
        value: float = (number >> 2) - (1 << 30 if number & 0x80000000 else 0)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))[0]
    return value / 100 if number & 1 else value
