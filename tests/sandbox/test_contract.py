"""Every operation, called with the contract's own example, answers as the contract shows it."""

import json
from typing import Any

import pytest

from importer.sandbox import Sandbox
from importer.sandbox.operations import OPERATIONS
from tests.contract.schemas import operation
from tests.sandbox.caller import Answer, Caller


def call_by_example(caller: Caller, operation_id: str) -> Answer:
    found = operation(operation_id)
    path, query = found.path, {}
    for name, value in found.parameter_examples.items():
        if "{" + name + "}" in path:
            path = path.replace("{" + name + "}", value)
        elif name != "API-Key":
            query[name] = value
    body: Any = next(iter(found.request_examples.values()), None)
    return caller.send(found.method, path, body, query=query)


@pytest.mark.parametrize("operation_id", [one.name for one in OPERATIONS if one.name != "login"])
def test_the_example_request_is_answered_with_200(caller: Caller, operation_id: str) -> None:
    assert call_by_example(caller, operation_id).status == 200


@pytest.mark.parametrize(
    "operation_id", ["get_company", "list_accounts", "list_journal_types", "get_ledger_definition"]
)
def test_the_answer_is_the_example_itself(caller: Caller, operation_id: str) -> None:
    (example,) = operation(operation_id).answer_examples[200].values()
    answer = call_by_example(caller, operation_id)
    assert json.dumps(answer.body) == json.dumps(example)  # the order of members too, D-04


def test_the_journal_of_the_example_is_read_back_as_shown(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(mixed_voucher_names=True)  # the example mixes them, N-03
    answer = caller.post("/journal/range/5326/5326")
    (example,) = operation("get_journal_range").answer_examples[200].values()
    assert as_floats(answer.body) == example
    members = [list(line["journalDetail"]) for line in answer.response[0]["lines"]]
    assert members == [list(line["journalDetail"]) for line in example["response"][0]["lines"]]


def as_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_floats(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_floats(element) for element in value]
    return float(value) if isinstance(value, int) or hasattr(value, "quantize") else value


def test_the_codes_of_the_example_stand_under_fund(caller: Caller) -> None:
    (example,) = operation("list_dimension_codes").answer_examples[200].values()
    rows = caller.get("/dimension", catID="03").response
    assert [row for row in example["response"] if row not in rows] == []


def test_operations_stand_under_the_contracts_methods_and_paths() -> None:
    for one in OPERATIONS:
        found = operation(one.name)
        assert one.method == found.method
        assert one.path.count("/") == found.path.count("/")
        assert one.path.split("{")[0] == found.path.split("{")[0]


def test_the_texts_of_failures_are_the_contracts() -> None:
    for one in OPERATIONS:
        examples = operation(one.name).answer_examples.get(201, {}).values()
        assert dict(one.codes) == {example["code"]: example["description"] for example in examples}
