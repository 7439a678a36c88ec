"""What it costs that an intent is on the disk before a journal leaves, and its answer after it."""

import sqlite3
import tempfile
import time
from pathlib import Path

from importer.store.database import Database
from tests.benchmarks.goals import Figure, table

_JOURNALS = 2_000


def durability(folder: Path) -> tuple[str, list[Figure]]:
    """Journals a second that the store can take, two commits each, with and without waiting for the disk."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        lasting, hasty = (_rate(Path(place) / f"{level}.db", level) for level in ("FULL", "OFF"))
    rows = [["waits for the disk", f"{lasting:.0f}/s"], ["does not", f"{hasty:.0f}/s"]]
    figures = [Figure("durable : hasty store", lasting / hasty), Figure("journals that the disk allows", lasting, "/s")]
    return table(["the store, two commits a journal", "journals"], rows), figures


def _rate(path: Path, level: str) -> float:
    Database(f"sqlite:///{path}").close()  # makes the tables and the kind of journal that the program works with
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA synchronous = {level}")
    connection.execute("CREATE TABLE benchmark (journal INTEGER PRIMARY KEY, fingerprint TEXT, answer TEXT)")
    start = time.perf_counter()
    for number in range(_JOURNALS):
        connection.execute("INSERT INTO benchmark VALUES (?, ?, NULL)", (number, f"{number:064x}"))
        connection.execute("UPDATE benchmark SET answer = ? WHERE journal = ?", (str(number), number))
    seconds = time.perf_counter() - start
    connection.close()
    return _JOURNALS / seconds
