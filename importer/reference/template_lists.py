"""The company's lists for a template, asked of the service."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from importer.errors import AnswerUnclear, ImporterError, NotSent, ServiceFailure
from importer.model.dates import Period
from importer.model.journals import DIMENSION_FIELDS
from importer.model.results import Company
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import Account, AccountStatus, EnterAnalysis, list_accounts
from importer.services.sunplusxtra.addresses import RequiredAnalysisCode, list_required_analysis_codes
from importer.services.sunplusxtra.company import (
    OpenPeriods,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
)
from importer.services.sunplusxtra.dimensions import AnalysisCode, list_dimension_codes
from importer.templates.lists import AccountEntry, Entry, Lists, RequiredCode
from importer.translations import Language, say, sentence_of

MONTHS = 12

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class ListsTaken:
    """The lists, and a sentence for each that could not be had: the template is then without it."""

    lists: Lists
    complaints: tuple[str, ...]


def take_lists(
    session: Session, company: Company, at_once: int, language: Language, currencies: Sequence[str] = ()
) -> ListsTaken:
    """Asks for every list that a template offers, `at_once` requests at a time.

    No operation lists the currencies (N-20): `currencies` are those of the settings, the others are those that
    accounts are kept in. Raises CredentialsRefused or SetupError when the session ends.
    """
    with ThreadPoolExecutor(max(1, at_once)) as pool:
        asker = _TemplateListLoader(pool, language)
        accounts = asker.ask("accounts", lambda: list_accounts(session), list[Account])
        types = asker.ask("journal-types", lambda: list_journal_types(session), dict[str, str])
        ledger = asker.ask("periods", lambda: get_ledger_definition(session), _any_period)
        periods = asker.ask("periods", lambda: list_journal_periods(session), frozenset[Period])
        needed = asker.ask("required-codes", lambda: list_required_analysis_codes(session), list[RequiredAnalysisCode])
        codes = {
            number: asker.ask(
                "dimension", _codes_of(session, number), list[AnalysisCode], dimension=_label(name, language)
            )
            for number, name in enumerate(DIMENSION_FIELDS, start=1)
        }
        lists = Lists(
            company_id=company.id,
            company_name=_tidy(company.name),
            taken_at=datetime.now(UTC),
            accounts=_accounts(accounts()),
            codes={number: _open_codes(answer()) for number, answer in codes.items()},
            journal_types=tuple(Entry(code, _tidy(name)) for code, name in sorted(types().items())),
            periods=tuple(Entry(period) for period in _open_periods(ledger(), periods())),
            currencies=_currencies(accounts(), currencies),
            required_codes=_required(needed()),
        )
    return ListsTaken(lists, tuple(dict.fromkeys(asker.complaints)))


class _TemplateListLoader:
    """Asks side by side; a list that cannot be had is a complaint, and `empty` makes what counts instead."""

    def __init__(self, pool: ThreadPoolExecutor, language: Language) -> None:
        self._pool = pool
        self._language = language
        self.complaints: list[str] = []

    def ask(
        self, wording: str, question: Callable[[], Given], empty: Callable[[], Given], **facts: str
    ) -> Callable[[], Given]:
        under_way = self._pool.submit(question)

        def answer() -> Given:
            try:
                return under_way.result()
            except (ServiceFailure, AnswerUnclear, NotSent) as error:
                self.complaints.append(self._complaint(wording, error, facts))
                return empty()

        return answer

    def _complaint(self, wording: str, error: ImporterError, facts: dict[str, str]) -> str:
        name = say(self._language, f"list.{wording}", **facts)
        return say(self._language, "template-said.no-list", list=name, reason=sentence_of(error, self._language))


def _any_period() -> OpenPeriods:
    return OpenPeriods(None, None, None)


def _codes_of(session: Session, number: int) -> Callable[[], list[AnalysisCode]]:
    return lambda: list_dimension_codes(session, number)


def _label(name: str, language: Language) -> str:
    return say(language, f"form.journals.{name}.label")


def _tidy(text: str) -> str:
    """A name on one line, as a drop-down can show it."""
    return " ".join(text.split())


def _accounts(accounts: Iterable[Account]) -> tuple[AccountEntry, ...]:
    """The open accounts by code; a code that is listed twice counts once."""
    found: dict[str, AccountEntry] = {}
    for account in accounts:
        if account.status == AccountStatus.OPEN and account.code:
            rules = enumerate(account.enter_analysis, start=1)
            needs = tuple(number for number, rule in rules if rule == EnterAnalysis.MANDATORY)
            found.setdefault(account.code, AccountEntry(account.code, _tidy(account.name), needs))
    return tuple(found[code] for code in sorted(found))


def _open_codes(codes: Iterable[AnalysisCode]) -> tuple[Entry, ...]:
    found = {
        code.code: Entry(code.code, _tidy(code.name)) for code in codes if not code.prohibits_posting and code.code
    }
    return tuple(found[code] for code in sorted(found))


def _open_periods(ledger: OpenPeriods, listed: Iterable[Period]) -> list[Period]:
    """The listed periods within the ledger's range; the range's months when none is listed."""
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


def _currencies(accounts: Iterable[Account], currencies: Iterable[str]) -> tuple[Entry, ...]:
    codes = {account.currency for account in accounts if account.currency}.union(currencies)
    return tuple(Entry(code) for code in sorted(codes))


def _required(codes: Iterable[RequiredAnalysisCode]) -> tuple[RequiredCode, ...]:
    return tuple(RequiredCode(one.number, one.category, one.entry_number, _tidy(one.short_heading)) for one in codes)
