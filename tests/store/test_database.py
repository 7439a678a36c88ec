"""The store on disk: private, durable, of one version, in one sentence when it cannot be used."""

import os
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importer.errors import SetupError
from importer.store.database import Database
from importer.store.journals import JournalStore
from importer.store.runs import finish_run, start_run
from importer.store.schema import MIGRATIONS


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


@pytest.mark.parametrize("url", ["postgresql://user:secret@host/db", "sqlite:///", "posted.db", "sqlite://posted.db"])
def test_an_address_that_is_no_sqlite_file_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(SetupError, match="store-url") as caught:
        Database(url)
    assert "secret" not in str(caught.value.facts)


def test_what_fails_inside_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 's.db'}")
    with pytest.raises(SetupError, match="store"), database.transaction() as connection:
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at) VALUES ('r', 'c', '', 'm', 't')"
        )
        connection.execute("INSERT INTO runs (run) VALUES (NULL, 1)")
    with database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone()[0] == 0
    database.close()


def test_the_schema_itself_forbids_a_second_claim_and_a_posted_journal_without_number(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 's.db'}")
    start_run(database, "r", "c", "", "me", datetime.now(UTC))
    insert = (
        "INSERT INTO journals (company, fingerprint, occurrence, state, payload_hash, run, document_key, file, sheet,"
        " sheet_rows, content) VALUES ('c', 'f', 1, ?, 'p', 'r', 'k', 'f', 's', '[]', '')"
    )
    with database.transaction() as connection:
        connection.execute(insert, ("planned",))
    for state in ("planned", "posted", "lost"):
        with pytest.raises(SetupError), database.transaction() as connection:
            connection.execute(insert, (state,))
    database.close()


def test_the_result_is_kept_with_its_run_whatever_characters_it_has(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 's.db'}")
    start_run(database, "r", "c", "", "me", datetime.now(UTC))
    finish_run(database, "r", 1, {"path": "junio\udce9.xlsx"}, datetime.now(UTC))
    with database.transaction() as connection:
        row = connection.execute("SELECT exit_code, result FROM runs").fetchone()
    assert row["exit_code"] == 1 and "\\udce9" in row["result"]
    database.close()


def test_two_openings_see_the_same_journals(tmp_path: Path) -> None:
    first, second = (Database(f"sqlite:///{tmp_path / 's.db'}") for _ in range(2))
    start_run(first, "r", "c", "", "me", datetime.now(UTC))
    assert JournalStore(first, "c", "r").remember([]) == []
    with second.transaction() as connection:
        assert connection.execute("SELECT run FROM runs").fetchone()["run"] == "r"
    first.close()
    second.close()
