"""Files that lines name."""

from pathlib import Path

import pytest

from importer.templates.journals import JOURNALS
from importer.validate.attachments import MOST_BYTES
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
    with (inside / "huge.zip").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with (inside / "largest.zip").open("wb") as file:
        file.truncate(MOST_BYTES)
    return inside


@pytest.mark.parametrize(
    ("text", "code", "wording"),
    [
        ("bill.PDF", "attachment-not-sent", "attachment-not-sent"),
        ("bill.PDF ; largest.zip;", "attachment-not-sent", "attachment-not-sent"),
        ("nothing.pdf", "missing-attachment", "missing-attachment"),
        ("bill.PDF; nothing.pdf", "missing-attachment", "missing-attachment"),
        ("bill.jpeg", "bad-attachment", "bad-attachment.jpeg"),
        ("notes.txt", "bad-attachment", "bad-attachment.format"),
        ("empty.pdf", "bad-attachment", "bad-attachment.empty"),
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


def test_a_link_that_leaves_the_folder_is_outside_of_it(folder: Path) -> None:
    (folder / "link.pdf").symlink_to(folder.parent / "secret.pdf")
    first, second = pair()
    sheet = sheet_of([{**first, "attachment": "link.pdf"}, second], file=str(folder / "june.xlsx"))
    (draft,) = drafts_of(sheet, JOURNALS, 12)
    assert [problem.wording for problem in draft.problems] == ["bad-attachment.outside"]
