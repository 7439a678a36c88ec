"""A result, tables and a month of stamps on a terminal, no wider than it is, without a control sequence of a service's
text."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING

from importer.model.problems import DIFFERS_IN_LEDGER, Problem
from importer.model.results import Company, Document, Mode, Result, Status
from importer.printable import printable, shortened
from importer.report.money import Amounts, amounts_by_period, control_totals
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
from importer.report.summary import COLLATERAL, Tone, advice, headline, next_step
from importer.report.tables import Table, Value, text_of
from importer.translations import Language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


_COMMAND = re.compile(
    r"\bimporter [a-z]+(?: (?:journals|dimensions|addresses))?"
    r"(?: (?:'[^']*'\S*|\"[^\"]*\"\S*|--?[a-z-]+\S*|[A-Z]{2,}\b\S*|(?=\S*[0-9/\\_.]\w)\S+))*"
)
"""A command in a sentence, with its flags, files and names in capitals or with figures."""

_BOUND = "\ue000"
"""In place of a blank within a command while a sentence is broken into lines; `printable` leaves no such character."""

FOLDED_TO = 24
"""A longer text may be folded to this width where there is no room; shorter ones never are."""
GAP = 2


def print_table(table: Table, console: "Console") -> tuple[str, ...]:
    """Prints the table with as many of its leading columns as there is room for, numbers to the right, and without
    columns that are empty; a single row that does not fit stands as a list. Gives the headings that found no room."""
    full = table.of_columns(_filled(table))
    count = _fitting(full, console.width)
    if count < len(full.headings) and len(full.rows) == 1:
        _print_record(full, console)
        return ()
    _print_columns(full.of_columns(range(count)), console)
    return full.headings[count:]


def _filled(table: Table) -> list[int]:
    places = range(len(table.headings))
    filled = [place for place in places if any(row[place] not in (None, "") for row in table.rows)]
    return filled or list(places)


def _fitting(table: Table, width: int) -> int:
    """How many leading columns fit, at least one."""
    from rich.cells import cell_len

    taken = -GAP
    for index, heading in enumerate(table.headings):
        widest = max([cell_len(heading), *(cell_len(text_of(row[index])) for row in table.rows)])
        taken += GAP + max(min(widest, FOLDED_TO), 1)
        if taken > width:
            return max(index, 1)
    return len(table.headings)


def _print_columns(table: Table, console: "Console") -> None:
    from rich.cells import cell_len
    from rich.table import Table as Shown
    from rich.text import Text

    shown = Shown(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for index, heading in enumerate(table.headings):
        values = [row[index] for row in table.rows]
        widest = max([cell_len(heading), *(cell_len(text_of(value)) for value in values)])
        shown.add_column(
            Text(printable(heading)),
            justify="right" if any(map(_is_number, values)) else "left",
            overflow="fold",
            min_width=min(widest, FOLDED_TO, console.width),
        )
    for row in table.rows:
        shown.add_row(*(Text(printable(text_of(value))) for value in row))
    console.print(shown)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _print_record(table: Table, console: "Console") -> None:
    from rich.table import Table as Shown
    from rich.text import Text

    shown = Shown(box=None, pad_edge=False, padding=(0, 1), show_header=False)
    shown.add_column(style="bold", overflow="fold", max_width=max(console.width // 2, 1))
    shown.add_column(overflow="fold")
    for heading, value in zip(table.headings, table.rows[0], strict=True):
        shown.add_row(Text(printable(heading)), Text(printable(text_of(value))))
    console.print(shown)


def print_tree(branches: Iterable[tuple[int, str]], console: "Console") -> None:
    """Prints branches as trees: each with its depth (0: a root) and its text, in the order of a walk from the top."""
    from rich.text import Text
    from rich.tree import Tree

    path: list[Tree] = []
    roots: list[Tree] = []
    for depth, text in branches:
        label = Text(printable(text))
        del path[depth:]
        if path:
            path.append(path[-1].add(label))
        else:
            path.append(Tree(label))
            roots.append(path[0])
    for root in roots:
        console.print(root)


WIDEST_BAR = 50
STAMPS_GAP = 2


def print_figures(title: str, figures: Sequence[tuple[str, str]], console: "Console") -> None:
    """Prints a title and figures with their names, one a line."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text(printable(title), style="bold"))
    if not figures:
        return
    shown = Table(box=None, pad_edge=False, padding=(0, 1), show_header=False)
    shown.add_column(overflow="fold")
    shown.add_column(justify="right", overflow="fold")
    for name, figure in figures:
        shown.add_row(Text(printable(name)), Text(printable(figure)))
    console.print(shown)


