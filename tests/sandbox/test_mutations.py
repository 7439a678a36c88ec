"""Whatever is done to a valid journal, the answer is a documented one and the ledger sums to zero."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.sandbox import Sandbox
from tests.contract.schemas import faults_of_request
from tests.sandbox.caller import Caller, journal

MEMBERS = [*journal()["requestPolicyDetails"][0], "funcion", "description26", ""]
CODES = "101110|101110 NF|641110|642198|111160|122190|10|90|NF|1001|*|DP0121|ADMIN01|JV|PC|XX|MXN1|USD1|C|D"
DATES = "2018006|2018013|2021001|2018-06-30|2018-06-31|0001-01-01"
NUMBERS: list[object] = [0, 1, 2, -1, 0.1, 1.005, 1e300, 10**16, True]
LIVELY = st.sampled_from([*CODES.split("|"), *DATES.split("|"), *NUMBERS, "", " ", None, [], {}])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
CHANGE = st.tuples(st.integers(0, 2), st.sampled_from(MEMBERS), st.sampled_from(["set", "drop"]), LIVELY | ANYTHING)


def mutate(changes: list[tuple[int, str, str, Any]], copies: int) -> dict[str, Any]:
    body = journal()
    lines = body["requestPolicyDetails"]
    for _ in range(copies):
        lines.extend({**line, "line": line["line"] + len(lines)} for line in journal()["requestPolicyDetails"])
    for place, member, kind, value in changes:
        line = lines[place % len(lines)]
        if kind == "drop":
            line.pop(member, None)
        else:
            line[member] = value
    return body


@settings(max_examples=120, deadline=None, suppress_health_check=[*HealthCheck])
@given(changes=st.lists(CHANGE, max_size=4), copies=st.integers(0, 2))
def test_a_mutated_journal_is_answered_as_documented(
    sandbox: Sandbox, caller: Caller, changes: list[tuple[int, str, str, Any]], copies: int
) -> None:
    ledger = sandbox.company.ledger
    before = len(ledger.journals)
    body = mutate(changes, copies)
    answer = caller.post("/journal", body)  # checks status and schema
    assert answer.status in (200, 201)
    assert len(ledger.journals) == before + (answer.status == 200)
    if faults_of_request("post_journal", body):
        assert answer.code == "203"
    if answer.status == 200:
        number = answer.response["journalNumber"]
        (found,) = caller.post(f"/journal/range/{number}/{number}").response
        assert len(found["lines"]) == len(body["requestPolicyDetails"])
        assert sum(line["journalDetail"]["amount"] for line in found["lines"]) == 0
    assert ledger.total() == 0
