"""What is true of every document at the end, in the words of the result."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from importer.errors import CredentialsRefused, ImporterError, TryAgain, WrongCompany
from importer.language import Language, say
from importer.language.sentences import sentence_of
from importer.model.entries import Known, State
from importer.model.journals import Journal
from importer.model.places import Place
from importer.model.problems import Problem
from importer.model.results import (
    CellsOfRow,
    Company,
    Document,
    FileRead,
    Mode,
    Result,
    SheetRead,
    Status,
)
from importer.model.sheets import FormSheet, Workbook
from importer.post.judge import Outcome, is_collateral
from importer.post.plan import Planned
from importer.post.send import Posting
from importer.validate.journals import Draft

UNKNOWN, INTERRUPTED, STOPPED, FAULTY, FINE = 4, 130, 3, 1, 0
"""Exit codes (product.md), the first that applies."""


def held_back(drafts: Iterable[Draft]) -> list[Draft]:
    """What is right is not sent all the same: its workbook cannot be used, or `--only-if-clean` forbids it."""
    return [draft if draft.journal is None else draft.held_back() for draft in drafts]


def after_posting(
    drafts: Sequence[Draft], planned: Sequence[Planned], posting: Posting, language: Language
) -> list[Draft]:
    """Every draft with where it went and what the service said of it. Never raises: money may have moved."""
    by_journal = {id(one.journal): one for one in planned}
    told: set[int] = set()
    ended = []
    for draft in drafts:
        one = by_journal.get(id(draft.journal)) if draft.journal is not None else None
        if one is None:
            ended.append(draft)
            continue
        after = _ended(draft, one, posting, language)
        ended.append(_as_copy(after) if one.known.id in told else after)
        told.add(one.known.id)
    return ended


def _as_copy(draft: Draft) -> Draft:
    """The same journal in a second workbook of the upload was sent once, for the first one."""
    is_posted = draft.document.status is Status.POSTED
    return replace(draft, document=draft.document.ended(Status.ALREADY_POSTED)) if is_posted else draft


def _ended(draft: Draft, one: Planned, posting: Posting, language: Language) -> Draft:
    known = one.known
    outcome = posting.outcomes.get(known.id)
    if outcome is None and known.id in posting.claimed:
        outcome = Outcome(State.UNKNOWN)
    if outcome is not None:
        return _judged(draft, one.journal, outcome, known.attempts + 1, language)
    if known.id in posting.lost_claims:
        known = posting.lost_claims[known.id] or replace(known, state=State.UNKNOWN)
    elif one.is_to_be_sent:
        return replace(draft, document=replace(draft.document, status=Status.NOT_SENT, attempts=known.attempts))
    return _left_alone(draft, known, one.has_other_details)


def _left_alone(draft: Draft, known: Known, has_other_details: bool) -> Draft:
    """Posted before, or nobody knows: not sent again."""
    problems: list[Problem] = []
    status = Status.ALREADY_POSTED if known.state is State.POSTED else Status.UNKNOWN
    if status is Status.UNKNOWN:
        wording = "sending" if known.state is State.SENDING else "earlier"
        problems.append(_of_journal(draft, "outcome-unknown", f"outcome-unknown.{wording}", run=known.run))
    elif has_other_details:
        problems.append(_of_journal(draft, "other-details", "other-details", number=known.journal_number or ""))
    document = replace(
        draft.document,
        status=status,
        journal_number=known.journal_number,
        voucher_number=known.voucher_number,
        attempts=known.attempts,
    )
    return replace(draft, document=document, problems=draft.problems + tuple(problems))


def _judged(draft: Draft, journal: Journal, outcome: Outcome, attempts: int, language: Language) -> Draft:
    document = replace(draft.document, attempts=attempts)
    problems: list[Problem] = []
    match outcome.state:
        case State.POSTED if outcome.posted is not None:
            number, voucher = outcome.posted.journal_number, outcome.posted.voucher_number
            document = replace(document, status=Status.POSTED, journal_number=number, voucher_number=voucher)
        case State.REFUSED:
            document = document.ended(Status.REFUSED)
            problems = _refusals(draft, journal, outcome)
        case State.PLANNED:
            document = replace(document, status=Status.NOT_SENT, attempts=attempts - 1)
        case _:
            document = document.ended(Status.UNKNOWN)
            reason = say(language, "reason.died") if outcome.reason is None else sentence_of(outcome.reason, language)
            problems = [_of_journal(draft, "outcome-unknown", "outcome-unknown.sent", reason=reason)]
    return replace(draft, document=document, problems=draft.problems + tuple(problems))


def _refusals(draft: Draft, journal: Journal, outcome: Outcome) -> list[Problem]:
    """Each entry of `linesError` at its row by the request's line number (J-09); the same words twice are one
    problem."""
    faults = list(dict.fromkeys(outcome.faults))
    has_cause = any(not is_collateral(message) for _, message in faults)
    problems = []
    for line, message in faults:
        if line is None or not 1 <= line <= len(journal.lines):
            wording = "refused-document.plain" if line is None else "refused-document.numbered"
            problems.append(_of_journal(draft, "refused-document", wording, answer=message, line=str(line)))
            continue
        code = "refused-with-others" if has_cause and is_collateral(message) else "refused-line"
        place = draft.sheet.place(journal.lines[line - 1].row)
        problems.append(Problem(code, place, draft.document.key, wording=code, facts={"answer": message}))
    return problems


def _of_journal(draft: Draft, code: str, wording: str, **facts: str) -> Problem:
    place = draft.sheet.place(min(draft.document.rows))
    return Problem(code, place, draft.document.key, wording=wording, facts=facts)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the result is made of. `warnings` are about the run, not a document."""

    workbooks: Sequence[Workbook]
    drafts: Sequence[Draft]
    warnings: Sequence[Problem]
    company: Company | None
    stop: ImporterError | None


