"""What a person has said before posting holds: no stays no, and a yes is to what the ledger is by then."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from importer.store.database import Database
from importer.store.runs import runs_in
from tests.cli.commands import importer, settings_of
from tests.cli.test_resume import LOST_BEFORE, posted_in, run_in, service, workbook
from tests.sandbox.faults import Fault

if sys.platform == "win32":
    pytest.skip("a pseudo-terminal of POSIX is needed", allow_module_level=True)

from tests.cli.test_terminal import Screen


def asked(sandbox: Sandbox, folder: Path, *arguments: str, store: str = "s.db") -> Screen:
    """A command that waits at the question."""
    screen = Screen(folder, settings_of(sandbox, folder / store) | {"IMPORTER_SETTLE": "1"}, *arguments)
    screen.read_until("[y/N]")
    return screen


def declined(sandbox: Sandbox, folder: Path, *arguments: str, answer: str = "n\n") -> Screen:
    screen = asked(sandbox, folder, *arguments)
    screen.type(answer)
    screen.end()
    return screen


@pytest.mark.parametrize("answer", ["n\n", "\x04"])
def test_what_was_declined_is_not_posted_by_a_later_resume(answer: str, sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path)
    screen = declined(sandbox, tmp_path, "run", "june.xlsx", answer=answer)
    resumed = run_in(sandbox, tmp_path, "resume")
    assert (resumed.code, "nothing to resume" in resumed.err) == (0, True), resumed.err
    assert posted_in(sandbox) == []
    assert "had to stop" not in screen.text and "stopped early" not in screen.text
    assert "declined" in run_in(sandbox, tmp_path, "runs").out


IS_DEAF = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
CLOSED = pytest.param(
    signal.SIGHUP, marks=pytest.mark.skipif(IS_DEAF, reason="nohup makes all deaf to a closed window")
)


@pytest.mark.parametrize("number", [signal.SIGINT, CLOSED, signal.SIGKILL])
def test_ctrl_c_and_a_closed_window_are_not_a_yes(number: int, sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path)
    screen = asked(sandbox, tmp_path, "run", "june.xlsx")
    while screen.process.poll() is None:  # Python may miss a signal just before its read waits
        screen.process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            screen.process.wait(1)
    screen.end()
    resumed = run_in(sandbox, tmp_path, "resume")
    assert (resumed.code, posted_in(sandbox)) == (0, []), resumed.err
    assert "declined" in run_in(sandbox, tmp_path, "runs").out


def test_whoever_names_a_declined_run_goes_on_with_it(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path)
    declined(sandbox, tmp_path, "run", "june.xlsx")
    database = Database(f"sqlite:///{tmp_path / 's.db'}")
    (run,) = [one.run for one in runs_in(database)]
    database.close()
    resumed = run_in(sandbox, tmp_path, "resume", run, "--json")
    assert (resumed.code, len(posted_in(sandbox))) == (0, 3), resumed.err


def test_a_declined_run_hides_no_older_unfinished_one(tmp_path: Path) -> None:
    workbook(tmp_path)
    with service(LOST_BEFORE) as sandbox:
        first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--no-wait")
        assert first.code == 4
        workbook(tmp_path, 5, "more.xlsx")
        declined(sandbox, tmp_path, "run", "more.xlsx", "--no-wait")
        resumed = run_in(sandbox, tmp_path, "resume", "--json")
        assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"], resumed.err


def test_what_was_declined_later_is_not_sent_from_an_older_run(tmp_path: Path) -> None:
    workbook(tmp_path, 4)
    with service(Fault("post_journal", nth=[2], status=221)) as sandbox:
        first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--concurrency", "1")
        assert (first.code, posted_in(sandbox)) == (3, ["REF-J0"])
        declined(sandbox, tmp_path, "run", "june.xlsx")
        resumed = run_in(sandbox, tmp_path, "resume", "--json")
        assert posted_in(sandbox) == ["REF-J0"], resumed.err
        named = run_in(sandbox, tmp_path, "resume", first.result["run"], "--json")
        assert (named.code, len(posted_in(sandbox))) == (0, 4), named.err


def test_a_resume_settles_what_is_in_doubt_and_sends_nothing_that_was_declined(tmp_path: Path) -> None:
    workbook(tmp_path, 4)
    stops = [Fault("post_journal", nth=[2]), Fault("post_journal", nth=[3], status=221)]
    with service(*stops) as sandbox:
        first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--no-wait", "--concurrency", "1")
        assert first.code == 4, first.err
        before = posted_in(sandbox)
        declined(sandbox, tmp_path, "resume", "--no-wait")
        resumed = run_in(sandbox, tmp_path, "resume", "--json")
        states = sorted(one["status"] for one in resumed.result["documents"])
        assert states == ["not_sent", "not_sent", "posted", "posted"], resumed.err
        assert resumed.code == 3 and "importer resume" in resumed.err
        assert set(before) <= set(posted_in(sandbox)) and len(posted_in(sandbox)) == 2
        again = run_in(sandbox, tmp_path, "resume")
        assert (again.code, "nothing to resume" in again.err) == (0, True)


def test_what_others_posted_while_the_question_stood_open_is_not_posted_again(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path)
    screen = asked(sandbox, tmp_path, "run", "june.xlsx")
    settings = settings_of(sandbox, tmp_path / "another.db")
    other = importer("run", "june.xlsx", "--json", folder=tmp_path, **settings)
    assert other.result["totals"]["posted"] == 3
    screen.type("y\n")
    assert (screen.end(), posted_in(sandbox)) == (0, ["REF-J0", "REF-J1", "REF-J2"])
    assert "already posted" in screen.text


@pytest.mark.parametrize("store", ["s.db", "another.db"])
def test_the_question_tells_what_is_posted_again_on_purpose(store: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """Whether the store knows it or the ledger alone."""
    workbook(tmp_path)
    run_in(sandbox, tmp_path, "run", "june.xlsx")
    workbook(tmp_path, 4)
    screen = asked(sandbox, tmp_path, "run", "june.xlsx", "--allow-duplicates", "paid twice", store=store)
    before = screen.text.partition("Of these, 3 were posted before and are posted again:")[2]
    assert "3 journals   Debit 6.30   Credit 6.30" in before, screen.text
    screen.type("y\n")
    assert (screen.end(), len(posted_in(sandbox))) == (0, 7), screen.text
