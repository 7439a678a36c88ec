"""The fast reader: a sheet's rows in the shape of XML that spreadsheet programs write, and in no other.

Whatever differs (comments, CDATA, single quotes, cells without a reference, another encoding) raises UnsupportedXml,
and the exact reader is asked. The bytes are read a megabyte at a time and cut at the starts of rows and cells by
polars, on all processors and without Python's lock, while this thread makes texts of the last ones.

A token is what stands of a cell behind its reference: ` s="1" t="s"><v>12</v></c>`. What is cut too short or too long
(by a comment, by CDATA) makes a token that is no raw cell.
"""

import os
import re
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from importer.xlsx.cell_texts import FastCells
from importer.xlsx.exact_reader import fill_metadata
from importer.xlsx.package import Package, SheetPart, parsed
from importer.xlsx.values import LAST_COLUMN, LAST_ROW, RowBatch, SheetMetadata, SheetRows, UnsupportedXml, column_index

if TYPE_CHECKING:
    import polars as pl

_CHUNK = 1024 * 1024
"""Four times as much takes a hundred megabytes more memory and no less time."""

_LONGEST_ROW = 64 * 1024 * 1024
_MOST_AT_ONCE = 4
_AHEAD = 4
"""Runs that are cut up before the first of them is asked for."""

_SHEET_DATA = re.compile(rb"<(?:[\w.-]+:)?sheetData ?/?>")
_ROOT = re.compile(rb"<(?:([\w.-]+):)?worksheet[ >]")
_UTF8 = re.compile(
    rb"""<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?(?: standalone=["'](?:yes|no)["'])? ?\?>""", re.I
)
_UNPREFIXED = re.compile(rb"<(?:row|c|v|f|is|t)[ />]")
_ROW_OR_CELL = re.compile(rb"<(?:row|c)[ />]")
_INDENTED = re.compile(rb">[ \t\r\n]+<(?:c |v>|is>|/c>)")
_NUMBERED_ROW = re.compile(rb'<row r="[1-9][0-9]*"')
_LETTERS = re.compile("[A-Z]{1,3}")


def import_polars() -> None:
    """Imports polars (0.2 s), for whoever has time for it before.

    It puts its own SIGINT handler below Python's, which then never interrupts a call that waits: Python's is put back.
    """
    import_module("polars")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))


def fast_rows(
    package: Package,
    sheet: SheetPart,
    meanwhile: Callable[[], None] = lambda: None,
    wanted: Collection[int] | None = None,
) -> SheetRows:
    """The rows of a sheet, blank ones left out. Reading them raises UnsupportedXml as soon as anything cannot be told
    from the bytes; `meanwhile` is called once while they are parsed.

    Of a sheet that has been read before, by either reader, `wanted` are the numbers of the rows to give again: the
    others are passed over as bytes, and only those given are looked at, hidden ones too.
    """
    metadata, cells = package.context.new_metadata(), FastCells(package.context)

    def batches() -> Iterator[RowBatch]:
        with package.open(sheet) as xml:
            whole = _Sheet(xml)
            runs = whole.runs() if wanted is None else _wanted_rows(whole.runs(), wanted)
            yield from _batches(_blocks(runs, meanwhile), metadata)
            fill_metadata(metadata, whole.frame())

    return SheetRows(batches(), cells.value_of, cells.raw_cell, metadata, package.context)


def _batches(blocks: Iterator["_Block"], metadata: SheetMetadata) -> Iterator[RowBatch]:
    last = 0
    for block in blocks:
        if block.ends is not None:
            first, before, last = block.ends[0], last, block.ends[1]
            if first <= before:
                raise UnsupportedXml("rows out of order")
        metadata.hidden_rows.update(block.hidden)
        metadata.has_struck = metadata.has_struck or block.has_struck
        if block.columns:
            yield RowBatch(block.rows, {_index_of(letters): tokens for letters, tokens in block.columns.items()})


