"""A store in PostgreSQL, for several machines: durable by the server's own settings, which are refused where they are
not; across a network only over TLS to a server that is who it says."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import ip_address
from os import environ
from typing import Any
from zlib import crc32

from importer.errors import SetupError
from importer.model.secrets import OF_THIS_PROCESS, Secret, without_password
from importer.store.schema import (
    BASELINE_VERSION,
    MIGRATIONS,
    POSTGRES_BASELINE,
    WAIT_SECONDS,
    bring_up_to_date,
    migrate,
)

try:
    import psycopg
    from psycopg import pq
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.types.string import StrDumperUnknown
except ImportError as error:  # not installed, or without libpq
    raise SetupError("team-missing", detail=str(error)) from error

_OUR_LOCKS = 5326
"""Tells the advisory locks of this program from those of others in the same database."""
_IDLE_SECONDS = 60
_SETTINGS = (
    f"-c lock_timeout={int(WAIT_SECONDS)}s -c idle_in_transaction_session_timeout={_IDLE_SECONDS}s"
    " -c standard_conforming_strings=on"
)
"""Asked for as the connection begins: a pooler that hands connections round refuses them, or loses them."""
_CONNECTION: Mapping[str, str] = {
    "application_name": "importer",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""What the address does not say. A server that is gone is noticed within a minute."""
_UNESCAPED = re.compile(r"[^:]+://[^?]*[@/][^?]*@")
"""A password with `@` or `/` in it: libpq takes what stands behind for the server, and says its name."""
_STATE = """
    SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
        current_setting('synchronous_commit') AS synchronous_commit,
        current_setting('lock_timeout') AS lock_timeout,
        current_setting('idle_in_transaction_session_timeout') AS idle_in_transaction_session_timeout,
        current_setting('default_transaction_read_only') AS default_transaction_read_only,
        pg_is_in_recovery() AS is_recovering, current_setting('server_encoding') AS server_encoding,
        current_schema() AS schema, session_user::text AS login_role
"""


