"""A distance: carries connections to a port of this machine and back, each direction late by half of a round trip.

`python -m tests.benchmarks.relay PORT SECONDS` prints its own port and carries until its input ends; SECONDS is one
round trip. Connecting takes one round trip too: on loopback a connect itself takes no time, so what is sent first on a
connection waits for it. Only bytes are carried: TLS is from end to end.
"""

import asyncio
import selectors
import sys

_SHORTEST = 1e-6
"""Seconds between two pieces of one direction: the loop does not keep the order of equal moments."""


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: float, late: float) -> None:
    """Hands on what comes, `late` seconds later and nothing before the moment `first`; then the end."""
    loop, due = asyncio.get_running_loop(), first
    try:
        while piece := await reader.read(65536):
            due = max(loop.time() + late, due + _SHORTEST)
            loop.call_at(due, writer.write, piece)
    except OSError:  # whoever was there may have reset the connection
        pass
    loop.call_at(max(loop.time() + late, due + _SHORTEST), writer.close)


async def _serve(to: int, round_trip: float) -> None:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun = asyncio.get_running_loop().time()
        from_service, to_service = await asyncio.open_connection("127.0.0.1", to)
        there = _carry(reader, to_service, begun + 1.5 * round_trip, round_trip / 2)
        back = _carry(from_service, writer, begun, round_trip / 2)
        await asyncio.gather(there, back)

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    # Not epoll: it waits whole milliseconds only, rounded up.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
