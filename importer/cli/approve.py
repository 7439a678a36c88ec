"""Approval by a second person: `importer requests`, `approve`, `reject`, and `policy`, which says what needs it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import settings_from, store_of
from importer.cli.language import words
from importer.cli.output import says_yes, show, show_json
from importer.errors import Declined, ExitCode, SetupError, unusable_file
from importer.files import UnusableFile, read_plain_file
from importer.printable import printable

if TYPE_CHECKING:
    from importer.store.approvals import Request

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
    except (OSError, UnicodeDecodeError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise SetupError("policy-unreadable", detail=f"{file}: {detail}") from error
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
        show_json({"schema": "importer.requests/1", "requests": [_document(one) for one in found]})
        return ExitCode.FINE
    for one in found:
        show(_line(one))
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
    lines = [_line(request), *(f"  {name}" for name in shown["workbooks"])]
    lines += [words("said.request-sum", currency=c, period=p, amount=a) for c, p, a in shown["sums"]]
    accounts = shown["accounts"]
    lines += [
        f"  {account:<12} {currency} {side} {amount:>16}"
        for account, currency, side, amount in accounts[:_MOST_ACCOUNTS]
    ]
    if accounts[_MOST_ACCOUNTS:]:
        lines.append(words("said.request-more", count=len(accounts) - _MOST_ACCOUNTS))
    return [*lines, *(f"  {kind} {action} {key}" for kind, action, key in shown["records"])]


def _line(request: "Request") -> str:
    shown = json.loads(request.shown)
    facts = {"number": str(request.id), "run": request.run, "journals": str(shown["journals"])}
    at = f"{request.asked_at.astimezone():%Y-%m-%d %H:%M}"
    return words("said.request", by=request.maker or "?", at=at, state=words(f"request.{request.state}"), **facts)


def _document(one: "Request") -> dict[str, object]:
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