@cache
def _index_of(letters: str) -> int:
    index = column_index(letters) if _LETTERS.fullmatch(letters) else LAST_COLUMN + 1
    if index > LAST_COLUMN:
        raise UnsupportedXml(letters[:40])
    return index


class _Sheet:
    """A sheet's XML as runs of whole rows, and what stands around them."""

    def __init__(self, xml: IO[bytes]) -> None:
        self._xml = xml
        self._head, self._rest = self._cut_head()
        self._tail = b""
        root = _ROOT.search(self._head)
        start = self._head.removeprefix(b"\xef\xbb\xbf")
        if root is None or b"<!" in self._head or not (_UTF8.match(start) or start.startswith(root[0])):
            raise UnsupportedXml("no sheet in UTF-8, or a comment")
        self._prefix = root[1] + b":" if root[1] else b""
        if _ROW_OR_CELL.search(self._without_prefix(self._head)):
            raise UnsupportedXml("rows before the rows")

    def _cut_head(self) -> tuple[bytes, bytes]:
        """What stands before the rows, and what was read beyond; nothing when there are no rows."""
        text = b""
        while len(text) < _LONGEST_ROW and (chunk := self._xml.read(_CHUNK)):
            text += chunk
            found = _SHEET_DATA.search(text)
            if found is not None:
                # An empty <sheetData/> is one that ends at once.
                ending = found[0].replace(b"<", b"</", 1).replace(b"/>", b">") if found[0].endswith(b"/>") else b""
                return text[: found.start()], ending + text[found.end() :]
        return b"", b""

    def runs(self) -> Iterator[bytes]:
        """Runs of whole rows, without a prefix of their elements (`<x:row>`, as the Open XML SDK writes them). Raises
        UnsupportedXml when the rows do not end, or begin again, or the sheet does not end."""
        for run in self._runs():
            if b" xmlns" in run or (self._prefix and _UNPREFIXED.search(run)):
                raise UnsupportedXml("elements of other namespaces")
            yield self._without_prefix(run)

    def _runs(self) -> Iterator[bytes]:
        start, end, rest = b"<" + self._prefix + b"row", b"</" + self._prefix + b"sheetData>", self._rest
        while end not in rest:
            cut = rest.rfind(start)
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
            chunk = self._xml.read(_CHUNK)
            if not chunk or len(rest) > _LONGEST_ROW:
                raise UnsupportedXml("rows without an end")
            rest += chunk
        rows, _, tail = rest.partition(end)
        yield rows
        self._tail = tail + self._xml.read(_LONGEST_ROW)
        if len(self._tail) >= _LONGEST_ROW or b"<!" in self._tail or b"sheetData" in self._tail:
            raise UnsupportedXml("rows that begin again, or too much to tell")
        if _ROW_OR_CELL.search(self._without_prefix(self._tail)):
            raise UnsupportedXml("rows behind the rows")

    def frame(self) -> Element:
        """The sheet without its rows. Raises UnsupportedXml when the XML around them is broken."""
        try:
            root: Element = parsed(self._head + self._tail)
        except (ParseError, ValueError) as error:
            raise UnsupportedXml("the XML around the rows") from error
        return root

    def _without_prefix(self, xml: bytes) -> bytes:
        prefix = self._prefix
        return xml.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else xml


def _wanted_rows(runs: Iterator[bytes], wanted: Collection[int]) -> Iterator[bytes]:
    """Of runs of rows those with the `wanted` numbers, in runs of their own. The sheet has been read: its numbers never
    descend. Raises UnsupportedXml when a row is not found as programs write it or may stand in several elements, and
    where a comment may hold rows."""
    left, found, size, last = deque(sorted(wanted)), list[bytes](), 0, b"\0"
    for run in runs:
        if b"<!" in run or b"<?" in run:
            raise UnsupportedXml("a comment")
        end = run.find(b"<row")
        while end >= 0:
            if run.startswith(last, end) or not run.startswith(b'<row r="', end):
                raise UnsupportedXml("a row in several elements")
            start = run.find(b'<row r="%d"' % left[0], end) if left else -1
            if start < 0:
                break
            _check_row_before(run, start)
            last, end = b'<row r="%d"' % left.popleft(), run.find(b"<row", start + 1)
            found.append(run[start:] if end < 0 else run[start:end])
            size += len(found[-1])
        _check_row_before(run, len(run))
        if size >= _CHUNK:
            yield b"".join(found)
            found, size = [], 0
    if left:
        raise UnsupportedXml("a row that is not there")
    yield b"".join(found)


