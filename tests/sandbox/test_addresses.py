"""Addresses can be made, changed and removed; the whole record or nothing."""

import copy
from typing import Any

import pytest

from importer.sandbox import Sandbox
from tests.contract.schemas import faults_of_request, operation
from tests.sandbox.caller import Caller


def address(code: str = "N-1", **changes: object) -> dict[str, Any]:
    body: dict[str, Any] = copy.deepcopy(operation("create_address").request_examples["create"])
    return body | {"addressCode": code} | changes


def listed(caller: Caller) -> dict[str, Any]:
    return {row["addressCode"]: row for row in caller.get("/address").response}


def test_a_made_address_is_listed_as_it_was_sent(caller: Caller) -> None:
    sent = address("MADE", shortHeading="Éste  ")
    assert caller.post("/address", sent).body == {"message": "Correct query"}
    assert listed(caller)["MADE"] == sent | {"shortHeading": "Éste"}
    assert list(listed(caller)["MADE"]) == list(
        operation("list_addresses").answer_examples[200]["addresses"]["response"][0]
    )


def test_a_changed_address_is_the_new_record(caller: Caller) -> None:
    caller.post("/address", address("CHANGED"))
    assert caller.put("/address", address("CHANGED ", status=7, postalCode="97000")).status == 200
    assert (listed(caller)["CHANGED"]["status"], listed(caller)["CHANGED"]["postalCode"]) == (7, "97000")


def test_a_removed_address_is_gone(caller: Caller) -> None:
    caller.post("/address", address("GONE"))
    assert caller.delete("/address/GONE%20").status == 200
    assert "GONE" not in listed(caller)
    assert caller.delete("/address/GONE").code == "201"


def test_a_code_with_a_slash_is_one_segment(caller: Caller) -> None:
    caller.post("/address", address("A/B %"))
    assert caller.delete("/address/A%2FB%20%25").status == 200
    assert "A/B %" not in listed(caller)


def test_existing_and_missing_addresses_have_the_codes_of_the_table(caller: Caller) -> None:
    caller.post("/address", address("TWICE"))
    assert caller.post("/address", address("TWICE")).code == "201"
    assert caller.put("/address", address("NOWHERE")).code == "203"
    assert "NOWHERE" not in listed(caller)


def test_no_code_at_all_is_no_route(caller: Caller) -> None:
    assert caller.send("DELETE", "/address/", is_documented=False).status == 404


def test_a_company_without_addresses_has_an_empty_list(sandbox: Sandbox, caller: Caller) -> None:
    kept = dict(sandbox.company.addresses)
    sandbox.company.addresses.clear()
    assert caller.get("/address").response == []
    sandbox.company.addresses.update(kept)


@pytest.mark.parametrize(
    "change",
    [
        {"addressCode": ""},
        {"addressCode": 1},
        {"area": None},
        {"faxNumber": None},
        {"status": "1"},
        {"status": True},
        {"postalCode": 97000},
        {"analysisCodes": None},
        {"analysisCodes": {"Analysis0": {"id": "", "code": "", "entryNum": ""}}},
        {"analysisCodes": {"analysis1": {"id": "", "code": "", "entryNum": ""}}},
        {"analysisCodes": {"Analysis1": {"id": "20", "code": "", "entryNum": 1}}},
        {"analysisCodes": {"Analysis1": {"id": "20", "code": ""}}},
        {"addressLine6": ""},
    ],
)
def test_what_the_contract_refuses_is_206(caller: Caller, change: dict[str, object]) -> None:
    body = address("REFUSED") | change
    assert faults_of_request("create_address", body) != []
    assert caller.post("/address", body).code == "206"
    assert caller.put("/address", body).code == "206"
    assert "REFUSED" not in listed(caller)


@pytest.mark.parametrize("member", address())
def test_a_partial_record_is_206(caller: Caller, member: str) -> None:
    body = address("PARTIAL")
    del body[member]
    assert caller.post("/address", body).code == "206"


def test_the_copied_schema_of_the_list_is_no_request(caller: Caller) -> None:
    assert caller.post("/address", {"message": "", "response": [address("COPIED")]}).code == "206"
    assert caller.post("/address", address("  ")).code == "206"


def test_ten_analysis_codes_may_be_sent(caller: Caller) -> None:
    one = {"id": "1", "code": "", "entryNum": "1"}
    codes = {f"Analysis{n}": one for n in range(1, 11)}
    assert caller.post("/address", address("TEN", analysisCodes=codes)).status == 200
    codes["Analysis11"] = one
    assert caller.post("/address", address("ELEVEN", analysisCodes=codes)).code == "206"


def test_the_join_with_the_required_codes_is_enforced_with_a_switch(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(joined_address_codes=True)
    assert caller.post("/address", address("JOINED")).code == "206"
    required = caller.get("/address/required-analysis-codes").response
    codes = {
        key: {"id": str(one["anlCatId"]), "code": "X", "entryNum": str(one["entryNum"])}
        for key, one in required.items()
    }
    assert caller.post("/address", address("JOINED", analysisCodes=codes)).status == 200
