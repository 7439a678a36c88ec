"""`importer get`: looks anything up that the services offer, by subcommands that are made from `importer.lookups`; and
`importer stamps`: the Sovos stamps of a month."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from importer.cli import options
from importer.cli.context import sandbox_settings, settings_from
from importer.cli.language import Group, spoken, words
from importer.cli.options import MONTH, TYPES
from importer.cli.output import (
    FORMATS,
    Target,
    left_out_note,
    print_notes,
    refuse_existing,
    send_bytes,
    send_printed,
    show_json,
    target_of,
    write_file,
)
from importer.model.dates import Month
from importer.printable import printable
from importer.settings import Settings
from importer.translations import Language, say

if TYPE_CHECKING:
    from rich.console import Console

    from importer.lookups.stamps import MonthOfStamps
    from importer.lookups.tables import Filter, Resource

_SHARED = (
    click.option("--format", "format", type=click.Choice(FORMATS), help=words("lookups.option.format")),
    click.option("-o", "--output", "file", metavar="FILE", type=options.PATH, help=words("lookups.option.output")),
    click.option("--raw", is_flag=True, help=words("lookups.option.raw")),
    click.option("--force", "replaces", is_flag=True, help=words("lookups.option.force")),
    click.option("--sandbox", "in_sandbox", is_flag=True, help=words("lookups.option.sandbox")),
    options.profile,
    options.lang,
    options.debug,
)


class _Resources(Group):
    """The resources whose names begin with `first` (all, when empty). They are loaded only when one is asked for."""

    first = ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(dict.fromkeys(name.removeprefix(self.first).partition(" ")[0] for name in self._found()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = self._found()
        wanted = f"{self.first}{cmd_name}"
        for resource in found.values():
            if wanted == resource.name or (not self.first and cmd_name in resource.also):
                return spoken(_command(resource))
        if any(name.startswith(f"{wanted} ") for name in found):
            group = _Resources(cmd_name, help=words(f"lookups.command.{cmd_name}"))
            group.first = f"{wanted} "
            return spoken(group)
        return None

    def _found(self) -> "dict[str, Resource]":
        from importer.lookups.resources import RESOURCES

        return {name: resource for name, resource in RESOURCES.items() if name.startswith(self.first)}


@click.command(
    "get",
    cls=_Resources,
    help=words("lookups.command.get"),
    short_help=words("lookups.command.get-short"),
    subcommand_metavar="RESOURCE [OPTIONS]",
)
def command() -> None:
    """The group; its members are made from the table of resources."""


def _command(resource: "Resource") -> click.Command:
    def ask(**flags: Any) -> int:
        return _get(resource, flags)

    decorated: Callable[..., Any] = ask
    for option in reversed(_SHARED):
        decorated = option(decorated)
    for one in reversed(resource.filters):
        decorated = _parameter(one)(decorated)
    about = words(f"lookups.help.{resource.key}")
    caution = f"\n\n{words(f'lookups.caution.{resource.key}')}" if resource.has_caution else ""
    name = resource.name.rpartition(" ")[2]
    return click.command(name, help=about + caution, short_help=about)(decorated)


def _parameter(one: "Filter") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    from importer.lookups.tables import FilterKind

    about = words(one.help_key)
    if one.kind is FilterKind.SWITCH:
        return click.option(one.option, one.name, is_flag=True, help=about)
    kind = TYPES[one.kind]
    if one.is_place:
        metavar = one.flag.upper() if one.is_required else f"[{one.flag.upper()}]"
        return click.argument(one.name, metavar=metavar, type=kind, required=one.is_required)
    return click.option(
        one.option,
        one.name,
        type=kind,
        metavar=one.kind.upper(),
        required=one.is_required,
        multiple=one.is_repeatable,
        help=about,
    )


def _get(resource: "Resource", flags: Mapping[str, Any]) -> int:
    """Asks and shows; an empty answer is an answer, exit code 0. Raises ImporterError when nothing can be told, and
    with `--raw` also after what came was shown, when the program itself cannot make sense of it."""
    from importer.lookups.tables import ask_raw
    from importer.run.company import service

    settings = settings_from({name: flags[name] for name in ("lang", "profile")})
    is_raw = flags["raw"]
    format = "json" if is_raw and flags["file"] is None and flags["format"] is None else flags["format"]
    target = target_of(format, flags["file"], replaces=flags["replaces"])
    given = {one.name: one.default if flags[one.name] is None else flags[one.name] for one in resource.filters}
    with sandbox_settings(settings, flags["in_sandbox"]) as settings, service(settings) as session:
        rows, failure = ask_raw(resource, session, given) if is_raw else (list(resource.ask(session, **given)), None)
    _show(resource, rows, target, settings, is_raw=is_raw)
    if failure is not None:
        raise failure
    return 0


def _show(
    resource: "Resource", rows: Sequence[Any], target: Target, settings: Settings, *, is_raw: bool = False
) -> None:
    from importer.lookups.tables import flat_rows, table_of
    from importer.report import tables
    from importer.services.responses import exact_json

    language = settings.language
    is_table = target.format == "table"
    if is_raw:
        resource = replace(resource, columns=(), branch=None)
        if target.format == "json":
            send_bytes(tables.printable_json(exact_json(list(rows))).encode(), target)
            _say_what_came(rows, target, language)
            return
        rows = flat_rows(rows)
    table = table_of(resource, rows, language, ZoneInfo(settings.timezone), in_words=is_table)
    if is_table:
        notes = [say(language, f"lookups.caution.{resource.key}")] if resource.has_caution and rows else []
        send_printed(lambda console: notes.extend(_print(resource, rows, table, settings, console)), target)
        if target.is_person:
            print_notes(notes)
    elif target.format == "xlsx":
        send_bytes(tables.to_xlsx(table), target)
    else:
        write = tables.to_csv if target.format == "csv" else tables.to_json
        send_bytes(write(table).encode(), target)
    _say_what_came(rows, target, language)


def _say_what_came(rows: Sequence[Any], target: Target, language: Language) -> None:
    if not rows:
        click.echo(say(language, "lookups.nothing"), err=True)
    if target.file is not None:
        click.echo(say(language, "lookups.written", file=printable(str(target.file))), err=True)


def _print(resource: "Resource", rows: Sequence[Any], table: Any, settings: Settings, console: "Console") -> list[str]:
    """Prints the rows for people, and gives what must be said beside them."""
    from importer.report.terminal import print_table, print_tree

    if not rows:
        return []
    if resource.branch is not None:
        branch = resource.branch
        print_tree((branch(row, settings.language) for row in rows), console)
        return []
    return left_out_note(print_table(table, console), "lookups.left-out")


_FIGURES = ("consumption", "asked_at", "registered", "authorised", "stamped", "transactions")


@click.command("stamps", help=words("lookups.command.stamps"), short_help=words("lookups.command.stamps-short"))
@click.argument("month", metavar="MONTH", type=MONTH)
@click.option("--rfc", "rfcs", multiple=True, metavar="RFC", help=words("lookups.option.rfc"))
@click.option("--pdf", metavar="FILE", type=options.PATH, help=words("lookups.option.pdf"))
@click.option("--csv", metavar="FILE", type=options.PATH, help=words("lookups.option.csv"))
@click.option("--force", "replaces", is_flag=True, help=words("lookups.option.force"))
@click.option("--sandbox", "in_sandbox", is_flag=True, help=words("lookups.option.sandbox"))
@options.as_json
@options.of_settings
def stamps_command(
    month: Month,
    rfcs: tuple[str, ...],
    pdf: Path | None,
    csv: Path | None,
    replaces: bool,
    in_sandbox: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Asks for everything before anything is written; a month without stamps is an answer, exit code 0. Raises
    SetupError for missing or refused settings and for files that must not be written, ServiceFailure and its like."""
    from importer.lookups.stamps import consumption_report, month_of_stamps
    from importer.report.tables import harmless_csv

    settings = settings_from(flags)
    targets = [file for file in (pdf, csv) if file is not None]
    if pdf is not None and pdf == csv:
        raise click.UsageError(words("lookups.wrong.same-file", file=str(pdf)))
    for file in targets:
        refuse_existing(file, replaces=replaces)
    with sandbox_settings(settings, in_sandbox) as settings:
        found = month_of_stamps(settings, month, rfcs)
        contents = [] if pdf is None else [consumption_report(settings, month, as_pdf=True)]
        contents += [] if csv is None else [harmless_csv(consumption_report(settings, month, as_pdf=False))]
    for file, content in zip(targets, contents, strict=True):
        write_file(file, content, replaces=replaces)
        click.echo(say(settings.language, "lookups.written", file=printable(str(file))), err=True)
    _show_stamps(found, settings.language, as_json)
    return 0