class PostgresEngine:
    """A store on a server, for `database.Database`. Transactions that write keep only those of the same company
    waiting."""

    def __init__(self, url: str, clock: Callable[[], float] | None, migrates: bool) -> None:
        """Connects; makes the tables where there are none. `clock` is for tests, whose function `clock()` reads the
        setting `importer.clock`.

        Raises SetupError for a server that is out of reach, would lose what it has confirmed, or cannot be written, and
        for a store of a newer program."""
        self.name = without_password(url)
        self._clock = clock
        wanted = connection_arguments(url)
        with self.translated():
            self._connection: psycopg.Connection[Any] = psycopg.connect(**wanted, autocommit=True, row_factory=_rows_of)
        self.connection = _Statements(self._connection)
        try:
            with self.translated():
                self._connection.adapters.register_dumper(str, _TextDumper)
                self._schema = self._trusted_schema()
                bring_up_to_date(self, migrates)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def begin(self, company: str) -> None:
        """Begins a transaction that writes; with a company it waits for others of that company. READ COMMITTED: each
        statement sees what was committed before it, also while this one has waited."""
        self._begin("READ COMMITTED READ WRITE", company)

    def begin_reading(self) -> None:
        """Begins a look at the store as it is at one moment."""
        self._begin("REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """Commits the open transaction. When this fails nobody knows whether it was carried out."""
        done = self._connection.execute("COMMIT", prepare=False).statusmessage
        if done != "COMMIT":
            raise SetupError("store", store=self.name, detail=str(done))

    def roll_back(self) -> None:
        """Ends the open transaction, if there is one, without a trace: where the server cannot be asked to, by closing
        the connection."""
        if self._connection.info.transaction_status is pq.TransactionStatus.IDLE:
            return
        try:
            self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self._connection.close()

    def number_on(self, table: str, column: str) -> None:
        """After rows came with their numbers: the next one gets a higher one."""
        self.connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), COALESCE(MAX({column}), 0) + 1, FALSE)"
            f" FROM {table}"
        )

    def faults(self) -> Iterator[str]:
        """What is damaged: indexes that were not made to their end, constraints that were not tried."""
        rows = self.connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
            " WHERE NOT indisvalid AND relnamespace = quote_ident(current_schema())::regnamespace"
            " UNION ALL SELECT conname FROM pg_constraint"
            " WHERE NOT convalidated AND connamespace = quote_ident(current_schema())::regnamespace"
        )
        yield from (str(row[0]) for row in rows)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns the errors of the database into SetupError: `store-away` where the server cannot be had."""
        try:
            yield
        except (psycopg.Error, OSError) as error:
            is_open = hasattr(self, "_connection") and not (self._connection.broken or self._connection.closed)
            detail = " ".join(str(error).split())
            raise SetupError("store" if is_open else "store-away", store=self.name, detail=detail) from error

    def _begin(self, mode: str, company: str = "") -> None:
        statements = [f"BEGIN ISOLATION LEVEL {mode}"]
        if self._clock is not None:
            statements.append(f"SELECT set_config('importer.clock', '{self._clock()!r}', TRUE)")
        if company:  # names that share a number by chance only wait for each other
            number = crc32(f"{self._schema}\n{company}".encode("utf-8", "backslashreplace")) - 2**31
            statements.append(f"SELECT pg_advisory_xact_lock({_OUR_LOCKS}, {number})")
        self._connection.execute("; ".join(statements).encode(), prepare=False)

    def _trusted_schema(self) -> str:
        """The schema that holds the tables. Raises SetupError for a server that is not to be trusted with them."""
        state = self.connection.execute(_STATE).fetchone()
        for name in ("fsync", "full_page_writes"):
            if state[name] != "on":
                raise SetupError("store-not-durable", store=self.name, setting=name, given=state[name])
        if state["is_recovering"] or state["default_transaction_read_only"] == "on":
            raise SetupError("store-read-only", store=self.name)
        kept = state["lock_timeout"], state["idle_in_transaction_session_timeout"]
        if kept != (f"{int(WAIT_SECONDS)}s", "1min"):
            raise SetupError("store-pooler", store=self.name)
        if state["server_encoding"] != "UTF8" or state["schema"] is None:
            detail = f"server_encoding {state['server_encoding']}, current_schema {state['schema']}"
            raise SetupError("store", store=self.name, detail=detail)
        if state["synchronous_commit"] not in ("on", "remote_apply"):
            self._connection.execute("SET synchronous_commit = on")
        self.login_role = str(state["login_role"])
        return str(state["schema"])

    def version(self) -> int:
        """The version of the tables, 0 where there are none."""
        is_there = self.connection.execute(
            "SELECT to_regclass(quote_ident(current_schema()) || '.schema_version') IS NOT NULL"
        ).fetchone()[0]
        return int(self.connection.execute("SELECT version FROM schema_version").fetchone()[0]) if is_there else 0

    def migrate(self, version: int) -> None:
        """Brings tables of that version to the newest one, in the open transaction."""
        base = () if version else (POSTGRES_BASELINE,)
        migrate(self.connection, (*base, *MIGRATIONS[version or BASELINE_VERSION :]), on_postgres=True)
        self.connection.execute("UPDATE schema_version SET version = ?", (len(MIGRATIONS),))


def connection_arguments(url: str) -> dict[str, Any]:
    """What psycopg connects with for an address: TLS and a verified server across a network, time limits, sessions that
    no pooler hands round. Raises SetupError for an address that cannot be used."""
    name = without_password(url)
    if _UNESCAPED.match(url):
        raise SetupError("store-url", store=name)
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        # Its words may quote the password, and so may the traceback.
        raise SetupError("store-url", store=name) from None
    for secret in ("password", "sslpassword"):
        if given.get(secret):
            OF_THIS_PROCESS.add(Secret(str(given[secret])))
    if not _is_local(given):
        mode = str(given.get("sslmode") or "verify-full")
        if mode != "verify-full":
            raise SetupError("store-not-encrypted", store=name, given=mode)
        given = {"gssencmode": "disable", **given, "sslmode": mode}
    return {**_CONNECTION, **given, "options": f"{given.get('options') or ''} {_SETTINGS}".strip()}


def _is_local(given: Mapping[str, Any]) -> bool:
    """True when the connection stays on this machine: a socket's directory, or a loopback address."""

    def known(name: str, variable: str) -> str:
        return str(given.get(name) or environ.get(variable) or "")

    places = known("hostaddr", "PGHOSTADDR") or known("host", "PGHOST")
    if not places and known("service", "PGSERVICE"):
        return False
    return all(_is_loopback(place) for place in places.split(","))


def _is_loopback(place: str) -> bool:
    if place in ("", "localhost") or place.startswith(("/", "@")):
        return True
    try:
        return ip_address(place).is_loopback
    except ValueError:
        return False


class _TextDumper(StrDumperUnknown):
    """PostgreSQL's texts hold no NUL: it is written, and looked for, as `\\x00`."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\\x00"))


class _Row:
    """A row, its columns by number and by name, as sqlite3.Row has them."""

    __slots__ = ("_columns", "_values")

    def __init__(self, columns: Mapping[str, int], values: Sequence[Any]) -> None:
        self._columns = columns
        self._values = values

    def __getitem__(self, column: int | slice | str) -> Any:
        return self._values[self._columns[column] if isinstance(column, str) else column]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> Iterable[str]:
        """The names of the columns."""
        return self._columns.keys()


def _rows_of(cursor: "psycopg.Cursor[Any]") -> Callable[[Sequence[Any]], _Row]:
    columns = {column.name: place for place, column in enumerate(cursor.description or ())}
    return lambda values: _Row(columns, values)


class _Statements:
    """`database.Connection`: the one set of statements, translated for PostgreSQL."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = (), /) -> Any:
        """Executes one statement; gives its cursor."""
        return self._connection.execute(_as_postgresql(statement), values)

    def executemany(self, statement: str, values: Iterable[Any], /) -> None:
        """One statement for each of the values, sent without waiting for each answer."""
        self._connection.cursor().executemany(_as_postgresql(statement), values)


_PLACES = re.compile(r"'(?:[^']|'')*'|::\w+|\?|:(?P<name>\w+)|%|group_concat\(|instr\(")


@lru_cache(maxsize=512)
def _as_postgresql(statement: str) -> bytes:
    """`?` and `:name` outside texts become `%s` and `%(name)s`, and two functions have other names."""

    def written(found: re.Match[str]) -> str:
        text = found[0]
        if found["name"]:
            return f"%({found['name']})s"
        return {"?": "%s", "group_concat(": "string_agg(", "instr(": "strpos("}.get(text, text.replace("%", "%%"))

    return _PLACES.sub(written, statement).encode()
