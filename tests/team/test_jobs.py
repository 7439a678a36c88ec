"""A submission carried out by a process of its own: what it needs comes from the store, and what comes next follows
from how it ended."""

import errno
import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import psutil
import pytest

from importer.errors import SetupError
from importer.model.results import Result, Status, Stop
from importer.sandbox import running
from importer.services.http import place_of
from importer.settings import Settings, read_settings
from importer.store.database import Database
from importer.store.journal_rows import appearances_in
from importer.store.leases import Lease, this_process
from importer.store.submissions import (
    Submission,
    SubmissionOptions,
    SubmissionState,
    SubmittedFile,
    add_submission,
    find_submission,
    submissions_in,
    take,
)
from importer.team.files import Destination, collect, destination_of, lay_out
from importer.team.jobs import MOST_DEATHS, MOST_FAILURES, carry_out, next_state
from tests.cli.batches import batch
from tests.cli.commands import ROOT, home_in, importer, settings_of
from tests.cli.test_afterwards import bill, with_attachment
from tests.cli.test_resume import workbook
from tests.cli.workbooks import Cells, line, write
from tests.fates import Fate
from tests.faulty_service import faulty_service
from tests.report.stories import troubled_run

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
WITHOUT_PYTHON = {"PYTHONHOME": os.devnull}
"""The environment of a process that dies at its start."""


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPX_", "SOVOS_", "IMPORTER_"))}
    home = home_in(folder) | {"XDG_CACHE_HOME": str(folder / "cache")}
    return {**kept, **home, "IMPORTER_REPORTS": str(folder / "reports"), **settings}


def submit(path: Path, store: str, given: Mapping[str, str], options: SubmissionOptions | None = None) -> int:
    with patch.dict(os.environ, given, clear=True):
        settings: Settings = read_settings({}, given)
        collected = collect(path, settings, options or SubmissionOptions())
    new = Submission(
        *(path.name, f"/{path.name}", collected.files, collected.options, ""),
        *(place_of(settings.url or ""), settings.userid or "", settings.company_id, "submit", "ana"),
    )
    database = Database(store)
    number = add_submission(database, new, collected.contents)
    database.close()
    return number


def carried_out(store: str, number: int, given: Mapping[str, str], folder: Path) -> Submission:
    with patch.dict(os.environ, {"XDG_CACHE_HOME": str(folder / "cache")}):
        after = carry_out(store, number, given)
    assert after is not None
    return after


def test_a_workbook_is_posted_from_the_store_with_the_files_that_it_names(tmp_path: Path) -> None:
    pdf = tmp_path / "in" / "bills" / "1.pdf"
    pdf.parent.mkdir(parents=True)
    bill(pdf)
    book = workbook(tmp_path / "in", journals=1)
    with_attachment(book, 3, "bills/1.pdf")
    with running() as sandbox:
        given = environment(tmp_path, settings_of(sandbox, tmp_path / "s.db"))
        store = given["IMPORTER_STORE"]
        number, before = submit(book, store, given), len(sandbox.company.documents)
        pdf.unlink()
        book.unlink()
        after = carried_out(store, number, given, tmp_path)
        assert (after.state, after.exit_code, after.stop) == (SubmissionState.DONE, 0, "")
        assert sandbox.calls["post_journal"] == 1 and len(sandbox.company.documents) == before + 1
        assert carry_out(store, number, given) is None
    database = Database(store)
    (appearance,) = appearances_in(database, after.run).values()
    assert (appearance.file, appearance.path) == ("june.xlsx", "/june.xlsx")
    database.close()
    assert (tmp_path / "reports" / f"{after.run}.html").is_file()


def test_a_submission_for_another_ledger_is_stopped_and_nothing_is_sent(tmp_path: Path) -> None:
    book = batch(tmp_path, 1).path
    with faulty_service() as meant, faulty_service() as other:
        given = environment(tmp_path, of_service(meant.url, tmp_path))
        store = given["IMPORTER_STORE"]
        number = submit(book, store, given)
        after = carried_out(store, number, given | {"SPX_URL": other.url}, tmp_path)
        assert (after.state, after.exit_code, after.stop) == (SubmissionState.STOPPED, 3, "submission-elsewhere")
        assert not meant.arrived and not other.arrived


