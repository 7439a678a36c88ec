"""The shape of a posting request, and its lines with the blanks at the end of codes taken off (W-04)."""

from typing import Any

from importer.sandbox import shapes
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.failures import MalformedError
from importer.sandbox.switches import Switches

CODES = ("journalType", "account", "currency", *(dimension.request for dimension in DIMENSIONS))
"""Members that are looked up in lists."""

_REQUIRED: dict[str, shapes.Check] = {
    "line": shapes.whole_number_from_one,
    "journalType": shapes.filled_text,
    "account": shapes.filled_text,
    "treference": shapes.text,
    "description": shapes.text,
    "transaction": shapes.side,
    "amount": shapes.amount,
    "currency": shapes.filled_text,
    "transDateTime": shapes.day,
    "period": shapes.period,
}
_OPTIONAL: dict[str, shapes.Check] = {
    **{dimension.request: shapes.text for dimension in DIMENSIONS},
    "expiration": shapes.day_or_nothing,
    "expectedDate": shapes.day_or_nothing,
    "memoAmount": shapes.amount_or_nothing,
    "assetCode": shapes.text,
    "assetIndicator": shapes.text,
    **{f"description{n}": shapes.text for n in range(1, 26)},  # 25 of them, not 10 (J-01)
}
LINE = shapes.ClosedObject(_REQUIRED | _OPTIONAL, optional=frozenset(_OPTIONAL))
LINE_TO_PERIOD_13 = shapes.ClosedObject(
    _REQUIRED | _OPTIONAL | {"period": shapes.period_to_13}, optional=frozenset(_OPTIONAL)
)


def read_lines(body: object, switches: Switches) -> list[dict[str, Any]]:
    """The lines of the request; `MalformedError` names the first thing that is wrong with its shape."""
    if not isinstance(body, dict) or body.keys() != {"requestPolicyDetails"}:
        raise MalformedError("the body must be an object with requestPolicyDetails and nothing else")
    lines = body["requestPolicyDetails"]
    if not isinstance(lines, list) or not lines:
        raise MalformedError("requestPolicyDetails must be a list of one line or more")
    shape = LINE_TO_PERIOD_13 if switches.period_13 else LINE
    return [
        _without_blanks_at_the_end(shape.read(line, f"requestPolicyDetails[{index}]."))
        for index, line in enumerate(lines)
    ]


def _without_blanks_at_the_end(line: dict[str, Any]) -> dict[str, Any]:
    return line | {name: line[name].rstrip(" ") for name in CODES if name in line}
