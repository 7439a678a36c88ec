"""Linked files in the store: on disk before they are sent, the same content once, nothing forgotten."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import SetupError
from importer.model.postings import FileLink, LinkedFile, LinkState
from importer.store.database import Database
from importer.store.runs import LinkedFileStore

AT = datetime(2018, 6, 30, 12, 0, tzinfo=UTC)
LATER = datetime(2018, 7, 1, tzinfo=UTC)
BILL = "aa" * 32
TO_JOURNAL = FileLink("june/bill.pdf", 5326)
TO_LINE = FileLink("june/bill.pdf", 5326, 2)


@pytest.fixture
def store(database: Database) -> LinkedFileStore:
    return LinkedFileStore(database, "5", "run-1")


def claimed(store: LinkedFileStore, wanted: FileLink = TO_JOURNAL, *, again: bool = False) -> int:
    id_ = store.claim(wanted, BILL, AT, again=again)
    assert isinstance(id_, int)
    return id_


def test_a_file_is_on_disk_as_sending_before_anything_is_sent(store: LinkedFileStore, address: str) -> None:
    claimed(store)
    other = Database(address)
    with other.reading() as connection:
        rows = connection.execute("SELECT company, journal_number, line, state, sha256 FROM linked_files").fetchall()
    other.close()
    assert [tuple(row) for row in rows] == [("5", 5326, None, "sending", BILL)]


def test_what_was_linked_is_told_again_with_all_that_its_removal_needs(store: LinkedFileStore) -> None:
    id_ = claimed(store, TO_LINE)
    store.record(id_, LinkState.LINKED, LATER, "1746602768625")
    assert store.of_journal(5326) == [
        LinkedFile(
            id=id_,
            journal_number=5326,
            line=2,
            name="bill.pdf",
            extension="pdf",
            sha256=BILL,
            state=LinkState.LINKED,
            file_key="1746602768625",
            run="run-1",
            sent_at=AT,
            ended_at=LATER,
            removed_at=None,
            reason=None,
        )
    ]
    assert store.of_journal(1) == []


@pytest.mark.parametrize("state", [LinkState.SENDING, LinkState.LINKED, LinkState.UNKNOWN])
def test_the_same_content_is_not_given_a_second_time(store: LinkedFileStore, state: LinkState) -> None:
    id_ = claimed(store)
    if state is not LinkState.SENDING:
        store.record(id_, state, AT, "key" if state is LinkState.LINKED else None)
    known = store.claim(FileLink("renamed.pdf", 5326), BILL, LATER)
    assert isinstance(known, LinkedFile) and (known.id, known.state) == (id_, state)


@pytest.mark.parametrize("state", [LinkState.REFUSED, LinkState.REMOVED])
def test_what_is_not_linked_may_be_sent_once_more(store: LinkedFileStore, state: LinkState) -> None:
    id_ = claimed(store)
    if state is LinkState.REFUSED:
        store.record(id_, state, AT, None, ("meant", {"code": "205"}))
    else:
        store.record(id_, LinkState.LINKED, AT, "key")
        store.mark_removed(id_, LATER)
    assert claimed(store) != id_
    assert [one.state for one in store.of_journal(5326)] == [state, LinkState.SENDING]


def test_on_purpose_the_same_content_is_linked_as_often_as_wanted(store: LinkedFileStore) -> None:
    ids = [claimed(store), claimed(store, again=True), claimed(store, again=True)]
    assert len(set(ids)) == 3 and isinstance(store.claim(TO_JOURNAL, BILL, AT), LinkedFile)


def test_another_line_journal_content_or_company_is_another_file(store: LinkedFileStore, database: Database) -> None:
    claimed(store)
    other_content = "bb" * 32
    other_company = LinkedFileStore(database, "practice/5")
    given_ids = [
        store.claim(TO_LINE, BILL, AT),
        store.claim(FileLink("bill.pdf", 5326, 1), BILL, AT),
        store.claim(FileLink("bill.pdf", 5327), BILL, AT),
        store.claim(TO_JOURNAL, other_content, AT),
        other_company.claim(TO_JOURNAL, BILL, AT),
    ]
    assert all(isinstance(one, int) for one in given_ids) and len(set(map(str, given_ids))) == 5
    assert len(other_company.of_journal(5326)) == 1 and other_company.of_journal(5326)[0].run is None


def test_the_schema_itself_forbids_a_second_sending_and_a_linked_file_without_its_key(
    store: LinkedFileStore, database: Database
) -> None:
    id_ = claimed(store)
    again = "INSERT INTO linked_files ({0}) SELECT {0} FROM linked_files"
    columns = "company, journal_number, line, name, extension, sha256, copy, run, state, sent_at"
    with pytest.raises(SetupError, match="store"), database.transaction() as connection:
        connection.execute(again.format(columns))
    with pytest.raises(SetupError, match="store"):
        store.record(id_, LinkState.LINKED, AT)
    assert [one.state for one in store.of_journal(5326)] == [LinkState.SENDING]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text())
def test_the_services_words_come_back_as_they_were_whatever_they_are(answer: str, database: Database) -> None:
    store = LinkedFileStore(database, "5")
    reason = ("code", {"code": "203", "answer": answer})
    store.record(claimed(store, again=True), LinkState.UNKNOWN, AT, None, reason)
    assert store.of_journal(5326)[-1].reason == reason


def test_a_name_that_is_no_utf_8_is_kept_readable(store: LinkedFileStore) -> None:
    store.claim(FileLink("junio\udce9.pdf", 5326), "cc" * 32, AT)
    assert store.of_journal(5326)[0].name == "junio\\udce9.pdf"
