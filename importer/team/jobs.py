"""Carrying out a submission: a process of its own runs the workbook, so that its memory, its signals and its crashes
are its own; what comes next follows from how it ended (`next_state`)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Thread
from time import monotonic

from importer.credentials import environment_for
from importer.errors import ExitCode, ImporterError
from importer.model.results import Result, Status
from importer.run.approvals import NEEDS_APPROVAL, REJECTED
from importer.settings import read_settings
from importer.store.database import Database
from importer.store.runs import is_in_doubt
from importer.store.submissions import ENDED, Submission, SubmissionState, end, find_submission, hold, take
from importer.team.channels import Channels, read_channels
from importer.team.files import folder_of
from importer.team.notices import notices_of

HOLD_EVERY = 20.0
"""Seconds between two signs of life in the store."""

_LOOK_SECONDS = 0.5
"""How often a worker that is to stop looks whether it is."""

MOST_FAILURES, MOST_DEATHS = 20, 5
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 600.0
"""Seconds between two tries of what may pass by itself: 5, 10, 20 … 600."""

DIED = "died"
"""The code of an attempt whose process has not said how it ended."""

HELD, HELD_PAUSE = "company-held", 15.0
"""The code of what only has to wait, because another run holds the company, and for how many seconds."""


@dataclass(frozen=True, slots=True)
class NextState:
    """Where a submission stands after an attempt, how many seconds until the next one (0: none), and whether the
    attempt counts as a failure."""

    state: SubmissionState
    seconds: float = 0.0
    failed: bool = False


def next_state(
    taken: Submission,
    exit_code: int,
    settle: float,
    result: Result | None = None,
    *,
    may_pass: bool = False,
    stop: str = "",
) -> NextState:
    """The state of the submission `taken` after an attempt that ended with `exit_code`. `settle` is for how many
    seconds a journal in doubt may still be posted, `result` that of the run (None: there was no run), `stop` the code
    of what stopped it and `may_pass` whether a later try may succeed without a change."""
    held = [] if result is None else [one for one in result.problems if one.code == NEEDS_APPROVAL]
    if any(one.wording == REJECTED for one in held):
        return NextState(SubmissionState.REJECTED)
    if _request_of(result):
        return NextState(SubmissionState.APPROVAL)
    if held:  # it was not to be seen when approval was checked: the next attempt asks for it
        exit_code, may_pass = ExitCode.STOPPED, True
    if exit_code in (ExitCode.FINE, ExitCode.FAULTY):
        return NextState(SubmissionState.DONE)
    if exit_code == ExitCode.UNKNOWN:
        is_unknown = result is not None and result.documents_by_status()[Status.UNKNOWN] > 0
        if is_unknown and not taken.looks:
            return NextState(SubmissionState.SETTLING, settle)
        return NextState(SubmissionState.DONE)
    if exit_code == ExitCode.INTERRUPTED:
        return NextState(SubmissionState.WAITING)
    if stop == HELD:
        return NextState(SubmissionState.WAITING, HELD_PAUSE)
    if may_pass and taken.failures < MOST_FAILURES:
        pause = min(_FIRST_PAUSE * 2.0**taken.failures, _LONGEST_PAUSE)
        return NextState(SubmissionState.WAITING, pause, failed=True)
    return NextState(SubmissionState.STOPPED, failed=True)


def conclude(
    database: Database,
    taken: Submission,
    settle: float,
    ending: Result | ImporterError,
    channels: Channels | None = None,
) -> SubmissionState | None:
    """Records in the database how an attempt at the submission `taken` ended: `ending` is the result of its run, or the
    error that kept it from running; notices go to `channels`. `settle` as in `next_state`. Gives the state that
    follows, None when somebody else has taken the submission meanwhile."""
    if isinstance(ending, ImporterError):
        run, stop = taken.run, ending.key
        following = next_state(taken, ending.exit_code, settle, may_pass=ending.may_pass, stop=stop)
    else:
        stopped = ending.stopped_by
        may_pass = stopped is not None and stopped.try_again
        run, stop = ending.run, "" if stopped is None else stopped.code
        following = next_state(taken, ending.exit_code, settle, ending, may_pass=may_pass, stop=stop)
        if following.state is SubmissionState.APPROVAL:
            stop = waiting_for(_request_of(ending))
    after = replace(taken, state=following.state, exit_code=int(ending.exit_code), stop=stop, run=run)
    is_ours = end(
        *(database, taken, following.state),
        seconds=following.seconds,
        exit_code=ending.exit_code,
        stop=stop,
        failed=following.failed,
        notices=notices_of(after, ending, channels),
    )
    return following.state if is_ours else None


def waiting_for(request: str) -> str:
    """The stop code of a submission that waits for the approval of a request, by the request's number."""
    return f"{NEEDS_APPROVAL} {request}"


