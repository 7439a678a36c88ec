"""The sandbox as a server on loopback: in a thread of this process, or in the foreground for the command."""

import asyncio
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import uvicorn

from importer.sandbox.application import Service, build_application
from importer.sandbox.changes import keeping, read_company
from importer.sandbox.company import Company
from importer.sandbox.operations import Access, Credentials
from importer.sandbox.switches import Dialect, Switches

LOOPBACK = "127.0.0.1"

SANDBOX_HEADER = "X-Importer-Sandbox"
"""By this header every answer says that the company is invented; its value tells one such company from another."""

WriteLine = Callable[[str], object]
"""Takes a line of the access log, end of line included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Credentials):
    """How to reach a running sandbox, and what its logins need. `spx_url` includes the base path of the dialect;
    `sovos_url` is the host alone, as Sovos has its own paths."""

    spx_url: str
    sovos_url: str


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox as a test sees it: from outside by `address`, from inside by the rest."""

    address: Address
    service: Service = field(repr=False)

    @property
    def company(self) -> Company:
        """The live company with its lists and ledger."""
        return self.service.company

    @property
    def calls(self) -> Counter[str]:
        """How many requests of each operation have arrived."""
        return self.service.calls

    def switch(self, **changes: Any) -> None:
        """Changes switches, named as in `Switches`, from the next request on."""
        self.service.switches = replace(self.service.switches, **changes)


class _Server(uvicorn.Server):
    """Tells when it has started, and can be stopped from another thread without uvicorn's pauses of a tenth of a second
    before and after the stop: a run in the sandbox and hundreds of tests would wait for them."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    def stop(self) -> None:
        """Ends a server that has started."""
        self.should_exit = True
        with suppress(RuntimeError):  # it ends by itself, and its loop is closed
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        self._on_started()

    async def main_loop(self) -> None:
        tick = 0
        while not await self.on_tick(tick):
            tick += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers under way have a second, unless nobody waits for them any more."""
        state = self.server_state
        for server in self.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # those that were idle are gone now
        if state.connections and state.tasks:
            await asyncio.wait(state.tasks, timeout=1)
        for task in list(state.tasks):
            task.cancel()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


@contextmanager
def running(
    *,
    port: int = 0,
    switches: Switches | None = None,
    company: Company | None = None,
    dialect: Dialect | str = Dialect.DOCUMENT,
    data: Path | None = None,
    log: WriteLine | None = None,
) -> Iterator[Sandbox]:
    """A sandbox in a background thread, ready when the block begins and gone when it ends.

    `port` 0 takes a free one; `switches` are readings of the contract to begin with; `company` replaces the one that
    comes with the program (see `read_company`); `dialect` is "document" or "live"; `data` is a folder in which the
    company is kept between starts; `log` gets the lines of the access log. Raises OSError when the port is taken,
    ValueError for another dialect, and `BrokenFolderError` when `data` cannot be used.
    """
    service = _service(switches or Switches(), company or read_company(), dialect)
    with keeping(service.company, data):
        ready = threading.Event()
        listener = _listen(port)
        server = _Server(_config(service, log), ready.set)
        thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
        thread.start()
        try:
            while not ready.wait(0.1):
                if not thread.is_alive():
                    raise RuntimeError("the sandbox did not start")
            yield Sandbox(_address(listener, service), service)
        finally:
            if thread.is_alive():
                server.stop()
            thread.join()
            listener.close()


def serve_forever(
    port: int,
    switches: Switches,
    on_ready: Callable[[Address], None],
    *,
    dialect: Dialect | str = Dialect.DOCUMENT,
    data: Path | None = None,
    log: WriteLine | None = None,
) -> None:
    """A sandbox in the foreground until SIGINT or SIGTERM; calls `on_ready` once it can be reached.

    The other arguments as `running`; at SIGINT it raises KeyboardInterrupt, as uvicorn hands the signal on.
    """
    service = _service(switches, read_company(), dialect)
    with keeping(service.company, data), _listen(port) as listener:
        address = _address(listener, service)
        _Server(_config(service, log), lambda: on_ready(address)).run([listener])


def _service(switches: Switches, company: Company, dialect: Dialect | str) -> Service:
    return Service(company, Access(Credentials.generate()), switches, Dialect(dialect))


def _listen(port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named; else each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            # A port left moments ago can be taken again; on Windows two servers could share it.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    return listener


def _config(service: Service, log: WriteLine | None) -> uvicorn.Config:
    return uvicorn.Config(
        build_application(service, log),
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        headers=[(SANDBOX_HEADER, service.company.identity)],
        timeout_keep_alive=75,
    )


def _address(listener: socket.socket, service: Service) -> Address:
    host = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    known = asdict(service.access.credentials)
    return Address(**known, spx_url=host + service.dialect.base_path, sovos_url=host)
