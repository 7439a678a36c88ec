"""What `run` and `check` do around the story: settings before it, page, JSON and summary after it."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import click

from importer.cli.terminal import Terminal
from importer.errors import ImporterError
from importer.language import Language
from importer.language.sentences import sentence_of
from importer.model.results import Mode, Result
from importer.model.secrets import Secret
from importer.report.document import result_document, to_json
from importer.report.page import ready_folder, write_page
from importer.run.story import Asked, Ran, keep_result, run
from importer.settings import Settings, read_settings


def carry_out(mode: Mode, paths: tuple[Path, ...], flags: Mapping[str, Any]) -> int:
    """Runs the story as the flags ask, writes the report, says what happened, and gives the exit code.

    Raises SetupError for settings that cannot be used, before anything is read.
    """
    settings = read_settings(flags, os.environ)
    ready_folder(settings.reports)
    with _practising(settings, flags["in_sandbox"]) as settings:
        asked = Asked(
            paths=paths,
            mode=mode,
            settings=settings,
            is_sandbox=flags["in_sandbox"],
            any_company=flags["any_company"],
            only_if_clean=flags.get("only_if_clean", False),
        )
        asks = mode is Mode.RUN and not (flags.get("yes") or flags["in_sandbox"])
        with Terminal(settings.language, speaks_on_stderr=flags["as_json"], asks=asks) as terminal:
            result = _reported(run(asked, terminal), asked, terminal)
            _say(result, terminal, flags["as_json"], settings.language)
        if flags["opens_report"] and result.report:
            click.launch(result.report)
    return result.exit_code


def _reported(ran: Ran, asked: Asked, terminal: Terminal) -> Result:
    """The result with its page, kept in the store when that knows of the run. Neither hides the result when it
    fails: it is said, and the exit code tells."""
    language, result = asked.settings.language, ran.result
    try:
        result = replace(result, report=str(write_page(result, asked.settings.reports, language)))
    except ImporterError as error:
        result = _with_complaint(result, error, terminal, language)
    if ran.is_remembered:
        try:
            keep_result(asked, result, result_document(result, language))
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


@contextmanager
def _practising(settings: Settings, in_sandbox: bool) -> Iterator[Settings]:
    """With `--sandbox`: the settings of a company and a store that live only as long as the command."""
    if not in_sandbox:
        yield settings
        return
    from importer.sandbox.server import running

    with running() as sandbox, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        address = sandbox.address
        yield replace(
            settings,
            url=address.spx_url,
            userid=address.userid,
            password=Secret(address.password),
            email=address.email,
            api_key=Secret(address.api_key),
            company_id=None,
            store=f"sqlite:///{Path(folder) / 'practice.db'}",
        )
