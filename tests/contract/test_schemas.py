"""The judge judged: the contracts' own examples pass, and planted faults are found."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.schemas import (
    faults_of_answer,
    faults_of_request,
    operation,
    operation_at,
    operation_ids,
)

EVERY_OPERATION = operation_ids("sunplusxtra") + operation_ids("sovos")


def journal() -> Any:
    return copy.deepcopy(operation("post_journal").request_examples["two_lines"])


def test_both_contracts_are_read_whole() -> None:
    assert len(operation_ids("sunplusxtra")) == 35
    assert len(operation_ids("sovos")) == 3


@pytest.mark.parametrize("operation_id", EVERY_OPERATION)
def test_every_example_fits_its_schema(operation_id: str) -> None:
    found = operation(operation_id)
    for body in found.request_examples.values():
        assert faults_of_request(operation_id, body) == []
    for status, examples in found.answer_examples.items():
        for body in examples.values():
            assert faults_of_answer(operation_id, status, body) == []


@pytest.mark.parametrize(
    ("method", "path", "operation_id"),
    [
        ("POST", "/login", "login"),
        ("GET", "/dimension", "list_dimension_codes"),
        ("DELETE", "/dimension", "delete_dimension_code"),
        ("POST", "/journal/range/5326/5328", "get_journal_range"),
        ("POST", "/journal/print", "print_journal"),
        ("DELETE", "/address/A%2FB", "delete_address"),
        ("GET", "/notifications/2022007/1/0", None),
        ("GET", "/journal", None),
    ],
)
def test_a_request_is_known_by_method_and_path(method: str, path: str, operation_id: str | None) -> None:
    assert operation_at(method, path) == operation_id


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("transaction", "DR"),
        ("amount", "1"),
        ("amount", Decimal(-1)),
        ("period", "201806"),
        ("transDateTime", "2018-06-31"),
        ("memoAmount", "12.5"),
        ("description26", ""),
        ("funcion", ""),
        ("fund", None),
    ],
)
def test_a_planted_fault_of_a_request_is_found(member: str, value: object) -> None:
    body = journal()
    body["requestPolicyDetails"][1][member] = value
    assert faults_of_request("post_journal", body) != []


def test_an_amount_may_be_a_decimal() -> None:
    body = journal()
    body["requestPolicyDetails"][0]["amount"] = Decimal("18630.10")
    assert faults_of_request("post_journal", body) == []


def test_a_planted_fault_of_an_answer_is_found() -> None:
    assert faults_of_answer("post_journal", 202, {}) == ["HTTP 202 is not documented for post_journal"]
    number_as_number = {"message": "", "response": {"journalNumber": 6994, "voucherNumber": "JV2018-1547"}}
    assert faults_of_answer("post_journal", 200, number_as_number) != []
    outside_the_table = {"message": "", "description": "", "code": "206", "error": True}
    assert faults_of_answer("post_journal", 201, outside_the_table) != []


def test_a_body_where_none_belongs_is_a_fault_and_the_other_way_round() -> None:
    assert faults_of_request("get_company", {}) != []
    assert faults_of_request("get_company", None) == []
    assert faults_of_request("post_journal", None) != []
