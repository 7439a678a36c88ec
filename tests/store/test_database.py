"""The store on disk: private, durable, of one version, in one sentence when it cannot be used."""

import os
import platform
import sqlite3
import stat
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from importer.errors import SetupError
from importer.model.dates import Period
from importer.model.journals import fingerprint
from importer.model.postings import Entry
from importer.model.problems import Place, Problem
from importer.model.results import FileRead
from importer.post.plan import entries_of
from importer.store.database import Database, is_on_network
from importer.store.leases import LEASE_SECONDS, Holder, Lease, this_host, this_process
from importer.store.postings import JournalStore
from importer.store.runs import (
    find_run,
    finish_run,
    keep_result,
    result_from_text,
    runs_in,
    start_run,
    text_of_result,
)
from importer.store.schema import MIGRATIONS, migrate
from tests.cli.commands import importer
from tests.post.journals import journal
from tests.report.stories import troubled_run


def start(database: Database, run: str) -> None:
    start_run(database, run, "c", "", "me", datetime.now(UTC))


def test_a_new_store_is_private_and_synchronous(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'down' / 'posted.db'}")
    with database.transaction() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    if os.name == "posix":
        for file in (tmp_path / "deep" / "down").iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    database.close()


def test_a_store_of_a_newer_program_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(SetupError, match="store-newer"):
        Database(f"sqlite:///{tmp_path / 's.db'}")


@pytest.mark.parametrize("url", ["mysql://user:secret@host/db", "sqlite:///", "posted.db", "sqlite://posted.db"])
def test_an_address_that_is_no_sqlite_file_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(SetupError, match="store-url") as caught:
        Database(url)
    assert "secret" not in str(caught.value.facts)


def test_without_its_library_a_store_in_postgresql_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "importer.store.postgres", raising=False)
    ended = importer("runs", folder=tmp_path, IMPORTER_STORE="postgresql://ana:secret-word@localhost/d")
    assert ended.code == 3 and ".[team]" in ended.err and "secret" not in ended.err, ended.err


def test_what_fails_inside_a_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(SetupError, match="store"), database.transaction() as connection:
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at) VALUES ('r', 'c', '', 'm', 't')"
        )
        connection.execute("INSERT INTO runs (run) VALUES (NULL, 1)")
    with database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone()[0] == 0


def test_the_schema_itself_forbids_a_second_claim_and_a_posted_journal_without_number(database: Database) -> None:
    start(database, "r")
    insert = (
        "INSERT INTO journals (company, fingerprint, occurrence, state, payload_hash, run, document_key, file, sheet,"
        " sheet_rows, content) VALUES ('c', 'f', 1, ?, 'p', 'r', 'k', 'f', 's', '[]', '')"
    )
    with database.transaction() as connection:
        connection.execute(insert, ("planned",))
    for state in ("planned", "posted", "lost"):
        with pytest.raises(SetupError), database.transaction() as connection:
            connection.execute(insert, (state,))


def test_the_result_is_kept_with_its_run_whatever_characters_it_has(database: Database) -> None:
    result = replace(troubled_run(), run="r", files=(FileRead("junio\udce9.xlsx", None, ()),))
    start(database, "r")
    keep_result(database, replace(result, problems=()))
    finish_run(database, result, {"path": "junio\udce9.xlsx"})
    with database.transaction() as connection:
        row = connection.execute("SELECT exit_code, result FROM runs").fetchone()
    assert row["exit_code"] == result.exit_code and "\\udce9" in row["result"]
    kept = find_run(database, "r").result
    assert kept is not None and asdict(kept) == asdict(result)
    assert [listed.run for listed in runs_in(database)] == ["r"]
    with pytest.raises(SetupError, match="no-such-run"):
        find_run(database, "s")


def test_a_store_of_the_first_version_is_backed_up_and_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "s.db"
    with sqlite3.connect(file) as connection:
        migrate(connection, MIGRATIONS[:1])
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at) VALUES ('r', 'c', '', 'm', 't')"
        )
        connection.execute(
            "INSERT INTO journals (company, fingerprint, occurrence, state, payload_hash, attempts, run, document_key,"
            " file, sheet, sheet_rows, content) VALUES ('c','f',1,'unknown','p',1,'r','k','f','s','[]','')"
        )
        connection.execute(
            "INSERT INTO attempts (journal, number, run, sent_at, ended_at, state)"
            " VALUES (1, 1, 'r', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:09+00:00', 'unknown')"
        )
    connection.close()
    database = Database(f"sqlite:///{file}")
    entry = Entry(journal(), 0, fingerprint="f", occurrence=1, payload_hash="p", content="")
    (known,) = JournalStore(database, "c", "r").recall([entry])
    assert known.unknown_sends == 1 and known.in_doubt_since == datetime(2026, 1, 1, 0, 0, 9, tzinfo=UTC)
    database.close()
    with sqlite3.connect(tmp_path / "s.db.v1.bak") as old:
        assert old.execute("PRAGMA user_version").fetchone()[0] == 1
        assert old.execute("SELECT state FROM journals").fetchone()[0] == "unknown"
    old.close()
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "s.db.v1.bak").stat().st_mode) == 0o600


