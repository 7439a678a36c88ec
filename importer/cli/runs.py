"""What the store knows: `importer runs` lists past runs or shows one, `importer report` writes the report of one again,
`importer audit` compares what was posted with the ledger, `importer store` copies a store or looks whether it is
whole."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from, terminal_of_command
from importer.cli.language import words
from importer.cli.options import PERIOD
from importer.cli.output import open_page, print_notes, show_json, show_table
from importer.errors import ExitCode
from importer.model.dates import Period
from importer.model.secrets import without_password
from importer.settings import Settings
from importer.translations import say

if TYPE_CHECKING:
    from importer.report.tables import FindingFacts
    from importer.run.history import Audit


@click.command("runs", help=words("help.runs"), short_help=words("help.runs-short"))
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--page", type=click.IntRange(1), metavar="N", help=words("help.page"))
@click.option("--html", "as_html", is_flag=True, help=words("help.html"))
@options.reports
@options.as_json
@options.of_settings
def command(run: str | None, page: int | None, as_html: bool, as_json: bool, **flags: Any) -> int:
    """Prints the table, or writes it as a page; gives the exit code. Raises SetupError for a store or run that is not
    there, or a folder that cannot be written."""
    settings = settings_from(flags)
    if run is None:
        _list_runs(settings, page, as_html=as_html, as_json=as_json)
    else:
        _show_run(run, settings, as_json=as_json)
    return 0


def _list_runs(settings: Settings, page: int | None, *, as_html: bool, as_json: bool) -> None:
    from importer.report.tables import runs_for_a_person, table_of_runs, to_json
    from importer.run.history import past_runs

    # Programs get all of them, as they did before there were pages.
    shown = past_runs(settings, page if as_json or as_html else page or 1)
    table = table_of_runs(
        [
            (one.run, one.started_at, one.by, one.company, one.exit_code, one.summary, one.corrected_by)
            for one in shown.runs
        ],
        settings.language,
    )
    for_a_person = runs_for_a_person(table)
    if as_json:
        show_json(to_json(table))
        return
    if not shown.all:
        click.echo(say(settings.language, "said.no-runs"), err=True)
        return
    command = "importer runs --page N"
    place: dict[str, str | int] = {"page": shown.number, "pages": shown.pages, "count": shown.all}
    note = say(settings.language, "said.page-of-runs", **place, command=command) if shown.pages > 1 else ""
    if as_html:
        from importer.report.page import write_table_page

        target = Path(settings.reports) / "runs.html"
        write_table_page(for_a_person, target, words("runs.title"), note, settings.language)
        click.echo(words("report.terminal.report", path=str(target)))
        return
    show_table(for_a_person)
    if note:
        print_notes([note])


def _show_run(name: str, settings: Settings, *, as_json: bool) -> None:
    from importer.report.result_document import result_text
    from importer.report.tables import table_of_documents
    from importer.run.history import past_result

    result = past_result(settings, name)
    if as_json:
        show_json(result_text(result, settings.language))
        return
    show_table(table_of_documents(result, settings.language))


@click.command("report", help=words("help.report"), short_help=words("help.report-short"))
@click.argument("run", metavar="RUN")
@click.option("--open", "opens_report", is_flag=True, help=words("help.open"))
@options.reports
@options.of_settings
def report_command(run: str, opens_report: bool, **flags: Any) -> int:
    """Writes the page and says where it is. Raises SetupError for a run that is not there."""
    from importer.report.page import write_page
    from importer.report.report_folder import page_of, write_data_files
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


@click.command("audit", help=words("help.audit"), short_help=words("help.audit-short"))
@click.option("--period", metavar="P", type=PERIOD, help=words("help.audit-period"))
@click.option("--any-company", is_flag=True, help=words("help.any-company-too"))
@options.as_json
@options.of_settings
def audit_command(period: Period | None, any_company: bool, as_json: bool, **flags: Any) -> int:
    """Prints what is wrong; gives the exit code, 4 when something is. Raises SetupError, TryAgain."""
    from importer.report import tables
    from importer.run.history import audit

    settings = settings_from(flags)
    with terminal_of_command(settings) as person:
        audited = audit(settings, period, person, any_company=any_company)
    facts = _findings(audited)
    if as_json:
        table = tables.table_of_findings(facts, settings.language)
        show_json(tables.to_json(table))
    elif facts:
        show_table(tables.table_of_findings(facts, settings.language, on_a_terminal=True))
    if audited.wrong:
        click.echo(words("said.audit-wrong", count=audited.wrong, total=audited.compared), err=True)
        return ExitCode.UNKNOWN
    verdict = words("said.audit-fine", count=audited.compared) if audited.compared else words("said.audit-nothing")
    click.echo(verdict, err=True)
    return ExitCode.FINE


def _findings(audited: "Audit") -> "list[FindingFacts]":
    from importer.report.tables import FindingFacts

    return [
        FindingFacts(
            *(one.fault.value, one.posted.journal_number, one.posted.run, one.posted.key, one.posted.file),
            *(one.shown.period, one.numbers, one.reverse),
            changes=[(each.line, each.field, each.sent, each.found) for each in one.differences],
        )
        for one in audited.findings
    ]


@click.group("store", help=words("help.store"), short_help=words("help.store-short"))
def store_command() -> None:
    """The group; its help is in the catalogues."""


@store_command.command("copy", help=words("help.store-copy"), short_help=words("help.store-copy-short"))
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@options.of_settings
def _copy(source: str, target: str, **flags: Any) -> int:
    """Copies, and says what was. Raises SetupError where it is not certain that both hold the same."""
    from importer.store.copies import copy_store

    settings_from(flags)
    copied = copy_store(source, target)
    facts = {"source": without_password(source), "target": without_password(target)}
    click.echo(words("said.store-copied", runs=copied["runs"], journals=copied["journals"], **facts))
    return ExitCode.FINE


@store_command.command("check", help=words("help.store-check"), short_help=words("help.store-check-short"))
@options.of_settings
def _check(**flags: Any) -> int:
    """Prints what the store holds; gives 3 when something in it is damaged. Raises SetupError."""
    from importer.store.copies import check_store

    store = settings_from(flags).store
    runs, journals, faults = check_store(store)
    held = ", ".join(f"{state} {count}" for state, count in journals.by_state.items()) or "–"
    click.echo(words("said.store-holds", store=without_password(store), runs=runs, journals=held))
    if journals.oldest_doubt is not None:
        click.echo(words("said.store-doubt", at=journals.oldest_doubt))
    for fault in faults:
        click.echo(words("said.store-fault", what=fault), err=True)
    if faults:
        click.echo(words("said.store-damaged"), err=True)
        return ExitCode.STOPPED
    click.echo(words("said.store-whole"))
    return ExitCode.FINE
