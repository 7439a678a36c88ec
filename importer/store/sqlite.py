"""A store in a file of SQLite: private to its user, synchronous. It may not lie on a network share, whose locks and
write-ahead log are not to be trusted (SQLite: "WAL does not work over a network filesystem")."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePath

import psutil

from importer.errors import SetupError
from importer.store.schema import MIGRATIONS, WAIT_SECONDS, migrate

NETWORK = frozenset(
    "nfs nfs3 nfs4 cifs smb smb2 smb3 smbfs smbfs2 afpfs ncpfs webdav davfs davfs2 fuse.sshfs fuse.davfs2 fuse.rclone "
    "fuse.smbnetfs ceph glusterfs fuse.glusterfs lustre ocfs2 gfs2 afs".split()
)
"""File systems of other machines, as the systems name them."""


def is_on_network(path: Path) -> bool:
    """True when the file is, or would be, on a network share. A path whose place cannot be told counts as local."""
    try:
        whole = path.resolve()
        mounts = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return False
    if str(whole).startswith("\\\\"):  # a share of Windows, named by its server
        return True
    mount = max(
        (mount for mount in mounts if whole.is_relative_to(PurePath(mount.mountpoint))),
        key=lambda mount: len(mount.mountpoint),
        default=None,
    )
    return mount is not None and (mount.fstype.lower() in NETWORK or "remote" in mount.opts.split(","))


class SqliteEngine:
    """A store in a file, for `database.Database`. A transaction that writes keeps all others that write waiting."""

    def __init__(self, url: str, clock: Callable[[], float] | None, migrates: bool) -> None:
        """Opens the file, making it when there is none.

        Raises SetupError for an unusable file, one on a network share (its locks are not to be trusted), or a store of
        a newer program."""
        self.name = url
        self.login_role = ""
        self._path = Path(url.removeprefix("sqlite:///"))
        if is_on_network(self._path):
            raise SetupError("store-on-network", store=url)
        with self.translated():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists():
                # The file holds names and amounts: nobody else may read it. O_CREAT with a mode, so it never was
                # readable. Not where it is there already: POSIX lets go of all locks that this process has on a file
                # when any descriptor of it is closed, and another process would then take the log from a store that is
                # open here a second time (SQLite, "How To Corrupt An SQLite Database File", 2.2).
                os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._opened = self._path.stat()
            self.connection = sqlite3.connect(self._path, timeout=WAIT_SECONDS, isolation_level=None)
            self.connection.row_factory = sqlite3.Row
            self.connection.create_function("clock", 0, clock or time.time)
            # FULL: with NORMAL a power cut may undo the last commit, and the intent to send would be forgotten.
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
        try:
            with self.translated():
                self._migrate(migrates)
                self.connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:  # who gets no engine cannot close it, and Windows removes no file that is open
            self.connection.close()
            raise

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    def begin(self, company: str) -> None:
        """Begins a transaction that writes. Raises SetupError `store-gone` when the file is no longer where it was."""
        self._be_there()
        self.connection.execute("BEGIN IMMEDIATE")

    def begin_reading(self) -> None:
        """Begins a look at the store as it is at one moment."""
        self.connection.execute("BEGIN")

    def commit(self) -> None:
        """Commits the open transaction, durably."""
        self.connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Ends the open transaction, if there is one, without a trace."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def number_on(self, table: str, column: str) -> None:
        """SQLite takes the number after the highest by itself."""

    def faults(self) -> Iterator[str]:
        """What is damaged: the file itself, and rows that refer to what is not there."""
        for row in self.connection.execute("PRAGMA integrity_check"):
            if row[0] != "ok":
                yield str(row[0])
        for row in self.connection.execute("PRAGMA foreign_key_check"):
            yield f"{row['table']} {row['rowid']}: {row['parent']}"

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns the errors of the database into SetupError."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise SetupError("store", store=self.name, detail=str(error)) from error

    def _be_there(self) -> None:
        try:
            is_same = os.path.samestat(self._path.stat(), self._opened)
        except OSError:
            is_same = False
        if not is_same:
            raise SetupError("store-gone", store=self.name, run="")

    def _migrate(self, is_allowed: bool) -> None:
        """Before foreign keys are watched: a table that is made anew is gone for a moment."""
        version = self._version()
        if version == len(MIGRATIONS):
            return
        if version < len(MIGRATIONS) and not is_allowed:
            key = "store-older" if version else "store-missing"
            raise SetupError(key, store=self.name, version=str(version), needed=str(len(MIGRATIONS)))
        self.begin("")
        try:
            version = self._version()
            if version > len(MIGRATIONS):
                raise SetupError("store-newer", store=self.name)
            if version:
                self._back_up(version)
            migrate(self.connection, MIGRATIONS[version:])
            self.connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            self.commit()
        except BaseException:
            self.roll_back()
            raise

    def _version(self) -> int:
        version: int = self.connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    def _back_up(self, version: int) -> None:
        """Copies the store as it was before a migration, beside it, for this user only: `posted.db.v1.bak`.

        By a second connection: it sees what is committed, and the migration's lock keeps others from changing it.
        """
        copy = self._path.with_name(f"{self._path.name}.v{version}.bak")
        os.close(os.open(copy, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
