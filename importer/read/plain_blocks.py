"""A run of rows as columns of tokens, by polars and without Python's lock: the bytes are cut at the starts of rows and
cells, and nothing is looked at one by one.

A token is what stands of a cell behind its reference: ` s="1" t="s"><v>12</v></c>`. What is cut too short or too long
(by a comment, by CDATA) makes a token that stands for nothing, and `plain_cells` says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.read.survey import LAST_ROW

if TYPE_CHECKING:
    import polars as pl

_HEAD = r'^r="([1-9][0-9]{0,6})"((?: [A-Za-z0-9:]+="[^"<>&]*")*) ?(/?)>\s*$'
_BLANK = r'^(?: [a-z]+="[A-Za-z0-9]*")* ?/>$'
_HIDDEN = r' hidden="(?:1|true)"'

_MOST_PLACES = 8_000_000


class NotPlain(ValueError):
    """The XML of a sheet has another shape than spreadsheet programs give it."""


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of a run that have cells, the tokens of each column by its letters (None where a row has none), the
    numbers of the run's first and last row, and those of the hidden ones."""

    rows: Sequence[int]
    columns: dict[str, list[str | None]]
    ends: tuple[int, int] | None
    hidden: Sequence[int]


def block_of(run: bytes) -> Block:
    """The rows in a run of whole `<row>` elements; blank cells are left out. Raises NotPlain."""
    import polars as pl

    run = run.lstrip(b" \n\r\t")
    if not run:
        return Block((), {}, None, ())
    if not run.startswith(b"<row "):
        raise NotPlain("no rows")
    try:
        rows = _rows(run.decode())
    except UnicodeDecodeError as error:
        raise NotPlain("no UTF-8") from error
    number = rows["number"]
    last = number[-1]
    if not rows["is_whole"].all() or not _is_ascending(number) or last > LAST_ROW:
        raise NotPlain("rows")
    hidden = number.filter(rows["is_hidden"]).to_list()
    filled = rows.filter(pl.col("cells").list.len() > 0).with_row_index("at")
    columns = _columns(filled) if filled.height else {}
    return Block(filled["number"].to_list(), columns, (number[0], last), hidden)


def _rows(run: str) -> "pl.DataFrame":
    """A line a row; the numbers of rows that are not written as they should be are a hole, and the row not whole."""
    import polars as pl

    line, head = pl.col("line"), pl.col("head").struct
    return (
        pl.LazyFrame({"line": [run]})
        .select(line.str.split("<row ").explode())
        .slice(1)
        .select(line.str.strip_chars_end(" \n\r\t"))
        .select(
            line.str.strip_suffix("</row>").str.split('<c r="').alias("cells"),
            line.str.ends_with("</row>").alias("is_closed"),
        )
        .with_columns(pl.col("cells").list.first().str.extract_groups(_HEAD).alias("head"))
        .select(
            head[0].cast(pl.Int64).fill_null(0).alias("number"),
            head[0].alias("digits"),
            head[1].str.contains(_HIDDEN).fill_null(False).alias("is_hidden"),
            "is_closed",
            ((head[2] == "") == pl.col("is_closed")).fill_null(False).alias("is_whole"),
            pl.col("cells").list.slice(1),
        )
        .with_columns(pl.col("is_whole") & (pl.col("is_closed") | (pl.col("cells").list.len() == 0)))
        .collect()
    )


def _is_ascending(numbers: "pl.Series") -> bool:
    return bool((numbers.diff(null_behavior="drop") > 0).all())


def _columns(rows: "pl.DataFrame") -> dict[str, list[str | None]]:
    import polars as pl

    reference = pl.col("parts").struct[0]
    cells = (
        rows.lazy()
        .select("at", "digits", "cells")
        .explode("cells")
        .select("at", "digits", pl.col("cells").str.splitn('"', 2).alias("parts"))
        .select(
            "at",
            reference.str.strip_chars_end("0123456789").alias("letters"),
            reference.alias("reference"),
            "digits",
            pl.col("parts").struct[1].alias("token"),
        )
        .with_columns((pl.col("letters") + pl.col("digits") == pl.col("reference")).alias("is_here"))
        .collect()
    )
    if not cells["is_here"].all() or cells["token"].null_count():
        raise NotPlain("a cell of another row")
    is_blank = cells["token"].str.ends_with("/>") & ~cells["token"].str.contains(' t="', literal=True)
    if not cells["token"].filter(is_blank).unique().str.contains(_BLANK).all():
        raise NotPlain("blank cells")
    filled = cells.filter(~is_blank).select("letters", "at", "token")
    parts = filled.partition_by("letters", as_dict=True, include_key=False)
    if len(parts) * rows.height > _MOST_PLACES:
        raise NotPlain("a few cells far from one another")
    return {str(letters): _dense(part, rows.height) for (letters,), part in parts.items()}


def _dense(part: "pl.DataFrame", height: int) -> list[str | None]:
    """The tokens of a column by their rows' places."""
    import polars as pl

    places = part["at"].cast(pl.Int64)
    if not _is_ascending(places):
        raise NotPlain("a cell that stands there twice")
    tokens: list[str | None] = part["token"].to_list()
    if len(tokens) == height:
        return tokens
    dense: list[str | None] = [None] * height
    for place, token in zip(places.to_list(), tokens, strict=True):
        dense[place] = token
    return dense
