"""Journals in the store: remembered before they are sent, claimed by one sender only, recorded when they end."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from importer.model.entries import Ending, Entry, Known, State
from importer.store.database import Database


class JournalStore:
    """The journals of one company (`company` is the key of the fingerprints) as seen by one run."""

    def __init__(self, database: Database, company: str, run: str) -> None:
        self._database = database
        self._company = company
        self._run = run

    def remember(self, entries: Sequence[Entry]) -> list[Known]:
        """Each entry as the store knows it, in the same order; new ones become `planned`. One commit."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO journals (company, fingerprint, occurrence, state, payload_hash, run, document_key, file,"
                " sheet, sheet_rows, content) VALUES (?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (company, fingerprint, occurrence) DO NOTHING",
                [self._columns(entry) for entry in entries],
            )
            found = [
                connection.execute(
                    "SELECT id, state, payload_hash, attempts, run, journal_number, voucher_number FROM journals"
                    " WHERE company = ? AND fingerprint = ? AND occurrence = ?",
                    (self._company, entry.fingerprint, entry.occurrence),
                ).fetchone()
                for entry in entries
            ]
        return [Known(**{**dict(row), "state": State(row["state"])}) for row in found]

    def claim(self, ids: Iterable[int], at: datetime) -> set[int]:
        """Marks journals as `sending`, durably, and gives the ids that are now this run's to send.

        A journal that is already being sent, posted or unknown, whoever did it, is not given. One commit.
        """
        claimed = set()
        with self._database.transaction() as connection:
            for id_ in ids:
                changed = connection.execute(
                    "UPDATE journals SET state = 'sending', attempts = attempts + 1, run = ?"
                    " WHERE id = ? AND state IN ('planned', 'refused')",
                    (self._run, id_),
                )
                if changed.rowcount == 1:
                    claimed.add(id_)
                    connection.execute(
                        "INSERT INTO attempts (journal, number, run, sent_at)"
                        " SELECT id, attempts, ?, ? FROM journals WHERE id = ?",
                        (self._run, at.isoformat(), id_),
                    )
        return claimed

    def record(self, endings: Iterable[Ending]) -> None:
        """Writes down how sendings ended. One commit."""
        with self._database.transaction() as connection:
            for ending in endings:
                connection.execute(
                    "UPDATE journals SET state = ?, journal_number = ?, voucher_number = ? WHERE id = ? AND run = ?",
                    (ending.state, ending.journal_number, ending.voucher_number, ending.id, self._run),
                )
                connection.execute(
                    "UPDATE attempts SET ended_at = ?, state = ?, answer = ?"
                    " WHERE journal = ? AND number = (SELECT attempts FROM journals WHERE id = ?)",
                    (ending.at.isoformat(), ending.state, ending.answer, ending.id, ending.id),
                )

    def look_up(self, id_: int) -> Known:
        """One journal as the store knows it now."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT id, state, payload_hash, attempts, run, journal_number, voucher_number FROM journals"
                " WHERE id = ?",
                (id_,),
            ).fetchone()
        return Known(**{**dict(row), "state": State(row["state"])})

    def _columns(self, entry: Entry) -> tuple[str | int, ...]:
        return (
            self._company,
            entry.fingerprint,
            entry.occurrence,
            entry.payload_hash,
            self._run,
            _storable(entry.key),
            _storable(entry.file),
            _storable(entry.sheet),
            json.dumps(entry.rows),
            entry.content,
        )


def _storable(text: str) -> str:
    """A file's name may hold bytes that are no UTF-8 (lone surrogates in Python), which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()
