"""Journals against the company's own lists: what the service would refuse is a problem before anything is sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import Place, Problem
from importer.model.records import CATEGORIES, Action
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
class WorkbookCode:
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


WorkbookCodes = Mapping[tuple[int, str], WorkbookCode]
"""By dimension (1 to 10) and code."""

NO_CODES: WorkbookCodes = MappingProxyType({})


def codes_made(drafts: Iterable[RecordDraft]) -> dict[tuple[int, str], WorkbookCode]:
    """The codes that the dimension rows of an upload are about, as their drafts stand now."""
    made = {}
    for draft in drafts:
        category, _, code = draft.document.key.partition("/")
        if draft.document.kind == KIND and draft.has_key and category in CATEGORIES:
            made[int(category), code] = _made(draft)
    return made


def _made(draft: RecordDraft) -> WorkbookCode:
    write, action, place = draft.write, draft.document.action, draft.place()
    wanted = write.wanted if isinstance(write, CodeWrite) else None
    fate = _CodeState.FAILED
    if draft.document.status in _WELL:
        fate = _CodeState.GONE if action == Action.DELETE else _CodeState.THERE
    return WorkbookCode(fate, place, None if wanted is None else wanted.prohibits_posting, action == Action.CREATE)


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


def depends_on(own: WorkbookCode, place: Place, code: str) -> Problem:
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
    types, periods, currencies = {""}, {""}, {""}  # a blank cell is none of the lists' business
    for row in draft.coded_rows():
        yield from _row_problems(row, draft, lists, made)
        if row.journal_type not in types and "journalType" not in row.unreadable:
            types.add(row.journal_type)
            yield from _type_problem(row, draft, lists)
        if row.period not in periods and "period" not in row.unreadable:
            periods.add(row.period)
            yield from _period_problem(row, draft, lists)
        if row.currency not in currencies and "currency" not in row.unreadable:
            currencies.add(row.currency)
            yield from _currency_problem(row, draft, lists)


def _row_problems(row: CodedRow, draft: Draft, lists: CompanyLists, made: WorkbookCodes) -> Iterator[Problem]:
    account = None
    if "account" not in row.unreadable and row.account in lists.accounts:
        account = lists.accounts[row.account]
        yield from _account_problem(row, account, draft)
    for number, field in enumerate(DIMENSION_FIELDS, start=1):
        if field not in row.unreadable:
            problem = _dimension_problem(row, number, account, draft, lists, made)
            if problem is not None:
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


def _type_problem(row: CodedRow, draft: Draft, lists: CompanyLists) -> Iterator[Problem]:
    if lists.journal_types is not None and row.journal_type not in lists.journal_types:
        place, facts = draft.sheet.place(row.row, "journalType"), {"type": row.journal_type}
        yield Problem("unknown-journal-type", place, None, row.journal_type, None, "unknown-journal-type.plain", facts)


def _currency_problem(row: CodedRow, draft: Draft, lists: CompanyLists) -> Iterator[Problem]:
    if lists.currencies is not None and row.currency not in lists.currencies:
        place, facts = draft.sheet.place(row.row, "currency"), {"currency": row.currency}
        yield Problem("unknown-currency", place, None, row.currency, None, "unknown-currency.plain", facts)


def _period_problem(row: CodedRow, draft: Draft, lists: CompanyLists) -> Iterator[Problem]:
    """Outside the ledger's open range blocks; missing only from the list of journal periods is a warning (P-07)."""
    place, ledger = draft.sheet.place(row.row, "period"), lists.open_periods
    first, last = (ledger.first, ledger.last) if ledger is not None else (None, None)
    if (first is not None and row.period < first) or (last is not None and row.period > last):
        facts = {"period": row.period, "first": str(first or "…"), "last": str(last or "…")}
        yield Problem("closed-period", place, None, row.period, None, "closed-period.range", facts)
    elif lists.listed_periods is not None and row.period not in lists.listed_periods:
        facts = {"period": row.period}
        is_derived = draft.sheet.mapping is not None and draft.sheet.mapping.period_from is not None
        wording = "closed-period.derived" if is_derived else "closed-period.listed"
        yield Problem("closed-period", place, None, row.period, None, wording, facts, softened=not is_derived)
