"""Notices in a store of either kind: kept with what they are about, taken by one sender at a time, never lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from importer.store.database import Database
from importer.store.notices import (
    HOLD_SECONDS,
    Notice,
    add_notices,
    count_notices,
    dropped_notices,
    end_try,
    forget_notices,
    take_notice,
)
from importer.store.submissions import SubmissionState, add_submission, end, find_submission, sum_of, take
from tests.store.test_submissions import BOOK, NEW, Clock

ANA, HOOK = "ana@example.org", "webhook"
FIRST = Notice("submission 1 done", "north", ANA, '{"workbook": "póliza\\u0000"}')
OURS = {"north": [ANA, HOOK], "south": [ANA]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(timed_address: str, clock: Clock) -> Iterator[Database]:
    database = Database(timed_address, clock)
    yield database
    database.close()


def taken(database: Database) -> Notice:
    found = take_notice(database, OURS)
    assert found is not None
    return found


def test_a_notice_is_kept_in_the_transaction_that_ends_its_submission_and_only_then(database: Database) -> None:
    number = add_submission(database, NEW, {sum_of(BOOK): BOOK})
    attempt = take(database, number)
    assert attempt is not None
    assert not end(database, replace(attempt, attempts=7), SubmissionState.DONE, notices=[FIRST])
    assert take_notice(database, OURS) is None
    assert end(database, attempt, SubmissionState.DONE, exit_code=0, notices=[FIRST])
    found = taken(database)
    assert (found.about, found.profile, found.target, found.content, found.attempts) == (
        *(FIRST.about, FIRST.profile, FIRST.target, FIRST.content),
        1,
    )
    assert find_submission(database, number).state is SubmissionState.DONE


def test_one_sender_has_a_notice_until_its_time_is_over_and_what_it_says_later_changes_nothing(
    database: Database, clock: Clock
) -> None:
    add_notices(database, [FIRST])
    asleep = taken(database)
    assert take_notice(database, OURS) is None
    clock.now += HOLD_SECONDS
    other = taken(database)
    assert (other.attempts, other.key, other.made_at) == (2, asleep.key, asleep.made_at)
    end_try(database, asleep)
    clock.now += HOLD_SECONDS
    end_try(database, taken(database), fault="451 later", seconds=60.0)
    assert take_notice(database, OURS) is None
    clock.now += 60
    end_try(database, taken(database))
    clock.now += 10 * HOLD_SECONDS
    assert take_notice(database, OURS) is None


def test_what_was_dropped_is_not_taken_again_and_the_longest_due_goes_first(database: Database, clock: Clock) -> None:
    add_notices(database, [FIRST, replace(FIRST, target=HOOK)])
    first = taken(database)
    end_try(database, first, fault="451 later", seconds=5.0)
    clock.now += 10
    add_notices(database, [replace(FIRST, about="submission 2 done")])
    assert [taken(database).target, taken(database).target] == [HOOK, ANA]
    last = taken(database)
    assert last.about == "submission 2 done"
    end_try(database, last, fault="gone")
    clock.now += 2 * HOLD_SECONDS
    assert [taken(database).about, taken(database).about] == [FIRST.about] * 2
    assert take_notice(database, OURS) is None


def test_the_same_is_kept_once_for_a_recipient_and_what_others_send_is_left_to_them(database: Database) -> None:
    add_notices(database, [FIRST, replace(FIRST, content="{}"), replace(FIRST, target="luis@example.org")])
    add_notices(database, [FIRST, replace(FIRST, about="submission 3 done", profile="west")])
    assert taken(database).content == FIRST.content
    assert take_notice(database, OURS) is None and take_notice(database, {}) is None


def test_old_ones_are_removed(database: Database) -> None:
    add_notices(database, [FIRST])
    forget_notices(database, datetime.now(UTC) - timedelta(days=90))
    forget_notices(database, taken(database).made_at)
    add_notices(database, [FIRST])  # it is still known
    assert take_notice(database, OURS) is None
    forget_notices(database, datetime.now(UTC) + timedelta(seconds=1))
    add_notices(database, [FIRST])
    assert taken(database).attempts == 1


def test_what_was_given_up_is_told_by_recipient_until_a_later_one_arrives(database: Database, clock: Clock) -> None:
    start = FIRST.made_at - timedelta(seconds=1)
    add_notices(database, [replace(FIRST, about=f"submission {one} done") for one in (1, 2)])
    add_notices(database, [replace(FIRST, target=HOOK)])
    for fault in ("451 later", "550 gone", ""):
        end_try(database, taken(database), fault=fault)
    assert count_notices(database) == {"waiting": 0, "sent": 1, "dropped": 2}
    ((target, (count, newest, fault)),) = dropped_notices(database, start).items()
    assert (target, count, newest.about, fault) == (ANA, 2, "submission 2 done", "550 gone")
    assert dropped_notices(database, start + timedelta(days=1)) == {}
    add_notices(database, [replace(FIRST, about="submission 3 done")])
    end_try(database, taken(database))
    assert dropped_notices(database, start) == {}
