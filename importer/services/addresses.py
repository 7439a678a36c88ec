"""Where a server's name leads, kept for a minute.

Each request has a connection of its own: without this it would ask the network for the name too, thousands of times a
run. That can stand still for longer than any deadline allows, and cost 32 workers two hundredths of the ideal rate.
"""

import socket
import time
from dataclasses import dataclass
from typing import Any

KEPT_SECONDS = 60.0

Address = tuple[int, int, int, Any]
"""Family, kind and protocol of the socket that reaches it, and what that is to be connected to."""


@dataclass(frozen=True, slots=True)
class _Found:
    addresses: tuple[Address, ...]
    kept_until: float


class Addresses:
    """The addresses of servers. Safe to use from several threads."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], _Found] = {}

    def of(self, host: str, port: int) -> tuple[Address, ...]:
        """All addresses in the order in which they are to be tried. Raises OSError when the name leads nowhere."""
        found = self._found.get((host, port))
        if found is None or time.monotonic() >= found.kept_until:
            # As bytes: a text would be brought into IDNA once more.
            told = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
            addresses = tuple((family, kind, protocol, address) for family, kind, protocol, _, address in told)
            found = self._found[host, port] = _Found(addresses, time.monotonic() + KEPT_SECONDS)
        return found.addresses

    def forget(self, host: str, port: int) -> None:
        """None of them could be reached: the server may have moved, so the network is asked again next time."""
        self._found.pop((host, port), None)
