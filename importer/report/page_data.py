"""What a page embeds for its script: its texts in every language, of which the script puts another in the place of the
page's own; and the problems as data: code, facts and place of each. The script words them by the catalogue, filters,
sorts and shows them; a hundred thousand sentences would be too much for a page."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from typing import Any

from markupsafe import Markup, escape

from importer.model.problems import DIFFERS_IN_LEDGER, Problem
from importer.model.results import Document, JournalLines, Result
from importer.printable import printable, shortened
from importer.report.problem_groups import LANDMARKS, NUMBERS, WHOLE_JOURNAL, Spot, sheet_order, spot_of
from importer.report.sentences import (
    AMOUNT_FACTS,
    COLUMN_FACTS,
    COLUMNS_FACTS,
    column_label,
    facts_of,
    facts_shown,
    rows_text,
    speaker,
)
from importer.report.summary import COLLATERAL
from importer.translations import Language, chapter
from importer.xlsx.values import column_index

LANGUAGES = tuple(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a page, as it reads in each of `LANGUAGES`. In a template it becomes a marked `<span>`."""

    readings: tuple[str, ...]
    page: PageTexts

    def __getitem__(self, language: Language) -> str:
        return self.readings[LANGUAGES.index(language)]

    def __html__(self) -> str:
        return self.page.marked(self)

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
        self._marked: dict[tuple[str, ...], str] = {}
        self._worded: dict[tuple[Callable[..., str], Hashable], Shown] = {}

    def each(self, reading: Callable[[Language], str]) -> Shown:
        """What the function gives for each language: one string where they agree."""
        readings = tuple(reading(language) for language in LANGUAGES)
        return readings[0] if len(set(readings)) == 1 else Text(readings, self)

    def of_lists(self, readings: Callable[[Language], Iterable[str]]) -> list[Shown]:
        """The same of texts that are as many in each language."""
        lines = zip(*map(list, map(readings, LANGUAGES)), strict=True)
        return [self.each(dict(zip(LANGUAGES, line, strict=True)).__getitem__) for line in lines]

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

    def worded(self, wording: Callable[[Any, Language], str], value: Any) -> Shown:
        """A value of which there are few as the function words it in each language; each is worded once."""
        if (wording, value) not in self._worded:
            self._worded[wording, value] = self.each(lambda one: wording(value, one))
        return self._worded[wording, value]

    def marked(self, text: Text) -> str:
        """A text as a marked `<span>`."""
        if text.readings not in self._marked:
            shown = escape(self.own(text))
            self._marked[text.readings] = f'<span data-t="{self.number(text)}">{shown}</span>'
        return self._marked[text.readings]

    def number(self, text: Text) -> int:
        """The number of a text, the same for equal ones."""
        readings = tuple(printable(reading) for reading in text.readings)
        return self._numbers.setdefault(readings, len(self._numbers))

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


_KindKey = tuple[str, str, str, str | None]


_RANGED = frozenset({"length", "count"})
"""Facts that count something; other numbers are names, such as an account's."""


@dataclass(slots=True)
class _Kind:
    """One sentence of the catalogue, said of errors, of what waits or of warnings, of one column where it names one;
    `facts` gathers, by name, what all its problems say: one text, of `_RANGED` the first and last, or None where they
    are neither."""

    code: str
    wording: str
    severity: str
    names: tuple[str, ...]
    number: int
    count: int = 0
    facts: dict[str, str | tuple[int, int] | None] = field(default_factory=dict)

    def takes(self, texts: Iterable[str]) -> None:
        self.count += 1
        for name, text in zip(self.names, texts, strict=True):
            before = self.facts.setdefault(name, text)
            if before is None or before == text:
                continue
            first = (int(before),) * 2 if isinstance(before, str) and before.isdecimal() else before
            if name in _RANGED and isinstance(first, tuple) and text.isdecimal():
                self.facts[name] = (min(first[0], int(text)), max(first[1], int(text)))
            else:
                self.facts[name] = None


@dataclass(slots=True)
class _Numbers:
    """Values in the order in which each was first met: a problem holds a number instead."""

    sheets: defaultdict[tuple[str, str | None], int] = field(default_factory=lambda: defaultdict(count().__next__))
    columns: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(count().__next__))
    documents: defaultdict[Spot, int] = field(default_factory=lambda: defaultdict(count().__next__))


