"""`importer stamps`: the Sovos stamps of a month."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import words
from importer.cli.options import MONTH
from importer.model.dates import Month

if TYPE_CHECKING:
    from rich.console import Console

    from importer.lookups.stamps import MonthOfStamps
    from importer.translations import Language

_FIGURES = ("consumption", "asked_at", "registered", "authorised", "stamped", "transactions")
_FILE = options.PATH


@click.command("stamps", help=words("lookups.command.stamps"), short_help=words("lookups.command.stamps-short"))
@click.argument("month", metavar="MONTH", type=MONTH)
@click.option("--rfc", "rfcs", multiple=True, metavar="RFC", help=words("lookups.option.rfc"))
@click.option("--pdf", metavar="FILE", type=_FILE, help=words("lookups.option.pdf"))
@click.option("--csv", metavar="FILE", type=_FILE, help=words("lookups.option.csv"))
@click.option("--force", "replaces", is_flag=True, help=words("lookups.option.force"))
@click.option("--sandbox", "in_sandbox", is_flag=True, help=words("lookups.option.sandbox"))
@options.as_json
@options.of_settings
def command(
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
    from importer.cli.context import sandbox_settings
    from importer.cli.output import refuse_existing, write_file
    from importer.lookups.stamps import month_of_stamps, report_as_csv, report_as_pdf
    from importer.printable import printable
    from importer.report.tables import harmless_csv
    from importer.translations import say

    settings = settings_from(flags)
    targets = [file for file in (pdf, csv) if file is not None]
    if pdf is not None and pdf == csv:
        raise click.UsageError(words("lookups.wrong.same-file", file=str(pdf)))
    for file in targets:
        refuse_existing(file, replaces=replaces)
    with sandbox_settings(settings, in_sandbox) as settings:
        found = month_of_stamps(settings, month, rfcs)
        contents = [] if pdf is None else [report_as_pdf(settings, month)]
        contents += [] if csv is None else [harmless_csv(report_as_csv(settings, month))]
    for file, content in zip(targets, contents, strict=True):
        write_file(file, content, replaces=replaces)
        click.echo(say(settings.language, "lookups.written", file=printable(str(file))), err=True)
    _show(found, settings.language, as_json)
    return 0


def _show(found: "MonthOfStamps", language: "Language", as_json: bool) -> None:
    from importer.cli.output import Target, send_bytes, send_printed
    from importer.report.tables import json_text
    from importer.translations import say

    if as_json:
        send_bytes(json_text(_document(found)).encode(), Target("json", None, replaces=False))
    else:
        send_printed(lambda console: _print(found, language, console), Target("table", None, replaces=False))
    if not found.movements:
        click.echo(say(language, "lookups.stamps.nothing", month=found.month), err=True)
    if found.strays:
        click.echo(say(language, "lookups.strays", count=found.strays, month=found.month), err=True)


def _print(found: "MonthOfStamps", language: "Language", console: "Console") -> None:
    from importer.report.terminal import print_chart, print_figures
    from importer.translations import say

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


def _document(found: "MonthOfStamps") -> dict[str, object]:
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
