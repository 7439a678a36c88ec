"""What the range and the cash count show of what was posted."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from importer.sandbox import Sandbox
from tests.sandbox.caller import Caller, journal


def details(caller: Caller, number: object) -> list[dict[str, Any]]:
    (found,) = caller.post(f"/journal/range/{number}/{number}").response
    return [line["journalDetail"] for line in found["lines"]]


def post(caller: Caller, body: object) -> str:
    number: str = caller.post("/journal", body).response["journalNumber"]
    return number


def test_a_posted_journal_is_read_back_padded(caller: Caller) -> None:
    first, second = details(caller, post(caller, journal({"who": "DP0121"}, amount=18630.1)))
    assert (first["jrnalLine"], second["jrnalLine"]) == (1, 2)
    assert (first["dc"], second["dc"]) == ("C", "D")
    assert (first["amount"], second["amount"]) == (Decimal("18630.1"), Decimal("-18630.1"))
    assert second["amount"] == second["otherAmt"] == second["cv4Amt"]
    assert (first["accntCode"], first["jrnalType"], first["treference"]) == ("101110 ", "JV ", "EXAMPLE ")
    assert (first["analT0"], first["analT1"], first["analT2"]) == (" ", "1001 ", "10 ")
    assert (first["analT6"], second["analT6"]) == ("DP0121 ", " ")
    assert (first["allocation"], first["allocRef"], first["allocPeriod"]) == (" ", 0, 0)
    assert first["period"] == 2018006
    assert "reversal" not in first
    assert "roughFlag" not in first
    assert "vchrNum" in first
    assert "vchrNum" in second


def test_the_amount_is_written_digit_by_digit(caller: Caller) -> None:
    number = post(caller, journal(amount=0.1))
    path = f"/journal/range/{number}/{number}"
    text = caller.http.post(path, headers={"Authorization": caller.authorization}).text
    assert '"amount":0.10,' in text
    assert '"amount":-0.10,' in text


def test_a_type_that_fills_its_column_has_no_blank_behind_it(caller: Caller) -> None:
    first, _ = details(caller, post(caller, journal(journalType="MG110")))
    assert first["jrnalType"] == "MG110"


def test_texts_come_back_as_sent_but_for_blanks_at_the_end(caller: Caller) -> None:
    first, second = details(
        caller,
        post(caller, journal({"treference": "  Ñandú  ", "description": " a  b "}, {"treference": ""})),
    )
    assert (first["treference"], first["descriptn"]) == ("  Ñandú ", " a  b")
    assert second["treference"] == " "


def test_memo_amount_and_due_date_come_back(caller: Caller) -> None:
    first, second = details(caller, post(caller, journal({"memoAmount": 12.5, "expiration": "2018-07-21"})))
    assert (first["memoAmt"], second["memoAmt"]) == (Decimal("12.5"), 0)
    assert first["dueDateTime"] == 1532149200000
    assert second["dueDateTime"] == second["transDateTime"]


@pytest.mark.parametrize(
    ("day", "hour"),
    [("2018-07-21", 5), ("2018-12-14", 6), ("2023-06-15", 6), ("2021-07-21", 5), ("1999-01-31", 6)],
)
def test_days_begin_at_midnight_in_mexico_city(caller: Caller, day: str, hour: int) -> None:
    first, _ = details(caller, post(caller, journal(transDateTime=day)))
    begins = datetime.fromtimestamp(first["transDateTime"] / 1000, UTC)
    assert begins.isoformat() == f"{day}T{hour:02}:00:00+00:00"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2020-02-29"])
def test_days_at_the_ends_of_the_calendar_are_days_too(caller: Caller, day: str) -> None:
    assert len(details(caller, post(caller, journal(transDateTime=day)))) == 2


def test_numbers_without_a_journal_are_passed_over(sandbox: Sandbox, caller: Caller) -> None:
    kept = sandbox.company.ledger.journals.pop(5327)
    found = caller.post("/journal/range/5300/5328").response
    assert [one["jrnalNo"] for one in found] == [5326, 5328]
    assert caller.post("/journal/range/5327/5327").response == []
    sandbox.company.ledger.journals = dict(sorted((sandbox.company.ledger.journals | {5327: kept}).items()))


def test_a_range_far_off_is_empty(caller: Caller) -> None:
    assert caller.post("/journal/range/1259/5325").response == []
    assert caller.post("/journal/range/900000000000000000/999999999999999999").response == []


@pytest.mark.parametrize("path", ["5328/5326", "a/5326", "5326/-1", "5326/53.2", "5326/%20", "1/" + "9" * 5000])
def test_a_range_that_is_none_is_203(caller: Caller, path: str) -> None:
    answer = caller.post(f"/journal/range/{path}")
    assert (answer.status, answer.code) == (201, "203")


def test_a_range_has_no_body_or_an_empty_object(caller: Caller) -> None:
    assert caller.post("/journal/range/5326/5326", {}).status == 200
    assert caller.post("/journal/range/5326/5326", {"book": "A"}).code == "203"
    assert caller.post("/journal/range/5326/5326", b"{").code == "203"


def test_the_journals_of_the_start_cover_both_offsets_of_summer(caller: Caller) -> None:
    winter, summer = details(caller, 5327)[0], details(caller, 5328)[0]
    assert winter["transDateTime"] % 86_400_000 == 6 * 3_600_000
    assert summer["transDateTime"] % 86_400_000 == 6 * 3_600_000


def count(caller: Caller, account: str = "101110", start: str = "2018-06-30", end: str = "2018-06-30") -> Any:
    return caller.post("/cash-count", {"account": account, "startDate": start, "endDate": end})


def test_a_cash_count_has_bare_rows_without_amounts(caller: Caller) -> None:
    body = journal({}, {"account": "111110"}, transDateTime="2018-03-01", description="Caja")
    number = int(post(caller, body))
    rows = count(caller, "111110 ", "2018-03-01", "2018-03-01").response
    assert rows == [
        {"allocRef": 0, "allocation": ""}
        | {f"analT{n}": {1: "1001", 2: "10"}.get(n, "") for n in range(10)}
        | {"description": "Caja", "journalLine": 2, "journalNo": number}
        | {"period": 2018006, "transDateTime": "2018-03-01"}
    ]


def test_both_days_of_a_cash_count_are_included(caller: Caller) -> None:
    for day in ("2019-04-30", "2019-05-01", "2019-05-02", "2019-05-03"):
        post(caller, journal(transDateTime=day))
    rows = count(caller, start="2019-05-01", end="2019-05-02").response
    assert {row["transDateTime"] for row in rows} == {"2019-05-01", "2019-05-02"}
    assert [row["journalNo"] for row in rows] == sorted(row["journalNo"] for row in rows)


def test_a_cash_count_that_finds_nothing_is_an_empty_list(caller: Caller) -> None:
    assert count(caller, "999999").response == []
    assert count(caller, start="2001-01-01", end="2001-01-01").response == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": ""}, "206"),
        ({"startDate": ""}, "206"),
        ({"account": None}, "206"),
        ({"endDate": ""}, "201"),
        ({"endDate": "2018-06-31"}, "201"),
        ({"startDate": "30/06/2018"}, "201"),
        ({"startDate": "2018-07-01"}, "201"),
    ],
)
def test_a_cash_count_tells_empty_from_incorrect(caller: Caller, change: dict[str, object], code: str) -> None:
    body = {"account": "101110", "startDate": "2018-06-30", "endDate": "2018-06-30"} | change
    assert caller.post("/cash-count", body).code == code


@pytest.mark.parametrize(("body", "code"), [({}, "206"), ([], "201"), (b"{", "201"), (None, "201")])
def test_a_cash_count_without_its_members_is_refused(caller: Caller, body: object, code: str) -> None:
    assert caller.post("/cash-count", body).code == code
    assert caller.post("/cash-count", {"account": "101110", "startDate": "2018-06-30"}).code == "201"
