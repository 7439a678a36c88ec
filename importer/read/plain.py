"""The fast reader: a sheet's rows in the shape of XML that spreadsheet programs write, and in no other.

Whatever differs (comments, CDATA, single quotes, cells without a reference, another encoding) raises NotPlain, and the
careful reader is asked. The bytes are read a few megabytes at a time; `plain_blocks` cuts those up on all processors
while this thread makes texts of the last ones.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

from importer.lazy_polars import import_polars
from importer.read.plain_blocks import Block, NotPlain, block_of
from importer.read.survey import LAST_COLUMN, column_of, merged_in
from importer.read.values import Hidden, Merged, Stretch

_CHUNK = 4 * 1024 * 1024
_LONGEST_ROW = 64 * 1024 * 1024
_MOST_AT_ONCE = 4
_AHEAD = 6
"""Runs that are cut up before the first of them is asked for."""

_SHEET_DATA = re.compile(rb"<(?:[\w.-]+:)?sheetData ?/?>")
_ROOT = re.compile(rb"<(?:([\w.-]+):)?worksheet[ >]")
_UTF8 = re.compile(
    rb"""<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?(?: standalone=["'](?:yes|no)["'])? ?\?>""", re.I
)
_UNPREFIXED = re.compile(rb"<(?:row|c|v|f|is|t)[ />]")
_ROW_OR_CELL = re.compile(rb"<(?:row|c)[ />]")
_ANY_MERGE = re.compile(rb"<mergeCell\b")
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:]+)" ?/?>')
_COLUMN = re.compile(rb'<col((?: [A-Za-z0-9:]+="[^"<>&]*")*) ?(?:/>|></col>)')
_LETTERS = re.compile("[A-Z]{1,3}")


def plain_stretches(xml: IO[bytes], hidden: Hidden, meanwhile: Callable[[], None]) -> Iterator[Stretch]:
    """The rows of a sheet's XML, blank ones left out; `hidden` is filled with what is hidden.

    `meanwhile` is called once, while others work. Raises NotPlain as soon as anything cannot be told from the bytes.
    """
    head, rest = _head(xml)
    root = _ROOT.search(head)
    start = head.removeprefix(b"\xef\xbb\xbf")
    if root is None or b"<!" in head or not (_UTF8.match(start) or start.startswith(root[0])):
        raise NotPlain("no sheet in UTF-8, or a comment")
    prefix = root[1] + b":" if root[1] else b""
    if _ROW_OR_CELL.search(_without(prefix, head)):
        raise NotPlain("rows before the rows")
    hidden.columns += _hidden_columns(_without(prefix, head))
    last = 0
    runs = (_of_one_namespace(prefix, run) for run in _runs(xml, rest, prefix, hidden))
    for block in _blocks(runs, meanwhile):
        if block.ends is not None:
            first, before, last = block.ends[0], last, block.ends[1]
            if first <= before:
                raise NotPlain("rows out of order")
        hidden.rows.update(block.hidden)
        if block.columns:
            yield Stretch(block.rows, {_index_of(letters): tokens for letters, tokens in block.columns.items()})


def _blocks(runs: Iterator[bytes], meanwhile: Callable[[], None]) -> Iterator[Block]:
    """The blocks of runs of rows in their order, the next ones under way: one thread unpacks, others cut."""
    import_polars()
    unpacking = ThreadPoolExecutor(1)
    cutting = ThreadPoolExecutor(min(_MOST_AT_ONCE, os.cpu_count() or 1))

    def next_block() -> Future[Block | None]:
        return cutting.submit(_block_in, unpacking.submit(next, runs, None))

    try:
        under_way = deque(next_block() for _ in range(_AHEAD))
        meanwhile()
        while block := under_way.popleft().result():
            under_way.append(next_block())
            yield block
    finally:
        for pool in (cutting, unpacking):
            pool.shutdown(cancel_futures=True)


def _block_in(unpacked: "Future[bytes | None]") -> Block | None:
    run = unpacked.result()
    return None if run is None else block_of(run)


def _index_of(letters: str) -> int:
    index = column_of(letters) if _LETTERS.fullmatch(letters) else LAST_COLUMN + 1
    if index > LAST_COLUMN:
        raise NotPlain(letters[:40])
    return index


def _without(prefix: bytes, xml: bytes) -> bytes:
    """Elements without their namespace's prefix (`<x:row>`, as the Open XML SDK writes them)."""
    return xml.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else xml


def _of_one_namespace(prefix: bytes, run: bytes) -> bytes:
    if b" xmlns" in run or (prefix and _UNPREFIXED.search(run)):
        raise NotPlain("elements of other namespaces")
    return _without(prefix, run)


def _head(xml: IO[bytes]) -> tuple[bytes, bytes]:
    """What stands before the rows, and what was read beyond; nothing when there are no rows."""
    text = b""
    while len(text) < _LONGEST_ROW and (chunk := xml.read(_CHUNK)):
        text += chunk
        found = _SHEET_DATA.search(text)
        if found is not None:
            # An empty <sheetData/> is one that ends at once.
            ending = found[0].replace(b"<", b"</", 1).replace(b"/>", b">") if found[0].endswith(b"/>") else b""
            return text[: found.start()], ending + text[found.end() :]
    return b"", b""


def _runs(xml: IO[bytes], rest: bytes, prefix: bytes, hidden: Hidden) -> Iterator[bytes]:
    """Runs of whole rows. Raises NotPlain when the rows do not end, or begin again, or the sheet does not end."""
    start, end = b"<" + prefix + b"row", b"</" + prefix + b"sheetData>"
    while end not in rest:
        cut = rest.rfind(start)
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
        chunk = xml.read(_CHUNK)
        if not chunk or len(rest) > _LONGEST_ROW:
            raise NotPlain("rows without an end")
        rest += chunk
    rows, _, behind = rest.partition(end)
    yield rows
    behind += xml.read(_LONGEST_ROW)
    if len(behind) >= _LONGEST_ROW or b"<!" in behind or b"sheetData" in behind:
        raise NotPlain("rows that begin again, or too much to tell")
    behind = _without(prefix, behind)
    if _ROW_OR_CELL.search(behind) or not behind.rstrip(b" \n\r\t").endswith(b"</worksheet>"):
        raise NotPlain("rows behind the rows, or no end")
    hidden.merged += _merged_cells(behind)


def _merged_cells(behind: bytes) -> Iterator[Merged]:
    found = _MERGE.findall(behind)
    if len(found) < len(_ANY_MERGE.findall(behind)):
        raise NotPlain("merged cells")
    for reference in found:
        merged = merged_in(reference.decode())
        if merged is None:
            raise NotPlain("merged cells")
        yield merged


def _hidden_columns(head: bytes) -> Iterator[range]:
    before, _, behind = head.partition(b"<cols>")
    columns, closing, after = behind.partition(b"</cols>")
    if b"<col" in before + after or (behind and not closing):
        raise NotPlain("columns")
    position = 0
    while column := _COLUMN.match(columns, position):
        position = column.end()
        marks = dict(re.findall(rb'(\w+)="([^"]*)"', column[1]))
        if marks.get(b"hidden") in (b"1", b"true"):
            yield range(int(marks[b"min"]) - 1, int(marks[b"max"]))
    if position < len(columns):
        raise NotPlain("columns")
