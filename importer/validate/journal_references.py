"""Journals against the company's own lists: what the service would refuse is a problem before anything is sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from importer.model.journals import CATEGORIES, DIMENSION_FIELDS, Action
from importer.model.problems import Place, Problem
from importer.model.results import Status
from importer.model.workbook import FormSheet
from importer.reference.lists import CodesOfRow, CompanyLists
from importer.services.sunplusxtra.accounts import Account, AccountStatus, EnterAnalysis
from importer.services.sunplusxtra.records import AnalysisCode, CodeWrite
from importer.validate.journals import CodedRow, Draft
from importer.validate.records import KIND, RecordDraft

DEPENDS = "depends-on-refused"

_WELL = frozenset({Status.READY, Status.POSTED, Status.ALREADY_POSTED})


class _CodeState(Enum):
    """What becomes of a code by the workbook's own row: it is there, it is gone, or its row failed."""

    THERE = auto()
    GONE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class _WorkbookCode:
    """A code of a row of the dimension form. `prohibits_posting` is None where the row changes nothing; `is_new`: the
    company did not have the code before."""

    fate: _CodeState
    place: Place
    prohibits_posting: bool | None
    is_new: bool


class Cell(NamedTuple):
    """A cell of a sheet; its place is worked out only when something is wrong with it."""

    sheet: FormSheet
    row: int
    field: str

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.sheet.place(self.row, self.field)


WorkbookCodes = Mapping[tuple[int, str], _WorkbookCode]
"""The codes that the workbook itself is about, by dimension (1 to 10) and code."""

NO_CODES: WorkbookCodes = MappingProxyType({})


def codes_made(drafts: Iterable[RecordDraft]) -> dict[tuple[int, str], _WorkbookCode]:
    """The codes that the dimension rows of an upload are about, as their drafts stand now."""
    made = {}
    for draft in drafts:
        action = draft.document.action
        category, _, code = draft.document.key.partition("/")
        if draft.document.kind == KIND and draft.has_key and category in CATEGORIES:
            wanted = draft.write.wanted if isinstance(draft.write, CodeWrite) else None
            prohibits = None if wanted is None else wanted.prohibits_posting
            fate = _CodeState.FAILED
            if draft.document.status in _WELL:
                fate = _CodeState.GONE if action == Action.DELETE else _CodeState.THERE
            made[int(category), code] = _WorkbookCode(fate, draft.place(), prohibits, action == Action.CREATE)
    return made


def code_problem(
    number: int, code: str, cell: Cell, listed: Mapping[str, AnalysisCode] | None, made: WorkbookCodes
) -> Problem | None:
    """What is wrong with the use of a code of dimension 1 to 10 in a cell, by the company's list (None: it could not
    be had) and by what the workbook itself does with the code."""
    own = made.get((number, code))
    there = None if listed is None else listed.get(code)
    if own is not None and own.fate is _CodeState.GONE:
        facts = {"dimension": DIMENSION_FIELDS[number - 1], "code": code, "row": str(own.place.row)}
        return Problem("unknown-dimension", cell.place, None, code, None, "unknown-dimension.removed", facts)
    is_missing, is_closed = listed is not None and there is None, there is not None and there.prohibits_posting
    if own is not None and own.fate is _CodeState.FAILED and there is None and (is_missing or own.is_new):
        return depends_on(own, cell.place, code)
    if own is not None and own.fate is _CodeState.THERE:
        is_missing = False
        is_closed = is_closed if own.prohibits_posting is None else own.prohibits_posting
    if not (is_missing or is_closed):
        return None
    problem, wording = ("unknown-dimension", ".plain") if is_missing else ("closed-dimension", "")
    facts = {"dimension": DIMENSION_FIELDS[number - 1], "code": code}
    return Problem(problem, cell.place, None, code, None, problem + wording, facts)


def depends_on(own: _WorkbookCode, place: Place, code: str) -> Problem:
    """That what stands at a place needs a row of the workbook that failed."""
    same_sheet = (own.place.file, own.place.sheet) == (place.file, place.sheet)
    facts = {"row": str(own.place.row), "sheet": own.place.sheet or "", "file": own.place.file}
    same_file = own.place.file == place.file
    wording = DEPENDS if same_sheet else f"{DEPENDS}.sheet" if same_file else f"{DEPENDS}.file"
    return Problem(DEPENDS, place, None, code, None, wording, facts)


def failed_dependencies(used: Iterable[tuple[int, str, Cell]], made: WorkbookCodes) -> Iterator[Problem]:
    """After the records were sent: one problem for each use (dimension, code, cell) of a new code whose row failed."""
    failed = {key: own for key, own in made.items() if own.fate is _CodeState.FAILED and own.is_new}
    if not failed:
        return
    for number, code, cell in used:
        if (number, code) in failed:
            yield depends_on(failed[number, code], cell.place, code)


