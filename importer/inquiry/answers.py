"""The rows of a resource as a table: in a language, with days in the company's time zone."""

from collections.abc import Sequence
from datetime import tzinfo
from enum import Enum
from typing import Any

from importer.inquiry.resources import Column, Resource, Row
from importer.language import Language, is_told, say
from importer.model.days import LedgerDay
from importer.report.tables import Table, Value


def table_of(
    resource: Resource, rows: Sequence[Row], language: Language, zone: tzinfo, *, in_words: bool = False
) -> Table:
    """The table of a resource's rows. `in_words`: marks and status numbers are told in words, for people to read;
    otherwise they stay as they are, for programs."""
    shown = resource.columns or _found_columns(rows)
    headings = tuple(_heading(column, language) for column in shown)

    def value(column: Column, row: Row) -> Value:
        plain = plain_value(column.of(row), zone)
        return _in_words(plain, column, language) if in_words else plain

    cells = [[value(column, row) for column in shown] for row in rows]
    name = say(language, f"inquiry.title.{resource.key}")
    return Table(name, headings, cells, tuple(column.name for column in shown))


def plain_value(value: Any, zone: tzinfo) -> Value:
    """A value of an answer as tables hold it: an instant of the ledger is its day there, or the whole instant when it
    is not midnight there; one outside the years 1 to 9999 stays the number that it was."""
    if isinstance(value, LedgerDay):
        try:
            return value.day_in(zone) or value.shown_in(zone)
        except OverflowError:
            return value.milliseconds
    if isinstance(value, Enum):
        return str(value.value)
    plain: Value = value
    return plain


def _in_words(value: Value, column: Column, language: Language) -> Value:
    """A number keeps its figure before the words."""
    if isinstance(value, bool):
        return say(language, "inquiry.word.yes" if value else "inquiry.word.no")
    if value is None or not column.words:
        return value
    key = column.words.format(value)
    words = say(language, key) if is_told(language, key) else ""
    return f"{value} {words}".rstrip() if isinstance(value, int) else words or value


def _heading(column: Column, language: Language) -> str:
    """Columns that were found in an answer are headed by the names that they have there."""
    if column.heading == column.name:
        return column.name
    return say(language, column.heading_key, **column.facts)


def _found_columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    """The members of JSON objects in the order in which they appear; one column `value` for what is no object."""
    names = dict.fromkeys(str(name) for row in rows if isinstance(row, dict) for name in row)
    if any(not isinstance(row, dict) for row in rows):
        names = dict.fromkeys([*names, "value"])

    def found(name: str) -> Column:
        if name == "value":
            return Column(name, lambda row: row.get(name) if isinstance(row, dict) else row, name)
        return Column(name, lambda row: row.get(name) if isinstance(row, dict) else None, name)

    return tuple(found(name) for name in names)
