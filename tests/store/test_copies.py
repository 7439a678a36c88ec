"""A store copied into another one holds the same; nothing is copied that is not certain."""

from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from importer.errors import SetupError
from importer.model.postings import Choice, Decision, Entry, FileLink, JournalOutcome, LedgerFacts, State
from importer.store import copies
from importer.store.approvals import Request, Rule, add_request
from importer.store.copies import TABLES, check_store, copy_store
from importer.store.database import Database
from importer.store.installations import add_address
from importer.store.journal_rows import appearances_of
from importer.store.leases import Lease, forget_worker, note_worker, this_process
from importer.store.notices import Notice, add_notices
from importer.store.postings import JournalStore
from importer.store.runs import LinkedFileStore, RecordWritten, find_run, finish_run, keep_record_write, start_run
from importer.store.submissions import Submission, SubmissionOptions, SubmittedFile, add_submission, sum_of
from tests.cli.commands import importer
from tests.post.journals import journal
from tests.report.stories import troubled_run

ROWS = "SELECT {0}, * FROM {1} ORDER BY {0}"
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def full(tmp_path: Path) -> str:
    """A store with something in each table."""
    address = f"sqlite:///{tmp_path / 'full.db'}"
    database = Database(address)
    for number in range(3):
        start_run(database, f"r{number}", "5", "", "a\0na", NOON, installation="A")
    result = replace(troubled_run(), run="r1")
    finish_run(database, result, {"path": "junio\udce9.xlsx"})
    add_address(database, "5", "ledger.example.org", "A", "REAL", NOON)
    lease = Lease(database, "5", "r2", this_process("me"))
    assert lease.take() is None
    store = JournalStore(database, "5", "r2", this_process("me"), "A")
    entries = [Entry(journal(f"J{place}"), place, f"f{place}", 1, "p", "[]") for place in range(4)]
    ids = [one.id for one in store.remember(entries)]
    store.claim([(id_, "p") for id_ in ids[:3]], NOON)
    store.record([JournalOutcome(ids[1], State.UNKNOWN, NOON), JournalOutcome(ids[0], State.POSTED, NOON, "7001")])
    store.decide([Decision(ids[3], Choice.DROP, "ana", NOON, "ño\0", None, None, "")])
    store.keep_ledger_facts(LedgerFacts(0.1 + 0.2, {"description": 30}, frozenset(("101110",))))
    LinkedFileStore(database, "5", "r2", "A").claim(FileLink("a.pdf", 7001), "aa", NOON)
    keep_record_write(database, "r1", RecordWritten("dimension", "k", "create", NOON, "done", "201"))
    lease.release()
    workbook = b"a\0b"
    new = Submission(
        *(
            "junio\udce9.xlsx",
            "north/junio\udce9.xlsx",
            [SubmittedFile("a.xlsx", sum_of(workbook))],
            SubmissionOptions(),
        ),
        profile="north",
        address="ledger.example.org:443",
        userid="me",
        company=5,
        source="submit",
        submitted_by="ana",
    )
    add_submission(database, new, {sum_of(workbook): workbook})
    asked = Request("r1", "5", "A", "north/june.xlsx", "how:what", ["journal f 1 p"], [Rule()], "digest", "ana", "{}")
    number = add_request(database, asked)
    with database.transaction() as connection:
        connection.execute("INSERT INTO policies (text, set_by, set_at) VALUES ('approval = []', 'ana', 't')")
        connection.execute(
            "INSERT INTO request_decisions (request, person, decided_at, is_yes, words)"
            " VALUES (?, 'rosa', 't', 1, 'ñ')",
            (number,),
        )
    add_notices(database, [Notice("submission 1 done", "north", "ana@example.org", "{}")])
    database.close()
    return address


def contents(address: str) -> dict[str, list[dict[str, object]]]:
    database = Database(address)
    with database.reading() as connection:
        found = {
            table: [dict(row) for row in connection.execute(ROWS.format(number, table))]
            for table, number in TABLES.items()
        }
    database.close()
    return found


