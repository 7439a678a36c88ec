"""What came of a run is told, whatever goes wrong with the workbooks to mend."""

import io
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from importer.cli.output import ignore_broken_pipe
from importer.cli.run_execution import reported
from importer.cli.terminal import Terminal, is_person_there
from importer.errors import DifferentInLedger, SetupError, worst_exit_code
from importer.model.results import Result
from importer.model.workbook import Workbook
from importer.run.state import RunOutcome
from importer.settings import Settings, read_settings
from importer.store.database import Database
from importer.store.runs import start_run
from importer.translations import Language
from tests.cli.commands import importer_forked as importer
from tests.report.stories import FILE, good_run


def remembered(result: Result, folder: Path) -> tuple[RunOutcome, Settings]:
    """What a run gives that the store knows of, and the settings that name the store and a folder for the report."""
    store = f"sqlite:///{folder / 's.db'}"
    database = Database(store)
    start_run(database, result.run, "5", "", "ana", result.started_at)
    database.close()
    settings = read_settings({"reports": str(folder)}, {"IMPORTER_STORE": store}, lambda _: None)
    return RunOutcome(result, is_remembered=True, workbooks=[Workbook(FILE, None)]), settings


@pytest.mark.parametrize("failure", [SetupError("report", folder="f", detail="d"), RuntimeError("a mistake of ours")])
def test_a_workbook_that_cannot_be_written_hides_no_report(
    failure: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def mending(*_: object) -> Path | None:
        raise failure

    ran, settings = remembered(good_run(), tmp_path)
    with Terminal(Language.EN, speaks_on_stderr=True, asks=False) as terminal:
        told: Result = reported(ran, settings, terminal, mending)
    assert told.report is not None and Path(told.report).exists()
    assert told.exit_code == 3 and told.corrections == ()
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("codes", [(4, 130), (130, 3), (3, 1), (1, 0), (4, 3), (130, 0)])
def test_the_graver_of_two_exit_codes_is_told(codes: tuple[int, int]) -> None:
    assert worst_exit_code(*codes) == worst_exit_code(*reversed(codes)) == codes[0]


def test_an_interrupted_run_whose_ending_the_store_cannot_tell_is_one_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def mending(*_: object) -> Path | None:
        raise DifferentInLedger("breaker")

    ran, settings = remembered(replace(good_run(), exit_code=130), tmp_path)
    with Terminal(Language.EN, speaks_on_stderr=True, asks=False) as terminal:
        assert reported(ran, settings, terminal, mending).exit_code == 4


def test_without_a_terminal_a_long_wait_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal(Language.EN, speaks_on_stderr=True, asks=False) as terminal:
        for seconds in (900, 899):
            terminal.settling(seconds, 2)
    assert capsys.readouterr().err == "2 journals without an answer; next look in the ledger in 15:00\n"


def test_whoever_has_hung_up_costs_no_file_descriptor(tmp_path: Path) -> None:
    with (tmp_path / "out.txt").open("w") as stream:
        before = _next_descriptor()
        ignore_broken_pipe(stream)
        assert _next_descriptor() == before
        stream.write("unheard")
    assert (tmp_path / "out.txt").read_text() == ""


def _next_descriptor() -> int:
    found = os.open(os.devnull, os.O_RDONLY)
    os.close(found)
    return found


def test_at_a_closed_stream_there_is_no_person(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    for name in ("stdin", "stderr"):
        with monkeypatch.context() as patched:
            patched.setattr(sys, name, closed)
            assert not is_person_there()
            patched.setattr(sys, name, None)
            assert not is_person_there()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system itself opens files")
def test_without_a_browser_the_page_is_named_in_one_sentence(tmp_path: Path) -> None:
    nothing = tmp_path / "bin"
    nothing.mkdir()
    ended = importer("check", "nothing.xlsx", "--open", folder=tmp_path, PATH=str(nothing), DISPLAY="", BROWSER="")
    assert ended.code == 3 and "No browser" in ended.err.splitlines()[-1] and "reports" in ended.err.splitlines()[-1]


def test_a_run_that_the_store_does_not_know_leaves_its_own_workbook_to_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = []

    def mending(*given: object) -> Path | None:
        made.append(given)
        return tmp_path / "june.corrections.xlsx"

    ran, settings = remembered(good_run(), tmp_path)
    with Terminal(Language.EN, speaks_on_stderr=True, asks=False) as terminal:
        assert reported(replace(ran, is_remembered=False), settings, terminal, mending).corrections == () and not made
        assert len(reported(ran, settings, terminal, mending).corrections) == len(made) == 1
