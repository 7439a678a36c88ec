"""Evidence of what was done to dimensions and addresses."""

from dataclasses import dataclass
from datetime import datetime

from importer.store.database import Database


@dataclass(frozen=True, slots=True)
class RecordWritten:
    """A change of a record: `state` is `sending` before it leaves, afterwards how it ended; `at` is UTC."""

    kind: str
    key: str
    action: str
    at: datetime
    state: str
    answer: str = ""


def keep_record_write(database: Database, run: str, written: RecordWritten) -> None:
    """Writes it down, durably. Raises SetupError when the store cannot be written."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO record_writes (run, kind, key, action, at, state, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run, written.kind, written.key, written.action, written.at.isoformat(), written.state, written.answer),
        )


def record_writes_of(database: Database, run: str) -> list[RecordWritten]:
    """What a run did to records, in order."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT kind, key, action, at, state, answer FROM record_writes WHERE run = ? ORDER BY rowid", (run,)
        ).fetchall()
    return [
        RecordWritten(kind, key, action, datetime.fromisoformat(at), state, answer)
        for kind, key, action, at, state, answer in rows
    ]
