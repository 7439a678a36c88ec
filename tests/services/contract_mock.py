"""A mock made from the two contracts, like Prism: it serves every documented answer, and judges every request.

    with contract_mock() as mock:
        mock.answer_with(case)          # for its operation, until told otherwise; logins are granted
        get_company(session_at(mock.url))
    assert mock.faults == []

It shares no code with the client: what an operation is, is read from the contract alone.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator

from tests.contract import schemas
from tests.contract.schemas import CONTRACTS, Operation, faults_of_request, operation, operation_at, operation_ids

TOKEN = "token-of-the-mock"  # no secret: the mock's own
KEY = "key-1"


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


def node_of(operation_id: str) -> Any:
    """What the contract says of an operation, as it stands there."""
    found = operation(operation_id)
    return _document(found.contract)["paths"][found.path][found.method.lower()]


def words_of(operation_id: str) -> dict[str, str]:
    """The contract's words for each failure code of an operation (`x-enum-descriptions`)."""
    contract = operation(operation_id).contract
    responses = node_of(operation_id)["responses"]
    refusals = [_followed(contract, responses[status]) for status in ("201", "400") if status in responses]
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
        self.faults += [f"{name}: {fault}" for fault in _faults(found, parts.path, parts.query, headers, raw)]
        if name == "login":
            self.logins += 1
        else:
            self.seen.append(name)
        served = self._served.get(name)
        if served is None:
            granted = {"message": "Access granted", "access_token": TOKEN, "token_type": "Bearer"}
            return Case("login", 200, "granted", json.dumps(granted).encode())
        return served.pop(0) if len(served) > 1 else served[0]


def _faults(found: Operation, path: str, query: str, headers: Mapping[str, str], raw: bytes) -> Iterator[str]:
    yield from _faults_of_headers(found, headers, raw)
    yield from _faults_of_parameters(found, path, query)
    if found.takes_form:
        yield from _faults_of_form(headers, raw)
    else:
        body = json.loads(raw) if raw else None
        yield from faults_of_request(found.operation_id, body)


def _faults_of_headers(found: Operation, headers: Mapping[str, str], raw: bytes) -> Iterator[str]:
    given = {name.lower(): value for name, value in headers.items()}
    shown = {name.lower(): value for name, value in node_of(found.operation_id)["x-request-headers"].items()}
    secrets = {"{api_key}": KEY, "{token}": TOKEN}
    for name in ("authorization", "api-key", "rcapikey"):
        wanted = shown.get(name)
        for placeholder, secret in secrets.items():
            wanted = wanted and wanted.replace(placeholder, secret)
        if given.get(name) != wanted:
            yield f"header {name}"
    kind, accepted = given.get("content-type", ""), given.get("accept", "")
    if found.takes_form:
        if not kind.startswith("multipart/form-data; boundary=") or accepted != "*/*":
            yield f"headers of a form: {kind}, {accepted}"
    elif kind != "application/json" or accepted != shown.get("accept", "*/*"):
        yield f"media types: {kind}, {accepted}"
    # a body has its length said, and so has the lack of one where the method wants it.
    if found.method in ("POST", "PUT") or raw:
        if given.get("content-length") != str(len(raw)):
            yield "Content-Length"
    elif "content-length" in given:
        yield "Content-Length without a body"
    if "transfer-encoding" in given:
        yield "a body in chunks"


def _faults_of_parameters(found: Operation, path: str, query: str) -> Iterator[str]:
    segments = dict(zip(found.path.split("/"), path.split("/"), strict=True))
    given = {("path", name[1:-1]): unquote(value) for name, value in segments.items() if name.startswith("{")}
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    given |= {("query", name): value for name, value in pairs}
    if len({name for name, _ in pairs}) != len(pairs) or "+" in query or re.search("%(?![0-9A-F]{2})", query):
        yield f"query {query}"
    declared = {(one.place, one.name): one for one in found.parameters if one.place != "header"}
    for place in given.keys() - declared.keys():
        yield f"undocumented parameter {place}"
    for place, parameter in declared.items():
        if place not in given:
            if parameter.is_required:
                yield f"missing parameter {place}"
            continue
        text = given[place]
        value = int(text) if parameter.schema.get("type") == "integer" and text.isdigit() else text
        for error in Draft202012Validator(parameter.schema).iter_errors(value):
            yield f"{place}: {error.message}"


def _faults_of_form(headers: Mapping[str, str], raw: bytes) -> Iterator[str]:
    message = message_from_bytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + raw)
    members: dict[str, Any] = {}
    for part in (one for one in message.walk() if not one.is_multipart()):
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            yield f"part {name}"
            continue
        members[name] = content if name == "file" else _typed(content.decode())
        if name == "file" and not re.fullmatch(r"[A-Za-z0-9._-]+\.[a-z]+", part.get_filename() or ""):
            yield f"file name {part.get_filename()}"
    order = [name for name in ("journalNumber", "lineNumber", "file", "private") if name in members]
    if list(members) != order:
        yield f"order of parts {list(members)}"
    schema = schemas.request_schema("link_document")
    shown = {name: "bytes" if name == "file" else value for name, value in members.items()}
    yield from (error.message for error in Draft202012Validator(schema or False).iter_errors(shown))


def _typed(text: str) -> object:
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


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
    node = _followed(found.contract, node_of(found.operation_id)["responses"][str(status)])
    for kind, content in node.get("content", {}).items():
        if kind != "application/json":
            yield from ((example, one["value"].encode()) for example, one in content["examples"].items())


@cache
def _document(contract: str) -> Any:
    text = (Path(schemas.__file__).parent / f"{contract}.openapi.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe


def _followed(contract: str, node: Any) -> Any:
    while "$ref" in node:
        place = _document(contract)
        for key in node["$ref"].removeprefix("#/").split("/"):
            place = place[key]
        node = place
    return node


def _all_below(contract: str, schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema and all that it is made of, references followed."""
    schema = _followed(contract, schema)
    yield schema
    inner = [*schema.get("allOf", ()), *schema.get("properties", {}).values()]
    for one in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from _all_below(contract, one)


@contextmanager
def contract_mock() -> Iterator[ContractMock]:
    """The mock on a free port of loopback."""
    mock = ContractMock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            case = mock.respond(self.command, self.path, dict(self.headers.items()), raw)
            content = case.body or b""
            self.send_response_only(case.status, "")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _handle

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's own output stays readable."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        mock.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05})
        thread.start()
        yield mock
        server.shutdown()
        thread.join()
