"""Paths become the files to read, each once."""

import os
from pathlib import Path

import pytest

from importer.read.folders import find_workbooks
from importer.templates.forms import FORMS


def made(folder: Path, *names: str) -> list[Path]:
    """Files of these names."""
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return paths


def test_a_folder_is_its_workbooks_by_name(tmp_path: Path) -> None:
    made(tmp_path, "b.xlsx", "a.xlsm", "C.XLSX", "~$a.xlsm", ".hidden.xlsx", "sub/f.xlsx", "g.pdf", "h.docx")
    made(tmp_path, "d.xls", "e.csv", "f.xltx", "g.xltm", "h.xlsb", "i.ods", "j.fods", "k.tsv")
    (tmp_path / "folder.xlsx").mkdir()
    assert sorted(path.name for path in find_workbooks([tmp_path], FORMS)) == sorted(
        ["C.XLSX", "a.xlsm", "b.xlsx", "d.xls", "e.csv", "f.xltx", "g.xltm", "h.xlsb", "i.ods", "j.fods", "k.tsv"]
    )
    assert find_workbooks([tmp_path], FORMS) == sorted(find_workbooks([tmp_path], FORMS))


def test_a_file_is_itself_whatever_it_is_called(tmp_path: Path) -> None:
    paths = [*made(tmp_path, "b.csv", "~$a.xlsx"), tmp_path / "none.xlsx"]
    assert find_workbooks(paths, FORMS) == paths


def test_the_order_of_the_paths_is_kept(tmp_path: Path) -> None:
    late, early = made(tmp_path, "z.xlsx", "a.xlsx")
    assert find_workbooks([late, early], FORMS) == [late, early]


def test_a_file_named_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = made(tmp_path, "a.xlsx", "b.xlsx")
    monkeypatch.chdir(tmp_path)
    again = [other, tmp_path, Path("a.xlsx"), tmp_path / "." / "x" / ".." / "b.xlsx"]
    assert find_workbooks(again, FORMS) == [other, one]


def test_a_folder_without_workbooks_stays_to_be_reported(tmp_path: Path) -> None:
    made(tmp_path, "notes.txt")
    assert find_workbooks([tmp_path], FORMS) == [tmp_path]


@pytest.mark.parametrize("name", ["x" * 5000, "bad\0name", "file.txt/inside"])
def test_a_path_that_cannot_be_stays_to_be_reported(tmp_path: Path, name: str) -> None:
    made(tmp_path, "file.txt")
    assert find_workbooks([tmp_path / name], FORMS) == [tmp_path / name]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may look everywhere")
def test_a_folder_that_may_not_be_looked_into_stays_to_be_reported(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        assert find_workbooks([closed, closed / "a.xlsx"], FORMS) == [closed, closed / "a.xlsx"]
    finally:
        closed.chmod(0o700)
