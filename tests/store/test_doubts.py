"""What the store keeps of a journal in doubt, and of what a person has decided about one."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from importer.errors import SetupError
from importer.model.journals import content_of, shown_content
from importer.model.postings import Absence, Choice, Clocks, Decision, Entry, JournalOutcome, Known, State
from importer.post.ledger_checks import adopt_abandoned
from importer.sandbox import Sandbox
from importer.store.database import Database
from importer.store.postings import JournalStore
from tests.post.conftest import COMPANY, context_with, planned, session_with, store_of
from tests.post.journals import journal

AT = datetime(2026, 1, 1, tzinfo=UTC)
SENT, ENDED, LATER = (Clocks(1e9 + seconds, 50.0 + seconds, "boot", 2e9 + seconds) for seconds in (0.0, 9.0, 99.0))


@pytest.fixture
def database(timed_address: str) -> Iterator[Database]:
    database = Database(timed_address, clock=lambda: 1234.5)
    yield database
    database.close()


def remembered(store: JournalStore, amount: str = "1.00", occurrence: int = 1) -> Entry:
    (posting,) = planned([journal("J1", amount)], store)
    if occurrence > 1:
        entry = posting.entry
        again = Entry(entry.journal, 1, entry.fingerprint, occurrence, entry.payload_hash, entry.content)
        store.remember([again])
        return again
    return posting.entry


def known(store: JournalStore, entry: Entry) -> Known:
    (one,) = store.recall([entry])
    return one


def in_doubt(store: JournalStore, entry: Entry, clocks: Clocks) -> None:
    id_ = known(store, entry).id
    store.claim([(id_, "p")], AT, None, SENT)
    store.record([JournalOutcome(id_, State.UNKNOWN, AT)], clocks)


def test_a_doubt_is_kept_with_all_clocks_and_so_are_those_of_its_equals(database: Database) -> None:
    store = store_of(database, "r1")
    first, second = remembered(store), remembered(store, occurrence=2)
    assert known(store, first).doubted_at == ()
    store.claim([(known(store, first).id, "p")], AT, None, SENT)
    assert known(store, first).sending_clocks == SENT and known(store, first).doubted_at == ()
    store.record([JournalOutcome(known(store, first).id, State.UNKNOWN, AT)], ENDED)
    in_doubt(store, second, LATER)
    assert set(known(store, first).doubted_at) == set(known(store, second).doubted_at) == {ENDED, LATER}
    assert store.clock() == 1234.5


def test_a_doubt_without_clocks_makes_the_time_of_all_its_equals_uncertain(database: Database) -> None:
    store = store_of(database, "r1")
    first, second = remembered(store), remembered(store, occurrence=2)
    in_doubt(store, first, ENDED)
    id_ = known(store, second).id
    store.claim([(id_, "p")], AT)
    store.settle([JournalOutcome(id_, State.UNKNOWN, AT)])
    assert set(known(store, first).doubted_at) == {ENDED, None}
    assert known(store, second).doubted_at.count(None) == 1


def test_looks_are_kept_until_the_journal_is_settled_or_leaves_again(database: Database) -> None:
    store = store_of(database, "r1")
    entry = remembered(store)
    in_doubt(store, entry, ENDED)
    id_ = known(store, entry).id
    seen = Absence(1, frozenset({7, 9}), LATER)
    store.keep_absences({id_: seen})
    assert known(store, entry).absence == seen
    store.settle([JournalOutcome(id_, State.PLANNED, AT)])
    assert known(store, entry).absence is None
    store.keep_absences({id_: seen})
    assert known(store, entry).absence is None, "it is in doubt no more"


@pytest.mark.parametrize("is_answered", [False, True])
def test_an_answer_tells_that_an_equal_journals_doubt_was_settled_by_another(
    database: Database, is_answered: bool
) -> None:
    """Two equal journals: number 7 settles the doubt of the first one (or was the answer to it); then the second one is
    answered with it."""
    store = store_of(database, "r1")
    first, second = remembered(store), remembered(store, occurrence=2)
    id_ = known(store, first).id
    if is_answered:
        store.claim([(id_, "p")], AT, None, SENT)
        store.record([JournalOutcome(id_, State.POSTED, AT, "7")], SENT)
    else:
        in_doubt(store, first, SENT)
        store.settle([JournalOutcome(id_, State.POSTED, AT, "7")])
    store.claim([(known(store, second).id, "p")], AT, None, SENT)
    rejected = store.record([JournalOutcome(known(store, second).id, State.POSTED, AT, "7")], ENDED)
    assert known(store, second).journal_number == "7"
    if is_answered:
        assert known(store, first).state is State.GONE and rejected.doubtful == frozenset()
    else:
        assert (known(store, first).state, known(store, first).unknown_sends) == (State.UNKNOWN, 1)
        assert rejected.doubtful == {id_} and not rejected.reused


@pytest.mark.parametrize(("ago", "ended"), [(7200.0, 3600.0), (600.0, 600.0)])
def test_the_request_of_a_dead_run_ended_an_hour_after_it_was_sent_at_the_latest(
    database: Database, sandbox: Sandbox, ago: float, ended: float
) -> None:
    dead = store_of(database, "r1")
    entry = remembered(dead)
    now = context_with(session_with(sandbox), dead).clocks()
    sent = Clocks(now.store - ago, now.steady - ago, now.boot)
    dead.claim([(known(dead, entry).id, "p")], AT, None, sent)
    store = store_of(database, "r2")
    adopt_abandoned(planned([entry.journal], store), context_with(session_with(sandbox), store))
    (doubted,) = known(store, entry).doubted_at
    passed = None if doubted is None else doubted.since(sent)
    assert passed is not None and abs(passed - ended) < 30.0


def decision(id_: int, choice: Choice, number: str | None = None) -> Decision:
    accepted = "[]" if number else ""
    return Decision(id_, choice, "ana", AT, "why" if choice is Choice.DROP else "", number, None, accepted)


def test_a_decision_is_kept_with_who_took_it_and_changes_the_journals_state(database: Database) -> None:
    store = store_of(database, "r1")
    entry = remembered(store)
    in_doubt(store, entry, ENDED)
    id_ = known(store, entry).id
    store.decide([decision(id_, Choice.SEND)])
    assert known(store, entry).state is State.UNKNOWN, "only settling lets a journal in doubt go"
    store.decide([decision(id_, Choice.IS, "7")])
    now = known(store, entry)
    assert (now.state, now.journal_number, now.accepted, now.unknown_sends) == (State.POSTED, "7", "[]", 0)
    store.decide([decision(id_, Choice.SEND)])
    assert (known(store, entry).state, known(store, entry).journal_number) == (State.PLANNED, None)
    with database.reading() as connection:
        kept = connection.execute("SELECT decided_by, decision, journal_number FROM decisions ORDER BY id").fetchall()
    assert [tuple(one) for one in kept] == [("ana", "send", None), ("ana", "is", "7"), ("ana", "send", None)]


def test_a_number_of_another_journal_is_refused_until_that_one_is_given_up(database: Database) -> None:
    store = store_of(database, "r1")
    first, second = remembered(store), remembered(store, "2.00")
    store.decide([decision(known(store, first).id, Choice.IS, "7")])
    with pytest.raises(SetupError, match="number-owned"):
        store.decide([decision(known(store, second).id, Choice.IS, "7")])
    assert known(store, second).state is State.PLANNED
    store.decide([decision(known(store, first).id, Choice.DROP)])
    assert (known(store, first).state, known(store, first).dropped_because) == (State.DROPPED, "why")
    store.decide([decision(known(store, second).id, Choice.IS, "7")])
    assert {number: one.id for number, one in store.posted_under([7]).items()} == {7: known(store, second).id}


@pytest.mark.parametrize(
    ("was_in_doubt", "state", "unknown_sends"), [(True, State.UNKNOWN, 1), (False, State.PLANNED, 0)]
)
def test_what_was_given_up_is_planned_anew_and_settled_first_when_it_was_in_doubt(
    database: Database, was_in_doubt: bool, state: State, unknown_sends: int
) -> None:
    store = store_of(database, "r1")
    entry = remembered(store)
    if was_in_doubt:
        in_doubt(store, entry, ENDED)
    id_ = known(store, entry).id
    store.decide([decision(id_, Choice.DROP)])
    store.take_up_dropped([id_])
    now = known(store, entry)
    assert (now.state, now.unknown_sends, now.journal_number) == (state, unknown_sends, None)


def test_a_decision_needs_the_hold_on_the_company(database: Database) -> None:
    store = store_of(database, "r1")
    id_ = known(store, remembered(store)).id
    store_of(database, "r2")
    with pytest.raises(SetupError, match="lease-lost"):
        store.decide([decision(id_, Choice.DROP)])


def test_the_posted_journals_of_a_period_are_found_by_an_index(database: Database) -> None:
    store_of(database, "r1")
    store = JournalStore(database, COMPANY, "r1", installation="there")
    entries = [remembered(store, f"{number}.00") for number in range(1, 4)]
    taken = [decision(known(store, entry).id, Choice.IS, str(place)) for place, entry in enumerate(entries)]
    store.decide([replace(one, accepted="") for one in taken])
    moved = content_of(replace(shown_content(entries[1].content), period="2019001"))
    store.decide([replace(taken[1], accepted=moved)])
    assert [one.journal_number for one in store.posted("2018006")] == ["0", "2"]
    assert [one.content for one in store.posted("2019001")] == [moved]
    assert len(store.posted()) == 3 and store.posted("2018005") == []
    statements: list[str] = []
    with database.reading() as connection:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(statements.append)
    store.posted("2018006")
    store.unsettled()
    with database.reading() as connection:
        looks = [text for text in statements if " FROM journals" in " ".join(text.split())]
        plans = [" ".join(row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")) for text in looks]
    assert all("SCAN" not in plan for plan in plans)
    assert not looks or "journals_by_period (company=? AND installation=? AND <expr>=?)" in plans[0]
