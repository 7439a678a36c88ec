"""When a lost journal is looked for, and what the looks prove."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from importer.errors import AnswerUnclear
from importer.model.postings import Clocks, State, read_clocks
from importer.post.matching import LedgerJournal, Similarity
from importer.post.posting_state import Posting
from importer.post.reconciliation import AGREEING_LOOKS, MOST_FAILED_LOOKS, MatchResult, Moment, Reconciler
from importer.store.database import Database
from tests.post.conftest import planned, store_of
from tests.post.journals import journal

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTLE = 900.0


def after(
    seconds: float,
    *,
    put_forward: float = 0.0,
    stood_still: float = 0.0,
    boot: str = "first",
    served: bool = False,
) -> Moment:
    """So long after the start; the wall clock has been put forward by so much, the steady one stood still for so long,
    or the machine is in another boot. `served`: the service tells its time."""
    clocks = Clocks(1e9 + seconds + put_forward, 50.0 + seconds - stood_still, boot, 2e9 + seconds if served else None)
    return Moment(START + timedelta(seconds=seconds + put_forward), clocks)


@pytest.fixture
def posting(database: Database) -> Posting:
    (one,) = planned([journal()], store_of(database, "run-1"))
    one.state, one.sent_this_run, one.unknown_sends, one.in_doubt_since = State.UNKNOWN, True, 1, START
    one.doubted_at = (after(0, served=True).clocks,)
    return one


def looked_until_over(settling: Reconciler, match: MatchResult, delay: float = 0.5) -> list[float]:
    """Looks whenever one is due, each taking `delay` seconds; gives the seconds at which the looks began."""
    now, looks = START, []
    while (due := settling.next_look()) is not None:
        began = max(now, due)
        looks.append((began - START).total_seconds())
        now = began + timedelta(seconds=delay)
        settling.seen(settling.due(began), [match], after((began - START).total_seconds()), now, [True])
    return looks


def test_two_looks_after_the_settling_time_prove_that_a_journal_is_not_there(posting: Posting) -> None:
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    looks = looked_until_over(settling, MatchResult())
    assert looks[0] == 0 and len([look for look in looks if look >= SETTLE]) == AGREEING_LOOKS
    assert looks[-1] - looks[-2] >= SETTLE / 30
    assert posting.state is State.PLANNED and posting.is_to_be_sent


def test_a_look_that_began_before_the_time_was_over_proves_nothing(posting: Posting) -> None:
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    for _ in range(5):
        settling.seen(settling.open, [MatchResult()], after(SETTLE - 1), START + timedelta(hours=1), [True])
    assert posting.state is State.UNKNOWN and settling.open


def test_a_journal_sent_twice_without_an_answer_is_left_to_a_person(posting: Posting) -> None:
    posting.unknown_sends = 2
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult())
    assert posting.state is State.UNKNOWN and not posting.is_to_be_sent


def test_a_journal_that_the_service_denied_twice_and_does_not_have_is_refused(posting: Posting) -> None:
    posting.unknown_sends = posting.denials = 2
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult())
    assert posting.state is State.REFUSED


def test_a_refusal_after_a_lost_answer_counts_only_when_the_first_one_is_not_there(posting: Posting) -> None:
    posting.unknown_sends, posting.was_refused = 2, True
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult())
    assert posting.state is State.REFUSED


def test_two_sendings_are_over_after_twice_the_settling_time(posting: Posting) -> None:
    settling = Reconciler(SETTLE, frozenset())
    posting.unknown_sends = 2
    settling.add(posting, after(0))
    (watch,) = settling.open
    one = LedgerJournal(7, "", posting.shown, 1)
    settling.seen([watch], [MatchResult(found=one)], after(SETTLE), after(SETTLE).wall, [True])
    assert not watch.is_over and not settling.is_second_settled(watch, after(2 * SETTLE - 30))
    assert watch.next_look >= after(2 * SETTLE - 30).wall
    assert settling.is_second_settled(watch, after(2 * SETTLE))
    posting.found_in_ledger(one, Similarity.IDENTICAL, {})
    settling.seen([watch], [MatchResult(found=one)], after(2 * SETTLE), after(2 * SETTLE).wall, [True])
    assert watch.is_over


def test_a_look_alike_that_nobody_claims_holds_the_journal_for_a_person(posting: Posting) -> None:
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult(look_alikes=[7], unclaimed_alikes=[7]))
    assert posting.state is State.UNKNOWN and posting.ambiguous_matches == (7,)


def test_what_a_person_wants_sent_again_is_sent_once_more_and_not_twice(posting: Posting) -> None:
    posting.unknown_sends = 2
    settling = Reconciler(SETTLE, frozenset({posting.id}))
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult(unclaimed_alikes=[7]))
    assert posting.is_to_be_sent
    posting.state, posting.sent_this_run, posting.unknown_sends = State.UNKNOWN, True, 3
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult())
    assert posting.state is State.UNKNOWN and not posting.is_to_be_sent


def test_looks_that_fail_prove_nothing_and_end_some_time(posting: Posting) -> None:
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    now = START + timedelta(seconds=SETTLE)
    for _ in range(MOST_FAILED_LOOKS):
        assert settling.open
        settling.failed(settling.open, AnswerUnclear("cut"), now)
    assert not settling.open and posting.state is State.UNKNOWN and posting.reason is not None


def test_a_wall_clock_that_is_put_forward_settles_nothing(posting: Posting) -> None:
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    later = START + timedelta(hours=2)
    for seconds in (10, 100, SETTLE / 2):
        settling.seen(settling.open, [MatchResult()], after(seconds, put_forward=3600), later, [True])
    assert not posting.is_to_be_sent and settling.open
    for seconds in (SETTLE, SETTLE + 60):
        settling.seen(settling.open, [MatchResult()], after(seconds, put_forward=3600), later, [True])
    assert posting.is_to_be_sent


def test_what_was_in_doubt_long_before_this_run_began_waits_no_second_time(posting: Posting) -> None:
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(SETTLE))
    for seconds in (SETTLE, SETTLE + 60):
        settling.seen(settling.open, [MatchResult()], after(seconds), START + timedelta(hours=2), [True])
    assert posting.state is State.PLANNED


def test_an_equal_journal_that_may_be_older_holds_the_journal_until_a_person_has_judged_it(posting: Posting) -> None:
    posting.preexisting_matches = None
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult(may_be_older=[7]))
    assert posting.state is State.UNKNOWN and posting.ambiguous_matches == (7,)
    settling = Reconciler(SETTLE, frozenset({posting.id}))
    settling.add(posting, after(0))
    looked_until_over(settling, MatchResult(may_be_older=[7]))
    assert posting.is_to_be_sent and posting.preexisting_matches == {7}


def left_to_wait(posting: Posting, began: Moment) -> float:
    """The seconds after which a process that begins at that moment counts a look that does not show the case."""
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, began)
    for seconds in range(0, 1000, 10):
        clocks = replace(began.clocks, steady=began.steady + seconds)
        settling.seen(settling.open, [MatchResult()], Moment(began.wall, clocks), began.wall, [True])
        if settling.absences():
            return seconds
    return math.inf


@pytest.mark.parametrize(
    ("began", "left", "is_uncertain"),
    [
        (after(600), 300, False),
        (after(SETTLE), 0, False),
        # The wall clock was put forward between two processes, by an hour, or back.
        (after(10, put_forward=3600), 900, True),
        (after(600, put_forward=-3600), 900, True),
        (after(10, put_forward=3600, served=True), 900, True),
        # By less than a minute: what the steady clock says is what counts.
        (after(10, put_forward=50), 890, False),
        # Started anew meanwhile: only the service can bear the store's clock out.
        (after(3600, boot="second"), 900, True),
        (after(3600, boot="second", served=True), 0, False),
        (after(600, boot="second", put_forward=3600, served=True), 900, True),
        # A laptop that slept, with a steady clock that stands still then.
        (after(3600, stood_still=3500), 900, True),
        (after(3600, stood_still=3500, served=True), 0, False),
        # No name of the boot, and no Date.
        (after(3600, boot=""), 900, True),
    ],
)
def test_time_counts_only_when_the_stores_clock_agrees_with_another(
    posting: Posting, began: Moment, left: float, is_uncertain: bool
) -> None:
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, began)
    assert posting.is_time_uncertain is is_uncertain
    assert left_to_wait(posting, began) == left


def test_a_doubt_of_an_older_program_waits_its_whole_time(posting: Posting) -> None:
    posting.doubted_at = (None,)
    assert left_to_wait(posting, after(SETTLE * 9)) == SETTLE and not posting.is_time_uncertain


def test_boots_named_by_their_moment_are_one_when_they_are_a_minute_apart_at_most() -> None:
    then, now = Clocks(1000.0, 10.0, "990"), Clocks(1900.0, 910.0, "991")
    assert now.since(then) == 900.0
    assert replace(now, boot="4591").since(then) is None and replace(now, boot="a-name").since(then) is None


def test_clocks_are_kept_as_they_are() -> None:
    for clocks in (after(1).clocks, after(1, served=True).clocks):
        assert read_clocks(clocks.as_text()) == clocks
    unread = read_clocks(Clocks(math.nan, 1.0, "first").as_text())
    assert unread is not None and after(1).clocks.since(unread) is None


def one_look(posting: Posting, began: Moment, match: MatchResult) -> None:
    """What a process does that does not wait; what it found out is kept for the next one."""
    settling = Reconciler(SETTLE, frozenset())
    settling.add(posting, began)
    settling.seen(settling.open, [match], began, began.wall, [True])
    posting.absence = settling.absences().get(posting.id, posting.absence)


def kept_looks(posting: Posting) -> int:
    return 0 if posting.absence is None else posting.absence.looks


def test_processes_that_do_not_wait_prove_absence_together(posting: Posting) -> None:
    one_look(posting, after(SETTLE - 1), MatchResult())
    assert kept_looks(posting) == 0
    one_look(posting, after(SETTLE + 1), MatchResult())
    assert not posting.is_to_be_sent and kept_looks(posting) == 1
    one_look(posting, after(SETTLE + 2), MatchResult())
    assert not posting.is_to_be_sent, "two looks at one moment are one"
    one_look(posting, after(SETTLE + 100), MatchResult())
    assert posting.is_to_be_sent


def test_kept_looks_prove_nothing_when_they_do_not_agree_or_nobody_knows_how_far_apart_they_are(
    posting: Posting,
) -> None:
    one_look(posting, after(SETTLE + 1), MatchResult())
    one_look(posting, after(SETTLE + 100), MatchResult(unclaimed_alikes=[7]))
    assert not posting.is_to_be_sent and kept_looks(posting) == 1
    one_look(posting, after(SETTLE + 200, put_forward=3600), MatchResult(unclaimed_alikes=[7]))
    assert not posting.is_to_be_sent and posting.ambiguous_matches == () and kept_looks(posting) == 1


def test_looks_before_an_equal_journal_came_into_doubt_too_prove_nothing(posting: Posting) -> None:
    one_look(posting, after(SETTLE + 1), MatchResult())
    posting.doubted_at = (*posting.doubted_at, after(SETTLE + 2).clocks)
    for seconds in (SETTLE + 100, SETTLE + 200, 2 * SETTLE + 10):
        one_look(posting, after(seconds), MatchResult())
        assert not posting.is_to_be_sent
    one_look(posting, after(2 * SETTLE + 50), MatchResult())
    assert posting.is_to_be_sent
