"""A form: its columns, their labels in three languages, and the headings that name them on a sheet."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from importer.language import Language, say
from importer.templates.columns import Column


@dataclass(frozen=True)
class Alternative:
    """Columns that may stand on a sheet in place of others: `columns` instead of those named in `replaced`, all of the
    one or all of the other."""

    replaced: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The wire names of the columns that stand in."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Form:
    """A sheet's layout. `name` is the kind of the form (`journals`); the columns stand in the template's order, without
    those of `alternative`.

    A sheet is this form when it has the required headings and at least `fewest_headings` in all. One that lacks some is
    still taken for it (and the missing ones are told) when it has at least `telling_headings`.
    """

    name: str
    columns: tuple[Column, ...]
    fewest_headings: int = 1
    telling_headings: int = 3
    alternative: Alternative | None = None

    @property
    def every_column(self) -> tuple[Column, ...]:
        """All columns that a sheet may have, those of the alternative at the end."""
        return self.columns + (self.alternative.columns if self.alternative is not None else ())

    def in_alternative_layout(self) -> "Form":
        """The form with its alternative columns where the replaced ones were: for a template. ValueError without an
        alternative."""
        if self.alternative is None:
            raise ValueError(self.name)
        first = next(place for place, column in enumerate(self.columns) if column.name in self.alternative.replaced)
        others = tuple(column for column in self.columns if column.name not in self.alternative.replaced)
        return replace(self, columns=others[:first] + self.alternative.columns + others[first:], alternative=None)

    def column(self, field: str) -> Column:
        """The column with that wire name; KeyError when there is none."""
        for column in self.every_column:
            if column.name == field:
                return column
        raise KeyError(field)

    @property
    def required(self) -> tuple[Column, ...]:
        """The columns without which the sheet is not this form (unless its alternative is there)."""
        return tuple(column for column in self.columns if column.required)

    def title(self, language: Language) -> str:
        """The sheet's name in the template."""
        return say(language, f"form.{self.name}.title")

    def label(self, column: Column, language: Language) -> str:
        """The column's heading in a language."""
        return self._words(column, language, "label")

    def help(self, column: Column, language: Language) -> str:
        """What to fill in, in a sentence or two."""
        return self._words(column, language, "help")

    def _words(self, column: Column, language: Language, what: str) -> str:
        number = "" if column.numbered is None else str(column.numbered)
        return say(language, f"form.{self.name}.{column.wording}.{what}", number=number)

    def headings(self) -> Mapping[str, str]:
        """Folded heading to wire name: the wire name itself and the label in every language."""
        names: dict[str, str] = {}
        for column in self.every_column:
            for heading in (column.name, *(self.label(column, language) for language in Language)):
                names[fold_heading(heading)] = column.name
        return names


CALCULATED: Mapping[str, tuple[str, ...]] = {
    "journals": (
        "accountInformation",
        "difference",
        "accountPosition",
        "accountNeeds",
        "lacking",
        "runningDifference",
    ),
}
"""The columns of a form's template that hold formulas: shown to people, never read."""


def calculated_label(form: str, name: str, language: Language) -> str:
    """The heading of a calculated column."""
    return say(language, f"calculated.{form}.{name}.label")


@cache
def calculated_headings(form: str) -> frozenset[str]:
    """The folded headings of a form's calculated columns in every language: a sheet may have them, and they are passed
    over in silence."""
    names = CALCULATED.get(form, ())
    labels = {fold_heading(calculated_label(form, name, language)) for name in names for language in Language}
    return frozenset(labels.union(_result_columns()))


RESULT_COLUMNS = ("state", "number", "message")
"""The columns that the program itself writes beside a form's own: what became of each row. Shown to people, never
read."""


def result_heading(name: str, language: Language) -> str:
    """The heading of a result column; it begins with the program's name, so that no form has it."""
    return say(language, f"written.{name}")


def result_column_named(heading: str) -> str | None:
    """The result column that a heading names in any language, None when it is none of them."""
    return _result_columns().get(fold_heading(heading))


@cache
def _result_columns() -> dict[str, str]:
    return {fold_heading(result_heading(name, language)): name for name in RESULT_COLUMNS for language in Language}


def fold_heading(text: str) -> str:
    """A heading as it is compared: without case, accents, blanks, punctuation and invisible characters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in decomposed if unicodedata.category(mark)[0] not in "MZCPS")
