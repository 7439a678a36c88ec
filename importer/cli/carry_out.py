"""`importer carry-out`: what a worker starts for each attempt at a submission; not meant to be typed."""

import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import words

if TYPE_CHECKING:
    from importer.errors import ImporterError
    from importer.model.postings import PostingOptions
    from importer.model.results import Result
    from importer.run.state import RunRequest
    from importer.settings import Settings
    from importer.store.database import Database
    from importer.store.submissions import Submission


@click.command("carry-out", hidden=True, help=words("help.carry-out"))
@click.argument("number", metavar="NUMBER", type=int)
@click.argument("attempt", metavar="N", type=int)
@click.option("--settle", "settles", is_flag=True)
@options.profile
@options.debug
def command(number: int, attempt: int, settles: bool, **flags: Any) -> int:
    """Runs the workbook of a submission, or settles what its run left in doubt; gives the exit code. `number` and
    `attempt` are those of the submission: when it is at another attempt by now, nothing is done."""
    threading.Thread(target=_stop_with_input, daemon=True).start()
    from importer.errors import ExitCode, ImporterError
    from importer.store.database import Database
    from importer.store.submissions import SubmissionState, find_submission
    from importer.team.channels import read_channels
    from importer.team.jobs import conclude
    from importer.translations import sentence_of

    settings = settings_from(flags)
    channels = read_channels(settings)  # in the office's language, not that of whoever has handed the workbook in
    with Database(settings.store) as database:
        taken = find_submission(database, number)
        if taken.state is not SubmissionState.WORKING or taken.attempts != attempt:
            return ExitCode.FINE
        settings = settings_from(flags | ({"lang": taken.options.lang} if taken.options.lang else {}))
        try:
            ending = _carried_out(taken, settings, database, settles=settles)
        except ImporterError as error:
            click.echo(sentence_of(error, settings.language), err=True)
            ending = error
        if ending is None:
            return ExitCode.FINE
        conclude(database, taken, settings.settle, ending, channels)
        return ending.exit_code


def _carried_out(
    taken: "Submission", settings: "Settings", database: "Database", *, settles: bool
) -> "Result | ImporterError | None":
    """The result, with its report; None when somebody else has the submission by now. Raises ImporterError."""
    from importer.cli.execution import reported, write_corrections
    from importer.cli.terminal import Terminal
    from importer.errors import SetupError
    from importer.model.postings import NO_DECISIONS
    from importer.report.report_folder import ready_folder
    from importer.run.pipeline import run
    from importer.run.state import run_name
    from importer.services.http import place_of
    from importer.store.submissions import hold
    from importer.team.files import folder_of, lay_out
    from importer.team.jobs import misplaced

    if not settings.url:
        raise SetupError("no-address")
    if (fault := misplaced(taken, place_of(settings.url), settings.userid or "")) is not None:
        raise fault
    settings = replace(
        settings,
        reports=Path(taken.options.reports or settings.reports).absolute(),
        store=_absolute(settings.store),
        attachments=None,
        company_id=taken.company if taken.company is not None else settings.company_id,
    )
    ready_folder(settings.reports)
    folder = folder_of(database, taken.id)
    workbook = lay_out(database, taken, folder)
    os.chdir(folder)
    name = taken.run if settles else run_name()
    if not hold(database, taken, run=name):
        return None
    with Terminal(settings.language, speaks_on_stderr=True, asks=False, held=taken.options.held) as terminal:
        if settles:
            from importer.run.resume import resume

            ran = resume(settings, name, _posting_options(settings, waits=True), NO_DECISIONS, terminal, taken.maker)
        else:
            ran = run(_request(taken, workbook, settings, folder, name), terminal)
        if ran is None:
            raise SetupError("run-planned-nothing", run=name)
        result = reported(ran, settings, terminal, write_corrections)
        with suppress(OSError, ValueError):
            terminal.sum_up(result)
    return result


def _request(taken: "Submission", workbook: Path, settings: "Settings", folder: Path, name: str) -> "RunRequest":
    from importer.model.postings import FollowUpOptions
    from importer.model.results import Mode
    from importer.run.state import RunRequest
    from importer.team.files import MAPPINGS

    wanted = taken.options
    return RunRequest(
        paths=(workbook,),
        mode=Mode.CHECK if wanted.check_only else Mode.RUN,
        settings=settings,
        only_if_clean=wanted.only_if_clean,
        allow_delete=wanted.allow_delete,
        skip_hidden=wanted.skip_hidden,
        posting_options=_posting_options(settings, waits=taken.looks > 0),
        extras=FollowUpOptions(wanted.attach_workbook),
        mapping=wanted.mapping,
        encoding=wanted.encoding,
        mappings=folder / MAPPINGS,
        origin=taken.origin,
        maker=taken.maker,
        name=name,
    )


def _posting_options(settings: "Settings", *, waits: bool) -> "PostingOptions":
    from importer.model.postings import PostingOptions

    return PostingOptions(wait=waits, settle=settings.settle)


def _absolute(store: str) -> str:
    """The address of the store from any folder."""
    if not store.startswith("sqlite:///"):
        return store
    return f"sqlite:///{Path(store.removeprefix('sqlite:///')).absolute()}"


def _stop_with_input() -> None:
    """When the worker closes the pipe, or dies, this process stops as at Ctrl-C: gracefully."""
    with suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    signal.raise_signal(signal.SIGINT)
