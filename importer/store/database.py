"""The store's database, SQLite or PostgreSQL: one set of statements, one rule for transactions."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from importer.errors import SetupError
from importer.model.secrets import without_password

if TYPE_CHECKING:
    from importer.store.postgres import PostgresEngine
    from importer.store.sqlite import SqliteEngine


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

    def __init__(self, url: str, clock: Callable[[], float] | None = None, *, migrates: bool = True) -> None:
        """Opens `sqlite:///file` (relative), `sqlite:////file` (absolute), making the file when there is none, or
        `postgresql://…`, as libpq reads it. `clock` replaces the database's own clock in tests. Unless it
        `migrates`, the tables stay as they are.

        Raises SetupError for another address, a database that cannot be used or trusted, or a store of a newer program;
        unless it `migrates` also for an older one (`store-older`) and for a database without tables (`store-missing`).
        """
        self._engine = _opened(url, clock, migrates)
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


def _opened(url: str, clock: Callable[[], float] | None, migrates: bool) -> "SqliteEngine | PostgresEngine":
    """Each library is imported for its own addresses only."""
    if url.startswith("sqlite:///") and url != "sqlite:///":
        from importer.store.sqlite import SqliteEngine

        return SqliteEngine(url, clock, migrates)
    if url.startswith(("postgresql://", "postgres://")):
        from importer.store.postgres import PostgresEngine

        return PostgresEngine(url, clock, migrates)
    raise SetupError("store-url", store=without_password(url))
