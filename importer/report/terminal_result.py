"""A result on a terminal: what came of a run, and what a person sees before the question whether to post: what is
posted, what stays behind and why, and every warning."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from importer.model.problems import DIFFERS_IN_LEDGER, Problem, rows_in
from importer.model.results import Company, Document, Mode, Result, Status
from importer.printable import printable, shortened
from importer.report.figures import Amounts, amounts_by_period, homeless_rows
from importer.report.problem_groups import Repeat, repeats_of, sheet_order
from importer.report.sentences import (
    amount_text,
    count_text,
    lines_of_result,
    message,
    said,
    speaker,
    status_words,
    stop_reason,
)
from importer.report.summary import COLLATERAL, Tone, advice, headline, next_step, without_stop_problem
from importer.report.terminal import INDENT, print_line, print_result_table, print_sentence
from importer.translations import Language

if TYPE_CHECKING:
    from rich.console import Console


MOST_PROBLEMS = 10
LONGEST_MESSAGE = 400
LONGEST_CELL = 60
MOST_NAMES = 3
STYLES = {Tone.GOOD: "bold green", Tone.NOTE: "cyan", Tone.BAD: "bold red", Tone.DOUBT: "bold yellow"}

_FOR_A_PERSON = DIFFERS_IN_LEDGER | {"outcome-unknown"}


def summary(result: Result, language: Language, console: "Console") -> None:
    """Prints what came of a run or check; of the problems the first ten, an equal one once."""
    result = without_stop_problem(result)
    first = headline(result, language)
    if result.sandbox:
        print_line(console, said(language, "report.sandbox"), "cyan")
    print_sentence(console, first.text, STYLES[first.tone])
    for one in advice(result, language):
        print_sentence(console, INDENT + one.text, STYLES[one.tone] if one.tone is Tone.DOUBT else "")
    print_result_table(console, status_table(result, language))
    print_result_table(console, _amounts(amounts_by_period(result.documents), language))
    for line in lines_of_result(result, language):
        print_line(console, line)
    _print_problems(result, language, console)
    print_line(console, "")
    if result.mode is Mode.CHECK and (step := next_step(result, language)).tone is Tone.NOTE:
        print_sentence(console, step.text)
    for path in result.corrections:
        kind = "annotated" if ".annotated." in path else "corrections"
        print_line(console, said(language, f"report.terminal.{kind}", path=path))
    if result.report is not None:
        print_line(console, said(language, "report.terminal.report", path=result.report))


def why_it_stopped(result: Result, language: Language) -> str:
    """One sentence or two for who does not see the summary: what came of it, and the first thing to be done."""
    result = without_stop_problem(result)
    first = headline(result, language).text
    listed = [one for one in result.problems if one.blocks and (one.place.row is None or one.code in _FOR_A_PERSON)]
    if not listed:
        if result.stopped_by is None or result.is_declined:
            return first
        return f"{first} {stop_reason(result.stopped_by, language)}"
    where = f"{listed[0].place.file}: " if listed[0].place.file else ""
    return f"{first} {where}{message(listed[0], language)}"


def confirmation(
    company: Company,
    documents: Iterable[Document],
    language: Language,
    console: "Console",
    again: Sequence[Document] = (),
) -> None:
    """Prints what stands to be posted (the documents in the state `ready`), for the question that follows; `again` are
    those of them that were posted before."""
    ready = [document for document in documents if document.status is Status.READY]
    name = shortened(company.name)
    print_line(console, said(language, "report.terminal.company", name=name, id=str(company.id)), "bold")
    journals = _counted(len(ready), "journals", language, ready)
    rows = _counted(sum(len(document.rows) for document in ready), "rows", language)
    print_line(console, said(language, "report.terminal.post", journals=journals, rows=rows), "bold")
    print_result_table(console, _amounts(amounts_by_period(ready), language))
    if again:
        print_line(console, "")
        words = said(language, "report.terminal.again", count=count_text(len(again), language))
        print_line(console, words, "bold yellow")
        print_result_table(console, _amounts(amounts_by_period(again), language))


def deletions(documents: Sequence[Document], language: Language, console: "Console") -> None:
    """Prints which records are about to be deleted, for the question that follows."""
    print_line(console, said(language, "report.records.deletes", count=count_text(len(documents), language)), "bold")
    for document in documents[:MOST_PROBLEMS]:
        print_line(console, INDENT + shortened(document.key))
    if len(documents) > MOST_PROBLEMS:
        print_line(console, INDENT + f"… {len(documents) - MOST_PROBLEMS}")


def status_table(result: Result, language: Language) -> list[tuple[str, ...]]:
    """The result's documents and rows by state, as rows of a table."""
    rows_of, homeless = result.rows_by_status(), homeless_rows(result)
    counted = [
        (status_words(status, language, result.documents), documents, rows_of[status])
        for status, documents in result.documents_by_status().items()
        if documents
    ]
    if homeless:
        counted.append((speaker(language, result.documents)("report.control.homeless"), 0, homeless))
    if len(counted) > 1:
        together = sum(rows for _, _, rows in counted)
        counted.append((said(language, "report.control.together"), len(result.documents), together))
    return [
        (
            name,
            _counted(documents, "journals", language, result.documents) if documents else "",
            _counted(rows, "rows", language),
        )
        for name, documents, rows in counted
    ]


