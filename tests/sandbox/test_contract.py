"""Every operation, called with the contract's own example, answers as the contract shows it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from importer.sandbox import Sandbox, read_company
from importer.sandbox.application import OPERATIONS
from importer.sandbox.operations import Operation
from importer.sandbox.request_body import Body
from tests.contract.schemas import operation, operation_ids
from tests.sandbox.caller import Caller, state_of
from tests.sandbox.examples import EVERY_OPERATION, call_by_example, in_order, refused_bodies

PREPARED_BY = {"update_address": "create_address", "delete_address": "create_address"}
"""Operations whose example needs another one's to have been called."""


@pytest.fixture
def fresh(sandbox: Sandbox, caller: Caller) -> Iterator[Caller]:
    """A caller of a company to which nothing has been done yet."""
    kept, sandbox.service.company = sandbox.company, read_company()
    yield caller
    sandbox.service.company = kept


@pytest.mark.parametrize("operation_id", EVERY_OPERATION)
def test_the_example_request_is_answered_with_200_on_a_fresh_company(
    sandbox: Sandbox, fresh: Caller, operation_id: str
) -> None:
    if operation_id in PREPARED_BY:
        call_by_example(fresh, PREPARED_BY[operation_id])
    before = sandbox.calls[operation_id]
    assert call_by_example(fresh, operation_id).status == 200
    assert sandbox.calls[operation_id] == before + 1


def test_all_examples_work_one_after_the_other(sandbox: Sandbox, fresh: Caller) -> None:
    answers = {one: call_by_example(fresh, one).status for one in in_order()}
    assert len(answers) == 38
    assert set(answers.values()) == {200}
    assert sum(one.line.amount for one in sandbox.company.ledger.all_movements()) == 0


@pytest.mark.parametrize(
    "operation_id",
    [
        "get_company",
        "list_notifications",
        "search_students",
        "list_accounts",
        "list_journal_types",
        "list_required_analysis_codes",
        "get_ledger_definition",
        "list_allowance_groups",
        "get_annual_budget",
        "get_annual_budget_used",
    ],
)
def test_the_answer_is_the_example_itself(caller: Caller, operation_id: str) -> None:
    (example,) = operation(operation_id).answer_examples[200].values()
    answer = call_by_example(caller, operation_id)
    assert json.dumps(answer.body, default=float) == json.dumps(example)  # the order of members too, D-04


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


def test_every_operation_of_sunplusxtra_is_played_once() -> None:
    assert sorted(one.name for one in OPERATIONS) == sorted(operation_ids("sunplusxtra"))


def test_the_texts_of_failures_are_the_contracts() -> None:
    for one in OPERATIONS:
        examples = operation(one.name).answer_examples.get(201, {}).values()
        assert dict(one.codes) == {example["code"]: example["description"] for example in examples}


@pytest.mark.parametrize("played", [one for one in OPERATIONS if one.body is Body.REQUIRED], ids=lambda one: one.name)
def test_every_body_that_the_contract_refuses_is_refused_by_its_code_and_changes_nothing(
    sandbox: Sandbox, caller: Caller, played: Operation
) -> None:
    before = state_of(sandbox.company)
    for member, body in refused_bodies(played.name):
        if played.name == "login":
            assert caller.send("POST", "/login", body, {"API-Key": f"Bearer {caller.address.api_key}"}).status == 221
            continue
        answer = call_by_example(caller, played.name, body)
        # Of a cash count alone an empty account or day has a code of its own (B-08).
        codes = {played.code_of_malformed, "206" if played.name == "get_cash_count" else None}
        assert (answer.status, answer.code in codes) == (201, True), (member, body, answer)
        assert "linesError" not in answer.body
        assert member in answer.body["description"] or played.name != "post_journal", (body, answer)
    assert state_of(sandbox.company) == before
