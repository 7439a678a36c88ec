"""The lists of the company: accounts, dimension codes, journal types, periods."""

import pytest

from importer.sandbox import Sandbox, read_company
from importer.sandbox.company import DIMENSIONS
from tests.sandbox.caller import Answer, Caller


def codes(answer: Answer) -> list[str]:
    return [row["code"] for row in answer.response]


def test_a_search_by_code_finds_what_begins_with_it(caller: Caller) -> None:
    assert codes(caller.get("/account-list", part="10111", code="1")) == ["101110", "101110 NF"]


def test_blanks_at_the_end_of_a_search_do_not_count(caller: Caller) -> None:
    assert codes(caller.get("/account-list", part="101110 ", code="1")) == ["101110", "101110 NF"]


def test_blanks_inside_a_code_count(caller: Caller) -> None:
    assert codes(caller.get("/account-list", part="101120  NF", code="1")) == ["101120  NF"]
    assert caller.get("/account-list", part="101120 NF", code="1").code == "203"


def test_the_first_codes_of_the_example_are_exact_with_a_switch(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(exact_account_search=True)
    assert codes(caller.get("/account-list", part="101110", code="1")) == ["101110"]
    assert caller.get("/account-list", part="10111", code="1").code == "203"


def test_a_name_is_found_in_any_case_only_where_names_are_searched(caller: Caller) -> None:
    assert codes(caller.get("/account-list", part="gENERAL cAsh", code="0")) == ["101110", "101110 NF"]
    assert caller.get("/account-list", part="General Cash", code="1").code == "203"


def test_an_empty_search_finds_the_whole_chart(sandbox: Sandbox, caller: Caller) -> None:
    assert codes(caller.get("/account-list", part="", code="1")) == list(sandbox.company.accounts)


@pytest.mark.parametrize(
    "query",
    [{}, {"part": "101110"}, {"code": "1"}, {"part": "1", "code": "2"}, {"part": "1", "code": "true"}],
)
def test_an_account_search_without_its_parameters_is_206(caller: Caller, query: dict[str, str]) -> None:
    assert caller.get("/account-list", **query).code == "206"


@pytest.mark.parametrize("spelling", ["3", "03"])
def test_a_dimension_is_asked_for_by_one_digit_or_two(caller: Caller, spelling: str) -> None:
    rows = caller.get("/dimension", catID=spelling).response
    assert {row["id"] for row in rows} == {"03"}
    assert [row["code"] for row in rows][:2] == ["10", "20"]


@pytest.mark.parametrize(
    "query", [{}, {"catId": "03"}, {"catid": "03"}, {"catID": "0"}, {"catID": "11"}, {"catID": ""}]
)
def test_a_dimension_spelled_otherwise_is_206(caller: Caller, query: dict[str, str]) -> None:
    assert caller.get("/dimension", **query).code == "206"


def test_a_dimension_without_codes_is_203(sandbox: Sandbox, caller: Caller) -> None:
    kept = dict(sandbox.company.analysis_codes["08"])
    sandbox.company.analysis_codes["08"].clear()
    assert caller.get("/dimension", catID="08").code == "203"
    sandbox.company.analysis_codes["08"].update(kept)


def test_both_lists_of_periods_agree(sandbox: Sandbox, caller: Caller) -> None:
    asked = caller.get("/budget/journal-period").response
    assert asked[0] == 2018001
    assert asked[-1] == 2020012
    assert len(asked) == 36


def test_a_closed_period_is_left_out_of_the_list(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.company.closed_periods.add(2018002)
    assert 2018002 not in caller.get("/budget/journal-period").response
    sandbox.company.closed_periods.clear()


def test_period_13_is_listed_with_a_switch(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(period_13=True)
    asked = caller.get("/budget/journal-period").response
    assert [period for period in asked if period % 1000 == 13] == [2018013, 2019013]


def test_full_width_fills_up_every_code(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(full_width=True)
    account = caller.get("/account-list", part="101110", code="1").response[0]
    assert account["code"] == "101110"
    assert account["id"] == "101110         "
    assert account["lookup"] == "GENERAL CASH   "
    assert account["currency"] == "MXP1 "
    assert caller.get("/dimension", catID="03").response[0]["code"] == "10             "
    assert caller.get("/journal/type-list").response[0]["journalType"] == "AP   "


def test_the_company_that_comes_along_is_consistent() -> None:
    company = read_company()
    assert "642198" not in company.accounts
    assert {"101110", "101110 NF", "101120  NF", "371110"} <= company.accounts.keys()
    assert {account.status for account in company.accounts.values()} == {0, 1, 2, 3}
    assert len({account.enter for account in company.accounts.values()}) >= 8
    assert all(company.analysis_codes[dimension.cat_id] for dimension in DIMENSIONS)
    assert any(code.prohibit_posting for code in company.analysis_codes["03"].values())
    assert all(len(code) <= 15 for code in company.accounts)
    assert all(len(code) <= 15 for known in company.analysis_codes.values() for code in known)
    assert all(account.currency in company.currencies for account in company.accounts.values())
    assert sum(one.line.amount for one in company.ledger.all_movements()) == 0
    for journal in company.ledger.journals.values():
        for line in journal.lines:
            assert line.account in company.accounts
            for dimension, code in zip(DIMENSIONS, line.codes, strict=True):
                assert not code or code in company.analysis_codes[dimension.cat_id]


def test_the_further_lists_of_the_company_are_consistent() -> None:
    company = read_company()
    assert {row.account for row in company.budgets} <= company.accounts.keys()
    for document in company.documents.values():
        assert 1 <= (document.line or 1) <= len(company.ledger.journals[document.journal].lines)
    for payroll in company.payrolls.values():
        allowances = {group["idAllowance"] for group in payroll.allowance_groups}
        for employee in payroll.employees.values():
            assert employee.group_code in payroll.groups
            assert employee.id_allowance is None or employee.id_allowance in allowances
            assert employee.function in company.analysis_codes["04"]
            assert employee.fund in company.analysis_codes["03"]
    assert {one.rfc for one in company.stamps.movements} <= company.stamps.rfcs.keys()
    assert company.id in {link["idTo"] for link in company.genealogy}
