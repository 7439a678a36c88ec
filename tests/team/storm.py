"""A storm over the queue: workers that are killed, connections that are cut and a server that crashes, while workbooks
of many companies go through whose services lose answers; `python -m tests.team.storm` is the long one, by hand."""

import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.cli.commands import ROOT, home_in, importer
from tests.cli.workbooks import line, write
from tests.fates import Fate
from tests.faulty_service import FaultyService, faulty_service
from tests.postgres import OwnServer, own_server

JOURNALS = 2
TICK = 0.5


@dataclass(frozen=True)
class Storm:
    """How large it is, and what goes wrong when so many workbooks have ended: a worker is killed, all connections of
    the database are cut, its server crashes. `timeout` is that of the workers' requests, in seconds."""

    profiles: int
    books: int
    workers: int
    kills: Sequence[int]
    cuts: Sequence[int]
    crashes: Sequence[int]
    most_seconds: float
    timeout: int = 2

    @property
    def submissions(self) -> int:
        """How many there are of all profiles together."""
        return self.profiles * self.books


@dataclass
class Office:
    """A folder with the settings of all profiles, the ledgers behind them, and the workers."""

    folder: Path
    storm: Storm
    server: OwnServer
    services: list[FaultyService]
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the commands, and the secrets of all profiles."""
        secrets = {f"SPX_PASSWORD__P{number}": "canary-password" for number in range(self.storm.profiles)}
        secrets |= {f"SPX_API_KEY__P{number}": "key" for number in range(self.storm.profiles)}
        patience = {"IMPORTER_SETTLE": "3", "IMPORTER_TIMEOUT": str(self.storm.timeout), "IMPORTER_CONCURRENCY": "2"}
        reports = str(self.folder / "reports")
        return secrets | patience | {"IMPORTER_STORE": self.server.address, "IMPORTER_REPORTS": reports}

    def keep_workers(self) -> None:
        """As a system that starts a worker again that has ended."""
        for worker in [one for one in self.workers if one.poll() is not None]:
            self.workers.remove(worker)
        while len(self.workers) < self.storm.workers:
            self._start_worker()

    def _start_worker(self) -> None:
        arguments = [sys.executable, "-m", "importer", "worker", "--concurrency", "2"]
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache"), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
        environment = home_in(self.folder) | self.environment | cache
        with (self.folder / "workers.log").open("ab") as log:
            self.workers.append(subprocess.Popen(arguments, cwd=self.folder, env=environment, stdout=log, stderr=log))

    def submit_all(self) -> None:
        """Hands in the workbooks of all profiles."""
        for profile in range(self.storm.profiles):
            books = self.folder / f"p{profile}"
            books.mkdir()
            for book in range(self.storm.books):
                rows = [
                    line(f"J{number}", side, 1 + number + 10 * book, treference=f"R{profile}-{book}-{number}")
                    for number in range(JOURNALS)
                    for side in "DC"
                ]
                write(books / f"book{book}.xlsx", rows)
            handed_in = importer("submit", books, "--profile", f"p{profile}", folder=self.folder, **self.environment)
            assert handed_in.code == 0, handed_in.err

    def states(self) -> Counter[str]:
        """How many submissions are in each state."""
        with psycopg.connect(self.server.address) as connection:
            rows = connection.execute("SELECT state, COUNT(*) FROM submissions GROUP BY state").fetchall()
        return Counter(dict(rows))

    def exit_codes(self) -> Counter[int]:
        """How many submissions ended with each exit code."""
        with psycopg.connect(self.server.address) as connection:
            rows = connection.execute("SELECT exit_code, COUNT(*) FROM submissions GROUP BY exit_code").fetchall()
        return Counter(dict(rows))

    def cut_connections(self) -> None:
        """Ends every connection to the database but the one that asks for it."""
        with psycopg.connect(self.server.address) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def posted_otherwise_than_once(self) -> dict[str, int]:
        """The journals that are not in their ledger exactly once, by reference, with how often they are; any that was
        not sent at all counts 0."""
        found: dict[str, int] = {}
        for profile, service in enumerate(self.services):
            wanted = {f"R{profile}-{book}-{one}" for book in range(self.storm.books) for one in range(JOURNALS)}
            found |= {one: service.posted[one] for one in wanted | service.posted.keys() if service.posted[one] != 1}
        return found

    def not_posted(self) -> list[str]:
        """What the store holds of each journal that it does not know as posted."""
        with psycopg.connect(self.server.address) as connection:
            rows = connection.execute(
                "SELECT company, file, document_key, state, attempts, doubts, denials, in_doubt_since, absent_looks"
                " FROM journals WHERE state <> 'posted'"
            ).fetchall()
        return [", ".join(map(str, row)) for row in rows]

    def run(self) -> bool:
        """Lets the storm go on until every submission has ended; False when its time was up before."""
        kills, cuts, crashes = list(self.storm.kills), list(self.storm.cuts), list(self.storm.crashes)
        tick, left, ended = threading.Event(), self.storm.most_seconds / TICK, 0
        while ended < self.storm.submissions and left > 0:
            self.keep_workers()
            tick.wait(TICK)  # what the workers do cannot be waited for otherwise: they are processes of their own
            left -= 1
            states = self.states()
            ended = states["done"] + states["stopped"]
            if kills and ended >= kills[0]:
                kills.pop(0)
                self.workers[0].kill()
            if cuts and ended >= cuts[0]:
                cuts.pop(0)
                self.cut_connections()
            if crashes and ended >= crashes[0]:
                crashes.pop(0)
                self.server.crash()
        return ended == self.storm.submissions and not (kills or cuts or crashes)

    def end_workers(self) -> set[int]:
        """Asks all workers to end; their exit codes."""
        for worker in self.workers:
            worker.terminate()
        return {worker.wait(60) for worker in self.workers}


@contextmanager
def office(folder: Path, storm: Storm) -> Iterator[Office]:
    """An office whose services each lose one answer: every second one after it has posted the journal."""
    lost = [Fate("reset", committed=True), Fate("reset", committed=False)]
    with own_server(folder / "pg") as server, ExitStack() as stack:
        services = [
            stack.enter_context(
                faulty_service(poll=0.2, company=number + 1, others=False, script={f"R{number}-0-0": lost[number % 2]})
            )
            for number in range(storm.profiles)
        ]
        settings = [
            f'[profile.p{number}]\nurl = "{service.url}"\nuserid = "treasurer"\nemail = "t@example.org"\n'
            f'company_id = {number + 1}\ninstallation = "LEDGER {number}"\n'
            for number, service in enumerate(services)
        ]
        (folder / "importer.toml").write_text("".join(settings), encoding="utf-8")
        there = Office(folder, storm, server, services)
        try:
            yield there
        finally:
            for worker in there.workers:
                worker.kill()
                worker.wait()


def _by_hand(profiles: int, books: int) -> None:
    ended = profiles * books
    kills = range(ended // 20, ended, ended // 20)
    storm = Storm(profiles, books, 8, kills, [ended // 3, 2 * ended // 3], [ended // 2], 4 * ended + 600, timeout=20)
    with tempfile.TemporaryDirectory() as folder, office(Path(folder), storm) as there:
        started = time.monotonic()
        there.submit_all()
        handed_in = time.monotonic()
        has_ended = there.run()
        seconds = time.monotonic() - handed_in
        print(
            f"{ended} workbooks of {profiles} profiles, {handed_in - started:.0f} s to hand in, {seconds:.0f} s to end"
        )
        print(f"{len(kills)} kills, {len(storm.cuts)} cuts, {len(storm.crashes)} crash; all ended: {has_ended}")
        print(f"states {dict(there.states())}, exit codes {dict(there.exit_codes())}")
        print(f"{ended * JOURNALS} journals; not once: {there.posted_otherwise_than_once()}")
        print(*there.not_posted(), sep="\n")
        print(f"workers ended with {there.end_workers()}")


if __name__ == "__main__":
    _by_hand(*(int(one) for one in sys.argv[1:3])) if sys.argv[2:] else _by_hand(200, 10)
