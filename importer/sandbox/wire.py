"""The connection below an answer: within the reach of whoever has to break it."""

import asyncio
import socket
import struct
import sys
from contextlib import suppress

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

PRACTICE_HEADER = "X-Importer-Sandbox"
"""By this header every answer says that the company is invented."""

_WIRE = "importer.sandbox.wire"


class Wire(H11Protocol):
    """HTTP as uvicorn speaks it, with the connection in the scope of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # narrower than asyncio's, as in uvicorn
        """Called by asyncio once there is a connection."""
        super().connection_made(transport)
        application = self.app

        async def on_this_wire(scope: Scope, receive: Receive, send: Send) -> None:
            await application({**scope, _WIRE: transport}, receive, send)

        self.app = on_this_wire


def transport_of(scope: Scope) -> asyncio.Transport:
    """The connection that a request came by."""
    transport: asyncio.Transport = scope[_WIRE]
    return transport


def reset(transport: asyncio.Transport) -> None:
    """Ends a connection so that the other side sees a reset, not an end."""
    with suppress(OSError):
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


async def wait_for_the_end(receive: Receive) -> None:
    """Returns when the connection has ended."""
    while (await receive())["type"] != "http.disconnect":
        pass
