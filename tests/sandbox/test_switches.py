"""Each switch changes what it says, and every answer still fits the contract."""

import dataclasses
import re
from typing import Any

import pytest

from importer.sandbox import Sandbox, Switches
from importer.sandbox.switches import ABOUT, read_switches
from tests.contract.schemas import operation
from tests.sandbox.caller import Answer, Caller, journal
from tests.sandbox.examples import EVERY_OPERATION, call_by_example


def details(caller: Caller, number: int) -> list[dict[str, Any]]:
    (found,) = caller.post(f"/journal/range/{number}/{number}").response
    return [line["journalDetail"] for line in found["lines"]]


def refused(caller: Caller) -> Answer:
    return caller.post("/journal", journal({"account": "642198"}))


def test_all_switches_are_off_and_each_tells_its_source() -> None:
    assert set(dataclasses.astuple(Switches())) <= {False, None}
    for name, about in ABOUT.items():
        assert re.match("([A-Z]-[0-9]{2}|Section 14|Live dialect): .", about), name


def test_codes_may_be_numbers(sandbox: Sandbox, caller: Caller) -> None:
    assert refused(caller).code == "201"
    sandbox.switch(numeric_codes=True)
    assert refused(caller).code == 201


@pytest.mark.parametrize(("numeric", "code"), [(False, "299"), (True, 299)])
def test_a_code_may_stand_outside_the_table(sandbox: Sandbox, caller: Caller, numeric: bool, code: object) -> None:
    sandbox.switch(code_outside_the_table=True, numeric_codes=numeric)
    answer = caller.send("GET", "/account-list", is_documented=False)
    assert (answer.status, answer.code) == (201, code)


