"""What `resume` does around the finishing of a run."""

from collections.abc import Mapping
from typing import Any

import click

from importer.cli.carrying_out import wishes_of
from importer.cli.telling import reported, tell
from importer.cli.terminal import Terminal
from importer.cli.words import settings_from
from importer.language import say
from importer.model.wishes import Decisions
from importer.report.corrections import write_corrections
from importer.report.page import ready_folder
from importer.run.resuming import resume


def carry_on(name: str | None, flags: Mapping[str, Any]) -> int:
    """Finishes a run (None: the newest unfinished one), writes its report anew, says what happened, and gives the exit
    code. Raises SetupError for settings, a run or a journal that is not there."""
    settings = settings_from(flags)
    ready_folder(settings.reports)
    with Terminal(settings.language, speaks_on_stderr=flags["as_json"], asks=not flags["yes"]) as terminal:
        ran = resume(settings, name, wishes_of(settings, flags), _decisions(flags), terminal)
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
