"""A service that costs next to nothing: it grants every login and gives every journal a number, a while after it has
read the request. `python -m tests.benchmarks.raw_service SECONDS` prints its port and serves until its input ends."""

import asyncio
import itertools
import json
import re
import sys

_numbers = itertools.count(1)


async def _serve(latency: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await _head(reader):
        path = head.split(b" ", 2)[1]
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        await asyncio.sleep(latency)
        body = json.dumps(_answer(path.decode())).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
        writer.write(body)
        await writer.drain()
    writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def _answer(path: str) -> dict[str, object]:
    if path.endswith("login"):
        return {"access_token": "token-of-the-benchmark", "token_type": "bearer", "expires_in": 3600}
    number = next(_numbers)
    return {"response": {"journalNumber": number, "voucherNumber": str(number)}}


async def _main(latency: float) -> None:
    server = await asyncio.start_server(lambda *pair: _serve(latency, *pair), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
