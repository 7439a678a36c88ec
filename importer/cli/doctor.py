"""`importer doctor`: what of an office is not in order, and what to do about it."""

import os
from typing import Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import words
from importer.cli.output import show, show_json
from importer.errors import ExitCode


@click.command("doctor", help=words("help.doctor"), short_help=words("help.doctor-short"))
@options.profile
@options.lang
@options.as_json
@options.debug
def command(as_json: bool, **flags: Any) -> int:
    """Looks, and tells each finding in one line; gives 1 when there is one. Raises SetupError for settings that cannot
    be read."""
    from importer.team.health import examine

    looked_at, found = examine(settings_from(flags), os.environ)
    if as_json:
        findings = [{"code": one.code, "text": one.text} for one in found]
        show_json({"schema": "importer.doctor/1", "looked_at": looked_at, "findings": findings})
    else:
        for line in looked_at:
            show(line)
        for one in found:
            show(f"! {one.text}")
        show(words("said.doctor-found", count=len(found)) if found else words("said.doctor-well"))
    return ExitCode.FAULTY if found else ExitCode.FINE
