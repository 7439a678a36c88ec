"""What an office does together: `importer submit` hands workbooks in for its workers, `importer submissions` shows
where they stand, `importer watch` runs what is put into a folder; `requests`, `approve`, `reject` and `policy` are the
approval by a second person."""

import errno
import json
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from, store_of
from importer.cli.language import current_language, words
from importer.cli.output import says_yes, show, show_json
from importer.errors import Declined, ExitCode, SetupError, unusable_file, worst_exit_code
from importer.files import UnusableFile, read_plain_file
from importer.printable import printable
from importer.translations import sentence_of

if TYPE_CHECKING:
    from importer.store.approvals import Request
    from importer.store.database import Database
    from importer.store.submissions import Submission
    from importer.team.channels import Sender
    from importer.team.folder import WatchedFolder


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
def submit_command(paths: tuple[Path, ...], as_json: bool, waits: bool, **flags: Any) -> int:
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
        show_json(_submissions_document(handed_in))
    elif waits:
        for one in handed_in:
            show(_line_of_submission(one))
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
        show_json(_submissions_document(found))
    else:
        for one in found:
            show(_line_of_submission(one))
        if not found:
            show(words("said.no-submissions"))
    return ExitCode.FINE


_MOST_LISTED = 200


def _line_of_submission(one: "Submission") -> str:
    facts = {"number": str(one.id), "name": one.name, "by": one.submitted_by, "state": words(f"state.{one.state}")}
    run = words("said.submission-run", run=one.run) if one.run else ""
    stop = f" ({one.stop})" if one.stop else ""
    return words("said.submission", **facts, at=f"{one.submitted_at.astimezone():%Y-%m-%d %H:%M}") + run + stop


def _submissions_document(found: "list[Submission]") -> dict[str, object]:
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


_SECONDS = click.FloatRange(0.05, 3600)


@click.command("watch", help=words("help.watch"), short_help=words("help.watch-short"))
@click.argument("folder", metavar="FOLDER", type=options.PATH)
@click.option("--check-only", is_flag=True, help=words("help.check-only"))
@click.option("--every", metavar="SECONDS", type=_SECONDS, default=2, help=words("help.watch-every"))
@click.option("--stable", metavar="SECONDS", type=_SECONDS, default=5, help=words("help.watch-stable"))
@options.of_settings
def watch_command(folder: Path, check_only: bool, every: float, stable: float, **flags: Any) -> int:
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


_MOST_BYTES = 1024**2
_MOST_ACCOUNTS = 40
"""So many accounts an approver is shown; the rest is counted."""


@click.group("policy", help=words("help.policy"), short_help=words("help.policy-short"))
def policy_command() -> None:
    """The group; its help is in the catalogues."""


