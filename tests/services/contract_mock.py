"""A mock made from the two contracts, like Prism: it serves every documented answer, and judges every request.

    with contract_mock() as mock:
        mock.answer_with(case)          # for its operation, until told otherwise; logins are granted
        get_company(session_at(mock.url))
    assert mock.faults == []

It shares no code with the client: what an operation is, is read from the contract alone.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.answering_service import answering_service
from tests.contract.schemas import CONTRACTS, Operation, operation, operation_at, operation_ids
from tests.services.request_judge import TOKEN, faults_of, followed, node_of


@dataclass(frozen=True)
class Case:
    """One documented answer: `body` is None where the contract shows none."""

    operation: str
    status: int
    example: str
    body: bytes | None

    def __str__(self) -> str:
        return f"{self.operation}-{self.status}-{self.example}"


def every_case() -> list[Case]:
    """Every example of every status of all 38 operations, each failure code once more as a number (A-06), and one case
    for each status without an example."""
    names = [name for contract in CONTRACTS for name in operation_ids(contract)]
    return [case for name in names for case in _cases(name)]


def words_of(operation_id: str) -> dict[str, str]:
    """The contract's words for each failure code of an operation (`x-enum-descriptions`)."""
    contract = operation(operation_id).contract
    responses = node_of(operation_id)["responses"]
    refusals = [followed(contract, responses[status]) for status in ("201", "400") if status in responses]
    words: dict[str, str] = {}
    for refusal in refusals:
        for schema in _all_below(contract, refusal["content"]["application/json"]["schema"]):
            words |= {str(code): text for code, text in schema.get("x-enum-descriptions", {}).items()}
    return words


@dataclass
class ContractMock:
    """A running mock. `faults` is what was wrong with the requests; `seen` the operations asked, logins apart; `path`
    that of the last request, as it came."""

    url: str = ""
    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    logins: int = 0
    path: str = ""
    _served: dict[str, list[Case]] = field(default_factory=dict)

    def answer_with(self, *cases: Case) -> None:
        """The answers of an operation, one a request; the last one stays. No other operation is expected."""
        self._served = {cases[0].operation: list(cases)}
        self.faults.clear()
        self.seen.clear()

    def respond(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Case:
        parts = urlsplit(target)
        self.path = parts.path
        name = operation_at(method, parts.path)
        if name is None:
            self.faults.append(f"no such operation: {method} {target}")
            return Case("", 404, "", b'{"message": "No such route"}')
        found = operation(name)
        self.faults += [f"{name}: {fault}" for fault in faults_of(found, parts.path, parts.query, headers, raw)]
        if name == "login":
            self.logins += 1
        else:
            self.seen.append(name)
        served = self._served.get(name)
        if served is None:
            granted = {"message": "Access granted", "access_token": TOKEN, "token_type": "Bearer"}
            return Case("login", 200, "granted", json.dumps(granted).encode())
        return served.pop(0) if len(served) > 1 else served[0]


def _cases(name: str) -> Iterator[Case]:
    found = operation(name)
    for status in found.answer_schemas:
        examples = dict(_examples(found, status))
        if not examples:
            yield Case(name, status, "empty", None)
        for example, body in examples.items():
            yield Case(name, status, example, body if isinstance(body, bytes) else json.dumps(body).encode())
            if status == 201 and isinstance(body, dict) and "linesError" not in body:
                numbered = json.dumps(body | {"code": int(body["code"])}).encode()
                yield Case(name, status, f"{example}_as_number", numbered)


def _examples(found: Operation, status: int) -> Iterator[tuple[str, Any]]:
    yield from found.answer_examples[status].items()
    node = followed(found.contract, node_of(found.operation_id)["responses"][str(status)])
    for kind, content in node.get("content", {}).items():
        if kind != "application/json":
            yield from ((example, one["value"].encode()) for example, one in content["examples"].items())


def _all_below(contract: str, schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema and all that it is made of, references followed."""
    schema = followed(contract, schema)
    yield schema
    inner = [*schema.get("allOf", ()), *schema.get("properties", {}).values()]
    for one in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from _all_below(contract, one)


@contextmanager
def contract_mock() -> Iterator[ContractMock]:
    """The mock on a free port of loopback."""
    mock = ContractMock()

    def respond(method: str, path: str, headers: Mapping[str, str], raw: bytes) -> tuple[int, bytes]:
        case = mock.respond(method, path, headers, raw)
        return case.status, case.body or b""

    with answering_service(respond) as mock.url:
        yield mock
