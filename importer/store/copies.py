"""Copies a whole store into another database, and checks a store for damage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from importer.errors import SetupError
from importer.store.database import Connection, Database
from importer.store.leases import ALIVE_SECONDS
from importer.store.runs import result_from_text

TABLES: Mapping[str, str] = {
    "runs": "rowid",
    "journals": "id",
    "attempts": "rowid",
    "appearances": "rowid",
    "linked_files": "id",
    "record_writes": "rowid",
    "installations": "rowid",
    "ledger_facts": "rowid",
    "decisions": "id",
    "contents": "id",
    "submissions": "id",
    "policies": "id",
    "requests": "id",
    "request_decisions": "id",
    "notices": "id",
}
"""What is copied, in an order that foreign keys allow, with the column that numbers the rows. Leases and workers are
not: they belong to processes."""

_BOOLEANS = frozenset(("is_practice", "is_declined", "is_doubtful_refusal"))
_ROWS_AT_ONCE = 500


def copy_store(source_url: str, target_url: str) -> Mapping[str, int]:
    """Copies everything into an empty store, in one transaction, reads it back, and gives the number of rows by table.

    Raises SetupError where the source is not there, where a run or a worker uses one of them, where the target holds
    something, where what it holds afterwards is not the same, and where the source went on meanwhile; nothing is copied
    then.
    """
    with (
        _existing(source_url) as source,
        Database(target_url) as target,
        source.reading() as given,
        target.transaction() as taken,
    ):
        _refuse_use(given, source.name)
        _refuse_use(taken, target.name)
        for table in (*TABLES, "leases"):
            if taken.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
                raise SetupError("store-not-empty", store=target.name)
        copied = {table: _summed(_inserted(_batches(given, table), taken, table)) for table in TABLES}
        for table, sums in copied.items():
            if sums != _summed(_batches(taken, table)):
                raise SetupError("store-copy-differs", table=table, store=target.name)
        for table, number in TABLES.items():
            target.number_on(table, number)
        _refuse_changed(source_url, given)
    return {table: rows for table, (rows, _) in copied.items()}


def check_store(url: str) -> tuple[int, "JournalsInStore", Sequence[str]]:
    """Checks that the database is whole, that no row refers to a missing one, and that every kept result can be read.
    Gives how many runs there are, the journals, and what is damaged. Raises SetupError when the store is not there or
    cannot be opened."""
    with _existing(url) as database:
        faults = database.faults()
        with database.reading() as connection:
            for (row,) in _batches(connection, "runs"):
                try:
                    if row["kept"] is not None:
                        result_from_text(row["kept"])
                except (ValueError, KeyError, TypeError):
                    faults.append(f"runs.kept {row['run']}")
        miscounted = database.rows(
            "SELECT document_key FROM journals WHERE attempts <>"
            " (SELECT COALESCE(MAX(number), 0) FROM attempts WHERE journal = journals.id) ORDER BY id"
        )
        faults += [f"attempts {key}" for (key,) in miscounted]
        return database.row("SELECT COUNT(*) FROM runs")[0], journals_in(database, with_practice=True), faults


@dataclass(frozen=True, slots=True)
class JournalsInStore:
    """How many journals there are by state, and since when the oldest doubt stands (UTC, ISO; None without one)."""

    by_state: Mapping[str, int]
    oldest_doubt: str | None

    @property
    def doubt_seconds(self) -> float:
        """The age of the oldest doubt by this machine's clock, 0 without one."""
        if self.oldest_doubt is None:
            return 0.0
        return max((datetime.now(UTC) - datetime.fromisoformat(self.oldest_doubt)).total_seconds(), 0.0)


def journals_in(database: Database, *, with_practice: bool) -> JournalsInStore:
    """The journals of a store; `with_practice`: those of practice companies too. A journal that is being sent is in
    doubt since it left."""
    which = "TRUE" if with_practice else "company NOT LIKE 'practice/%'"
    states = database.rows(f"SELECT state, COUNT(*) FROM journals WHERE {which} GROUP BY state ORDER BY state")
    (oldest,) = database.row(
        "SELECT MIN(COALESCE(in_doubt_since, attempts.sent_at)) FROM journals"
        " LEFT JOIN attempts ON attempts.journal = journals.id AND attempts.number = journals.attempts"
        f" WHERE journals.state IN ('sending', 'unknown') AND {which}"
    )
    return JournalsInStore({row[0]: row[1] for row in states}, oldest)


def _existing(url: str) -> Database:
    """A store that is there: a name that was mistyped must not make an empty one."""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        raise SetupError("store-missing", store=url)
    return Database(url)


def _refuse_use(connection: Connection, store: str) -> None:
    lease = connection.execute("SELECT run, holder, host FROM leases WHERE until > clock()").fetchone()
    if lease is not None:
        run, holder, host = lease
        raise SetupError("store-in-use", store=store, run=run, holder=holder, host=host.partition("/")[0])
    alive = "SELECT host, process FROM workers WHERE seen > clock() - ?"
    worker = connection.execute(alive, (ALIVE_SECONDS,)).fetchone()
    if worker is not None:
        host, process = worker
        raise SetupError("store-served", store=store, host=host.partition("/")[0], process=str(process))


def _refuse_changed(url: str, given: Connection) -> None:
    """A look of its own, beside the one that was copied: what began meanwhile would be missing in the copy."""
    with Database(url) as source, source.reading() as now:
        _refuse_use(now, source.name)
        for table, number in TABLES.items():
            newest = f"SELECT MAX({number}) FROM {table}"
            if now.execute(newest).fetchone()[0] != given.execute(newest).fetchone()[0]:
                raise SetupError("store-copy-differs", table=table, store=source.name)


def _inserted(batches: Iterator[list[dict[str, Any]]], taken: Connection, table: str) -> Iterator[list[dict[str, Any]]]:
    """The same batches of rows, each inserted into a table."""
    for batch in batches:
        columns = list(batch[0])
        taken.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            [tuple(row.values()) for row in batch],
        )
        yield batch


def _summed(batches: Iterator[list[dict[str, Any]]]) -> tuple[int, str]:
    """How many rows there are, and a hash of what they hold."""
    count, digest = 0, sha256()
    for batch in batches:
        count += len(batch)
        for row in batch:
            content = repr([(name, _plain(row[name])) for name in sorted(row)])
            digest.update(content.encode("utf-8", "backslashreplace"))
    return count, digest.hexdigest()


def _plain(value: Any) -> Any:
    return value.replace("\0", "\\x00") if isinstance(value, str) else value  # as PostgreSQL keeps it


def _batches(connection: Connection, table: str) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in the order of their numbers, few at a time."""
    number, last = TABLES[table], -1
    most = 1 if table in ("runs", "contents") else _ROWS_AT_ONCE  # a kept result, a file may be large
    while found := connection.execute(
        f"SELECT {number}, * FROM {table} WHERE {number} > ? ORDER BY {number} LIMIT ?", (last, most)
    ).fetchall():
        yield [
            {name: bool(row[name]) if name in _BOOLEANS else row[name] for name in row.keys()}  # noqa: SIM118
            for row in found
        ]
        last = found[-1][0]
