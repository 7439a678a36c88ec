"""The store's database, SQLite or PostgreSQL: one set of statements, one rule for transactions."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec
import psutil

from importer.errors import SetupError
from importer.model.secrets import without_password
from importer.store.schema import MIGRATIONS, WAIT_SECONDS, bring_up_to_date, migrate

if TYPE_CHECKING:
    from importer.store.postgres import PostgresEngine


class Connection(Protocol):
    """An open transaction. Statements must be valid in both databases; values are `?` or `:name`. `clock()` is the
    database's clock, in seconds since 1970: leases use it and no other. `rowid` numbers the rows of a table in the
    order in which they were added."""

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ..., /) -> Any:
        """Executes one statement; gives its cursor, as `sqlite3.Cursor` and `psycopg.Cursor` are: rows, each with its
        columns by number and by name, and `rowcount`."""

    def executemany(self, statement: str, values: Iterable[Any], /) -> object:
        """Executes one statement for each of the values."""


class Database:
    """An open store, brought to the current schema; as a context manager it closes itself. One thread uses it; every
    change is a transaction that is on disk when it returns. All failures of the database come as SetupError (`store`:
    disk full, damaged, locked; others where the person can do something more exact)."""

    _engine: "SqliteEngine | PostgresEngine"

    def __init__(self, url: str, clock: Callable[[], float] | None = None, *, migrates: bool = True) -> None:
        """Opens `sqlite:///file` (relative), `sqlite:////file` (absolute), making the file when there is none, or
        `postgresql://…`, as libpq reads it. `clock` replaces the database's own clock in tests. Unless it
        `migrates`, the tables stay as they are.

        Raises SetupError for another address, a database that cannot be used or trusted, or a store of a newer program;
        unless it `migrates` also for an older one (`store-older`) and for a database without tables (`store-missing`).
        """
        if url.startswith("sqlite:///") and url != "sqlite:///":
            self._engine = SqliteEngine(url, clock, migrates)
        elif url.startswith(("postgresql://", "postgres://")):
            from importer.store.postgres import PostgresEngine  # an extra, and slow to import

            self._engine = PostgresEngine(url, clock, migrates)
        else:
            raise SetupError("store-url", store=without_password(url))
        self.name = self._engine.name

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def login_role(self) -> str:
        """The person of the connection, as the server knows it; `""` for a file, where nobody is told from others."""
        return self._engine.login_role

    def close(self) -> None:
        """Closes the store."""
        self._engine.close()

    def number_on(self, table: str, column: str) -> None:
        """After rows were added with their numbers, in the same transaction: the next one gets a higher one."""
        self._engine.number_on(table, column)

    def faults(self) -> list[str]:
        """What is damaged, in the words of the database. Raises SetupError."""
        with self._engine.translated():
            return list(self._engine.faults())

    @contextmanager
    def transaction(self, company: str = "") -> Iterator[Connection]:
        """Everything executed inside is committed together, durably, or not at all. `company` is the key of the
        fingerprints where what is written follows from what was read of that company. A commit that fails is in doubt:
        it may have been carried out, and is never repeated.

        Raises SetupError, `store-gone` when an SQLite file is no longer where it was: what is written then would be
        lost with it."""
        engine = self._engine
        with engine.translated():
            try:
                engine.begin(company)
                yield engine.connection
                engine.commit()
            except BaseException:  # Ctrl-C too: a transaction left open would take in what is executed next
                engine.roll_back()
                raise

    def write(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = (), company: str = "") -> int:
        """Executes one statement as a transaction; gives how many rows it has changed."""
        with self.transaction(company) as connection:
            return int(connection.execute(statement, values).rowcount)

    def rows(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """What one statement finds in the store."""
        with self.reading() as connection:
            return list(connection.execute(statement, values))

    def row(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """The first row of what one statement finds, None where that is nothing."""
        with self.reading() as connection:
            return connection.execute(statement, values).fetchone()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A look at the store as it is at one moment; waits for nobody and keeps nobody waiting."""
        engine = self._engine
        with engine.translated():
            try:
                engine.begin_reading()
                yield engine.connection
            finally:
                engine.roll_back()


def storable(text: str) -> str:
    """The text with what UTF-8 cannot hold escaped: a file's name may have lone surrogates, which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()


def as_json(value: object) -> str:
    """A value as JSON for a column of text."""
    return msgspec.json.encode(value).decode()


Kind = TypeVar("Kind")


def from_row(kind: type[Kind], row: Any, *in_json: str, **more: object) -> Kind:
    """What a row holds, as a `kind` (a dataclass) whose members have the names of its columns; further columns are
    passed over. The columns `in_json` hold JSON; `more` are members that no column has as they are."""
    found = dict(row) | {name: json.loads(row[name]) for name in in_json} | more
    return msgspec.convert(found, kind, strict=False)


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
    """A store in a file of SQLite: private to its user, synchronous. It may not lie on a network share, whose locks and
    write-ahead log are not to be trusted (SQLite: "WAL does not work over a network filesystem"). A transaction that
    writes keeps all others that write waiting."""

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
                bring_up_to_date(self, migrates)  # before foreign keys are watched: it may make a table anew
                self.connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:  # who gets no engine cannot close it, and Windows removes no file that is open
            self.connection.close()
            raise

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    def begin(self, company: str) -> None:
        """Begins a transaction that writes. Raises SetupError `store-gone` when the file is no longer where it was."""
        try:
            is_same = os.path.samestat(self._path.stat(), self._opened)
        except OSError:
            is_same = False
        if not is_same:
            raise SetupError("store-gone", store=self.name, run="")
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

    def version(self) -> int:
        """The version of the tables, 0 where there are none."""
        version: int = self.connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    def migrate(self, version: int) -> None:
        """Brings tables of that version to the newest one, in the open transaction."""
        if version:
            self._back_up(version)
        migrate(self.connection, MIGRATIONS[version:])
        self.connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _back_up(self, version: int) -> None:
        """Copies the store as it was before a migration, beside it, for this user only: `posted.db.v1.bak`.

        By a second connection: it sees what is committed, and the migration's lock keeps others from changing it.
        """
        copy = self._path.with_name(f"{self._path.name}.v{version}.bak")
        os.close(os.open(copy, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
