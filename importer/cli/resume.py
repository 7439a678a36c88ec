"""`importer resume`: finishes a run that was interrupted or left journals unknown."""

from typing import Any

import click

from importer.cli import options
from importer.cli.language import words
from importer.cli.options import IDENTIFIED, REASON


@click.command("resume", help=words("help.resume"), short_help=words("help.resume-short"))
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--is", "identified", metavar="KEY=NUMBER", multiple=True, type=IDENTIFIED, help=words("help.identified"))
@click.option("--drop", "dropped", metavar="KEY REASON", multiple=True, type=(str, REASON), help=words("help.dropped"))
@click.option("--send", "send_again", metavar="KEY", multiple=True, help=words("help.send-again"))
@click.option("--send-missing", metavar="REASON", type=REASON, help=words("help.send-missing"))
@options.yes
@options.no_wait
@options.no_verify
@options.as_json
@options.summary_md
@options.profile
@options.reports
@options.lang
@options.debug
def command(run: str | None, **flags: Any) -> int:
    """Settles, sends what is left, reports; gives the exit code."""
    from importer.cli.execution import carry_on

    return carry_on(run, flags)