def test_full_width_fills_up_lines(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(full_width=True)
    closing = details(caller, 5326)
    assert closing[0]["accntCode"] == "371110         "
    assert closing[0]["analT0"] == " " * 15
    assert closing[0]["analT5"] == "*              "
    assert closing[0]["cleardown"] == "0    "
    assert closing[0]["convCode"] == "MXN1 "
    assert closing[0]["jrnalSrce"] == "ZC1  "
    assert closing[0]["jrnalType"] == "JV   "
    assert closing[2]["cleardown"] == "00000"


def test_lines_may_have_the_names_of_the_schema(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(schema_names=True)
    # The contract's schema has the example's names only, so this one answer lies outside it.
    answer = caller.send("POST", "/journal/range/5326/5326", is_documented=False)
    (found,) = answer.response
    assert [list(line) for line in found["lineas"]] == [
        ["journalDetail"],
        ["journalDetalle"],
        ["journalDetalle"],
    ]


def test_the_voucher_may_have_two_names(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(mixed_voucher_names=True)
    first, *others = details(caller, 5326)
    assert first["vouchrNum"] == "JV2018-0714"
    assert "vchrNum" not in first
    assert [line["vchrNum"] for line in others] == ["JV2018-0714"] * 2


def test_two_may_mean_prohibited(sandbox: Sandbox, caller: Caller) -> None:
    body = journal({"who": "DP0121"})
    assert caller.post("/journal", body).status == 200
    sandbox.switch(two_prohibits=True)
    complaint = "Analysis code for Who (07) is prohibited for account 101110"
    assert caller.post("/journal", body).complaints == {1: [complaint]}
    assert caller.post("/journal", journal()).status == 200


def test_clean_lines_may_come_back_with_a_refused_journal(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(collateral_lines=True)
    assert refused(caller).complaints == {
        1: ["Unknown account code 642198"],
        2: ["Rejected due to errors in other lines"],
    }
    assert caller.post("/journal", journal()).status == 200


def test_the_reference_may_be_cut_at_15(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(cut_reference=True)
    answer = caller.post("/journal", journal(treference="ABCDEFGHIJKLMNOPQRST"))
    assert details(caller, int(answer.response["journalNumber"]))[0]["treference"] == "ABCDEFGHIJKLMNO "


def test_period_13_may_be_allowed(sandbox: Sandbox, caller: Caller) -> None:
    assert caller.post("/journal", journal(period="2018013")).code == "203"
    sandbox.switch(period_13=True)
    assert caller.post("/journal", journal(period="2018013")).status == 200
    assert caller.post("/journal", journal(period="2018014")).code == "203"


def test_rows_of_a_cash_count_may_come_twice(sandbox: Sandbox, caller: Caller) -> None:
    body = {"account": "101110", "startDate": "2018-07-21", "endDate": "2018-07-21"}
    once = caller.post("/cash-count", body).response
    sandbox.switch(repeated_movements=True)
    twice = caller.post("/cash-count", body).response
    assert len(once) == 1
    assert twice == once * 2


def test_the_end_of_a_cash_count_may_stay_open(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(open_ended_cash_count=True)
    rows = caller.post("/cash-count", {"account": "101110", "startDate": "2018-07-21"}).response
    assert {5326, 5328} <= {row["journalNo"] for row in rows}


@pytest.mark.parametrize(
    ("switch", "code", "posted"),
    [
        ("unreachable_before_posting", "202", 0),
        ("unreachable_after_posting", "202", 1),
        ("bad_response_before_posting", "203", 0),
        ("bad_response_after_posting", "203", 1),
    ],
)
def test_a_posting_may_fail_on_either_side(
    sandbox: Sandbox, caller: Caller, switch: str, code: str, posted: int
) -> None:
    before = len(sandbox.company.ledger.journals)
    sandbox.switch(**{switch: True})
    answer = caller.post("/journal", journal())
    assert (answer.status, answer.code) == (201, code)
    assert "linesError" not in answer.body
    assert len(sandbox.company.ledger.journals) == before + posted


def test_a_switch_of_another_name_is_no_switch(sandbox: Sandbox) -> None:
    with pytest.raises(TypeError):
        sandbox.switch(numerc_codes=True)


def test_failures_may_come_under_200(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(error_under_200=True)
    answer = caller.send("GET", "/account-list", is_documented=False)
    assert (answer.status, answer.code, answer.body["error"]) == (200, "206", True)


def test_the_service_may_crash_without_doing_anything(sandbox: Sandbox, caller: Caller) -> None:
    before = dict(sandbox.company.ledger.journals)
    sandbox.switch(crash=True)
    assert caller.send("POST", "/journal", journal(), is_documented=False).status == 500
    sandbox.switch(crash=False, bad_gateway=True)
    answer = caller.http.post("/journal", json=journal(), headers={"Authorization": caller.authorization})
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert sandbox.company.ledger.journals == before


@pytest.mark.parametrize(("switch", "status"), [("login_failure_220", 220), ("login_failure_201", 201)])
def test_a_failed_login_may_be_another_failure(sandbox: Sandbox, caller: Caller, switch: str, status: int) -> None:
    sandbox.switch(**{switch: True})
    key = {"API-Key": f"Bearer {caller.address.api_key}"}
    for body in ({"userid": "sandbox", "password": "x", "email": "x"}, {}):
        answer = caller.send("POST", "/login", body, key, is_documented=False)
        assert (answer.status, answer.body["error"]) == (status, True)
        assert answer.code == ("203" if status == 201 else None)
    assert caller.log_in().status == 200
    wrong_token = caller.send("GET", "/company", headers={"Authorization": "bearer x"})
    assert wrong_token.status == 220


def test_there_may_be_no_ledger(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(no_ledger=True)
    assert caller.get("/ledger-definition").code == "206"


UNREACHABLE = {"search_students": "201", "get_genealogy": "203", "link_document": None, "delete_document": None}


@pytest.mark.parametrize("operation_id", [one for one in EVERY_OPERATION if operation(one).contract == "sunplusxtra"])
def test_sunplus_may_be_out_of_reach_for_every_operation(sandbox: Sandbox, caller: Caller, operation_id: str) -> None:
    sandbox.switch(sunplus_unreachable=True)
    answer = call_by_example(caller, operation_id)
    if operation_id == "login" or "document" in operation_id:
        assert answer.status == 200
    else:
        assert (answer.status, answer.code) == (201, UNREACHABLE.get(operation_id, "202"))


def test_full_width_fills_up_addresses_and_employees(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(full_width=True)
    assert caller.get("/address").response[0]["addressCode"] == "1002003004     "
    assert caller.get("/employee/27", search="neftali").response[0]["fund"] == f"{'10':15}"


def test_switches_are_read_from_texts() -> None:
    assert read_switches([]) == Switches()
    assert read_switches(["numeric_codes", "token_requests=3"]) == Switches(numeric_codes=True, token_requests=3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "numeric_codes=1",
        "numeric_codes=",
        "token_requests",
        "token_requests=x",
        "token_requests=-1",
        "mro",
        "__class__",
    ],
)
def test_a_text_that_is_no_switch_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read_switches([text])
