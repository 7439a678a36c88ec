"""The cell rules of a form as a pandera schema: each check is named by the problem code it leads to.

The frame holds the canonical texts of `model.sheets.CellText`; nothing is coerced (a failed coercion is
reported twice, or
without a row: notes/readers-and-speed, section 4). Patterns say [0-9]: `\\d` takes the digits of every script.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from importer.templates.columns import Column, Kind
from importer.templates.forms import Form

if TYPE_CHECKING:
    import pandera.polars as pa
    import polars as pl

    Claim = Callable[[pl.Expr], pl.Expr]

MOST_DIGITS = 15
"""Excel keeps 15 significant digits of a number."""

# Control characters, line and paragraph separators, zero-width blanks and the marks that turn the reading direction.
INVISIBLE = r"[\x00-\x1f\x7f-\x9f\u{200b}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}]"
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_ISO_DAY = r"^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a good cell fulfils: `claim` makes a Boolean expression of the column's; blank cells are not asked."""

    code: str
    claim: "Claim"


def rules_of(column: Column, last_period: int) -> Iterator[Rule]:
    """The rules of a column, most telling first: of several that fail on a cell the first is the problem."""
    yield Rule("control-character", lambda text: ~text.str.contains(INVISIBLE))
    match column.kind:
        case Kind.INTEGER:
            pattern = r"^[1-9][0-9]{0,8}$" if column.least > 0 else r"^(0|[1-9][0-9]{0,8})$"
            yield Rule("not-an-integer", lambda text: text.str.contains(pattern))
        case Kind.AMOUNT:
            yield Rule("not-a-number", lambda text: text.str.contains(_NUMBER))
            yield Rule("not-positive", lambda text: ~text.str.contains(r"^-|^0*(\.0*)?$"))
            yield Rule("too-many-decimals", lambda text: ~text.str.contains(r"\.[0-9]{3}"))
            yield Rule("too-long", lambda text: text.str.count_matches("[0-9]") <= MOST_DIGITS)
        case Kind.DATE:
            yield Rule("not-a-date", _is_day)
        case Kind.PERIOD:
            yield Rule("bad-period", lambda text: text.str.contains(period_pattern(last_period)))
        case Kind.CHOICE:
            # The reader hands a column's own choices on in capitals (`model.sheets.CellText`).
            choices = [choice.upper() for choice in column.choices]
            yield Rule("bad-choice", lambda text: text.is_in(choices))
        case Kind.KEY | Kind.CODE | Kind.TEXT | Kind.FILES:
            pass
    if column.length is not None:
        limit = column.length
        yield Rule("too-long", lambda text: text.str.len_chars() <= limit)


def _is_day(text: "pl.Expr") -> "pl.Expr":
    is_real = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return text.is_null() | (text.str.contains(_ISO_DAY) & is_real)


@cache
def period_pattern(last_period: int) -> str:
    """The pattern of `yyyyppp`, as `model.periods` takes it, with ppp from 001 to `last_period` (12, or more where the
    ledger has adjustment periods)."""
    numbers = "|".join(f"{number:03d}" for number in range(1, last_period + 1))
    return f"^[1-9][0-9]{{3}}({numbers})$"


REQUIRED = "required"


@cache
def schema_of(form: Form, fields: tuple[str, ...], last_period: int) -> "pa.DataFrameSchema":
    """The schema of a form's columns that stand on a sheet; a required column may hold no null."""
    import pandera.polars as pa
    import polars as pl

    def check(rule: Rule) -> pa.Check:
        # pandera hands a check the frame and the column's name and wants a frame of one Boolean column back.
        return pa.Check(lambda data: data.lazyframe.select(rule.claim(pl.col(data.key))), name=rule.code)

    columns = {}
    for field in fields:
        column = form.column(field)
        checks = [check(rule) for rule in rules_of(column, last_period)]
        columns[field] = pa.Column(pl.String, checks=checks, nullable=not column.required)
    return pa.DataFrameSchema(columns)
