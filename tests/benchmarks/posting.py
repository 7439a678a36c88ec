"""How near posting over https comes to what a service's latency allows, and what it costs the processor."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.certificates import Certificates, certificates_in
from tests.benchmarks.checking import RunRequest
from tests.benchmarks.durability import durability
from tests.benchmarks.goals import Figure, table
from tests.benchmarks.measuring import ROOT
from tests.benchmarks.sending import CLIENTS
from tests.benchmarks.whole_run import Whole, whole_run

LATENCIES = (0.02, 0.1)
WORKERS = (8, 16, 32)
_GOALS = {8: 0.88, 32: 0.80}
"""The share of the ideal rate that so many workers must reach at the longer latency."""
_SECONDS = 3
"""So long a measurement would last at the ideal rate."""


@dataclass(frozen=True)
class Load:
    """So many workers at once, each of whose requests waits so many seconds for its answer."""

    latency: float
    workers: int

    @property
    def ideal(self) -> float:
        """Journals a second when nothing but the latency took time."""
        return self.workers / self.latency

    @property
    def journals(self) -> int:
        """How many are posted."""
        return round(_SECONDS * self.ideal)

    def __str__(self) -> str:
        return f"{self.latency * 1000:.0f} ms, {self.workers} at once"


@dataclass(frozen=True)
class Sent:
    """What posting took: the share of the ideal rate, microseconds of the processor for each journal, megabytes."""

    share: float
    cost: float
    megabytes: float


@dataclass(frozen=True)
class Served:
    """Where the service is, and the certificates by which it is known."""

    port: int
    trusted: Path


def posting(asked: RunRequest) -> tuple[str, list[Figure]]:
    """The client by latency and workers beside bare ones, what a durable store adds, and whole runs."""
    rows: list[list[str]] = []
    figures: list[Figure] = []
    whole: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        certificates = certificates_in(Path(folder))
        for latency in LATENCIES:
            loads = [Load(latency, workers) for workers in WORKERS]
            with service(latency, certificates) as at:
                for load in loads:
                    found = _best(asked, at, load)
                    rows.append(_row(load, found))
                    figures += _figures(load, found)
            whole += [_whole_row(asked, load, certificates) for load in loads]
        with service(LATENCIES[0], certificates) as at:
            few, many = (_sent(asked, "importer", at, Load(0.02, 16), count).megabytes for count in (500, 4000))
    figures.append(Figure("memory, 4,000 journals : 500", many / few, most=1.1))
    headings = ["one journal of ten lines: share of ideal, CPU", "ideal", *_NAMES.values()]
    stored, more = durability(asked.folder)
    shown = (table(headings, rows), table(_WHOLE, whole), stored)
    return "\n\n".join(shown), figures + more


_NAMES = {
    "importer": "importer",
    "http.client": "http.client, new connections",
    "httpx-new": "httpx, new connections",
    "httpx-kept": "httpx, kept connections",
}
_WHOLE = [
    "importer run: read, check, look, post, verify, report",
    "wall",
    "journals",
    "share of ideal",
    "CPU",
    "memory",
]


def _row(load: Load, found: dict[str, Sent]) -> list[str]:
    cells = [f"{found[name].share:.2f}  {found[name].cost:.0f} µs" for name in _NAMES]
    return [str(load), f"{load.ideal:.0f}/s", *cells]


def _figures(load: Load, found: dict[str, Sent]) -> list[Figure]:
    """The importer never uses a connection twice: the practical ceiling is http.client's share, not 1. Goals are held
    for a service that takes 100 ms: at 20 ms two processors are busy with handshakes."""
    ours = found["importer"]
    goal = _GOALS.get(load.workers) if load.latency == max(LATENCIES) else None
    return [
        Figure(f"share of the ideal rate, {load}", ours.share, least=goal),
        Figure(f"share of http.client's rate, {load}", ours.share / found["http.client"].share, least=0.9),
        Figure(f"CPU : http.client, new connections, {load}", ours.cost / found["http.client"].cost, most=1.5),
        Figure(f"CPU : bare httpx, new connections, {load}", ours.cost / found["httpx-new"].cost, most=1.5),
        Figure(f"CPU : bare httpx, kept connections, {load}", ours.cost / found["httpx-kept"].cost),
    ]


def _whole_row(asked: RunRequest, load: Load, certificates: Certificates) -> list[str]:
    runs = []
    for _ in range(asked.times):
        with service(load.latency, certificates) as at:  # its ledger has none of the journals yet
            runs.append(whole_run(asked, at.port, load.workers, at.trusted))
    best: Whole = min(runs, key=lambda run: run.wall)
    rate = best.journals / best.wall
    cells = [f"{best.wall:.2f} s", f"{rate:.0f}/s", f"{rate / load.ideal:.2f}"]
    return [str(load), *cells, f"{best.cpu:.2f} s", f"{best.megabytes:.0f} MB"]


@contextmanager
def service(latency: float, certificates: Certificates) -> Iterator[Served]:
    """The service, while the context is open; its answers leave so many seconds after the request."""
    command = [sys.executable, "-m", "tests.benchmarks.raw_service", str(latency), str(certificates.service)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as started:
        if started.stdin is None or started.stdout is None:
            raise AssertionError("both were asked for")
        yield Served(int(started.stdout.readline()), certificates.trusted)
        started.stdin.close()


def _best(asked: RunRequest, at: Served, load: Load) -> dict[str, Sent]:
    """The best of each client; they take turns, so that whatever else the machine does meets all of them."""
    rounds = [{client: _sent(asked, client, at, load, load.journals) for client in CLIENTS} for _ in range(asked.times)]
    return {client: _best_of([one[client] for one in rounds]) for client in CLIENTS}


def _best_of(runs: list[Sent]) -> Sent:
    return Sent(max(run.share for run in runs), min(run.cost for run in runs), max(run.megabytes for run in runs))


def _sent(asked: RunRequest, client: str, at: Served, load: Load, journals: int) -> Sent:
    words = [asked.python, "-m", "tests.benchmarks.sending", client, str(at.port), str(load.workers), str(journals)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SSL_CERT_FILE": str(at.trusted)}
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    measured = json.loads(done.stdout)
    return Sent(journals / measured["seconds"] / load.ideal, measured["cpu"] / journals * 1e6, measured["megabytes"])