def test_a_lease_is_one_runs_until_it_runs_out_by_the_databases_clock(timed_address: str) -> None:
    now = [1000.0]
    database = Database(timed_address, clock=lambda: now[0])
    alive = Holder("Ana", "elsewhere", 1, 0.0)
    first, second = Lease(database, "c", "r1", alive), Lease(database, "c", "r2", alive)
    assert first.take() is None and first.take() is None
    assert second.take() == ("r1", alive)
    assert Lease(database, "another", "r3", alive).take() is None
    now[0] += LEASE_SECONDS - 1
    first.renew()
    now[0] += LEASE_SECONDS - 1
    assert second.take() is not None
    now[0] += 2
    assert second.take() is None
    with pytest.raises(SetupError, match="lease-lost"):
        first.renew()
    second.release()
    assert first.take() is None
    database.close()


def test_the_lease_of_a_process_of_this_machine_that_died_is_taken_over_at_once(database: Database) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    born = psutil.Process(ended.pid).create_time()
    ended.wait()
    dead = Holder("Ana", this_host(), ended.pid, born)
    me = this_process("Eva")
    assert dead.is_dead and not me.is_dead
    assert replace(me, born=me.born - 100).is_dead  # its number was given to another process since
    assert not replace(dead, host="elsewhere").is_dead
    assert not replace(dead, host=f"{platform.node()}/00000000").is_dead  # another machine, or container, of that name
    assert dead.machine == platform.node()
    assert Lease(database, "c", "r1", dead).take() is None
    assert Lease(database, "c", "r2", me).take() is None
    assert Lease(database, "c", "r3", dead).take() is not None


def test_a_file_on_a_network_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = [SimpleNamespace(mountpoint="/", fstype="ext4", opts="rw")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    assert not is_on_network(tmp_path / "s.db")
    mounts.append(SimpleNamespace(mountpoint=str(tmp_path), fstype="nfs4", opts="rw"))
    assert is_on_network(tmp_path / "s.db")
    with pytest.raises(SetupError, match="store-on-network"):
        Database(f"sqlite:///{tmp_path / 's.db'}")


def test_two_openings_see_the_same_journals(address: str) -> None:
    first, second = (Database(address) for _ in range(2))
    start(first, "r")
    assert JournalStore(first, "c", "r").remember([]) == []
    with second.transaction() as connection:
        assert connection.execute("SELECT run FROM runs").fetchone()["run"] == "r"
    first.close()
    second.close()


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_a_second_opening_in_the_process_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    """POSIX forgets them when any descriptor of the file is closed; another process took the log away then."""
    file = tmp_path / "s.db"
    database = Database(f"sqlite:///{file}")
    lease = Lease(database, "5", "r1", this_process("ana"))
    assert lease.take() is None
    log = (tmp_path / "s.db-wal").stat().st_ino
    Database(f"sqlite:///{file}").close()
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM leases').fetchall(); c.close()"
    )
    subprocess.run([sys.executable, "-c", script, str(file)], check=True)
    assert (tmp_path / "s.db-wal").stat().st_ino == log
    lease.renew()
    database.close()


def test_a_period_among_the_facts_is_kept_as_a_text(tmp_path: Path) -> None:
    problem = Problem("closed-period", Place("a.xlsx"), facts={"first": Period("2018001")})
    result = replace(troubled_run(), problems=(problem,))
    assert asdict(result_from_text(text_of_result(result))) == asdict(result)


BEFORE_PLAIN_BLANKS = 7
WIDE = "LINE\u00a01"


@pytest.mark.parametrize("states", [("posted",), ("planned", "posted"), ("posted", "planned"), ("posted", "posted")])
def test_a_journal_known_by_a_no_break_space_is_the_one_with_a_plain_blank(
    tmp_path: Path, states: tuple[str, ...]
) -> None:
    """An older program kept such blanks; with two states another journal of its stood there with the plain one."""
    (today,) = entries_of([(0, journal())], "c")
    old = [(f"{number + 1}", state) for number, state in enumerate(states)]
    file = tmp_path / "s.db"
    with sqlite3.connect(file) as connection:
        migrate(connection, MIGRATIONS[:BEFORE_PLAIN_BLANKS])
        connection.execute(f"PRAGMA user_version = {BEFORE_PLAIN_BLANKS}")
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at) VALUES ('r', 'c', '', 'm', 't')"
        )
        for number, state in old:
            content = today.content if number != old[-1][0] else today.content.replace("LINE 1", WIDE)
            connection.execute(
                "INSERT INTO journals (company, fingerprint, occurrence, state, payload_hash, run, document_key, file,"
                " sheet, sheet_rows, content, journal_number)"
                " VALUES ('c', ?, 1, ?, 'p', 'r', 'k', 'f', 's', '[]', ?, ?)",
                (fingerprint("c", content), state, content, number if state == "posted" else None),
            )
        lines = '[{"description": "LINE\u00a01"}]'
        connection.execute(
            "INSERT INTO appearances (run, position, journal, document_key, file, sheet, payload_hash, lines, files)"
            " VALUES ('r', 0, 1, 'k', 'f', 's', 'p', ?, '[]')",
            (lines,),
        )
    connection.close()
    database = Database(f"sqlite:///{file}")
    first_posted = next(number for number, state in old if state == "posted")
    store = JournalStore(database, "c", "r")
    (known,) = store.recall([today])
    assert (known.state.value, known.journal_number) == ("posted", first_posted)
    assert store.next_occurrence(today.fingerprint) == len(states) + 1
    with database.reading() as opened:
        assert {row[0] for row in opened.execute("SELECT content FROM journals")} == {today.content}
        assert opened.execute("SELECT lines FROM appearances").fetchone()[0] == lines.replace("\u00a0", " ")
    database.close()
