"""What `run`, `check` and `resume` do around the pipeline: settings before it, page, document and summary after it."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from importer.cli.context import sandbox_settings, settings_from
from importer.cli.output import ignore_broken_pipe, open_page, show_json
from importer.cli.terminal import Terminal
from importer.errors import ImporterError, SetupError, worst_exit_code
from importer.files import open_elsewhere
from importer.model.postings import Decisions, PostingOptions
from importer.model.results import Mode, Result, Status
from importer.model.workbook import Workbook
from importer.report.page import write_page
from importer.report.report_folder import page_of, ready_folder, write_data_files
from importer.report.result_document import result_document, result_text
from importer.report.summary import mail_paragraph
from importer.run.pipeline import run
from importer.run.state import RunOutcome, RunRequest
from importer.settings import Settings
from importer.translations import Language, say, sentence_of

CorrectionsWriter = Callable[[Result, Workbook, Path, Path, Language], Path | None]
"""Writes what is to be mended of a workbook into a folder, None when there is nothing: result, workbook, its file, the
folder, the language."""


def reported(ran: RunOutcome, settings: Settings, terminal: Terminal, write_copy: CorrectionsWriter) -> Result:
    """Writes what a run leaves behind (workbooks to mend, the page, the files beside it), keeps the ending in the
    store, and gives the result with the names of the files. What cannot be written is said and changes the exit code;
    it never hides the result.

    ran: the outcome of the pipeline. settings: folder of reports, language, store. terminal: where failures are said.
    write_copy: writes the workbook to mend; of a run that the store does not know none: it stopped before it posted,
    and its own workbooks are the ones to mend.
    """
    language = settings.language
    result = ran.result
    if ran.is_remembered or result.mode is Mode.CHECK:
        result = _with_workbooks_to_mend(ran, settings, terminal, write_copy)
    page = str(page_of(result.run, settings.reports))
    try:
        written = replace(result, report=page)
        write_page(written, settings.reports, language)
        result = written
    except ImporterError as error:
        result = _with_complaint(result, error, terminal, language)
    try:
        write_data_files(result, settings.reports, language)
        if result.report is None:
            terminal.complain(say(language, "said.page-missing", folder=str(settings.reports), run=result.run))
    except ImporterError as error:
        result = _with_complaint(result, error, terminal, language)
    if ran.is_remembered:
        from importer.run.history import keep_ending

        try:
            keep_ending(settings, result, result_document(result, language))
            if result.report is None:
                terminal.complain(say(language, "said.report-again", run=result.run))
        except ImporterError as error:
            result = _with_complaint(result, error, terminal, language)
    return result


def _with_workbooks_to_mend(
    ran: RunOutcome, settings: Settings, terminal: Terminal, write_copy: CorrectionsWriter
) -> Result:
    result, language = ran.result, settings.language
    for workbook in ran.workbooks:
        try:
            written = write_copy(result, workbook, Path(workbook.path), settings.reports, language)
        except Exception as failure:  # noqa: BLE001  a mistake of ours here must not hide what was posted
            error = (
                failure
                if isinstance(failure, ImporterError)
                else SetupError("report", folder=str(settings.reports), detail=type(failure).__name__)
            )
            result = _with_complaint(result, error, terminal, language)
            continue
        if written is not None:
            result = replace(result, corrections=(*result.corrections, str(written)))
    return result


def _with_complaint(result: Result, error: ImporterError, terminal: Terminal, language: Language) -> Result:
    terminal.complain(sentence_of(error, language))
    return replace(result, exit_code=worst_exit_code(result.exit_code, error.exit_code))


def print_result(
    result: Result, terminal: Terminal, as_json: bool, language: Language, *, as_paragraph: bool = False
) -> int:
    """Prints the result on standard output as JSON (`as_json`) or as one paragraph for a mail (`as_paragraph`), and the
    summary by `terminal`; gives the exit code. A closed pipe is ignored and does not change it, a full disk does."""
    closed = (OSError, ValueError, AttributeError, SystemExit)  # rich ends the process at a closed pipe
    try:
        if as_json:
            show_json(result_text(result, language))
        elif as_paragraph:
            click.echo(mail_paragraph(result, language))
    except ImporterError as error:
        result = _with_complaint(result, error, terminal, language)
    except closed:
        ignore_broken_pipe(sys.stdout)
    try:
        terminal.sum_up(result)
    except closed:
        ignore_broken_pipe(sys.stdout)
    return result.exit_code


def run_from_flags(mode: Mode, paths: tuple[Path, ...], flags: Mapping[str, Any]) -> int:
    """Runs the pipeline as the flags ask, writes the report, prints what happened, and gives the exit code.

    mode: run or check. paths: workbooks and folders; empty with the flag `corrected`, which names a run. flags: the
    command's options by name. Raises SetupError for settings that cannot be used, before anything is read.
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
            skip_hidden=flags["skip_hidden"],
            posting_options=posting_options_of(settings, flags),
            reason=flags.get("reason") or "",
            mapping=flags.get("mapping"),
            encoding=flags.get("encoding") or "",
        )
        asks = mode is Mode.RUN and not (flags.get("yes") or flags["in_sandbox"])
        with Terminal(
            settings.language, speaks_on_stderr=flags["as_json"] or flags["summary_md"], asks=asks
        ) as terminal:
            for file in open_elsewhere(paths):
                terminal.complain(say(settings.language, "said.open-elsewhere", file=str(file)))
            if flags.get("annotate"):
                from importer.report.corrections import write_annotated as write_copy
            else:
                write_copy = write_corrections
            result = reported(run(asked, terminal), settings, terminal, write_copy)
            code = print_result(result, terminal, flags["as_json"], settings.language, as_paragraph=flags["summary_md"])
        if flags["opens_report"] and result.report:
            open_page(result.report)
    return code