def problem_data(
    result: Result, texts: PageTexts
) -> tuple[dict[str, object], Mapping[Spot, int], Mapping[tuple[str, str | None], int]]:
    """All problems of a result, as the page embeds them, but those of lines that were refused only with others: of
    these each document has the number. Those to be looked up in the ledger come first, then sheet after sheet, row
    after row. Beside them the numbers by which they name documents and sheets."""
    order = sheet_order(result)
    listed = [problem for problem in result.problems if problem.code != COLLATERAL]
    listed.sort(
        key=lambda one: (
            one.code != "outcome-unknown" and one.code not in DIFFERS_IN_LEDGER,
            order(one.place.file, one.place.sheet),
            one.place.row or 0,
            not one.blocks,
        )
    )
    kinds: dict[_KindKey, _Kind] = {}
    numbers = _Numbers()
    rows = [_row(problem, kinds, numbers) for problem in listed]
    lines = [_lines(one, numbers) for one in result.lines]
    fields = (
        {name for _, name in numbers.columns}
        | {name for one in result.lines for name in one.fields}
        | {name for of_row in result.cells.values() for name, _, _ in of_row}
    )
    named = COLUMN_FACTS | COLUMNS_FACTS
    fields |= {field for one in listed for name in named & one.facts.keys() for field in one.facts[name].split(", ")}
    data: dict[str, object] = {
        "kinds": [_kind(kind) for kind in kinds.values()],
        "sheets": [[shortened(printable(file)), sheet and printable(sheet)] for file, sheet in numbers.sheets],
        "columns": [[letters, printable(name)] for letters, name in numbers.columns],
        "documents": _documents(result, numbers.documents, texts),
        "problems": rows,
        "cells": _cells(result, numbers.sheets),
        "lines": lines,
        "labels": {
            printable(name): [printable(column_label(name, one)) for one in LANGUAGES] for name in sorted(fields)
        },
        "columnFacts": sorted(named),
        "amountFacts": sorted(AMOUNT_FACTS),
        "landmarks": sorted(LANDMARKS),
        "amounts": sorted(NUMBERS),
    }
    return data, numbers.documents, numbers.sheets


def _row(problem: Problem, kinds: dict[_KindKey, _Kind], numbers: _Numbers) -> list[object]:
    """Kind, sheet, row, column, document, value, suggestion, and the facts in the order of the kind's names; 0 for a
    fact that is the value."""
    wording = problem.wording or problem.code
    shown = facts_shown(wording)[1]
    severity = "waiting" if problem.waits else problem.severity.value
    key = (problem.code, wording, severity, None if COLUMN_FACTS.isdisjoint(shown) else problem.place.field)
    kind = kinds.get(key)
    if kind is None:
        names = [name for name in shown if name] or list(problem.facts)
        kind = kinds[key] = _Kind(problem.code, wording, severity, tuple(names), len(kinds))
    known = dict(facts_of(problem)[1])
    facts = [shortened(printable(known.get(name) or "")) for name in kind.names]
    kind.takes(facts)
    place, value = problem.place, shortened(printable(problem.value or ""))
    column = place.above or place.column
    return [
        kind.number,
        numbers.sheets[(place.file, place.sheet)],
        place.row or 0,
        -1 if column is None else numbers.columns[(column, place.field or "")],
        -1 if problem.document is None else numbers.documents[spot_of(problem)],
        value,
        shortened(printable(problem.suggestion or "")),
        *(0 if fact == value and value else fact for fact in facts),
    ]


def _lines(journal: JournalLines, numbers: _Numbers) -> list[object]:
    """The number of the journal among those with problems, its fields, and of each line the row and the texts."""
    number = numbers.documents.get((journal.file, journal.sheet, journal.key), -1)
    lines = [[row, *(shortened(printable(text)) for text in texts)] for row, texts in journal.lines]
    return [number, [printable(name) for name in journal.fields], lines]


def _kind(kind: _Kind) -> dict[str, object]:
    key = f"problem.{kind.wording}"
    catalogues = [chapter(one, "problem") for one in LANGUAGES]
    unknown = f"{kind.wording} ({', '.join(f'{name}: {{{name}}}' for name in kind.names)})"

    def readings(ending: str) -> list[str]:
        return [texts.get(f"{key}{ending}") or texts.get(key) or unknown for texts in catalogues]

    return {
        "code": kind.code,
        "severity": kind.severity,
        "whole": kind.code in WHOLE_JOURNAL,
        "names": kind.names,
        "one": readings(".one") if f"{key}.one" in catalogues[0] else None,
        "many": readings(".many"),
        "count": kind.count,
        "facts": kind.facts,
    }


def _documents(result: Result, numbers: Iterable[Spot], texts: PageTexts) -> list[list[object]]:
    """Key, sheet, state, rows, and how many rows were refused only with others."""
    collateral = Counter(spot_of(problem) for problem in result.problems if problem.code == COLLATERAL)
    known: dict[Spot, Document] = {(one.file, one.sheet, one.key): one for one in result.documents}
    listed: list[list[object]] = []
    for spot in numbers:
        document = known.get(spot)
        state = "" if document is None else document.status.value
        rows = texts.each(partial(rows_text, () if document is None else document.rows))
        key = shortened(printable(spot[2] or ""), 80)
        listed.append([key, state, texts.number(rows) if isinstance(rows, Text) else rows, collateral[spot]])
    return listed


def _cells(result: Result, sheets: Mapping[tuple[str, str | None], int]) -> dict[int, dict[str, object]]:
    """Of each sheet its columns from left to right (letters, field) and its rows: a text for each column, None where a
    cell is empty."""
    of_sheets: dict[int, dict[int, dict[tuple[str, str], str]]] = {}
    for (file, sheet, row), cells in result.cells.items():
        number = sheets.get((file, sheet))
        if number is not None:
            texts = {(letters, name): shortened(printable(text)) for name, letters, text in cells}
            of_sheets.setdefault(number, {})[row] = texts
    found: dict[int, dict[str, object]] = {}
    for number, rows in of_sheets.items():
        columns = sorted({column for cells in rows.values() for column in cells}, key=lambda one: column_index(one[0]))
        texts_of = {row: [cells.get(column) for column in columns] for row, cells in rows.items()}
        found[number] = {"columns": [[letters, printable(name)] for letters, name in columns], "rows": texts_of}
    return found
