"""`importer worker`: carries out what was submitted, until it is told to stop."""

import os
from typing import Any

import click

from importer.cli import options
from importer.cli.context import settings_from, show
from importer.cli.language import words
from importer.errors import ExitCode, SetupError


@click.command("worker", help=words("help.worker"), short_help=words("help.worker-short"))
@click.option(
    "--concurrency", "at_once", metavar="N", type=click.IntRange(1, 64), default=4, help=words("help.at-once")
)
@options.lang
@options.debug
def command(at_once: int, **flags: Any) -> int:
    """Works until SIGTERM or Ctrl-C; gives the exit code. Raises SetupError when the store or queue is out of reach:
    what starts the worker starts it again."""
    from importer.settings import connectable_profiles, scheduled_folders
    from importer.store.submissions import Submission
    from importer.team.queue import work

    settings = settings_from(flags)
    if not settings.store.startswith("postgres"):
        raise SetupError("queue-needs-postgresql", store=settings.store)
    profiles = connectable_profiles(os.environ)
    if not profiles:
        raise SetupError("no-profiles")
    names = ", ".join(name or "–" for name in profiles)
    show(words("said.worker", profiles=names, count=at_once))

    def tell(one: Submission) -> None:
        state = words(f"state.{one.state}")
        show(words("said.worked", number=one.id, name=one.name, state=state, run=one.run or "–"))

    work(settings.store, {profile: dict(os.environ) for profile in profiles}, at_once, tell, scheduled_folders())
    return ExitCode.FINE