def _check_row_before(run: bytes, end: int) -> None:
    """Raises UnsupportedXml where the last row before `end` may be the first piece of the row that begins there: one
    whose number is missing or written otherwise, or whose element has a prefix."""
    start = run.rfind(b"<row", 0, end)
    if (start >= 0 and not _NUMBERED_ROW.match(run, start)) or run.find(b":row", max(start, 0), end) >= 0:
        raise UnsupportedXml("a row in several elements")


def _blocks(runs: Iterator[bytes], meanwhile: Callable[[], None]) -> Iterator["_Block"]:
    """The blocks of runs of rows in their order, the next ones under way: one thread unpacks, others cut."""
    import_polars()
    unpacking = ThreadPoolExecutor(1)
    cutting = ThreadPoolExecutor(min(_MOST_AT_ONCE, os.cpu_count() or 1))

    def block_in(unpacked: "Future[bytes | None]") -> "_Block | None":
        run = unpacked.result()
        return None if run is None else _block_of(run)

    def next_block() -> "Future[_Block | None]":
        return cutting.submit(block_in, unpacking.submit(next, runs, None))

    try:
        under_way = deque(next_block() for _ in range(_AHEAD))
        meanwhile()
        while block := under_way.popleft().result():
            under_way.append(next_block())
            yield block
    finally:
        for pool in (cutting, unpacking):
            pool.shutdown(cancel_futures=True)


_ROW, _CELL = '<row r="', '<c r="'
_NUMBER = "^[1-9][0-9]{0,6}$"
_TAG = r'^(?: [A-Za-z0-9:]+="[^"<>&]*")* ?/?>\s*$'
_BARE = r"/>\s*$"
_COLUMN_LETTERS = "^[A-Z]{1,3}$"
_BLANK = r'^(?: [a-z]+="[A-Za-z0-9]*")* ?/>$'
_HIDDEN = r' (?:hidden="(?:1|true)"|ht="0(?:\.0*)?")'
_BETWEEN_ELEMENTS = r">[ \t\r\n]+<(c|/c|v|f|is|/is|t|/row)\b"
"""White space in front of these tags is never a part of a text."""

