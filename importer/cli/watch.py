"""`importer watch`: runs each workbook that is put into a folder, until it is told to stop."""

import errno
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import current_language, words
from importer.cli.output import show
from importer.errors import ExitCode, SetupError
from importer.translations import sentence_of

if TYPE_CHECKING:
    from importer.store.database import Database
    from importer.team.channels import Sender
    from importer.team.folder import WatchedFolder

_SECONDS = click.FloatRange(0.05, 3600)


@click.command("watch", help=words("help.watch"), short_help=words("help.watch-short"))
@click.argument("folder", metavar="FOLDER", type=options.PATH)
@click.option("--check-only", is_flag=True, help=words("help.check-only"))
@click.option("--every", metavar="SECONDS", type=_SECONDS, default=2, help=words("help.watch-every"))
@click.option("--stable", metavar="SECONDS", type=_SECONDS, default=5, help=words("help.watch-stable"))
@options.of_settings
def command(folder: Path, check_only: bool, every: float, stable: float, **flags: Any) -> int:
    """Watches until SIGTERM or Ctrl-C; gives the exit code. Raises SetupError when the settings, the store or the
    folder cannot be used: what starts the watcher starts it again."""
    from importer.cli.terminal import STOP_SIGNALS
    from importer.report.report_folder import ready_folder
    from importer.run.results import user_name
    from importer.store.database import Database
    from importer.store.leases import this_process
    from importer.store.submissions import SubmissionOptions
    from importer.team.channels import sender_of
    from importer.team.folder import WORKING, WatchedFolder
    from importer.team.folder_lease import FolderLease

    settings = settings_from(flags)
    settings.login_address()
    if not folder.is_dir():
        raise SetupError("folder-away", folder=str(folder), detail=os.strerror(errno.ENOTDIR))
    ready_folder(settings.reports)
    sender = sender_of(settings, os.environ)
    stops = threading.Event()
    usual = {number: signal.signal(number, lambda *_: stops.set()) for number in STOP_SIGNALS}
    database = Database(settings.store)
    try:
        wanted = SubmissionOptions(check_only=check_only, lang=settings.language.value)
        lease = FolderLease(folder.resolve() / WORKING, settings.store, this_process(user_name()))
        watched = WatchedFolder(
            *(folder.resolve(), settings, wanted, dict(os.environ), stable),
            tell=lambda key, facts: show(words(f"said.{key}", **facts)),
            is_stopping=lambda: stops.is_set() or lease.is_lost.is_set(),
        )
        lease.take(database, watched.in_work())
        try:
            show(words("said.watching", folder=str(watched.folder)))
            if sender is not None:
                threading.Thread(target=_send_notices, args=(sender, stops), daemon=True).start()
            _watch(watched, database, every, stops, lease.is_lost)
        finally:
            stops.set()
            lease.release(database, is_empty=not watched.in_work())
    finally:
        database.close()
        for number, handler in usual.items():
            signal.signal(number, handler)
    return ExitCode.FINE


def _send_notices(sender: "Sender", stops: threading.Event) -> None:
    """Beside the watching, over a connection of its own. A store that is away is said by the watcher."""
    from importer.team.notices import LOOK_SECONDS, send_due

    def tell(key: str, facts: Mapping[str, str]) -> None:
        show(words(f"said.{key}", **facts), is_bad=True)

    while not stops.is_set():
        with suppress(SetupError):
            send_due(sender.settings.store, {sender.channels.profile: sender}, tell, stops.is_set)
        stops.wait(LOOK_SECONDS)


def _watch(
    watched: "WatchedFolder", database: "Database", every: float, stops: threading.Event, is_lost: threading.Event
) -> None:
    """Looks every so many seconds (`every`) until `stops` is set. A share or a store that is away for now is said once,
    and awaited. Raises SetupError when `is_lost` is set: another watcher has the folder."""
    away = ""
    while not stops.is_set():
        if is_lost.is_set():
            raise SetupError("folder-lost", folder=str(watched.folder))
        try:
            watched.look(database)
            away = ""
        except SetupError as error:
            sentence = sentence_of(error, current_language())
            if not (error.may_pass or error.key == "folder-away"):
                raise
            if sentence != away:
                show(sentence, is_bad=True)
            away = sentence
        stops.wait(every)
