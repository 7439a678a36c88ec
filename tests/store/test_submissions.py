"""Submissions in a store of either kind: taken by one at a time, and nobody writes about an attempt that is over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from importer.errors import SetupError
from importer.store.approvals import Request, Rule, add_request
from importer.store.database import Database
from importer.store.submissions import (
    HOLD_SECONDS,
    REPLACED,
    Submission,
    SubmissionOptions,
    SubmissionState,
    SubmittedFile,
    add_submission,
    bring_on_decided,
    content_of,
    due_submissions,
    empty_contents,
    end,
    find_submission,
    hold,
    submissions_in,
    sum_of,
    take,
    withdraw,
)

BOOK = b"PK\x03\x04 a workbook\0"
NEW = Submission(
    *("june.xlsx", "north/june.xlsx", (SubmittedFile("june.xlsx", sum_of(BOOK)),), SubmissionOptions(mapping="póliza")),
    profile="north",
    address="ledger.example.org:443",
    userid="ana",
    company=5,
    source="submit",
    submitted_by="ana",
)


class Clock:
    """The time of the store."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(timed_address: str, clock: Clock) -> Iterator[Database]:
    database = Database(timed_address, clock)
    yield database
    database.close()


def handed_in(database: Database, new: Submission = NEW) -> int:
    return add_submission(database, new, {sum_of(BOOK): BOOK})


def taken(database: Database, number: int) -> Submission:
    found = take(database, number)
    assert found is not None
    return found


def test_a_submission_is_kept_as_it_was_handed_in(timed: Database) -> None:
    first, second = handed_in(timed), handed_in(timed, replace(NEW, company=None))
    one = find_submission(timed, first)
    assert (one.name, one.origin, tuple(one.files), one.options, one.company) == (
        *("june.xlsx", "north/june.xlsx", NEW.files, NEW.options),
        5,
    )
    assert (one.state, one.attempts, one.run, one.exit_code) == (SubmissionState.QUEUED, 0, "", None)
    assert content_of(timed, one.files[0].sha256) == BOOK
    assert [found.id for found in submissions_in(timed)] == [first, second]
    assert find_submission(timed, second).company is None
    with pytest.raises(SetupError, match="no-submission"):
        find_submission(timed, 99)


def test_one_takes_it_and_another_only_when_the_first_was_silent_too_long(timed: Database, clock: Clock) -> None:
    number = handed_in(timed)
    first = taken(timed, number)
    assert take(timed, number) is None and due_submissions(timed) == []
    clock.now += HOLD_SECONDS - 1
    assert hold(timed, first, run="r1")
    clock.now += HOLD_SECONDS - 1
    assert take(timed, number) is None
    clock.now += 2
    second = taken(timed, number)
    assert (second.attempts, second.run) == (2, "r1")
    assert not hold(timed, first) and not end(timed, first, SubmissionState.DONE, exit_code=0)
    assert find_submission(timed, number).state is SubmissionState.WORKING
    assert end(timed, second, SubmissionState.DONE, exit_code=1)
    assert not end(timed, second, SubmissionState.STOPPED)
    after = find_submission(timed, number)
    assert (after.state, after.exit_code, take(timed, number)) == (SubmissionState.DONE, 1, None)


def test_deaths_in_a_row_are_counted(timed: Database, clock: Clock) -> None:
    number = handed_in(timed)
    assert taken(timed, number).deaths == 0
    clock.now += HOLD_SECONDS + 1
    second = taken(timed, number)
    assert second.deaths == 1 and end(timed, second, SubmissionState.WAITING, failed=True, died=True)
    third = taken(timed, number)
    assert third.deaths == 2 and end(timed, third, SubmissionState.WAITING, failed=True)
    assert taken(timed, number).deaths == 0


def test_what_waits_is_due_when_its_time_has_come(timed: Database, clock: Clock) -> None:
    number = handed_in(timed)
    assert end(timed, taken(timed, number), SubmissionState.SETTLING, seconds=900, exit_code=4)
    clock.now += 899
    assert take(timed, number) is None
    clock.now += 1
    assert [one.id for one in due_submissions(timed)] == [number]
    again = taken(timed, number)
    assert again.looks == 1
    assert end(timed, again, SubmissionState.WAITING, seconds=5, exit_code=3, stop="store-away", failed=True)
    clock.now += 5
    assert (taken(timed, number).failures, find_submission(timed, number).looks) == (1, 1)


def test_what_waits_for_a_request_that_is_decided_goes_on_and_what_a_newer_one_replaced_ends(timed: Database) -> None:
    """Whoever has decided it when, also before the submission said that it waits."""
    other = replace(NEW, origin="north/july.xlsx")
    states = {1: "open", 2: "approved", 3: "rejected", 4: "outdated", 5: "outdated", 6: "open", 7: "outdated"}
    asked = Request("r", "5", "i", "s", "b", ["x"], (Rule(),), "p", "ana", "{}")
    numbers = {}
    for request, state in states.items():
        assert add_request(timed, asked) == request
        with timed.transaction() as connection:
            connection.execute("UPDATE requests SET state = ? WHERE id = ?", (state, request))
        new = other if request == 7 else replace(NEW, origin=f"north/{min(request, 5)}.xlsx")
        numbers[request] = handed_in(timed, new)
        stop = f"needs-approval {request}"
        assert end(timed, taken(timed, numbers[request]), SubmissionState.APPROVAL, exit_code=1, stop=stop)
    second = handed_in(timed, replace(NEW, origin="north/8.xlsx"))
    assert end(timed, taken(timed, second), SubmissionState.APPROVAL, exit_code=1, stop="needs-approval 2")
    assert bring_on_decided(timed, "needs-approval ") == {f"needs-approval {one}" for one in (2, 3, 4, 7)}
    assert find_submission(timed, second).state is SubmissionState.QUEUED
    assert bring_on_decided(timed, "needs-approval ") == set()
    found = {request: find_submission(timed, number).state.value for request, number in numbers.items()}
    assert found == {
        **{1: "approval", 2: "queued", 3: "queued", 4: "queued"},
        **{5: "withdrawn", 6: "approval", 7: "queued"},
    }
    assert find_submission(timed, numbers[5]).stop == REPLACED


def test_a_submission_is_taken_back_until_somebody_works_on_it(timed: Database) -> None:
    first, second = handed_in(timed), handed_in(timed)
    assert withdraw(timed, first) and take(timed, first) is None and not withdraw(timed, first)
    one = taken(timed, second)
    assert not withdraw(timed, second)
    assert end(timed, one, SubmissionState.STOPPED) and withdraw(timed, second)


def test_bytes_go_when_all_that_needed_them_has_ended_long_ago(timed: Database) -> None:
    first, second = handed_in(timed), handed_in(timed)
    end(timed, taken(timed, first), SubmissionState.DONE, exit_code=0)
    later = datetime.now(UTC) + timedelta(days=1)
    assert empty_contents(timed, later) == 0
    end(timed, taken(timed, second), SubmissionState.DONE, exit_code=0)
    assert empty_contents(timed, datetime.now(UTC) - timedelta(days=1)) == 0
    assert empty_contents(timed, later) == 1 and empty_contents(timed, later) == 0
    with pytest.raises(SetupError, match="submission-emptied"):
        content_of(timed, sum_of(BOOK))
    handed_in(timed)
    assert content_of(timed, sum_of(BOOK)) == BOOK
