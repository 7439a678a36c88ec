"""Requests made from the contract: right ones, nearly right ones, and nonsense."""

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.contract.schemas import Operation, Parameter, operation, request_schema, resolved

Strategy = st.SearchStrategy[Any]

JSON: Strategy = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
CODES = "101110|651110|10|NF|ADMIN01|*|DP0121|JV0121|NEW|PR/0001|4536789123|JV|MXN1|27|5326|5588|1258|2018006|2019001"
LIVELY: Strategy = st.sampled_from([*CODES.split("|"), "", " ", "%", "2018-06-30", "9" * 30, "é\u0301\x00"])
NUMBERS: Strategy = st.sampled_from([0, 1, 2, -1, 5326, 5588, 1258, 40000, 10**16, 10**400])


def valid(schema: Mapping[str, Any], contract: str) -> Strategy:
    """Values of a schema of the contract; of the constraints it uses, all are kept."""
    schema = resolved(schema, contract)
    if "anyOf" in schema:
        return st.one_of([valid(one, contract) for one in schema["anyOf"]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if isinstance(schema["type"], list):
        return st.one_of([valid({**schema, "type": one}, contract) for one in schema["type"]])
    return _OF_TYPE[schema["type"]](schema, contract)


def _text(schema: Mapping[str, Any], _: str) -> Strategy:
    if schema.get("format") == "date":
        return st.dates().map(str)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].removeprefix("^").removesuffix("$"), fullmatch=True)
    shortest = schema.get("minLength", 0)
    return (LIVELY | st.text(max_size=20)).filter(lambda text: len(text) >= shortest)


def _integer(schema: Mapping[str, Any], _: str) -> Strategy:
    least, most = schema.get("minimum"), schema.get("maximum")
    return st.integers(least, most) | NUMBERS.filter(
        lambda number: (least is None or number >= least) and (most is None or number <= most)
    )


def _number(schema: Mapping[str, Any], _: str) -> Strategy:
    return st.integers(1, 10**9).map(lambda cents: cents / 100) | st.integers(1, 10**6)


def _array(schema: Mapping[str, Any], contract: str) -> Strategy:
    return st.lists(valid(schema["items"], contract), min_size=schema.get("minItems", 0), max_size=3)


def _object(schema: Mapping[str, Any], contract: str) -> Strategy:
    for pattern, one in schema.get("patternProperties", {}).items():
        keys = st.from_regex(pattern.removeprefix("^").removesuffix("$"), fullmatch=True)
        return st.dictionaries(keys, valid(one, contract), max_size=3)
    members = {name: valid(one, contract) for name, one in schema["properties"].items()}
    required = {name: members.pop(name) for name in schema["required"]}
    return st.fixed_dictionaries(required, optional=members)


_OF_TYPE = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
    "array": _array,
    "object": _object,
}


def parameter(one: Parameter, contract: str) -> Strategy:
    """Texts for a parameter: its example, valid ones, any others."""
    right = st.just(one.example) | valid(one.schema, contract)
    return st.one_of(right.map(str), right.map(str), LIVELY, st.text(max_size=10))


def body(operation_id: str) -> Strategy:
    """Bodies for an operation that has a JSON body: right, with one or two faults, or no such thing at all."""
    found = operation(operation_id)
    schema = request_schema(operation_id)
    assert schema is not None
    examples = st.sampled_from(list(found.request_examples.values()))
    made = valid(schema, found.contract)
    mixed = st.builds(_mix, examples, made, st.randoms(use_true_random=False))
    changed = st.builds(_change, mixed, st.lists(st.tuples(st.integers(0, 99), LIVELY | NUMBERS | JSON), max_size=2))
    return st.one_of(examples, made, mixed, changed, changed, JSON, st.binary(max_size=30), st.none())


def _mix(example: dict[str, Any], made: dict[str, Any], chance: Any) -> dict[str, Any]:
    """The example with some members as generated."""
    return {name: made[name] if name in made and chance.random() < 0.4 else value for name, value in example.items()}


def _change(mixed: dict[str, Any], changes: list[tuple[int, Any]]) -> dict[str, Any]:
    result = dict(mixed)
    for number, value in changes:
        name = sorted(mixed)[number % len(mixed)] if number < 90 else "unknown"
        if number % 7 == 0:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def segment_is_sound(text: str) -> bool:
    """Whether a text can be a segment of a path: an empty one, or dots, would be another path."""
    return text not in ("", ".", "..")


def is_valid_parameter(one: Parameter, text: str | None) -> bool:
    """Whether the contract takes this text; None is a missing parameter."""
    schema = one.schema
    if text is None:
        return not one.is_required
    if schema["type"] == "integer":
        return re.fullmatch("-?[0-9]+", text) is not None
    return (
        len(text) >= schema.get("minLength", 0)
        and text in schema.get("enum", [text])
        and re.search(schema.get("pattern", ""), text) is not None
    )


def parameters_of(found: Operation) -> Strategy:
    """A text or None (only outside the path) for each parameter, by name; headers are left alone."""
    strategies: dict[str, Strategy] = {}
    for one in found.parameters:
        texts = parameter(one, found.contract)
        if one.place == "path":
            strategies[one.name] = texts.filter(segment_is_sound)
        elif one.place == "query":
            strategies[one.name] = texts | st.none()
    return st.fixed_dictionaries(strategies)
