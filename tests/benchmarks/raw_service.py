"""A service that costs next to nothing: it grants every login, gives every journal a number, shows it again as the
ledger would, and lists the codes of the benchmarks' workbooks; each answer leaves a while after its request was read.

`python -m tests.benchmarks.raw_service SECONDS` prints its port and serves until its input ends. No account has
movements before this service began; it remembers the last thousand journals only.
"""

import asyncio
import itertools
import json
import re
import selectors
import sys
from collections import deque
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from importer.model.journals import DIMENSION_FIELDS

_ZONE = ZoneInfo("America/Mexico_City")
_CODES = ["10", *(f"F{code:02d}" for code in range(20)), *(f"{code:04d}" for code in range(50))]
_CODES += [f"P{code:03d}" for code in range(200)]
_LISTS: dict[str, object] = {
    "account-list": [{"code": str(100_000 + account)} for account in range(900)],
    "dimension": [{"code": code} for code in _CODES],
    "type-list": [{"journalType": "GENJ"}],
    "journal-period": [2025010],
    "ledger-definition": {"currentPeriod": 2025010, "fromPeriod": 2025001, "toPeriod": 2025012},
    "company": {"id": 1, "name": "Benchmark", "rfc": "BEN010101AB1"},
    "cash-count": [],
}

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_numbers = itertools.count(1)
_ledger: deque[tuple[int, bytes]] = deque(maxlen=1000)


class _Service(asyncio.Protocol):
    """One connection. The protocol itself and no stream: a stream with a task costs twice as much, and then the
    service would be what is measured."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, blank, asked = self._came.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if blank and len(asked) >= (int(length[1]) if length else 0):
            self._came = b""
            path = head.split(b" ", 2)[1].decode()
            asyncio.get_running_loop().call_later(self._latency, self._tell, path, asked)

    def _tell(self, path: str, asked: bytes) -> None:
        status, answer = _answer(path, asked)
        body = json.dumps(answer, default=float).encode()
        told = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        self._transport.write(told + body)


def _answer(path: str, body: bytes) -> tuple[int, object]:
    match path.partition("?")[0].strip("/").split("/"):
        case [*_, "login"]:
            return 200, {"access_token": "token-of-the-benchmark", "token_type": "bearer", "expires_in": 3600}
        case [*_, "journal"]:
            number = next(_numbers)
            _ledger.append((number, body))
            return 200, {"response": {"journalNumber": number, "voucherNumber": str(number)}}
        case [*_, "range", first, last]:
            shown = [_shown(number, posted) for number, posted in _ledger if int(first) <= number <= int(last)]
            return 200, {"response": shown}
        case [*_, name]:
            return 200, {"response": _LISTS[name]}
    raise AssertionError(path)


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


def _precise_loop() -> asyncio.AbstractEventLoop:
    """epoll waits whole milliseconds only, rounded up: a twentieth of the shortest latency, and answers in bunches."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


async def _main(latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Service(latency), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_precise_loop) as runner:
        runner.run(_main(float(sys.argv[1])))
