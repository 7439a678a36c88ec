"""The company's own lists: for a check only what its rows need, for a template all; once, side by side. What cannot be
had is noted."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from importer.errors import AnswerUnclear, ImporterError, NotSent, ServiceFailure
from importer.model.dates import Period
from importer.model.journals import DIMENSION_FIELDS, Action, AddressChange, DimensionChange
from importer.model.results import Company
from importer.reference.suggestions import Suggester, accounts_to_suggest
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import Account, AccountStatus, EnterAnalysis, list_accounts
from importer.services.sunplusxtra.company import (
    OpenPeriods,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
)
from importer.services.sunplusxtra.records import (
    Address,
    AnalysisCode,
    RequiredAnalysisCode,
    list_addresses,
    list_dimension_codes,
    list_required_analysis_codes,
)
from importer.templates.lists import Entry, Lists, RequiredCode

Given = TypeVar("Given")
CodesOfRow = tuple[str | None, tuple[str, ...]]
"""The account of a row, and its codes of the dimensions 1 to 10."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A list that could not be had: `wording` below `list.` says which, `reason` why (None: it is empty)."""

    wording: str
    facts: Mapping[str, str]
    reason: ImporterError | None


class _ReferenceLoader:
    """Asks side by side; a question that fails is noted once and answered with None. So is an empty list where the
    company must have something: nothing can be checked against it."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self._unavailable: dict[tuple[str, ...], Unavailable] = {}
        self._out_of_reach: dict[str, ImporterError] = {}

    @property
    def unavailable(self) -> tuple[Unavailable, ...]:
        """What could not be had, each list once."""
        return tuple(self._unavailable.values())

    def ask(
        self, wording: str, question: Callable[[], Given], *, may_be_empty: bool = False, **facts: str
    ) -> Callable[[], Given | None]:
        """Begins to ask and gives the way to the answer, which waits for it. It raises only what ends the session."""

        def request() -> Given:
            # Where one question of a kind got no answer after all its tries, the others would only wait as long again.
            if wording in self._out_of_reach:
                raise self._out_of_reach[wording]
            try:
                return question()
            except (AnswerUnclear, NotSent) as error:
                self._out_of_reach[wording] = error
                raise

        under_way = self.pool.submit(request)

        def answer() -> Given | None:
            reason: ImporterError | None = None
            try:
                given = under_way.result()
                if given or may_be_empty:
                    return given
            except (ServiceFailure, AnswerUnclear, NotSent) as error:
                reason = error
            self._unavailable.setdefault((wording, *facts.values()), Unavailable(wording, facts, reason))
            return None

        return answer


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
    unavailable: tuple[Unavailable, ...] = ()
    suggester: Suggester = field(default_factory=Suggester)


class ListsOfAll(_ReferenceLoader):
    """The lists that do not depend on what rows use, types and periods, asked for from now on by the threads of `pool`,
    as the rest of the lists is."""

    def __init__(self, session: Session, pool: ThreadPoolExecutor) -> None:
        super().__init__(pool)
        self.types = self.ask("journal-types", lambda: list_journal_types(session))
        self.ledger = self.ask("periods", lambda: get_ledger_definition(session))
        self.periods = self.ask("periods", lambda: list_journal_periods(session))


def company_lists(
    session: Session,
    used: Collection[CodesOfRow],
    at_once: int,
    known: Mapping[int, Mapping[str, AnalysisCode]] = NOTHING,
    currencies: Sequence[str] = (),
    begun: ListsOfAll | None = None,
) -> CompanyLists:
    """Asks for the accounts, dimensions, types and periods that rows use, `at_once` requests at a time. Dimensions
    that are `known` already are not asked for, nor what is `begun` (None: nothing was). No operation lists `currencies`
    (N-20: accounts may be kept in others than journals): they are all that the ledger has, or none when nobody has said
    so.

    A list that cannot be had is named in `unavailable`; only a refused session is raised (CredentialsRefused,
    SetupError).
    """
    asker = begun or ListsOfAll(session, ThreadPoolExecutor(max(1, at_once)))
    try:
        coded = {dimensions for _, dimensions in used}
        dimensions = {number for codes in coded for number, code in enumerate(codes, start=1) if code}
        wanted = sorted(dimensions - known.keys())
        codes = {number: _ask_codes(asker, session, number, may_be_empty=False) for number in wanted}
        accounts = _accounts(session, {account for account, _ in used if account}, asker)
        listed = {**known, **{number: given for number, ask in codes.items() if (given := ask())}}
        named_types = asker.types()
        chart = accounts_to_suggest(session) if None in accounts.values() else []
        return CompanyLists(
            accounts=accounts,
            codes=listed,
            journal_types=named_types,
            open_periods=asker.ledger(),
            listed_periods=asker.periods(),
            currencies=frozenset(currencies) or None,
            unavailable=asker.unavailable,
            suggester=Suggester(chart, listed, named_types, currencies),
        )
    finally:
        asker.pool.shutdown(wait=False, cancel_futures=True)


def _accounts(session: Session, used: set[str], asker: _ReferenceLoader) -> dict[str, Account | None]:
    """Whether `account-list` matches exactly or by the beginning is not documented (B-03), so a code that no beginning
    brought is asked for alone before it counts as unknown."""
    beginnings = sorted({code[:PREFIX_LENGTH] for code in used})
    asked = {
        part: asker.ask("accounts", partial(list_accounts, session, part), may_be_empty=True) for part in beginnings
    }
    listed = {part: accounts for part, ask in asked.items() if (accounts := ask()) is not None}
    found: dict[str, Account | None] = {}
    for account in _open_first(account for accounts in listed.values() for account in accounts):
        if account.code in used:
            found.setdefault(account.code, account)
    left = sorted(code for code in used if code not in found and code[:PREFIX_LENGTH] in listed)
    alone = {code: asker.ask("accounts", partial(list_accounts, session, code), may_be_empty=True) for code in left}
    for code, ask in alone.items():
        if (accounts := ask()) is not None:
            found[code] = next((account for account in _open_first(accounts) if account.code == code), None)
    return found


def _open_first(accounts: Iterable[Account]) -> list[Account]:
    """A code may be listed twice; the open one is the one that counts."""
    return sorted(accounts, key=lambda account: account.status)


@dataclass(frozen=True, slots=True)
class RecordLists:
    """What is known of the company's records. `codes` has the dimensions (1 to 10) that were read; `addresses` and
    `required` (by the number of the key: Analysis1 is 1) are None when they were not needed or could not be had."""

    codes: Mapping[int, Mapping[str, AnalysisCode]]
    addresses: Mapping[str, Address] | None
    required: Mapping[int, RequiredAnalysisCode] | None
    unavailable: tuple[Unavailable, ...] = ()


def record_lists(session: Session, changes: Sequence[AddressChange | DimensionChange], at_once: int) -> RecordLists:
    """Asks for the lists that the changes need, `at_once` requests at a time. A list that cannot be had is named in
    `unavailable`; only a refused session is raised (CredentialsRefused, SetupError)."""
    addresses = [change for change in changes if isinstance(change, AddressChange)]
    dimensions = {change.dimension for change in changes if isinstance(change, DimensionChange)}
    pool = ThreadPoolExecutor(max(1, at_once))
    try:
        asker = _ReferenceLoader(pool)
        asked = {number: _ask_codes(asker, session, number) for number in sorted(dimensions)}
        listed = asker.ask("addresses", lambda: list_addresses(session), may_be_empty=True) if addresses else None
        required = None
        if any(change.action is not Action.DELETE for change in addresses):
            answer = asker.ask("required", lambda: list_required_analysis_codes(session), may_be_empty=True)()
            required = None if answer is None else {one.number: one for one in answer}
        # The dimensions among the categories of the analysis codes that rows fill.
        filled = {key for key in required or () for change in addresses if change.fields.get(f"analysis{key}.code")}
        used = {required[key].category for key in filled} if required else set[int]()
        for number in sorted(used & set(range(1, len(DIMENSION_FIELDS) + 1)) - asked.keys()):
            asked[number] = _ask_codes(asker, session, number)
        found = listed() if listed is not None else None
        return RecordLists(
            codes={number: codes for number, ask in asked.items() if (codes := ask()) is not None},
            addresses=None if found is None else {address.code: address for address in found},
            required=required,
            unavailable=asker.unavailable,
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ask_codes(
    asker: _ReferenceLoader, session: Session, number: int, *, may_be_empty: bool = True
) -> Callable[[], dict[str, AnalysisCode] | None]:
    def question() -> dict[str, AnalysisCode]:
        return {code.code: code for code in list_dimension_codes(session, number)}

    return asker.ask("dimension", question, may_be_empty=may_be_empty, dimension=DIMENSION_FIELDS[number - 1])


MONTHS = 12


def template_lists(
    session: Session, company: Company, at_once: int, currencies: Sequence[str] = ()
) -> tuple[Lists, tuple[Unavailable, ...]]:
    """Asks for every list that a template offers, `at_once` requests at a time; those that could not be had are named,
    and the template is without them.

    No operation lists the currencies (N-20): `currencies` are those of the settings, the others are those that
    accounts are kept in. Raises CredentialsRefused or SetupError when the session ends.
    """
    with ThreadPoolExecutor(max(1, at_once)) as pool:
        asker = _ReferenceLoader(pool)
        chart = asker.ask("accounts", lambda: list_accounts(session), may_be_empty=True)
        types = asker.ask("journal-types", lambda: list_journal_types(session), may_be_empty=True)
        ledger = asker.ask("periods", lambda: get_ledger_definition(session))
        periods = asker.ask("periods", lambda: list_journal_periods(session), may_be_empty=True)
        needed = asker.ask("required", lambda: list_required_analysis_codes(session), may_be_empty=True)
        codes = {number: _ask_codes(asker, session, number) for number in range(1, len(DIMENSION_FIELDS) + 1)}
        accounts = chart() or []
        lists = Lists(
            company_id=company.id,
            company_name=_tidy(company.name),
            taken_at=datetime.now(UTC),
            accounts=_open_accounts(accounts),
            codes={
                number: tuple(
                    Entry(code, _tidy(one.name))
                    for code, one in sorted((answer() or {}).items())
                    if code and not one.prohibits_posting
                )
                for number, answer in codes.items()
            },
            journal_types=tuple(Entry(code, _tidy(name)) for code, name in sorted((types() or {}).items())),
            periods=tuple(Entry(period) for period in _open_periods(ledger(), periods() or ())),
            currencies=tuple(map(Entry, sorted({one.currency for one in accounts if one.currency}.union(currencies)))),
            required_codes=tuple(
                RequiredCode(one.number, one.category, one.entry_number, _tidy(one.short_heading))
                for one in needed() or ()
            ),
        )
    return lists, asker.unavailable


def _tidy(text: str) -> str:
    """A name on one line, as a drop-down can show it."""
    return " ".join(text.split())


def _open_accounts(accounts: Iterable[Account]) -> tuple[Entry, ...]:
    """The open accounts by code; a code that is listed twice counts once."""
    found: dict[str, Entry] = {}
    for account in accounts:
        if account.status == AccountStatus.OPEN and account.code:
            rules = enumerate(account.enter_analysis, start=1)
            needs = tuple(number for number, rule in rules if rule == EnterAnalysis.MANDATORY)
            found.setdefault(account.code, Entry(account.code, _tidy(account.name), needs))
    return tuple(found[code] for code in sorted(found))


def _open_periods(ledger: OpenPeriods | None, listed: Iterable[Period]) -> list[Period]:
    """The listed periods within the ledger's range; the range's months when none is listed."""
    ledger = ledger or OpenPeriods(None, None, None)
    inside = [
        period
        for period in listed
        if (ledger.first is None or period >= ledger.first) and (ledger.last is None or period <= ledger.last)
    ]
    if inside or ledger.first is None or ledger.last is None:
        return sorted(inside)
    years = range(ledger.first.year, ledger.last.year + 1)
    months = [Period.of(year, number) for year in years for number in range(1, MONTHS + 1)]
    return [period for period in months if ledger.first <= period <= ledger.last]
