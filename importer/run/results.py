"""What is true of a run as a whole, at its plan and at its end, in the words of the result."""

import getpass
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import compress

from importer.errors import CredentialsRefused, ExitCode, ImporterError, TryAgain, WrongCompany
from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Line
from importer.model.problems import DIFFERS_IN_LEDGER, Place, Problem
from importer.model.results import (
    CellsOfRow,
    Company,
    Document,
    FileRead,
    JournalLines,
    Mode,
    Result,
    SheetRead,
    Status,
    Stop,
)
from importer.model.workbook import FormSheet, Workbook
from importer.templates.forms import JOURNALS
from importer.translations import Language, sentence_of
from importer.validate.journal_columns import SheetMoney
from importer.validate.journals import Draft
from importer.validate.records import RecordDraft

NO_EXIT_CODE = -1
"""Of a run that goes on."""

AnyDraft = Draft | RecordDraft

MOST_LINES = 5_000
"""Of so many lines a result keeps the texts."""

MOST_ROWS_WITH_CELLS = 2_000
"""Of one sheet: the page shows 500 rows with their cells."""


def blocked(drafts: Iterable[Draft]) -> list[Draft]:
    """What is right is not sent all the same: its workbook cannot be used, or `--only-if-clean` forbids it."""
    return [draft.blocked() if draft.is_to_post else draft for draft in drafts]


def user_name() -> str:
    """The name of the person at this machine; a container may run under a number that has none."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return "?"


def planned_result(
    run: str,
    mode: Mode,
    started_at: datetime,
    workbooks: Sequence[Workbook],
    drafts: Sequence[AnyDraft],
    *,
    sandbox: bool = False,
    company: Company | None = None,
    warnings: Sequence[Problem] = (),
    only_if_clean: bool = False,
    started_by: str = "",
) -> Result:
    """The result of a run as it stands before anything is posted: what is right among the `drafts` of the `workbooks`
    is `ready`. `warnings` are about the run, not a document."""
    return Result(
        run=run,
        mode=mode,
        sandbox=sandbox,
        company=company,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        exit_code=NO_EXIT_CODE,
        files=tuple(_file_read(workbook) for workbook in workbooks),
        documents=tuple(draft.document for draft in drafts),
        problems=tuple(_all_problems(workbooks, warnings, drafts)),
        cells=_cells_around(drafts),
        only_if_clean=only_if_clean,
        started_by=started_by,
        lines=tuple(_lines_of(drafts)),
    )


def _lines_of(drafts: Iterable[AnyDraft]) -> Iterator[JournalLines]:
    """The lines of the journals that are right, of the first `MOST_LINES` in whole journals."""
    room = MOST_LINES
    for draft in drafts:
        if not isinstance(draft, Draft) or not draft.is_to_post:
            continue
        room -= len(draft.document.rows)
        if room < 0 or (journal := draft.journal) is None:
            return
        texts = [texts_of(line) for line in journal.lines]
        is_filled = [any(column) for column in zip(*texts, strict=True)]
        fields = tuple(compress(TEXT_FIELDS, is_filled))
        lines = zip(journal.lines, texts, strict=True)
        filled = tuple((line.row, tuple(compress(of_line, is_filled))) for line, of_line in lines)
        yield JournalLines(journal.file, journal.sheet, journal.key, fields, filled)


TEXT_FIELDS = (
    *("journalType", "account", "treference", "description", "transaction", "amount", "currency", "transDateTime"),
    *("period", "memoAmount", "expiration", "expectedDate", "assetCode", "assetIndicator"),
    *DIMENSION_FIELDS,
    *(f"description{number}" for number in range(1, EXTRA_DESCRIPTIONS + 1)),
)
"""The fields of a form in the order of `texts_of`."""


def texts_of(line: Line) -> tuple[str, ...]:
    """A line as it is sent, by `TEXT_FIELDS`; `""` for what it has not."""
    return (
        *(line.journal_type, line.account, line.reference, line.description, line.side.value, _plain(line.amount)),
        *(line.currency, line.transaction_date.isoformat(), line.period),
        "" if line.memo_amount is None else _plain(line.memo_amount),
        "" if line.expiration is None else line.expiration.isoformat(),
        "" if line.expected_date is None else line.expected_date.isoformat(),
        *(line.asset_code, line.asset_indicator),
        *line.dimensions,
        *line.descriptions,
    )


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


def concluded(result: Result, stop: ImporterError | None, language: Language) -> Result:
    """The result at the end; with `stop`, what was ready to be posted is `not_sent`, and the stop is a problem."""
    copies = {
        (one.place.file, one.place.sheet, one.document)
        for one in result.problems
        if one.wording == "duplicate-document.copy" and result.mode is Mode.CHECK
    }
    documents = tuple(_final(document, result.mode, copies) for document in result.documents)
    problems = (*_stops(stop, language), *result.problems)
    return replace(
        result,
        documents=documents,
        problems=problems,
        finished_at=datetime.now(UTC),
        exit_code=exit_code_of(documents, problems, stop),
        stopped_by=None if stop is None else Stop(stop.key, stop.facts, stop.may_pass),
    )


def exit_code_of(documents: Iterable[Document], problems: Iterable[Problem], stop: ImporterError | None) -> int:
    """4 before 130 before 3 before 1."""
    documents, problems = list(documents), list(problems)
    # What a person has given up is settled.
    given_up = {(one.place.file, one.place.sheet, one.document) for one in problems if one.code == "dropped"}
    statuses = {one.status for one in documents if (one.file, one.sheet, one.key) not in given_up}
    errors = [problem for problem in problems if problem.blocks]
    in_doubt = Status.UNKNOWN in statuses or any(document.verified is False for document in documents)
    differs = any(problem.code in DIFFERS_IN_LEDGER for problem in errors)
    if in_doubt or differs or any(problem.code == "attachment-unknown" for problem in problems):
        return ExitCode.UNKNOWN
    if stop is not None:
        # A wrong value on the command line ends a command with 2; in a run it stands in the ledger or in the company.
        return ExitCode.STOPPED if stop.exit_code == ExitCode.USAGE else stop.exit_code
    if any(_is_of_file(problem) for problem in errors):
        return ExitCode.STOPPED
    is_unlinked = any(problem.code in ("attachment-refused", "attachment-not-sent") for problem in problems)
    return (
        ExitCode.FAULTY
        if errors or is_unlinked or statuses & {Status.REFUSED, Status.INVALID, Status.NOT_SENT}
        else ExitCode.FINE
    )


def _is_of_file(problem: Problem) -> bool:
    """True for what keeps a file from being used; which mapping it has is a person's to say, and no damage."""
    return problem.place.row is None and problem.document is None and problem.code != "uncertain-mapping"


