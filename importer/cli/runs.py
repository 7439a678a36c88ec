"""`importer runs`: the history, or one run; `importer report`: writes the report of a past run again."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.language import settings_from, words
from importer.cli.output import open_page

if TYPE_CHECKING:
    from importer.settings import Settings


@click.command("runs", help=words("help.runs"), short_help=words("help.runs-short"))
@click.argument("run", metavar="[RUN]", required=False)
@options.as_json
@options.profile
@options.lang
@options.debug
def command(run: str | None, as_json: bool, **flags: Any) -> int:
    """Prints the table; gives the exit code. Raises SetupError for a store or run that is not there."""

    settings = settings_from(flags)
    if run is None:
        _list_runs(settings, as_json=as_json)
    else:
        _show_run(run, settings, as_json=as_json)
    return 0


def _list_runs(settings: "Settings", *, as_json: bool) -> None:
    from importer.cli.output import send_bytes, send_printed, target_of
    from importer.report import tables
    from importer.report.tables import table_of_runs
    from importer.report.terminal import print_table
    from importer.run.history import past_runs
    from importer.translations import say

    runs = past_runs(settings)
    table = table_of_runs(
        [(one.run, one.started_at, one.by, one.company, one.exit_code, one.summary) for one in runs], settings.language
    )
    if as_json:
        send_bytes(tables.to_json(table).encode(), target_of("json", None, replaces=False))
        return
    if not runs:
        click.echo(say(settings.language, "said.no-runs"), err=True)
        return
    send_printed(lambda console: _print(print_table, table, console), target_of("table", None, replaces=False))


def _print(show: Any, table: Any, console: Any) -> None:
    show(table, console)


def _show_run(name: str, settings: "Settings", *, as_json: bool) -> None:
    from importer.cli.output import send_bytes, send_printed, target_of
    from importer.report.result_document import result_document, to_json
    from importer.report.tables import table_of_documents
    from importer.report.terminal import print_table
    from importer.run.history import past_result

    result = past_result(settings, name)
    if as_json:
        document = to_json(result_document(result, settings.language))
        send_bytes(document.encode(), target_of("json", None, replaces=False))
        return
    table = table_of_documents(result, settings.language)
    send_printed(lambda console: _print(print_table, table, console), target_of("table", None, replaces=False))


@click.command("report", help=words("help.report"), short_help=words("help.report-short"))
@click.argument("run", metavar="RUN")
@click.option("--open", "opens_report", is_flag=True, help=words("help.open"))
@options.reports
@options.profile
@options.lang
@options.debug
def report_command(run: str, opens_report: bool, **flags: Any) -> int:
    """Writes the page and says where it is. Raises SetupError for a run that is not there."""
    from importer.report.data_files import write_data_files
    from importer.report.page import page_of, write_page
    from importer.run.history import past_result

    settings = settings_from(flags)
    result = past_result(settings, run)
    page = page_of(result.run, settings.reports)
    result = replace(result, report=str(page))
    write_page(result, settings.reports, settings.language)
    write_data_files(result, settings.reports, settings.language)
    click.echo(words("report.terminal.report", path=str(page)))
    if opens_report:
        open_page(page)
    return 0
