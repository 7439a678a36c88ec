"""HTTP by hand, byte for byte, with a sandbox that plays faults while its time stands still."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from importer.sandbox import Sandbox, running
from tests.faults import FaultPlayer, FaultScript, play
from tests.sandbox.caller import PATIENCE, Caller, calling, journal


@dataclass
class Raw:
    """Speaks HTTP by hand to a sandbox whose time stands still until the test moves it on."""

    sandbox: Sandbox
    player: FaultPlayer
    caller: Caller
    log: list[str]
    now: list[float]
    at_start: int
    lost: list[type[OSError]] = field(default_factory=list)

    def post(self, path: str, body: object = None) -> bytes:
        """All bytes that come back until the connection ends."""
        with self.connected(path, body) as connection:
            received = b""
            try:
                while more := connection.recv(4096):
                    received += more
            except ConnectionResetError as error:
                self.lost.append(type(error))
        return received

    @contextmanager
    def connected(self, path: str, body: object = None) -> Iterator[socket.socket]:
        """A connection on which a request has just left."""
        address = urlsplit(self.sandbox.address.spx_url)
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"POST {address.path}{path} HTTP/1.1\r\nHost: 127.0.0.1:{address.port}\r\nConnection: close\r\n"
            f"Authorization: {self.caller.authorization}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", address.port or 0), timeout=PATIENCE) as connection:
            connection.sendall(head.encode() + content)
            yield connection

    def journal(self) -> bytes:
        """The same for the contract's example of a posting."""
        return self.post("/journal", journal())

    @property
    def log_lines(self) -> list[str]:
        """The lines of the log, without the login; complete when the block has ended."""
        return [line for line in self.log if " login " not in line]

    @property
    def posted(self) -> int:
        """How many journals were posted since the start."""
        return len(self.sandbox.company.ledger.journals) - self.at_start


@contextmanager
def playing(script: FaultScript | str) -> Iterator[Raw]:
    """A sandbox with a script of faults, its clock at 0, and whoever speaks to it."""
    log: list[str] = []
    now = [0.0]
    with running(log=log.append) as sandbox:
        player = play(sandbox, script, clock=lambda: now[0])
        with calling(sandbox.address) as caller:
            yield Raw(sandbox, player, caller, log, now, len(sandbox.company.ledger.journals))
