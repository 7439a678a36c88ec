"""Codes of dimensions can be made, changed and removed, and postings go by what they are now."""

from typing import Any

import pytest

from importer.sandbox import Sandbox
from tests.contract.schemas import faults_of_request
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


@pytest.mark.parametrize(
    "change",
    [
        {"catId": "3"},
        {"catId": "11"},
        {"catId": 3},
        {"catID": "03"},
        {"code": ""},
        {"code": None},
        {"name": None},
        {"lookup": 1},
        {"prohibitPosting": True},
        {"prohibitPosting": "0"},
        {"prohibitPosting": 40000},
        {"prohibitPosting": None},
    ],
)
def test_what_the_contract_refuses_is_206(sandbox: Sandbox, caller: Caller, change: dict[str, object]) -> None:
    before = {cat_id: dict(codes) for cat_id, codes in sandbox.company.analysis_codes.items()}
    body = code("03", "77") | change
    assert faults_of_request("create_dimension_code", body) != []
    assert caller.post("/dimension", body).code == "206"
    assert caller.put("/dimension", body).code == "206"
    assert before == sandbox.company.analysis_codes


@pytest.mark.parametrize("member", ["catId", "code", "lookup", "name", "prohibitPosting"])
def test_every_member_is_wanted(caller: Caller, member: str) -> None:
    body = code()
    del body[member]
    assert caller.post("/dimension", body).code == "206"


def test_a_code_of_blanks_is_206(caller: Caller) -> None:
    assert caller.post("/dimension", code(code="  ")).code == "206"


@pytest.mark.parametrize("body", [None, b"", b"{", {}, {"catId": "03"}, code("03", "20")])
def test_a_deletion_without_its_body_deletes_nothing(sandbox: Sandbox, caller: Caller, body: object) -> None:
    before = dict(sandbox.company.analysis_codes["03"])
    assert caller.delete("/dimension", body).code == "206"
    assert sandbox.company.analysis_codes["03"] == before
