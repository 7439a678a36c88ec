"""What `run` and `check` do around the story: settings before it, page, JSON and summary after it."""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from importer.cli.terminal import Terminal
from importer.errors import ImporterError
from importer.language.sentences import sentence_of
from importer.model.results import Mode, Result
from importer.model.secrets import Secret
from importer.report.document import result_document, to_json
from importer.report.page import ready_folder, write_page
from importer.run.story import Asked, keep_result, run
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
            if flags["as_json"]:
                sys.stdout.buffer.write(to_json(result_document(result, settings.language)).encode())
                sys.stdout.buffer.flush()
            terminal.sum_up(result)
        if flags["opens_report"] and result.report:
            click.launch(result.report)
    _leave_if_requests_hang(result.exit_code)
    return result.exit_code


def _reported(result: Result, asked: Asked, terminal: Terminal) -> Result:
    """The result with its page, kept in the store when anything was remembered there. A page that cannot be
    written does not hide the result: it is said, and the exit code tells."""
    language = asked.settings.language
    try:
        page = write_page(result, asked.settings.reports, language)
        result = replace(result, report=str(page))
        keep_result(asked, result, result_document(result, language))
    except ImporterError as error:
        terminal.complain(sentence_of(error, language))
        result = replace(result, exit_code=result.exit_code if result.exit_code > error.exit_code else error.exit_code)
    return result


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


def _leave_if_requests_hang(exit_code: int) -> None:
    """After a second Ctrl-C threads may still wait for answers; Python would wait for them before it ends."""
    if any(thread.name.startswith("ThreadPoolExecutor") for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
