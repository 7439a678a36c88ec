"""Codes of dimensions and addresses: made, changed and removed."""

import copy
from typing import Any

from importer.sandbox import Sandbox
from tests.contract.schemas import operation
from tests.sandbox.caller import Caller, journal


def code(cat_id: str = "09", code: str = "NEW-1", **changes: object) -> dict[str, Any]:
    members: dict[str, Any] = {"catId": cat_id, "code": code, "lookup": "", "name": "Ñuevo", "prohibitPosting": 0}
    return members | changes


def rows(caller: Caller, cat_id: str) -> dict[str, Any]:
    return {row["code"]: row for row in caller.get("/dimension", catID=cat_id).response}


def test_a_made_code_can_be_posted_with_until_it_is_prohibited(caller: Caller) -> None:
    body = journal({"project": "TENT"})
    assert caller.post("/journal", body).complaints == {1: ["Unknown analysis code TENT for Project (09)"]}
    assert caller.post("/dimension", code(code="TENT")).status == 200
    assert rows(caller, "09")["TENT"]["name"] == "Ñuevo"
    assert caller.post("/journal", body).status == 200
    assert caller.put("/dimension", code(code="TENT", prohibitPosting=1)).status == 200
    complaint = "Posting is prohibited with analysis code TENT of Project (09)"
    assert caller.post("/journal", body).complaints == {1: [complaint]}


def test_a_removed_code_is_unknown(caller: Caller) -> None:
    caller.post("/dimension", code(code="GONE"))
    assert caller.delete("/dimension", {"catId": "09", "code": "GONE"}).body == {"message": "Correct query"}
    assert "GONE" not in rows(caller, "09")
    assert 1 in caller.post("/journal", journal({"project": "GONE"})).complaints


def test_a_changed_code_stays_in_its_place(caller: Caller) -> None:
    before = list(rows(caller, "03"))
    caller.put("/dimension", code("03", "20", name="Plant", lookup="PLANT"))
    assert list(rows(caller, "03")) == before
    assert (rows(caller, "03")["20"]["name"], rows(caller, "03")["20"]["lookup"]) == ("Plant", "PLANT")


def test_blanks_at_the_end_of_a_code_do_not_count(caller: Caller) -> None:
    assert caller.post("/dimension", code(code="WIDE   ")).status == 200
    assert "WIDE" in rows(caller, "09")
    assert caller.post("/dimension", code(code="WIDE")).code == "206"
    assert caller.delete("/dimension", {"catId": "09", "code": "WIDE "}).status == 200


def test_existing_missing_and_used_codes_have_the_codes_of_the_table(caller: Caller) -> None:
    assert caller.post("/dimension", code("03", "10")).code == "206"
    missing = caller.put("/dimension", code("03", "11"))
    assert (missing.code, missing.body["description"]) == ("203", "The code appears to be nonexistent")
    assert caller.delete("/dimension", {"catId": "03", "code": "11"}).code == "203"
    assert caller.delete("/dimension", {"catId": "03", "code": "10"}).code == "203"
    assert "10" in rows(caller, "03")


def test_a_code_of_another_dimension_is_not_a_used_one(caller: Caller) -> None:
    assert caller.post("/dimension", code("10", "NF")).status == 200
    assert caller.delete("/dimension", {"catId": "10", "code": "NF"}).status == 200


def test_a_code_of_blanks_is_206(caller: Caller) -> None:
    assert caller.post("/dimension", code(code="  ")).code == "206"


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


def test_an_address_whose_code_is_blank_is_206(caller: Caller) -> None:
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
