"""Posting: rules, balance and numbers; and what is no posting request at all."""

import json
from decimal import Decimal

import pytest

from importer.sandbox import Sandbox, running
from tests.contract.schemas import faults_of_request
from tests.sandbox.caller import Answer, Caller, calling, journal

EXPENSE: dict[str, object] = {"account": "641110", "tfww": "", "function": "ADMIN01"}


def refuse(sandbox: Sandbox, caller: Caller, body: object) -> dict[int, list[str]]:
    before = dict(sandbox.company.ledger.journals)
    answer = caller.post("/journal", body)
    assert (answer.status, answer.code) == (201, "201")
    assert sandbox.company.ledger.journals == before
    return answer.complaints


def accept(caller: Caller, body: object) -> Answer:
    answer = caller.post("/journal", body)
    assert answer.status == 200, answer
    return answer


def test_numbers_and_vouchers_count_on() -> None:
    with running() as fresh, calling(fresh.address) as caller:
        bodies = [journal(), journal(), journal(journalType="CR", period="2019001")]
        assert [tuple(accept(caller, body).response.values()) for body in bodies] == [
            ("5329", "JV2018-0715"),
            ("5330", "JV2018-0716"),
            ("5331", "CR2019-0001"),
        ]


def test_counting_passes_over_a_number_that_is_taken() -> None:
    with running() as fresh, calling(fresh.address) as caller:
        fresh.company.ledger.last_number = 5586
        numbers = [accept(caller, journal()).response["journalNumber"] for _ in range(3)]
        assert numbers == ["5587", "5589", "5590"]
        found = caller.post("/journal/range/5000/6000").response
        assert [one["jrnalNo"] for one in found] == [5326, 5327, 5328, 5587, 5588, 5589, 5590]


def test_a_complaint_names_the_requests_line_and_not_its_place(sandbox: Sandbox, caller: Caller) -> None:
    body = journal({"line": 70}, {"line": 3, "account": "642198"})
    assert refuse(sandbox, caller, body) == {3: ["Unknown account code 642198"]}


def test_an_account_of_blanks_has_no_record(sandbox: Sandbox, caller: Caller) -> None:
    assert refuse(sandbox, caller, journal({"account": "  "})) == {1: ["Account record not found"]}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"account": "122190", "who": "EM0007"}, "Account 122190 is suspended"),
        ({"account": "111160"}, "Account 111160 is closed"),
        ({"tfww": ""}, "Analysis code for TFWW (02) must be entered for account 101110"),
        ({"tfww": "   "}, "Analysis code for TFWW (02) must be entered for account 101110"),
        ({"account": "121130"}, "Analysis code for Who (07) must be entered for account 121130"),
        (
            {"account": "641110", "function": "ADMIN01"},
            "Analysis code for TFWW (02) is prohibited for account 641110",
        ),
        ({"fund": "11"}, "Unknown analysis code 11 for Fund (03)"),
        ({"fund": " 10"}, "Unknown analysis code  10 for Fund (03)"),
        ({"project": "camp2018"}, "Unknown analysis code camp2018 for Project (09)"),
        ({"fund": "90"}, "Posting is prohibited with analysis code 90 of Fund (03)"),
    ],
)
def test_a_line_against_a_rule_is_refused(
    sandbox: Sandbox, caller: Caller, change: dict[str, object], complaint: str
) -> None:
    assert refuse(sandbox, caller, journal({}, change)) == {2: [complaint]}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"journalType": "XX"}, "Unknown journal type XX"),
        ({"currency": "EUR1"}, "Unknown currency code EUR1"),
        ({"period": "2017012"}, "Period 2017012 is not open for posting (2018001 to 2020012)"),
        ({"period": "2021001"}, "Period 2021001 is not open for posting (2018001 to 2020012)"),
    ],
)
def test_what_the_lines_share_is_refused_on_every_line(
    sandbox: Sandbox, caller: Caller, change: dict[str, object], complaint: str
) -> None:
    assert refuse(sandbox, caller, journal(change, change)) == {1: [complaint], 2: [complaint]}


def test_a_line_may_have_several_complaints(sandbox: Sandbox, caller: Caller) -> None:
    complaints = refuse(sandbox, caller, journal({"account": "642198", "fund": "11", "who": "??"}))
    assert len(complaints[1]) == 3


def test_petty_cash_demands_who_on_debits_to_expenses(sandbox: Sandbox, caller: Caller) -> None:
    silent = journal({"transaction": "C"}, EXPENSE, journalType="PC")
    complaint = "Analysis code for Who (07) must be entered for journal type PC"
    assert refuse(sandbox, caller, silent) == {2: [complaint]}
    accept(caller, journal({"transaction": "C"}, EXPENSE | {"who": "PR0001"}, journalType="PC"))


def test_other_types_accounts_and_sides_do_not_demand_who(caller: Caller) -> None:
    accept(caller, journal({"transaction": "C"}, EXPENSE, journalType="JV"))
    accept(caller, journal({"transaction": "D"}, EXPENSE | {"transaction": "C"}, journalType="PC"))
    accept(caller, journal(journalType="PC"))


def test_hidden_accounts_take_lines(caller: Caller) -> None:
    accept(caller, journal({}, {"account": "211190"}))


