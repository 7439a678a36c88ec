"""The exit code of a run."""

import pytest

from importer.errors import Declined, Interrupted, RequestRefused
from importer.model.places import Place
from importer.model.problems import Problem
from importer.model.results import Document, Status
from importer.run.endings import FAULTY, FINE, INTERRUPTED, STOPPED, UNKNOWN, exit_code_of

PLACE = Place("junio.xlsx", "Journals", 2)


def document(status: Status) -> Document:
    return Document("journal", "A", "junio.xlsx", "Journals", (2, 3), status)


def test_a_run_is_never_ended_as_a_wrong_command_line() -> None:
    refused = RequestRefused("journal", "positive")
    assert refused.exit_code == 2
    assert exit_code_of((), (), refused) == exit_code_of((), (), Declined("declined")) == STOPPED
    assert exit_code_of((), (), Interrupted("interrupted")) == INTERRUPTED


@pytest.mark.parametrize("status", [Status.POSTED, Status.ALREADY_POSTED])
@pytest.mark.parametrize(
    "code", ["not-shown", "gone", "changed-since", "number-reused", "posted-twice", "posted-differently"]
)
def test_what_the_ledger_does_not_hold_as_posted_is_for_a_person_whatever_stopped_the_run(
    code: str, status: Status
) -> None:
    problems = [Problem(code, PLACE, "A")]
    assert exit_code_of([document(status)], problems, None) == UNKNOWN
    assert exit_code_of([document(status)], problems, Interrupted("interrupted")) == UNKNOWN


def test_a_date_that_is_off_by_a_day_and_cut_texts_are_warnings() -> None:
    problems = [Problem("posted-differently", PLACE, "A", softened=True), Problem("texts-cut", PLACE, "A")]
    assert exit_code_of([document(Status.POSTED)], problems, None) == FINE


def test_a_journal_that_is_held_back_is_a_fault_of_the_run_and_no_stop_of_it() -> None:
    of_a_sheet = Problem("look-incomplete", Place("junio.xlsx", "Journals"), "A")
    assert exit_code_of([document(Status.NOT_SENT)], [of_a_sheet], None) == FAULTY
