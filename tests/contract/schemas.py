"""The two contracts as judges: which operation a request is, and what is wrong with a body.

    operation("post_journal").request_examples["two_lines"]
    operation_at("POST", "/journal/range/5326/5328")      -> "get_journal_range"
    faults_of_request("post_journal", body)               -> [] when the body fits
    faults_of_answer("post_journal", 201, body)           -> [] when status and body fit

Bodies are parsed JSON; numbers may be Decimals. Schemas are those of OpenAPI 3.1 (JSON Schema 2020-12),
formats are checked.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

CONTRACTS = ("sunplusxtra", "sovos")
_METHODS = ("get", "put", "post", "delete")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Parameter:
    """A parameter of a path, a query or the headers."""

    name: str
    place: str
    is_required: bool
    schema: Mapping[str, Any]
    """With a `$ref` at its top followed."""
    example: Any


@dataclass(frozen=True)
class Operation:
    """One operation of a contract; answers are keyed by HTTP status, schemas are addresses of schemas."""

    contract: str
    operation_id: str
    method: str
    path: str
    request_schema: str | None
    """None where the operation has no JSON body."""
    request_examples: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    takes_form: bool
    """Whether the request is multipart/form-data; its schema is that of the parts."""
    answer_schemas: Mapping[int, str | None]
    """None where the answer is not JSON."""
    answer_examples: Mapping[int, Mapping[str, Any]]
    effect: str

    @property
    def parameter_examples(self) -> Mapping[str, Any]:
        """By name, for path, query and header alike; the first where the contract gives several."""
        return {parameter.name: parameter.example for parameter in self.parameters}


def operation(operation_id: str) -> Operation:
    """The operation of that `operationId`, of either contract."""
    return _operations()[operation_id]


def operation_ids(contract: str) -> list[str]:
    """All operations of a contract, in its order."""
    return [found.operation_id for found in _operations().values() if found.contract == contract]


def operation_at(method: str, path: str) -> str | None:
    """The `operationId` of a request by its method and its path (as sent, without query), or None."""
    method = method.upper()
    return next((name for name, (of, pattern) in _requests().items() if of == method and pattern.fullmatch(path)), None)


def faults_of_request(operation_id: str, body: object) -> list[str]:
    """What is wrong with a JSON request body; None stands for no body."""
    schema = operation(operation_id).request_schema
    if schema is None:
        return [] if body is None else ["the operation takes no JSON body"]
    return ["a body is required"] if body is None else _faults(schema, body)


def faults_of_answer(operation_id: str, status: int, body: object) -> list[str]:
    """What is wrong with an answer: a status the contract does not name, or a body outside its schema."""
    schemas = operation(operation_id).answer_schemas
    if status not in schemas:
        return [f"HTTP {status} is not documented for {operation_id}"]
    schema = schemas[status]
    return [] if schema is None else _faults(schema, body)


def resolved(schema: Mapping[str, Any], contract: str) -> Mapping[str, Any]:
    """A schema with the `$ref` at its top followed, if it has one."""
    while "$ref" in schema:
        place = _Place(contract, tuple(schema["$ref"].removeprefix("#/").split("/")))
        schema = place.node
    return schema


def request_schema(operation_id: str) -> Mapping[str, Any] | None:
    """The schema of a request body as it stands in the contract, JSON or form; None where there is no body."""
    found = operation(operation_id)
    kind = "multipart/form-data" if found.takes_form else "application/json"
    place = _Place(found.contract, ("paths", found.path, found.method.lower())).at("requestBody")
    content = place.node.get("content", {}).get(kind)
    return resolved(content["schema"], found.contract) if content else None


def _faults(schema: str, body: object) -> list[str]:
    """A tenth of what all tests take would be jsonschema's: it is asked only what is wrong with what is."""
    if _fast_validator(schema).is_valid(body):
        return []
    return [f"{error.json_path}: {error.message}" for error in _validator(schema).iter_errors(body)]


@cache
def _fast_validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": schema}, registry=_fast_registry(), validate_formats=True)


@cache
def _fast_registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(f"urn:{name}", document_of(name)) for name in CONTRACTS])


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": schema}, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def document_of(contract: str) -> Any:
    """A contract as it stands in its file."""
    text = (_FOLDER / f"{contract}.openapi.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resources(
        (f"urn:{name}", DRAFT202012.create_resource(document_of(name))) for name in CONTRACTS
    )


@cache
def _operations() -> dict[str, Operation]:
    return {found.operation_id: found for contract in CONTRACTS for found in _read_contract(contract)}


@cache
def _requests() -> dict[str, tuple[str, re.Pattern[str]]]:
    """Method and path of each operation."""

    def pattern(path: str) -> re.Pattern[str]:
        return re.compile("/".join("[^/]+" if "{" in part else re.escape(part) for part in path.split("/")))

    return {name: (found.method, pattern(found.path)) for name, found in _operations().items()}


def _read_contract(contract: str) -> Iterator[Operation]:
    for path, item in document_of(contract)["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _read_operation(contract, method, path, item[method])


def _read_operation(contract: str, method: str, path: str, node: Any) -> Operation:
    place = _Place(contract, ("paths", path, method))
    request = _json_content(place.at("requestBody"))
    answers = {int(status): _json_content(place.at("responses", status)) for status in node["responses"]}
    parameters = [place.at("parameters", str(n)).node for n in range(len(node.get("parameters", [])))]
    request_content = place.at("requestBody").node.get("content", {})
    return Operation(
        contract=contract,
        operation_id=node["operationId"],
        method=method.upper(),
        path=path,
        request_schema=_schema(request),
        request_examples=_examples(request.node) if request else {},
        parameters=tuple(_parameter(contract, one) for one in parameters),
        takes_form="multipart/form-data" in request_content,
        answer_schemas={status: _schema(content) for status, content in answers.items()},
        answer_examples={status: _examples(content.node) if content else {} for status, content in answers.items()},
        effect=node["x-effect"],
    )


def _parameter(contract: str, node: Any) -> Parameter:
    return Parameter(
        name=node["name"],
        place=node["in"],
        is_required=node["required"],
        schema=resolved(node["schema"], contract),
        example=next(iter(_examples(node).values())),
    )


@dataclass(frozen=True)
class _Place:
    """A place in a contract by its path of keys, with `$ref`s on the way followed."""

    contract: str
    keys: tuple[str, ...]

    @property
    def node(self) -> Any:
        node = document_of(self.contract)
        for key in self.keys:
            node = node[int(key)] if isinstance(node, list) else node.get(key, {})
        return node

    @property
    def address(self) -> str:
        keys = (key.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for key in self.keys)
        return f"urn:{self.contract}#/" + "/".join(keys)

    def at(self, *keys: str) -> "_Place":
        place = _Place(self.contract, (*self.keys, *keys))
        reference = place.node.get("$ref") if "schema" not in keys else None
        return _Place(self.contract, tuple(reference.removeprefix("#/").split("/"))) if reference else place


def _json_content(place: _Place) -> _Place | None:
    return place.at("content", "application/json") if "application/json" in place.node.get("content", {}) else None


def _schema(content: _Place | None) -> str | None:
    return content.at("schema").address if content else None


def _examples(node: Any) -> dict[str, Any]:
    if "example" in node:
        return {"example": node["example"]}
    return {name: example["value"] for name, example in node.get("examples", {}).items()}
