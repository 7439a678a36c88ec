"""A service that costs next to nothing: it grants every login, gives every journal a number, shows it again as the
ledger would, and lists the codes of the benchmarks' workbooks; each answer leaves a while after its request was read.

`python -m tests.benchmarks.raw_service SECONDS` prints its port and serves until its input ends. No account has
movements before this service began; it remembers the last thousand journals only.
"""

import asyncio
import itertools
import json
import re
import sys
from collections import deque
from datetime import datetime
from decimal import Decimal
from typing import Any
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

_numbers = itertools.count(1)
_ledger: deque[tuple[int, bytes]] = deque(maxlen=1000)


async def _serve(latency: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await _head(reader):
        path = head.split(b" ", 2)[1]
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        asked = await reader.readexactly(int(length[1]) if length else 0)
        await asyncio.sleep(latency)
        status, answer = _answer(path.decode(), asked)
        body = json.dumps(answer, default=float).encode()
        told = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        writer.write(told + body)
        await writer.drain()
    writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


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


async def _main(latency: float) -> None:
    server = await asyncio.start_server(lambda *pair: _serve(latency, *pair), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
