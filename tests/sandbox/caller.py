"""A plain HTTP client for these tests: it checks every answer against the contract before handing it on."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

import httpx

from importer.sandbox import Address
from tests.contract.schemas import faults_of_answer, operation, operation_at


class Answer(NamedTuple):
    """HTTP status and parsed body; numbers with a point are Decimals."""

    status: int
    body: Any

    @property
    def code(self) -> Any:
        return self.body.get("code")

    @property
    def response(self) -> Any:
        return self.body["response"]

    @property
    def complaints(self) -> dict[int, list[str]]:
        """The messages of `linesError` by line."""
        found: dict[int, list[str]] = {}
        for one in self.body.get("linesError", []):
            found.setdefault(one["line"], []).append(one["message"])
        return found


class Caller:
    """Logs in with an address and calls operations by method and path."""

    def __init__(self, address: Address, http: httpx.Client) -> None:
        self.address = address
        self.http = http
        self.authorization = f"bearer {self.log_in().body['access_token']}"

    def log_in(self, **members: object) -> Answer:
        known = self.address
        body = {"userid": known.userid, "password": known.password, "email": known.email} | members
        return self.send("POST", "/login", body, {"API-Key": f"Bearer {known.api_key}"})

    def get(self, path: str, **query: str) -> Answer:
        return self.send("GET", path, query=query)

    def post(self, path: str, body: object = None) -> Answer:
        return self.send("POST", path, body)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        *,
        is_documented: bool = True,
    ) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body, default=float).encode()
        if headers is None:
            headers = {"Authorization": self.authorization}
        answer = self.http.request(
            method,
            path,
            content=content if body is not None else None,
            headers={"Content-Type": "application/json"} | headers,
            params=query or None,
        )
        parsed = json.loads(answer.content, parse_float=Decimal)
        if is_documented:
            operation_id = operation_at(method, path)
            assert operation_id is not None
            assert faults_of_answer(operation_id, answer.status_code, parsed) == []
        return Answer(answer.status_code, parsed)


@contextmanager
def calling(address: Address) -> Iterator[Caller]:
    """A logged-in caller, its connections closed at the end of the block."""
    with httpx.Client(base_url=address.spx_url, trust_env=False) as http:
        yield Caller(address, http)


def journal(*changes: dict[str, object], **of_every_line: object) -> dict[str, Any]:
    """The contract's example posting: two lines, credit and debit of 1; `changes` go to its lines in turn."""
    body: dict[str, Any] = copy.deepcopy(operation("post_journal").request_examples["two_lines"])
    lines = body["requestPolicyDetails"]
    for line in lines:
        line.update(of_every_line)
    for line, change in zip(lines, changes, strict=False):
        line.update(change)
    return body
