"""Scripts of faults are played as they say, the same at each start, or refused with their line."""

import pytest

from importer.sandbox.application import OPERATIONS
from tests.faults import BrokenScriptError, Fault, FaultScript, parse_faults
from tests.faults.faults import ANY, KINDS, VARIANTS, Faults
from tests.faults.script import EXAMPLE


def fates(script: FaultScript, requests: list[str]) -> list[Fault | None]:
    faults = Faults(script)
    return [faults.next_for(one) for one in requests]


def test_chance_is_the_same_at_each_start_and_another_by_another_seed() -> None:
    requests = ["post_journal", "get_journal_range", "login", "get_cash_count"] * 100
    drawn = {seed: fates(parse_faults(f"seed = {seed}\nrate = 0.43"), requests) for seed in (7, 8)}
    assert drawn[7] == fates(parse_faults("seed = 7\nrate = 0.43"), requests)
    assert drawn[7] != drawn[8]
    hit = [fault for fault in drawn[7] if fault is not None]
    assert 90 < len(hit) < 170 and len({fault.kind for fault in hit}) > 10
    for request, fault in zip(requests, drawn[7], strict=True):
        assert fault is None or (request != "login" and fault.kind != "user-gone")
        assert fault is None or fault.kind != "lag" or request != "post_journal"


def test_the_nth_request_has_its_fate_whatever_comes_in_between() -> None:
    script = parse_faults("seed = 3\n[[fault]]\noperation = 'post_journal'\nrate = 0.5\nkind = 'any'")
    alone = fates(script, ["post_journal"] * 30)
    mixed = fates(script, ["post_journal", "login"] * 30)
    assert mixed[::2] == alone and set(mixed[1::2]) == {None}


def test_rules_choose_by_number_and_the_first_one_counts() -> None:
    script = parse_faults(
        "[[fault]]\noperation='post_journal'\nnth=[2, 5]\nkind='cut'\n"
        "[[fault]]\noperation='POST /journal'\nevery=2\nkind='torn'\n"
        "[[fault]]\noperation='POST /journal/range/{a}/{b}'\nnth=1\nkind='drop'"
    )
    kinds = [fault and fault.kind for fault in fates(script, ["post_journal"] * 6 + ["get_journal_range"] * 2)]
    assert kinds == [None, "cut", None, "torn", "cut", "torn", "drop", None]


def test_the_example_is_a_script() -> None:
    script = parse_faults(EXAMPLE)
    assert script.seed == 7 and len(script.rules) == 3
    assert script.rules[0].faults == (Fault("drop", committed=True),) and script.rules[0].nth == {2, 5}
    assert script.rules[1].faults == (Fault("lag", seconds=30),)
    assert script.rules[2].rate == 0.43 and set(script.rules[2].faults) == set(ANY)


def test_chance_knows_each_kind_done_and_not_done() -> None:
    assert len(set(VARIANTS)) == len(VARIANTS)
    for name, kind in KINDS.items():
        ways = {fault.committed for fault in VARIANTS if fault.kind == name}
        assert ways == ({True, False} if "committed" in kind.settings else {kind.usual.committed})
    assert {fault.code for fault in VARIANTS if fault.kind == "failure"} == {"201", "202", "203"}


BROKEN = {
    "seed = 1\nrate = ": (2, "it is no TOML"),
    "seed = 1\n\nrte = 0.5": (3, "rte is unknown"),
    "rate = 0.5": (1, "needs a seed"),
    "seed = 1\nrate = 1.5": (2, "rate must be a number from 0 to 1"),
    "seed = 'x'": (1, "seed must be a whole number"),
    "seed = 1\nseconds = 3": (2, "go with a rate"),
    "fault = 3": (1, "each rule begins with [[fault]]"),
    "\n[fault]\nkind = 'drop'": (1, "each rule begins with [[fault]]"),
    "[[fault]]\noperation = 'post_journal'": (1, "kind must be one of drop, "),
    "[[fault]]\nkind = 'drop'\n\n[[fault]]\n# two\nkind = 'explode'": (6, "kind must be one of drop, "),
    "[[fault]]\nkind = []": (2, "kind must be one of"),
    "[[fault]]\nkind = [['drop']]": (2, "kind must be one of"),
    "[[fault]]\nkind = 'drop'\noperation = 'post_jurnal'": (3, "post_jurnal is no operation"),
    "[[fault]]\nkind = 'drop'\noperation = []": (3, "operation names none"),
    "[[fault]]\nkind = 'drop'\nnth = 0": (3, "nth must be a number from 1"),
    "[[fault]]\nkind = 'drop'\nnth = []": (3, "nth must be a number from 1"),
    "[[fault]]\nkind = 'drop'\nnth = true": (3, "nth must be a number from 1"),
    "[[fault]]\nkind = 'drop'\nevery = 1.5": (3, "every must be a whole number"),
    "[[fault]]\nkind = 'drop'\nnth = 1\nevery = 2": (4, "nth and every do not go together"),
    "[[fault]]\nkind = 'drop'\nrate = 0.5": (3, "needs a seed"),
    "[[fault]]\nkind = 'any'": (2, "needs a seed"),
    "[[fault]]\nkind = 'drop'\nseconds = 3": (3, "seconds means nothing for drop"),
    "[[fault]]\nkind = 'late'\nseconds = -1": (3, "seconds must be a number from 0"),
    "[[fault]]\nkind = 'late'\nseconds = nan": (3, "seconds must be a number from 0"),
    "[[fault]]\nkind = 'drop'\ncommitted = 1": (3, "committed must be true or false"),
    "[[fault]]\nkind = 'status'\nstatus = 220": (3, "status must be"),
    "[[fault]]\nkind = 'redirect'\nstatus = 502": (3, "from 300 to 399"),
    "[[fault]]\nkind = 'html'\nstatus = 204": (3, "HTTP 204 has no page"),
    "[[fault]]\nkind = 'failure'\ncode = 'x'": (3, "code must be digits"),
    "[[fault]]\nkind = 'lag'\noperation = 'post_journal'": (2, "lag is for get_cash_count and get_journal_range only"),
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_wrong_script_is_refused_with_its_line(text: str) -> None:
    line, complaint = BROKEN[text]
    with pytest.raises(BrokenScriptError) as refused:
        parse_faults(text)
    assert complaint in str(refused.value) and refused.value.line == line


def test_every_operation_can_be_named_by_its_method_and_path() -> None:
    for one in OPERATIONS:
        for method in {one.method, one.live_method or one.method}:
            script = parse_faults(f"[[fault]]\nkind = 'drop'\noperation = '{method} {one.path}'")
            assert script.rules[0].operations == {one.name}
