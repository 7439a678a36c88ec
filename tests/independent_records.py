"""A second, much simpler reading of what the contract says of dimensions and addresses: it keeps every request, judges
it by the contract, and has codes and addresses as they travel. It can fail on a script, with the change made or not."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from importer.model.secrets import Secret
from importer.services.http import HttpClient
from importer.services.session import Credentials, Session
from tests.answering_service import answering_service
from tests.contract.schemas import faults_of_request, operation_at

NO_ANSWER = "no answer"
"""The connection is closed without a word."""

USER_GONE = "221"

REQUIRED = {
    "Analysis1": {"anlCatId": 20, "anlEntId": 138, "entryNum": 1, "shortHeading": "TYPEDOC "},
    "Analysis2": {"anlCatId": 3, "anlEntId": 138, "entryNum": 2, "shortHeading": "FUND"},
}
"""The first is of a category that no operation lists, the second of dimension 03."""


@dataclass(frozen=True)
class Failure:
    """What comes instead of an answer: a code of HTTP 201, `NO_ANSWER` or `USER_GONE`; `is_done`: the change was made
    all the same."""

    answer: str
    is_done: bool = False


@dataclass
class IndependentRecords:
    """`codes` by (catId, code) and `addresses` by code hold what was sent. `writes` are the operations that arrived, in
    order; `script` and `reading_script` fail the next of them (None: as it should be)."""

    url: str = ""
    codes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    addresses: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    writes: list[tuple[str, Any]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    script: list[Failure | None] = field(default_factory=list)
    reading_script: list[Failure | None] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_code(self, category: str, code: str, name: str = "Name", lookup: str = "LOOK", mark: int = 0) -> None:
        """A code that the company has, in columns of fixed width."""
        self.codes[category, code] = {
            "code": code.ljust(15),
            "id": category,
            "lookup": lookup.ljust(15),
            "name": name,
            "prohibitPosting": mark,
            "updateCount": None,
        }

    def add_address(self, code: str, **members: Any) -> None:
        """An address that the company has."""
        blank = dict.fromkeys(
            (*(f"addressLine{n}" for n in range(2, 6)), "area", "faxNumber", "telephoneNumber", "webPageAddress"), ""
        )
        known = {"addressLine1": "Papelería", "lookupCode": "PAP ", "shortHeading": "", "status": 2}
        nulls: dict[str, Any] = {"postalCode": None, "emailAddress": None, "analysisCodes": {}}
        self.addresses[code] = {"addressCode": code.ljust(10), **blank, **known, **nulls, **members}

    def answer(self, method: str, target: str, raw: bytes) -> tuple[int, object] | None:
        """Status and body of an answer; None when the connection is to be closed."""
        parts = urlsplit(target)
        operation = operation_at(method, parts.path)
        if operation is None:
            self.faults.append(f"no such operation: {method} {target}")
            return 404, {}
        body = json.loads(raw) if raw else None
        self.faults += [f"{operation}: {fault}" for fault in faults_of_request(operation, body)]
        if operation == "login":
            return 200, {"message": "Access granted", "access_token": "token", "token_type": "Bearer"}
        query = dict(parse_qsl(parts.query))
        with self.lock:
            if operation.startswith(("list_", "get_")):
                self.reads.append(operation)
                failure = self.reading_script.pop(0) if self.reading_script else None
                return self._failed(failure) if failure else self._read(operation, query)
            self.writes.append((operation, body))
            failure = self.script.pop(0) if self.script else None
            if failure is None or failure.is_done:
                self._write(operation, unquote(parts.path.rpartition("/")[2]), body)
            return self._failed(failure) if failure else (200, {"message": "Correct query"})

    def _failed(self, failure: Failure) -> tuple[int, object] | None:
        if failure.answer == NO_ANSWER:
            return None
        if failure.answer == USER_GONE:
            return 221, {"message": "SPX user not found"}
        words = f"words of {failure.answer}"
        return 201, {"message": "Incorrect query", "description": words, "code": failure.answer, "error": True}

    def _read(self, operation: str, query: Mapping[str, str]) -> tuple[int, object]:
        rows: object
        match operation:
            case "list_dimension_codes":
                rows = [row for (category, _), row in self.codes.items() if category == query["catID"]]
                if not rows:
                    return 201, {"message": "m", "description": "Error data not found", "code": "203", "error": True}
            case "list_addresses":
                rows = list(self.addresses.values())
            case "list_required_analysis_codes":
                rows = REQUIRED
            case _:
                self.faults.append(f"not expected here: {operation}")
                rows = []
        return 200, {"message": "Correct query", "response": rows}

    def _write(self, operation: str, segment: str, body: Any) -> None:
        match operation:
            case "create_dimension_code" | "update_dimension_code":
                self.add_code(body["catId"], body["code"], body["name"], body["lookup"], body["prohibitPosting"])
            case "delete_dimension_code":
                self.codes.pop((body["catId"], body["code"]), None)
            case "create_address" | "update_address":
                self.addresses[body["addressCode"]] = body
            case "delete_address":
                self.addresses.pop(segment, None)


def session_at(records: IndependentRecords) -> Session:
    """A session that does not wait between tries."""
    who = Credentials("treasurer", Secret("password"), "treasurer@example.org", Secret("key"))
    return Session(HttpClient(records.url, 60), who, lambda _: None)


@contextmanager
def independent_records() -> Iterator[IndependentRecords]:
    """The service on a free port of loopback."""
    service = IndependentRecords()

    def respond(method: str, path: str, _: Mapping[str, str], raw: bytes) -> tuple[int, bytes] | None:
        answer = service.answer(method, path, raw)
        return answer and (answer[0], json.dumps(answer[1]).encode())

    with answering_service(respond) as service.url:
        yield service