_MOST_PLACES = 8_000_000


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of a run that have cells, the tokens of each column by its letters (None where a row has none), the
    numbers of the run's first and last row, those of the hidden ones, and whether a cell's own text may be struck
    through."""

    rows: Sequence[int]
    columns: dict[str, list[str | None]]
    ends: tuple[int, int] | None
    hidden: Sequence[int]
    has_struck: bool


def _block_of(run: bytes) -> _Block:
    """The rows in a run of whole `<row>` elements, without blank cells. Raises UnsupportedXml."""
    import polars as pl

    run = run.lstrip(b" \n\r\t")
    if not run:
        return _Block((), {}, None, (), has_struck=False)
    if not run.startswith(_ROW.encode()):
        raise UnsupportedXml("no rows")
    try:
        rows = _rows(run.decode(), is_indented=_INDENTED.search(run, 0, 4096) is not None)
    except UnicodeDecodeError as error:
        raise UnsupportedXml("no UTF-8") from error
    if not _is_in_order(rows):
        raise UnsupportedXml("rows")
    rows = rows.with_columns(pl.col("digits").cast(pl.Int64).alias("number"))
    filled = rows.filter(pl.col("pieces").list.len() > 1).with_row_index("at")
    hidden = rows.filter(pl.col("tag").str.contains(_HIDDEN))["number"].to_list()
    ends = (rows["number"][0], rows["number"][-1])
    columns = _columns(filled) if filled.height else {}
    return _Block(filled["number"].to_list(), columns, ends, hidden, has_struck=b"<strike" in run)


def _rows(run: str, *, is_indented: bool) -> "pl.DataFrame":
    """A line a row: its pieces, cut at the starts of its cells; of the first piece the digits of the row's number and
    the rest of its tag."""
    import polars as pl

    line = pl.col("line")
    start = pl.col("pieces").list.first().str.splitn('"', 2).struct
    return (
        pl.LazyFrame({"line": [run]})
        .select(line.str.replace_all(_BETWEEN_ELEMENTS, "><${1}") if is_indented else line)
        .select(line.str.split(_ROW).explode())
        .slice(1)
        .select(line.str.strip_chars_end(" \n\r\t"))
        .select(
            line.str.ends_with("</row>").alias("is_closed"),
            line.str.strip_suffix("</row>").str.split(_CELL).alias("pieces"),
        )
        .with_columns(start[0].alias("digits"), start[1].alias("tag"))
        .collect()
    )


def _is_in_order(rows: "pl.DataFrame") -> bool:
    """True when the rows are whole and written as they should be, and their numbers ascend."""
    import polars as pl

    digits, tag, is_closed = pl.col("digits"), pl.col("tag"), pl.col("is_closed")
    number = digits.cast(pl.Int64, strict=False)
    claims = rows.select(
        digits.str.contains(_NUMBER).all().alias("number"),
        tag.unique().str.contains(_TAG).fill_null(False).all().alias("tag"),
        (tag.str.contains(_BARE) != is_closed).all().alias("end"),
        (is_closed | (pl.col("pieces").list.len() == 1)).all().alias("blank"),
        (number.diff(null_behavior="drop") > 0).all().alias("order"),
        (number.last() <= LAST_ROW).alias("last"),
    )
    return claims.row(0) == (True,) * claims.width


def _columns(rows: "pl.DataFrame") -> dict[str, list[str | None]]:
    """The tokens by the letters of their columns: each piece is cut behind the number of its row. A cell of another row
    has none to be cut behind, or no letters before it."""
    import polars as pl

    cut = pl.col("pieces").str.splitn(pl.col("behind"), 2).struct.rename_fields(["letters", "token"])
    cells = (
        rows.lazy()
        .select("at", "pieces", (pl.col("digits") + '"').alias("behind"))
        .explode("pieces")
        .select("at", cut.alias("cut"))
        .unnest("cut")
        .collect()
    )
    if cells["token"].null_count():
        raise UnsupportedXml("a cell of another row")
    columns = _without_blanks(cells).group_by("letters", maintain_order=True).agg("token", "at")
    if columns.select((pl.col("at").list.n_unique() < pl.col("at").list.len()).any()).item():
        raise UnsupportedXml("a cell that stands there twice")
    if columns.height * rows.height > _MOST_PLACES:
        raise UnsupportedXml("a few cells far from one another")
    tokens = dict(zip(columns["letters"].to_list(), columns["token"].to_list(), strict=True))
    for letters, at in columns.filter(pl.col("at").list.len() < rows.height).select("letters", "at").iter_rows():
        of_rows = dict(zip(at, tokens[letters], strict=True))
        tokens[letters] = [of_rows.get(row) for row in range(rows.height)]
    if None in tokens.pop("", [None]):
        raise UnsupportedXml("a row without a number")
    return tokens


def _without_blanks(cells: "pl.DataFrame") -> "pl.DataFrame":
    """The cells without those that have a style at most."""
    token = cells["token"]
    is_bare = token.str.ends_with("/>")
    if not is_bare.any():
        return cells
    is_blank = is_bare & ~token.str.contains(' t="', literal=True)
    letters = cells["letters"].filter(is_blank).unique()
    if (
        not token.filter(is_blank).unique().str.contains(_BLANK).all()
        or not letters.str.contains(_COLUMN_LETTERS).all()
    ):
        raise UnsupportedXml("blank cells")
    return cells.filter(~is_blank)
