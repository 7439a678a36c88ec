"""A service that costs next to nothing: it grants every login, gives every journal a number, shows it again as the
ledger would, and lists the codes of the benchmarks' workbooks; each answer leaves a while after its request was read.

`python -m tests.benchmarks.raw_service SECONDS PEM ACCOUNTS` prints its port and serves over TLS, with key and
certificate of that file, until its input ends; its company has so many accounts. No account has movements before this
service began; it remembers all journals.
"""

import itertools
import json
import re
import select
import socket
import ssl
import sys
import time
from collections import defaultdict, deque
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from importer.model.journals import DIMENSION_FIELDS

_ZONE = ZoneInfo("America/Mexico_City")
_CODES = ["10", *(f"F{code:02d}" for code in range(20)), *(f"{code:04d}" for code in range(50))]
_CODES += [f"P{code:03d}" for code in range(200)]
_LISTS: dict[str, object] = {
    "dimension": [{"code": code} for code in _CODES],
    "required-analysis-codes": {},
    "type-list": [{"journalType": "GENJ"}],
    "journal-period": [2025010],
    "ledger-definition": {"currentPeriod": 2025010, "fromPeriod": 2025001, "toPeriod": 2025012},
    "company": {"id": 1, "name": "Benchmark", "rfc": "BEN010101AB1"},
}

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_numbers = itertools.count(1)
_ledger: dict[int, bytes] = {}
_movements: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
"""Day and number of the journals that move an account, as far as `_listed` has read the ledger."""
_indexed: list[int] = []


class _Service:
    """One thread that waits for all connections at once. No asyncio: that takes twice the processor time, and at 1,600
    journals a second the service would be what is measured."""

    def __init__(self, latency: float, pem: str) -> None:
        self._latency = latency
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(pem)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._shaking_hands: set[ssl.SSLSocket] = set()
        self._came: dict[socket.socket, bytes] = {}
        self._due: deque[tuple[float, socket.socket, bytes, bytes]] = deque()
        self.port = self._listener.getsockname()[1]

    def serve(self, until: TextIO) -> None:
        """Answers until there is something to be read there, such as its end."""
        while True:
            idle = max(0, self._due[0][0] - time.perf_counter()) if self._due else None
            waiting: list[TextIO | socket.socket] = [until, self._listener, *self._shaking_hands, *self._came]
            # Not epoll or poll: they wait whole milliseconds only, rounded up.
            for one in select.select(waiting, (), (), idle)[0]:
                if not isinstance(one, socket.socket):
                    return
                self._hear(one)
            while self._due and self._due[0][0] <= time.perf_counter():
                self._tell(*self._due.popleft()[1:])

    def _hear(self, connection: socket.socket) -> None:
        """Whoever has asked is heard again after the answer."""
        if connection is self._listener:
            taken = self._listener.accept()[0]
            taken.setblocking(False)
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            encrypted = self._tls.wrap_socket(taken, server_side=True, do_handshake_on_connect=False)
            self._shaking_hands.add(encrypted)
        elif isinstance(connection, ssl.SSLSocket) and connection in self._shaking_hands:
            self._shake_hands(connection)
        else:
            self._read(connection)

    def _shake_hands(self, connection: ssl.SSLSocket) -> None:
        try:
            connection.do_handshake()
        except ssl.SSLWantReadError:
            return
        except OSError:  # whoever came may have gone
            connection.close()
        else:
            self._came[connection] = b""
            self._read(connection)  # the request may have come with the end of the handshake
        self._shaking_hands.discard(connection)

    def _read(self, connection: socket.socket) -> None:
        received = _received(connection)
        if received is None:
            return
        came = self._came.pop(connection) + received
        head, blank, asked = came.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not received:
            connection.close()
        elif blank and len(asked) >= (int(length[1]) if length else 0):
            self._due.append((time.perf_counter() + self._latency, connection, head, asked))
        else:
            self._came[connection] = came
            self._read(connection)  # what TLS has read and not yet given would wake nobody

    def _tell(self, connection: socket.socket, head: bytes, asked: bytes) -> None:
        status, answer = _answer(head.split(b" ", 2)[1].decode(), asked)
        body = json.dumps(answer, default=float).encode()
        head_of_answer = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
            status,
            len(body),
        )
        with suppress(OSError):  # whoever asked may have gone
            connection.setblocking(True)
            connection.sendall(head_of_answer + body)
            connection.setblocking(False)
        if b"Connection: close" in head:
            connection.close()
        else:
            self._came[connection] = b""


def _received(connection: socket.socket) -> bytes | None:
    """b"" when the connection is over, None when nothing more has come yet."""
    try:
        return connection.recv(65536)
    except ssl.SSLWantReadError:
        return None
    except OSError:
        return b""


def _answer(path: str, body: bytes) -> tuple[int, object]:
    match path.partition("?")[0].strip("/").split("/"):
        case [*_, "login"]:
            return 200, {"access_token": "token-of-the-benchmark", "token_type": "bearer", "expires_in": 3600}
        case [*_, "journal"]:
            number = next(_numbers)
            _ledger[number] = body
            return 200, {"response": {"journalNumber": number, "voucherNumber": str(number)}}
        case [*_, "range", first, last]:
            numbers = range(int(first), min(int(last), len(_ledger)) + 1)
            return 200, {"response": [_shown(number, _ledger[number]) for number in numbers]}
        case [*_, "cash-count"]:
            return 200, {"response": _listed(json.loads(body))}
        case [*_, name]:
            return 200, {"response": _LISTS[name]}
    raise AssertionError(path)


def _listed(asked: dict[str, str]) -> list[dict[str, object]]:
    """The movements of an account between two days. A journal is read when somebody first looks after it was posted."""
    for number in range(len(_indexed) + 1, len(_ledger) + 1):
        _indexed.append(number)
        for line in json.loads(_ledger[number])["requestPolicyDetails"]:
            _movements[line["account"]].append((line["transDateTime"], number))
    return [
        {"journalNo": number, "transDateTime": day}
        for day, number in _movements[asked["account"]]
        if asked["startDate"] <= day[:10] <= asked["endDate"]
    ]


def _shown(number: int, posted: bytes) -> dict[str, object]:
    lines = json.loads(posted, parse_float=Decimal)["requestPolicyDetails"]
    return {"lines": [{"journalDetail": _detail(number, line)} for line in lines]}


def _detail(number: int, line: dict[str, Any]) -> dict[str, object]:
    """A line as the range shows it: debits negative, codes in ten members, the day as milliseconds."""
    day = datetime.fromisoformat(line["transDateTime"]).replace(tzinfo=_ZONE)
    return {
        "jrnalNo": number,
        "jrnalLine": line["line"],
        "jrnalType": line["journalType"],
        "accntCode": line["account"],
        "amount": -line["amount"] if line["transaction"] == "D" else line["amount"],
        "dc": line["transaction"],
        **{f"analT{place}": line[name] for place, name in enumerate(DIMENSION_FIELDS)},
        "treference": line["treference"],
        "descriptn": line["description"],
        "convCode": line["currency"],
        "period": line["period"],
        "transDateTime": int(day.timestamp() * 1000),
        "vchrNum": str(number),
    }


if __name__ == "__main__":
    _LISTS["account-list"] = [
        {"code": str(100_000 + number), "name": f"Account {number}"} for number in range(int(sys.argv[3]))
    ]
    service = _Service(float(sys.argv[1]), sys.argv[2])
    print(service.port, flush=True)
    service.serve(until=sys.stdin)
