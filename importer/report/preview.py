"""What a person sees before the question whether to post: what stays behind and why, and every warning."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.model.problems import Problem, rows_in
from importer.model.results import Result, Status
from importer.printable import printable, shortened
from importer.report.problem_groups import sheet_order
from importer.report.sentences import count_text, lines_of_result, message, said
from importer.report.summary import COLLATERAL
from importer.report.terminal import INDENT, LONGEST_MESSAGE, print_line, print_result_table, status_table, where
from importer.translations import Language

if TYPE_CHECKING:
    from rich.console import Console


APART = ("hidden-rows", "look-alike")
"""Codes of warnings that are asked about by a question of their own."""

MOST_PLACES = 10
NARROWEST = 40
_JOINED = ("numbers", "rows")
"""Facts of which a sentence can name several."""


def doubtful(result: Result) -> Mapping[str, Sequence[int]]:
    """The positions of the documents in the state `ready` that have a warning of each code in `APART`. Hidden columns
    are no doubt about single journals."""
    found: dict[str, list[int]] = {}
    for code in APART:
        warnings = [one for one in result.problems if one.code == code and not one.blocks]
        places = {(one.place.file, one.place.sheet, one.document): one for one in warnings}
        for position, document in enumerate(result.documents):
            spot = (document.file, document.sheet)
            if document.status is Status.READY and (
                (*spot, document.key) in places
                or any(_hides(one, document.rows) for one in warnings if (one.place.file, one.place.sheet) == spot)
            ):
                found.setdefault(code, []).append(position)
    return found


def _hides(problem: Problem, rows: Sequence[int]) -> bool:
    if problem.wording == "hidden-rows.sheet":
        return True
    is_of_rows = problem.wording in ("hidden-rows.rows", "hidden-rows.struck")
    return is_of_rows and not rows_in(problem.facts["rows"]).isdisjoint(rows)


def outlook(result: Result, language: Language, console: "Console") -> None:
    """Prints of a result before anything is sent what will not be posted, with the reasons, and every warning: a line
    a kind, with its places; and by which mappings the sheets were read. Nothing where all is to be posted without a
    warning, by no mapping."""
    behind = [document for document in result.documents if document.status is not Status.READY]
    listed = [one for one in result.problems if one.code not in ("outcome-unknown", COLLATERAL)]
    errors = [one for one in listed if one.blocks]
    warnings = [one for one in listed if not one.blocks]
    if behind or errors:
        print_line(console, said(language, "report.outlook.behind"), "bold")
        print_result_table(console, status_table(replace(result, documents=tuple(behind), files=()), language))
        _print_kinds(errors, result, language, console, "red")
        print_line(console, "")
    for line in lines_of_result(result, language):
        print_line(console, line)
    if warnings:
        count = count_text(len(warnings), language)
        print_line(console, said(language, "report.outlook.warnings", count=count), "bold")
        _print_kinds(warnings, result, language, console, "yellow")
        print_line(console, "")


def _print_kinds(
    problems: Iterable[Problem], result: Result, language: Language, console: "Console", style: str
) -> None:
    order = sheet_order(result)
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for one in sorted(problems, key=lambda one: (order(one.place.file, one.place.sheet), one.place.row or 0)):
        kinds.setdefault((one.code, one.wording), []).append(one)
    for alike in kinds.values():
        text = f"{len(alike)} × {_places(alike, with_file=len(result.files) > 1)}: {_sentence(alike, language)}"
        wrapped = textwrap.TextWrapper(
            width=max(NARROWEST, console.width),
            initial_indent=INDENT,
            subsequent_indent=INDENT * 2,
            break_long_words=False,
        )
        for line in wrapped.wrap(printable(text)):
            print_line(console, line, style)


def _places(problems: Sequence[Problem], *, with_file: bool) -> str:
    """The first places; those of one sheet name it once."""
    spots = list(dict.fromkeys(where(one, with_file) for one in problems))
    shown, sheet = [], ""
    for spot in spots[:MOST_PLACES]:
        name, mark, cell = spot.rpartition("!")
        shown.append(cell if mark and name == sheet else spot)
        sheet = name
    return ", ".join([*shown, *(["…"] if spots[MOST_PLACES:] else [])])


def _sentence(problems: Sequence[Problem], language: Language) -> str:
    """The sentence of all of them, or of the first where they say different things."""
    named = {
        name: ", ".join(dict.fromkeys(one.facts[name] for one in problems if name in one.facts))
        for name in _JOINED
        if name in problems[0].facts
    }
    sentences = list(dict.fromkeys(message(replace(one, facts={**one.facts, **named}), language) for one in problems))
    first = shortened(sentences[0], LONGEST_MESSAGE)
    return said(language, "report.outlook.first", sentence=first) if sentences[1:] else first
