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

_ROW, _CELL = '<row r="', '<c r="'
_NUMBER = "^[1-9][0-9]{0,6}$"
_TAG = r'^(?: [A-Za-z0-9:]+="[^"<>&]*")* ?/?>\s*$'
_BARE = r"/>\s*$"
_LETTERS = "^[A-Z]{1,3}$"
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
    if not run.startswith(_ROW.encode()):
        raise NotPlain("no rows")
    try:
        rows = _rows(run.decode())
    except UnicodeDecodeError as error:
        raise NotPlain("no UTF-8") from error
    if not _is_in_order(rows):
        raise NotPlain("rows")
    rows = rows.with_columns(pl.col("digits").cast(pl.Int64).alias("number"))
    filled = rows.filter(pl.col("pieces").list.len() > 1).with_row_index("at")
    hidden = rows.filter(pl.col("tag").str.contains(_HIDDEN))["number"].to_list()
    ends = (rows["number"][0], rows["number"][-1])
    return Block(filled["number"].to_list(), _columns(filled) if filled.height else {}, ends, hidden)


def _rows(run: str) -> "pl.DataFrame":
    """A line a row: its pieces, cut at the starts of its cells; of the first piece the digits of the row's number and
    the rest of its tag."""
    import polars as pl

    line = pl.col("line")
    start = pl.col("pieces").list.first().str.splitn('"', 2).struct
    return (
        pl.LazyFrame({"line": [run]})
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
        raise NotPlain("a cell of another row")
    is_again = (pl.col("at") == pl.col("at").shift()).any()
    columns = (
        _without_blanks(cells).group_by("letters", maintain_order=True).agg("token", "at", is_again.alias("again"))
    )
    if columns["again"].any():
        raise NotPlain("a cell that stands there twice")
    if columns.height * rows.height > _MOST_PLACES:
        raise NotPlain("a few cells far from one another")
    tokens = dict(zip(columns["letters"].to_list(), columns["token"].to_list(), strict=True))
    with_holes = columns.filter(pl.col("at").list.len() < rows.height).select("letters", "at")
    tokens |= {letters: _spread(tokens[letters], at, rows.height) for letters, at in with_holes.iter_rows()}
    if None in tokens.pop("", [None]):
        raise NotPlain("a row without a number")
    return tokens


def _spread(tokens: Sequence[str], at: Sequence[int], height: int) -> list[str | None]:
    spread: list[str | None] = [None] * height
    for place, token in zip(at, tokens, strict=True):
        spread[place] = token
    return spread


def _without_blanks(cells: "pl.DataFrame") -> "pl.DataFrame":
    """The cells without those that have a style at most."""
    token = cells["token"]
    is_bare = token.str.ends_with("/>")
    if not is_bare.any():
        return cells
    is_blank = is_bare & ~token.str.contains(' t="', literal=True)
    letters = cells["letters"].filter(is_blank).unique()
    if not token.filter(is_blank).unique().str.contains(_BLANK).all() or not letters.str.contains(_LETTERS).all():
        raise NotPlain("blank cells")
    return cells.filter(~is_blank)
