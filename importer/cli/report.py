"""`importer report`: writes a past run's report again."""

from typing import Any

import click

from importer.cli import options
from importer.cli.browser import open_page
from importer.cli.words import settings_from, words


@click.command("report", help=words("help.report"), short_help=words("help.report-short"))
@click.argument("run", metavar="RUN")
@click.option("--open", "opens_report", is_flag=True, help=words("help.open"))
@options.reports
@options.profile
@options.lang
@options.debug
def command(run: str, opens_report: bool, **flags: Any) -> int:
    """Writes the page and says where it is. Raises SetupError for a run that is not there."""
    from importer.report.page import write_page
    from importer.run.history import past_result

    settings = settings_from(flags)
    page = write_page(past_result(settings, run), settings.reports, settings.language)
    click.echo(words("report.terminal.report", path=str(page)))
    if opens_report:
        open_page(page)
    return 0
