"""Balances and budgets follow what is posted."""

from decimal import Decimal
from typing import Any

import pytest

from importer.sandbox import Sandbox, running
from tests.sandbox.caller import Answer, Caller, calling, journal

EXPENSE: dict[str, object] = {"account": "651140", "tfww": "", "function": "YOUTH01", "project": "CAMP2019"}
USED = {"startPeriod": "2019004", "endPeriod": "2019005", "function": "YOUTH01", "projects": ["CAMP2019"]}


def balance(caller: Caller, account: str = "101110", period: str = "2018006") -> Decimal:
    return Decimal(caller.get("/account-balance", accountCode=account, period=period).response["balance"])


def used(caller: Caller, path: str = "annual-used", /, **changes: object) -> Answer:
    return caller.send("GET", f"/budget/{path}", USED | changes)


def post_expense(caller: Caller, amount: str, period: str, **changes: object) -> None:
    body = journal({"transaction": "C"}, EXPENSE | changes, period=period, amount=Decimal(amount))
    assert caller.post("/journal", body).status == 200


def test_a_balance_is_cumulative_and_negative_for_debits(caller: Caller) -> None:
    before, earlier = balance(caller), balance(caller, period="2018005")
    caller.post("/journal", journal({"account": "111130"}, amount=18630.1))
    assert balance(caller) - before == Decimal("-18630.10")
    assert balance(caller, period="2018007") == balance(caller)
    assert balance(caller, period="2018005") == earlier
    assert balance(caller, "111130") == Decimal("18630.10")


def test_a_balance_is_a_text_without_needless_decimals(sandbox: Sandbox, caller: Caller) -> None:
    answer = caller.get("/account-balance", accountCode="151110 ", period="2018006")
    assert answer.response == {"account": "151110", "balance": "0"}
    sandbox.switch(full_width=True)
    assert (
        caller.get("/account-balance", accountCode="151110", period="2018006").response["account"] == f"{'151110':15}"
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "206"),
        ({"accountCode": "101110"}, "206"),
        ({"accountCode": "", "period": "2018006"}, "206"),
        ({"accountCode": "101110", "period": "2018-06"}, "206"),
        ({"accountCode": "101110", "period": "2018013"}, "206"),
        ({"accountCode": "999999", "period": "2018006"}, "203"),
    ],
)
def test_a_balance_of_nothing_is_refused(caller: Caller, query: dict[str, str], code: str) -> None:
    assert caller.get("/account-balance", **query).code == code


def test_budget_used_counts_the_lines_of_the_range() -> None:
    with running() as sandbox, calling(sandbox.address) as fresh:
        assert used(fresh).response == 0
        assert used(fresh, "monthly-used").code == "203"
        post_expense(fresh, "100.25", "2019004")
        post_expense(fresh, "50", "2019005")
        post_expense(fresh, "7", "2019006")
        post_expense(fresh, "9", "2019005", project="CAMP2018")
        assert used(fresh).response == Decimal("150.25")
        assert used(fresh, "monthly-used").response == [
            {"amount": Decimal("100.25"), "period": 2019004},
            {"amount": Decimal("50.00"), "period": 2019005},
        ]
        assert used(fresh, projects=[]).response == Decimal("159.25")
        assert used(fresh, projects=["CAMP2018 ", "CAMP2019"]).response == Decimal("159.25")
        assert used(fresh, function="").response == Decimal("150.25")
        assert used(fresh, projects=["*"]).response == 0
        sandbox.switch(asterisk_means_all=True)
        assert used(fresh, projects=["*"]).response == Decimal("159.25")
        assert used(fresh, function="*", projects=["*"]).response == Decimal("159.25")


def test_the_query_is_no_place_for_the_members_of_the_body(caller: Caller) -> None:
    answer = caller.get("/budget/annual-used", startPeriod="2019004", endPeriod="2019005", function="YOUTH01")
    assert answer.code == "206"
    assert used(caller, function="NOWHERE").code == "203"
    assert used(caller, startPeriod="2019006").code == used(caller, "monthly-used", startPeriod="2019006").code == "206"


