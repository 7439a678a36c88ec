"""A store of a program that knew no addresses: nothing in it is moved, everything in it still counts."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from importer.model.journals import Journal
from importer.model.postings import Entry, FileLink, JournalOutcome, Known, LinkedFile, LinkState, State
from importer.post.plan import entries_of
from importer.store.copies import copy_store
from importer.store.database import Database
from importer.store.journal_rows import declined_appearances, later_appearances
from importer.store.leases import Lease, this_process
from importer.store.postings import JournalStore
from importer.store.runs import LinkedFileStore, keep_decision, newest_unfinished, start_run
from tests.post.journals import journal
from tests.report.stories import troubled_run
from tests.store.older_store import write_older_store

AT = datetime(2018, 7, 2, tzinfo=UTC)
LATER = AT + timedelta(days=1)
REAL, TEST = "real.example.org:443", "test.example.org:443"
POSTED, UNKNOWN, SENDING, PLANNED = (journal(key, f"{place}.05") for place, key in enumerate("PUSN", start=1))
BILL = "aa" * 32


@pytest.fixture
def database(tmp_path: Path, address: str) -> Iterator[Database]:
    """Brought up to date; in PostgreSQL as a copy."""
    states = {"posted": [POSTED], "unknown": [UNKNOWN], "sending": [SENDING], "planned": [PLANNED]}
    write_older_store(tmp_path / "older.db", "old", states, {"P": 7001}, AT, troubled_run())
    with sqlite3.connect(tmp_path / "older.db") as connection:
        connection.execute(
            "INSERT INTO linked_files (company, journal_number, line, name, extension, sha256, copy, run, state,"
            " file_key, sent_at) VALUES ('5', 7001, 2, 'bill.pdf', 'pdf', ?, 1, 'old', 'linked', 'key', ?)",
            (BILL, AT.isoformat()),
        )
    connection.close()
    copy_store(f"sqlite:///{tmp_path / 'older.db'}", address)
    database = Database(address)
    yield database
    database.close()


def store_at(database: Database, installation: str, run: str = "new") -> JournalStore:
    """The store of a run that holds the company."""
    start_run(database, run, "5", "", "me", LATER, installation=installation)
    with database.transaction() as connection:
        connection.execute("DELETE FROM leases")
    assert Lease(database, "5", run, this_process("me")).take() is None
    return JournalStore(database, "5", run, installation=installation)


def entries(*journals: Journal) -> list[Entry]:
    return entries_of(enumerate(journals), "5")


def known_in(store: JournalStore, one: Journal) -> Known:
    (known,) = store.recall(entries(one))
    return known


def older(database: Database, key: str) -> Mapping[str, Any]:
    with database.reading() as connection:
        row: Mapping[str, Any] = connection.execute(
            "SELECT * FROM journals WHERE installation = '' AND document_key = ?", (key,)
        ).fetchone()
    return row


def test_what_was_posted_says_nothing_of_a_ledger_that_does_not_show_it(database: Database) -> None:
    store = store_at(database, TEST)
    (known,) = store.remember(entries(POSTED))
    assert (known.state, known.attempts, known.journal_number) == (State.PLANNED, 0, None)
    assert older(database, "P")["state"] == "posted" and not store.are_posted(entries(POSTED))


def test_what_a_ledger_shows_is_copied_and_stays_for_the_others(database: Database) -> None:
    for installation in (REAL, TEST):
        store = store_at(database, installation, f"at {installation}")
        (one,) = store.older_posted([entries(PLANNED)[0].content])
        assert (one.journal_number, one.key) == ("7001", "P")
        store.copy_older([one.id])
        assert store.older_posted() == []
        (known,) = store.remember(entries(POSTED))
        assert (known.state, known.journal_number, known.attempts, known.run) == (State.POSTED, "7001", 1, "old")
        assert store.posted_under([7001])[7001].id == known.id and store.are_posted(entries(POSTED))
    assert older(database, "P")["state"] == "posted"


def test_a_journal_that_was_planned_anew_becomes_posted_when_the_ledger_shows_the_old_one(database: Database) -> None:
    store = store_at(database, REAL)
    (planned,) = store.remember(entries(POSTED))
    store.copy_older([one.id for one in store.older_posted()])
    assert (known_in(store, POSTED).id, known_in(store, POSTED).state) == (planned.id, State.POSTED)


def test_a_number_that_another_journal_of_the_ledger_has_is_not_given_twice(database: Database) -> None:
    store = store_at(database, REAL)
    (other,) = store.remember(entries(PLANNED))
    store.claim([(other.id, "p")], LATER)
    store.record([JournalOutcome(other.id, State.POSTED, LATER, "7001")])
    store.copy_older([one.id for one in store.older_posted()])
    assert store.posted_under([7001])[7001].id == other.id


def test_only_journals_of_the_same_type_period_and_currency_are_looked_at(database: Database) -> None:
    store = store_at(database, REAL)
    assert store.older_posted(['["JV","2018007","MXN1",[["101110"']) == [] == store.older_posted([])
    assert len(store.older_posted()) == 1
    assert JournalStore(database, "6", "r", installation=REAL).older_posted() == []


def test_a_doubt_counts_for_every_ledger_until_one_of_them_shows_the_journal(database: Database) -> None:
    test = store_at(database, TEST, "at test")
    unknown, sending = test.remember(entries(UNKNOWN, SENDING))
    assert (unknown.state, unknown.unknown_sends, unknown.in_doubt_since) == (State.UNKNOWN, 1, AT)
    assert (sending.state, sending.attempts, sending.sent_at) == (State.SENDING, 1, AT)
    # Not in the test ledger, where it is sent a second time, answered, lost, and found:
    test.settle([JournalOutcome(unknown.id, State.PLANNED, LATER)])
    test.claim([(unknown.id, "p")], LATER)
    test.record([JournalOutcome(unknown.id, State.UNKNOWN, LATER)])
    test.settle([JournalOutcome(unknown.id, State.POSTED, LATER, "7002")])
    assert older(database, "U")["state"] == "unknown"
    real = store_at(database, REAL, "at real")
    (unknown,) = real.remember(entries(UNKNOWN))
    assert (unknown.state, unknown.attempts, unknown.unknown_sends) == (State.UNKNOWN, 1, 1)
    real.settle([JournalOutcome(unknown.id, State.POSTED, LATER, "7009")])
    assert (older(database, "U")["state"], older(database, "U")["journal_number"]) == ("posted", "7009")


def test_a_doubt_is_over_also_where_another_ledgers_journal_has_the_number(database: Database) -> None:
    real = store_at(database, REAL)
    (unknown,) = real.remember(entries(UNKNOWN))
    real.settle([JournalOutcome(unknown.id, State.POSTED, LATER, "7001")])
    assert older(database, "U")["state"] == "dropped" and known_in(real, UNKNOWN).journal_number == "7001"
    (elsewhere,) = store_at(database, TEST, "at test").remember(entries(UNKNOWN))
    assert (elsewhere.state, elsewhere.unknown_sends) == (State.PLANNED, 0)


def test_occurrences_are_counted_on_from_those_of_older_programs(database: Database) -> None:
    (entry,) = entries(POSTED)
    assert store_at(database, REAL).next_occurrence(entry.fingerprint) == 2


def test_the_audit_compares_what_no_ledger_has_shown(database: Database) -> None:
    real, test = store_at(database, REAL, "at real"), store_at(database, TEST, "at test")
    assert [one.journal_number for one in real.posted()] == ["7001"] == [one.journal_number for one in test.posted()]
    real.copy_older([one.id for one in real.older_posted()])
    assert len(real.posted()) == 1 and test.posted() == []


def test_an_old_run_is_unfinished_until_a_ledger_has_finished_it_and_belongs_to_it_then(database: Database) -> None:
    kept = newest_unfinished(database)
    assert kept is not None and (kept.run, kept.installation) == ("old", "")
    store = store_at(database, REAL, "old")
    known = store.remember(entries(POSTED, UNKNOWN, SENDING, PLANNED))
    kept = newest_unfinished(database)
    assert kept is not None and kept.installation == REAL
    store.settle([JournalOutcome(known[2].id, State.UNKNOWN, LATER)])
    found = [JournalOutcome(one.id, State.POSTED, LATER, str(7010 + one.id)) for one in known]
    store.settle(found)
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET finished_at = ?, exit_code = 3", (LATER.isoformat(),))
    assert newest_unfinished(database) is None


def test_what_a_later_run_has_planned_anew_is_no_longer_the_old_runs(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE journals SET state = 'planned', doubts = 0 WHERE state <> 'posted'")
        connection.execute("UPDATE runs SET finished_at = ?, exit_code = 3", (AT.isoformat(),))
    assert newest_unfinished(database) is not None
    store_at(database, REAL).remember(entries(UNKNOWN, SENDING, PLANNED))
    assert newest_unfinished(database) is None


def test_what_a_person_has_said_no_to_since_is_not_sent_from_the_old_run(database: Database) -> None:
    store_at(database, REAL).remember(entries(PLANNED))
    keep_decision(database, "new", is_declined=True)
    assert declined_appearances(database, "old") == {3}


def test_a_mended_journal_of_a_later_run_counts_when_that_run_is_of_the_same_ledger(database: Database) -> None:
    mended = Journal("N", "june.xlsx", "Journals", journal("N", "9.99").lines)
    store_at(database, REAL).remember(entries(mended, UNKNOWN))
    assert later_appearances(database, "old", REAL) == {3: "new"}
    assert later_appearances(database, "old", TEST) == {}


def test_a_linked_file_follows_its_journal(database: Database) -> None:
    wanted = FileLink("bill.pdf", 7001, 2)
    real = store_at(database, REAL, "at real")
    real.copy_older([one.id for one in real.older_posted()])
    assert isinstance(LinkedFileStore(database, "5", installation=REAL).claim(wanted, BILL, LATER), LinkedFile)
    # In the test ledger another sending was given the same number: the file is not that journal's.
    test = store_at(database, TEST, "at test")
    (known,) = test.remember(entries(POSTED))
    test.claim([(known.id, "p")], LATER)
    test.record([JournalOutcome(known.id, State.POSTED, LATER, "7001")])
    of_test = LinkedFileStore(database, "5", installation=TEST)
    assert of_test.of_journal(7001) == []
    added = of_test.claim(wanted, BILL, LATER)
    assert isinstance(added, int)
    of_test.record(added, LinkState.LINKED, LATER, "other key")
    assert [one.file_key for one in LinkedFileStore(database, "5", installation=REAL).of_journal(7001)] == ["key"]


def test_what_is_in_doubt_of_an_older_program_is_listed_once_for_every_ledger(database: Database) -> None:
    for _ in range(2):
        store = store_at(database, REAL)
        assert [(one.state, one.key) for one in store.unsettled()] == [
            (State.UNKNOWN, UNKNOWN.key),
            (State.SENDING, SENDING.key),
        ]
        store.remember(entries(UNKNOWN, SENDING))
