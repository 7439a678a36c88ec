"""`importer run` from its start to its written report: a durable store, looks before sending, everything read back; and
a script that only posts."""

import shutil
import tempfile
from pathlib import Path

from importer.model.results import Status
from importer.store.database import Database
from importer.store.runs import find_run, runs_in
from tests.benchmarks.checking import Asked
from tests.benchmarks.measuring import Failed, Taken, taken_by
from tests.benchmarks.workbooks import Shape, workbook_of

JOURNALS = 600
_LINES = 10
_RUNS = 2


def whole_run(asked: Asked, port: int, workers: int, trusted: Path, journals: int = JOURNALS) -> tuple[Taken, Taken]:
    """Posts a workbook of so many journals into a store of its own, to a service whose ledger has none of them and
    whose certificate is among the `trusted`; then the same workbook again.

    Raises Failed unless every one of them was posted and found in the ledger as it was sent, and none posted again.
    """
    workbook = workbook_of(Shape(journals * _LINES, bad_in_a_hundred=0), asked.folder)
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        store = Path(place) / "store.db"
        environment = settings_for(port, trusted, store)
        command = [*environment, asked.python, "-m", "importer", "run", str(workbook), "--yes"]
        command += ["--concurrency", str(workers), "--out", place]
        first, again = taken_by(command), taken_by(command)
        before, verified = _ended(f"sqlite:///{store}")
    if (verified, before) != (journals, journals):
        raise Failed(f"{verified} of {journals} journals were posted and verified, {before} known again")
    return first, again


def scripted_run(asked: Asked, port: int, workers: int, trusted: Path) -> Taken:
    """Posts the same workbook by a script without any guarantee."""
    workbook = workbook_of(Shape(JOURNALS * _LINES, bad_in_a_hundred=0), asked.folder)
    words = ["tests.benchmarks.peers.hour_script", str(workbook), f"https://127.0.0.1:{port}", str(workers)]
    taken = taken_by([str(shutil.which("env")), f"SSL_CERT_FILE={trusted}", asked.peers, "-m", *words])
    if taken.said != str(JOURNALS):
        raise Failed(f"{taken.said} of {JOURNALS} journals were posted")
    return taken


def settings_for(port: int, trusted: Path, store: Path) -> list[str]:
    """The beginning of a command that gives it the service's address and certificates, and a store."""
    settings = {
        "SPX_URL": f"https://127.0.0.1:{port}",
        "SSL_CERT_FILE": str(trusted),
        "SPX_USERID": "benchmark",
        "SPX_PASSWORD": "password-of-the-benchmark",
        "SPX_EMAIL": "benchmark@example.org",
        "IMPORTER_STORE": f"sqlite:///{store}",
    }
    return [str(shutil.which("env")), *(f"{name}={value}" for name, value in settings.items())]


def _ended(store: str) -> tuple[int, int]:
    """How many journals the second run knew as posted, and the first one posted and found as they were sent."""
    database = Database(store)
    try:
        results = [find_run(database, listed.run).result for listed in runs_in(database)]
    finally:
        database.close()
    documents = [result.documents if result else () for result in results]
    again, first = (documents[0], documents[1]) if len(documents) == _RUNS else ((), ())
    known = sum(one.status is Status.ALREADY_POSTED for one in again)
    return known, sum(one.status is Status.POSTED and one.verified is True for one in first)