def test_a_budget_journal_is_summed_by_year_and_month(caller: Caller) -> None:
    assert caller.get("/budget/annual", journalNo="5786", function="ADMIN01").response == Decimal("2105.50")
    assert caller.get("/budget/monthly", journalNo="05786", function="10").response == [
        {"amount": Decimal("560.00"), "period": 2024001},
        {"amount": Decimal("560.05"), "period": 2024002},
    ]
    whole = caller.get("/budget/annual", journalNo="5786").response
    assert caller.get("/budget/annual", journalNo="5786", function="").response == whole
    assert sum(row["amount"] for row in caller.get("/budget/monthly", journalNo="5786").response) == whole


def test_a_budget_may_be_zero(caller: Caller) -> None:
    answer = caller.get("/budget/annual", journalNo="5786", function="EDUC02")
    assert (answer.status, answer.response) == (200, 0)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "206"),
        ({"journalNo": ""}, "206"),
        ({"journalNo": "57x6"}, "206"),
        ({"journalNo": "-1"}, "206"),
        ({"journalNo": "5329"}, "203"),
        ({"journalNo": "9" * 5000}, "203"),
        ({"journalNo": "5786", "function": "HEALTH01"}, "203"),
    ],
)
def test_a_budget_of_nothing_is_refused(caller: Caller, query: dict[str, str], code: str) -> None:
    assert caller.get("/budget/annual", **query).code == code
    assert caller.get("/budget/monthly", **query).code == code


def rows(caller: Caller, **query: str) -> Any:
    return caller.get("/budget/balance", **({"startPeriod": "2019001", "endPeriod": "2019012"} | query)).response


def test_the_budget_balance_has_a_row_for_each_combination() -> None:
    with running() as sandbox, calling(sandbox.address) as fresh:
        for amount, period, project in (
            ("10", "2019001", "CAMP2019"),
            ("5", "2019001", "CAMP2019"),
            ("3", "2019002", "CAMP2019"),
        ):
            post_expense(fresh, amount, period, project=project)
        found = rows(fresh, account="651140")
        assert [(row["period"], row["amount"], row["credit"], row["debit"], row["budget"]) for row in found] == [
            ("2019001", -15, 0, 15, 0),
            ("2019002", -3, 0, 3, 0),
        ]
        assert {row["analT3"] for row in found} == {"YOUTH01"}


def test_budget_and_postings_of_a_combination_share_a_row(caller: Caller) -> None:
    post_expense(caller, "0.10", "2019001", account="641110", function="ADMIN01", project="")
    (row,) = rows(caller, account="641110", function="ADMIN01")
    assert (row["budget"], row["debit"], row["amount"]) == (Decimal("0.30"), Decimal("0.10"), Decimal("-0.10"))


def test_the_filters_of_the_budget_balance(sandbox: Sandbox, caller: Caller) -> None:
    query = {"account": "101110", "startPeriod": "2024001", "endPeriod": "2024001"}
    assert len(rows(caller, **query)) == 2
    assert len(rows(caller, **query, fund="10", function="", who="")) == 2
    assert [row["analT6"] for row in rows(caller, **query, who="*")] == ["*"]
    assert caller.get("/budget/balance", **query, fund="20").code == "203"
    sandbox.switch(asterisk_means_all=True)
    assert len(rows(caller, **query, who="*")) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": ""}, "206"),
        ({"startPeriod": ""}, "206"),
        ({"endPeriod": "2018012"}, "206"),
        ({"endPeriod": "20190112"}, "206"),
        ({"account": "999999"}, "203"),
    ],
)
def test_a_budget_balance_of_nothing_is_refused(caller: Caller, change: dict[str, str], code: str) -> None:
    query = {"account": "101110", "startPeriod": "2019001", "endPeriod": "2019001"} | change
    assert caller.get("/budget/balance", **query).code == code
