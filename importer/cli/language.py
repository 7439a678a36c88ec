"""The language of the command line: that of its help until the settings are read, theirs from then on."""

import gettext
import os
import re
import sys
from itertools import pairwise
from pathlib import Path

import click

import importer
from importer.translations import Language, chapter, language_of, say


def _flag(arguments: list[str]) -> str | None:
    found = None
    for argument, following in pairwise([*arguments, ""]):
        if argument == "--lang":
            found = following
        elif argument.startswith("--lang="):
            found = argument.removeprefix("--lang=")
    return found


gettext.bindtextdomain("importer", str(Path(importer.__file__).parent / "locale"))
gettext.textdomain("importer")

HELP_LANGUAGE: Language = language_of(_flag(sys.argv[1:]), os.environ)
"""From `--lang`, IMPORTER_LANG or the locale: help is made before click reads a flag, or anybody a settings file."""

_CAPITALS = re.compile("[A-Z]{2,}")
_spoken = HELP_LANGUAGE
os.environ["LANGUAGE"] = HELP_LANGUAGE


def set_language(language: Language) -> None:
    """Sets the language of `words`, of `current_language` and of click's own texts."""
    global _spoken
    _spoken = language
    os.environ["LANGUAGE"] = language  # gettext, by which click words its own, asks for it each time


def current_language() -> Language:
    """The language of the settings, or of the help until they are read."""
    return _spoken


def words(key: str, **facts: str | int) -> str:
    """A text of the catalogue in the current language."""
    return say(_spoken, key, **facts)


def _lang_before_command() -> str | None:
    """What `--lang` between `importer` and the command says."""
    lang: str | None = click.get_current_context().find_root().params.get("lang")
    return lang


lang = click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default=_lang_before_command,
    help=words("help.lang"),
)


class Group(click.Group):
    """A group that finds its members by name when they are called; for a misspelt one the nearest name is suggested."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's. Raises UsageError with the suggestion, which click itself makes of imported members alone."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as mistake:
            from difflib import get_close_matches

            nearest = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not nearest:
                raise
            suggestion = words("said.did-you-mean", name=nearest[0])
            raise click.UsageError(f"{mistake.format_message()} {suggestion}", ctx) from mistake


def spoken(command: click.Command) -> click.Command:
    """The command with what stands for its arguments in the user's language; gettext does the rest of click's words."""
    command.options_metavar = _metavar(command.options_metavar)
    for parameter in command.params:
        parameter.metavar = _metavar(parameter.metavar)
    if isinstance(command, click.Group):
        command.subcommand_metavar = _metavar(command.subcommand_metavar) or ""
        for one in command.commands.values():
            spoken(one)
    return command


def _metavar(shape: str | None) -> str | None:
    """What stands for a value in a usage line, such as `[RUN]` or `KEY=NUMBER`, with its words in the language that is
    spoken now; what is no word of the catalogue stays (`D/C`)."""
    if shape is None:
        return None
    return _CAPITALS.sub(lambda word: chapter(_spoken, "metavar").get(f"metavar.{word[0].lower()}", word[0]), shape)
