"""Options that several commands share, and values that are more than text: periods, days, dimensions."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.language import lang as lang
from importer.cli.language import words
from importer.model.dates import Month, Period
from importer.model.journals import DIMENSION_FIELDS
from importer.model.workbook import TEXT_ENCODINGS
from importer.printable import printable

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # older releases of click cannot be asked for its type of value


_DAY_TEXT = re.compile("[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")


class ValueType(ParamType):
    """A value that `read` makes of a text; where that raises ValueError, what was expected is said by its `name`
    (catalogue, below `lookups.wrong.`)."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name, self._read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click's; a value that is no text has been read already."""
        if not isinstance(value, str) or isinstance(value, Period | Month):
            return value
        try:
            return self._read(value.strip())
        except ValueError:
            facts = {"value": printable(value), "names": ", ".join(DIMENSION_FIELDS)}
            self.fail(words(f"lookups.wrong.{self.name}", **facts), param, ctx)


def _day(text: str) -> date:
    if not _DAY_TEXT.fullmatch(text):
        raise ValueError(text)  # Python reads other forms of ISO 8601 too: 20180630, 2018-W26-6
    return date.fromisoformat(text)


def _dimension(text: str) -> int:
    by_name = {name.lower(): number for number, name in enumerate(DIMENSION_FIELDS, start=1)}
    if text.lower() in by_name:
        return by_name[text.lower()]
    if text.isascii() and text.isdigit() and 1 <= int(text) <= len(DIMENSION_FIELDS):
        return int(text)
    raise ValueError(text)


def _identified(text: str) -> tuple[str, int]:
    key, _, number = text.rpartition("=")
    if not key.strip() or not (number.isascii() and number.isdigit() and 0 < int(number) < 2**63):
        raise ValueError(text)
    return key.strip(), int(number)


def _reason(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


DAY, MONTH, PERIOD = ValueType("day", _day), ValueType("month", Month), ValueType("period", Period)
IDENTIFIED, REASON = ValueType("identified", _identified), ValueType("reason", _reason)
TYPES: Mapping[str, ParamType] = {
    "text": click.STRING,
    "number": click.INT,
    "period": PERIOD,
    "day": DAY,
    "dimension": ValueType("dimension", _dimension),
}
"""The click type that reads the value of a filter of `importer get`, by its kind."""


Command = Callable[..., Any]

debug = click.option("--debug", is_flag=True, expose_value=False, help=words("help.debug"))
profile = click.option("--profile", metavar="NAME", help=words("help.profile"))
as_json = click.option("--json", "as_json", is_flag=True, help=words("help.json"))
summary_md = click.option("--summary-md", is_flag=True, help=words("help.summary-md"))


def of_settings(command: Command) -> Command:
    """Adds `--profile`, `--lang` and `--debug`, which commands have that read the settings."""
    return profile(lang(debug(command)))


yes = click.option("--yes", is_flag=True, help=words("help.yes"))
no_wait = click.option("--no-wait", is_flag=True, help=words("help.no-wait"))
no_verify = click.option("--no-verify", is_flag=True, help=words("help.no-verify"))


class _NamedPath(click.Path):
    """A path; an empty one is none: Python would take it for the working folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)  # who reads the file says what is wrong with it

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


encoding = click.option("--encoding", type=click.Choice(TEXT_ENCODINGS), help=words("help.encoding"))

_BEFORE = (
    click.option("--sandbox", "in_sandbox", is_flag=True, help=words("help.in-sandbox")),
    profile,
    reports,
    lang,
    as_json,
    summary_md,
    click.option("--mapping", metavar="NAME", help=words("help.mapping")),
    click.option("--concurrency", metavar="N", type=click.IntRange(1, 64), help=words("help.concurrency")),
)
_AFTER = (
    encoding,
    click.option("--skip-hidden", is_flag=True, help=words("help.skip-hidden")),
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
    any_company = click.option("--any-company", is_flag=True, help=words(about_any_company))
    for option in reversed((argument, *_BEFORE, any_company, *_AFTER)):
        command = option(command)
    return command
