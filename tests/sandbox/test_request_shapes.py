"""What is no posting request at all: 203, and nothing is posted."""

import json
from typing import Any

import pytest

from importer.sandbox import Sandbox
from tests.contract.schemas import faults_of_request
from tests.sandbox.caller import Caller, journal

REQUIRED_TEXTS = ("journalType", "account", "treference", "description", "currency")
REQUIRED = ("line", "transaction", "amount", "transDateTime", "period", *REQUIRED_TEXTS)
REFUSED_MEMBERS: list[tuple[str, object]] = [
    ("funcion", ""),
    ("description26", ""),
    ("Account", "101110"),
    ("line", "1"),
    ("line", 0),
    ("line", True),
    ("journalType", ""),
    ("journalType", None),
    ("account", 101110),
    ("treference", None),
    ("fund", 10),
    ("who", None),
    ("description", ["LINE 1"]),
    ("transaction", "c"),
    ("transaction", "DR"),
    ("amount", "1"),
    ("amount", 0),
    ("amount", -1),
    ("amount", True),
    ("amount", None),
    ("currency", ""),
    ("transDateTime", "30/06/2018"),
    ("transDateTime", "20180630"),
    ("transDateTime", "2018-06-31"),
    ("transDateTime", "2018-02-29"),
    ("transDateTime", ""),
    ("transDateTime", 1532149200000),
    ("memoAmount", "12.5"),
    ("memoAmount", None),
    ("period", "201806"),
    ("period", "2018-06"),
    ("period", "2018'006"),
    ("period", "2018000"),
    ("period", "2018013"),
    ("period", 2018006),
    ("expiration", None),
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
    assert f"requestPolicyDetails[1].{member}" in post_unposted(sandbox, caller, body)


@pytest.mark.parametrize("member", REQUIRED)
def test_a_missing_member_is_203(sandbox: Sandbox, caller: Caller, member: str) -> None:
    body = journal()
    del body["requestPolicyDetails"][0][member]
    assert post_unposted(sandbox, caller, body).endswith(f"{member} is missing")


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
        {},
        [],
        "text",
        {"requestPolicyDetails": []},
        {"requestPolicyDetails": {}},
        {"requestPolicyDetails": [None]},
        {"requestPolicyDetails": [[]]},
        {"lines": []},
        journal() | {"company": 5},
    ],
    ids=lambda body: repr(body)[:20],
)
def test_a_body_that_is_no_journal_is_203(sandbox: Sandbox, caller: Caller, body: Any) -> None:
    assert faults_of_request("post_journal", body) != []
    post_unposted(sandbox, caller, body)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"\xff\xfe{}",
        b'{"requestPolicyDetails": NaN}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        json.dumps(journal(description="é")).replace("\\u00e9", "\\ud800").encode(),
        json.dumps(journal(description="é"), ensure_ascii=False).encode("latin-1"),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_no_json_is_203(sandbox: Sandbox, caller: Caller, body: bytes) -> None:
    post_unposted(sandbox, caller, body)


def test_no_body_at_all_is_203(sandbox: Sandbox, caller: Caller) -> None:
    post_unposted(sandbox, caller, None)


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
