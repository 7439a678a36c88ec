"""`importer worker`: carries out what was submitted, until it is told to stop."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import words
from importer.cli.output import show
from importer.errors import ExitCode, SetupError


class _Address(options.ValueType):
    """Where figures are served: a port of this machine alone, or of the address before it."""

    name = "address"

    def read(self, text: str) -> tuple[str, int]:
        host, _, port = text.rpartition(":")
        if not (port.isascii() and port.isdigit() and int(port) < 2**16) or text.startswith(":"):
            raise ValueError(text)
        return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)


@click.command("worker", help=words("help.worker"), short_help=words("help.worker-short"))
@click.option(
    "--concurrency", "at_once", metavar="N", type=click.IntRange(1, 64), default=4, help=words("help.at-once")
)
@click.option("--metrics", metavar="[HOST:]PORT", type=_Address(), help=words("help.metrics"))
@options.lang
@options.debug
def command(at_once: int, metrics: tuple[str, int] | None, **flags: Any) -> int:
    """Works until SIGTERM or Ctrl-C; gives the exit code. Raises SetupError when the store or queue is out of reach:
    what starts the worker starts it again."""
    settings = settings_from(flags)
    if not settings.store.startswith("postgres"):
        raise SetupError("queue-needs-postgresql", store=settings.store)
    from importer.settings import connectable_profiles, profile_names, scheduled_folders
    from importer.store.submissions import Submission
    from importer.team.channels import senders_of
    from importer.team.notices import send_due
    from importer.team.queue import work

    profiles = connectable_profiles(os.environ)
    if not profiles:
        raise SetupError("no-profiles")

    def tell_fault(key: str, facts: Mapping[str, str]) -> None:
        show(words(f"said.{key}", **facts), is_bad=True)

    names = ", ".join(name or "–" for name in profiles)
    show(words("said.worker", profiles=names, count=at_once))

    def tell(one: Submission) -> None:
        state = words(f"state.{one.state}")
        show(words("said.worked", number=one.id, name=one.name, state=state, run=one.run or "–"))

    senders = senders_of(profiles, os.environ)
    send_notices = partial(send_due, settings.store, senders, tell_fault) if senders else None
    environments = {profile: dict(os.environ) for profile in profiles}
    with ExitStack() as stack:
        if metrics is not None:
            from importer.team.metrics import metrics_at

            numbered = profile_names()
            port = stack.enter_context(metrics_at(*metrics, settings.store, numbered, settings.language))
            labels = ", ".join(f"{number} {name or '–'}" for number, name in enumerate(numbered))
            show(words("said.metrics", address=f"{metrics[0]}:{port}", profiles=labels))
        work(settings.store, environments, at_once, tell, scheduled_folders(), send_notices)
    return ExitCode.FINE
