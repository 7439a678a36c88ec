"""`importer run` from its start to its written report: a durable store, looks before sending, everything read back."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from importer.model.results import Status
from importer.store.database import Database
from importer.store.runs import find_run, runs_in
from tests.benchmarks.checking import RunRequest
from tests.benchmarks.measuring import Failed, taken_by
from tests.benchmarks.workbooks import Shape, workbook_of

JOURNALS = 600
_LINES = 10


@dataclass(frozen=True)
class Whole:
    """What the command took: seconds by the clock and of the processor, and the most memory."""

    wall: float
    cpu: float
    megabytes: float
    journals: int = JOURNALS


def whole_run(asked: RunRequest, port: int, workers: int, trusted: Path) -> Whole:
    """Posts a workbook of 600 journals into a store of its own, to a service whose ledger has none of them and whose
    certificate is among the `trusted`.

    Raises Failed unless every one of them was posted and found in the ledger as it was sent.
    """
    workbook = workbook_of(Shape(JOURNALS * _LINES, bad_in_a_hundred=0), asked.folder)
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        store = Path(place) / "store.db"
        environment = settings_for(port, trusted, store)
        command = [asked.python, "-m", "importer", "run", str(workbook), "--yes"]
        taken = taken_by([*environment, *command, "--concurrency", str(workers), "--out", place])
        verified = _verified(f"sqlite:///{store}")
    if verified != JOURNALS:
        raise Failed(f"{verified} of {JOURNALS} journals were posted and verified")
    return Whole(taken.wall, taken.cpu, taken.megabytes)


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


def _verified(store: str) -> int:
    """How many journals of the only run were posted and found in the ledger as they were sent."""
    database = Database(store)
    try:
        (listed,) = runs_in(database)
        result = find_run(database, listed.run).result
    finally:
        database.close()
    documents = result.documents if result else ()
    return sum(one.status is Status.POSTED and one.verified is True for one in documents)
