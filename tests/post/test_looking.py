"""Looking before sending, reading back after it: with a sandbox that loses answers and changes what it is sent."""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier

import pytest

from importer.errors import DifferentInLedger, TryAgain
from importer.model.journals import Journal
from importer.model.postings import Clocks, Known, PostingOptions, State
from importer.model.secrets import Secret
from importer.post.ledger_checks import look
from importer.post.ledger_search import AHEAD, LedgerRead
from importer.post.matching import LedgerJournal
from importer.post.plan import entries_of
from importer.post.poster import look_once_more, post_journals
from importer.post.posting_state import Posting
from importer.post.reconciliation import LedgerIndex, Moment
from importer.post.verification import Canary
from importer.sandbox import Sandbox
from importer.services.http import HttpClient, Request, Response, Sender
from importer.services.session import Credentials, Session
from importer.store.database import Database
from tests.post.conftest import context_with, kept, planned, session_with, store_of
from tests.post.journals import journal, journals
from tests.sandbox.faults import ledger_without
from tests.services.conftest import session_at
from tests.services.odd_service import odd_service

VERIFYING = PostingOptions(settle=1)


def with_text(one: Journal, description: str) -> Journal:
    return replace(one, lines=tuple(replace(line, description=description) for line in one.lines))


def posted_by_others(ledger_journals: list[Journal], sandbox: Sandbox, database: Database) -> list[str]:
    """Posts from a store that is then forgotten; gives the journals' numbers."""
    store = store_of(database, "others")
    postings = planned(ledger_journals, store)
    post_journals(postings, context_with(session_with(sandbox), store))
    with database.transaction() as connection:
        for table in ("attempts", "appearances", "journals"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608  # the test's own words
    return [posting.journal_number or "" for posting in postings]


def test_what_another_machine_has_posted_is_found_before_anything_is_sent(sandbox: Sandbox, database: Database) -> None:
    numbers = posted_by_others(journals(3), sandbox, database)
    store = store_of(database, "run-1")
    postings = planned(journals(5), store)
    context = context_with(session_with(sandbox), store)
    look(postings, context)
    assert [posting.journal_number for posting in postings[:3]] == numbers
    assert all(posting.was_posted and posting.verified and not posting.recovered for posting in postings[:3])
    assert [posting.is_to_be_sent for posting in postings] == [False] * 3 + [True] * 2
    assert kept(postings[0], store).state is State.POSTED


def test_a_journal_of_the_ledger_is_claimed_once(sandbox: Sandbox, database: Database) -> None:
    (number,) = posted_by_others([journal()], sandbox, database)
    store = store_of(database, "run-1")
    postings = planned([journal(), journal()], store)
    look(postings, context_with(session_with(sandbox), store))
    assert [posting.journal_number for posting in postings] == [number, None]
    assert postings[1].is_to_be_sent


def test_a_second_identical_journal_of_others_is_pointed_at(sandbox: Sandbox, database: Database) -> None:
    numbers = posted_by_others([journal(), journal()], sandbox, database)
    store = store_of(database, "run-1")
    (posting,) = planned([journal()], store)
    look([posting], context_with(session_with(sandbox), store))
    assert [posting.journal_number, *map(str, posting.equals)] == sorted(numbers)


def test_a_look_alike_and_a_shared_line_are_warnings(sandbox: Sandbox, database: Database) -> None:
    (number,) = posted_by_others([with_text(journal(), "Another text")], sandbox, database)
    store = store_of(database, "run-1")
    alike, other = planned([journal(), journal("J2", "7.00")], store)
    look([alike, other], context_with(session_with(sandbox), store))
    assert alike.look_alikes == (int(number),) and alike.is_to_be_sent
    assert other.look_alikes == other.same_lines == ()


@pytest.mark.parametrize("cuts", [False, True])
def test_references_that_only_begin_alike_are_another_journal_or_told(
    cuts: bool, sandbox: Sandbox, database: Database
) -> None:
    sandbox.switch(cut_reference=cuts)
    fee, other_fee = (journal(f"COLEGIATURA 2018 ALUMNO {student}", "5.00") for student in "12")
    (number,) = posted_by_others([fee], sandbox, database)
    store = store_of(database, "run-1")
    (posting,) = planned([other_fee], store)
    look([posting], context_with(session_with(sandbox), store))
    if cuts:  # the ledger cannot tell them apart: a person may
        assert (posting.journal_number, posting.matched_truncated) == (number, True)
    else:
        assert posting.is_to_be_sent and posting.look_alikes == (int(number),)


def test_the_same_journal_of_the_day_before_is_another_one(sandbox: Sandbox, database: Database) -> None:
    def dated(day: int) -> Journal:
        lines = (replace(line, transaction_date=date(2018, 6, day)) for line in journal("DAILY").lines)
        return replace(journal("DAILY"), lines=tuple(lines))

    (number,) = posted_by_others([dated(29)], sandbox, database)
    store = store_of(database, "run-1")
    (posting,) = planned([dated(30)], store)
    look([posting], context_with(session_with(sandbox), store))
    assert posting.is_to_be_sent and posting.look_alikes == (int(number),)


def test_accents_that_are_written_apart_are_the_same_text(sandbox: Sandbox, database: Database) -> None:
    apart = with_text(journal(), unicodedata.normalize("NFD", "Depósito en mesón"))
    (number,) = posted_by_others([apart], sandbox, database)
    store = store_of(database, "run-1")
    (posting,) = planned([apart], store)
    look([posting], context_with(session_with(sandbox), store))
    assert posting.journal_number == number


def test_a_look_that_fails_stops_the_run_before_anything_is_sent(database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(2), store)
    with odd_service(*[None] * 10) as service, pytest.raises(TryAgain, match="look-failed"):
        look(postings, context_with(session_at(service.url), store))
    assert not any(request.startswith(b"POST /journal ") for request in service.requests)
    assert {posting.state for posting in postings} == {State.PLANNED}


def posted_here(one: Journal, sandbox: Sandbox, database: Database) -> int:
    """Posts a journal from here, long ago; its number."""
    store = store_of(database, "earlier")
    (posting,) = planned([one], store)
    assert post_journals([posting], context_with(session_with(sandbox), store)) is None
    with database.transaction() as connection:
        connection.execute("UPDATE attempts SET ended_at = '2018-06-30T12:00:00+00:00'")
    return int(posting.journal_number or 0)


def test_a_journal_that_people_deleted_blocks_the_next_ones_only_while_nothing_newer_is_shown(
    sandbox: Sandbox, database: Database
) -> None:
    number = posted_here(journal("OLD", "3.00"), sandbox, database)
    kept_journal = sandbox.company.ledger.journals[number]
    sandbox.company.ledger = ledger_without(sandbox.company.ledger, [number])
    store = store_of(database, "run-1")
    postings = planned([journal()], store)
    context = context_with(session_with(sandbox), store, posting_options=VERIFYING)
    with pytest.raises(TryAgain, match="ledger-behind"):
        look(postings, context)
    sandbox.company.ledger.post(replace(kept_journal, number=number + 1))
    look(postings, context)
    assert post_journals(postings, context) is None and postings[0].state is State.POSTED


def test_a_journal_that_people_changed_blocks_nothing(sandbox: Sandbox, database: Database) -> None:
    number = posted_here(journal("OLD", "3.00"), sandbox, database)
    ledger = sandbox.company.ledger
    changed = ledger.journals[number]
    lines = tuple(replace(one, account="101110" if one.account != "101110" else "411000") for one in changed.lines)
    sandbox.company.ledger = ledger = ledger_without(ledger, [number])
    ledger.post(replace(changed, lines=lines))
    store = store_of(database, "run-1")
    postings = planned([journal()], store)
    context = context_with(session_with(sandbox), store, posting_options=VERIFYING)
    look(postings, context)
    assert post_journals(postings, context) is None and postings[0].state is State.POSTED


def test_every_posted_journal_is_read_back_in_few_ranges(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(30), store)
    assert post_journals(postings, context_with(session_with(sandbox), store, posting_options=VERIFYING)) is None
    assert all(posting.verified for posting in postings)
    assert sandbox.calls["get_journal_range"] <= 3


def test_the_first_journal_is_read_back_before_the_others_leave(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    changed = [with_text(one, "Sent") for one in journals(4)]
    postings = planned(journals(4), store)
    for posting, one in zip(postings, changed, strict=True):  # the ledger gets other texts than were planned
        posting.entry, posting._shown = replace(posting.entry, journal=one), posting.shown
    stopped_by = post_journals(postings, context_with(session_with(sandbox), store, posting_options=VERIFYING))
    assert isinstance(stopped_by, DifferentInLedger)
    assert [posting.state for posting in postings] == [State.POSTED] + [State.PLANNED] * 3
    assert {one.field for one in postings[0].differences} == {"description"} and postings[0].verified is False


def test_three_that_differ_stop_the_run(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(150), store)
    for posting in postings[1:]:
        posting.entry, posting._shown = (
            replace(posting.entry, journal=with_text(posting.entry.journal, "Sent")),
            posting.shown,
        )
    stopped_by = post_journals(postings, context_with(session_with(sandbox), store, posting_options=VERIFYING))
    assert isinstance(stopped_by, DifferentInLedger)
    assert State.PLANNED in {posting.state for posting in postings}


def test_lost_answers_are_settled_and_nothing_is_posted_twice(sandbox: Sandbox, database: Database) -> None:
    sandbox.switch(bad_response_after_posting=True)
    store = store_of(database, "run-1")
    postings = planned(journals(6), store)
    assert post_journals(postings, context_with(session_with(sandbox), store, posting_options=VERIFYING)) is None
    assert all(posting.state is State.POSTED and posting.recovered for posting in postings)
    assert sandbox.calls["post_journal"] == 6


def test_a_mistake_of_ours_while_reading_back_hides_nothing_that_was_posted(
    sandbox: Sandbox, database: Database
) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(3), store)
    context = context_with(session_with(sandbox), store, posting_options=VERIFYING)
    broken = replace(context, zone="nowhere")  # type: ignore[arg-type]  # the mistake
    stopped_by = post_journals(postings, broken)
    assert stopped_by is not None and stopped_by.key == "mistake"
    assert [posting.state for posting in postings] == [State.POSTED, State.PLANNED, State.PLANNED]


def test_a_number_under_which_the_ledger_shows_another_journal_is_nobodys(sandbox: Sandbox, database: Database) -> None:
    number = posted_here(journal("OLD", "3.00"), sandbox, database)
    store = store_of(database, "run-1")
    (posting,) = planned([journal()], store)
    context = context_with(session_with(sandbox), store, posting_options=VERIFYING)
    assert post_journals([posting], context) is None
    doubled = sandbox.company.ledger.journals[int(posting.journal_number or 0)]
    sandbox.company.ledger = ledger_without(sandbox.company.ledger, [number])
    sandbox.company.ledger.post(replace(doubled, number=number))
    assert look_once_more([posting], context, None) is None
    assert posting.twins == (number,)


def test_a_doubt_that_another_journal_settled_is_looked_at_again(sandbox: Sandbox, database: Database) -> None:
    sandbox.switch(bad_response_after_posting=True)
    store = store_of(database, "run-1")
    (settled,) = planned([journal()], store)
    assert post_journals([settled], context_with(session_with(sandbox), store, posting_options=VERIFYING)) is None
    sandbox.switch(bad_response_after_posting=False)
    number = int(settled.journal_number or 0)
    ledger = sandbox.company.ledger
    ledger.post(replace(ledger.journals[number], number=number + 1))  # its own sending comes when the run is over
    store = store_of(database, "run-2")
    (again,) = planned([journal()], store)
    look([again], context_with(session_with(sandbox), store))
    assert (again.journal_number, again.was_posted, again.twins) == (str(number), True, (number + 1,))


def test_the_first_journal_is_not_taken_for_shown_while_an_older_equal_one_is_not() -> None:
    """After an older copy of the ledger was put back: what is missing is named, not what is there."""
    (entry,) = entries_of([(0, journal())], "5")
    posting = Posting(entry, Known(1, State.POSTED, entry.payload_hash, 1, "r", journal_number="7"))
    posting.preexisting_matches = frozenset((9,))
    ours = {number: LedgerJournal(number, "", posting.shown, 0) for number in (7, 9)}
    canary, now = Canary(60.0), Moment(datetime(2026, 11, 29, tzinfo=UTC), Clocks(0.0, 0.0))
    canary.watch(posting, now)
    for numbers, unseen in (((7,), {9}), ((9,), set()), ((7, 9), set())):
        journals_ = {number: ours[number] for number in numbers}
        read = LedgerRead(journals_, frozenset(numbers), [], {})
        canary.seen(read, LedgerIndex(journals_), lambda _: {})
        assert set(canary.older_unseen) == unseen and canary.is_shown is (numbers == (7, 9))
        assert (canary.next_try is None) is canary.is_shown  # a countdown for others would end there


def test_the_last_look_reads_nothing_again_that_was_read_back_as_it_was_sent(
    sandbox: Sandbox, database: Database
) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(3), store)
    context = context_with(session_with(sandbox), store, posting_options=VERIFYING)
    assert post_journals(postings, context) is None and all(posting.verified for posting in postings)
    before = sandbox.calls["get_journal_range"]
    assert look_once_more(postings, context, None) is None
    assert sandbox.calls["get_journal_range"] == before + 1  # above the highest number
    assert not any(posting.twins for posting in postings)


