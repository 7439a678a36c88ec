"""A plain HTTP client for these tests: it checks every answer against the contract before handing it on."""

import copy
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

import httpx

from importer.sandbox import Address, Company
from tests.contract.schemas import faults_of_answer, operation, operation_at

PATIENCE = 60.0
"""Seconds for an answer that comes: a machine that does other work too may take long for it."""


def comes_true(claim: Callable[[], bool]) -> bool:
    """Waits for what another thread does, as long as `PATIENCE` allows; whether it came true."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE
    while not claim() and time.monotonic() < end:
        pause.wait(0.01)
    return claim()


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
    """Logs in with an address and calls operations by method and path; Sovos through its own host."""

    scheme = "bearer"

    def __init__(self, address: Address, http: httpx.Client) -> None:
        self.address = address
        self.http = http
        self.authorization = f"{self.scheme} {self.log_in().body['access_token']}"

    def log_in(self, **members: object) -> Answer:
        known = self.address
        body = {"userid": known.userid, "password": known.password, "email": known.email} | members
        return self.send("POST", "/login", body, {"API-Key": f"Bearer {known.api_key}"})

    def put(self, path: str, body: object = None) -> Answer:
        return self.send("PUT", path, body)

    def delete(self, path: str, body: object = None) -> Answer:
        return self.send("DELETE", path, body)

    def upload(self, *, file: object = ("file.pdf", b"%PDF-1.4"), **parts: object) -> Answer:
        """The contract's example of an upload, with other parts; a part that is None is left out."""
        members = {"journalNumber": "1258", "lineNumber": "1", "file": file, "private": "true"} | parts
        sent = [
            (name, part if isinstance(part, tuple) else (None, str(part)))
            for name, part in members.items()
            if part is not None
        ]
        answer = self.http.post("/edocs", files=sent, headers={"Authorization": self.authorization})
        return judged("link_document", answer)

    def ask_sovos(self, ending: str, body: object, key: str | None = None) -> httpx.Response:
        """A request to `/api/rest/Timbre/saldos` + ending; judged when it is an operation of the contract."""
        path = f"/api/rest/Timbre/saldos{ending}"
        headers = {"RCApiKey": self.address.sovos_api_key if key is None else key, "Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.http.post(self.address.sovos_url + path, content=content, headers=headers)
        operation_id = operation_at("POST", path)
        if operation_id is not None:
            judged_file(operation_id, answer)
        return answer

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
        if is_documented:
            operation_id = operation_at(method, path)
            assert operation_id is not None
            return judged(operation_id, answer)
        return Answer(answer.status_code, json.loads(answer.content, parse_float=Decimal))


def judged(operation_id: str, answer: httpx.Response) -> Answer:
    """The answer, after status and body have been held against the contract."""
    parsed = json.loads(answer.content, parse_float=Decimal)
    assert faults_of_answer(operation_id, answer.status_code, parsed) == []
    return Answer(answer.status_code, parsed)


def judged_file(operation_id: str, answer: httpx.Response) -> None:
    """The same for an answer of Sovos: JSON where the contract has a schema, else a file or nothing."""
    schema = operation(operation_id).answer_schemas.get(answer.status_code)
    body = json.loads(answer.content) if schema else None
    assert faults_of_answer(operation_id, answer.status_code, body) == []
    if answer.status_code == 200 and schema is None:
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.content.startswith((b"%PDF-", b"Cuenta,", b"\xef\xbb\xbfCuenta,"))
    elif schema is None:
        assert answer.content == b""


NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For `http://`: to read all certificates of the machine takes longer than many a test."""


@contextmanager
def calling(address: Address) -> Iterator[Caller]:
    """A logged-in caller, its connections closed at the end of the block."""
    with httpx.Client(base_url=address.spx_url, trust_env=False, timeout=PATIENCE, verify=NO_CERTIFICATES) as http:
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


def state_of(company: Company) -> dict[str, Any]:
    """A copy of all that requests can change."""
    state = {
        "journals": company.ledger.journals,
        "last": company.ledger.last_number,
        "codes": company.analysis_codes,
        "addresses": company.addresses,
        "payrolls": company.payrolls,
        "documents": company.documents,
    }
    return copy.deepcopy(state)
