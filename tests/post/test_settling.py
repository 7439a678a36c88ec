"""When a lost journal is looked for, and what the looks prove."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from importer.errors import AnswerUnclear
from importer.model.clocks import Clocks, read_clocks
from importer.model.postings import State
from importer.post.matching import LedgerJournal
from importer.post.postings import Case
from importer.post.reconciliation import AGREEING_LOOKS, MOST_FAILED_LOOKS, Moment, Settling, Sighting
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
def case(database: Database) -> Case:
    (one,) = planned([journal()], store_of(database, "run-1"))
    one.state, one.was_touched, one.doubts, one.in_doubt_since = State.UNKNOWN, True, 1, START
    one.doubted_at = (after(0, served=True).clocks,)
    return one


def looked_until_over(settling: Settling, sighting: Sighting, delay: float = 0.5) -> list[float]:
    """Looks whenever one is due, each taking `delay` seconds; gives the seconds at which the looks began."""
    now, looks = START, []
    while (due := settling.next_look()) is not None:
        began = max(now, due)
        looks.append((began - START).total_seconds())
        now = began + timedelta(seconds=delay)
        settling.seen(settling.due(began), [sighting], after((began - START).total_seconds()), now)
    return looks


def test_two_looks_after_the_settling_time_prove_that_a_journal_is_not_there(case: Case) -> None:
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    looks = looked_until_over(settling, Sighting())
    assert looks[0] == 0 and len([look for look in looks if look >= SETTLE]) == AGREEING_LOOKS
    assert looks[-1] - looks[-2] >= SETTLE / 30
    assert case.state is State.PLANNED and case.is_to_be_sent


def test_a_look_that_began_before_the_time_was_over_proves_nothing(case: Case) -> None:
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    for _ in range(5):
        settling.seen(settling.open, [Sighting()], after(SETTLE - 1), START + timedelta(hours=1))
    assert case.state is State.UNKNOWN and settling.open


def test_a_journal_sent_twice_without_an_answer_is_left_to_a_person(case: Case) -> None:
    case.doubts = 2
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    looked_until_over(settling, Sighting())
    assert case.state is State.UNKNOWN and not case.is_to_be_sent


def test_a_journal_that_the_service_denied_twice_and_does_not_have_is_refused(case: Case) -> None:
    case.doubts = case.denials = 2
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    looked_until_over(settling, Sighting())
    assert case.state is State.REFUSED


def test_a_refusal_after_a_lost_answer_counts_only_when_the_first_one_is_not_there(case: Case) -> None:
    case.doubts, case.was_refused = 2, True
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    looked_until_over(settling, Sighting())
    assert case.state is State.REFUSED


def test_two_sendings_are_over_after_twice_the_settling_time(case: Case) -> None:
    settling = Settling(SETTLE, frozenset())
    case.doubts = 2
    settling.add(case, after(0))
    (watch,) = settling.open
    one = LedgerJournal(7, "", case.shown, (1, 2))
    settling.seen([watch], [Sighting(found=one)], after(SETTLE), after(SETTLE).wall)
    assert not watch.is_over and not settling.is_second_settled(watch, after(2 * SETTLE - 30))
    assert watch.next_look >= after(2 * SETTLE - 30).wall
    assert settling.is_second_settled(watch, after(2 * SETTLE))
    case.found(7, "")
    settling.seen([watch], [Sighting(found=one)], after(2 * SETTLE), after(2 * SETTLE).wall)
    assert watch.is_over


def test_a_look_alike_that_nobody_claims_holds_the_journal_for_a_person(case: Case) -> None:
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    looked_until_over(settling, Sighting(look_alikes=[7], unclaimed_alikes=[7]))
    assert case.state is State.UNKNOWN and case.held_by == (7,)


def test_what_a_person_wants_sent_again_is_sent_once_more_and_not_twice(case: Case) -> None:
    case.doubts = 2
    settling = Settling(SETTLE, frozenset({case.id}))
    settling.add(case, after(0))
    looked_until_over(settling, Sighting(unclaimed_alikes=[7]))
    assert case.is_to_be_sent
    case.state, case.was_touched, case.doubts = State.UNKNOWN, True, 3
    settling.add(case, after(0))
    looked_until_over(settling, Sighting())
    assert case.state is State.UNKNOWN and not case.is_to_be_sent


def test_looks_that_fail_prove_nothing_and_end_some_time(case: Case) -> None:
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    now = START + timedelta(seconds=SETTLE)
    for _ in range(MOST_FAILED_LOOKS):
        assert settling.open
        settling.failed(settling.open, AnswerUnclear("cut"), now)
    assert not settling.open and case.state is State.UNKNOWN and case.reason is not None


def test_a_wall_clock_that_is_put_forward_settles_nothing(case: Case) -> None:
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    for seconds in (10, 100, SETTLE / 2):
        settling.seen(settling.open, [Sighting()], after(seconds, put_forward=3600), START + timedelta(hours=2))
    assert not case.is_to_be_sent and settling.open
    for seconds in (SETTLE, SETTLE + 60):
        settling.seen(settling.open, [Sighting()], after(seconds, put_forward=3600), START + timedelta(hours=2))
    assert case.is_to_be_sent


def test_what_was_in_doubt_long_before_this_run_began_waits_no_second_time(case: Case) -> None:
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(SETTLE))
    for seconds in (SETTLE, SETTLE + 60):
        settling.seen(settling.open, [Sighting()], after(seconds), START + timedelta(hours=2))
    assert case.state is State.PLANNED


def test_an_equal_journal_that_may_be_older_holds_the_journal_until_a_person_has_judged_it(case: Case) -> None:
    case.there_before = None
    settling = Settling(SETTLE, frozenset())
    settling.add(case, after(0))
    looked_until_over(settling, Sighting(may_be_older=[7]))
    assert case.state is State.UNKNOWN and case.held_by == (7,)
    settling = Settling(SETTLE, frozenset({case.id}))
    settling.add(case, after(0))
    looked_until_over(settling, Sighting(may_be_older=[7]))
    assert case.is_to_be_sent and case.there_before == {7}


def left_to_wait(case: Case, began: Moment) -> float:
    """The seconds after which a process that begins at that moment counts a look that does not show the case."""
    settling = Settling(SETTLE, frozenset())
    settling.add(case, began)
    for seconds in range(0, 1000, 10):
        clocks = replace(began.clocks, steady=began.steady + seconds)
        settling.seen(settling.open, [Sighting()], Moment(began.wall, clocks), began.wall)
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
    case: Case, began: Moment, left: float, is_uncertain: bool
) -> None:
    settling = Settling(SETTLE, frozenset())
    settling.add(case, began)
    assert case.is_time_uncertain is is_uncertain
    assert left_to_wait(case, began) == left


def test_a_doubt_of_an_older_program_waits_its_whole_time(case: Case) -> None:
    case.doubted_at = (None,)
    assert left_to_wait(case, after(SETTLE * 9)) == SETTLE and not case.is_time_uncertain


def test_boots_named_by_their_moment_are_one_when_they_are_a_minute_apart_at_most() -> None:
    then, now = Clocks(1000.0, 10.0, "990"), Clocks(1900.0, 910.0, "991")
    assert now.since(then) == 900.0
    assert replace(now, boot="4591").since(then) is None and replace(now, boot="a-name").since(then) is None


def test_clocks_are_kept_as_they_are() -> None:
    for clocks in (after(1).clocks, after(1, served=True).clocks):
        assert read_clocks(clocks.as_text()) == clocks
    unread = read_clocks(Clocks(math.nan, 1.0, "first").as_text())
    assert unread is not None and after(1).clocks.since(unread) is None


def one_look(case: Case, began: Moment, sighting: Sighting) -> None:
    """What a process does that does not wait; what it found out is kept for the next one."""
    settling = Settling(SETTLE, frozenset())
    settling.add(case, began)
    settling.seen(settling.open, [sighting], began, began.wall)
    case.absence = settling.absences().get(case.id, case.absence)


def kept_looks(case: Case) -> int:
    return 0 if case.absence is None else case.absence.looks


def test_processes_that_do_not_wait_prove_absence_together(case: Case) -> None:
    one_look(case, after(SETTLE - 1), Sighting())
    assert kept_looks(case) == 0
    one_look(case, after(SETTLE + 1), Sighting())
    assert not case.is_to_be_sent and kept_looks(case) == 1
    one_look(case, after(SETTLE + 2), Sighting())
    assert not case.is_to_be_sent, "two looks at one moment are one"
    one_look(case, after(SETTLE + 100), Sighting())
    assert case.is_to_be_sent


def test_kept_looks_prove_nothing_when_they_do_not_agree_or_nobody_knows_how_far_apart_they_are(case: Case) -> None:
    one_look(case, after(SETTLE + 1), Sighting())
    one_look(case, after(SETTLE + 100), Sighting(unclaimed_alikes=[7]))
    assert not case.is_to_be_sent and kept_looks(case) == 1
    one_look(case, after(SETTLE + 200, put_forward=3600), Sighting(unclaimed_alikes=[7]))
    assert not case.is_to_be_sent and case.held_by == () and kept_looks(case) == 1


def test_looks_before_an_equal_journal_came_into_doubt_too_prove_nothing(case: Case) -> None:
    one_look(case, after(SETTLE + 1), Sighting())
    case.doubted_at = (*case.doubted_at, after(SETTLE + 2).clocks)
    for seconds in (SETTLE + 100, SETTLE + 200, 2 * SETTLE + 10):
        one_look(case, after(seconds), Sighting())
        assert not case.is_to_be_sent
    one_look(case, after(2 * SETTLE + 50), Sighting())
    assert case.is_to_be_sent
