"""An answer goes where it was asked to go: onto the terminal, into a pipe, into a file."""

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli.files import refuse_existing, write_file
from importer.cli.words import words
from importer.report.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("table", "csv", "json", "xlsx")
ENDINGS = {".csv": "csv", ".json": "json", ".xlsx": "xlsx", ".txt": "table"}
NO_EDGE = 100_000
"""The width of what is no terminal: nothing is left out there, nor folded."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes and in which of the formats; `file` None: standard output."""

    format: str
    file: Path | None
    replaces: bool

    @property
    def is_person(self) -> bool:
        """True when a person reads the table from a terminal."""
        return self.file is None and self.format == "table" and sys.stdout.isatty()


def target_of(format: str | None, file: Path | None, *, replaces: bool) -> Target:
    """Where an answer is to go. Raises UsageError when the format cannot be told or does not fit, SetupError when the
    file must not be written; both before anything is asked."""
    if file is None:
        chosen = format or ("table" if sys.stdout.isatty() else "csv")
        if chosen == "xlsx" and sys.stdout.isatty():
            raise click.UsageError(words("inquiry.wrong.binary"))
        return Target(chosen, None, replaces)
    chosen = format or ENDINGS.get(file.suffix.lower(), "")
    if not chosen:
        raise click.UsageError(words("inquiry.wrong.format", file=str(file)))
    refuse_existing(file, replaces=replaces)
    return Target(chosen, file, replaces)


def send_bytes(content: bytes, target: Target) -> None:
    """Writes what a program will read."""
    if target.file is not None:
        write_file(target.file, content, replaces=target.replaces)
        return
    with_open_ears(lambda: _write_out(content))


def _write_out(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def send_printed(draw: "Callable[[Console], None]", target: Target) -> None:
    """Writes what is drawn for people: as wide as the terminal, unfolded elsewhere."""
    from rich.console import Console

    if target.file is not None:
        page = io.StringIO()
        draw(Console(file=page, width=NO_EDGE, highlight=False, no_color=True, force_terminal=False))
        write_file(target.file, page.getvalue().encode(), replaces=target.replaces)
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal of another character set
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=NO_EDGE)
    with_open_ears(lambda: draw(console))


def print_notes(notes: Sequence[str]) -> None:
    """Says on standard error what must be said beside what was shown."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    for note in notes:
        console.print(Text(printable(note), style="dim"))


def with_open_ears(write: Callable[[], None]) -> None:
    """Writes to standard output; a reader that has hung up (`| head`) has had what it wanted."""
    try:
        write()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # rich ends the process at a closed pipe
        from importer.cli.telling import hang_up

        hang_up(sys.stdout)
