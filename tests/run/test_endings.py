"""The exit code of a run."""

import pytest

from importer.errors import (
    CredentialsRefused,
    Declined,
    DifferentInLedger,
    ExitCode,
    ImporterError,
    Interrupted,
    NotSent,
    RequestRefused,
    SetupError,
    TooManyUnknown,
    TryAgain,
    WrongCompany,
)
from importer.model.problems import Place, Problem
from importer.model.results import Document, Status, Stop
from importer.run.results import concluded, exit_code_of
from importer.translations import Language
from tests.report.stories import result

PLACE = Place("junio.xlsx", "Journals", 2)


def document(status: Status) -> Document:
    return Document("journal", "A", "junio.xlsx", "Journals", (2, 3), status)


def test_a_run_is_never_ended_as_a_wrong_command_line() -> None:
    refused = RequestRefused("journal", "positive")
    assert refused.exit_code == 2
    assert exit_code_of((), (), refused) == exit_code_of((), (), Declined("declined")) == ExitCode.STOPPED
    assert exit_code_of((), (), Interrupted("interrupted")) == ExitCode.INTERRUPTED


@pytest.mark.parametrize("status", [Status.POSTED, Status.ALREADY_POSTED])
@pytest.mark.parametrize(
    "code", ["not-shown", "gone", "changed-since", "number-reused", "posted-twice", "posted-differently"]
)
def test_what_the_ledger_does_not_hold_as_posted_is_for_a_person_whatever_stopped_the_run(
    code: str, status: Status
) -> None:
    problems = [Problem(code, PLACE, "A")]
    assert exit_code_of([document(status)], problems, None) == ExitCode.UNKNOWN
    assert exit_code_of([document(status)], problems, Interrupted("interrupted")) == ExitCode.UNKNOWN


def test_a_date_that_is_off_by_a_day_and_cut_texts_are_warnings() -> None:
    problems = [Problem("posted-differently", PLACE, "A", softened=True), Problem("texts-cut", PLACE, "A")]
    assert exit_code_of([document(Status.POSTED)], problems, None) == ExitCode.FINE


def test_a_journal_that_is_held_back_is_a_fault_of_the_run_and_no_stop_of_it() -> None:
    of_a_sheet = Problem("look-incomplete", Place("junio.xlsx", "Journals"), "A")
    assert exit_code_of([document(Status.NOT_SENT)], [of_a_sheet], None) == ExitCode.FAULTY


@pytest.mark.parametrize(
    "stop",
    [
        TryAgain("unreachable", detail="refused"),
        NotSent("not-sent", detail="refused"),
        SetupError("company-held", run="r", holder="Ana", host="h"),
        SetupError("lease-lost", store="s"),
        SetupError("token-refused"),
        TooManyUnknown("breaker"),
        Interrupted("interrupted"),
    ],
    ids=lambda stop: stop.key,
)
def test_what_may_pass_by_itself_says_so(stop: ImporterError) -> None:
    stopped_by = concluded(result(), stop, Language.EN).stopped_by
    assert stopped_by == Stop(stop.key, stop.facts, try_again=True)


@pytest.mark.parametrize(
    "stop",
    [
        TryAgain("certificate", detail="self-signed"),
        NotSent("untrusted", detail="self-signed"),
        SetupError("store", store="s", detail="disk is full"),
        CredentialsRefused("login-refused", userid="u"),
        WrongCompany("wrong-company", actual="1", name="n", expected="2"),
        DifferentInLedger("different"),
        Declined("declined"),
    ],
    ids=lambda stop: f"{stop.key}-{type(stop).__name__}",
)
def test_what_a_person_must_mend_or_decide_is_not_tried_again(stop: ImporterError) -> None:
    stopped_by = concluded(result(), stop, Language.EN).stopped_by
    assert stopped_by == Stop(stop.key, stop.facts, try_again=False)


def test_a_run_that_came_to_its_end_was_not_stopped() -> None:
    assert concluded(result(), None, Language.EN).stopped_by is None