@policy_command.command("set", help=words("help.policy-set"), short_help=words("help.policy-set"))
@click.argument("file", metavar="FILE", type=options.PATH)
@options.of_settings
def _set(file: Path, **flags: Any) -> int:
    """Puts a policy in force. Raises SetupError for a file that is none, or a store that cannot have one."""
    from importer.store.approvals import set_policy

    settings = settings_from(flags)
    try:
        text = read_plain_file(file, _MOST_BYTES).decode()
    except UnusableFile as error:
        raise unusable_file(file, _MOST_BYTES, error) from error
    except OSError as error:
        raise SetupError("file-unreadable", file=str(file), detail=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise SetupError("policy-unreadable", detail=f"{file}: {error}") from error
    with store_of(settings) as database:
        policy = set_policy(database, text)
    show(words("said.policy-set", count=len(policy.rules), digest=policy.digest[:12]))
    return ExitCode.FINE


@policy_command.command("show", help=words("help.policy-show"), short_help=words("help.policy-show"))
@options.of_settings
def _show(**flags: Any) -> int:
    """Prints the policy in force, as it was set."""
    from importer.store.approvals import text_of_policy

    with store_of(settings_from(flags)) as database:
        text = text_of_policy(database)
    click.echo(words("said.no-policy") if text is None else text.rstrip())
    return ExitCode.FINE


@click.command("requests", help=words("help.requests"), short_help=words("help.requests-short"))
@click.option("--all", "shows_all", is_flag=True, help=words("help.requests-all"))
@options.as_json
@options.of_settings
def requests_command(shows_all: bool, as_json: bool, **flags: Any) -> int:
    """Lists what waits for approval."""
    from importer.store.approvals import RequestState, requests_in

    with store_of(settings_from(flags)) as database:
        found = requests_in(database, tuple(RequestState) if shows_all else (RequestState.OPEN,))
    if as_json:
        show_json({"schema": "importer.requests/1", "requests": [_request_document(one) for one in found]})
        return ExitCode.FINE
    for one in found:
        show(_line_of_request(one))
    if not found:
        show(words("said.no-requests"))
    return ExitCode.FINE


@click.command("approve", help=words("help.approve"), short_help=words("help.approve-short"))
@click.argument("number", metavar="NUMBER", type=int)
@click.option("--because", "text", metavar="TEXT", default="", help=words("help.because"))
@options.of_settings
def approve_command(number: int, text: str, **flags: Any) -> int:
    """Shows what would be posted, asks, and records the approval. No flag answers the question: a person must."""
    return _decided(number, text, flags, is_yes=True)


@click.command("reject", help=words("help.reject"), short_help=words("help.reject-short"))
@click.argument("number", metavar="NUMBER", type=int)
@click.option("--because", "text", metavar="TEXT", required=True, type=options.REASON, help=words("help.because"))
@options.of_settings
def reject_command(number: int, text: str, **flags: Any) -> int:
    """Records the rejection with its reason."""
    return _decided(number, text, flags, is_yes=False)


def _decided(number: int, text: str, flags: dict[str, Any], *, is_yes: bool) -> int:
    from importer.store.approvals import RequestState, decide, find_request
    from importer.store.submissions import bring_on_decided
    from importer.team.jobs import waiting_for

    settings = settings_from(flags)
    with store_of(settings) as database:
        request = find_request(database, number)
        for line in _outline(request):
            click.echo(printable(line), err=True)
        if is_yes and not says_yes(words("said.approves"), settings.language):
            raise Declined("declined-approval")
        state = decide(database, request, is_yes=is_yes, words=text)
        is_submission = waiting_for(str(number)) in bring_on_decided(database, waiting_for(""))
    show(words(f"said.request-{state}", number=number, run=request.run))
    if state is RequestState.APPROVED:
        show(words("said.goes-on" if is_submission else "said.run-again"))
    return ExitCode.FINE


def _outline(request: "Request") -> list[str]:
    """What an approver reads before the question."""
    shown = json.loads(request.shown)
    lines = [_line_of_request(request), *(f"  {name}" for name in shown["workbooks"])]
    lines += [words("said.request-sum", currency=c, period=p, amount=a) for c, p, a in shown["sums"]]
    accounts = shown["accounts"]
    lines += [
        f"  {account:<12} {currency} {side} {amount:>16}"
        for account, currency, side, amount in accounts[:_MOST_ACCOUNTS]
    ]
    if accounts[_MOST_ACCOUNTS:]:
        lines.append(words("said.request-more", count=len(accounts) - _MOST_ACCOUNTS))
    return [*lines, *(f"  {kind} {action} {key}" for kind, action, key in shown["records"])]


def _line_of_request(request: "Request") -> str:
    shown = json.loads(request.shown)
    facts = {"number": str(request.id), "run": request.run, "journals": str(shown["journals"])}
    at = f"{request.asked_at.astimezone():%Y-%m-%d %H:%M}"
    return words("said.request", by=request.maker or "?", at=at, state=words(f"request.{request.state}"), **facts)


def _request_document(one: "Request") -> dict[str, object]:
    return {
        "id": one.id,
        "run": one.run,
        "company": one.company,
        "state": one.state.value,
        "asked_by": one.maker or None,
        "asked_at": one.asked_at.isoformat(),
        "policy": one.policy,
        "shown": json.loads(one.shown),
        "decisions": [
            {"person": d.person, "at": d.at.isoformat(), "approved": d.is_yes, "words": d.words} for d in one.decisions
        ],
    }
