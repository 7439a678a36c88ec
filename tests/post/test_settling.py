"""When a lost journal is looked for, and what the looks prove."""

from datetime import UTC, datetime, timedelta

import pytest

from importer.errors import AnswerUnclear
from importer.model.entries import State
from importer.post.cases import Case
from importer.post.settling import AGREEING_LOOKS, MOST_FAILED_LOOKS, Moment, Settling
from importer.post.sightings import Sighting
from importer.store.database import Database
from tests.post.conftest import planned, store_of
from tests.post.journals import journal

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTLE = 900.0


def after(seconds: float, *, put_forward: float = 0.0) -> Moment:
    """So long after the start; the wall clock has been put forward by so much."""
    return Moment(START + timedelta(seconds=seconds + put_forward), 50.0 + seconds)


@pytest.fixture
def case(database: Database) -> Case:
    (one,) = planned([journal()], store_of(database, "run-1"))
    one.state, one.was_touched, one.doubts, one.in_doubt_since = State.UNKNOWN, True, 1, START
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
