"""`importer run`: the main job."""

from pathlib import Path
from typing import Any

import click

from importer.cli.options import of_run_and_check
from importer.cli.words import words


@click.command("run", help=words("help.run"), short_help=words("help.run-short"))
@of_run_and_check
@click.option("--yes", is_flag=True, help=words("help.yes"))
@click.option("--only-if-clean", is_flag=True, help=words("help.only-if-clean"))
def command(paths: tuple[Path, ...], **flags: Any) -> int:
    """Reads, validates, checks, posts, reports; gives the exit code."""
    from importer.cli.carrying_out import carry_out
    from importer.model.results import Mode

    return carry_out(Mode.RUN, paths, flags)
