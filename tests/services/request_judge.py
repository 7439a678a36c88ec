"""What is wrong with a request, by the contract alone: method, path, parameters, headers, body or form."""

import json
import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl, unquote

from jsonschema import Draft202012Validator

from tests.contract import schemas
from tests.contract.schemas import Operation, faults_of_request, operation

TOKEN = "token-of-the-mock"  # no secret: the mock's own
KEY = "key-1"


def node_of(operation_id: str) -> Any:
    """What the contract says of an operation, as it stands there."""
    found = operation(operation_id)
    return schemas.document_of(found.contract)["paths"][found.path][found.method.lower()]


def faults_of(found: Operation, path: str, query: str, headers: Mapping[str, str], raw: bytes) -> Iterator[str]:
    """Everything that is wrong with a request of an operation."""
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


def followed(contract: str, node: Any) -> Any:
    """A node of a contract with the `$ref` at its top followed."""
    while "$ref" in node:
        place = schemas.document_of(contract)
        for key in node["$ref"].removeprefix("#/").split("/"):
            place = place[key]
        node = place
    return node
