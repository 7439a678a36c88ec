"""Posts one journal of ten lines again and again over https, by so many workers at once, and prints what it took.

`python -m tests.benchmarks.sending CLIENT PORT WORKERS JOURNALS`: by the importer's own client (`importer`), or the
same body ready made, by a bare one that makes nothing of the answer: httpx with a connection kept for each worker
(`httpx-kept`), httpx or http.client with a new connection for each post (`httpx-new`, `http.client`). The bare ones
load the certificates once for all workers.
"""

import http.client
import json
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from decimal import Decimal
from functools import partial
from threading import Barrier, local
from urllib.parse import urlsplit

import httpx
import msgspec

from importer.model.journals import Line, Side
from importer.model.secrets import Secret
from importer.services.http import HttpClient
from importer.services.session import Credentials, Session
from importer.services.sunplusxtra.journals import journal_payload, post_journal
from tests.services.memory import most_memory

_DIMENSIONS = ("10", "", "F01", "0012", "", "", "", "", "P007", "")
LINES = tuple(
    Line(
        *(row, "GENJ", f"{611000 + row}", "REF-000001", _DIMENSIONS, "Monthly allocation of the office"),
        *(Side.CREDIT if row == 10 else Side.DEBIT, Decimal("123.45"), "MXN", date(2018, 6, 30), "2018006"),
    )
    for row in range(1, 11)
)


def by_importer(url: str, workers: int) -> Callable[[], object]:
    """One post by the importer's session, its payload made anew, its answer judged."""
    session = Session(HttpClient(url, 60, ahead=workers), Credentials("u", Secret("p"), "e@x.org", None), time.sleep)
    session.log_in()
    return lambda: post_journal(session, journal_payload(LINES))


def _body() -> bytes:
    return msgspec.json.Encoder(decimal_format="number").encode(journal_payload(LINES))


def by_httpx(url: str, _workers: int, kept: int) -> Callable[[], object]:
    """One post of the same body by a client of the thread, which keeps so many connections open."""
    body, of_thread, limits = _body(), local(), httpx.Limits(max_keepalive_connections=kept)
    trust = ssl.create_default_context()

    def post() -> object:
        if not hasattr(of_thread, "client"):
            of_thread.client = httpx.Client(limits=limits, verify=trust)
        return of_thread.client.post(f"{url}/api/journal", content=body).content

    return post


def by_http_client(url: str, _workers: int) -> Callable[[], object]:
    """One post of the same body by the standard library: as little as threads of Python can do it with."""
    body, at, trust = _body(), urlsplit(url), ssl.create_default_context()

    def post() -> object:
        connection = http.client.HTTPSConnection(at.hostname or "", at.port, timeout=30, context=trust)
        with closing(connection):
            connection.request("POST", "/api/journal", body)
            return connection.getresponse().read()

    return post


CLIENTS: Mapping[str, Callable[[str, int], Callable[[], object]]] = {
    "importer": by_importer,
    "http.client": by_http_client,
    "httpx-kept": partial(by_httpx, kept=1),
    "httpx-new": partial(by_httpx, kept=0),
}


def _post_all(post: Callable[[], object], workers: int, journals: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor. A worker takes what is next: one future a journal would cost, and wake
    the main thread, as often as the posts do."""
    left, ready = iter(range(journals)), Barrier(workers + 1, timeout=60)

    def work() -> None:
        post()  # every worker has its client
        ready.wait()
        for _ in left:
            post()

    with ThreadPoolExecutor(workers) as pool:
        working = [pool.submit(work) for _ in range(workers)]
        ready.wait()
        wall, cpu = time.perf_counter(), time.process_time()
        for one in working:
            one.result()
        return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Prints seconds by the clock and of the processor, and the most memory, of the posting alone."""
    client, port, workers, journals = sys.argv[1], *map(int, sys.argv[2:])
    post = CLIENTS[client](f"https://127.0.0.1:{port}", workers)
    wall, cpu = _post_all(post, workers, journals)
    peak = most_memory() / 1024**2
    print(json.dumps({"seconds": wall, "cpu": cpu, "megabytes": peak}))


if __name__ == "__main__":
    main()
