"""Tables, trees, figures, sentences and a progress bar on a terminal, no wider than it is, without a control sequence
of a service's text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from importer.printable import printable
from importer.report.sentences import said
from importer.report.tables import Table, text_of
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
        is_of_numbers = any(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in values)
        widest = max([cell_len(heading), *(cell_len(text_of(value)) for value in values)])
        shown.add_column(
            Text(printable(heading)),
            justify="right" if is_of_numbers else "left",
            overflow="fold",
            min_width=min(widest, FOLDED_TO, console.width),
        )
    for row in table.rows:
        shown.add_row(*(Text(printable(text_of(value))) for value in row))
    console.print(shown)


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
    for day in (min(counts) + timedelta(days=number) for number in range((max(counts) - min(counts)).days + 1)):
        count = counts.get(day, 0)
        bar = mark * (max(round(room * count / highest), 1) if count > 0 else 0)
        line = Text(f"{day.isoformat()}{' ' * STAMPS_GAP}{count:>{digits}}{' ' * STAMPS_GAP}")
        console.print(line.append(bar, style="cyan"), no_wrap=True, overflow="crop")


INDENT = "  "
COLUMN_GAP = "   "


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
