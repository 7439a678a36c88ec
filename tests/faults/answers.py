"""Answers that break on their way: never sent, sent in part, sent slowly.

They write to the connection itself, which uvicorn's own `receive` knows.
"""

import asyncio
import socket
import struct
import sys
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from importer.sandbox.server import SANDBOX_HEADER


class Dropped(Response):
    """No answer: the connection is closed, or reset."""

    def __init__(self, *, with_reset: bool = False) -> None:
        super().__init__()
        self.with_reset = with_reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = _transport_of(receive)
        if self.with_reset:
            _reset(transport)
        else:
            transport.close()
        await _wait_for_the_end(receive)


class Cut(Response):
    """The head of an answer and half of its body; then the connection is closed.

    Without `has_length` the end of the connection is the end of the body, as HTTP/1.0 has it.
    """

    def __init__(self, whole: Response, *, has_length: bool) -> None:
        super().__init__()
        self.whole = whole
        self.has_length = has_length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.whole.body)
        transport = _transport_of(receive)
        transport.write(_head(self.whole, has_length=self.has_length) + body[: len(body) // 2])
        transport.close()
        await _wait_for_the_end(receive)


class Dripping(Response):
    """A whole answer, byte by byte, for as long as somebody listens."""

    def __init__(self, whole: Response, seconds: float) -> None:
        super().__init__()
        self.whole = whole
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = _transport_of(receive)
        ended = asyncio.ensure_future(_wait_for_the_end(receive))
        for byte in _head(self.whole, has_length=True) + bytes(self.whole.body):
            transport.write(bytes([byte]))
            await asyncio.wait([ended], timeout=self.seconds)
            if ended.done():
                break
        transport.close()
        await ended


class Slow(Response):
    """An answer after a while; none when nobody waits for it any more."""

    def __init__(self, answer: Response, seconds: float) -> None:
        super().__init__()
        self.answer = answer
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(_wait_for_the_end(receive), self.seconds)
            return
        await self.answer(scope, receive, send)


def _head(answer: Response, *, has_length: bool) -> bytes:
    """Status line and headers, as uvicorn would write them; the connection ends with the answer."""
    own = [(name.encode(), value.encode()) for name, value in ((SANDBOX_HEADER, "fault"), ("connection", "close"))]
    headers = [pair for pair in answer.raw_headers if has_length or pair[0].lower() != b"content-length"]
    lines = [b"HTTP/1.1 %d " % answer.status_code, *(b"%s: %s" % pair for pair in (*headers, *own))]
    return b"\r\n".join([*lines, b"", b""])


def _transport_of(receive: Receive) -> asyncio.Transport:
    """The connection that a request came by: `receive` is a method of uvicorn's cycle of request and response."""
    transport: asyncio.Transport = getattr(receive, "__self__").transport  # noqa: B009  # no attribute of a Callable
    return transport


def _reset(transport: asyncio.Transport) -> None:
    """Ends a connection so that the other side sees a reset, not an end."""
    with suppress(OSError):
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


async def _wait_for_the_end(receive: Receive) -> None:
    """Returns when the connection has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass
