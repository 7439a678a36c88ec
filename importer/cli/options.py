"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from importer.cli.words import words
from importer.language import Language

Command = Callable[..., Any]

lang = click.option("--lang", type=click.Choice([language.value for language in Language]), help=words("help.lang"))
debug = click.option("--debug", is_flag=True, expose_value=False, help=words("help.debug"))
profile = click.option("--profile", metavar="NAME", help=words("help.profile"))
as_json = click.option("--json", "as_json", is_flag=True, help=words("help.json"))
yes = click.option("--yes", is_flag=True, help=words("help.yes"))
no_wait = click.option("--no-wait", is_flag=True, help=words("help.no-wait"))
no_verify = click.option("--no-verify", is_flag=True, help=words("help.no-verify"))


class _NamedPath(click.Path):
    """A path; an empty one is none: Python would take it for the working folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).strip():
            self.fail(words("said.no-path"), param, ctx)
        return super().convert(value, param, ctx)


PATH = _NamedPath()


def _folder(text: str) -> str:
    if not text.strip():
        raise click.BadParameter(words("said.no-folder"))
    return text


reports = click.option("--out", "reports", metavar="FOLDER", type=_folder, help=words("help.out"))


def _any_company(about: str) -> Callable[[Command], Command]:
    return click.option("--any-company", is_flag=True, help=words(about))


_BEFORE = (
    click.option("--sandbox", "in_sandbox", is_flag=True, help=words("help.in-sandbox")),
    profile,
    reports,
    lang,
    as_json,
    click.option("--concurrency", metavar="N", type=click.IntRange(1, 64), help=words("help.concurrency")),
)
_AFTER = (
    click.option("--allow-delete", is_flag=True, help=words("help.allow-delete")),
    click.option("--open", "opens_report", is_flag=True, help=words("help.open")),
    debug,
)


def of_run(command: Command) -> Command:
    """Adds the argument and options that `run` shares with `check`. Its paths may be left out: see `--corrections`."""
    return _decorated(command, "help.any-company", paths=False)


def of_check(command: Command) -> Command:
    """The same for `check`, which posts nothing."""
    return _decorated(command, "help.any-company-too", paths=True)


def _decorated(command: Command, about_any_company: str, *, paths: bool) -> Command:
    argument = click.argument("paths", metavar="PATH...", nargs=-1, required=paths, type=PATH)
    for option in reversed((argument, *_BEFORE, _any_company(about_any_company), *_AFTER)):
        command = option(command)
    return command