def _final(document: Document, mode: Mode, copies: Collection[tuple[str, str | None, str | None]]) -> Document:
    """In a check a journal that is equal to one of another workbook ends as a run would end it."""
    if document.status is not Status.READY:
        return document
    if (document.file, document.sheet, document.key) in copies:
        return document.ended(Status.ALREADY_POSTED)
    return document.ended(Status.NOT_SENT) if mode is Mode.RUN else document


def _stops(stop: ImporterError | None, language: Language) -> Iterable[Problem]:
    if isinstance(stop, WrongCompany):
        yield Problem("wrong-company", Place(""), wording="wrong-company", facts=stop.facts)
    elif isinstance(stop, TryAgain | CredentialsRefused):
        reason = sentence_of(stop, language)
        yield Problem("service-unavailable", Place(""), wording="service-unavailable", facts={"reason": reason})


def _all_problems(
    workbooks: Sequence[Workbook], warnings: Sequence[Problem], drafts: Sequence[AnyDraft]
) -> Iterable[Problem]:
    """Of the files, then of the run, then of the documents; what the reader found in a document's cells is
    among those."""
    of_documents = [problem for draft in drafts for problem in draft.problems]
    of_files = [problem for workbook in workbooks for problem in workbook.problems]
    handed_on = {(problem.code, problem.place) for problem in of_documents} if of_files else ()
    yield from (problem for problem in of_files if (problem.code, problem.place) not in handed_on)
    yield from warnings
    yield from of_documents


def _file_read(workbook: Workbook) -> FileRead:
    sheets = tuple(_sheet_read(sheet) for sheet in workbook.sheets)
    corrects = "" if workbook.corrects is None else workbook.corrects.run
    return FileRead(workbook.path, workbook.sha256, sheets, workbook.passed_over, corrects)


def _sheet_read(sheet: FormSheet) -> SheetRead:
    money, no_lines, hidden = (
        () if one is None or one.form != JOURNALS.name else SheetMoney(one).of()
        for one in (sheet, sheet.set_aside, sheet.skipped)
    )
    about = (sheet.sheet, sheet.form, len(sheet.rows), sheet.letters)
    return SheetRead(*about, money, no_lines, hidden, mapping=sheet.mapping)


def _cells_around(drafts: Sequence[AnyDraft]) -> dict[tuple[str, str, int], CellsOfRow]:
    """The cells of the rows that problems are about, as they stand on their sheets; of each sheet the first ones."""
    cells: dict[tuple[str, str, int], CellsOfRow] = {}
    positions: dict[int, dict[int, int]] = {}
    ordered: dict[int, list[tuple[str, str]]] = {}
    left: dict[int, int] = {}
    for draft in drafts:
        sheet = draft.sheet
        room = left.setdefault(id(sheet), MOST_ROWS_WITH_CELLS)
        rows = {problem.place.row for problem in draft.problems if problem.place.row is not None} if room > 0 else ()
        for row in rows:
            if id(sheet) not in positions:
                positions[id(sheet)] = {number: position for position, number in enumerate(sheet.rows)}
                ordered[id(sheet)] = sorted(sheet.letters.items(), key=lambda item: (len(item[1]), item[1]))
            position = positions[id(sheet)][row]
            cells[sheet.file, sheet.sheet, row] = _cells_of(sheet, row, position, ordered[id(sheet)])
        left[id(sheet)] = room - len(rows)
    return cells


def _cells_of(sheet: FormSheet, row: int, position: int, ordered: Sequence[tuple[str, str]]) -> CellsOfRow:
    return tuple(
        (name, letters, sheet.columns[name][position] or "")
        for name, letters in ordered
        if sheet.columns[name][position] is not None or (row, name) in sheet.unusable
    )
