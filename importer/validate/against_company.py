"""Journals against the company's own lists: what the service would refuse is said before anything is sent."""

from collections.abc import Iterator

from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import Problem
from importer.services.sunplusxtra.accounts import Account, AccountStatus, EnterAnalysis
from importer.validate.company_lists import CompanyLists
from importer.validate.journal_rows import CodedRow
from importer.validate.journals import Draft
from importer.validate.made_codes import NO_CODES, Cell, MadeCodes, code_problem

_STATUS_WORDS = {
    AccountStatus.HIDDEN: "closed-account.hidden",
    AccountStatus.SUSPENDED: "closed-account.suspended",
    AccountStatus.CLOSED: "closed-account.closed",
}


def company_problems(draft: Draft, lists: CompanyLists, made: MadeCodes = NO_CODES) -> Iterator[Problem]:
    """Everything the lists say against a journal, each at its cell, also beside problems that it has already. A list
    that is missing says nothing; a cell that is unreadable is not asked about. `made` are the analysis codes that the
    workbook itself makes or removes. Unknown codes come with the nearest one as suggestion."""
    return lists.meant.suggesting(_found(draft, lists, made))


def _found(draft: Draft, lists: CompanyLists, made: MadeCodes) -> Iterator[Problem]:
    types, periods, currencies = set[str](), set[str](), set[str]()
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


def _row_problems(row: CodedRow, draft: Draft, lists: CompanyLists, made: MadeCodes) -> Iterator[Problem]:
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
    row: CodedRow, number: int, account: Account | None, draft: Draft, lists: CompanyLists, made: MadeCodes
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
        yield Problem("closed-period", place, None, row.period, None, "closed-period.listed", facts, softened=True)
