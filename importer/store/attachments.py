"""Linked files in the store: the service lists none, so what is not kept here is lost. Each is written down before a
byte leaves."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from importer.files import extension_of
from importer.model.postings import FileLink, LinkedFile, LinkState, Reason
from importer.store.database import Database, from_row, storable

_STANDS_IN_THE_WAY = "state IN ('sending', 'linked', 'unknown')"
_OF_LEDGER = """company = :company AND journal_number = :journal AND (installation = :installation
    OR installation = '' AND NOT EXISTS (
        SELECT 1 FROM journals AS ours LEFT JOIN journals AS older ON older.id = ours.copy_of
        WHERE ours.company = :company AND ours.installation = :installation AND ours.attempts > 0
        AND ours.journal_number = CAST(:journal AS TEXT) AND ours.state NOT IN ('gone', 'dropped')
        AND (older.journal_number IS NULL OR older.journal_number <> ours.journal_number)))"""
"""What older programs linked belongs to any ledger of that company number, but not to a journal that was sent since: it
has the number by chance."""
_SAME = f"{_OF_LEDGER} AND COALESCE(line, 0) = :line AND sha256 = :sha256"


class LinkedFileStore:
    """The linked files of one ledger (`company` is the key of the fingerprints, `installation` tells which ledger of
    that company, `store.installations`), as seen by a run (None: a command)."""

    def __init__(self, database: Database, company: str, run: str | None = None, installation: str = "") -> None:
        self._database = database
        self._company = company
        self._installation = installation
        self._run = run

    def claim(self, wanted: FileLink, sha256: str, at: datetime, *, again: bool = False) -> int | LinkedFile:
        """Marks a file as `sending`, durably, and gives its id; or, unless it is to be linked `again`, the file of the
        same content that this journal and line has, or may have, already. `sha256` is the hash of the file as it was
        read, `at` the time (UTC). One commit."""
        same = {**self._of(wanted.journal_number), "line": wanted.line or 0, "sha256": sha256}
        file = Path(wanted.file)
        with self._database.transaction(self._company) as connection:
            known = connection.execute(
                f"SELECT * FROM linked_files WHERE {_SAME} AND {_STANDS_IN_THE_WAY} ORDER BY id DESC LIMIT 1",
                same,
            ).fetchone()
            if known is not None and not again:
                return _linked_file(known)
            copy: int = connection.execute(
                f"SELECT COALESCE(MAX(copy), 0) + 1 FROM linked_files WHERE {_SAME}",  # a constant
                same,
            ).fetchone()[0]
            added = connection.execute(
                "INSERT INTO linked_files (company, installation, journal_number, line, name, extension, sha256, copy,"
                " run, state, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'sending', ?) RETURNING id",
                (
                    *(self._company, self._installation, wanted.journal_number, wanted.line, storable(file.name)),
                    *(extension_of(file), sha256, copy, self._run, at.isoformat()),
                ),
            ).fetchone()
        return int(added["id"])

    def record(
        self, id_: int, state: LinkState, at: datetime, file_key: str | None = None, reason: Reason | None = None
    ) -> None:
        """Records how the sending of the file `id_` ended, at the time `at` (UTC): `state` is LINKED, with the
        service's `file_key`, or REFUSED or UNKNOWN, with the `reason`. One commit."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE linked_files SET state = ?, ended_at = ?, file_key = ?, answer = ? WHERE id = ?",
                (state, at.isoformat(), file_key, _text_of(reason), id_),
            )

    def mark_removed(self, id_: int, at: datetime) -> None:
        """Records that the service has removed the file, at the time `at` (UTC). One commit."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE linked_files SET state = 'removed', removed_at = ? WHERE id = ?", (at.isoformat(), id_)
            )

    def of_journal(self, journal_number: int) -> list[LinkedFile]:
        """Everything that was ever sent to be linked to a journal, in the order in which it was sent."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT * FROM linked_files WHERE {_OF_LEDGER} ORDER BY id",  # a constant
                self._of(journal_number),
            ).fetchall()
        return [_linked_file(row) for row in rows]

    def _of(self, journal_number: int) -> dict[str, str | int]:
        return {"company": self._company, "installation": self._installation, "journal": journal_number}


def _linked_file(row: Any) -> LinkedFile:
    return from_row(LinkedFile, row, reason=json.loads(row["answer"] or "null"))


def _text_of(reason: Reason | None) -> str:
    """As JSON in ASCII, so that it can be told in another language later, whatever the service has answered."""
    return "" if reason is None else json.dumps([reason[0], dict(reason[1])])
