"""Texts with delimiters (`.csv`, `.tsv`), by their grammar: what is not certain is refused, nothing is sniffed."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice

from importer.formats.book import TEXT_FORMAT, Book, Unread, text_cell
from importer.xlsx.values import LAST_COLUMN, LAST_ROW, Row

DELIMITERS = (",", ";", "\t", "|")
WINDOWS = "cp1252"
LAST_HEADING_ROW = 20
MOST_LOOKED_AT = 20_000
"""Rows of a sheet by which its headings are judged."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TEXT_BY_FORMULA = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"=.|[@+]\w+\(")
_ACCENTED = re.compile(r"""[^ \t\r\n,;|"]*[^\x00-\x7f][^ \t\r\n,;|"]*""")
_BROKEN = re.compile("[\u00c2\u00c3][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]|\ufffd")
"""What comes of UTF-8 that a program has taken for Windows-1252, or of letters that it could not read."""

_IN_SEVEN_BITS = re.compile(r"\+(?:/v8|A[A-Za-z0-9+/]{2,})-|~\{(?:[!-~]{2})+~\}")
"""Letters beyond ASCII as UTF-7 and HZ write them; the texts read as UTF-8 too."""
_MOST_SAMPLES = 5
_END_OF_DOS = "\x1a"

TopRows = Callable[[Sequence[Row]], bool]
"""Whether the first rows of a sheet hold the headings of a form."""


Doubt = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """A text as a book of one sheet. `doubt` is the key of what is told of its letters, with a sample of the words:
    Windows-1252 was assumed, or an earlier program has spoilt them; None where they are certain. `widths` are the cells
    of each row (from 1) that has any and those up to its last filled one, `broken_rows` the rows with a line break
    inside quotes, `formulas` the texts by row and column (from 0) that a spreadsheet program would calculate."""

    book: Book
    delimiter: str
    doubt: Doubt | None
    widths: dict[int, tuple[int, int]]
    broken_rows: tuple[int, ...]
    formulas: dict[tuple[int, int], str]


def read_delimited(content: bytes, name: str, has_headings: TopRows, encoding: str = "") -> DelimitedText:
    """A text under the one delimiter under which its headings are understood; `name` is its sheet's, `encoding` what a
    person has declared for a text without a mark of its own.

    Without headings it is no form: its first rows (`MOST_LOOKED_AT`) are read under the delimiter that gives the widest
    one. Raises Unread for a text that no encoding or no single delimiter fits, for a quote that is not closed, and
    for more rows or columns than a sheet has.
    """
    text, doubt = _decoded(content, encoding)
    tops = {delimiter: _top(text, delimiter) for delimiter in DELIMITERS}
    fitting = [delimiter for delimiter, rows in tops.items() if has_headings(rows)]
    if len(fitting) > 1:
        raise Unread("unsupported-format.delimiters", delimiters=" ".join(fitting).replace("\t", "Tab"))
    if fitting:
        return _read(text, name, fitting[0], doubt)
    widest = max(DELIMITERS, key=lambda one: max(map(len, tops[one]), default=0))
    return _read(text, name, widest, doubt, MOST_LOOKED_AT)


def read_with(content: bytes, name: str, delimiter: str, encoding: str = "") -> Book:
    """A text that was read before, again. Raises Unread."""
    return _read(_decoded(content, encoding)[0], name, delimiter, None).book


def names_encoding(content: bytes) -> bool:
    """True for a text that says itself how its letters are written: by its mark, or since it is UTF-8."""
    if any(content.startswith(mark) for mark, _ in _MARKS):
        return True
    try:
        return bool(content.decode("utf-8") or True)
    except UnicodeDecodeError:
        return False


def first_rows_in(content: bytes, encoding: str) -> Iterator[list[list[str]]]:
    """The first rows of a text in some encoding under each delimiter; none where it does not fit."""
    try:
        text, _ = _decoded(content, encoding)
    except Unread:
        return
    yield from (_top(text, delimiter) for delimiter in DELIMITERS)


def _decoded(content: bytes, declared: str) -> tuple[str, Doubt | None]:
    """The text, and what is in doubt of its letters."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), declared or None)
    is_assumed = encoding is None and not names_encoding(content)
    try:
        text = content.decode(WINDOWS if is_assumed else encoding or "utf-8").removesuffix(_END_OF_DOS)
    except UnicodeDecodeError as failure:
        raise Unread("unreadable-file.encoding") from failure
    if _CONTROLS.search(text):
        raise Unread("unreadable-file.encoding")
    if encoding is None and text.isascii():
        for found in _IN_SEVEN_BITS.finditer(text):
            if any(map(partial(_stands_for_letters, found[0]), ("utf-7", "hz"))):
                raise Unread("unreadable-file.seven-bits", sample=found[0])
        return text, None
    words = dict.fromkeys(found[0] for found in _ACCENTED.finditer(text) if is_assumed or _BROKEN.search(found[0]))
    wording = "text-encoding" if is_assumed else "not-text.spoilt"
    return text, (wording, ", ".join(islice(words, _MOST_SAMPLES))) if words else None


def _stands_for_letters(written: str, encoding: str) -> bool:
    with suppress(UnicodeDecodeError):
        return not written.encode().decode(encoding).isascii()
    return False


def _top(text: str, delimiter: str) -> list[list[str]]:
    """The first rows; none from where the text does not fit the grammar."""
    rows: list[list[str]] = []
    try:
        for _, row in islice(_rows(text, delimiter), LAST_HEADING_ROW):
            rows.append([_value(field) for field in row])
    except Unread:
        pass
    return rows


def _rows(text: str, delimiter: str) -> Iterator[tuple[bool, list[str]]]:
    """Each row, and whether it goes on beyond the end of its line. Raises Unread."""
    reader = csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True)
    number, begun = 0, 0
    try:
        for row in reader:
            number += 1
            if number > LAST_ROW:
                raise Unread("unreadable-file.rows")
            yield reader.line_num > begun + 1, row
            begun = reader.line_num
    except csv.Error as failure:
        raise Unread("unreadable-file.quote", row=str(number + 1), line=str(begun + 1)) from failure


def _lines(text: str, delimiter: str) -> Iterator[str]:
    """The lines, none of which makes millions of cells."""
    for line in io.StringIO(text, newline=""):
        if line.count(delimiter) > LAST_COLUMN:
            raise Unread("unreadable-file.rows")
        yield line


def _value(field: str) -> str:
    """A field; of `="001234"`, with which programs keep Excel from dropping zeros, what stands in quotes."""
    found = _TEXT_BY_FORMULA.fullmatch(field)
    return field if found is None else found[1]


def _read(text: str, name: str, delimiter: str, doubt: Doubt | None, most_rows: int | None = None) -> DelimitedText:
    book, widths, broken = Book((TEXT_FORMAT,)), dict[int, tuple[int, int]](), list[int]()
    formulas: dict[tuple[int, int], str] = {}
    book.begin_sheet(name)
    for number, (is_broken, row) in enumerate(islice(_rows(text, delimiter), most_rows), start=1):
        if row:
            widths[number] = len(row), next((at for at in range(len(row), 0, -1) if row[at - 1].strip()), 0)
        if is_broken:
            broken.append(number)
        for column, field in enumerate(row):
            if field:
                value = _value(field)
                book.add(number, column, text_cell(value))
                if value is field and _FORMULA.match(field):
                    formulas[number, column] = field
    return DelimitedText(book, delimiter, doubt, widths, tuple(broken), formulas)
