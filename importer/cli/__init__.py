"""The command `importer`: its table of commands, and one call from arguments to exit code. Each command stands in the
file that the table names and is imported only when it is called, so that `importer --help` is quick."""

import gc
import gettext
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from importer import __version__
from importer.cli.language import HELP_LANGUAGE, Group, current_language, lang, set_language, spoken, words
from importer.errors import ExitCode, ImporterError
from importer.model.secrets import OF_THIS_PROCESS
from importer.printable import printable
from importer.translations import sentence_of

COMMANDS = {
    "run": ("run", "command"),
    "check": ("run", "check_command"),
    "map": ("map", "command"),
    "template": ("template", "template_command"),
    "resume": ("run", "resume_command"),
    "runs": ("runs", "command"),
    "report": ("runs", "report_command"),
    "audit": ("runs", "audit_command"),
    "reverse": ("journals", "reverse_command"),
    "get": ("get", "command"),
    "stamps": ("get", "stamps_command"),
    "print": ("journals", "print_command"),
    "attach": ("attach", "attach_command"),
    "detach": ("attach", "detach_command"),
    "employee": ("employee", "employee_command"),
    "login": ("login", "command"),
    "logout": ("login", "logout_command"),
    "submit": ("office", "submit_command"),
    "submissions": ("office", "submissions_command"),
    "worker": ("worker", "command"),
    "watch": ("office", "watch_command"),
    "doctor": ("worker", "doctor_command"),
    "carry-out": ("worker", "carry_out_command"),
    "requests": ("office", "requests_command"),
    "approve": ("office", "approve_command"),
    "reject": ("office", "reject_command"),
    "policy": ("office", "policy_command"),
    "store": ("runs", "store_command"),
    "sandbox": ("sandbox", "command"),
}
"""Each command, in the order of the help: its file in this package, and its name there."""
OBJECTS_UNTIL_A_LOOK = 100_000
"""Python looks for garbage after 700 new objects; a big workbook makes millions that all stay, and a seventh of the
time went into looking at them."""


class _Commands(Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: Any = getattr(import_module(f"importer.cli.{module}"), name)
        return spoken(command) if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of the help as click writes it, from the catalogue: no command is imported for its line."""
        with formatter.section(gettext.gettext("Commands")):
            formatter.write_dl([(name, words(key)) for name in COMMANDS if (key := _line_of(name))])


def _line_of(name: str) -> str | None:
    """The key of a command's line in the help, None for one that people do not call."""
    if name == "carry-out":
        return None
    keys = {"get": "lookups.command.get-short", "stamps": "lookups.command.stamps-short"}
    keys |= {"employee": "help.employee"}
    return keys.get(name, f"help.{name}-short")


@click.command(cls=_Commands, help=words("help.importer"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="importer", message="%(prog)s %(version)s", help=words("click.version"))
@lang
def importer(lang: str | None) -> None:  # the option of the same name of each command takes it over
    """The group; its help is in the catalogues."""


spoken(importer)


def main() -> None:
    """Runs the command line and ends the process with its exit code. A traceback is shown with `--debug` only."""
    gc.set_threshold(OBJECTS_UNTIL_A_LOOK, 20, 20)
    if sys.argv[1:2] == ["check"]:
        # It ends soon, and next to nothing of what it makes is garbage; a run may wait for hours.
        gc.disable()
    _open_streams()
    code = exit_code_of_command(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    # Python would wait for workers that wait for answers after Ctrl-C, and take a big workbook apart cell by cell.
    os._exit(code)


def _open_streams() -> None:
    """The null device stands in for streams that the caller has closed: a file of ours must not get their number."""
    while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(spare)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115  stays open as long as the process


def exit_code_of_command(arguments: list[str]) -> int:
    """Runs one command line and gives its exit code; everything that goes wrong is one sentence on standard error."""
    set_language(HELP_LANGUAGE)
    OF_THIS_PROCESS.forget()
    try:
        code = importer.main(arguments, prog_name="importer", standalone_mode=False)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as mistake:
        mistake.show()
        return mistake.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(words("said.interrupted"), err=True)
        return ExitCode.INTERRUPTED
    except ImporterError as error:
        if "--debug" in arguments:
            _show_traceback(error)
        click.echo(printable(sentence_of(error, current_language(), OF_THIS_PROCESS)), err=True)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the program's one catch-all: users never see a traceback
        if "--debug" in arguments:
            _show_traceback(error)
        detail = getattr(error, "strerror", None) or type(error).__name__
        click.echo(words("error.unexpected", detail=detail), err=True)
        return ExitCode.STOPPED
    return code if isinstance(code, int) else 0


def _show_traceback(error: Exception) -> None:
    """The whole chain, without secrets: the exceptions of libraries quote what they could not read."""
    import traceback

    click.echo(OF_THIS_PROCESS("".join(traceback.format_exception(error))), err=True)
