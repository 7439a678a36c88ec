"""What came of a run is told: workbooks to mend, the page, the JSON document, the lines on the terminal."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from importer.cli.terminal import Terminal
from importer.errors import ImporterError, SetupError
from importer.language import Language
from importer.language.sentences import sentence_of
from importer.model.results import Result
from importer.model.sheets import Workbook
from importer.report.document import result_document, to_json
from importer.report.page import write_page
from importer.run.story import Ran
from importer.settings import Settings

_GRAVEST_FIRST = (4, 130, 3, 2, 1, 0)

Mending = Callable[[Result, Workbook, Path, Path, Language], Path | None]
"""Writes what is to be mended of a workbook into a folder, None when there is nothing: result, workbook, its file, the
folder, the language."""


def reported(ran: Ran, settings: Settings, terminal: Terminal, mending: Mending | None) -> Result:
    """The result with its workbooks to mend (None: none is written; nor of a run that the store does not know, which
    has posted nothing: its own workbooks are the ones to mend) and its page, kept in the store when that knows of
    the run. None of them hides the result when it fails: it is said, and the exit code tells."""
    language = settings.language
    result = ran.result
    if mending is not None and ran.is_remembered:
        result = _with_workbooks_to_mend(ran, settings, terminal, mending)
    try:
        result = replace(result, report=str(write_page(result, settings.reports, language)))
    except ImporterError as error:
        result = _with_complaint(result, error, terminal, language)
    if ran.is_remembered:
        from importer.run.history import keep_ending

        try:
            keep_ending(settings, result, result_document(result, language))
        except ImporterError as error:
            result = _with_complaint(result, error, terminal, language)
    return result


def _with_workbooks_to_mend(ran: Ran, settings: Settings, terminal: Terminal, mending: Mending) -> Result:
    result, language = ran.result, settings.language
    for workbook in ran.workbooks:
        try:
            written = mending(result, workbook, Path(workbook.path), settings.reports, language)
        except Exception as failure:  # noqa: BLE001  a mistake of ours here must not hide what was posted
            error = failure if isinstance(failure, ImporterError) else _unwritten(settings, failure)
            result = _with_complaint(result, error, terminal, language)
            continue
        if written is not None:
            result = replace(result, corrections=(*result.corrections, str(written)))
    return result


def _unwritten(settings: Settings, failure: Exception) -> ImporterError:
    return SetupError("report", folder=str(settings.reports), detail=type(failure).__name__)


def _with_complaint(result: Result, error: ImporterError, terminal: Terminal, language: Language) -> Result:
    terminal.complain(sentence_of(error, language))
    return replace(result, exit_code=graver(result.exit_code, error.exit_code))


def graver(first: int, second: int) -> int:
    """The exit code of two that is told (product.md: 4 before 130 before 3 before 1)."""
    return min(first, second, key=_GRAVEST_FIRST.index)


def tell(result: Result, terminal: Terminal, as_json: bool, language: Language) -> None:
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
    with suppress(OSError, ValueError, AttributeError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno() if stream is not None else -1)
