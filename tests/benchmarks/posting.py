"""How near posting over https comes to what the distance to a service and its own time allow, and what it costs the
processor; and whole runs beside a script."""

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
from tests.benchmarks.checking import Asked
from tests.benchmarks.durability import durability
from tests.benchmarks.goals import Figure, table, taken_row
from tests.benchmarks.measuring import ROOT, Taken
from tests.benchmarks.sending import CLIENTS
from tests.benchmarks.whole_run import JOURNALS, scripted_run, whole_run

SERVICE_SECONDS = 0.1
"""What the service itself takes for an answer."""
ROUND_TRIPS = (0.0, 0.02, 0.06)
"""Seconds that a packet is under way to the service and back: in the house, in the country, across it."""
WORKERS = (8, 16, 32)
_GOALS = {8: 0.90, 16: 0.88, 32: 0.82}
"""The share of the ideal rate that so many workers must reach, next to the service and at the longest distance."""
_SECONDS = 3
"""So long a measurement would last at the ideal rate."""


@dataclass(frozen=True)
class Load:
    """So many workers at once, at a distance of so many seconds there and back."""

    round_trip: float
    workers: int

    @property
    def ideal(self) -> float:
        """Journals a second when nothing but one round trip and the service took time."""
        return self.workers / (self.round_trip + SERVICE_SECONDS)

    @property
    def journals(self) -> int:
        """How many are posted."""
        return round(_SECONDS * self.ideal)

    def __str__(self) -> str:
        return f"{self.round_trip * 1000:.0f} ms away, {self.workers} at once"


_OFFICE = Load(ROUND_TRIPS[-1], 8)
"""Whole runs are measured as an office does them."""


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


def posting(asked: Asked) -> tuple[str, list[Figure]]:
    """The client by distance and workers beside bare ones, what a durable store adds, and whole runs."""
    rows: list[list[str]] = []
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        certificates = certificates_in(Path(folder))
        for round_trip in ROUND_TRIPS:
            with service(SERVICE_SECONDS, certificates, round_trip) as at:
                for load in (Load(round_trip, workers) for workers in WORKERS):
                    found = _best(asked, at, load)
                    rows.append(_row(load, found))
                    figures += _figures(load, found)
        whole, more = _whole_runs(asked, certificates)
    stored, durable = durability(asked.folder)
    headings = ["one journal of ten lines: share of ideal, CPU", "ideal", *_NAMES.values()]
    return "\n\n".join((table(headings, rows), whole, stored)), [*figures, *more, *durable]


_NAMES = {
    "importer": "importer",
    "http.client": "http.client, new connections",
    "httpx-new": "httpx, new connections",
    "httpx-kept": "httpx, kept connections",
}


def _row(load: Load, found: dict[str, Sent]) -> list[str]:
    cells = [f"{found[name].share:.2f}  {found[name].cost:.0f} µs" for name in _NAMES]
    return [str(load), f"{load.ideal:.0f}/s", *cells]


def _figures(load: Load, found: dict[str, Sent]) -> list[Figure]:
    ours = found["importer"]
    goal = _GOALS[load.workers] if load.round_trip in (ROUND_TRIPS[0], ROUND_TRIPS[-1]) else None
    return [
        Figure(f"share of the ideal rate, {load}", ours.share, least=goal),
        Figure(f"share of the rate of httpx, kept connections, {load}", ours.share / found["httpx-kept"].share),
        Figure(f"CPU : http.client, new connections, {load}", ours.cost / found["http.client"].cost, most=1.5),
        Figure(f"CPU : bare httpx, new connections, {load}", ours.cost / found["httpx-new"].cost, most=1.5),
        Figure(f"CPU : bare httpx, kept connections, {load}", ours.cost / found["httpx-kept"].cost),
    ]


def _whole_runs(asked: Asked, certificates: Certificates) -> tuple[str, list[Figure]]:
    """`importer run` of 600 journals, the same file again, and the script; then the memory of many journals."""
    rounds: list[tuple[Taken, Taken, Taken]] = []
    for _ in range(asked.times):
        with service(SERVICE_SECONDS, certificates, _OFFICE.round_trip) as at:  # its ledger has none of them yet
            first, again = whole_run(asked, at.port, _OFFICE.workers, at.trusted)
            rounds.append((first, again, scripted_run(asked, at.port, _OFFICE.workers, at.trusted)))
    first, again, script = (min(runs, key=lambda taken: taken.wall) for runs in zip(*rounds, strict=True))
    rows = [
        taken_row(f"importer run, {_OFFICE}", first),
        taken_row("the same file again", again),
        taken_row("a script: openpyxl, httpx, no guarantees", script),
    ]
    with service(0.0, certificates) as at:
        few = whole_run(asked, at.port, 8, at.trusted, 500)[0]
    with service(0.0, certificates) as at:
        many = whole_run(asked, at.port, 8, at.trusted, 4_000)[0]
    figures = [
        Figure("whole run : the script", first.wall / script.wall, most=1.25),
        Figure("whole run : ideal posting time", first.wall / (JOURNALS / _OFFICE.ideal), most=1.35),
        Figure("the same file again : the first run", again.wall / first.wall, most=0.1),
        Figure("memory of a whole run, 4,000 journals : 500", many.megabytes / few.megabytes, most=1.1),
    ]
    return table([f"{JOURNALS} journals of ten lines", "wall", "CPU", "memory"], rows), figures


@contextmanager
def service(
    seconds: float, certificates: Certificates, round_trip: float = 0.0, accounts: int = 900
) -> Iterator[Served]:
    """The service, while the context is open; its answers leave so many seconds after the request, and travel for half
    of the round trip as the request does; its company has so many accounts."""
    with _serving("raw_service", str(seconds), str(certificates.service), str(accounts)) as port:
        if not round_trip:
            yield Served(port, certificates.trusted)
            return
        with _serving("relay", str(port), str(round_trip)) as away:
            yield Served(away, certificates.trusted)


@contextmanager
def _serving(module: str, *words: str) -> Iterator[int]:
    """The port of a module that serves until its input ends."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as started:
        if started.stdin is None or started.stdout is None:
            raise AssertionError("both were asked for")
        try:
            yield int(started.stdout.readline())
        finally:
            started.stdin.close()


def _best(asked: Asked, at: Served, load: Load) -> dict[str, Sent]:
    """The best of each client; they take turns, so that whatever else the machine does meets all of them."""
    rounds = [{client: _sent(asked, client, at, load, load.journals) for client in CLIENTS} for _ in range(asked.times)]
    return {client: _best_of([one[client] for one in rounds]) for client in CLIENTS}


def _best_of(runs: list[Sent]) -> Sent:
    return Sent(max(run.share for run in runs), min(run.cost for run in runs), max(run.megabytes for run in runs))


def _sent(asked: Asked, client: str, at: Served, load: Load, journals: int) -> Sent:
    words = [asked.python, "-m", "tests.benchmarks.sending", client, str(at.port), str(load.workers), str(journals)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SSL_CERT_FILE": str(at.trusted)}
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    measured = json.loads(done.stdout)
    return Sent(journals / measured["seconds"] / load.ideal, measured["cpu"] / journals * 1e6, measured["megabytes"])
