"""`importer worker` carries out what was submitted, each attempt in a process of its own (`importer carry-out`), until
it is stopped; `importer doctor` says what of an office is not in order, and what to do about it."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from
from importer.cli.language import words
from importer.cli.output import show, show_json
from importer.errors import ExitCode, ImporterError, SetupError
from importer.settings import Settings, connectable_profiles
from importer.settings_file import profile_names, scheduled_folders
from importer.translations import sentence_of

if TYPE_CHECKING:
    from importer.model.postings import PostingOptions
    from importer.model.results import Result
    from importer.run.state import RunRequest
    from importer.store.database import Database
    from importer.store.submissions import Submission


def _address(text: str) -> tuple[str, int]:
    """Where figures are served: a port of this machine alone, or of the address before it."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 2**16) or text.startswith(":"):
        raise ValueError(text)
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)


_ADDRESS = options.ValueType("address", _address)


@click.command("worker", help=words("help.worker"), short_help=words("help.worker-short"))
@click.option(
    "--concurrency", "at_once", metavar="N", type=click.IntRange(1, 64), default=4, help=words("help.at-once")
)
@click.option("--metrics", metavar="[HOST:]PORT", type=_ADDRESS, help=words("help.metrics"))
@options.lang
@options.debug
def command(at_once: int, metrics: tuple[str, int] | None, **flags: Any) -> int:
    """Works until SIGTERM or Ctrl-C; gives the exit code. Raises SetupError when the store or queue is out of reach:
    what starts the worker starts it again."""
    settings = settings_from(flags)
    if not settings.store.startswith("postgres"):
        raise SetupError("queue-needs-postgresql", store=settings.store)
    from importer.store.submissions import Submission
    from importer.team.channels import senders_of
    from importer.team.notices import send_due
    from importer.team.queue import work

    profiles = connectable_profiles(os.environ)
    if not profiles:
        raise SetupError("no-profiles")
    senders = senders_of(profiles, os.environ)

    def tell_fault(key: str, facts: Mapping[str, str]) -> None:
        show(words(f"said.{key}", **facts), is_bad=True)

    def tell(one: Submission) -> None:
        state = words(f"state.{one.state}")
        show(words("said.worked", number=one.id, name=one.name, state=state, run=one.run or "–"))

    show(words("said.worker", profiles=", ".join(name or "–" for name in profiles), count=at_once))
    send_notices = partial(send_due, settings.store, senders, tell_fault) if senders else None
    environments = {profile: dict(os.environ) for profile in profiles}
    with ExitStack() as stack:
        if metrics is not None:
            from importer.team.health import metrics_at

            numbered = profile_names()
            port = stack.enter_context(metrics_at(*metrics, settings.store, numbered, settings.language))
            labels = ", ".join(f"{number} {name or '–'}" for number, name in enumerate(numbered))
            show(words("said.metrics", address=f"{metrics[0]}:{port}", profiles=labels))
        work(settings.store, environments, at_once, tell, scheduled_folders(), send_notices)
    return ExitCode.FINE


@click.command("carry-out", hidden=True, help=words("help.carry-out"))
@click.argument("number", metavar="NUMBER", type=int)
@click.argument("attempt", metavar="N", type=int)
@click.option("--settle", "settles", is_flag=True)
@options.profile
@options.debug
def carry_out_command(number: int, attempt: int, settles: bool, **flags: Any) -> int:
    """Runs the workbook of a submission, or settles what its run left in doubt; gives the exit code. `number` and
    `attempt` are those of the submission: when it is at another attempt by now, nothing is done."""
    threading.Thread(target=_stop_with_input, daemon=True).start()
    from importer.store.database import Database
    from importer.store.submissions import SubmissionState, find_submission
    from importer.team.channels import read_channels
    from importer.team.jobs import conclude

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
    taken: "Submission", settings: Settings, database: "Database", *, settles: bool
) -> "Result | ImporterError | None":
    """The result, with its report; None when somebody else has the submission by now. Raises ImporterError."""
    from importer.cli.run_execution import reported, write_corrections
    from importer.cli.terminal import Terminal
    from importer.model.postings import NO_DECISIONS, PostingOptions
    from importer.report.report_folder import ready_folder
    from importer.run.pipeline import run
    from importer.run.state import run_name
    from importer.services.http import place_of
    from importer.store.submissions import hold
    from importer.team.files import folder_of, lay_out

    address, userid = place_of(settings.service_address()), settings.userid or ""
    if (taken.address, taken.userid) != (address, userid):
        facts = {"address": taken.address, "userid": taken.userid, "given": address, "given_user": userid}
        raise SetupError("submission-elsewhere", **facts)
    store = settings.store
    if store.startswith("sqlite:///"):  # from any folder
        store = f"sqlite:///{Path(store.removeprefix('sqlite:///')).absolute()}"
    settings = replace(
        settings,
        reports=Path(taken.options.reports or settings.reports).absolute(),
        store=store,
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
    options = PostingOptions(wait=taken.looks > 0, settle=settings.settle)
    # systemd signals this process besides its worker, which closes the input then: twice means no more than once.
    terminal = Terminal(
        settings.language, speaks_on_stderr=True, asks=False, held=taken.options.held, most_interrupts=1
    )
    with terminal:
        if settles:
            from importer.run.resume import resume

            ran = resume(settings, name, options, NO_DECISIONS, terminal, taken.maker)
        else:
            ran = run(_request(taken, workbook, settings, options, name), terminal)
        if ran is None:
            raise SetupError("run-planned-nothing", run=name)
        result = reported(ran, settings, terminal, write_corrections)
        with suppress(OSError, ValueError):
            terminal.sum_up(result)
    return result


def _request(
    taken: "Submission", workbook: Path, settings: Settings, options: "PostingOptions", name: str
) -> "RunRequest":
    """What is asked for in the submission's folder, which is the working one."""
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
        posting_options=replace(options, attach_workbook=wanted.attach_workbook),
        mapping=wanted.mapping,
        encoding=wanted.encoding,
        mappings=Path(MAPPINGS),
        origin=taken.origin,
        maker=taken.maker,
        name=name,
    )


def _stop_with_input() -> None:
    """When the worker closes the pipe, or dies, this process stops as at Ctrl-C: gracefully."""
    with suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    signal.raise_signal(signal.SIGINT)


@click.command("doctor", help=words("help.doctor"), short_help=words("help.doctor-short"))
@options.as_json
@options.of_settings
def doctor_command(as_json: bool, **flags: Any) -> int:
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
