"""All resources that can be looked up; their rows as a table in a language, or the service's own rows with every member
(`--raw`)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from enum import Enum
from typing import Any

from importer.errors import AnswerUnclear, ImporterError
from importer.lookups.company import COMPANY_RESOURCES, PEOPLE_RESOURCES
from importer.lookups.ledger import BUDGET_RESOURCES, LEDGER_RESOURCES
from importer.lookups.resources import Column, Resource, Row
from importer.model.dates import LedgerDay
from importer.report.tables import Table, Value
from importer.services.responses import Envelope, JsonRows, json_rows
from importer.services.session import Session
from importer.translations import Language, has_text, say

RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in (*COMPANY_RESOURCES, *LEDGER_RESOURCES, *PEOPLE_RESOURCES, *BUDGET_RESOURCES)
}
"""By name, in the order of the help; a name of two words is a group and its member."""


def table_of(
    resource: Resource, rows: Sequence[Row], language: Language, zone: tzinfo, *, in_words: bool = False
) -> Table:
    """The table of a resource's rows: headings in `language`, days in the company's time `zone`. `in_words`: marks and
    status numbers are shown in words, for people; otherwise they stay as they are, for programs."""
    shown = resource.columns or _found_columns(rows)
    headings = tuple(_heading(column, language) for column in shown)

    def value(column: Column, row: Row) -> Value:
        plain = plain_value(column.of(row), zone)
        return _in_words(plain, column, language) if in_words else plain

    cells = [[value(column, row) for column in shown] for row in rows]
    name = say(language, f"lookups.title.{resource.key}")
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
        return say(language, "lookups.word.yes" if value else "lookups.word.no")
    if value is None or not column.words:
        return value
    key = column.words.format(value)
    words = say(language, key) if has_text(language, key) else ""
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
        plain = name == "value"
        return Column(name, lambda row: row.get(name) if isinstance(row, dict) else row if plain else None, name)

    return tuple(found(name) for name in names)


DEEPEST = 8
"""Deeper members stay JSON in their cell."""


def ask_raw(
    resource: Resource, session: Session, given: Mapping[str, Any]
) -> tuple[Sequence[Any], ImporterError | None]:
    """Asks for a resource with the filters in `given`; the rows of every answer of the session in their order, as JSON
    values (numbers with decimals as Decimal), secrets masked, and the error that an answer could not be understood or
    the rest not asked for. Raises what the resource raises when nothing was answered."""
    heard: list[Envelope] = []
    session.heard = heard.append
    failure = None
    try:
        for _ in resource.ask(session, **given):
            pass
    except ImporterError as error:
        if not heard:
            raise
        failure = error
    finally:
        session.heard = None
    rows = [row for envelope in heard for row in json_rows(envelope.response)]
    return JsonRows(rows, lambda row: _masked(row, session.masking)), failure


def flat_rows(rows: Iterable[Any]) -> list[Any]:
    """The rows for a table: members of members are named `outer.inner`, and a list of objects (a journal's lines) is a
    row for each of them. What is no object stays as it is."""
    return [flat for row in rows for flat in (_flattened(row, "", DEEPEST) if isinstance(row, dict) else [row])]


def _flattened(row: Mapping[str, Any], prefix: str, depth: int) -> list[dict[str, Any]]:
    plain: dict[str, Any] = {}
    below: list[dict[str, Any]] = []
    for name, value in row.items():
        place = f"{prefix}{name}"
        if depth and isinstance(value, dict) and value:
            first, *more = _flattened(value, f"{place}.", depth - 1)
            plain |= first
            below += more
        elif depth and isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            below += [flat for one in value for flat in _flattened(one, f"{place}.", depth - 1)]
        else:
            plain[place] = value
    return [plain | flat for flat in below] or [plain]


def _masked(value: object, masking: Callable[[str], str]) -> object:
    try:
        return _masked_within(value, masking)
    except RecursionError as error:
        raise AnswerUnclear("unreadable") from error


def _masked_within(value: object, masking: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return masking(value)
    if isinstance(value, dict):
        return {masking(str(name)): _masked_within(one, masking) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked_within(one, masking) for one in value]
    return value
