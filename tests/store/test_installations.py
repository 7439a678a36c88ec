"""Which ledger an address belongs to."""

from datetime import UTC, datetime, timedelta

import pytest

from importer.errors import SetupError
from importer.model.postings import Entry, JournalOutcome, State
from importer.store.database import Database
from importer.store.installations import add_address, find_installation, installations_of
from importer.store.leases import Lease, this_process
from importer.store.postings import JournalStore
from importer.store.runs import start_run
from tests.post.journals import journal

EPOCH = datetime(2018, 7, 2, tzinfo=UTC)
A, B = "a.example.org:443/api", "b.example.org:443/api"


def names_of(database: Database) -> dict[str, str]:
    return {one.key: one.name for one in installations_of(database, "5")}


def test_an_address_belongs_to_one_installation_whatever_is_added_later(database: Database) -> None:
    assert find_installation(database, "5", A, None) is None
    add_address(database, "5", A, A, None, EPOCH)
    assert find_installation(database, "5", A, None) == A
    add_address(database, "5", A, "another", "another", EPOCH)  # somebody was quicker
    assert find_installation(database, "5", A, None) == A
    assert find_installation(database, "6", A, None) is None


def test_a_renamed_host_is_one_more_address_of_the_installation(database: Database) -> None:
    add_address(database, "5", A, "REAL", "REAL", EPOCH)
    assert find_installation(database, "5", B, "REAL") is None
    add_address(database, "5", B, "REAL", "REAL", EPOCH)
    assert {find_installation(database, "5", address, name) for address in (A, B) for name in (None, "REAL")} == {
        "REAL"
    }
    assert names_of(database) == {"REAL": "REAL"}


def test_a_name_is_given_later_and_moves_nothing(database: Database) -> None:
    add_address(database, "5", A, A, None, EPOCH)
    start_run(database, "r", "5", "", "me", EPOCH, installation=A)
    (known,) = JournalStore(database, "5", "r", installation=A).remember([entry_of()])
    assert find_installation(database, "5", A, "REAL") == A
    assert names_of(database) == {A: "REAL"}
    (again,) = JournalStore(database, "5", "r", installation=A).recall([entry_of()])
    assert again.id == known.id
    # Its first address and its name both mean it, also at the next address.
    assert {find_installation(database, "5", A, name) for name in (None, A, "REAL")} == {A}
    add_address(database, "5", B, A, "REAL", EPOCH)
    assert {find_installation(database, "5", B, name) for name in (None, A, "REAL")} == {A}


def test_two_names_for_one_address_are_refused_and_change_nothing(database: Database) -> None:
    add_address(database, "5", A, "REAL", "REAL", EPOCH)
    with pytest.raises(SetupError, match="two-installations") as caught:
        find_installation(database, "5", A, "TEST")
    assert (caught.value.facts["known"], caught.value.facts["given"]) == ("REAL", "TEST")
    add_address(database, "5", B, B, None, EPOCH)
    with pytest.raises(SetupError, match="two-installations"):  # the name of another ledger
        find_installation(database, "5", B, "REAL")
    assert names_of(database) == {"REAL": "REAL", B: B}


def test_what_tells_a_ledger_are_the_journals_that_were_sent_there_last(database: Database) -> None:
    add_address(database, "5", A, A, None, EPOCH)
    start_run(database, "r", "5", "EXA010101AAA", "me", EPOCH, installation=A)
    assert Lease(database, "5", "r", this_process("me")).take() is None
    store = JournalStore(database, "5", "r", installation=A)
    ids = [one.id for one in store.remember([entry_of(f"F{number}") for number in range(5)])]
    for number, id_ in enumerate(reversed(ids)):
        at = EPOCH + timedelta(minutes=number)
        store.claim([(id_, "p")], at)
        store.record([JournalOutcome(id_, State.POSTED, at, str(7000 + number))])
    (known,) = installations_of(database, "5")
    assert [one.journal_number for one in known.newest] == ["7004", "7003", "7002"]
    assert (known.tax_ids, known.is_in_doubt) == (frozenset({"EXA010101AAA"}), False)


def test_only_runs_of_this_ledger_and_of_older_programs_have_the_same_tax_id(database: Database) -> None:
    start_run(database, "r1", "5", "AAA010101AAA", "me", EPOCH, installation=A)
    start_run(database, "r2", "5", "BBB010101BBB", "me", EPOCH, installation=B)
    with pytest.raises(SetupError, match="store-other-company"):
        start_run(database, "r3", "5", "BBB010101BBB", "me", EPOCH, installation=A)
    start_run(database, "r4", "6", "CCC010101CCC", "me", EPOCH)
    with pytest.raises(SetupError, match="store-other-company"):
        start_run(database, "r5", "6", "AAA010101AAA", "me", EPOCH, installation=A)


def entry_of(fingerprint: str = "f") -> Entry:
    return Entry(journal(), 0, fingerprint=fingerprint, occurrence=1, payload_hash="p", content='["JV",[]]')