def result_of(told: Told, mode: Mode, name: str, started: datetime, language: Language, *, is_sandbox: bool) -> Result:
    """The result of a run; with `stop`, what was ready to be posted is `not_sent` and the stop is a problem itself."""
    documents = tuple(_final(draft.document, mode) for draft in told.drafts)
    problems = tuple(_all_problems(told, language))
    return Result(
        run=name,
        mode=mode,
        sandbox=is_sandbox,
        company=told.company,
        started_at=started,
        finished_at=datetime.now(UTC),
        exit_code=exit_code_of(documents, problems, told.stop),
        files=tuple(_file_read(workbook) for workbook in told.workbooks),
        documents=documents,
        problems=problems,
        cells=_cells_around(told.drafts),
        stopped_by=None if told.stop is None else (told.stop.key, told.stop.facts),
    )


def exit_code_of(documents: Iterable[Document], problems: Iterable[Problem], stop: ImporterError | None) -> int:
    """4 before 130 before 3 before 1 (product.md, "Exit codes")."""
    statuses = {document.status for document in documents}
    errors = [problem for problem in problems if problem.blocks]
    if Status.UNKNOWN in statuses:
        return UNKNOWN
    if stop is not None:
        return stop.exit_code
    if any(problem.place.row is None for problem in errors):
        return STOPPED
    return FAULTY if errors or statuses & {Status.REFUSED, Status.INVALID, Status.NOT_SENT} else FINE


def _final(document: Document, mode: Mode) -> Document:
    is_left = mode is Mode.RUN and document.status is Status.READY
    return document.ended(Status.NOT_SENT) if is_left else document


def _all_problems(told: Told, language: Language) -> Iterable[Problem]:
    """Of the files, then of the run, then of the documents; what the reader found in a document's cells is
    among those."""
    of_documents = [problem for draft in told.drafts for problem in draft.problems]
    handed_on = {(problem.code, problem.place) for problem in of_documents}
    for workbook in told.workbooks:
        yield from (problem for problem in workbook.problems if (problem.code, problem.place) not in handed_on)
    if isinstance(told.stop, WrongCompany):
        yield Problem("wrong-company", Place(""), wording="wrong-company", facts=told.stop.facts)
    elif isinstance(told.stop, TryAgain | CredentialsRefused):
        reason = sentence_of(told.stop, language)
        yield Problem("service-unavailable", Place(""), wording="service-unavailable", facts={"reason": reason})
    yield from told.warnings
    yield from of_documents


def _file_read(workbook: Workbook) -> FileRead:
    sheets = tuple(SheetRead(sheet.sheet, sheet.form, len(sheet.rows)) for sheet in workbook.sheets)
    return FileRead(workbook.path, workbook.sha256, sheets, workbook.passed_over)


def _cells_around(drafts: Sequence[Draft]) -> dict[tuple[str, str, int], CellsOfRow]:
    """The cells of each row that a problem is about, as they stand on its sheet."""
    cells: dict[tuple[str, str, int], CellsOfRow] = {}
    positions: dict[int, dict[int, int]] = {}
    for draft in drafts:
        sheet = draft.sheet
        for problem in draft.problems:
            row = problem.place.row
            if row is None or (sheet.file, sheet.sheet, row) in cells:
                continue
            if id(sheet) not in positions:
                positions[id(sheet)] = {number: position for position, number in enumerate(sheet.rows)}
            cells[sheet.file, sheet.sheet, row] = _cells_of(sheet, row, positions[id(sheet)][row])
    return cells


def _cells_of(sheet: FormSheet, row: int, position: int) -> CellsOfRow:
    ordered = sorted(sheet.letters.items(), key=lambda item: (len(item[1]), item[1]))
    return tuple(
        (name, letters, sheet.columns[name][position] or "")
        for name, letters in ordered
        if sheet.columns[name][position] is not None or (row, name) in sheet.spoilt
    )
