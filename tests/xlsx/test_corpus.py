"""Each workbook that the project ships is read alike by the fast reader and by the exact one."""

import io
import re
import zipfile
from pathlib import Path

import pytest

from importer.model.workbook import Workbook
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS
from tests.xlsx.archives import plain_sheets

ROOT = Path(__file__).parents[2]
CORPUS = sorted([*ROOT.glob("samples/*.xlsx"), *ROOT.glob("templates/*.xlsx")])


def with_a_comment(content: bytes) -> bytes:
    """The same workbook with an XML comment before the first row of every sheet: no longer of the plain shape."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as odd:
        for member in source.namelist():
            part = source.read(member)
            if "/worksheets/sheet" in member:
                part = re.sub(rb"(<(?:\w+:)?sheetData>)", rb"\1<!-- odd -->", part)
            odd.writestr(member, part)
    return target.getvalue()


def forms_in(workbook: Workbook, file: Path) -> tuple[object, ...]:
    """Everything that was read, apart from the file's own name."""
    sheets = [(one.sheet, one.rows, one.columns, one.letters, one.unusable) for one in workbook.sheets]
    problems = [(one.code, one.place.cell, one.place.sheet, one.value, one.facts) for one in workbook.problems]
    assert workbook.path == str(file)
    return sheets, problems, workbook.passed_over, workbook.origin


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_both_readers_give_the_same_cells_of_every_workbook_that_is_shipped(path: Path, tmp_path: Path) -> None:
    odd = tmp_path / path.name
    odd.write_bytes(with_a_comment(path.read_bytes()))
    assert all(plain_sheets(path.read_bytes())) and not any(plain_sheets(odd.read_bytes()))
    assert forms_in(read_workbook(path, FORMS), path) == forms_in(read_workbook(odd, FORMS), odd)
