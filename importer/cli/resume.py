"""`importer resume`: finishes a run that was interrupted or left journals unknown."""

from collections.abc import Mapping
from typing import Any

import click

from importer.cli import options
from importer.cli.language import settings_from, words
from importer.cli.options import IDENTIFIED, REASON
from importer.cli.output import reported, tell
from importer.cli.run import posting_options_of
from importer.cli.terminal import Terminal
from importer.model.options import Decisions
from importer.report.corrections import write_corrections
from importer.report.page import ready_folder
from importer.run.resume import resume
from importer.translations import say


def carry_on(name: str | None, flags: Mapping[str, Any]) -> int:
    """Finishes a run (None: the newest unfinished one), writes its report anew, says what happened, and gives the exit
    code. Raises SetupError for settings, a run or a journal that is not there."""
    settings = settings_from(flags)
    ready_folder(settings.reports)
    with Terminal(settings.language, speaks_on_stderr=flags["as_json"], asks=not flags["yes"]) as terminal:
        ran = resume(settings, name, posting_options_of(settings, flags), _decisions(flags), terminal)
        if ran is None:
            terminal.complain(say(settings.language, "said.nothing-to-resume"))
            if flags["as_json"]:
                click.echo("null")
            return 0
        result = reported(ran, settings, terminal, write_corrections)
        tell(result, terminal, flags["as_json"], settings.language)
    return result.exit_code


def _decisions(flags: Mapping[str, Any]) -> Decisions:
    return Decisions(
        send=flags["send_again"],
        identified=flags["identified"],
        dropped=flags["dropped"],
        send_missing=flags["send_missing"] or "",
    )


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
@options.profile
@options.reports
@options.lang
@options.debug
def command(run: str | None, **flags: Any) -> int:
    """Settles, sends what is left, reports; gives the exit code."""
    from importer.cli.resume import carry_on

    return carry_on(run, flags)
