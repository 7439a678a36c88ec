"""A month of stamps on a terminal: figures, and a bar for each day. In a pipe the same without colours."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from importer.report.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

WIDEST_BAR = 50
GAP = 2


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
    room = min(console.width - len("2018-06-30") - digits - 2 * GAP, WIDEST_BAR)
    highest = max([*counts.values(), 1])
    mark = "█" if console.encoding.startswith("utf") else "#"
    for day in _days(min(counts), max(counts)):
        count = counts.get(day, 0)
        bar = mark * (max(round(room * count / highest), 1) if count > 0 else 0)
        line = Text(f"{day.isoformat()}{' ' * GAP}{count:>{digits}}{' ' * GAP}")
        console.print(line.append(bar, style="cyan"), no_wrap=True, overflow="crop")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
