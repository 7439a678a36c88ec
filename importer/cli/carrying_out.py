"""What `run` and `check` do around the story: settings before it, page, JSON and summary after it."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import click

from importer.cli.practising import practising
from importer.cli.terminal import Terminal
from importer.errors import ImporterError
from importer.language import Language, say
from importer.language.sentences import sentence_of
from importer.model.results import Mode, Result
from importer.post.means import Wishes
from importer.report.annotated import write_annotated
from importer.report.corrections import write_corrections
from importer.report.document import result_document, to_json
from importer.report.page import ready_folder, write_page
from importer.run.afterwards import Extras
from importer.run.history import keep_ending
from importer.run.resuming import resume
from importer.run.story import Asked, Ran, run
from importer.settings import Settings, read_settings


def carry_out(mode: Mode, paths: tuple[Path, ...], flags: Mapping[str, Any]) -> int:
    """Runs the story as the flags ask, writes the report, says what happened, and gives the exit code.

    Raises SetupError for settings that cannot be used, before anything is read.
    """
    settings = read_settings(flags, os.environ)
    ready_folder(settings.reports)
    with practising(settings, flags["in_sandbox"]) as settings:
        asked = Asked(
            paths=paths,
            mode=mode,
            settings=settings,
            is_sandbox=flags["in_sandbox"],
            any_company=flags["any_company"],
            only_if_clean=flags.get("only_if_clean", False),
            allow_delete=flags["allow_delete"],
            wishes=_wishes(settings, flags),
            extras=Extras(flags.get("attach_workbook", False), flags.get("vouchers")),
            reason=flags.get("reason") or "",
        )
        asks = mode is Mode.RUN and not (flags.get("yes") or flags["in_sandbox"])
        with Terminal(settings.language, speaks_on_stderr=flags["as_json"], asks=asks) as terminal:
            result = _reported(run(asked, terminal), settings, terminal, annotates=flags.get("annotate", False))
            _say(result, terminal, flags["as_json"], settings.language)
        if flags["opens_report"] and result.report:
            click.launch(result.report)
    return result.exit_code


def carry_on(name: str | None, flags: Mapping[str, Any]) -> int:
    """Finishes a run (None: the newest unfinished one), writes its report anew, says what happened, and gives the exit
    code. Raises SetupError for settings, a run or a journal that is not there."""
    settings = read_settings(flags, os.environ)
    ready_folder(settings.reports)
    with Terminal(settings.language, speaks_on_stderr=flags["as_json"], asks=not flags["yes"]) as terminal:
        ran = resume(settings, name, _wishes(settings, flags), flags["send_again"], terminal)
        if ran is None:
            terminal.complain(say(settings.language, "said.nothing-to-resume"))
            if flags["as_json"]:
                click.echo("null")
            return 0
        result = _reported(ran, settings, terminal)
        _say(result, terminal, flags["as_json"], settings.language)
    return result.exit_code


def _wishes(settings: Settings, flags: Mapping[str, Any]) -> Wishes:
    return Wishes(
        looks=not (flags.get("no_look") or flags.get("reason")),
        verifies=not flags.get("no_verify"),
        waits=not flags.get("no_wait"),
        settle=settings.settle,
    )


def _reported(ran: Ran, settings: Settings, terminal: Terminal, *, annotates: bool = False) -> Result:
    """The result with its workbooks to mend and its page, kept in the store when that knows of the run. None of them
    hides the result when it fails: it is said, and the exit code tells."""
    language, result = settings.language, ran.result
    write = write_annotated if annotates else write_corrections
    for workbook in ran.workbooks:
        try:
            written = write(result, workbook, Path(workbook.path), settings.reports, language)
        except ImporterError as error:
            result = _with_complaint(result, error, terminal, language)
            continue
        if written is not None:
            result = replace(result, corrections=(*result.corrections, str(written)))
    try:
        result = replace(result, report=str(write_page(result, settings.reports, language)))
    except ImporterError as error:
        result = _with_complaint(result, error, terminal, language)
    if ran.is_remembered:
        try:
            keep_ending(settings, result, result_document(result, language))
        except ImporterError as error:
            result = _with_complaint(result, error, terminal, language)
    return result


def _with_complaint(result: Result, error: ImporterError, terminal: Terminal, language: Language) -> Result:
    terminal.complain(sentence_of(error, language))
    return replace(result, exit_code=max(result.exit_code, error.exit_code))


def _say(result: Result, terminal: Terminal, as_json: bool, language: Language) -> None:
    """Speaks to whoever listens. Whoever has hung up changes nothing of what happened, nor of the exit code."""
    deaf = (OSError, ValueError, AttributeError, SystemExit)  # rich ends the process at a closed pipe
    try:
        if as_json:
            _print_json(result, language)
    except deaf:
        hang_up(sys.stdout)
    try:
        terminal.sum_up(result)
    except deaf:
        hang_up(sys.stdout)


def _print_json(result: Result, language: Language) -> None:
    sys.stdout.buffer.write(to_json(result_document(result, language)).encode())
    sys.stdout.buffer.flush()


def hang_up(stream: TextIO | None) -> None:
    """Nobody reads this stream any more: without this Python would complain of it once again at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno() if stream is not None else -1)
