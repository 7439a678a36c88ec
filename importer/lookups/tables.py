"""What a lookup is (a resource has a name, operations of a service, filters, columns and a function that asks), and its
rows: as a table in a language, or the service's own rows with every member (`--raw`)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import Enum, StrEnum
from functools import partial
from operator import attrgetter
from typing import Any

from importer.errors import AnswerUnclear, ImporterError
from importer.model.dates import LedgerDay
from importer.model.journals import DIMENSION_FIELDS
from importer.report.tables import Table, Value
from importer.services.responses import Envelope, JsonRows, json_rows
from importer.services.session import Session
from importer.translations import Language, has_text, say

Row = Any
"""What the asking function of a resource gives; its columns know how to read it."""


class FilterKind(StrEnum):
    """What a filter's value is. TEXT: str; NUMBER: int; PERIOD: `Period`; DAY: `date`; DIMENSION: the number 1 to 10
    of a dimension; SWITCH: bool."""

    TEXT = "text"
    NUMBER = "number"
    PERIOD = "period"
    DAY = "day"
    DIMENSION = "dimension"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter of a lookup. `name` is the argument of the resource's `ask`, `flag` its option when that is called
    otherwise; its help stands in the catalogues below `lookups.filter.` under `wording` or `name`. `is_place`: given by
    its position after the resource, without a flag."""

    name: str
    kind: FilterKind = FilterKind.TEXT
    flag: str = ""
    wording: str = ""
    is_required: bool = False
    is_repeatable: bool = False
    is_place: bool = False

    @property
    def option(self) -> str:
        """The option on the command line: `--payroll`."""
        return f"--{self.flag or self.name}"

    @property
    def help_key(self) -> str:
        """Where its help stands in the catalogues."""
        return f"lookups.filter.{self.wording or self.name}"

    @property
    def default(self) -> object:
        """What the asking function gets when the filter is not given."""
        if self.is_repeatable:
            return ()
        return {FilterKind.TEXT: "", FilterKind.SWITCH: False}.get(self.kind)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `name` is its member in JSON; `value` reads it from a row (otherwise the attribute of that name);
    `heading` is the key of its heading in the catalogues (otherwise `lookups.heading.NAME`), filled by `facts`.
    `words` is the key, with `{}` for the value, under which the catalogues may have words for a value."""

    name: str
    value: Callable[[Row], Any] | None = None
    heading: str = ""
    facts: Mapping[str, int] = field(default_factory=dict)
    words: str = ""

    def of(self, row: Row) -> Any:
        """The column's value in a row."""
        return attrgetter(self.name)(row) if self.value is None else self.value(row)

    @property
    def heading_key(self) -> str:
        """Where its heading stands in the catalogues."""
        return self.heading or f"lookups.heading.{self.name}"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can be asked for. `name` may have two words (`budget annual`), `also` are other names for it;
    `operation` is the operationId behind it; `ask` takes a session and the filters by name. No `columns` means that
    the rows are JSON values of an unknown shape. `branch` gives depth and text of a row where the rows are a tree.
    `has_caution`: the catalogues have a sentence on how the answer must not be read."""

    name: str
    operation: str
    ask: Callable[..., Iterable[Row]]
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    also: tuple[str, ...] = ()
    branch: Callable[[Row, Language], tuple[int, str]] | None = None
    has_caution: bool = False

    @property
    def key(self) -> str:
        """Its name in keys of the catalogues (`lookups.help.`, `lookups.title.`, `lookups.caution.`)."""
        return self.name.replace(" ", "-")


def columns(names: str) -> tuple[Column, ...]:
    """Columns that are attributes of a row, by their names apart by blanks; `name=member.member` where they differ."""
    named = (text.partition("=") for text in names.split())
    return tuple(Column(name, attrgetter(path) if path else None) for name, _, path in named)


def dimension_columns(prefix: str = "", attribute: str = "dimensions", words: str = "") -> tuple[Column, ...]:
    """A column for each of the ten dimensions, headed like those of the templates. `prefix` stands before each column's
    name, `attribute` is the member of a row with the tuple of ten values, `words` as in `Column`."""
    found = []
    for place, field_name in enumerate(DIMENSION_FIELDS):
        name = prefix + ("sda_organization" if field_name == "sdaOrganization" else field_name)
        value = partial(lambda place, row: getattr(row, attribute)[place], place)
        found.append(Column(name, value, f"form.journals.{field_name}.label", words=words))
    return tuple(found)


def table_of(
    resource: Resource, rows: Sequence[Row], language: Language, zone: tzinfo, *, in_words: bool = False
) -> Table:
    """The table of a resource's rows: headings in `language`, days in the company's time `zone`. `in_words`: marks and
    status numbers are shown in words, for people; otherwise they stay as they are, for programs."""
    shown = resource.columns or _found_columns(rows)
    headings = tuple(  # columns that were found in an answer are headed by the names that they have there
        column.name if column.heading == column.name else say(language, column.heading_key, **column.facts)
        for column in shown
    )
    cells = [[plain_value(column.of(row), zone) for column in shown] for row in rows]
    if in_words:
        cells = [
            [_in_words(value, column, language) for value, column in zip(row, shown, strict=True)] for row in cells
        ]
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

    def masked(row: object) -> object:
        try:
            return _masked(row, session.masking)
        except RecursionError as error:
            raise AnswerUnclear("unreadable") from error

    return JsonRows(rows, masked), failure


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
    if isinstance(value, str):
        return masking(value)
    if isinstance(value, dict):
        return {masking(str(name)): _masked(one, masking) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked(one, masking) for one in value]
    return value