def test_an_unbalanced_journal_is_refused_without_lines(sandbox: Sandbox, caller: Caller) -> None:
    answer = caller.post("/journal", journal({"amount": 1.01}))
    assert (answer.status, answer.code) == (201, "201")
    assert "linesError" not in answer.body
    assert refuse(sandbox, caller, journal({"transaction": "D"})) == {}


def test_three_tenths_balance_exactly(caller: Caller) -> None:
    body = journal({"amount": 0.3}, {"amount": 0.1})
    body["requestPolicyDetails"].append(body["requestPolicyDetails"][1] | {"line": 3, "amount": 0.2})
    accept(caller, body)


def test_blanks_at_the_end_of_codes_do_not_count(sandbox: Sandbox, caller: Caller) -> None:
    padded: dict[str, object] = {
        "account": "101110  ",
        "fund": "10 ",
        "journalType": "JV ",
        "currency": "MXN1 ",
        "who": " ",
    }
    number = int(accept(caller, journal(padded, padded)).response["journalNumber"])
    posted = sandbox.company.ledger.journals[number]
    assert posted.journal_type == "JV"
    assert {line.account for line in posted.lines} == {"101110"}


def test_a_month_that_differs_from_the_period_is_no_fault(caller: Caller) -> None:
    accept(caller, journal(transDateTime="2023-06-15"))


def test_every_open_period_takes_entries(caller: Caller) -> None:
    for period in ("2018001", "2020012"):
        accept(caller, journal(period=period))


def test_extra_descriptions_up_to_25_are_taken(caller: Caller) -> None:
    accept(caller, journal(description25="the last one"))


def test_the_ledger_keeps_debits_negative_and_sums_to_zero(sandbox: Sandbox, caller: Caller) -> None:
    number = int(accept(caller, journal(amount=18630.1)).response["journalNumber"])
    amounts = [line.amount for line in sandbox.company.ledger.journals[number].lines]
    assert amounts == [Decimal("18630.10"), Decimal("-18630.10")]
    assert sum(one.line.amount for one in sandbox.company.ledger.all_movements()) == 0


REFUSED_MEMBERS: list[tuple[str, object]] = [
    ("line", 0),
    ("transaction", "c"),
    ("transaction", "DR"),
    ("amount", "1"),
    ("amount", 0),
    ("amount", -1),
    ("memoAmount", "12.5"),
    ("transDateTime", "30/06/2018"),
    ("transDateTime", "20180630"),
    ("transDateTime", "2018-02-29"),
    ("transDateTime", 1532149200000),
    ("period", "2018-06"),
    ("period", "2018'006"),
    ("period", "2018000"),
    ("period", "2018013"),
    ("expiration", "0000-00-00"),
    ("expectedDate", "2018-6-1"),
]


def post_unposted(sandbox: Sandbox, caller: Caller, body: object) -> str:
    before = dict(sandbox.company.ledger.journals)
    answer = caller.post("/journal", body)
    assert (answer.status, answer.code) == (201, "203")
    assert "linesError" not in answer.body
    assert sandbox.company.ledger.journals == before
    return str(answer.body["description"])


@pytest.mark.parametrize(("member", "value"), REFUSED_MEMBERS, ids=lambda value: repr(value)[:20])
def test_a_member_that_the_contract_refuses_is_203(
    sandbox: Sandbox, caller: Caller, member: str, value: object
) -> None:
    body = journal({}, {member: value})
    assert faults_of_request("post_journal", body) != []
    told = post_unposted(sandbox, caller, body)
    assert "requestPolicyDetails[1]" in told and member in told


@pytest.mark.parametrize(
    "digits", ["1.001", "0.005", "1e3", "1.5E-3", "1" + "0" * 15, "1e400", "1e99999999999999999999"]
)
@pytest.mark.parametrize("member", ["amount", "memoAmount"])
def test_a_number_that_is_no_amount_of_money_is_203(sandbox: Sandbox, caller: Caller, member: str, digits: str) -> None:
    text = json.dumps(journal(**{member: 777777})).replace("777777", digits)
    post_unposted(sandbox, caller, text.encode())


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(journal(description="é")).replace("\\u00e9", "\\ud800").encode(),
        json.dumps(journal(description="é"), ensure_ascii=False).encode("latin-1"),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_no_json_is_203(sandbox: Sandbox, caller: Caller, body: bytes) -> None:
    post_unposted(sandbox, caller, body)


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_say_that_it_is_json(caller: Caller, media_type: str) -> None:
    headers = {"Authorization": caller.authorization, "Content-Type": media_type}
    assert caller.send("POST", "/journal", journal(), headers).code == "203"


def test_a_charset_behind_the_media_type_does_no_harm(caller: Caller) -> None:
    headers = {"Authorization": caller.authorization, "Content-Type": "Application/JSON; charset=utf-8"}
    assert caller.send("POST", "/journal", journal(), headers).status == 200


@pytest.mark.parametrize("member", ["journalType", "period", "currency"])
def test_lines_of_two_journals_are_203(sandbox: Sandbox, caller: Caller, member: str) -> None:
    other = {"journalType": "CR", "period": "2018007", "currency": "USD1"}[member]
    assert post_unposted(sandbox, caller, journal({}, {member: other})).endswith(f"differ in {member}")


def test_empty_texts_and_missing_members_are_the_same(caller: Caller) -> None:
    body = journal()
    for line in body["requestPolicyDetails"]:
        for member in [member for member, value in line.items() if value == ""]:
            del line[member]
    assert caller.post("/journal", body).status == 200
