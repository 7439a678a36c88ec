"""Tables and trees on a terminal, no wider than it is, and never with a control sequence of a service's text."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from importer.report.printable import printable
from importer.report.tables import Table, Value, text_of

if TYPE_CHECKING:
    from rich.console import Console

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
