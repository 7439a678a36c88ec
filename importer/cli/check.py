"""`importer check`: everything but posting."""

from pathlib import Path
from typing import Any

import click

from importer.cli.options import of_check
from importer.cli.words import words


@click.command("check", help=words("help.check"), short_help=words("help.check-short"))
@of_check
def command(paths: tuple[Path, ...], **flags: Any) -> int:
    """Reads, validates, checks, reports; gives the exit code."""
    from importer.cli.carrying_out import carry_out
    from importer.model.results import Mode

    return carry_out(Mode.CHECK, paths, flags)
