"""Journals against a company's lists, asked of a real sandbox over a socket."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from importer.model.secrets import Secret
from importer.model.workbook import CellText
from importer.read.skipped_rows import with_rows_set_aside
from importer.reference.lists import CompanyLists, company_lists
from importer.sandbox import Sandbox
from importer.services.http import HttpClient
from importer.services.session import Credentials, Session
from importer.templates.forms import JOURNALS
from importer.validate.journal_references import codes_used, company_problems
from importer.validate.journals import Draft, drafts_of
from tests.services.odd_service import odd_service, reply
from tests.validate.sheets import good, pair, sheet_of


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    at = sandbox.address
    who = Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key))
    yield Session(HttpClient(at.spx_url, 60), who, lambda _: None)
    sandbox.switch(exact_account_search=False)
    sandbox.calls.clear()


def drafts(rows: list[dict[str, CellText]]) -> list[Draft]:
    return drafts_of(sheet_of(rows), JOURNALS, 12)


def found(rows: list[dict[str, CellText]], session: Session) -> list[tuple[str, str | None, int | None, bool]]:
    of_rows = drafts(rows)
    lists = company_lists(session, codes_used(of_rows), 4)
    assert lists.unavailable == ()
    problems = [problem for draft in of_rows for problem in company_problems(draft, lists)]
    return [(one.code, one.place.field, one.place.row, one.blocks) for one in problems]


def test_nothing_is_asked_of_the_blank_cells_of_a_row_that_may_be_a_total(session: Session) -> None:
    read, problems = with_rows_set_aside(sheet_of([*pair(), {"amount": "7"}]), JOURNALS)
    (draft,) = drafts_of(read, JOURNALS, 12, problems)
    assert [one.wording for one in draft.problems] == ["required.total"]
    assert list(company_problems(draft, company_lists(session, codes_used([draft]), 4))) == []


EXPENSE: Mapping[str, CellText] = {"account": "641110", "tfww": None, "function": "ADMIN01"}

CASES: list[tuple[Mapping[str, CellText], tuple[str, str, bool]]] = [
    ({"account": "642198"}, ("unknown-account", "account", True)),
    ({"account": "10111"}, ("unknown-account", "account", True)),
    ({"account": "459990"}, ("closed-account", "account", True)),
    ({"account": "719990", **EXPENSE, **{"account": "719990"}}, ("closed-account", "account", True)),
    ({"account": "211190"}, ("closed-account", "account", False)),
    ({"fund": None}, ("missing-dimension", "fund", True)),
    ({**EXPENSE, "tfww": "1001"}, ("prohibited-dimension", "tfww", True)),
    ({**EXPENSE, "flag": "NOSUCH"}, ("prohibited-dimension", "flag", True)),
    ({"fund": "99"}, ("unknown-dimension", "fund", True)),
    ({"fund": "90"}, ("closed-dimension", "fund", True)),
    ({"journalType": "ZZ"}, ("unknown-journal-type", "journalType", True)),
    ({"period": "2017012", "transDateTime": "2017-12-31"}, ("closed-period", "period", True)),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_what_the_lists_forbid_is_said_at_its_cell(
    changes: Mapping[str, CellText], expected: tuple[str, str, bool], session: Session
) -> None:
    code, field, blocks = expected
    of_journal = field in ("journalType", "period")
    rows = pair(**changes) if of_journal else [good(**changes), good(transaction="C")]
    if code == "unknown-account" or changes.get("account") == "459990":
        rows = [good(**changes), good(transaction="C")]
    assert found(rows, session) == [(code, field, 2, blocks)]


def test_good_codes_say_nothing_and_zeros_at_the_front_count(session: Session) -> None:
    rows = [good(source="001", sdaOrganization="*"), good(transaction="C", account="101110 NF", tfww="NF")]
    assert found(rows, session) == []


def test_a_code_is_asked_for_alone_before_it_counts_as_unknown(sandbox: Sandbox, session: Session) -> None:
    sandbox.switch(exact_account_search=True)
    assert found(
        [good(), good(transaction="C", account="101120  NF"), *pair(journal="X", account="642198")], session
    ) == [
        ("unknown-account", "account", 4, True),
        ("unknown-account", "account", 5, True),
    ]


def test_only_what_is_needed_is_asked_and_once(sandbox: Sandbox, session: Session) -> None:
    sandbox.calls.clear()
    found([row for number in range(50) for row in pair(journal=f"J{number}")], session)
    assert dict(sandbox.calls) == {
        "login": 1,
        "list_accounts": 1,
        "list_dimension_codes": 2,
        "list_journal_types": 1,
        "get_ledger_definition": 1,
        "list_journal_periods": 1,
    }


def test_codes_of_an_invalid_journal_are_checked_all_the_same(session: Session) -> None:
    rows = [good(amount="x", account="642198"), good(transaction="C", fund="99", tfww="T" * 16)]
    assert found(rows, session) == [
        ("unknown-account", "account", 2, True),
        ("unknown-dimension", "fund", 3, True),
    ]


def test_a_period_that_is_only_not_listed_is_a_warning(session: Session) -> None:
    (draft,) = drafts(pair())
    lists = company_lists(session, codes_used([draft]), 4)
    unlisted = replace(lists, listed_periods=frozenset({"2018005"}))
    (problem,) = company_problems(draft, unlisted)
    assert (problem.code, problem.blocks) == ("closed-period", False)
    assert draft.with_problems([problem]).journal is not None


def test_lists_that_cannot_be_had_are_named_and_say_nothing() -> None:
    failure = reply(201, b'{"message": "m", "description": "Error in the data obtained", "code": "202", "error": true}')
    with odd_service(*[failure] * 20) as service:
        who = Credentials("u", Secret("p"), "e", None)
        of_rows = drafts(pair(account="642198"))
        lists = company_lists(Session(HttpClient(service.url, 60), who, lambda _: None), codes_used(of_rows), 1)
    assert {(one.wording, *one.facts.values()) for one in lists.unavailable} == {
        ("accounts",),
        ("journal-types",),
        ("periods",),
        ("dimension", "tfww"),
        ("dimension", "fund"),
    }
    assert [problem for draft in of_rows for problem in company_problems(draft, lists)] == []


def test_an_empty_dimension_list_is_no_reason_to_refuse_a_code() -> None:
    lists = CompanyLists({}, {}, None, None, None)
    assert [problem for draft in drafts(pair()) for problem in company_problems(draft, lists)] == []


def test_a_currency_that_the_ledger_lacks_is_told_where_its_list_is_known(session: Session) -> None:
    of_rows = drafts([*pair(journal="A", currency="XYZ9"), *pair(journal="B", currency="UDS1"), *pair(journal="C")])
    listed = company_lists(session, codes_used(of_rows), 4, currencies=("MXN1", "USD1"))
    problems = [[*company_problems(draft, listed)] for draft in of_rows]
    told = [[(one.code, one.place.cell, one.blocks, one.suggestion) for one in found_] for found_ in problems]
    assert told == [
        [("unknown-currency", f"{of_rows[0].sheet.letters['currency']}2", True, None)],
        [("unknown-currency", f"{of_rows[0].sheet.letters['currency']}4", True, "USD1")],
        [],
    ]
    unlisted = company_lists(session, codes_used(of_rows), 4)
    assert [one for draft in of_rows for one in company_problems(draft, unlisted)] == []
