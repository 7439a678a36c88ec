"""The annotated copy: the whole workbook, with state, journal number and message beside each row."""

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from importer.errors import SetupError
from importer.model.problems import Problem
from importer.model.results import Status
from importer.read.folders import find_workbooks
from importer.report.corrections import write_annotated
from importer.templates.forms import FORMS
from importer.translations import Language
from tests.cli.workbooks import HEADINGS, line, write
from tests.report.checked import RUN, Checked, checked, spots


def annotated(found: Checked, more: list[Problem] | None = None, **ended: Status) -> Path:
    """The annotated copy of a workbook, beside it."""
    result = found.result(more or [], **ended)
    made = write_annotated(result, found.workbook, found.path, found.path.parent, Language.EN)
    assert made is not None
    return made


def good(path: Path) -> Path:
    return write(path, [line("A", "D", 5), line("A", "C", 5), [], line("B", "D", "x"), line("B", "C", 5)], above=1)


def told(sheet: Any, row: int) -> tuple[object, ...]:
    return tuple(sheet.cell(row, column).value for column in (12, 13, 14))


def test_beside_each_row_stands_what_became_of_it(tmp_path: Path) -> None:
    found = checked(good(tmp_path / "june.xlsx"))
    made = annotated(found)
    assert made.name == f"june.{RUN}.annotated.xlsx"
    sheet = openpyxl.load_workbook(made)["Sheet"]
    assert told(sheet, 2) == ("Importer: state", "Importer: journal number", "Importer: message")
    assert told(sheet, 3) == told(sheet, 4) == ("posted", "5329 (JV2018-0716)", None)
    assert told(sheet, 5) == (None, None, None)
    state, number, message = told(sheet, 6)
    assert (state, number) == ("invalid", None) and str(message).startswith("H6: This is not a number")
    assert told(sheet, 7) == ("invalid", None, None)
    assert sheet["L6"].fill.fgColor.rgb == "00F8CBAD" and sheet["L3"].fill.fill_type is None


def test_the_rest_of_the_workbook_stays_as_it_was(tmp_path: Path) -> None:
    path = good(tmp_path / "june.xlsx")
    book = openpyxl.load_workbook(path)
    book["Sheet"]["F3"].font = Font(bold=True)
    book["Sheet"].column_dimensions["F"].width = 50
    notes = book.create_sheet("Notas")
    notes["B2"] = "=1+1"
    notes["B3"] = "Autorizó: María"
    book.save(path)
    found = checked(path)
    copy = openpyxl.load_workbook(annotated(found))
    assert copy.sheetnames == ["Sheet", "Notas"]
    assert copy["Notas"]["B2"].value == "=1+1" and copy["Notas"]["B3"].value == "Autorizó: María"
    assert copy["Sheet"]["F3"].font.bold and copy["Sheet"].column_dimensions["F"].width == 50
    before = [row[:11] for row in openpyxl.load_workbook(path)["Sheet"].iter_rows(values_only=True)]
    assert [row[:11] for row in copy["Sheet"].iter_rows(values_only=True)] == before


def test_the_copy_says_the_same_when_it_is_read_and_is_filled_anew(tmp_path: Path) -> None:
    found = checked(good(tmp_path / "june.xlsx"))
    again = checked(annotated(found))
    assert spots(again.problems) == spots(found.problems)
    made = annotated(again, A=Status.ALREADY_POSTED)
    assert made.name == f"june-2.{RUN}.annotated.xlsx"
    sheet = openpyxl.load_workbook(made)["Sheet"]
    assert sheet.max_column == 14 and told(sheet, 3)[0] == "already posted"


def test_in_a_folder_a_copy_is_passed_over(tmp_path: Path) -> None:
    path = good(tmp_path / "june.xlsx")
    made = annotated(checked(path))
    assert find_workbooks([tmp_path], FORMS) == [path]
    assert find_workbooks([made], FORMS) == [made]
    again = annotated(checked(made))
    assert find_workbooks([tmp_path], FORMS) == [path] and again != made


def test_what_the_service_says_is_never_a_formula(tmp_path: Path) -> None:
    found = checked(good(tmp_path / "june.xlsx"))
    answer = Problem(
        "refused-line", found.sheet.place(3), "A", wording="refused-line", facts={"answer": "=1+1\x00\x1b"}
    )
    made = annotated(found, [answer], A=Status.REFUSED)
    sheet = openpyxl.load_workbook(made)["Sheet"]
    assert sheet["N3"].data_type == "s" and "=1+1" in str(sheet["N3"].value)
    with zipfile.ZipFile(made) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_macros_stay(tmp_path: Path) -> None:
    path = good(tmp_path / "june.xlsx")
    macro = tmp_path / "june.xlsm"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(macro, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "[Content_Types].xml":
                part = part.replace(b"spreadsheetml.sheet.main+xml", b"spreadsheetml.sheet.main+xml").replace(
                    b"</Types>",
                    b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
                )
            target.writestr(name, part)
        target.writestr("xl/vbaProject.bin", b"macro")
    made = annotated(checked(macro))
    assert made.suffix == ".xlsm"
    with zipfile.ZipFile(made) as archive:
        assert archive.read("xl/vbaProject.bin") == b"macro"


def test_a_file_that_is_not_what_was_read_is_not_copied(tmp_path: Path) -> None:
    found = checked(good(tmp_path / "june.xlsx"))
    write(tmp_path / "june.xlsx", [line("other", "D", 5)], headings=HEADINGS)
    with pytest.raises(SetupError) as caught:
        annotated(found)
    assert caught.value.key == "annotated"
    assert [path.name for path in tmp_path.iterdir()] == ["june.xlsx"]


def test_a_workbook_without_any_document_gets_no_copy(tmp_path: Path) -> None:
    found = checked(write(tmp_path / "empty.xlsx", []))
    assert write_annotated(found.result(), found.workbook, found.path, tmp_path, Language.EN) is None
