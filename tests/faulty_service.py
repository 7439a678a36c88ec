"""The independent service on a bad day: answers get lost before and after the commit, commits come late, lists lag
behind, other people post in between. All of it follows from a seed and from what is sent, not from who comes first.

It lives in the test's own process, so that killing the program does not touch it.
"""

import hashlib
import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.contract.schemas import faults_of_answer, operation_at
from tests.fates import FATES_OF_POSTINGS, FATES_OF_READS, Fate
from tests.faulty_ledger import OtherLedger
from tests.independent_service import IndependentService

READS_BACK = ("get_journal_range", "get_cash_count")


@dataclass
class FaultyService(IndependentService):
    """`rate` and `read_rate` are the chances of a fault, `lag` and `late` are seconds, `beyond` the answer to a range
    without journals (200 with an empty list, or 201). `range_cap` is how many journals a range shows at most,
    `list_cap` how many rows a list, 0 for all; `is_frozen`: reads show what there was when the service started.
    `script` has the fate of a journal's first sending by its reference. A journal is lost in doubt at most once without
    being posted, as the program sends it twice at most. `tap` is called when a request has arrived and when its work is
    done."""

    seed: int = 0
    rate: float = 0.0
    read_rate: float = 0.0
    lag: float = 0.0
    late: float = 0.2
    beyond: int = 200
    others: bool = True
    range_cap: int = 0
    list_cap: int = 0
    is_frozen: bool = False
    script: dict[str, Fate] = field(default_factory=dict)
    tap: Callable[[str, str], None] = lambda _, __: None
    played: list[Fate] = field(default_factory=list)
    arrived: Counter[str] = field(default_factory=Counter)
    _attempts: Counter[str] = field(default_factory=Counter)
    _lost: set[str] = field(default_factory=set)
    _later: list[tuple[float, int | None, Any]] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.ledger = OtherLedger(random.Random(f"{self.seed}/ledger"), self.others)

    @property
    def posted(self) -> Counter[str]:
        """How often each of our journals is in the ledger, by its reference; late ones are awaited."""
        with self.lock:
            self._do_late_work(float("inf"))
            return Counter(one.reference for one in self.ledger.ours)

    def fate_of(self, operation: str, raw: bytes) -> Fate | None:
        """What becomes of a request that has just arrived, None: it is answered as it should be."""
        with self.lock:
            self.arrived[operation] += 1
            mark = hashlib.sha256(raw).hexdigest() if operation == "post_journal" else operation
            self._attempts[mark] += 1
            dice = random.Random(f"{self.seed}/{mark}/{self._attempts[mark]}")
            if operation == "post_journal" and self.script:
                return self.script.pop(json.loads(raw)["requestPolicyDetails"][0]["treference"], None)
            chance, fates = self.rate, FATES_OF_POSTINGS
            if operation != "post_journal":
                chance, fates = (self.read_rate if operation in READS_BACK else 0.0), FATES_OF_READS
            if dice.random() >= chance:
                return None
            fate = dice.choice([one for one in fates if not (mark in self._lost and one.is_in_doubt)])
            if operation == "post_journal" and fate.is_in_doubt:
                self._lost.add(mark)
            self.played.append(fate)
            return fate

    def put_off(self, raw: bytes, *, in_its_place: bool) -> None:
        """Posts later; `in_its_place` under the number that is next now."""
        with self.lock:
            lines = json.loads(raw)["requestPolicyDetails"]
            number = self.ledger.reserve() if in_its_place else None
            self._later.append((time.monotonic() + self.late, number, lines))

    def let_others_post_alike(self, raw: bytes) -> None:
        """Somebody else posts what looks like this journal."""
        with self.lock:
            self.ledger.book_alike(json.loads(raw)["requestPolicyDetails"], time.monotonic())

    def _do_late_work(self, until: float) -> None:
        for one in sorted((one for one in self._later if one[0] <= until), key=lambda one: one[0]):
            self._later.remove(one)
            at, number, lines = one
            self.ledger.book(lines, at, number)

    def _work(self, operation: str, path: str, query: Any, body: Any) -> tuple[int, object]:
        now = time.monotonic()
        self._do_late_work(now)
        if operation not in READS_BACK:
            return super()._work(operation, path, query, body)
        until = self._started if self.is_frozen else now - self.lag
        if operation == "get_cash_count":
            found = self.ledger.movements(body["account"], body["startDate"], body["endDate"], until)
            found = found[: self.list_cap or None]
            self.ledger.dice.shuffle(found)
        else:
            first, last = map(int, path.split("/")[-2:])
            found = self.ledger.between(first, last, until)[: self.range_cap or None]
        answer: tuple[int, dict[str, Any]] = (200, {"message": "Successfully uploaded", "response": found})
        if not found and operation == "get_journal_range" and self.beyond == 201:
            answer = 201, {"message": "Incorrect query", "description": "Nothing", "code": "203", "error": True}
        self.faults += [f"of this service: {fault}" for fault in faults_of_answer(operation, *answer)]
        return answer

    def _post(self, lines: list[dict[str, Any]]) -> tuple[int, object]:
        number = self.ledger.book(lines, time.monotonic())
        posted = {"journalNumber": str(number), "voucherNumber": f"JV2018-{number}"}
        return 200, {"message": "Successful operation", "response": posted}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: FaultyService

    def _handle(self) -> None:
        wanted = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(wanted)
        operation = operation_at(self.command, self.path.partition("?")[0]) or "none"
        self.close_connection = True
        if len(raw) < wanted:  # its sender was killed in the middle: this is no request
            return
        self.service.tap(operation, "arrived")
        fate = self.service.fate_of(operation, raw)
        status, content = 0, b""
        if fate is not None and fate.kind.startswith("late"):
            self.service.put_off(raw, in_its_place=fate.kind == "late-in-its-place")
        elif fate is not None and fate.kind == "look-alike":
            self.service.let_others_post_alike(raw)
        elif fate is None or fate.committed:
            status, answer = self.service.answer(self.command, self.path, dict(self.headers.items()), raw)
            content = json.dumps(answer).encode()
        self.service.tap(operation, "done")
        with suppress(OSError):  # the caller may be dead
            if fate is None:
                self._send(status, content)
            else:
                self._fail(fate, content)

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def _fail(self, fate: Fate, content: bytes) -> None:
        match fate.kind:
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case "hang":
                self.connection.recv(1)  # until the caller gives up
            case "cut":
                self._send(200, content[: len(content) // 2], length=len(content))
            case "torn":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content[: len(content) // 2])
            case "drip":
                self._drip(content)
            case "html":
                self._send(fate.status, b"<html><body>Oops</body></html>", media_type="text/html")
            case "failure":
                told = {"message": "Incorrect query", "description": "Oops", "code": fate.code, "error": True}
                self._send(201, json.dumps(told).encode())
            case "lines-error":
                lines = [{"line": 1, "message": "Period 2018/006 is closed"}]
                told = {"message": "Incorrect query", "description": "Oops", "code": fate.code, "error": True}
                self._send(201, json.dumps(told | {"linesError": lines}).encode())
            case "status":
                self._send(fate.status, b"" if fate.status == 204 else content or b"{}")
            case "redirect":
                self._send(fate.status, b"", location=f"{self.service.url}{self.path}")
            case "refused":
                self._send(fate.status, b'{"message": "gateway"}')
            case "220" | "401" | "404":
                self._send(int(fate.kind), b'{"message": "Unauthenticated."}')

    def _drip(self, content: bytes) -> None:
        """Byte by byte for as long as the caller stays: its deadline must end this, not ours."""
        self.connection.settimeout(0.05)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (len(content) + 10**6))
        for byte in content + b" " * 10**6:
            self.wfile.write(bytes([byte]))
            with suppress(TimeoutError):
                if self.connection.recv(1) == b"":
                    return

    def _send(
        self, status: int, content: bytes, *, length: int = -1, media_type: str = "application/json", location: str = ""
    ) -> None:
        self.send_response_only(status, "X")
        self.send_header("Content-Type", media_type)
        self.send_header("Connection", "close")
        if location:
            self.send_header("Location", location)
        if status != 204:
            self.send_header("Content-Length", str(len(content) if length < 0 else length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's own output stays readable."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A mistake of this service is a fault of the test, told at its end."""
        import traceback

        handler: Any = self.RequestHandlerClass
        handler.service.faults.append(f"of this service: {traceback.format_exc()}")


@contextmanager
def faulty_service(*, poll: float = 0.02, **settings: Any) -> Iterator[FaultyService]:
    """The service on a free port of loopback; the settings are those of `FaultyService`. It sees within `poll` seconds
    that it is to end: two hundred that look fifty times a second are most of a processor."""
    service = FaultyService(refuse=lambda _: None, **settings)
    handler = type("Handler", (_Handler,), {"service": service})
    with _Server(("127.0.0.1", 0), handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(poll,), daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
