"""Workers that are killed and a server that crashes: every workbook ends, and every journal is in its ledger once."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import ROOT, home_in, importer
from tests.cli.workbooks import line, write
from tests.fates import Fate
from tests.faulty_service import FaultyService, faulty_service
from tests.postgres import own_server

psycopg = pytest.importorskip("psycopg", reason="PostgreSQL: pip install -e '.[dev]' brings it")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9"),
]

PROFILES, BOOKS, JOURNALS, WORKERS = 10, 6, 2, 3
KILLS_AFTER = (6, 18)
"""So many workbooks have ended when a worker is killed; the server crashes between."""
CRASH_AFTER = 12
MOST_SECONDS = 230


@dataclass
class Office:
    """A folder with the settings of all profiles, the ledgers behind them, and the workers."""

    folder: Path
    store: str
    services: list[FaultyService]
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        secrets = {f"SPX_PASSWORD__P{number}": "canary-password" for number in range(PROFILES)}
        secrets |= {f"SPX_API_KEY__P{number}": "key" for number in range(PROFILES)}
        patience = {"IMPORTER_SETTLE": "3", "IMPORTER_TIMEOUT": "2", "IMPORTER_CONCURRENCY": "2"}
        return secrets | patience | {"IMPORTER_STORE": self.store, "IMPORTER_REPORTS": str(self.folder / "reports")}

    def start_worker(self) -> None:
        arguments = [sys.executable, "-m", "importer", "worker", "--concurrency", "2"]
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache"), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
        environment = home_in(self.folder) | self.environment | cache
        with (self.folder / "workers.log").open("ab") as log:
            self.workers.append(subprocess.Popen(arguments, cwd=self.folder, env=environment, stdout=log, stderr=log))

    def keep_workers(self) -> None:
        """A system starts a worker again that has ended."""
        for worker in [one for one in self.workers if one.poll() is not None]:
            self.workers.remove(worker)
        while len(self.workers) < WORKERS:
            self.start_worker()

    def states(self) -> Counter[str]:
        """How many submissions are in each state."""
        with psycopg.connect(self.store) as connection:
            rows = connection.execute("SELECT state, COUNT(*) FROM submissions GROUP BY state").fetchall()
        return Counter(dict(rows))


@contextmanager
def office(folder: Path) -> Iterator[tuple[Office, Any]]:
    lost = [Fate("reset", committed=True), Fate("reset", committed=False)]
    with own_server(folder / "pg") as server, ExitStack() as stack:
        services = [
            stack.enter_context(
                faulty_service(company=number + 1, others=False, script={f"R{number}-0-0": lost[number % 2]})
            )
            for number in range(PROFILES)
        ]
        settings = [
            f'[profile.p{number}]\nurl = "{service.url}"\nuserid = "treasurer"\nemail = "t@example.org"\n'
            f'company_id = {number + 1}\ninstallation = "LEDGER {number}"\n'
            for number, service in enumerate(services)
        ]
        (folder / "importer.toml").write_text("".join(settings), encoding="utf-8")
        there = Office(folder, server.address, services)
        try:
            yield there, server
        finally:
            for worker in there.workers:
                worker.kill()
                worker.wait()


def submit_all(there: Office) -> None:
    for profile in range(PROFILES):
        books = there.folder / f"p{profile}"
        books.mkdir()
        for book in range(BOOKS):
            rows = [
                line(f"J{number}", side, 1 + number + 10 * book, treference=f"R{profile}-{book}-{number}")
                for number in range(JOURNALS)
                for side in "DC"
            ]
            write(books / f"book{book}.xlsx", rows)
        handed_in = importer("submit", books, "--profile", f"p{profile}", folder=there.folder, **there.environment)
        assert handed_in.code == 0, handed_in.err


def test_sixty_workbooks_go_through_killed_workers_and_a_server_that_crashes(tmp_path: Path) -> None:
    with office(tmp_path) as (there, server):
        submit_all(there)
        kills, crashes = list(KILLS_AFTER), [CRASH_AFTER]
        tick, left = threading.Event(), MOST_SECONDS * 2
        ended = 0
        while ended < PROFILES * BOOKS and left:
            there.keep_workers()
            tick.wait(0.5)  # what the workers do cannot be waited for otherwise: they are processes of their own
            left -= 1
            states = there.states()
            ended = states["done"] + states["stopped"]
            if kills and ended >= kills[0]:
                kills.pop(0)
                there.workers[0].kill()
            if crashes and ended >= crashes[0]:
                crashes.pop(0)
                server.crash()
        log = (tmp_path / "workers.log").read_text(errors="replace")
        assert there.states() == {"done": PROFILES * BOOKS}, log[-3000:]
        assert not kills and not crashes
        for profile, service in enumerate(there.services):
            wanted = [f"R{profile}-{book}-{number}" for book in range(BOOKS) for number in range(JOURNALS)]
            assert service.posted == Counter(wanted)
        with psycopg.connect(there.store) as connection:
            codes = connection.execute("SELECT DISTINCT exit_code FROM submissions").fetchall()
        assert codes == [(0,)]
        for worker in there.workers:
            worker.terminate()
        assert {worker.wait(60) for worker in there.workers} == {0}