def posting_options_of(settings: Settings, flags: Mapping[str, Any]) -> PostingOptions:
    """How the flags want journals to be posted."""
    return PostingOptions(
        check_ledger=not (flags.get("no_look") or flags.get("reason")),
        verify=not flags.get("no_verify"),
        wait=not flags.get("no_wait"),
        settle=settings.settle,
        released=flags.get("released") or {},
        attach_workbook=flags.get("attach_workbook", False),
        vouchers=flags.get("vouchers"),
    )


def write_corrections(
    result: Result, workbook: Workbook, original: Path, folder: Path, language: Language
) -> Path | None:
    """A `CorrectionsWriter`: the workbook to mend. What writes it is imported only where a document may have to be
    mended: a fifteenth of what a check of a small workbook imports."""
    done = (Status.POSTED, Status.ALREADY_POSTED, Status.READY)
    if all(document.status in done for document in result.documents):
        return None
    from importer.report import corrections

    return corrections.write_corrections(result, workbook, original, folder, language)


def resume_from_flags(name: str | None, flags: Mapping[str, Any]) -> int:
    """Finishes a run (None: the newest unfinished one), writes its report anew, says what happened, and gives the exit
    code. Raises SetupError for settings, a run or a journal that is not there."""
    from importer.run.resume import resume

    decisions = Decisions(
        send=flags["send_again"],
        identified=flags["identified"],
        dropped=flags["dropped"],
        send_missing=flags["send_missing"] or "",
    )
    settings = settings_from(flags)
    ready_folder(settings.reports)
    with Terminal(
        settings.language, speaks_on_stderr=flags["as_json"] or flags["summary_md"], asks=not flags["yes"]
    ) as terminal:
        ran = resume(settings, name, posting_options_of(settings, flags), decisions, terminal)
        if ran is None:
            terminal.complain(say(settings.language, "said.nothing-to-resume"))
            if flags["as_json"]:
                click.echo("null")
            return 0
        result = reported(ran, settings, terminal, write_corrections)
        return print_result(result, terminal, flags["as_json"], settings.language, as_paragraph=flags["summary_md"])
