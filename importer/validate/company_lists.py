"""What the company's own lists say about the codes a workbook uses: only what is needed is asked, once, side
by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import MappingProxyType

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
from importer.validate.asking import Asker, Unavailable
from importer.validate.journals import Draft
from importer.validate.meant import Meant, accounts_to_suggest, meant_of

PREFIX_LENGTH = 3
"""Accounts are asked for by the beginning of their codes: a workbook's few hundred codes have a few dozen
beginnings."""

NOTHING: Mapping[int, Mapping[str, AnalysisCode]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CompanyLists:
    """What is known of the company. An account maps to None when the service was asked for it alone and has none; it is
    absent when that could not be found out. A list is None when it could not be had. `meant` suggests for unknown
    codes."""

    accounts: Mapping[str, Account | None]
    codes: Mapping[int, Mapping[str, AnalysisCode]]
    journal_types: Mapping[str, str] | None
    open_periods: OpenPeriods | None
    listed_periods: frozenset[str] | None
    currencies: frozenset[str] | None = None
    unavailable: tuple[Unavailable, ...] = field(default=())
    meant: Meant = field(default_factory=Meant)


def company_lists(
    session: Session,
    drafts: Sequence[Draft],
    at_once: int,
    known: Mapping[int, Mapping[str, AnalysisCode]] = NOTHING,
    currencies: Sequence[str] = (),
) -> CompanyLists:
    """Asks for the accounts, dimensions, types and periods that the rows use, `at_once` requests at a time. Dimensions
    that are `known` already are not asked for. No operation lists `currencies` (NOTES N-20: accounts may be kept in
    others than journals): they are all that the ledger has, or none when nobody has said so.

    A list that cannot be had is named in `unavailable`; only a refused session is raised (CredentialsRefused,
    SetupError).
    """
    used = [(row.account, row.dimensions) for draft in drafts for row in draft.coded_rows()]
    pool = ThreadPoolExecutor(max(1, at_once))
    try:
        asker = Asker(pool)
        types = asker.ask("journal-types", lambda: list_journal_types(session))
        ledger = asker.ask("periods", lambda: get_ledger_definition(session))
        periods = asker.ask("periods", lambda: list_journal_periods(session))
        codes = {
            number: asker.ask("dimension", _codes_of(session, number), dimension=DIMENSION_FIELDS[number - 1])
            for number in _used_dimensions({dimensions for _, dimensions in used})
            if number not in known
        }
        accounts = _accounts(session, {account for account, _ in used if account}, asker)
        listed = {**known, **{number: given for number, ask in codes.items() if (given := ask())}}
        named_types = types()
        chart = accounts_to_suggest(session, (code for code, account in accounts.items() if account is None))
        return CompanyLists(
            accounts=accounts,
            codes=listed,
            journal_types=named_types,
            open_periods=ledger(),
            listed_periods=periods(),
            currencies=frozenset(currencies) or None,
            unavailable=tuple(asker.unavailable),
            meant=meant_of(chart, listed, named_types, currencies),
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _used_dimensions(used: Iterable[tuple[str, ...]]) -> list[int]:
    return sorted({number for codes in used for number, code in enumerate(codes, start=1) if code})


def _codes_of(session: Session, number: int) -> Callable[[], dict[str, AnalysisCode]]:
    return lambda: {code.code: code for code in list_dimension_codes(session, number)}


def _accounts(session: Session, used: set[str], asker: Asker) -> dict[str, Account | None]:
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