_STATUS_WORDS = {
    AccountStatus.HIDDEN: "closed-account.hidden",
    AccountStatus.SUSPENDED: "closed-account.suspended",
    AccountStatus.CLOSED: "closed-account.closed",
}


def codes_used(drafts: Iterable[Draft]) -> list[CodesOfRow]:
    """The codes of every row of the journals, valid or not: what the company's lists are asked for."""
    return [(row.account, row.dimensions) for draft in drafts for row in draft.coded_rows()]


def company_problems(draft: Draft, lists: CompanyLists, made: WorkbookCodes = NO_CODES) -> Iterator[Problem]:
    """Everything the lists say against a journal, each at its cell, also beside problems that it has already. A list
    that is missing says nothing; a cell that is unreadable is not asked about. `made` are the analysis codes that the
    workbook itself makes or removes. Unknown codes come with the nearest one as suggestion."""
    return lists.suggester.suggesting(_found(draft, lists, made))


def _found(draft: Draft, lists: CompanyLists, made: WorkbookCodes) -> Iterator[Problem]:
    asked: set[tuple[str, str]] = set()
    for row in draft.coded_rows():
        yield from _row_problems(row, draft, lists, made)
        for field, code in (("journalType", row.journal_type), ("period", row.period), ("currency", row.currency)):
            # A blank cell is none of the lists' business.
            if code and (field, code) not in asked and field not in row.unreadable:
                asked.add((field, code))
                yield from _code_of_journal(Cell(draft.sheet, row.row, field), code, lists)


def _code_of_journal(cell: Cell, code: str, lists: CompanyLists) -> Iterator[Problem]:
    """What the lists say against the type, the period or the currency of a journal."""
    if cell.field == "period":
        yield from _period_problem(cell, code, lists)
        return
    is_type = cell.field == "journalType"
    listed, name = (lists.journal_types, "type") if is_type else (lists.currencies, "currency")
    if listed is not None and code not in listed:
        problem = "unknown-journal-type" if is_type else "unknown-currency"
        yield Problem(problem, cell.place, None, code, None, f"{problem}.plain", {name: code})


def _row_problems(row: CodedRow, draft: Draft, lists: CompanyLists, made: WorkbookCodes) -> Iterator[Problem]:
    account = None
    if "account" not in row.unreadable and row.account in lists.accounts:
        account = lists.accounts[row.account]
        yield from _account_problem(row, account, draft)
    for number, field in enumerate(DIMENSION_FIELDS, start=1):
        if field not in row.unreadable and (problem := _dimension_problem(row, number, account, draft, lists, made)):
            yield problem


def _account_problem(row: CodedRow, account: Account | None, draft: Draft) -> Iterator[Problem]:
    place, facts = draft.sheet.place(row.row, "account"), {"account": row.account}
    if account is None:
        yield Problem("unknown-account", place, None, row.account, None, "unknown-account.plain", facts)
    elif account.status in _STATUS_WORDS:
        wording = _STATUS_WORDS[AccountStatus(account.status)]
        is_warning = account.status == AccountStatus.HIDDEN
        yield Problem("closed-account", place, None, row.account, None, wording, facts, softened=is_warning)


def _dimension_problem(
    row: CodedRow, number: int, account: Account | None, draft: Draft, lists: CompanyLists, made: WorkbookCodes
) -> Problem | None:
    """One problem for a row's dimension: missing or prohibited by the account, else unknown or closed by its list."""
    field, code = DIMENSION_FIELDS[number - 1], row.dimensions[number - 1]
    rule = account.enter_analysis[number - 1] if account is not None else None
    if code and rule != EnterAnalysis.PROHIBITED:
        return code_problem(number, code, Cell(draft.sheet, row.row, field), lists.codes.get(number), made)
    if rule == EnterAnalysis.MANDATORY and not code:
        problem = "missing-dimension"
    elif code:
        problem = "prohibited-dimension"
    else:
        return None
    facts = {"account": row.account, "dimension": field, "code": code}
    return Problem(problem, draft.sheet.place(row.row, field), None, code or None, None, problem, facts)


def _period_problem(cell: Cell, period: str, lists: CompanyLists) -> Iterator[Problem]:
    """Outside the ledger's open range blocks; missing only from the list of journal periods is a warning (P-07)."""
    ledger, mapping = lists.open_periods, cell.sheet.mapping
    first, last = (ledger.first, ledger.last) if ledger is not None else (None, None)
    if (first is not None and period < first) or (last is not None and period > last):
        facts = {"period": period, "first": str(first or "…"), "last": str(last or "…")}
        yield Problem("closed-period", cell.place, None, period, None, "closed-period.range", facts)
    elif lists.listed_periods is not None and period not in lists.listed_periods:
        is_derived = mapping is not None and mapping.period_from is not None
        wording, facts = "closed-period.derived" if is_derived else "closed-period.listed", {"period": period}
        yield Problem("closed-period", cell.place, None, period, None, wording, facts, softened=not is_derived)
