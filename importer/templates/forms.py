"""A form: its columns, their labels in three languages, and the headings that name them on a sheet."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from importer.language import Language, say
from importer.templates.columns import Column


@dataclass(frozen=True)
class Form:
    """A sheet's layout. `name` is the kind of the form (`journals`); the columns stand in the template's order."""

    name: str
    columns: tuple[Column, ...]

    def column(self, field: str) -> Column:
        """The column with that wire name; KeyError when there is none."""
        for column in self.columns:
            if column.name == field:
                return column
        raise KeyError(field)

    @property
    def required(self) -> tuple[Column, ...]:
        """The columns without which the sheet is not this form."""
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
        for column in self.columns:
            for heading in (column.name, *(self.label(column, language) for language in Language)):
                names[fold_heading(heading)] = column.name
        return names


def fold_heading(text: str) -> str:
    """A heading as it is compared: without case, accents, blanks, punctuation and invisible characters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in decomposed if unicodedata.category(mark)[0] not in "MZCPS")
