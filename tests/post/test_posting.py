"""Posting over a real socket: each journal once, each answer to the state it proves."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from importer.errors import CredentialsRefused, Interrupted, SetupError, TooManyUnknown, TryAgain
from importer.model.postings import State
from importer.model.results import Company
from importer.model.secrets import Secret
from importer.post.ledger_checks import adopt_abandoned
from importer.post.plan import company_key
from importer.post.poster import post_journals
from importer.post.posting_state import is_collateral
from importer.sandbox import Sandbox
from importer.services.session import POST_PAUSES
from importer.store.database import Database
from importer.store.postings import JournalStore
from tests.independent_service import independent_service
from tests.post.conftest import COMPANY, QuickClock, context_with, kept, planned, session_with, store_of
from tests.post.journals import journal, journals, reordered
from tests.services.conftest import CREDENTIALS, session_at
from tests.services.odd_service import odd_service, reply

POSTED = reply(200, b'{"message": "ok", "response": {"journalNumber": "6994", "voucherNumber": "JV2018-1547"}}')


def failed(code: str, lines: str = "") -> bytes:
    body = f'{{"message": "Incorrect query", "description": "words", "code": {code}, "error": true{lines}}}'
    return reply(201, body.encode())


def state_after(answer: bytes | None, database: Database) -> State:
    """What one answer makes of one journal, in the program and in the store."""
    store = store_of(database, "run-1")
    with odd_service(answer) as service:
        (one,) = planned([journal()], store)
        post_journals([one], context_with(session_at(service.url), store))
        assert sum(request.startswith(b"POST /journal ") for request in service.requests) == 1
    assert kept(one, store).state is one.state
    return one.state


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (POSTED, State.POSTED),
        (reply(200, b'{"response": {"journalNumber": 6994}}'), State.POSTED),
        (
            failed('"201"', ', "linesError": [{"line": 1, "message": "Account record not found"}]'),
            State.REFUSED,
        ),
        # Refused, but this one may mean "posted", and here the ledger cannot be looked at.
        (failed('"203"', ', "linesError": [{"line": "2", "message": "x"}]'), State.UNKNOWN),
        (failed("201", ', "linesError": []'), State.UNKNOWN),
        (failed("201"), State.UNKNOWN),
        (failed('"202"'), State.UNKNOWN),
        (failed('"203"'), State.UNKNOWN),
        (failed('"299"'), State.UNKNOWN),
        (failed("null"), State.UNKNOWN),
        (reply(201, b"[]"), State.UNKNOWN),
        (reply(201, b""), State.UNKNOWN),
        (reply(200, b""), State.UNKNOWN),
        (reply(200, b"<html>ok</html>", "text/html"), State.UNKNOWN),
        (reply(200, b'{"message": "ok", "response": {}}'), State.UNKNOWN),
        (reply(200, b'{"message": "ok", "response": null}'), State.UNKNOWN),
        (reply(200, b'{"message": "ok", "response": {"journalNumber": ""}}'), State.UNKNOWN),
        (reply(200, b'{"message": "ok", "response": {"journalNumber": "69x4"}}'), State.UNKNOWN),
        (reply(200, b'{"error": true, "response": {"journalNumber": "6994"}}'), State.UNKNOWN),
        (
            reply(200, b'{"linesError": [{"line": 1, "message": "x"}], "response": {"journalNumber": "1"}}'),
            State.UNKNOWN,
        ),
        (reply(200, b'{"response": {"journalNumber": "0"}}'), State.UNKNOWN),
        (reply(200, b'{"response": {"journalNumber": "' + b"9" * 5000 + b'"}}'), State.UNKNOWN),
        (failed("201", ', "linesError": [{"line": "' + "9" * 5000 + '", "message": "x"}]'), State.REFUSED),
        (reply(204, b""), State.UNKNOWN),
        (reply(202, b"{}"), State.UNKNOWN),
        (reply(302, b""), State.UNKNOWN),
        (reply(400, b"{}"), State.UNKNOWN),
        (reply(404, b"{}"), State.UNKNOWN),
        (reply(429, b""), State.UNKNOWN),
        (reply(500, b"<html>oops</html>", "text/html"), State.UNKNOWN),
        (reply(502, b""), State.UNKNOWN),
        (POSTED[:-10], State.UNKNOWN),
        (None, State.UNKNOWN),
        (b"HTTP/1.1 200", State.UNKNOWN),
    ],
)
def test_an_answer_proves_the_state_in_the_table(answer: bytes | None, state: State, database: Database) -> None:
    assert state_after(answer, database) is state


def test_journals_of_many_workers_are_each_in_the_ledger_once(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(40), store)
    assert post_journals(postings, context_with(session_with(sandbox), store, at_once=8)) is None
    assert len({posting.journal_number for posting in postings}) == 40
    assert sandbox.calls["post_journal"] == 40 and sandbox.calls["login"] == 1
    assert sum(one.line.amount for one in sandbox.company.ledger.all_movements()) == 0


def test_what_was_posted_is_known_again_in_a_renamed_and_resorted_workbook(
    sandbox: Sandbox, database: Database
) -> None:
    first = store_of(database, "run-1")
    (posted,) = planned([journal()], first)
    post_journals([posted], context_with(session_with(sandbox), first))
    second = store_of(database, "run-2")
    (again,) = planned([reordered(journal())], second)
    assert posted.state is again.state is State.POSTED and again.was_posted
    assert again.journal_number == posted.journal_number is not None
    assert not again.is_to_be_sent and not again.has_other_details
    post_journals([again], context_with(session_with(sandbox), second))
    assert sandbox.calls["post_journal"] == 1


def test_equal_journals_of_one_workbook_are_told_apart(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned([journal("J1"), journal("J1")], store)
    assert len({posting.id for posting in postings}) == 2
    post_journals(postings, context_with(session_with(sandbox), store))
    assert sandbox.calls["post_journal"] == 2
    again = planned([journal("J1")] * 3, store_of(database, "run-2"))
    assert [posting.is_to_be_sent for posting in again] == [False, False, True]


def test_the_same_journal_in_two_workbooks_of_an_upload_is_sent_once(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned([journal("J1"), reordered(journal("J1"))], store)
    post_journals(postings, context_with(session_with(sandbox), store))
    assert [posting.positions for posting in postings] == [[0, 1]] and sandbox.calls["post_journal"] == 1


def test_a_lost_answer_is_found_in_the_ledger_at_once(sandbox: Sandbox, database: Database) -> None:
    sandbox.switch(unreachable_after_posting=True)
    store = store_of(database, "run-1")
    (posting,) = planned([journal()], store)
    post_journals([posting], context_with(session_with(sandbox), store))
    assert posting.state is State.POSTED and posting.recovered and posting.verified
    assert kept(posting, store).journal_number == posting.journal_number is not None
    assert sandbox.calls["post_journal"] == 1


def test_a_journal_of_a_dead_run_is_in_doubt_until_it_has_been_read_back(sandbox: Sandbox, database: Database) -> None:
    first = store_of(database, "run-1")
    (one,) = planned([journal()], first)
    assert first.claim([(one.id, "hash")], datetime.now(UTC)) == {one.id}
    second = store_of(database, "run-2")
    (again,) = planned([journal()], second)
    assert again.known.state is State.SENDING and not again.is_to_be_sent
    context = context_with(session_with(sandbox), second)
    adopt_abandoned([again], context)
    assert again.state is kept(again, second).state is State.UNKNOWN and again.unknown_sends == 1
    post_journals([again], context)
    assert again.state is State.UNKNOWN and sandbox.calls["post_journal"] == 0


def test_a_refused_journal_may_be_sent_again(sandbox: Sandbox, database: Database) -> None:
    first = store_of(database, "run-1")
    bad = journal(account="642198")
    (one,) = planned([bad], first)
    post_journals([one], context_with(session_with(sandbox), first))
    assert one.faults == ((1, "Unknown account code 642198"),)
    (again,) = planned([bad], store_of(database, "run-2"))
    assert again.state is State.REFUSED and again.is_to_be_sent and again.attempts == 1


def test_a_claim_is_given_once_and_only_to_the_run_that_holds_the_company(database: Database) -> None:
    first = store_of(database, "run-1")
    ids = [posting.id for posting in planned(journals(3), first)]
    assert first.claim([(id_, "hash") for id_ in ids[:2]], datetime.now(UTC)) == set(ids[:2])
    second = store_of(database, "run-2")
    assert [posting.id for posting in planned(journals(3), second)] == ids
    assert second.claim([(id_, "hash") for id_ in ids], datetime.now(UTC)) == {ids[2]}
    with pytest.raises(SetupError, match="lease-lost"):
        first.claim([(ids[2], "hash")], datetime.now(UTC))


def test_the_intent_is_in_the_store_before_the_request_arrives(database: Database) -> None:
    store = store_of(database, "run-1")
    seen: list[State] = []
    (one,) = planned([journal()], store)
    with odd_service(POSTED) as service:
        session = session_at(service.url)
        original = service.serve
        path = database.name.removeprefix("sqlite:///")

        def serve(connection: object) -> None:
            other = Database(f"sqlite:///{path}")
            seen.append(kept(one, JournalStore(other, COMPANY, "another")).state)
            other.close()
            original(connection)  # type: ignore[arg-type]  # the acceptor passes its socket on

        service.serve = serve  # type: ignore[method-assign]  # looks into the store when a request arrives
        post_journals([one], context_with(session, store))
    assert seen[:2] == [State.SENDING, State.SENDING]


def test_three_unknowns_in_a_row_stop_the_sending(database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(10), store)
    with odd_service(*[None] * 30) as service:
        stopped_by = post_journals(postings, context_with(session_at(service.url), store, at_once=1))
    assert isinstance(stopped_by, TooManyUnknown)
    assert [posting.state for posting in postings] == [State.UNKNOWN] * 3 + [State.PLANNED] * 7


def test_221_stops_the_run_and_nothing_was_sent(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    sandbox.switch(deactivate_user_after=3)
    postings = planned(journals(10), store)
    assert isinstance(
        post_journals(postings, context_with(session_with(sandbox), store, at_once=1)), CredentialsRefused
    )
    states = [posting.state for posting in postings]
    assert set(states) == {State.PLANNED, State.POSTED}
    assert kept(postings[-1], store).state is State.PLANNED


def test_an_expired_token_costs_one_login_and_no_journal(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    session = session_with(sandbox)
    session.log_in()
    sandbox.service.access.grants.clear()
    postings = planned(journals(12), store)
    post_journals(postings, context_with(session, store, at_once=6))
    assert {posting.state for posting in postings} == {State.POSTED}
    assert sandbox.calls["login"] == 2 and len({posting.journal_number for posting in postings}) == 12


def test_a_service_that_goes_away_leaves_journals_planned_after_five_tries(database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(3), store)
    with odd_service() as service:
        session = session_at(service.url)
        session.log_in()
    clock = QuickClock()
    stopped_by = post_journals(postings, replace(context_with(session, store, at_once=1), clock=clock))
    assert isinstance(stopped_by, TryAgain) and clock.paused == list(POST_PAUSES)
    assert (
        {posting.state for posting in postings}
        == {kept(posting, store).state for posting in postings}
        == {State.PLANNED}
    )


def test_a_store_that_fails_stops_the_sending_and_hides_no_outcome(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(5), store)
    session = session_with(sandbox)
    session.log_in()
    with database.transaction() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON journals WHEN new.state = 'posted'"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    stopped_by = post_journals(postings, context_with(session, store, at_once=1))
    assert isinstance(stopped_by, SetupError) and "disk is full" in stopped_by.facts["detail"]
    assert [posting.state for posting in postings] == [State.POSTED] + [State.PLANNED] * 4
    assert kept(postings[0], store).state is State.SENDING
    assert sandbox.calls["post_journal"] == 1


def test_practice_and_earnest_never_share_a_journal_and_a_tax_id_left_out_is_no_other_company() -> None:
    company = Company(5, "IAN", "IAS930628FA8")
    assert len({company_key(company), company_key(company, "one"), company_key(company, "another")}) == 3
    assert company_key(company) == company_key(Company(5, "IAN"))


def test_the_sandbox_says_that_it_is_one(sandbox: Sandbox) -> None:
    session = session_with(sandbox)
    session.log_in()
    assert session.practice == sandbox.company.identity
    with odd_service() as service:
        other = session_at(service.url)
        other.log_in()
    assert other.practice == ""


def test_a_mistake_in_one_worker_loses_no_outcome_of_the_others(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(4), store)
    broken = replace(
        postings[1].entry.journal, lines=(replace(postings[1].entry.journal.lines[0], dimensions=("too", "few")),)
    )
    postings[1].entry = replace(postings[1].entry, journal=broken)
    stopped_by = post_journals(postings, context_with(session_with(sandbox), store, at_once=4))
    assert [posting.state for posting in postings] == [State.POSTED, State.UNKNOWN, State.POSTED, State.POSTED]
    assert stopped_by is not None and stopped_by.key == "mistake"


def test_after_ctrl_c_no_request_that_could_not_leave_is_tried_again(database: Database) -> None:
    store = store_of(database, "run-1")
    with odd_service() as service:
        session = session_at(service.url)
        session.log_in()
    clock = QuickClock()
    context = replace(context_with(session, store, at_once=1), clock=clock, interrupts=lambda: int(bool(clock.paused)))
    postings = planned(journals(2), store)
    assert post_journals(postings, context) is not None
    assert clock.paused == [POST_PAUSES[0]]
    assert {posting.state for posting in postings} == {State.PLANNED}


def test_lines_that_only_suffer_with_others_are_told_from_the_cause() -> None:
    assert is_collateral("Rejected due to errors in other lines")
    assert is_collateral("rejected due to an error in other lines")
    assert not is_collateral("Unknown account code 642198")


def test_one_interrupt_awaits_what_is_under_way_and_starts_nothing_new(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    postings = planned(journals(9), store)
    told: list[int] = []
    context = context_with(session_with(sandbox), store, at_once=2)
    context = replace(context, interrupts=lambda: int(len(told) >= 2), tell=lambda: told.append(1))
    assert isinstance(post_journals(postings, context), Interrupted)
    states = [posting.state for posting in postings]
    assert set(states) == {State.POSTED, State.PLANNED} and 2 <= states.count(State.POSTED) < 9
    assert [kept(posting, store).state for posting in postings] == states


def test_a_second_interrupt_leaves_what_is_under_way_as_a_claim_without_outcome(database: Database) -> None:
    store = store_of(database, "run-1")
    arrived, may_answer = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        arrived.set()
        may_answer.wait(30)

    with independent_service(hold) as service:
        context = context_with(session_at(service.url, credentials=replace(CREDENTIALS, api_key=Secret("key"))), store)
        postings = planned(journals(9), store)
        post_journals(postings, replace(context, interrupts=lambda: 2 * arrived.is_set()))
        may_answer.set()
    states = [posting.state for posting in postings]
    assert states == [State.SENDING] + [State.PLANNED] * 8  # the first one leaves alone
    assert [kept(posting, store).state for posting in postings] == states
