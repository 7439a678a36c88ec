"""How near posting comes to what a service's latency allows, and what it costs the processor."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.benchmarks.checking import Asked
from tests.benchmarks.durability import durability
from tests.benchmarks.goals import Figure, table
from tests.benchmarks.measuring import ROOT

LATENCIES = (0.02, 0.1)
WORKERS = (8, 16, 32)
_SECONDS = 3
"""So long a measurement would last at the ideal rate."""

Told = Mapping[str, float]


def posting(asked: Asked) -> tuple[str, list[Figure]]:
    """The client by latency and workers, and what a durable store adds."""
    rows: list[list[str]] = []
    figures: list[Figure] = []
    for latency in LATENCIES:
        with _service(latency) as port:
            for workers in WORKERS:
                journals = round(_SECONDS * workers / latency)
                ours = _best(asked, "importer", port, workers, journals)
                bare = _best(asked, "httpx", port, workers, journals)
                ideal = workers / latency
                shares = [journals / one["seconds"] / ideal for one in (ours, bare)]
                costs = [one["cpu"] / journals * 1e6 for one in (ours, bare)]
                name = f"{latency * 1000:.0f} ms, {workers} at once"
                rows.append([name, f"{ideal:.0f}/s", *(f"{share:.2f}" for share in shares), *map(_cost, costs)])
                figures.append(Figure(f"share of the ideal rate, {name}", shares[0], least=0.85))
                figures.append(Figure(f"CPU : bare httpx, {name}", costs[0] / costs[1], most=1.5))
    with _service(LATENCIES[0]) as port:
        few, many = (_told(asked, "importer", port, 16, count)["megabytes"] for count in (500, 4000))
    figures.append(Figure("memory, 4,000 journals : 500", many / few, most=1.1))
    headings = ["one journal of ten lines", "ideal", "importer", "httpx", "importer, CPU", "httpx, CPU"]
    stored, more = durability(asked.folder)
    return f"{table(headings, rows)}\n\n{stored}", figures + more


def _cost(microseconds: float) -> str:
    return f"{microseconds:.0f} µs"


@contextmanager
def _service(latency: float) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.benchmarks.raw_service", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as service:
        if service.stdin is None or service.stdout is None:
            raise AssertionError("both were asked for")
        yield int(service.stdout.readline())
        service.stdin.close()


def _best(asked: Asked, client: str, port: int, workers: int, journals: int) -> Told:
    runs = [_told(asked, client, port, workers, journals) for _ in range(asked.times)]
    return min(runs, key=lambda one: one["seconds"])


def _told(asked: Asked, client: str, port: int, workers: int, journals: int) -> Told:
    words = [asked.python, "-m", "tests.benchmarks.sending", client, str(port), str(workers), str(journals)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    told: Told = json.loads(done.stdout)
    return told
