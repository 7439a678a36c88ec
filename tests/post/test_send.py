"""Posting over a real socket: each journal once, each answer to the state it proves."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from importer.errors import CredentialsRefused, Interrupted, SetupError, TooManyUnknown, TryAgain
from importer.model.entries import State
from importer.model.results import Company
from importer.model.secrets import Secret
from importer.post.judge import is_collateral
from importer.post.plan import Planned, company_key, plan
from importer.post.send import NOT_SENT_PAUSES, send_journals
from importer.sandbox import Sandbox
from importer.store.database import Database
from tests.independent_service import independent_service
from tests.post.conftest import COMPANY, means_with, session_with, store_of
from tests.post.journals import journal, journals, reordered
from tests.services.conftest import CREDENTIALS, session_at
from tests.services.odd_service import odd_service, reply

POSTED = reply(200, b'{"message": "ok", "response": {"journalNumber": "6994", "voucherNumber": "JV2018-1547"}}')


def failed(code: str, lines: str = "") -> bytes:
    body = f'{{"message": "Incorrect query", "description": "words", "code": {code}, "error": true{lines}}}'
    return reply(201, body.encode())


def outcome_after(answer: bytes | None, database: Database) -> tuple[State, str]:
    """What one answer makes of one journal: the state reported and the state in the store."""
    store = store_of(database, "run-1")
    with odd_service(answer) as service:
        (one,) = plan([journal()], COMPANY, store)
        posting = send_journals([one], means_with(session_at(service.url), store))
        assert sum(request.startswith(b"POST /journal") for request in service.requests) == 1
    outcome = posting.outcomes[one.known.id]
    assert store.look_up(one.known.id).state is outcome.state
    return outcome.state, outcome.answer


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (POSTED, State.POSTED),
        (reply(200, b'{"response": {"journalNumber": 6994}}'), State.POSTED),
        (
            failed('"201"', ', "linesError": [{"line": 1, "message": "Account record not found"}]'),
            State.REFUSED,
        ),
        (failed('"203"', ', "linesError": [{"line": "2", "message": "x"}]'), State.REFUSED),
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
    assert outcome_after(answer, database)[0] is state


def test_journals_of_many_workers_are_each_in_the_ledger_once(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    planned = plan(journals(40), COMPANY, store)
    posting = send_journals(planned, means_with(session_with(sandbox), store, at_once=8))
    numbers = [outcome.posted.journal_number for outcome in posting.outcomes.values() if outcome.posted]
    assert len(set(numbers)) == 40 and posting.stopped_by is None
    assert sandbox.calls["post_journal"] == 40 and sandbox.calls["login"] == 1
    assert sandbox.company.ledger.total() == Decimal(0)


def test_what_was_posted_is_known_again_in_a_renamed_and_resorted_workbook(
    sandbox: Sandbox, database: Database
) -> None:
    first = store_of(database, "run-1")
    posting = send_journals(plan([journal()], COMPANY, first), means_with(session_with(sandbox), first))
    (posted,) = [outcome.posted for outcome in posting.outcomes.values()]
    second = store_of(database, "run-2")
    (again,) = plan([reordered(journal())], COMPANY, second)
    assert posted is not None and again.known.state is State.POSTED
    assert again.known.journal_number == posted.journal_number
    assert not again.is_to_be_sent and not again.has_other_details
    send_journals([again], means_with(session_with(sandbox), second))
    assert sandbox.calls["post_journal"] == 1


def test_equal_journals_of_one_workbook_are_told_apart(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    planned = plan([journal("J1"), journal("J1")], COMPANY, store)
    assert len({one.known.id for one in planned}) == 2
    send_journals(planned, means_with(session_with(sandbox), store))
    assert sandbox.calls["post_journal"] == 2
    assert [one.is_to_be_sent for one in plan([journal("J1")] * 3, COMPANY, store_of(database, "run-2"))] == [
        False,
        False,
        True,
    ]


def test_the_same_journal_in_two_workbooks_of_an_upload_is_sent_once(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    planned = plan([journal("J1"), reordered(journal("J1"))], COMPANY, store)
    posting = send_journals(planned, means_with(session_with(sandbox), store))
    assert len({one.known.id for one in planned}) == len(posting.outcomes) == sandbox.calls["post_journal"] == 1


def test_an_unknown_journal_is_never_sent_again_by_itself(sandbox: Sandbox, database: Database) -> None:
    sandbox.switch(unreachable_after_posting=True)
    first = store_of(database, "run-1")
    send_journals(plan([journal()], COMPANY, first), means_with(session_with(sandbox), first))
    sandbox.switch(unreachable_after_posting=False)
    second = store_of(database, "run-2")
    (again,) = plan([journal()], COMPANY, second)
    assert again.known.state is State.UNKNOWN and not again.is_to_be_sent
    assert send_journals([again], means_with(session_with(sandbox), second)).outcomes == {}
    assert sandbox.calls["post_journal"] == 1


def test_a_journal_of_a_dead_run_counts_as_unknown(database: Database) -> None:
    first = store_of(database, "run-1")
    (one,) = plan([journal()], COMPANY, first)
    assert first.claim([one.known.id], datetime.now(UTC)) == {one.known.id}
    (again,) = plan([journal()], COMPANY, store_of(database, "run-2"))
    assert again.known.state is State.SENDING and not again.is_to_be_sent


def test_a_refused_journal_may_be_sent_again(sandbox: Sandbox, database: Database) -> None:
    first = store_of(database, "run-1")
    bad = journal(account="642198")
    (one,) = plan([bad], COMPANY, first)
    posting = send_journals([one], means_with(session_with(sandbox), first))
    assert posting.outcomes[one.known.id].faults == ((1, "Unknown account code 642198"),)
    (again,) = plan([bad], COMPANY, store_of(database, "run-2"))
    assert again.known.state is State.REFUSED and again.is_to_be_sent and again.known.attempts == 1


def test_a_claim_is_given_once_whoever_asks(database: Database) -> None:
    first, second = store_of(database, "run-1"), store_of(database, "run-2")
    ids = [one.known.id for one in plan(journals(3), COMPANY, first)]
    assert [one.known.id for one in plan(journals(3), COMPANY, second)] == ids
    assert first.claim(ids[:2], datetime.now(UTC)) == set(ids[:2])
    assert second.claim(ids, datetime.now(UTC)) == {ids[2]}


def test_a_lost_claim_is_not_sent(sandbox: Sandbox, database: Database) -> None:
    first, second = store_of(database, "run-1"), store_of(database, "run-2")
    planned = plan(journals(2), COMPANY, second)
    first.claim([planned[0].known.id], datetime.now(UTC))
    posting = send_journals(planned, means_with(session_with(sandbox), second))
    assert set(posting.lost_claims) == {planned[0].known.id} and set(posting.outcomes) == {planned[1].known.id}
    assert sandbox.calls["post_journal"] == 1


def test_the_intent_is_in_the_store_before_the_request_arrives(database: Database) -> None:
    store = store_of(database, "run-1")
    seen: list[State] = []
    (one,) = plan([journal()], COMPANY, store)
    with odd_service(POSTED) as service:
        session = session_at(service.url)
        original = service.serve
        path = database.name.removeprefix("sqlite:///")

        def serve(connection: object) -> None:
            other = Database(f"sqlite:///{path}")
            seen.append(store_of(other, f"look-{len(seen)}").look_up(one.known.id).state)
            other.close()
            original(connection)  # type: ignore[arg-type]  # the acceptor passes its socket on

        service.serve = serve  # type: ignore[method-assign]  # looks into the store when a request arrives
        send_journals([one], means_with(session, store))
    assert seen == [State.SENDING, State.SENDING]


def test_three_unknowns_in_a_row_stop_the_sending(database: Database) -> None:
    store = store_of(database, "run-1")
    planned = plan(journals(10), COMPANY, store)
    with odd_service(*[None] * 10) as service:
        posting = send_journals(planned, means_with(session_at(service.url), store, at_once=1))
    assert isinstance(posting.stopped_by, TooManyUnknown)
    assert [outcome.state for outcome in posting.outcomes.values()] == [State.UNKNOWN] * 3


def test_221_stops_the_run_and_nothing_was_sent(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    sandbox.switch(deactivate_user_after=3)
    planned = plan(journals(10), COMPANY, store)
    posting = send_journals(planned, means_with(session_with(sandbox), store, at_once=1))
    assert isinstance(posting.stopped_by, CredentialsRefused)
    states = [outcome.state for outcome in posting.outcomes.values()]
    assert states.count(State.PLANNED) == 1 and states.count(State.POSTED) == len(states) - 1 > 0
    assert store.look_up(planned[-1].known.id).state is State.PLANNED


def test_an_expired_token_costs_one_login_and_no_journal(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    session = session_with(sandbox)
    session.log_in()
    sandbox.end_tokens()
    posting = send_journals(plan(journals(12), COMPANY, store), means_with(session, store, at_once=6))
    assert {outcome.state for outcome in posting.outcomes.values()} == {State.POSTED}
    assert sandbox.calls["login"] == 2 and len(posting.outcomes) == 12


def test_a_service_that_goes_away_leaves_journals_planned_after_five_tries(
    sandbox: Sandbox, database: Database
) -> None:
    store = store_of(database, "run-1")
    planned = plan(journals(3), COMPANY, store)
    pauses: list[float] = []
    with odd_service() as service:
        session = session_at(service.url)
        session.log_in()
    means = replace(means_with(session, store, at_once=1), pause=pauses.append)
    posting = send_journals(planned, means)
    assert isinstance(posting.stopped_by, TryAgain) and pauses == list(NOT_SENT_PAUSES)
    assert [outcome.state for outcome in posting.outcomes.values()] == [State.PLANNED]
    assert {store.look_up(one.known.id).state for one in planned} == {State.PLANNED}


def test_a_store_that_fails_stops_the_sending_and_hides_no_outcome(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    planned: list[Planned] = plan(journals(5), COMPANY, store)
    session = session_with(sandbox)
    session.log_in()
    with database.transaction() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON journals WHEN new.state = 'posted'"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    posting = send_journals(planned, means_with(session, store, at_once=1))
    assert isinstance(posting.stopped_by, SetupError) and "disk is full" in posting.stopped_by.facts["detail"]
    assert [outcome.state for outcome in posting.outcomes.values()] == [State.POSTED]
    assert store.look_up(planned[0].known.id).state is State.SENDING
    assert sandbox.calls["post_journal"] == 1


def test_practice_and_earnest_never_share_a_journal_and_a_tax_id_left_out_is_no_other_company() -> None:
    company = Company(5, "IAN", "IAS930628FA8")
    assert company_key(company, is_practice=True) != company_key(company, is_practice=False)
    assert company_key(company, is_practice=False) == company_key(Company(5, "IAN"), is_practice=False)


def test_the_sandbox_says_that_it_is_one(sandbox: Sandbox) -> None:
    session = session_with(sandbox)
    session.log_in()
    assert session.is_practice
    with odd_service() as service:
        other = session_at(service.url)
        other.log_in()
    assert not other.is_practice


def test_a_mistake_in_one_worker_loses_no_outcome_of_the_others(database: Database) -> None:
    store = store_of(database, "run-1")
    planned = plan(journals(4), COMPANY, store)
    broken = replace(planned[1].journal, lines=(replace(planned[1].journal.lines[0], dimensions=("too", "few")),))
    planned[1] = replace(planned[1], journal=broken)
    with odd_service(*[POSTED] * 4) as service:
        posting = send_journals(planned, means_with(session_at(service.url), store, at_once=4))
    states = [posting.outcomes[one.known.id].state for one in planned]
    assert states == [State.POSTED, State.UNKNOWN, State.POSTED, State.POSTED]
    assert posting.stopped_by is not None and posting.stopped_by.key == "mistake"


def test_after_ctrl_c_no_request_that_could_not_leave_is_tried_again(database: Database) -> None:
    store = store_of(database, "run-1")
    with odd_service() as service:
        session = session_at(service.url)
        session.log_in()
    pauses: list[float] = []
    means = replace(means_with(session, store, at_once=1), pause=pauses.append, interrupts=lambda: int(bool(pauses)))
    posting = send_journals(plan(journals(2), COMPANY, store), means)
    assert pauses == [NOT_SENT_PAUSES[0]]
    assert [outcome.state for outcome in posting.outcomes.values()] == [State.PLANNED]


def test_lines_that_only_suffer_with_others_are_told_from_the_cause() -> None:
    assert is_collateral("Rejected due to errors in other lines")
    assert is_collateral("rejected due to an error in other lines")
    assert not is_collateral("Unknown account code 642198")


def test_one_interrupt_awaits_what_is_under_way_and_starts_nothing_new(sandbox: Sandbox, database: Database) -> None:
    store = store_of(database, "run-1")
    planned = plan(journals(9), COMPANY, store)
    told: list[int] = []
    means = means_with(session_with(sandbox), store, at_once=2)
    means = replace(means, interrupts=lambda: int(len(told) >= 2), tell=lambda: told.append(1))
    posting = send_journals(planned, means)
    assert isinstance(posting.stopped_by, Interrupted)
    assert {outcome.state for outcome in posting.outcomes.values()} == {State.POSTED}
    assert posting.claimed == set(posting.outcomes) and 2 <= len(posting.claimed) < 9
    assert {store.look_up(id_).state for id_ in posting.claimed} == {State.POSTED}


def test_a_second_interrupt_leaves_what_is_under_way_as_a_claim_without_outcome(database: Database) -> None:
    store = store_of(database, "run-1")
    arrived, may_answer = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        arrived.set()
        may_answer.wait(30)

    with independent_service(hold) as service:
        means = means_with(session_at(service.url, credentials=replace(CREDENTIALS, api_key=Secret("key"))), store)
        planned = plan(journals(9), COMPANY, store)
        posting = send_journals(planned, replace(means, interrupts=lambda: 2 * arrived.is_set()))
        may_answer.set()
    assert posting.outcomes == {} and len(posting.claimed) == 4
    assert {store.look_up(id_).state for id_ in posting.claimed} == {State.SENDING}