def _session_by(exchange: Sender, sandbox: Sandbox) -> Session:
    at = sandbox.address
    session = Session(
        exchange, Credentials(at.userid, Secret(at.password), at.email, Secret(at.api_key)), lambda _: None
    )
    session.log_in()
    return session


def test_a_look_asks_for_twice_as_many_lists_at_once_as_journals_are_posted(
    sandbox: Sandbox, database: Database
) -> None:
    all_four, send = Barrier(4, timeout=30), HttpClient(sandbox.address.spx_url, 60)

    def exchange(request: Request) -> Response:
        if request.path == "/cash-count":
            all_four.wait()  # broken when fewer are asked for at once
        return send(request)

    store = store_of(database, "run-1")
    postings = planned([journal(f"J{number}", account=f"10111{number}") for number in range(1, 5)], store)
    look(postings, context_with(_session_by(exchange, sandbox), store, at_once=2))
    assert all(posting.preexisting_matches == frozenset() for posting in postings)


def test_the_first_journal_and_what_stands_above_it_are_read_in_one_round_trip(
    sandbox: Sandbox, database: Database
) -> None:
    both, asked, send = Barrier(2, timeout=30), [], HttpClient(sandbox.address.spx_url, 60)

    def exchange(request: Request) -> Response:
        if request.path not in ("/login", "/journal"):
            asked.append(request.path)
            both.wait()  # broken when nothing else is asked meanwhile
        return send(request)

    store, session = store_of(database, "run-1"), _session_by(exchange, sandbox)
    postings = planned([journal()], store)
    context = context_with(session, store, posting_options=VERIFYING)
    assert post_journals(postings, context) is None and postings[0].verified
    number = int(postings[0].journal_number or 0)
    assert sorted(asked) == ["/cash-count", f"/journal/range/{number}/{number + AHEAD}"]
    asked.clear()
    assert look_once_more(postings, context, None) is None
    assert sorted(asked) == ["/cash-count", f"/journal/range/{number + 1}/{number + AHEAD}"]