def of_service(url: str, folder: Path) -> dict[str, str]:
    return {
        **{"SPX_URL": url, "SPX_USERID": "treasurer", "SPX_PASSWORD": "p", "SPX_EMAIL": "t@example.org"},
        **{"SPX_API_KEY": "k", "IMPORTER_STORE": f"sqlite:///{folder / 's.db'}"},
        **{"IMPORTER_SETTLE": "1", "IMPORTER_TIMEOUT": "2"},
    }


def test_a_mended_copy_is_the_newer_one_whatever_machine_runs_the_old_one_later(tmp_path: Path) -> None:
    """Three journals without an answer stop the first run; the mended workbook goes first; nothing is posted twice."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    old = write(tmp_path / "one" / "june.xlsx", [row for number in range(5) for row in _journal(number, 10)])
    mended = write(tmp_path / "two" / "june.xlsx", _journal(4, 12, "MENDED"))
    lost = Fate("reset", committed=False)
    with faulty_service(others=False, script={f"R{number}": lost for number in range(3)}) as service:
        given = environment(tmp_path, of_service(service.url, tmp_path) | {"IMPORTER_CONCURRENCY": "1"})
        store = given["IMPORTER_STORE"]
        first, second = submit(old, store, given), submit(mended, store, given)
        assert carried_out(store, first, given, tmp_path).state is SubmissionState.SETTLING
        assert service.posted.total() == 0
        assert finish(store, second, given, tmp_path).exit_code == 0
        finish(store, first, given, tmp_path)
        assert service.posted == {"R0": 1, "R1": 1, "R2": 1, "R3": 1, "MENDED": 1}


def _journal(number: int, amount: float, reference: str = "") -> list[Cells]:
    return [line(f"J{number}", side, amount, treference=reference or f"R{number}") for side in "DC"]


def finish(store: str, number: int, given: Mapping[str, str], folder: Path) -> Submission:
    """Attempts until it has ended; the waiting is cut short in the store."""
    for _ in range(6):
        one = make_due(store, number)
        if one.state not in (SubmissionState.QUEUED, SubmissionState.SETTLING, SubmissionState.WAITING):
            return one
        carried_out(store, number, given, folder)
    raise AssertionError(one)


def make_due(store: str, number: int) -> Submission:
    with closing(Database(store)) as database:
        with database.transaction() as connection:
            connection.execute("UPDATE submissions SET due = 0 WHERE id = ?", (number,))
        return find_submission(database, number)


def test_a_process_that_dies_leaves_a_submission_that_is_tried_again(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 's.db'}"
    database = Database(store)
    new = Submission("a.xlsx", "/a.xlsx", (), SubmissionOptions(), "", "x:443", "u", None, "submit", "ana")
    number = add_submission(database, new, {})
    after = carry_out(store, number, WITHOUT_PYTHON)
    assert after is not None and (after.state, after.stop, after.failures) == (SubmissionState.WAITING, "died", 1)
    assert [one.state for one in submissions_in(database)] == [SubmissionState.WAITING]
    database.close()


def test_what_dies_again_and_again_is_stopped_and_its_worker_lives(tmp_path: Path) -> None:
    """Its process dies alone, or with its worker: then nobody says so, and its time runs out."""
    store = f"sqlite:///{tmp_path / 's.db'}"
    new = Submission("a.xlsx", "/a.xlsx", (), SubmissionOptions(), "", "x:443", "u", None, "submit", "ana")
    with closing(Database(store)) as database:
        alone, together = add_submission(database, new, {}), add_submission(database, new, {})
        for _ in range(MOST_DEATHS):
            assert carry_out(store, alone, WITHOUT_PYTHON) is not None and take(database, together) is not None
            with database.transaction() as connection:
                connection.execute("UPDATE submissions SET due = 0")
        after = find_submission(database, alone)
        assert (after.state, after.stop, after.attempts) == (SubmissionState.STOPPED, "died", MOST_DEATHS)
        given_up = carry_out(store, together, {})  # a process would say what it lacks
        assert given_up is not None and (given_up.state, given_up.stop) == (SubmissionState.STOPPED, "died")


@pytest.mark.long
def test_what_died_while_a_journal_was_under_way_is_in_doubt(tmp_path: Path) -> None:
    book = batch(tmp_path, 1).path
    with faulty_service(others=False) as service:
        given = environment(tmp_path, of_service(service.url, tmp_path))
        store = given["IMPORTER_STORE"]
        number = submit(book, store, given)
        assert carried_out(store, number, given, tmp_path).exit_code == 0
    with closing(Database(store)) as database:
        with database.transaction() as connection:
            connection.execute("UPDATE journals SET state = 'sending', journal_number = NULL")
            connection.execute("UPDATE submissions SET state = 'working', due = 0, deaths = ?", (MOST_DEATHS,))
        after = carry_out(store, number, {})
        assert after is not None and (after.state, after.exit_code) == (SubmissionState.STOPPED, 4)
        assert destination_of(after) is Destination.DOUBT


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
def test_what_may_have_been_sent_twice_ends_in_doubt_and_a_person_carries_it_on(tmp_path: Path) -> None:
    """Its first sending was lost; its second one was noted, and the process died before a byte left. Nobody can tell
    that from a sending that is still on its way: the program looks, and never sends a third time by itself."""
    book = batch(tmp_path, 2).path
    with faulty_service(others=False, script={"REF-0": Fate("reset", committed=False)}) as service:
        given = environment(tmp_path, of_service(service.url, tmp_path) | {"IMPORTER_CONCURRENCY": "1"})
        store = given["IMPORTER_STORE"]
        number = submit(book, store, given)
        assert carried_out(store, number, given, tmp_path).state is SubmissionState.SETTLING
        make_due(store, number)
        dead = carried_out(store, number, given | killed_at("intent:after:1", tmp_path), tmp_path)
        assert (dead.state, dead.stop) == (SubmissionState.WAITING, "died")
        after = finish(store, number, given, tmp_path)
        assert (after.state, after.exit_code, service.posted) == (SubmissionState.DONE, 4, {"REF-1": 1})
        (unknown,) = json.loads((tmp_path / "reports" / f"{after.run}.result.json").read_text())["problems"]
        assert f"“importer resume {after.run}” with --is J0=NUMBER if it is there, with --send J0" in unknown["message"]
        sent = importer("resume", after.run, "--send", "J0", folder=tmp_path, **of_service(service.url, tmp_path))
        assert (sent.code, service.posted) == (0, {"REF-0": 1, "REF-1": 1}), sent.err
        again = submit(book, store, given)
        assert finish(store, again, given, tmp_path).exit_code == 0 and service.posted.total() == 2


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_an_attempt_that_is_told_twice_to_end_awaits_what_is_under_way(tmp_path: Path) -> None:
    """As systemd does: it signals the worker and its processes, and the worker closes their input as well."""
    book, stops = batch(tmp_path, 2).path, threading.Event()

    def stop(operation: str, moment: str) -> None:
        if operation == "post_journal" and moment == "arrived" and not stops.is_set():
            (attempt,) = (one for one in psutil.Process().children() if "carry-out" in one.cmdline())
            attempt.terminate()
            stops.set()
            with suppress(psutil.TimeoutExpired):
                attempt.wait(2)  # it must not end before it has its answer

    with faulty_service(others=False, tap=stop) as service:
        given = environment(tmp_path, of_service(service.url, tmp_path) | {"IMPORTER_TIMEOUT": "20"})
        store = given["IMPORTER_STORE"]
        number = submit(book, store, given)
        with patch.dict(os.environ, {"XDG_CACHE_HOME": str(tmp_path / "cache")}):
            after = carry_out(store, number, given, stops.is_set)
        assert after is not None and (after.state, after.exit_code) == (SubmissionState.WAITING, 130)
        with closing(Database(store)) as database, database.reading() as connection:
            states = connection.execute("SELECT state FROM journals ORDER BY id").fetchall()
        assert [row["state"] for row in states] == ["posted", "planned"]
        assert finish(store, number, given, tmp_path).exit_code == 0 and set(service.posted.values()) == {1}


def killed_at(step: str, folder: Path) -> dict[str, str]:
    """The environment of a process that dies at a step of `tests.cli.killed`."""
    start = 'import os\nfrom tests.cli.killed import prepare\nprepare(os.environ["KILL_AT"])\n'
    (folder / "sitecustomize.py").write_text(start, encoding="utf-8")
    return {"KILL_AT": step, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}


def test_a_company_that_another_run_holds_is_waited_for_as_long_as_it_takes(tmp_path: Path) -> None:
    book = batch(tmp_path, 1).path
    with faulty_service(others=False) as service, closing(Database(f"sqlite:///{tmp_path / 's.db'}")) as database:
        given = environment(tmp_path, of_service(service.url, tmp_path))
        store = given["IMPORTER_STORE"]
        number = submit(book, store, given)
        lease = Lease(database, "5", "another", this_process("rosa"))
        assert lease.take() is None
        after = carried_out(store, number, given, tmp_path)
        assert (after.state, after.stop, after.failures) == (SubmissionState.WAITING, "company-held", 0)
        lease.release()
        assert finish(store, number, given, tmp_path).exit_code == 0 and service.posted.total() == 1


@pytest.mark.parametrize("name", ["../a.pdf", "/a.pdf", "C:/a.pdf", "a/../../b"])
def test_no_file_is_laid_out_beside_the_folder(tmp_path: Path, name: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 's.db'}")
    new = Submission(
        *("a.xlsx", "/a.xlsx", (SubmittedFile(name, "0"),), SubmissionOptions(), "", "x:443", "u", None, "submit", "a"),
    )
    number = add_submission(database, new, {"0": b""})
    with pytest.raises(SetupError, match="submission-emptied"):
        lay_out(database, find_submission(database, number), tmp_path / "out")
    database.close()


def test_a_workbook_that_is_not_there_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="unreadable") as caught:
        collect(tmp_path / "none.xlsx", read_settings({}, {}), SubmissionOptions())
    assert caught.value.facts["detail"] == os.strerror(errno.ENOENT)


ATTEMPT = Submission(
    *("a.xlsx", "/a.xlsx", (), SubmissionOptions(), "", "x:443", "u", None, "submit", "ana"),
    *(NOON, 1, SubmissionState.WORKING, 1),
)


def result_with(status: Status, *, stop: Stop | None = None) -> Result:
    result = troubled_run()
    documents = tuple(one.ended(status) for one in result.documents)
    return replace(result, documents=documents, problems=(), stopped_by=stop)


@pytest.mark.parametrize(
    ("code", "may_pass", "attempt", "result", "state", "seconds"),
    [
        (0, False, ATTEMPT, None, SubmissionState.DONE, 0.0),
        (1, False, ATTEMPT, None, SubmissionState.DONE, 0.0),
        (2, False, ATTEMPT, None, SubmissionState.STOPPED, 0.0),
        (3, False, ATTEMPT, None, SubmissionState.STOPPED, 0.0),
        (3, True, ATTEMPT, None, SubmissionState.WAITING, 5.0),
        (3, True, replace(ATTEMPT, failures=3), None, SubmissionState.WAITING, 40.0),
        (3, True, replace(ATTEMPT, failures=MOST_FAILURES - 1), None, SubmissionState.WAITING, 600.0),
        (3, True, replace(ATTEMPT, failures=MOST_FAILURES), None, SubmissionState.STOPPED, 0.0),
        (130, False, ATTEMPT, None, SubmissionState.WAITING, 0.0),
        (4, False, ATTEMPT, result_with(Status.UNKNOWN), SubmissionState.SETTLING, 900.0),
        (4, False, replace(ATTEMPT, looks=1), result_with(Status.UNKNOWN), SubmissionState.DONE, 0.0),
        (4, False, ATTEMPT, result_with(Status.POSTED), SubmissionState.DONE, 0.0),
    ],
)
def test_what_comes_next(
    code: int, may_pass: bool, attempt: Submission, result: Result | None, state: SubmissionState, seconds: float
) -> None:
    following = next_state(attempt, code, 900.0, result, may_pass=may_pass)
    assert (following.state, following.seconds) == (state, seconds)
