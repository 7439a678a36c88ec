"""A store as the program before installations wrote it, with that program's own tables."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from importer.model.journals import Journal
from importer.model.results import Result
from importer.post.plan import entries_of
from importer.store.runs import text_of_result
from importer.store.schema import MIGRATIONS, migrate

OLDER_VERSION = 6
"""The schema before installations."""


def write_older_store(
    file: Path,
    run: str,
    journals: Mapping[str, list[Journal]],
    numbers: Mapping[str, int],
    at: datetime,
    result: Result | None = None,
    tax_id: str = "",
) -> None:
    """One unfinished run of company 5 that planned the journals, by the states in which it has left them; `numbers` are
    those of the posted ones by key. What was sent was sent, and ended, at `at`."""
    with sqlite3.connect(file) as connection:
        if not connection.execute("PRAGMA user_version").fetchone()[0]:
            migrate(connection, MIGRATIONS[:OLDER_VERSION])
            connection.execute(f"PRAGMA user_version = {OLDER_VERSION}")
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at, kept) VALUES (?, '5', ?, 'me', ?, ?)",
            (run, tax_id, at.isoformat(), None if result is None else text_of_result(result)),
        )
        wanted = enumerate(one for many in journals.values() for one in many)
        states = [state for state, many in journals.items() for _ in many]
        for entry, state in zip(entries_of(wanted, "5"), states, strict=True):
            journal, was_sent = entry.journal, state != "planned"
            added = connection.execute(
                "INSERT INTO journals (company, fingerprint, occurrence, state, payload_hash, attempts, journal_number,"
                " run, document_key, file, sheet, sheet_rows, content, doubts, in_doubt_since, there_before)"
                " VALUES ('5', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, ?, '')",
                (
                    *(entry.fingerprint, entry.occurrence, state, entry.payload_hash, int(was_sent)),
                    *(numbers.get(journal.key), run, journal.key, journal.file, journal.sheet, entry.content),
                    *(int(state == "unknown"), at.isoformat() if state == "unknown" else None),
                ),
            )
            if was_sent:
                ended = None if state == "sending" else at.isoformat()
                connection.execute(
                    "INSERT INTO attempts (journal, number, run, sent_at, ended_at, state) VALUES (?, 1, ?, ?, ?, ?)",
                    (added.lastrowid, run, at.isoformat(), ended, None if ended is None else state),
                )
            connection.execute(
                "INSERT INTO appearances (run, position, journal, document_key, file, sheet, payload_hash, lines,"
                " files) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]')",
                (
                    *(run, entry.position, added.lastrowid, journal.key, journal.file, journal.sheet),
                    *(entry.payload_hash, msgspec.json.encode(journal.lines).decode()),
                ),
            )
    connection.close()
