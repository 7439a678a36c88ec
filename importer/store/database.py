"""The store's database: opened durably, private to its user, brought to the current schema. It may not lie on a network
share, whose locks and write-ahead log are not to be trusted (SQLite: "WAL does not work over a network filesystem")."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePath

import psutil

from importer.errors import SetupError
from importer.store.schema import MIGRATIONS, migrate

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


_SQLITE = "sqlite:///"
WAIT_SECONDS = 30.0
"""How long a commit waits for another process that writes."""


class Database:
    """An open store. One thread uses it; every change is a transaction that is on disk when it returns.

    All failures of the database come as SetupError `store` (disk full, not writable, damaged, locked). In SQL
    `clock()` is the database's clock, in seconds since 1970: leases are told by it and by no other.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        """Opens `sqlite:///file` (relative) or `sqlite:////file` (absolute), making the file when there is none.

        Raises SetupError for another address, an unusable file, one on a network share (its locks are not to be
        trusted), or a store of a newer program.
        """
        self.name = url
        self._path = path_of(url)
        if is_on_network(self._path):
            raise SetupError("store-on-network", store=url)
        with self._translated():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # The file holds names and amounts: nobody else may read it. O_CREAT with a mode, so it never was readable.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._opened = self._path.stat()
            self._connection = sqlite3.connect(self._path, timeout=WAIT_SECONDS, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._connection.create_function("clock", 0, clock)
            # FULL: with NORMAL a power cut may undo the last commit, and the intent to send would be forgotten.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
        try:
            self._migrate()
            with self._translated():
                self._connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:  # who gets no Database cannot close it, and Windows removes no file that is open
            self._connection.close()
            raise

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything executed inside is committed together, durably, or not at all. Raises SetupError `store-gone` when
        the file is no longer where it was: what is written then would be lost with it."""
        self._be_there()
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:  # Ctrl-C too: a transaction left open would take in what is executed next
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _be_there(self) -> None:
        try:
            is_same = os.path.samestat(self._path.stat(), self._opened)
        except OSError:
            is_same = False
        if not is_same:
            raise SetupError("store-gone", store=self.name, run="")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A look at the store as it is at one moment; waits for nobody and keeps nobody waiting."""
        with self._translated():
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _migrate(self) -> None:
        """Before foreign keys are watched: a table that is made anew is gone for a moment."""
        if self._version(self._connection) == len(MIGRATIONS):
            return
        with self.transaction() as connection:
            version = self._version(connection)
            if version > len(MIGRATIONS):
                raise SetupError("store-newer", store=self.name)
            if version:
                self._back_up(version)
            migrate(connection, MIGRATIONS[version:])
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self, connection: sqlite3.Connection) -> int:
        with self._translated():
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            return version

    def _back_up(self, version: int) -> None:
        """Copies the store as it was before a migration, beside it, for this user only: `posted.db.v1.bak`.

        By a second connection: it sees what is committed, and the migration's lock keeps others from changing it.
        """
        copy = self._path.with_name(f"{self._path.name}.v{version}.bak")
        os.close(os.open(copy, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise SetupError("store", store=self.name, detail=str(error)) from error


def path_of(url: str) -> Path:
    """The file of a store's address. Raises SetupError for an address that is none."""
    if not url.startswith(_SQLITE) or url == _SQLITE:
        raise SetupError("store-url", store=url.split("@")[-1])
    return Path(url.removeprefix(_SQLITE))
