"""What the contract's request schemas refuse never leaves; what leaves, they take."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer.errors import Effect, ImporterError, RequestRefused
from importer.model.dates import Month, Period
from importer.model.secrets import Secret
from importer.services.session import Session
from importer.services.sovos import SovosAccount, get_stamp_balance
from importer.services.sunplusxtra.accounts import (
    get_account_balance,
    get_annual_budget,
    get_budget_balance,
    get_cash_count,
    get_monthly_budget_used,
    list_accounts,
)
from importer.services.sunplusxtra.company import list_notifications
from importer.services.sunplusxtra.journals import (
    LinkedDocument,
    PrintFormat,
    delete_document,
    get_journal_range,
    print_journal,
)
from importer.services.sunplusxtra.people import (
    activate_employee,
    list_employee_groups,
    search_employees,
    search_students,
)
from importer.services.sunplusxtra.records import (
    AddressCode,
    AnalysisCode,
    create_address,
    create_dimension_code,
    delete_address,
    delete_dimension_code,
    list_dimension_codes,
    update_address,
)
from importer.translations import Language, sentence_of
from tests.services.calls import ADDRESS, CODE
from tests.services.conftest import session_at
from tests.services.contract_mock import Case, ContractMock, contract_mock
from tests.services.request_judge import KEY

JUNE, JULY, THIRTEENTH = Period("2018006"), Period("2018007"), Period("2018013")
DAY = date(2018, 6, 30)

REFUSED: list[tuple[Callable[[Session], object], str, str]] = [
    (lambda to: list_notifications(to, JUNE, only_pending=True, only_cancelled=True), "only-pending", "not-both"),
    (lambda to: list_notifications(to, THIRTEENTH), "period", "accounting-period"),
    (lambda to: search_students(to, "  "), "search", "filled-text"),
    (lambda to: get_account_balance(to, "", JUNE), "account", "filled-text"),
    (lambda to: get_account_balance(to, "101110", THIRTEENTH), "period", "accounting-period"),
    (lambda to: list_accounts(to, "\ud800"), "account", "readable-text"),
    (lambda to: list_dimension_codes(to, 0), "dimension", "dimension"),
    (lambda to: list_dimension_codes(to, 11), "dimension", "dimension"),
    (lambda to: list_dimension_codes(to, True), "dimension", "dimension"),
    (lambda to: create_dimension_code(to, 7, replace(CODE, code=" ")), "dimension-code", "filled-text"),
    (lambda to: delete_dimension_code(to, 7, ""), "dimension-code", "filled-text"),
    (lambda to: print_journal(to, 0, PrintFormat.NOTICE, Language.EN), "journal-number", "number"),
    (lambda to: print_journal(to, 2**63, PrintFormat.NOTICE, Language.EN), "journal-number", "number"),
    (lambda to: print_journal(to, 1, PrintFormat.NOTICE, Language.EN, book=""), "book", "filled-text"),
    (lambda to: print_journal(to, 1, PrintFormat.NOTICE, Language.EN, logo=b"GIF89a"), "logo", "picture"),
    (lambda to: print_journal(to, 1, PrintFormat.NOTICE, Language.EN, logo=b""), "logo", "picture"),
    (lambda to: get_journal_range(to, -1, 5), "journal-number", "number"),
    (lambda to: get_journal_range(to, 6, 5), "journal-number", "not-after-last"),
    (lambda to: create_address(to, replace(ADDRESS, code="")), "address-code", "filled-text"),
    (lambda to: update_address(to, replace(ADDRESS, lines=("", ""))), "address-lines", "five-lines"),
    (lambda to: update_address(to, replace(ADDRESS, status=None)), "address-status", "number"),
    (lambda to: update_address(to, replace(ADDRESS, fax_number="\udfff")), "fax-number", "readable-text"),
    (
        lambda to: update_address(to, replace(ADDRESS, analysis_codes={11: AddressCode("1", "1", "1")})),
        "address-codes",
        "code-numbers",
    ),
    (lambda to: delete_address(to, ""), "address-code", "filled-text"),
    (lambda to: delete_address(to, "   "), "address-code", "filled-text"),
    (lambda to: delete_address(to, ".."), "address-code", "code"),
    (lambda to: get_cash_count(to, "", DAY, DAY), "account", "filled-text"),
    (lambda to: get_cash_count(to, "1", date(2018, 7, 1), DAY), "first-day", "not-after-last"),
    (lambda to: list_employee_groups(to, -1), "payroll", "number"),
    (lambda to: activate_employee(to, 27, "."), "enrollment-code", "code"),
    (lambda to: activate_employee(to, 27, ""), "enrollment-code", "filled-text"),
    (lambda to: get_budget_balance(to, "1", JULY, JUNE), "first-period", "not-after-last"),
    (lambda to: get_budget_balance(to, "1", JUNE, THIRTEENTH), "last-period", "accounting-period"),
    (lambda to: get_annual_budget(to, 0), "journal-number", "number"),
    (lambda to: get_monthly_budget_used(to, JULY, JUNE, "", ()), "first-period", "not-after-last"),
    (lambda to: delete_document(to, LinkedDocument(1, 0, "1", "pdf")), "line-number", "number"),
    (lambda to: delete_document(to, LinkedDocument(1, None, "", "pdf")), "file-key", "filled-text"),
    (lambda to: delete_document(to, LinkedDocument(1, None, "1", ".pdf")), "file-extension", "extension"),
]


@pytest.fixture(scope="module")
def mock() -> Iterator[ContractMock]:
    with contract_mock() as mock:
        yield mock


@pytest.mark.parametrize(("call", "argument", "expected"), REFUSED)
def test_what_the_contract_would_refuse_is_not_sent(
    call: Callable[[Session], object], argument: str, expected: str, mock: ContractMock
) -> None:
    before = len(mock.seen) + mock.logins
    with pytest.raises(RequestRefused) as caught:
        call(session_at(mock.url))
    assert (caught.value.argument, caught.value.expected) == (argument, expected)
    assert caught.value.effect is Effect.NOTHING_SENT
    assert len(mock.seen) + mock.logins == before
    for language in Language:
        assert argument not in sentence_of(caught.value, language) or "-" not in argument


def test_an_empty_rfc_is_not_sent_to_sovos(mock: ContractMock) -> None:
    with pytest.raises(RequestRefused):
        get_stamp_balance(SovosAccount(mock.url, Secret(KEY), 60, lambda _: None), Month("2019-01"), "")


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", " ", ".", "..", "%", "%41", "a/b", "A&D061009TY8", "Ñandú ", "+", "*"]
)
NUMBERS = st.integers(-2, 2**64) | st.integers(0, 12)
PERIODS = st.builds(Period.of, st.integers(1000, 9999), st.integers(1, 14))
DAYS = st.dates()
CODES = st.builds(AnalysisCode, TEXTS, TEXTS, TEXTS, st.booleans())
ADDRESSES = st.builds(
    replace,
    st.just(ADDRESS),
    code=TEXTS,
    lines=st.tuples(*[TEXTS] * 5) | st.tuples(TEXTS),
    postal_code=st.none() | TEXTS,
    email=st.none() | TEXTS,
    status=st.none() | NUMBERS,
    analysis_codes=st.dictionaries(st.integers(-1, 12), st.builds(AddressCode, TEXTS, TEXTS, TEXTS), max_size=3),
)
USES = st.tuples(PERIODS, PERIODS, TEXTS, st.lists(TEXTS, max_size=3).map(tuple))
CALLS: dict[str, st.SearchStrategy[Callable[[Session], object]]] = {
    "list_notifications": st.builds(
        lambda period, pending, cancelled: (
            lambda to: list_notifications(to, period, only_pending=pending, only_cancelled=cancelled)
        ),
        PERIODS,
        st.booleans(),
        st.booleans(),
    ),
    "search_students": st.builds(lambda text: lambda to: search_students(to, text), TEXTS),
    "list_accounts": st.builds(
        lambda text, alone: lambda to: list_accounts(to, text, by_code_only=alone), TEXTS, st.booleans()
    ),
    "list_dimension_codes": st.builds(lambda number: lambda to: list_dimension_codes(to, number), NUMBERS),
    "create_dimension_code": st.builds(
        lambda number, code: lambda to: create_dimension_code(to, number, code), NUMBERS, CODES
    ),
    "delete_dimension_code": st.builds(
        lambda number, code: lambda to: delete_dimension_code(to, number, code), NUMBERS, TEXTS
    ),
    "print_journal": st.builds(
        lambda number, form, book: lambda to: print_journal(to, number, form, Language.FR, book=book),
        NUMBERS,
        st.sampled_from(PrintFormat),
        TEXTS,
    ),
    "get_journal_range": st.builds(lambda first, last: lambda to: get_journal_range(to, first, last), NUMBERS, NUMBERS),
    "update_address": st.builds(lambda address: lambda to: update_address(to, address), ADDRESSES),
    "delete_address": st.builds(lambda code: lambda to: delete_address(to, code), TEXTS),
    "get_cash_count": st.builds(
        lambda account, first, last: lambda to: get_cash_count(to, account, first, last), TEXTS, DAYS, DAYS
    ),
    "activate_employee": st.builds(lambda number, code: lambda to: activate_employee(to, number, code), NUMBERS, TEXTS),
    "search_employees": st.builds(lambda number, text: lambda to: search_employees(to, number, text), NUMBERS, TEXTS),
    "get_budget_balance": st.builds(
        lambda account, first, last, fund, who: (
            lambda to: get_budget_balance(to, account, first, last, fund=fund, who=who)
        ),
        TEXTS,
        PERIODS,
        PERIODS,
        TEXTS,
        TEXTS,
    ),
    "get_monthly_budget_used": st.builds(lambda use: lambda to: get_monthly_budget_used(to, *use), USES),
    "delete_document": st.builds(
        lambda *members: lambda to: delete_document(to, LinkedDocument(*members)),
        NUMBERS,
        st.none() | NUMBERS,
        TEXTS,
        TEXTS,
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_whatever_leaves_fits_the_contract(name: str, mock: ContractMock) -> None:
    mock.answer_with(Case(name, 201, "", b'{"message": "m", "description": "d", "code": "299", "error": true}'))
    session = session_at(mock.url)

    @given(CALLS[name])
    def leaves_only_what_fits(call: Callable[[Session], object]) -> None:
        before = len(mock.seen)
        with pytest.raises(ImporterError) as caught:
            call(session)
        was_refused = isinstance(caught.value, RequestRefused)
        assert mock.seen[before:] == ([] if was_refused else [name])
        assert mock.faults == []

    leaves_only_what_fits()


@given(st.text(min_size=1, max_size=20))
@example("PR/0001")
@example("100%25 a+b?c#d")
@example("...")
def test_a_code_arrives_as_it_was_given(mock: ContractMock, code: str) -> None:
    mock.answer_with(Case("delete_address", 200, "", b'{"message": "done"}'))
    try:
        delete_address(session_at(mock.url), code)
    except RequestRefused:
        assert code.strip() in ("", ".", "..")
        return
    assert mock.faults == [] and mock.seen == ["delete_address"]
    assert unquote(mock.path.removeprefix("/address/")) == code.rstrip(" ")
