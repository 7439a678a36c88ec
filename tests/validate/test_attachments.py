"""Files that lines name."""

import os
from pathlib import Path

import pytest

from importer.files import MOST_LINKED_BYTES
from importer.templates.forms import JOURNALS
from importer.validate.attachments import attachment_problems, attachments_by_row
from importer.validate.journals import drafts_of
from tests.validate.sheets import pair, sheet_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "june"
    inside.mkdir()
    (inside / "bill.PDF").write_bytes(b"%PDF-1.4")
    (inside / "bill.jpeg").write_bytes(b"x")
    (inside / "notes.txt").write_bytes(b"x")
    (inside / "empty.pdf").write_bytes(b"")
    (tmp_path / "secret.pdf").write_bytes(b"%PDF-1.4")
    (inside / "page.pdf").write_bytes(b"<html>")
    for name, size in (("huge.zip", MOST_LINKED_BYTES + 1), ("largest.zip", MOST_LINKED_BYTES)):
        with (inside / name).open("wb") as file:
            file.write(b"PK")
            file.truncate(size)
    return inside


@pytest.mark.parametrize(
    ("text", "code", "wording"),
    [
        ("nothing.pdf", "missing-attachment", "missing-attachment"),
        ("bill.PDF; nothing.pdf", "missing-attachment", "missing-attachment"),
        ("bill.jpeg", "bad-attachment", "bad-attachment.jpeg"),
        ("notes.txt", "bad-attachment", "bad-attachment.format"),
        ("empty.pdf", "bad-attachment", "bad-attachment.empty"),
        ("page.pdf", "bad-attachment", "bad-attachment.content"),
        ("huge.zip", "bad-attachment", "bad-attachment.size"),
        ("../secret.pdf", "bad-attachment", "bad-attachment.outside"),
        ("..\\secret.pdf", "bad-attachment", "bad-attachment.outside"),
        ("/etc/passwd.pdf", "bad-attachment", "bad-attachment.outside"),
        ("C:\\bill.pdf", "bad-attachment", "bad-attachment.outside"),
        ("\\\\server\\share\\bill.pdf", "bad-attachment", "bad-attachment.outside"),
        ("bill.PDF:stream", "bad-attachment", "bad-attachment.outside"),
    ],
)
def test_a_file_is_judged_by_where_it_lies_and_what_it_is(folder: Path, text: str, code: str, wording: str) -> None:
    first, second = pair()
    sheet = sheet_of([{**first, "attachment": text}, second], file=str(folder / "june.xlsx"))
    (draft,) = drafts_of(sheet, JOURNALS, 12)
    (problem,) = draft.problems
    assert (problem.code, problem.wording, problem.place.row, problem.value) == (code, wording, 2, text)
    assert (draft.journal is None) is problem.blocks


@pytest.mark.parametrize("text", ["bill.PDF", "bill.PDF ; largest.zip;", " ; ", "../june/bill.PDF"])
def test_good_files_are_no_problem(folder: Path, text: str) -> None:
    first, second = pair()
    sheet = sheet_of([{**first, "attachment": text}, second], file=str(folder / "june.xlsx"))
    (draft,) = drafts_of(sheet, JOURNALS, 12)
    assert draft.problems == () and draft.journal is not None


def test_the_files_of_a_row_are_real_paths_each_once_without_the_bad_ones(folder: Path) -> None:
    (folder / "copy.pdf").symlink_to(folder / "bill.PDF")
    texts = ["bill.PDF; copy.pdf; ./bill.PDF; largest.zip", "nothing.pdf", None, "../secret.pdf; bill.PDF"]
    rows = [{**pair()[0], "attachment": text} for text in texts]
    sheet = sheet_of(rows, file=str(folder / "june.xlsx"))
    bill = (folder / "bill.PDF").resolve()
    assert attachments_by_row(sheet) == {2: (bill, (folder / "largest.zip").resolve()), 5: (bill,)}


def test_files_may_lie_in_the_configured_folder_too_and_the_workbooks_own_come_first(folder: Path) -> None:
    root = folder.parent / "scans"
    root.mkdir()
    (root / "scan.pdf").write_bytes(b"%PDF-1.4")
    (root / "bill.PDF").write_bytes(b"%PDF-1.5")
    (root / "out.pdf").symlink_to(folder.parent / "secret.pdf")
    texts = ["scan.pdf; bill.PDF", "../scans/scan.pdf", "out.pdf", "../secret.pdf", "nothing.pdf"]
    sheet = sheet_of([{**pair()[0], "attachment": text} for text in texts], file=str(folder / "june.xlsx"))
    problems = [(problem.place.row, problem.wording) for problem in attachment_problems(sheet, root)]
    assert problems == [(4, "bad-attachment.outside"), (5, "bad-attachment.outside"), (6, "missing-attachment")]
    scan, bill = (root / "scan.pdf").resolve(), (folder / "bill.PDF").resolve()
    assert attachments_by_row(sheet, root) == {2: (scan, bill), 3: (scan,)}
    assert {problem.place.row for problem in attachment_problems(sheet)} == {2, 3, 4, 5, 6}


def test_a_file_of_the_working_folder_is_not_taken_for_the_workbooks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder.parent / "other").mkdir()
    sheet = sheet_of([{**pair()[0], "attachment": "bill.PDF"}], file=str(folder.parent / "other" / "june.xlsx"))
    assert [problem.code for problem in attachment_problems(sheet)] == ["missing-attachment"]
    assert attachments_by_row(sheet) == {}


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    os.mkfifo(folder / "pipe.pdf")
    sheet = sheet_of([{**pair()[0], "attachment": "pipe.pdf"}], file=str(folder / "june.xlsx"))
    assert [problem.code for problem in attachment_problems(sheet)] == ["missing-attachment"]


def test_a_link_that_leaves_the_folder_is_outside_of_it(folder: Path) -> None:
    (folder / "link.pdf").symlink_to(folder.parent / "secret.pdf")
    first, second = pair()
    sheet = sheet_of([{**first, "attachment": "link.pdf"}, second], file=str(folder / "june.xlsx"))
    (draft,) = drafts_of(sheet, JOURNALS, 12)
    assert [problem.wording for problem in draft.problems] == ["bad-attachment.outside"]