def print_chart(title: str, counts: Mapping[date, int], console: "Console") -> None:
    """Prints a bar for each day from the first to the last one that has a count, days without one included."""
    from rich.text import Text

    console.print(Text(printable(title), style="bold"))
    digits = max(len(str(count)) for count in counts.values())
    room = min(console.width - len("2018-06-30") - digits - 2 * STAMPS_GAP, WIDEST_BAR)
    highest = max([*counts.values(), 1])
    mark = "█" if console.encoding.startswith("utf") else "#"
    for day in _days(min(counts), max(counts)):
        count = counts.get(day, 0)
        bar = mark * (max(round(room * count / highest), 1) if count > 0 else 0)
        line = Text(f"{day.isoformat()}{' ' * STAMPS_GAP}{count:>{digits}}{' ' * STAMPS_GAP}")
        console.print(line.append(bar, style="cyan"), no_wrap=True, overflow="crop")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


MOST_PROBLEMS = 10
LONGEST_MESSAGE = 400
LONGEST_CELL = 60
MOST_NAMES = 3
INDENT = "  "
COLUMN_GAP = "   "
STYLES = {Tone.GOOD: "bold green", Tone.NOTE: "cyan", Tone.BAD: "bold red", Tone.DOUBT: "bold yellow"}


_FOR_A_PERSON = DIFFERS_IN_LEDGER | {"outcome-unknown"}


def summary(result: Result, language: Language, console: "Console") -> None:
    """Prints what came of a run or check; of the problems the first ten, an equal one once."""
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


class Bar:
    """How far the work is; without a terminal nothing is shown and nothing done."""

    def __init__(self, shown: "tuple[Progress, TaskID] | None" = None) -> None:
        self._shown = shown

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done. May be called from any thread."""
        if self._shown is not None:
            self._shown[0].advance(self._shown[1], steps)

    def say(self, text: str) -> None:
        """What the work is waiting for, beside the bar."""
        if self._shown is not None:
            self._shown[0].update(self._shown[1], description=printable(text))


@contextmanager
def progress(language: Language, console: "Console", total: int | None = None) -> Iterator[Bar]:
    """A progress bar while the block runs, on a terminal only; it is gone afterwards."""
    if not console.is_terminal:
        yield Bar()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        yield Bar((shown, shown.add_task(said(language, "report.terminal.progress"), total=total)))


def status_table(result: Result, language: Language) -> list[tuple[str, ...]]:
    """The result's documents and rows by state, as rows of a table."""
    control = control_totals(result)
    counted = [
        (status_words(status, language), documents, control.rows[status])
        for status, documents in control.documents.items()
        if documents
    ]
    if control.homeless_rows:
        counted.append((speaker(language, result.documents)("report.control.homeless"), 0, control.homeless_rows))
    if len(counted) > 1:
        together = control.all_rows + control.homeless_rows
        counted.append((said(language, "report.control.together"), control.all_documents, together))
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
            status_words(part.status, language) if part.status is not None else "",
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
    errors = sum(problem.blocks for problem in listed)
    kinds = (("errors", errors), ("warnings", len(listed) - errors))
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
    print_sentence(console, f"{INDENT}{spot}{value}  {sentence}", "red" if first.blocks else "yellow")
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


def print_result_table(console: "Console", rows: list[tuple[str, ...]]) -> None:
    """Prints the rows below a blank line, their columns aligned, the first to the left, a row in several lines where a
    terminal has no room for it in one; nothing without rows."""
    from rich.cells import cell_len

    if not rows:
        return
    print_line(console, "")
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = _in_lines(widths, console.width - 2 * len(INDENT)) if console.is_terminal else [range(len(widths))]
    for row in rows:
        cells = [
            text + " " * (width - cell_len(text)) if index == 0 else " " * (width - cell_len(text)) + text
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        for number, places in enumerate(lines):
            print_line(console, INDENT * min(number + 1, 2) + COLUMN_GAP.join(cells[one] for one in places).rstrip())


def _in_lines(widths: Sequence[int], room: int) -> list[Sequence[int]]:
    """The columns that stand side by side: as many in a line as there is room for, the others in lines below."""
    lines: list[list[int]] = [[]]
    for place, width in enumerate(widths):
        taken = sum(widths[one] + len(COLUMN_GAP) for one in lines[-1])
        if lines[-1] and taken + width > room:
            lines.append([])
        lines[-1].append(place)
    return [*lines]


def print_sentence(console: "Console", text: str, style: str = "") -> None:
    """Prints a text that stands on a terminal in lines no wider than it, broken between words and below its own
    indent; in a pipe as one line. A longer word, such as a path, stays whole, and so does a command."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines = [text]
    if console.is_terminal:
        whole = _COMMAND.sub(lambda found: found[0].replace(" ", _BOUND), printable(text))
        lines = wrap(
            whole,
            max(console.width, FOLDED_TO),
            subsequent_indent=indent + INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
    for line in lines or [text]:
        print_line(console, line.replace(_BOUND, " "), style)


def print_line(console: "Console", text: str, style: str = "") -> None:
    """Prints one line, never broken at the console's width (a broken path cannot be copied), never read as
    markup."""
    from rich.text import Text

    visible = printable(text).encode(console.encoding, "backslashreplace").decode(console.encoding)
    console.print(Text(visible, style=style), soft_wrap=True, highlight=False)
