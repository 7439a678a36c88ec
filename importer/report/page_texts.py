"""A page's texts in every language: each is shown in the page's own, and the page's script puts another in its
place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from importer.model.results import Document
from importer.printable import printable, shortened
from importer.report.sentences import speaker
from importer.translations import Language, chapter

LANGUAGES = tuple(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a page, as it reads in each of `LANGUAGES`. In a template it becomes a marked `<span>`."""

    readings: tuple[str, ...]
    page: PageTexts

    def __getitem__(self, language: Language) -> str:
        return self.readings[LANGUAGES.index(language)]

    def __html__(self) -> str:
        return f'<span data-t="{self.page.number(self)}">{escape(printable(self[self.page.language]))}</span>'

    def cut(self, length: int) -> Text:
        """The same, none of it longer than `length` characters."""
        return Text(tuple(shortened(reading, length) for reading in self.readings), self.page)


Shown = Text | str
"""A text of the page, or one that is the same in all languages."""


class PageTexts:
    """The texts of one page, each with the number under which the script finds its readings."""

    def __init__(self, language: Language, documents: Iterable[Document]) -> None:
        self.language = language
        documents = tuple(documents)
        self._speakers = {one: speaker(one, documents) for one in LANGUAGES}
        self._speakers_of_journals = {one: speaker(one, ()) for one in LANGUAGES}
        self._numbers: dict[tuple[str, ...], int] = {}
        # Every row of a table has the same labels.
        self._without_facts = cache(lambda key: self._said(self._speakers, key, {}))
        self._attribute = cache(self._new_attribute)

    def each(self, reading: Callable[[Language], str]) -> Shown:
        """What the function gives for each language: one string where they agree."""
        readings = tuple(reading(language) for language in LANGUAGES)
        return readings[0] if len(set(readings)) == 1 else Text(readings, self)

    def said(self, key: str, /, **facts: Shown) -> Shown:
        """The sentence of a key of the catalogues; it speaks of items where documents are no journals."""
        return self._said(self._speakers, key, facts) if facts else self._without_facts(key)

    def of_journals(self, key: str, /, **facts: Shown) -> Shown:
        """The same, always of journals."""
        return self._said(self._speakers_of_journals, key, facts)

    def _said(self, speakers: dict[Language, Callable[..., str]], key: str, facts: dict[str, Shown]) -> Shown:
        return self.each(
            lambda one: speakers[one](key, **{name: in_language(fact, one) for name, fact in facts.items()})
        )

    def number(self, text: Text) -> int:
        """The number of a text, the same for equal ones."""
        readings = tuple(printable(reading) for reading in text.readings)
        return self._numbers.setdefault(readings, len(self._numbers))

    def in_data(self, shown: Shown) -> str | int:
        """What stands for a text among the page's data: itself, or its number."""
        return self.number(shown) if isinstance(shown, Text) else printable(shown)

    def own(self, shown: Shown) -> str:
        """A text in the page's own language."""
        return printable(in_language(shown, self.language))

    def attribute(self, name: str, shown: Shown) -> Markup:
        """An attribute with a text as its value; an element can have one."""
        return self._attribute(name, shown)

    def _new_attribute(self, name: str, shown: Shown) -> Markup:
        text = escape(printable(in_language(shown, self.language)))
        mark = f' data-a="{name} {self.number(shown)}"' if isinstance(shown, Text) else ""
        return Markup(f'{name}="{text}"{mark}')  # noqa: S704  the text is escaped above, names are the templates' own

    def embedded(self) -> Markup:
        """All texts that were given a number, as JSON, and those of the script itself by key; asked for last."""
        own = {
            key.removeprefix("report.script."): [chapter(one, "report")[key] for one in LANGUAGES]
            for key in chapter(Language.EN, "report")
            if key.startswith("report.script.")
        }
        return embedded_json(
            {
                "languages": [one.value for one in LANGUAGES],
                "language": LANGUAGES.index(self.language),
                "texts": list(self._numbers),
                "own": own,
            }
        )


def in_language(shown: Shown, language: Language) -> str:
    """A text's reading in a language."""
    return shown[language] if isinstance(shown, Text) else shown


def embedded_json(value: object) -> Markup:
    """A value as JSON that can stand in a `<script>`."""
    return embedded_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def embedded_text(text: str) -> Markup:
    """JSON that can stand in a `<script>`: nothing in it ends the element or begins a comment."""
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704  every character that means something in HTML is escaped
