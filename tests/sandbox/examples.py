"""Calling an operation of either contract by the contract's own example."""

from typing import Any
from urllib.parse import quote

from tests.contract.schemas import operation, operation_ids
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


def call_by_example(caller: Caller, operation_id: str) -> Answer:
    """The answer, judged by the contract; the body of a file is its bytes."""
    found = operation(operation_id)
    body: Any = next(iter(found.request_examples.values()), None)
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
