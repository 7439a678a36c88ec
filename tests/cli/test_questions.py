"""What a person is shown and asked before anything is posted, on a real terminal."""

import sys
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from importer.sandbox import Sandbox
from tests.cli.commands import settings_of
from tests.cli.test_resume import posted_in, run_in, service
from tests.cli.workbooks import HEADINGS, line, write
from tests.sandbox.faults import Fault

if sys.platform == "win32":
    pytest.skip("a pseudo-terminal of POSIX is needed", allow_module_level=True)

from tests.cli.test_terminal import Screen

FORM = (*HEADINGS, "tfww")


def lines(key: str, amount: str, **changes: object) -> list[list[object]]:
    return [[*line(key, side, Decimal(amount), **changes), "1001"] for side in "DC"]


def workbook_with_doubts(folder: Path, hidden: tuple[int, ...] = (4, 5)) -> None:
    """J0 is right, J1 has hidden rows, J2 a date outside its period, J3 no amount that can be read."""
    rows = lines("J0", "1.10") + lines("J1", "2.10") + lines("J2", "3.10", transDateTime="2018-07-02")
    path = write(folder / "june.xlsx", [*rows, *([*line("J3", side, "-"), "1001"] for side in "DC")], headings=FORM)
    book = openpyxl.load_workbook(path)
    for row in hidden:
        book.worksheets[0].row_dimensions[row].hidden = True
    book.save(path)


def started(sandbox: Sandbox, folder: Path, *arguments: str) -> Screen:
    return Screen(folder, settings_of(sandbox, folder / "s.db") | {"IMPORTER_SETTLE": "1"}, *arguments)


def test_what_stays_behind_and_every_warning_stand_before_the_first_question(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook_with_doubts(tmp_path)
    screen = started(sandbox, tmp_path, "run", "june.xlsx")
    screen.read_until("[y/N]")
    before, question = screen.text.split("1 journal has rows that are hidden", 1)
    assert "(J1)" in question
    assert "Not to be posted:" in before and "Sheet!H8, H9: This is not a number" in before
    assert "hidden rows (4-5)" in before and "2018-07-02" in before
    screen.type("y\n")
    screen.read_until("Post these journals?")
    assert "To post: 3 journals" in screen.text and posted_in(sandbox) == []
    screen.type("y\n")
    assert screen.end() == 1 and posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]


def test_no_to_hidden_rows_holds_back_those_journals_alone_and_resume_leaves_them(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    workbook_with_doubts(tmp_path)
    screen = started(sandbox, tmp_path, "run", "june.xlsx")
    screen.read_until("[y/N]")
    screen.type("n\n")
    screen.read_until("Post these journals?")
    assert "To post: 2 journals" in screen.text
    screen.type("y\n")
    assert screen.end() == 1 and posted_in(sandbox) == ["REF-J0", "REF-J2"]
    assert "1 journal was not posted, because nobody said yes to it." in screen.text
    assert "because only a clean workbook" not in screen.text
    resumed = run_in(sandbox, tmp_path, "resume")
    assert (resumed.code, "nothing to resume" in resumed.err) == (0, True), resumed.err
    again = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
    assert [one["status"] for one in again.result["documents"]] == [
        *("already_posted", "posted", "already_posted", "invalid"),
    ]


def test_what_was_said_no_to_is_not_sent_when_the_run_is_resumed(tmp_path: Path) -> None:
    workbook_with_doubts(tmp_path)
    with service(Fault("post_journal", nth=[2], status=221)) as sandbox:
        screen = started(sandbox, tmp_path, "run", "june.xlsx", "--concurrency", "1")
        screen.read_until("[y/N]")
        screen.type("n\n")
        screen.read_until("Post these journals?")
        screen.type("y\n")
        assert screen.end() == 3 and posted_in(sandbox) == ["REF-J0"]
        resumed = run_in(sandbox, tmp_path, "resume")
        assert posted_in(sandbox) == ["REF-J0", "REF-J2"], resumed.err


def test_hidden_rows_are_left_out_on_demand_and_none_is_asked_about(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook_with_doubts(tmp_path)
    screen = started(sandbox, tmp_path, "run", "june.xlsx", "--skip-hidden")
    screen.read_until("[y/N]")
    assert "Hidden rows were left out (4-5)." in screen.text and "To post: 2 journals" in screen.text
    screen.type("y\n")
    assert screen.end() == 1 and posted_in(sandbox) == ["REF-J0", "REF-J2"]


def test_no_to_all_there_is_declines_the_run(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook_with_doubts(tmp_path, hidden=(2, 4, 6))
    screen = started(sandbox, tmp_path, "run", "june.xlsx")
    screen.read_until("[y/N]")
    assert "3 journals have rows that are hidden or struck through in the workbook (J0, J1, J2)" in screen.text
    screen.type("n\n")
    assert screen.end() == 3 and posted_in(sandbox) == []
    assert "Post these journals?" not in screen.text


def test_look_alikes_are_asked_about_apart(sandbox: Sandbox, tmp_path: Path) -> None:
    write(tmp_path / "first.xlsx", lines("J0", "1.10"), headings=FORM)
    assert run_in(sandbox, tmp_path, "run", "first.xlsx").code == 0
    other = lines("J5", "1.10", treference="OTHER", description="Otra") + lines("J9", "9.10")
    write(tmp_path / "second.xlsx", other, headings=FORM)
    screen = started(sandbox, tmp_path, "run", "second.xlsx")
    screen.read_until("[y/N]")
    before, _, question = screen.text.partition("1 journal looks like one that the ledger has already")
    assert "other texts" in " ".join(before.split()) and "(J5)" in question
    screen.type("n\n")
    screen.read_until("Post these journals?")
    screen.type("y\n")
    assert screen.end() == 1 and posted_in(sandbox) == ["REF-J0", "REF-J9"]


def test_with_yes_nothing_is_asked(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook_with_doubts(tmp_path)
    screen = started(sandbox, tmp_path, "run", "june.xlsx", "--yes")
    assert screen.end() == 1 and "[y/N]" not in screen.text
    assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]
