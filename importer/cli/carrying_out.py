"""What `run` and `check` do around the story: settings before it, page, JSON and summary after it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from importer.cli.browser import open_page
from importer.cli.practising import practising
from importer.cli.telling import Mending, reported, tell
from importer.cli.terminal import Terminal
from importer.cli.words import settings_from
from importer.model.results import Mode
from importer.model.wishes import Extras, Wishes
from importer.report.page import ready_folder
from importer.run.story import Asked, run
from importer.settings import Settings


def carry_out(mode: Mode, paths: tuple[Path, ...], flags: Mapping[str, Any]) -> int:
    """Runs the story as the flags ask, writes the report, says what happened, and gives the exit code.

    Raises SetupError for settings that cannot be used, before anything is read.
    """
    settings = settings_from(flags)
    ready_folder(settings.reports)
    with practising(settings, flags["in_sandbox"]) as settings:
        if flags.get("corrected"):
            from importer.run.history import corrections_of

            paths = corrections_of(settings, flags["corrected"], is_practice=flags["in_sandbox"])
        asked = Asked(
            paths=paths,
            mode=mode,
            settings=settings,
            is_sandbox=flags["in_sandbox"],
            any_company=flags["any_company"],
            only_if_clean=flags.get("only_if_clean", False),
            allow_delete=flags["allow_delete"],
            wishes=wishes_of(settings, flags),
            extras=Extras(flags.get("attach_workbook", False), flags.get("vouchers")),
            reason=flags.get("reason") or "",
        )
        asks = mode is Mode.RUN and not (flags.get("yes") or flags["in_sandbox"])
        with Terminal(settings.language, speaks_on_stderr=flags["as_json"], asks=asks) as terminal:
            result = reported(run(asked, terminal), settings, terminal, _mending(mode, flags))
            tell(result, terminal, flags["as_json"], settings.language)
        if flags["opens_report"] and result.report:
            open_page(result.report)
    return result.exit_code


def wishes_of(settings: Settings, flags: Mapping[str, Any]) -> Wishes:
    """How the flags want journals to be posted."""
    return Wishes(
        looks=not (flags.get("no_look") or flags.get("reason")),
        verifies=not flags.get("no_verify"),
        waits=not flags.get("no_wait"),
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
