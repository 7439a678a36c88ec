"""Calling an operation of either contract by the contract's own example."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.contract.schemas import faults_of_request, operation, operation_ids
from tests.sandbox.caller import Answer, Caller

EVERY_OPERATION = operation_ids("sunplusxtra") + operation_ids("sovos")
SOVOS_PATH = "/api/rest/Timbre/saldos"


def in_order() -> list[str]:
    """Reads, then POSTs, PUTs and DELETEs."""
    methods = ("POST", "PUT", "DELETE")
    places = {
        one: -1 if operation(one).effect != "write" else methods.index(operation(one).method) for one in EVERY_OPERATION
    }
    return sorted(EVERY_OPERATION, key=places.__getitem__)


EXAMPLE = object()
"""In place of a body: the contract's own."""


def call_by_example(caller: Caller, operation_id: str, body: Any = EXAMPLE) -> Answer:
    """The answer, judged by the contract; the body of a file is its bytes."""
    found = operation(operation_id)
    if body is EXAMPLE:
        body = next(iter(found.request_examples.values()), None)
    if operation_id == "login":
        return caller.log_in()
    if operation_id == "link_document":
        return caller.upload()
    if found.contract == "sovos":
        answer = caller.ask_sovos(found.path.removeprefix(SOVOS_PATH), body)
        return Answer(answer.status_code, answer.content)
    path, query = found.path, {}
    for one in found.parameters:
        if one.place == "path":
            path = path.replace("{" + one.name + "}", quote(str(one.example), safe=""))
        else:
            query[one.name] = str(one.example)
    return caller.send(found.method, path, body, query=query)


WRONG: tuple[Any, ...] = (None, True, -1, 40000, "x", "3", "2018-06-31", "201806", [], {}, [None], [[]])
"""What a member may hold instead, here and there."""

NOT_JSON = (b"", b"{", b"\xff\xfe{}", b'{"a": NaN}', b"[" * 100_000, b'{"a": %b}' % (b"9" * 5000), b'"\\ud800"')
"""Bodies that no operation can read."""


def refused_bodies(operation_id: str) -> Iterator[tuple[str, Any]]:
    """Bodies that the contract refuses: its example with one member left out, another one, or one of another value, and
    the name of that member; then what is no such body at all, under an empty name."""
    example = next(iter(operation(operation_id).request_examples.values()))
    for place, node in enumerate(_objects(example)):
        for number, name in enumerate([*node, "unknown"]):
            # Of those that are wrong here four are enough, and others at the next member.
            start, found = number % len(WRONG), 0
            for value in (_OUT, *WRONG[start:], *WRONG[:start]) if name in node else ("",):
                body = copy.deepcopy(example)
                changed = list(_objects(body))[place]
                changed[name] = value
                if value is _OUT:
                    del changed[name]
                if found < 4 and faults_of_request(operation_id, body):
                    found += 1
                    yield name, body
    for body in ([], "text", 5, {"response": [example]}):
        yield "", json.dumps(body).encode()
    yield from (("", body) for body in (None, *NOT_JSON))


_OUT = object()


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """The objects of a document, the document itself first; of a list those of its last element."""
    if isinstance(document, list):
        yield from _objects(document[-1] if document else None)
    elif isinstance(document, dict):
        yield document
        for member in document.values():
            yield from _objects(member)