def test_a_copy_and_its_copy_hold_the_same_and_go_on_where_it_stood(full: str, address: str, tmp_path: Path) -> None:
    copied = copy_store(full, address)
    assert all(copied[table] for table in TABLES)
    back = f"sqlite:///{tmp_path / 'back.db'}"
    copy_store(address, back)
    plain = {
        table: [{name: _kept(value) for name, value in row.items()} for row in rows]
        for table, rows in contents(full).items()
    }
    if address.startswith("sqlite"):
        plain = contents(full)
    assert contents(back) == plain
    database, before = Database(address), Database(full)
    results = [find_run(one, "r1").result for one in (database, before)]
    assert results[0] is not None and results[1] is not None and asdict(results[0]) == asdict(results[1])
    assert appearances_of(database, "r2") == appearances_of(before, "r2")
    start_run(database, "r9", "5", "", "me", NOON, installation="A")
    known = JournalStore(database, "5", "r9", installation="A").remember([Entry(journal(), 0, "new", 1, "p", "[]")])
    assert known[0].id == 5
    database.close()
    before.close()


def _kept(value: object) -> object:
    return value.replace("\0", "\\x00") if isinstance(value, str) else value


def test_nothing_is_copied_from_a_store_that_is_used_or_missing_or_into_one_that_holds_something(
    full: str, address: str, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match="store-missing"):
        copy_store(f"sqlite:///{tmp_path / 'mistyped.db'}", address)
    assert not (tmp_path / "mistyped.db").exists()
    database = Database(full)
    lease = Lease(database, "5", "r2", this_process("me"))
    lease.take()
    with pytest.raises(SetupError, match="store-in-use"):
        copy_store(full, address)
    lease.release()
    for used, source in ((full, full), (address, full)):
        with closing(Database(used)) as other:
            note_worker(other, [""])
            with pytest.raises(SetupError, match="store-served"):
                copy_store(source, address)
            forget_worker(other)
    database.close()
    copy_store(full, address)
    with pytest.raises(SetupError, match="store-not-empty"):
        copy_store(full, address)


def test_what_began_while_a_store_was_copied_is_not_left_out(full: str, address: str) -> None:
    def run_begins(*arguments: Any) -> tuple[int, str]:
        if not began:
            began.append(1)
            with closing(Database(full)) as database:
                start_run(database, "r8", "5", "", "me", NOON, installation="A")
        return summed(*arguments)

    began: list[int] = []
    summed = copies._summed
    with patch.object(copies, "_summed", run_begins), pytest.raises(SetupError, match="store-copy-differs"):
        copy_store(full, address)
    copy_store(full, address)


def test_a_check_tells_what_the_store_holds_and_what_is_damaged(full: str, address: str) -> None:
    copy_store(full, address)
    runs, journals, faults = check_store(address)
    assert (runs, faults) == (3, [])
    assert journals.by_state == {"dropped": 1, "posted": 1, "sending": 1, "unknown": 1}
    assert journals.oldest_doubt == NOON.isoformat()
    database = Database(address)
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET kept = 'no JSON' WHERE run = 'r1'")
        connection.execute("DELETE FROM attempts WHERE state = 'unknown'")
    database.close()
    assert check_store(address)[2] == ["runs.kept r1", "attempts J1"]


def test_the_commands_copy_and_check(full: str, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    copied = importer("store", "copy", full, target, folder=tmp_path)
    assert copied.code == 0 and "3 runs, 4 journals" in copied.out, copied
    again = importer("store", "copy", full, target, folder=tmp_path)
    assert again.code == 3 and "holds something already" in again.err, again
    checked = importer("store", "check", folder=tmp_path, IMPORTER_STORE=target)
    assert checked.code == 0 and "sending 1" in checked.out and NOON.isoformat() in checked.out, checked
    missing = importer("store", "check", folder=tmp_path, IMPORTER_STORE=f"{target}x")
    assert missing.code == 3 and "There is no store" in missing.err, missing
