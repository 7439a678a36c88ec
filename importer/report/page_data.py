"""The problems of a page as data: code, facts and place of each. The page's script words them by the catalogue,
filters, sorts and shows them; a hundred thousand sentences would be too much for a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from importer.model.problems import DIFFERS_IN_LEDGER, Problem
from importer.model.results import Document, JournalLines, Result
from importer.printable import printable, shortened
from importer.report.page_texts import LANGUAGES, PageTexts
from importer.report.problem_groups import LANDMARKS, NUMBERS, WHOLE_JOURNAL, sheet_order
from importer.report.sentences import COLUMN_FACTS, COLUMNS_FACTS, column_label, facts_of, facts_shown, rows_text
from importer.report.summary import COLLATERAL
from importer.translations import chapter
from importer.xlsx.values import column_index

_Value = TypeVar("_Value")
DocumentSpot = tuple[str, str | None, str | None]
"""File, sheet and key."""


@dataclass(slots=True)
class _Kind:
    """One sentence of the catalogue, said of errors or of warnings; `facts` gathers, by name, what all its problems
    say: one text, the first and last of whole numbers, or None where they are neither."""

    code: str
    wording: str
    blocks: bool
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
            if isinstance(first, tuple) and text.isdecimal():
                self.facts[name] = (min(first[0], int(text)), max(first[1], int(text)))
            else:
                self.facts[name] = None


@dataclass(slots=True)
class _Numbers:
    """Values in the order in which each was first met; a problem holds a number instead."""

    sheets: dict[tuple[str, str | None], int] = field(default_factory=dict)
    columns: dict[tuple[str, str], int] = field(default_factory=dict)
    documents: dict[DocumentSpot, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProblemData:
    """What the page embeds, and the numbers under which it names the documents and sheets that have problems."""

    data: dict[str, object]
    documents: dict[DocumentSpot, int]
    sheets: dict[tuple[str, str | None], int]


def problem_data(result: Result, texts: PageTexts) -> ProblemData:
    """All problems of a result but those of lines that were refused only with others: of these each document has the
    number. Those to be looked up in the ledger come first, then sheet after sheet, row after row."""
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
    kinds: dict[tuple[str, str, bool], _Kind] = {}
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
    data = {
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
        "landmarks": sorted(LANDMARKS),
        "amounts": sorted(NUMBERS),
    }
    return ProblemData(data, numbers.documents, numbers.sheets)


def _row(
    problem: Problem,
    kinds: dict[tuple[str, str, bool], _Kind],
    numbers: _Numbers,
) -> list[object]:
    """Kind, sheet, row, column, document, value, suggestion, and the facts in the order of the kind's names; 0 for a
    fact that is the value."""
    wording = problem.wording or problem.code
    key = (problem.code, wording, problem.blocks)
    kind = kinds.get(key)
    if kind is None:
        names = [name for name in facts_shown(wording)[1] if name] or list(problem.facts)
        names += ["answer"] if "answer" in problem.facts and "answer" not in names else []
        kind = kinds[key] = _Kind(problem.code, wording, problem.blocks, tuple(names), len(kinds))
    known = dict(facts_of(problem)[1])
    if "answer" in problem.facts:
        known["answer"] = problem.facts["answer"]
    facts = [shortened(printable(known.get(name) or "")) for name in kind.names]
    kind.takes(facts)
    place, value = problem.place, shortened(printable(problem.value or ""))
    column = place.above or place.column
    spot = (place.file, place.sheet, problem.document)
    return [
        kind.number,
        _number(numbers.sheets, (place.file, place.sheet)),
        place.row or 0,
        -1 if column is None else _number(numbers.columns, (column, place.field or "")),
        -1 if problem.document is None else _number(numbers.documents, spot),
        value,
        shortened(printable(problem.suggestion or "")),
        *(0 if fact == value and value else fact for fact in facts),
    ]


def _lines(journal: JournalLines, numbers: _Numbers) -> list[object]:
    """The number of the journal among those with problems, its fields, and of each line the row and the texts."""
    number = numbers.documents.get((journal.file, journal.sheet, journal.key), -1)
    lines = [[row, *(shortened(printable(text)) for text in texts)] for row, texts in journal.lines]
    return [number, [printable(name) for name in journal.fields], lines]


def _number(numbers: dict[_Value, int], value: _Value) -> int:
    return numbers.setdefault(value, len(numbers))


def _kind(kind: _Kind) -> dict[str, object]:
    key = f"problem.{kind.wording}"
    catalogues = [chapter(one, "problem") for one in LANGUAGES]
    unknown = f"{kind.wording} ({', '.join(f'{name}: {{{name}}}' for name in kind.names)})"

    def readings(ending: str) -> list[str]:
        return [texts.get(f"{key}{ending}") or texts.get(key) or unknown for texts in catalogues]

    return {
        "code": kind.code,
        "blocks": kind.blocks,
        "whole": kind.code in WHOLE_JOURNAL,
        "names": kind.names,
        "one": readings(".one") if f"{key}.one" in catalogues[0] else None,
        "many": readings(".many"),
        "count": kind.count,
        "facts": kind.facts,
    }


def _documents(result: Result, numbers: Iterable[DocumentSpot], texts: PageTexts) -> list[list[object]]:
    """Key, sheet, state, rows, and how many rows were refused only with others."""
    collateral: dict[DocumentSpot, int] = {}
    for problem in result.problems:
        if problem.code == COLLATERAL:
            spot = (problem.place.file, problem.place.sheet, problem.document)
            collateral[spot] = collateral.get(spot, 0) + 1
    known: dict[DocumentSpot, Document] = {(one.file, one.sheet, one.key): one for one in result.documents}
    listed: list[list[object]] = []
    for spot in numbers:
        document = known.get(spot)
        state = "" if document is None else document.status.value
        rows = "" if document is None else _rows(document, texts)
        key = shortened(printable(spot[2] or ""), 80)
        listed.append([key, state, rows, collateral.get(spot, 0)])
    return listed


def _rows(document: Document, texts: PageTexts) -> str | int:
    return texts.in_data(texts.each(lambda one: rows_text(document.rows, one)))


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
