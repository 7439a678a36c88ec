"""A second, much simpler reading of the service, written from the contract's schemas alone: it keeps every request,
judges it by the contract, and shows its ledger again. The sandbox is not the client's only judge."""

import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.answering_service import answering_service
from tests.contract.schemas import faults_of_request, operation_at
from tests.faulty_ledger import OtherLedger

Refusal = Callable[[Mapping[str, Any]], str | None]
"""A line of a journal to what is wrong with it, None when it is fine."""


@dataclass
class IndependentService:
    """`faults` collects every breach of the contract by the client; `journals` the lines of each posted journal.
    Journals of the references in `unanswered` are kept by themselves and answered by 500."""

    refuse: Refusal
    url: str = ""
    faults: list[str] = field(default_factory=list)
    journals: list[list[dict[str, Any]]] = field(default_factory=list)
    unanswered: dict[str, list[dict[str, Any]] | None] = field(default_factory=dict)
    logins: int = 0
    company: int = 5
    ledger: OtherLedger = field(default_factory=lambda: OtherLedger(random.Random(1), others=False, last=6993))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> tuple[int, object]:
        parts = urlsplit(target)
        operation = operation_at(method, parts.path)
        if operation is None:
            self.faults.append(f"no such operation: {method} {target}")
            return 404, {"message": "no such operation"}
        body = json.loads(raw, parse_float=Decimal) if raw else None
        self.faults += [f"{operation}: {fault}" for fault in faults_of_request(operation, body)]
        self._judge_headers(operation, headers, raw)
        query = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        with self.lock:
            return self._work(operation, parts.path, query, body)

    def _judge_headers(self, operation: str, headers: Mapping[str, str], raw: bytes) -> None:
        if headers.get("Content-Type") != "application/json":
            self.faults.append(f"{operation}: Content-Type {headers.get('Content-Type')}")
        if operation == "login":
            if headers.get("API-Key") != "Bearer key" or "Authorization" in headers:
                self.faults.append("login: headers")
        elif headers.get("Authorization") != "bearer token" or "API-Key" in headers:
            self.faults.append(f"{operation}: headers")
        if b"E+" in raw or b"e+" in raw:
            self.faults.append(f"{operation}: a number with an exponent")

    def _work(self, operation: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, object]:
        match operation:
            case "login":
                self.logins += 1
                return 200, {"message": "Access granted", "access_token": "token", "token_type": "Bearer"}
            case "get_company":
                company = {
                    "id": self.company,
                    "name": "IAN",
                    "rfc": "IAS930628FA8",
                    "businessName": "x",
                    "address": "y",
                }
                return 200, {"message": "Correct query", "response": company}
            case "list_accounts":
                return 200, {"message": "Correct query", "response": [_account(query["part"])]}
            case "list_dimension_codes":
                return 200, {"message": "Correct query", "response": [_code(query["catID"])]}
            case "list_journal_types":
                types = [{"journalName": "Journal Voucher", "journalType": "JV "}]
                return 200, {"message": "Correct query", "response": types}
            case "get_ledger_definition":
                periods = {"currentPeriod": "2018006", "fromPeriod": "2018001 ", "toPeriod": "2020012 "}
                return 200, {"message": "Correct query", "response": periods}
            case "list_journal_periods":
                return 200, {"message": "Correct query", "response": [2018006, 2018007]}
            case "post_journal":
                return self._post(body["requestPolicyDetails"])
            case "get_cash_count":
                rows = self.ledger.movements(body["account"], body["startDate"], body["endDate"], until=0)
                return 200, {"message": "Correct query", "response": rows}
            case "get_journal_range":
                first, last = path.rsplit("/", 2)[-2:]
                found = self.ledger.between(int(first), int(last), until=0)
                return 200, {"message": "Correct query", "response": found}
        self.faults.append(f"not expected in a run: {operation}")
        return 404, {}

    def _post(self, lines: list[dict[str, Any]]) -> tuple[int, object]:
        complaints = [
            {"line": line["line"], "message": complaint} for line in lines if (complaint := self.refuse(line))
        ]
        if complaints:
            return 201, {
                "message": "Incorrect query",
                "description": "Error returned by SunPlus",
                "code": "201",
                "error": True,
                "linesError": complaints,
            }
        if lines[0]["treference"] in self.unanswered:
            self.unanswered[lines[0]["treference"]] = lines
            return 500, {}
        self.journals.append(lines)
        number = self.ledger.last = self.ledger.last + 1
        self.ledger.book(lines, at=0, number=number)
        posted = {"journalNumber": str(number), "voucherNumber": f"JV2018-{number}"}
        return 200, {"message": "Successful operation", "response": posted}


def _account(part: str) -> dict[str, Any]:
    """The account asked for; when only its beginning was asked, one that begins so: this service matches exactly."""
    enter = {f"enterA{number}": 2 for number in range(1, 11)}
    return {"code": part, "name": "Cash", "status": 0, "id": f"{part} ", **enter}


def _code(dimension: str) -> dict[str, Any]:
    return {"code": "10 ", "id": dimension, "lookup": "x ", "name": "x", "prohibitPosting": 0, "updateCount": None}


@contextmanager
def independent_service(refuse: Refusal = lambda _: None) -> Iterator[IndependentService]:
    """The service on a free port of loopback."""
    service = IndependentService(refuse)

    def respond(method: str, path: str, headers: Mapping[str, str], raw: bytes) -> tuple[int, bytes]:
        status, body = service.answer(method, path, headers, raw)
        return status, json.dumps(body).encode()

    with answering_service(respond) as service.url:
        yield service
