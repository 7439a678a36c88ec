"""`importer run` and `importer check`: settings before the run, page, JSON document and summary after it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from importer.cli import options
from importer.cli.context import sandbox_settings
from importer.cli.language import settings_from, words
from importer.cli.options import of_check
from importer.cli.output import Mending, reported, tell
from importer.cli.terminal import Terminal, open_page
from importer.model.options import FollowUpOptions, PostingOptions
from importer.model.results import Mode
from importer.report.page import ready_folder
from importer.run.pipeline import run
from importer.run.state import RunRequest
from importer.settings import Settings


def carry_out(mode: Mode, paths: tuple[Path, ...], flags: Mapping[str, Any]) -> int:
    """Runs the story as the flags ask, writes the report, says what happened, and gives the exit code.

    Raises SetupError for settings that cannot be used, before anything is read.
    """
    settings = settings_from(flags)
    ready_folder(settings.reports)
    with sandbox_settings(settings, flags["in_sandbox"]) as settings:
        if flags.get("corrected"):
            from importer.run.history import corrections_of

            paths = corrections_of(settings, flags["corrected"], is_practice=flags["in_sandbox"])
        asked = RunRequest(
            paths=paths,
            mode=mode,
            settings=settings,
            is_sandbox=flags["in_sandbox"],
            any_company=flags["any_company"],
            only_if_clean=flags.get("only_if_clean", False),
            allow_delete=flags["allow_delete"],
            posting_options=posting_options_of(settings, flags),
            extras=FollowUpOptions(flags.get("attach_workbook", False), flags.get("vouchers")),
            reason=flags.get("reason") or "",
        )
        asks = mode is Mode.RUN and not (flags.get("yes") or flags["in_sandbox"])
        with Terminal(settings.language, speaks_on_stderr=flags["as_json"], asks=asks) as terminal:
            result = reported(run(asked, terminal), settings, terminal, _mending(mode, flags))
            tell(result, terminal, flags["as_json"], settings.language)
        if flags["opens_report"] and result.report:
            open_page(result.report)
    return result.exit_code


def posting_options_of(settings: Settings, flags: Mapping[str, Any]) -> PostingOptions:
    """How the flags want journals to be posted."""
    return PostingOptions(
        check_ledger=not (flags.get("no_look") or flags.get("reason")),
        verify=not flags.get("no_verify"),
        wait=not flags.get("no_wait"),
        settle=settings.settle,
        released=flags.get("released") or {},
    )


def _mending(mode: Mode, flags: Mapping[str, Any]) -> Mending | None:
    """After a check nothing was posted: the workbook itself is the one to mend."""
    if mode is Mode.CHECK:
        return None
    if flags.get("annotate"):
        from importer.report.annotated import write_annotated

        return write_annotated
    from importer.report.corrections import write_corrections

    return write_corrections


def _with_reasons(_: click.Context, __: click.Parameter, given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    if any(not reason.strip() for _, reason in given):
        raise click.BadParameter(words("said.no-reason"))
    return dict(given)


@click.command("run", help=words("help.run"), short_help=words("help.run-short"))
@options.of_run
@options.yes
@options.no_wait
@options.no_verify
@click.option("--no-look", is_flag=True, help=words("help.no-look"))
@click.option("--allow-duplicates", "reason", metavar="REASON", help=words("help.allow-duplicates"))
@click.option(
    "--post",
    "released",
    metavar="KEY REASON",
    nargs=2,
    multiple=True,
    callback=_with_reasons,
    help=words("help.post"),
)
@click.option("--annotate", is_flag=True, help=words("help.annotate"))
@click.option("--attach-workbook", is_flag=True, help=words("help.attach-workbook"))
@click.option("--print", "vouchers", metavar="FOLDER", type=options.PATH, help=words("help.vouchers"))
@click.option("--corrections", "corrected", metavar="RUN", help=words("help.corrections"))
@click.option("--only-if-clean", is_flag=True, help=words("help.only-if-clean"))
@click.pass_context
def command(context: click.Context, /, paths: tuple[Path, ...], **flags: Any) -> int:
    """Reads, validates, checks, posts, reports; gives the exit code."""
    if flags["corrected"] is None and not paths:
        (argument,) = (one for one in context.command.params if one.name == "paths")
        raise click.MissingParameter(ctx=context, param=argument)
    if flags["corrected"] is not None and paths:
        raise click.UsageError(words("said.paths-or-corrections"), context)
    from importer.cli.run import carry_out
    from importer.model.results import Mode

    return carry_out(Mode.RUN, paths, flags)


@click.command("check", help=words("help.check"), short_help=words("help.check-short"))
@of_check
def check_command(paths: tuple[Path, ...], **flags: Any) -> int:
    """Reads, validates, checks, reports; gives the exit code."""
    from importer.cli.run import carry_out
    from importer.model.results import Mode

    return carry_out(Mode.CHECK, paths, flags)