def _amounts(parts: Iterable[Amounts], language: Language) -> list[tuple[str, ...]]:
    debit, credit = said(language, "report.debit"), said(language, "report.credit")
    return [
        (
            status_words(part.status, language),
            part.currency or "–",
            part.period or "–",
            _counted(part.documents, "journals", language),
            f"{debit} {amount_text(part.debit, language)}",
            f"{credit} {amount_text(part.credit, language)}",
        )
        for part in parts
    ]


def _counted(number: int, what: str, language: Language, documents: Sequence[Document] = ()) -> str:
    return speaker(language, documents)(f"report.terminal.{what}", count=count_text(number, language))


def _print_problems(result: Result, language: Language, console: "Console") -> None:
    listed = [problem for problem in result.problems if problem.code != COLLATERAL]
    if not listed:
        return
    blocking, waiting = sum(one.blocks for one in listed), sum(one.waits for one in listed)
    kinds = (("errors", blocking - waiting), ("waiting", waiting), ("warnings", len(listed) - blocking))
    words = ", ".join(_counted(number, what, language) for what, number in kinds if number)
    print_line(console, "")
    print_line(console, said(language, "report.terminal.problems", listed=words), "bold")
    order = sheet_order(result)
    listed.sort(
        key=lambda problem: (
            problem.code not in _FOR_A_PERSON,
            not problem.blocks,
            order(problem.place.file, problem.place.sheet),
            problem.place.row or 0,
        )
    )
    repeats = repeats_of(listed, language)
    for repeat in repeats[:MOST_PROBLEMS]:
        name_of = partial(speaker(language, result.documents), "report.terminal.journal")
        _print_problem(repeat, language, console, name_of, with_file=len(result.files) > 1)
    if rest := sum(repeat.times for repeat in repeats[MOST_PROBLEMS:]):
        print_line(console, INDENT + said(language, "report.terminal.more", count=count_text(rest, language)))


def _print_problem(
    repeat: Repeat, language: Language, console: "Console", name_of: Callable[..., str], with_file: bool
) -> None:
    first = repeat.first
    spot = where(first, with_file)
    if len(repeat.rows) > 1:
        spot += f" ({said(language, 'report.more-rows', count=count_text(len(repeat.rows) - 1, language))})"
    if repeat.documents:
        more = ["…"] if repeat.documents[MOST_NAMES:] else []
        keys = ", ".join([*(shortened(key, LONGEST_CELL) for key in repeat.documents[:MOST_NAMES]), *more])
        spot += f"  {name_of(key=keys)}"
    value = f"  {shortened(repeat.values[0], LONGEST_CELL)}" if len(repeat.values) == 1 else ""
    sentence = shortened(repeat.sentence, LONGEST_MESSAGE)
    print_sentence(
        console, f"{INDENT}{spot}{value}  {sentence}", "red" if first.blocks and not first.waits else "yellow"
    )
    if first.suggestion:
        words = f"{said(language, 'report.type')} {shortened(first.suggestion, LONGEST_CELL)}"
        print_line(console, INDENT * 2 + words, "green")


def where(problem: Problem, with_file: bool = False) -> str:
    """A problem's place as short as it can be said: `Journals!D6`, `Journals!6`, `Journals` or the file's
    path."""
    place = problem.place
    if place.sheet is None:
        return place.file
    spot = place.cell or ("" if place.row is None else str(place.row))
    name = f"{place.sheet}!{spot}" if spot else place.sheet
    return f"{place.file}: {name}" if with_file else name


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
