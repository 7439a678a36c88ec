"""The store's database: opened durably, private to its user, brought to the current schema."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from importer.errors import SetupError
from importer.store.schema import MIGRATIONS

_SQLITE = "sqlite:///"
WAIT_SECONDS = 30.0
"""How long a commit waits for another process that writes."""


class Database:
    """An open store. One thread uses it; every change is a transaction that is on disk when it returns.

    All failures of the database come as SetupError `store` (disk full, not writable, damaged, locked).
    """

    def __init__(self, url: str) -> None:
        """Opens `sqlite:///file` (relative) or `sqlite:////file` (absolute), making the file when there is none.

        Raises SetupError for another address, an unusable file, or a store of a newer program.
        """
        self.name = url
        path = _path_of(url)
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            # The file holds names and amounts: nobody else may read it. O_CREAT with a mode, so it never was readable.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            # FULL: with NORMAL a power cut may undo the last commit, and the intent to send would be forgotten.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        self._migrate()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything executed inside is committed together, durably, or not at all."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _migrate(self) -> None:
        with self.transaction() as connection:
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise SetupError("store-newer", store=self.name)
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise SetupError("store", store=self.name, detail=str(error)) from error


def _path_of(url: str) -> Path:
    if not url.startswith(_SQLITE) or url == _SQLITE:
        raise SetupError("store-url", store=url.split("@")[-1])
    return Path(url.removeprefix(_SQLITE))
