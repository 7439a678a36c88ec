"""The types of lookups: a resource has a name, operations of a service, filters, columns and a function that asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any

from importer.model.journals import DIMENSION_FIELDS
from importer.translations import Language

Row = Any
"""What the asking function of a resource gives; its columns know how to read it."""

DIMENSION_NAMES = tuple("sda_organization" if name == "sdaOrganization" else name for name in DIMENSION_FIELDS)


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
    """Columns that are attributes of a row, by their names apart by blanks."""
    return tuple(Column(name) for name in names.split())


def dimension_columns(prefix: str = "", attribute: str = "dimensions", words: str = "") -> tuple[Column, ...]:
    """A column for each of the ten dimensions, headed like those of the templates. `prefix` stands before each column's
    name, `attribute` is the member of a row with the tuple of ten values, `words` as in `Column`."""

    def reading(place: int) -> Callable[[Row], Any]:
        return lambda row: getattr(row, attribute)[place]

    return tuple(
        Column(f"{prefix}{name}", reading(place), f"form.journals.{DIMENSION_FIELDS[place]}.label", words=words)
        for place, name in enumerate(DIMENSION_NAMES)
    )
