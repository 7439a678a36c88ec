"""`importer run`, `importer check` and `importer resume`, which finishes a run that was interrupted or left journals
unknown: settings before the run, page, JSON document and summary after it."""

from pathlib import Path
from typing import Any

import click

from importer.cli import options
from importer.cli.language import words
from importer.cli.options import IDENTIFIED, REASON, of_check
from importer.model.results import Mode


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
    from importer.cli.run_execution import run_from_flags

    return run_from_flags(Mode.RUN, paths, flags)


@click.command("check", help=words("help.check"), short_help=words("help.check-short"))
@of_check
def check_command(paths: tuple[Path, ...], **flags: Any) -> int:
    """Reads, validates, checks, reports; gives the exit code."""
    from importer.cli.run_execution import run_from_flags

    return run_from_flags(Mode.CHECK, paths, flags)


@click.command("resume", help=words("help.resume"), short_help=words("help.resume-short"))
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--is", "identified", metavar="KEY=NUMBER", multiple=True, type=IDENTIFIED, help=words("help.identified"))
@click.option("--drop", "dropped", metavar="KEY REASON", multiple=True, type=(str, REASON), help=words("help.dropped"))
@click.option("--send", "send_again", metavar="KEY", multiple=True, help=words("help.send-again"))
@click.option("--send-missing", metavar="REASON", type=REASON, help=words("help.send-missing"))
@options.yes
@options.no_wait
@options.no_verify
@options.as_json
@options.summary_md
@options.profile
@options.reports
@options.lang
@options.debug
def resume_command(run: str | None, **flags: Any) -> int:
    """Settles, sends what is left, reports; gives the exit code."""
    from importer.cli.run_execution import resume_from_flags

    return resume_from_flags(run, flags)