def _request_of(result: Result | None) -> str:
    """The number of the request that a run waits for, `""` when it waits for none."""
    problems = () if result is None else result.problems
    return next((one.facts["request"] for one in problems if one.code == NEEDS_APPROVAL and "request" in one.facts), "")


def carry_out(
    store: str,
    number: int,
    environment: Mapping[str, str],
    is_stopping: Callable[[], bool] = lambda: False,
) -> Submission | None:
    """Carries out the submission `number` in a process of its own, waits for its end, and gives the submission as it is
    then; None when it is not due or somebody else has it. `store` is the store's address, `environment` that of the
    process.

    When `is_stopping` returns True the process is asked to end: it finishes what is under way, sends nothing new, and
    the submission waits for the next worker, as it does when the process dies. Raises SetupError when the store cannot
    be used, after the process has ended.
    """
    with Database(store) as database:
        before = find_submission(database, number)
        taken = take(database, number)
        if taken is None:
            return None
        if taken.deaths >= MOST_DEATHS:
            _give_up(database, taken, environment)
            return find_submission(database, number)
        settles = before.state is SubmissionState.SETTLING
        given = environment_for(taken.profile or None, {**environment, "IMPORTER_STORE": store})
        process = _started(taken, settles, given)
        try:
            _await(process, database, taken, is_stopping)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait()
        after = find_submission(database, number)
        is_open = after.state is SubmissionState.WORKING and after.attempts == taken.attempts
        if is_open and is_stopping():  # it was asked to end before it had begun to post
            end(database, taken, SubmissionState.WAITING)
            after = find_submission(database, number)
        elif is_open:
            # It died, or could not say how it ended.
            following = next_state(taken, ExitCode.STOPPED, 0.0, may_pass=True)
            if following.state is SubmissionState.STOPPED or taken.deaths + 1 >= MOST_DEATHS:
                _give_up(database, after, environment)
            else:
                end(database, taken, following.state, seconds=following.seconds, stop=DIED, failed=True, died=True)
            after = find_submission(database, number)
        # What is in doubt a person may still have sent, with its attachments.
        if after.state in ENDED and after.exit_code != ExitCode.UNKNOWN:
            shutil.rmtree(folder_of(database, number), ignore_errors=True)
        return after


def _give_up(database: Database, taken: Submission, environment: Mapping[str, str]) -> None:
    """Ends a submission whose processes die one after the other, and perhaps the workers with them (systemd stops a
    whole service when one of its processes needs too much memory)."""
    code = ExitCode.UNKNOWN if taken.run and is_in_doubt(database, taken.run) else ExitCode.STOPPED
    settings = read_settings({"profile": taken.profile or None}, environment, lambda _: None)
    stopped = replace(taken, state=SubmissionState.STOPPED, exit_code=int(code), stop=DIED)
    notices = notices_of(stopped, None, read_channels(settings))
    end(database, taken, SubmissionState.STOPPED, exit_code=code, stop=DIED, failed=True, notices=notices)


def _started(taken: Submission, settles: bool, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """The process that carries an attempt out. Its standard input is a pipe that nothing is written into: when it
    closes, because the worker wants it so or is dead, the process stops as at Ctrl-C. A session of its own keeps the
    terminal's Ctrl-C from it."""
    command = [sys.executable, "-m", "importer", "carry-out", str(taken.id), str(taken.attempts)]
    command += ["--settle"] * settles + (["--profile", taken.profile] if taken.profile else [])
    return subprocess.Popen(  # noqa: S603  our own command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment,
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _await(
    process: "subprocess.Popen[bytes]", database: Database, taken: Submission, is_stopping: Callable[[], bool]
) -> None:
    # With a limit of its own `wait` asks twenty times a second, and learns of the end that much later.
    ended = Thread(target=process.wait, daemon=True)
    ended.start()
    held = monotonic()
    while True:
        ended.join(_LOOK_SECONDS)
        if not ended.is_alive():
            return
        if monotonic() - held >= HOLD_EVERY:
            held = monotonic()
            if not hold(database, taken):
                return  # somebody else has it: this process is not to go on
        if is_stopping():
            return