def _show_stamps(found: "MonthOfStamps", language: Language, as_json: bool) -> None:
    from importer.report.tables import json_text

    if as_json:
        show_json(json_text(_stamps_document(found)))
    else:
        send_printed(lambda console: _print_stamps(found, language, console), Target("table", None, replaces=False))
    if not found.movements:
        click.echo(say(language, "lookups.stamps.nothing", month=found.month), err=True)
    if found.strays:
        click.echo(say(language, "lookups.strays", count=found.strays, month=found.month), err=True)


def _print_stamps(found: "MonthOfStamps", language: Language, console: "Console") -> None:
    from importer.report.terminal import print_chart, print_figures

    def said(key: str, **facts: str) -> str:
        return say(language, f"lookups.stamps.{key}", **facts)

    values = [(name, getattr(found, name)) for name in _FIGURES]
    figures = [(said(name), str(value)) for name, value in values if value not in (None, "")]
    title = said("title", month=found.month, rfcs=", ".join(found.rfcs) or said("account"))
    print_figures(title, figures, console)
    if found.movements:
        console.print()
        print_figures(said("by_rfc"), [(rfc, str(count)) for rfc, count in found.by_rfc().items()], console)
    if found.by_day():
        console.print()
        print_chart(said("by_day"), found.by_day(), console)


def _stamps_document(found: "MonthOfStamps") -> dict[str, object]:
    """For scripts: counts are numbers, days and times ISO (times are local ones of the platform)."""
    return {
        "month": str(found.month),
        "rfcs": list(found.rfcs),
        "consumption": found.consumption,
        "asked_at": None if found.asked_at is None else found.asked_at.isoformat(),
        "registered": found.registered,
        "authorised": found.authorised,
        "stamped": found.stamped,
        "transactions": found.transactions,
        "by_rfc": [{"rfc": rfc, "stamps": count} for rfc, count in found.by_rfc().items()],
        "by_day": [{"day": day.isoformat(), "stamps": count} for day, count in found.by_day().items()],
        "movements": [
            {"rfc": one.rfc, "at": one.at.isoformat(), "kind": one.kind, "stamps": one.stamps}
            for one in found.movements
        ],
    }
