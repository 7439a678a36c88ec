"""What the company's own lists say about the codes a workbook uses: only what is needed is asked, once, side
by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from importer.errors import AnswerUnclear, ImporterError, NotSent, ServiceFailure
from importer.model.journals import DIMENSION_FIELDS
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import Account, list_accounts
from importer.services.sunplusxtra.company import (
    OpenPeriods,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
)
from importer.services.sunplusxtra.dimensions import AnalysisCode, list_dimension_codes
from importer.validate.journals import Draft

PREFIX_LENGTH = 3
"""Accounts are asked for by the beginning of their codes: a workbook's few hundred codes have a few dozen
beginnings."""

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A list that could not be had: `wording` below `list.` says which, `reason` why (None: it is empty)."""

    wording: str
    facts: Mapping[str, str]
    reason: ImporterError | None


@dataclass(frozen=True, slots=True)
class CompanyLists:
    """What is known of the company. An account maps to None when the service was asked for it alone and has none; it is
    absent when that could not be found out. A list is None when it could not be had."""

    accounts: Mapping[str, Account | None]
    codes: Mapping[int, Mapping[str, AnalysisCode]]
    journal_types: Mapping[str, str] | None
    open_periods: OpenPeriods | None
    listed_periods: frozenset[str] | None
    unavailable: tuple[Unavailable, ...] = field(default=())


def company_lists(session: Session, drafts: Sequence[Draft], at_once: int) -> CompanyLists:
    """Asks for the accounts, dimensions, types and periods that the rows use, `at_once` requests at a time.

    A list that cannot be had is named in `unavailable`; only a refused session is raised (CredentialsRefused,
    SetupError).
    """
    used = [(row.account, row.dimensions) for draft in drafts for row in draft.coded_rows()]
    pool = ThreadPoolExecutor(max(1, at_once))
    try:
        asker = _Asker(pool)
        types = asker.ask("journal-types", lambda: list_journal_types(session))
        ledger = asker.ask("periods", lambda: get_ledger_definition(session))
        periods = asker.ask("periods", lambda: list_journal_periods(session))
        codes = {
            number: asker.ask("dimension", _codes_of(session, number), dimension=DIMENSION_FIELDS[number - 1])
            for number in _used_dimensions({dimensions for _, dimensions in used})
        }
        accounts = _accounts(session, {account for account, _ in used if account}, asker)
        return CompanyLists(
            accounts=accounts,
            codes={number: listed for number, ask in codes.items() if (listed := ask())},
            journal_types=types(),
            open_periods=ledger(),
            listed_periods=periods(),
            unavailable=tuple(asker.unavailable),
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _used_dimensions(used: Iterable[tuple[str, ...]]) -> list[int]:
    return sorted({number for codes in used for number, code in enumerate(codes, start=1) if code})


def _codes_of(session: Session, number: int) -> Callable[[], dict[str, AnalysisCode]]:
    return lambda: {code.code: code for code in list_dimension_codes(session, number)}


def _accounts(session: Session, used: set[str], asker: "_Asker") -> dict[str, Account | None]:
    """Whether `account-list` matches exactly or by the beginning is not documented (B-03), so a code that no beginning
    brought is asked for alone before it counts as unknown."""
    beginnings = sorted({code[:PREFIX_LENGTH] for code in used})
    asked = {part: asker.ask("accounts", _accounts_of(session, part), may_be_empty=True) for part in beginnings}
    listed = {part: accounts for part, ask in asked.items() if (accounts := ask()) is not None}
    found: dict[str, Account | None] = {}
    for account in _open_first(account for accounts in listed.values() for account in accounts):
        if account.code in used:
            found.setdefault(account.code, account)
    left = sorted(code for code in used if code not in found and code[:PREFIX_LENGTH] in listed)
    alone = {code: asker.ask("accounts", _accounts_of(session, code), may_be_empty=True) for code in left}
    for code, ask in alone.items():
        if (accounts := ask()) is not None:
            found[code] = next((account for account in _open_first(accounts) if account.code == code), None)
    return found


def _open_first(accounts: Iterable[Account]) -> list[Account]:
    """A code may be listed twice; the open one is the one that counts."""
    return sorted(accounts, key=lambda account: account.status)


def _accounts_of(session: Session, part: str) -> Callable[[], list[Account]]:
    return lambda: list_accounts(session, part)


class _Asker:
    """Asks side by side; a question that fails is noted once and answered with None. So is an empty list where the
    company must have something: nothing can be checked against it."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.unavailable: list[Unavailable] = []
        self._out_of_reach: dict[str, ImporterError] = {}

    def ask(
        self, wording: str, question: Callable[[], Given], *, may_be_empty: bool = False, **facts: str
    ) -> Callable[[], Given | None]:
        under_way = self._pool.submit(self._asked, wording, question)

        def answer() -> Given | None:
            try:
                given = under_way.result()
            except (ServiceFailure, AnswerUnclear, NotSent) as error:
                self._note(Unavailable(wording, facts, error))
                return None
            if given or may_be_empty:
                return given
            self._note(Unavailable(wording, facts, None))
            return None

        return answer

    def _asked(self, wording: str, question: Callable[[], Given]) -> Given:
        """Where one question of a kind got no answer after all its tries, the others would only wait as long again."""
        if wording in self._out_of_reach:
            raise self._out_of_reach[wording]
        try:
            return question()
        except (AnswerUnclear, NotSent) as error:
            self._out_of_reach[wording] = error
            raise

    def _note(self, unavailable: Unavailable) -> None:
        known = {(one.wording, tuple(one.facts.items())) for one in self.unavailable}
        if (unavailable.wording, tuple(unavailable.facts.items())) not in known:
            self.unavailable.append(unavailable)
