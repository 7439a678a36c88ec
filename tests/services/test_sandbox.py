"""The client against the sandbox, in both dialects: every operation, and what one changes another sees."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from importer.errors import AnswerUnclear, Effect, RequestRefused, ServiceFailure
from importer.model.dates import Month, Period
from importer.model.journals import Side
from importer.model.secrets import Secret
from importer.sandbox import Sandbox, running
from importer.services.operations import LIVE, OPERATIONS, Dialect
from importer.services.session import Session
from importer.services.sovos import SovosAccount, download_consumption_report_csv, get_stamp_balance
from importer.services.sunplusxtra.accounts import get_account_balance, get_cash_count, list_accounts
from importer.services.sunplusxtra.company import (
    get_company,
    get_genealogy,
    get_ledger_definition,
    list_journal_types,
    tree_of,
)
from importer.services.sunplusxtra.journals import (
    UNDOCUMENTED,
    PrintFormat,
    delete_document,
    get_journal_range,
    journal_payload,
    link_document,
    post_journal,
    print_journal,
)
from importer.services.sunplusxtra.people import get_employee, list_employee_groups, search_employees
from importer.services.sunplusxtra.records import (
    AddressCode,
    AnalysisCode,
    create_address,
    create_dimension_code,
    delete_address,
    delete_dimension_code,
    list_addresses,
    list_dimension_codes,
    list_required_analysis_codes,
    update_address,
    update_dimension_code,
)
from importer.translations import Language
from tests.services.calls import ADDRESS, CALLS, JUNE_2018, LINES, Services
from tests.services.conftest import session_in

METHODS = ("GET", "POST", "PUT", "DELETE")
MEXICO_CITY = ZoneInfo("America/Mexico_City")


@pytest.fixture
def at(speaking: Sandbox, dialect: Dialect) -> Session:
    return session_in(speaking, dialect)


@pytest.fixture
def account(speaking: Sandbox) -> Iterator[SovosAccount]:
    address = speaking.address
    assert address.sovos_url is not None and address.sovos_api_key is not None
    account = SovosAccount(address.sovos_url, Secret(address.sovos_api_key), 60, lambda _: None)
    yield account
    account.close()


def test_the_contracts_requests_succeed_on_a_fresh_company(dialect: Dialect, tmp_path: Path) -> None:
    (tmp_path / "file.pdf").write_bytes(b"%PDF-1.4 content")
    order = sorted(CALLS, key=lambda name: (OPERATIONS[name].is_write, METHODS.index(OPERATIONS[name].method)))
    with running(dialect=dialect.name) as fresh:
        address = fresh.address
        assert address.sovos_url is not None and address.sovos_api_key is not None
        sovos = SovosAccount(address.sovos_url, Secret(address.sovos_api_key), 60, lambda _: None)
        by = Services(session_in(fresh, dialect), sovos, tmp_path)
        for name in order:
            CALLS[name](by)
        assert {name: fresh.calls[name] for name in CALLS} == dict.fromkeys(CALLS, 1) | {"login": 2}


def test_a_posted_journal_is_read_back_as_it_was_sent(at: Session) -> None:
    posted = post_journal(at, journal_payload(LINES))
    number = int(posted.journal_number)
    lines = get_journal_range(at, number, number)
    assert [(line.side, line.amount, line.dimensions, line.period) for line in lines] == [
        (sent.side, sent.amount, sent.dimensions, sent.period) for sent in LINES
    ]
    assert {(line.reference, line.description, line.currency) for line in lines} == {("EXAMPLE", "LINE 1", "MXN1")}
    assert {line.transaction_day.day_in(MEXICO_CITY) for line in lines} == {JUNE_2018}
    assert {line.voucher_number for line in lines} == {posted.voucher_number}
    assert [line.line_number for line in lines] == [1, 2]
    moved = get_cash_count(at, "101110", JUNE_2018, JUNE_2018)
    assert [(one.line_number, one.transaction_date) for one in moved if one.journal_number == number] == [
        (1, JUNE_2018),
        (2, JUNE_2018),
    ]


def test_an_amount_that_is_posted_moves_the_balance(at: Session) -> None:
    period = Period("2018006")
    before = get_account_balance(at, "101110", period).balance
    credit, debit = LINES
    other = next(found.code for found in list_accounts(at, "371110") if found.code == "371110")
    post_journal(at, journal_payload((credit, replace(debit, account=other))))
    assert abs(get_account_balance(at, "101110", period).balance - before) == credit.amount
    assert credit.side is Side.CREDIT


def test_all_accounts_come_when_none_is_named(at: Session) -> None:
    everything = {found.code for found in list_accounts(at)}
    assert {found.code for found in list_accounts(at, "101")} < everything
    assert list_accounts(at, "no such account") == []


def test_an_address_lives_and_dies(at: Session) -> None:
    needed = list_required_analysis_codes(at)
    codes = {one.number: AddressCode(str(one.category), "12", str(one.entry_number)) for one in needed}
    made = replace(ADDRESS, code="A/B %C", analysis_codes=codes)
    create_address(at, made)
    assert made in list_addresses(at)
    changed = replace(made, status=2, postal_code="01000")
    update_address(at, changed)
    assert changed in list_addresses(at) and made not in list_addresses(at)
    with pytest.raises(ServiceFailure) as caught:
        create_address(at, made)
    assert caught.value.effect is Effect.NOT_APPLIED
    delete_address(at, made.code)
    assert made.code not in {address.code for address in list_addresses(at)}


def test_a_dimension_code_lives_and_dies(at: Session) -> None:
    code = AnalysisCode("ZZ01", "Ñandú", "ZZ", prohibits_posting=False)
    create_dimension_code(at, 7, code)
    assert code in list_dimension_codes(at, 7)
    closed = replace(code, prohibits_posting=True)
    update_dimension_code(at, 7, closed)
    assert closed in list_dimension_codes(at, 7)
    delete_dimension_code(at, 7, code.code)
    assert code.code not in {found.code for found in list_dimension_codes(at, 7)}
    with pytest.raises(ServiceFailure):
        delete_dimension_code(at, 7, code.code)


def test_a_linked_document_is_removed_by_its_key(at: Session, tmp_path: Path) -> None:
    file = tmp_path / "Factura ñ 07.pdf"
    file.write_bytes(b"%PDF-1.7" + bytes(3_000_000))
    linked = link_document(at, 5326, file, line_number=2)
    assert (linked.journal_number, linked.line_number, linked.extension) == (5326, 2, "pdf")
    delete_document(at, linked)
    with pytest.raises(ServiceFailure) as caught:
        delete_document(at, linked)
    assert (caught.value.code, caught.value.meaning, caught.value.effect) == ("206", "no-file", Effect.NOT_APPLIED)


@pytest.mark.parametrize("print_format", PrintFormat)
def test_a_voucher_is_printed_in_every_format_that_the_dialect_has(at: Session, print_format: PrintFormat) -> None:
    if print_format in UNDOCUMENTED and not at.dialect.prints_more:
        with pytest.raises(RequestRefused):
            print_journal(at, 5326, print_format, Language.EN)
        return
    pages = {language: print_journal(at, 5326, print_format, language) for language in Language}
    assert all(page.startswith(b"%PDF-") for page in pages.values()) and len(set(pages.values())) == 3


def test_employees_are_found_by_a_bare_percent_sign(at: Session) -> None:
    found = search_employees(at, 27, "%")
    assert found and found == search_employees(at, 27)
    assert get_employee(at, 27, found[0].enrollment_code).name
    assert None in {employee.is_active for employee in found}


def test_the_structure_hangs_under_its_roots(at: Session) -> None:
    branches = tree_of(get_genealogy(at))
    assert branches[0].depth == 0
    assert {branch.company.is_last for branch in branches} == {True, False, None}


def test_lost_authentication_is_understood(speaking: Sandbox, dialect: Dialect, at: Session) -> None:
    get_company(at)
    for as_404 in (False, True) if dialect is LIVE else (False,):
        speaking.switch(unauthenticated_404=as_404)
        speaking.service.access.grants.clear()
        assert get_company(at).id == 5
    speaking.switch(unauthenticated_404=False)


def test_stamps_add_up(account: SovosAccount) -> None:
    month = Month("2019-10")
    balance, report = get_stamp_balance(account, month), download_consumption_report_csv(account, month)
    for source in (balance, report):
        assert sum(movement.stamps for movement in source.movements) == balance.transactions
    assert dict(report.totals)["Consumo de todos los RFC"] == balance.transactions
    assert (report.first_day, report.last_day) == (date(2019, 10, 1), date(2019, 10, 31))
    some = balance.movements[0].rfc
    of_some = tuple(movement for movement in balance.movements if movement.rfc == some)
    assert get_stamp_balance(account, month, some).movements == of_some != balance.movements
    with pytest.raises(ServiceFailure) as caught:
        get_stamp_balance(account, month, "XXX010101XXX")
    assert (caught.value.code, caught.value.meaning) == ("400-002", "foreign-rfc")


@pytest.mark.parametrize("switch", ["report_octet_stream", "report_bom", "report_crlf", "report_windows_1252"])
def test_a_report_is_read_however_it_is_sent(switch: str, speaking: Sandbox, account: SovosAccount) -> None:
    usual = download_consumption_report_csv(account, Month("2019-10"))
    speaking.switch(**{switch: True})
    odd = download_consumption_report_csv(account, Month("2019-10"))
    speaking.switch(**{switch: False})
    assert replace(odd, content=b"", asked_at=None) == replace(usual, content=b"", asked_at=None)


@pytest.mark.parametrize("switch", ["full_width", "schema_names", "mixed_voucher_names"])
def test_doubtful_readings_change_no_answer(switch: str, speaking: Sandbox, at: Session) -> None:
    usual = _everything(at)
    speaking.switch(**{switch: True})
    odd = _everything(at)
    speaking.switch(**{switch: False})
    assert odd == usual


def _everything(at: Session) -> tuple[object, ...]:
    return (
        get_journal_range(at, 5326, 5328),
        list_accounts(at, "1"),
        list_dimension_codes(at, 3),
        list_addresses(at),
        list_journal_types(at),
        get_ledger_definition(at),
    )


@pytest.mark.parametrize("switch", ["numeric_codes", "code_outside_the_table", "sunplus_unreachable"])
def test_a_failure_stays_one_in_whatever_form_it_comes(switch: str, speaking: Sandbox, at: Session) -> None:
    speaking.switch(**{switch: True})
    with pytest.raises(ServiceFailure) as caught:
        update_dimension_code(at, 7, AnalysisCode("NO SUCH", "", "", prohibits_posting=False))
    speaking.switch(**{switch: False})
    assert caught.value.effect is Effect.UNKNOWN
    assert bool(caught.value.meaning) == (switch != "code_outside_the_table")


def test_rows_of_an_unknown_shape_are_passed_through(speaking: Sandbox, at: Session) -> None:
    speaking.switch(copied_employee_groups=True)
    rows = list_employee_groups(at, 27)
    speaking.switch(copied_employee_groups=False)
    assert all(isinstance(row, dict) and "statusId" in row for row in rows) and rows


def test_a_record_that_was_not_asked_for_is_not_taken(at: Session) -> None:
    with pytest.raises((ServiceFailure, AnswerUnclear)):
        get_employee(at, 27, "NOBODY/..")
