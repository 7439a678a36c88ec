"""Where answers go: the terminal, a pipe, a file, whole or not at all; a question; a page in a browser."""

import errno
import io
import os
import secrets
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from importer.cli.language import words
from importer.errors import SetupError
from importer.printable import printable
from importer.translations import Language, say

if TYPE_CHECKING:
    from rich.console import Console

    from importer.report.tables import Table


def refuse_existing(file: Path, *, replaces: bool) -> None:
    """Raises SetupError, before any work is done, when the file could not be written in the end: it exists and is not
    to be replaced (`replaces`), it is a folder, a pipe or a device, or its folder is not there."""
    if file.exists() and not file.is_file():
        raise SetupError("no-plain-file", file=str(file))
    if not replaces and os.path.lexists(file):
        raise SetupError("template-exists", file=str(file))
    if not file.parent.is_dir():
        raise SetupError("template-folder", file=str(file), detail=os.strerror(2))


def write_file(file: Path, content: bytes, *, replaces: bool) -> None:
    """Writes the file: it appears at once with all of its content, or not at all. Raises SetupError when it exists and
    `replaces` is false, or when it cannot be written."""
    draft = file.with_name(f".{file.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        if replaces:
            draft.replace(file)
        else:
            _name(draft, file)
    except FileExistsError as error:
        raise SetupError("template-exists", file=str(file)) from error
    except OSError as error:
        raise SetupError("template-folder", file=str(file), detail=error.strerror or type(error).__name__) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _name(draft: Path, file: Path) -> None:
    """Gives the draft its name. Raises FileExistsError when that is taken, were it only a moment ago."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError, AttributeError):  # what a system without hard links raises
        # No hard links: on this file system (OSError), or on this system (os.link raises the second, or is not there).
        # A look before the renaming is all that can be had.
        if os.path.lexists(file):
            raise FileExistsError from None
        draft.rename(file)


FORMATS = ("table", "csv", "json", "xlsx")
ENDINGS = {".csv": "csv", ".json": "json", ".xlsx": "xlsx", ".txt": "table"}
MOST_NAMED = 8
"""Of the columns that a terminal had no room for, so many are named."""
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
    """Where an answer goes. `format` None: that of the file's ending, of standard output a table (CSV in a pipe);
    `file` None: standard output; `replaces`: a file that exists is overwritten. Raises UsageError when the format
    cannot be told or does not fit, SetupError when the file must not be written; both before anything is asked."""
    if file is None:
        chosen = format or ("table" if sys.stdout.isatty() else "csv")
        if chosen == "xlsx" and sys.stdout.isatty():
            raise click.UsageError(words("lookups.wrong.binary"))
        return Target(chosen, None, replaces)
    chosen = format or ENDINGS.get(file.suffix.lower(), "")
    if not chosen:
        raise click.UsageError(words("lookups.wrong.format", file=str(file)))
    refuse_existing(file, replaces=replaces)
    return Target(chosen, file, replaces)


def send_bytes(content: bytes, target: Target) -> None:
    """Writes bytes (CSV, JSON, Excel) to the target: its file, or standard output."""
    if target.file is not None:
        write_file(target.file, content, replaces=target.replaces)
        return
    _write_to_stdout(lambda: _write_out(content))


def _write_out(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def send_printed(draw: "Callable[[Console], None]", target: Target) -> None:
    """Writes what `draw` prints on a console to the target: as wide as the terminal, unfolded elsewhere."""
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
    _write_to_stdout(lambda: draw(console))


def left_out_note(headings: Sequence[str], key: str) -> list[str]:
    """What must be said of the columns that a terminal had no room for (none: nothing). `key`: the catalogue's text,
    which says where they can be had."""
    if not headings:
        return []
    named, more = ", ".join(headings[:MOST_NAMED]), max(len(headings) - MOST_NAMED, 0)
    return [words(key, columns=f"{named} (+{more})" if more else named)]


def show_table(table: "Table") -> None:
    """A table for a person on standard output; the columns that found no room are named on standard error."""
    from importer.report.terminal import print_table

    left_out: list[str] = []
    send_printed(lambda console: left_out.extend(print_table(table, console)), target_of("table", None, replaces=False))
    print_notes(left_out_note(left_out, "said.left-out"))


def print_notes(notes: Sequence[str]) -> None:
    """Prints notes on what was shown, on standard error."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    for note in notes:
        console.print(Text(printable(note), style="dim"))


def _write_to_stdout(write: Callable[[], None]) -> None:
    """Calls `write` and flushes standard output. A closed pipe (`| head`) is ignored: its reader had what it wanted.
    Raises SetupError when it cannot be written for another reason, such as a full disk."""
    try:
        write()
        sys.stdout.flush()
    except SystemExit:  # rich ends the process at a closed pipe
        ignore_broken_pipe(sys.stdout)
    except OSError as error:
        ignore_broken_pipe(sys.stdout)
        if error.errno not in (errno.EPIPE, errno.EINVAL):  # the second on Windows
            raise SetupError("answer-unwritten", detail=error.strerror or type(error).__name__) from error


def show(text: str, *, is_bad: bool = False) -> None:
    """A line for a person: on standard output, what went wrong on standard error; names and answers made harmless."""
    click.echo(printable(text), err=is_bad)


def show_json(document: dict[str, object] | str) -> None:
    """The answer for a script, on standard output; `document` may be JSON already."""
    if isinstance(document, str):
        send_bytes(document.encode(), Target("json", None, replaces=False))
        return
    from importer.report.result_document import to_json

    show_json(to_json(document))


def typed(question: str, default: str = "") -> str:
    """What a person types in answer to a question on standard error, `default` for an empty line. Raises click.Abort at
    Ctrl-C and at the end of the input."""
    return str(click.prompt(question, default=default, show_default=False, prompt_suffix=": ", err=True)).strip()


def chosen(about: str, shown: Sequence[str], language: Language) -> int | None:
    """The position in `shown` that a person chooses by its number, asked `about` it on standard error until there is
    one; None for an empty line. Raises click.Abort as `typed` does."""
    show(about, is_bad=True)
    for number, text in enumerate(shown, start=1):
        show(f"  {number}  {text}", is_bad=True)
    while True:
        answer = typed(say(language, "map-ask.number"))
        if not answer:
            return None
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(shown):
            return int(answer) - 1
        show(say(language, "map-ask.one-of", last=str(len(shown))), is_bad=True)


def says_yes(question: str, language: Language) -> bool:
    """Asks on standard error until there is an answer; none is no. The English words are taken in every language:
    people have them in their fingers. Raises click.Abort at Ctrl-C and at the end of the input."""
    answers = {"": False, "n": False, "no": False, "y": True, "yes": True}
    for key, meaning in (("said.words-of-yes", True), ("said.words-of-no", False)):
        answers |= dict.fromkeys(say(language, key).split(), meaning)
    # A terminal would break a long question in the middle of a word.
    width = max(shutil.get_terminal_size().columns - 1, 20)
    asked = textwrap.fill(f"{question} [{say(language, 'said.yes-or-no')}]:", width, break_on_hyphens=False)
    while True:
        answer = click.prompt(asked, default="", show_default=False, prompt_suffix=" ", err=True)
        wanted = answers.get(str(answer).strip().casefold())
        if wanted is not None:
            return wanted
        click.echo(say(language, "said.answer-yes-or-no"), err=True)


def open_page(page: str | Path) -> None:
    """Opens it in the browser of the desktop, or says that there is none."""
    import webbrowser

    if not webbrowser.open(Path(page).resolve().as_uri()):
        click.echo(words("said.not-opened", file=str(page)), err=True)


def ignore_broken_pipe(stream: TextIO | None) -> None:
    """Points a stream whose reader has closed the pipe at the null device: Python would complain of it at its end."""
    with suppress(OSError, ValueError, AttributeError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno() if stream is not None else -1)
