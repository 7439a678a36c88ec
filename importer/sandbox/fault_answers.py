"""Answers that break on their way: never sent, sent in part, sent slowly."""

import asyncio
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from importer.sandbox.wire import PRACTICE_HEADER, reset, transport_of, wait_for_the_end


class Dropped(Response):
    """No answer: the connection is closed, or reset."""

    def __init__(self, *, with_reset: bool = False) -> None:
        super().__init__()
        self.with_reset = with_reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = transport_of(scope)
        if self.with_reset:
            reset(transport)
        else:
            transport.close()
        await wait_for_the_end(receive)


class Cut(Response):
    """The head of an answer and half of its body; then the connection is closed.

    Without `tells_length` the end of the connection is the end of the body, as HTTP/1.0 has it.
    """

    def __init__(self, whole: Response, *, tells_length: bool) -> None:
        super().__init__()
        self.whole = whole
        self.tells_length = tells_length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.whole.body)
        transport = transport_of(scope)
        transport.write(_head(self.whole, tells_length=self.tells_length) + body[: len(body) // 2])
        transport.close()
        await wait_for_the_end(receive)


class Dripping(Response):
    """A whole answer, byte by byte, for as long as somebody listens."""

    def __init__(self, whole: Response, seconds: float) -> None:
        super().__init__()
        self.whole = whole
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = transport_of(scope)
        ended = asyncio.ensure_future(wait_for_the_end(receive))
        for byte in _head(self.whole, tells_length=True) + bytes(self.whole.body):
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
            await asyncio.wait_for(wait_for_the_end(receive), self.seconds)
            return
        await self.answer(scope, receive, send)


def _head(answer: Response, *, tells_length: bool) -> bytes:
    """Status line and headers, as uvicorn would write them; the connection ends with the answer."""
    own = [(name.encode(), value.encode()) for name, value in ((PRACTICE_HEADER, "fault"), ("connection", "close"))]
    headers = [pair for pair in answer.raw_headers if tells_length or pair[0].lower() != b"content-length"]
    lines = [b"HTTP/1.1 %d " % answer.status_code, *(b"%s: %s" % pair for pair in (*headers, *own))]
    return b"\r\n".join([*lines, b"", b""])
