"""Notifications, students, genealogy, groups and employees."""

import pytest

from importer.sandbox import Sandbox, running
from importer.sandbox.operations import is_found
from tests.contract.schemas import operation
from tests.sandbox.caller import Caller, calling


def ids(caller: Caller, path: str) -> list[int]:
    return [row["id"] for row in caller.get(path).response]


def test_notifications_are_those_of_the_period_by_state(caller: Caller) -> None:
    assert ids(caller, "/notificatios/2022007/0/0") == [29, 30, 31, 32, 33]
    assert ids(caller, "/notificatios/2022007/1/0") == [29, 30]
    assert ids(caller, "/notificatios/2022007/0/1") == [33]
    assert ids(caller, "/notificatios/2022007/1/1") == []
    assert ids(caller, "/notificatios/2030001/0/0") == []


def test_notifications_hold_an_unlisted_status_and_both_sides(caller: Caller) -> None:
    rows = caller.get("/notificatios/2022007/0/0").response
    assert {1, 4, 6} < {row["statusId"] for row in rows}
    assert {row["transaction"] for row in rows} == {"Crédito", "Débito"}


@pytest.mark.parametrize("path", ["2022-07/1/0", "202207/1/0", "2022013/1/0", "2022007/2/0", "2022007/1/true"])
def test_notifications_without_period_and_flags_are_206(caller: Caller, path: str) -> None:
    assert caller.get(f"/notificatios/{path}").code == "206"


@pytest.mark.parametrize(
    ("search", "found"),
    [("ERALCJO01", 1), ("eralc", 1), ("NOEMÍ", 1), ("%SOSA", 1), ("ER%01", 2), ("%", 3), ("nobody", 0)],
)
def test_students_are_found_by_code_and_name(caller: Caller, search: str, found: int) -> None:
    assert len(caller.get("/data-student", search=search).response) == found


@pytest.mark.parametrize("query", [{}, {"search": ""}, {"Search": "x"}])
def test_a_student_search_for_nothing_is_202(caller: Caller, query: dict[str, str]) -> None:
    assert caller.get("/data-student", **query).code == "202"


def test_the_structure_begins_like_the_example_and_has_all_three_states(caller: Caller) -> None:
    example = operation("get_genealogy").answer_examples[200]["genealogy"]["response"]
    links = caller.get("/genealogy").response
    assert links[: len(example)] == example
    nodes = [link[member] for link in links for member in ("parentCompany", "subsidiaryCompany")]
    assert {node["lastCompany"] for node in nodes} == {True, False, None}
    assert all(
        (link["idFrom"], link["idTo"]) == (link["parentCompany"]["id"], link["subsidiaryCompany"]["id"])
        for link in links
    )


def test_groups_are_searched_like_names(sandbox: Sandbox, caller: Caller) -> None:
    assert len(caller.get("/employee-group/27", search="%").response) == 3
    assert len(caller.get("/employee-group/27").response) == 3
    assert caller.get("/employee-group/27", search="contrato").response == [
        {"groupCode": "2", "groupName": "EDU-Contrato"}
    ]
    assert caller.get("/employee-group/27", search="nothing").response == []
    sandbox.switch(copied_employee_groups=True)
    (example,) = operation("list_employee_groups").answer_examples[200].values()
    assert caller.get("/employee-group/27", search="%").body == example


@pytest.mark.parametrize("path", ["/employee-group/{}", "/allowance-group/{}", "/employee/{}", "/employee/{}/ER00000"])
def test_a_payroll_is_digits_and_exists(caller: Caller, path: str) -> None:
    for payroll, code in (
        ("x", "206"),
        ("-27", "206"),
        ("2.7", "206"),
        ("%20", "206"),
        ("29", "203"),
        ("9" * 18, "203"),
    ):
        assert caller.get(path.format(payroll)).code == code


def test_the_two_shapes_of_an_employee(caller: Caller) -> None:
    (shown,) = caller.get("/employee/27/ERCHOLU01").response
    assert shown == operation("get_employee").answer_examples[200]["employee"]["response"][0]
    found = caller.get("/employee/27", search="neftali").response
    assert found == operation("search_employees").answer_examples[200]["employees"]["response"]


@pytest.mark.parametrize("search", ["CHONG", "lucina chong", "domínguez, luc", "%LUCINA%", "CHONG%LUCINA"])
def test_an_employee_is_found_in_either_order_of_names(caller: Caller, search: str) -> None:
    codes = [row["enrollmentCode"] for row in caller.get("/employee/27", search=search).response]
    assert codes == ["ERCHOLU01"]


def test_an_employee_of_another_payroll_is_none(caller: Caller) -> None:
    assert caller.get("/employee/27/EROFITO01").code == "203"
    assert caller.put("/employee/27/EROFITO01").code == "203"
    assert caller.get("/employee/28/EROFITO01").response[0]["active"] is False
    assert caller.get("/employee/27", search="nobody").response == []


def test_activation_is_seen_and_harmless_to_repeat() -> None:
    with running() as sandbox, calling(sandbox.address) as fresh:
        assert fresh.get("/employee/27/ER00000").response[0]["active"] is False
        activated = fresh.put("/employee/27/ER00000")
        assert activated.response[0]["active"] is True
        assert fresh.put("/employee/27/ER00000", {}) == activated
        assert fresh.get("/employee/27/ER00000").response == activated.response
        assert fresh.get("/employee/27/ERPERÑA03".replace("Ñ", "%C3%91")).response[0]["active"] is None
        assert fresh.put("/employee/27/ER00000", {"active": False}).code == "206"


@pytest.mark.parametrize(
    ("search", "text", "expected"),
    [
        ("", "anything", True),
        ("b", "abc", True),
        ("%", "", True),
        ("a%", "ba", False),
        ("%a", "ab", False),
        ("a%a", "a", False),
        ("a%b%c", "aXbYc", True),
        ("a%c%b", "abc", False),
        ("ñ", "MUÑOZ", True),
        ("a%b%b", "ab", False),
    ],
)
def test_a_percent_sign_stands_for_any_text(search: str, text: str, expected: bool) -> None:
    assert is_found(search, text) is expected
