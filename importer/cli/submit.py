"""`importer submit` hands workbooks in for the office's workers, `importer submissions` shows where they stand."""

from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from, store_of
from importer.cli.language import words
from importer.cli.output import show, show_json
from importer.errors import ExitCode, SetupError, worst_exit_code

if TYPE_CHECKING:
    from importer.store.database import Database
    from importer.store.submissions import Submission


@click.command("submit", help=words("help.submit"), short_help=words("help.submit-short"))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=options.PATH)
@click.option("--check-only", is_flag=True, help=words("help.check-only"))
@click.option("--wait", "waits", is_flag=True, help=words("help.submit-wait"))
@click.option("--only-if-clean", is_flag=True, help=words("help.only-if-clean"))
@click.option("--allow-delete", is_flag=True, help=words("help.allow-delete"))
@click.option("--skip-hidden", is_flag=True, help=words("help.skip-hidden"))
@click.option("--attach-workbook", is_flag=True, help=words("help.attach-workbook"))
@click.option("--mapping", metavar="NAME", help=words("help.mapping"))
@options.encoding
@options.as_json
@options.of_settings
def command(paths: tuple[Path, ...], as_json: bool, waits: bool, **flags: Any) -> int:
    """Puts each workbook with its attachments and its mapping into the store, and into the queue; gives the exit code,
    with `--wait` the worst one of the runs."""
    settings = settings_from(flags)
    if not settings.store.startswith("postgres"):
        raise SetupError("queue-needs-postgresql", store=settings.store)
    from importer.store.submissions import SUBMITTED, SubmissionOptions
    from importer.team.files import hand_in
    from importer.team.queue import enqueue

    wanted = SubmissionOptions(
        **{name: flags[name] for name in ("check_only", "only_if_clean", "allow_delete", "skip_hidden")},
        **{name: flags[name] for name in ("attach_workbook", "mapping")},
        encoding=flags["encoding"] or "",
        lang=flags["lang"] or settings.language.value,
    )
    with store_of(settings) as database:
        handed_in = hand_in(paths, settings, database, wanted, SUBMITTED)
        enqueue(settings.store, handed_in)
        if not as_json:
            for one in handed_in:
                show(words("said.submitted", number=one.id, name=one.name))
        if waits:
            handed_in = _awaited(database, handed_in)
    if as_json:
        show_json(_document(handed_in))
    elif waits:
        for one in handed_in:
            show(_line(one))
    return _exit_code(handed_in) if waits else ExitCode.FINE


def _awaited(database: "Database", handed_in: "list[Submission]") -> "list[Submission]":
    """The submissions once each has ended, or waits for a second person."""
    from time import sleep

    from importer.store.submissions import ENDED, SubmissionState, find_submission

    while True:
        now = [find_submission(database, one.id) for one in handed_in]
        if all(one.state in (*ENDED, SubmissionState.APPROVAL) for one in now):
            return now
        sleep(1)


def _exit_code(ended: "list[Submission]") -> int:
    codes = (ExitCode.STOPPED if one.exit_code is None else one.exit_code for one in ended)
    return reduce(worst_exit_code, codes, int(ExitCode.FINE))


@click.command("submissions", help=words("help.submissions"), short_help=words("help.submissions-short"))
@click.argument("number", metavar="[NUMBER]", type=int, required=False)
@click.option("--withdraw", is_flag=True, help=words("help.withdraw"))
@options.as_json
@options.of_settings
def submissions_command(number: int | None, withdraw: bool, as_json: bool, **flags: Any) -> int:
    """Lists the submissions, or one of them, or takes it back; gives the exit code."""
    from importer.store import submissions

    if withdraw and number is None:
        raise click.UsageError(words("said.withdraw-which"))
    settings = settings_from(flags)
    with store_of(settings) as database:
        if number is None:
            found = submissions.submissions_in(database)[-_MOST_LISTED:]
        else:
            found = [submissions.find_submission(database, number)]
            if withdraw:
                if not submissions.withdraw(database, number):
                    raise SetupError("too-late-to-withdraw", number=str(number), state=words(f"state.{found[0].state}"))
                found = [submissions.find_submission(database, number)]
    if as_json:
        show_json(_document(found))
    else:
        for one in found:
            show(_line(one))
        if not found:
            show(words("said.no-submissions"))
    return ExitCode.FINE


_MOST_LISTED = 200


def _line(one: "Submission") -> str:
    facts = {"number": str(one.id), "name": one.name, "by": one.submitted_by, "state": words(f"state.{one.state}")}
    run = words("said.submission-run", run=one.run) if one.run else ""
    stop = f" ({one.stop})" if one.stop else ""
    return words("said.submission", **facts, at=f"{one.submitted_at.astimezone():%Y-%m-%d %H:%M}") + run + stop


def _document(found: "list[Submission]") -> dict[str, object]:
    return {
        "schema": "importer.submissions/1",
        "submissions": [
            {
                **{name: getattr(one, name) for name in ("id", "name", "profile", "submitted_by", "state", "attempts")},
                "submitted_at": one.submitted_at.isoformat(),
                "run": one.run or None,
                "exit_code": one.exit_code,
                "stopped_by": one.stop or None,
            }
            for one in found
        ],
    }
