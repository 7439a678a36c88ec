"""The file of a corrections workbook: its name, its lists, what it tells of itself, hostile texts, many rows."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.worksheet.datavalidation import DataValidation

from importer.model.problems import Problem
from importer.model.results import Document, Status
from importer.model.workbook import CORRECTIONS_MARK, Corrects
from importer.read.workbooks import read_workbook
from importer.report.corrections import write_corrections
from importer.templates.forms import FORMS
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.cli.workbooks import HEADINGS, line, write
from tests.report.checked import RUN, cells_by_heading, checked, corrected, mend, pair, spots


def test_text_is_never_a_formula_a_link_or_markup(tmp_path: Path) -> None:
    hostile = ["=HYPERLINK(1)", "+1+1", "@SUM(1)", "<r><t>x</t></r>", "https://example.org", "_x0041_ & <b>"]
    rows = [cells for number, text in enumerate(hostile) for cells in pair(f"J{number}", description=text, amount="x")]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [[*HEADINGS, "=1+2"], *rows]:
        sheet.append(row)
    for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
        cell.data_type = "s"
    book.save(tmp_path / "june.xlsx")
    answer = Problem(
        "refused-line", checked(tmp_path / "june.xlsx").sheet.place(2), "J0", facts={"answer": "=1+1\x1b["}
    )
    made = corrected(tmp_path / "june.xlsx", [answer])
    with zipfile.ZipFile(made) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)
    found = [row["description"].value for row in cells_by_heading(made, "Sheet")]
    assert found[::2][:5] == hostile[:5]
    assert checked(made).workbook.problems[0].code == "unknown-column"


def test_two_workbooks_of_one_name_and_a_second_round_never_overwrite_each_other(tmp_path: Path) -> None:
    path = write(tmp_path / "june.xlsx", pair("A", amount="x"))
    names = [corrected(path).name, corrected(path).name]
    assert names == [f"june.{RUN}.corrections.xlsx", f"june-2.{RUN}.corrections.xlsx"]
    found = checked(tmp_path / names[0])
    made = write_corrections(found.result(), found.workbook, found.path, tmp_path / "next", Language.ES)
    assert made is not None and made.name == f"june.{RUN}.corrections.xlsx"
    assert list(cells_by_heading(made, "Sheet")[0]) == ["Importer: estado", *HEADINGS]


def test_the_drop_downs_and_their_lists_come_along(tmp_path: Path) -> None:
    path = write(tmp_path / "june.xlsx", pair("A", amount="x"))
    book = openpyxl.load_workbook(path)
    lists = book.create_sheet("My lists")
    for row in ("JV", "PC"):
        lists.append([row])
    lists.sheet_state = "hidden"
    sheet = book["Sheet"]
    of_list = DataValidation(type="list", formula1="'My lists'!$A$1:$A$2", showErrorMessage=True, errorStyle="warning")
    of_list.add("B2:B5001")
    typed = DataValidation(type="list", formula1='"C,D"')
    typed.add("G2:G5001")
    sheet.add_data_validation(of_list)
    sheet.add_data_validation(typed)
    book.save(path)
    written = openpyxl.load_workbook(corrected(path))
    assert [row[0].value for row in written["My lists"].iter_rows()] == ["JV", "PC"]
    assert written["My lists"].sheet_state == "hidden"
    found = {
        str(one.sqref).partition("2:")[0]: (one.formula1, one.errorStyle)
        for one in written["Sheet"].data_validations.dataValidation
    }
    assert found == {"C": ("'My lists'!$A$1:$A$2", "warning"), "H": ('"C,D"', None)}


def test_it_tells_what_it_corrects_also_when_it_was_saved_again(tmp_path: Path) -> None:
    path = write(tmp_path / "june.xlsx", pair("A", amount="x"))
    made = corrected(path)
    told = Corrects(RUN, "june.xlsx", checked(path).workbook.sha256 or "")
    assert checked(made).workbook.corrects == told
    mend(made, {"I2": 5}, "Sheet")
    assert checked(made).workbook.corrects == told
    assert checked(path).workbook.corrects is None
    guide = openpyxl.load_workbook(made).worksheets[0]
    texts = [str(cell.value) for row in guide.iter_rows() for cell in row if cell.value]
    assert texts[0] == CORRECTIONS_MARK and any(f"importer run --corrections {RUN}" in text for text in texts)
    assert not any(made.name in text for text in texts)
    assert guide.title in checked(made).workbook.passed_over


def test_records_that_were_refused_and_what_waits_for_them_are_in_it(tmp_path: Path) -> None:
    rows = {
        "dimensions": [{"catId": "07", "code": "EM0001", "name": "Ana"}, {"catId": "07", "code": "EM2", "name": "Eva"}],
        "journals": [
            {"journal": key, "account": "101110", "transaction": side} for key in ("waits", "later") for side in "DC"
        ],
    }
    path = tmp_path / "all.xlsx"
    path.write_bytes(workbook_of(FORMS, Language.FR, rows))
    workbook = read_workbook(path, FORMS)
    dimensions, journals = (next(one for one in workbook.sheets if one.form == name) for name in rows)
    refused = Document("dimension", "07/EM2", str(path), dimensions.sheet, (3,), Status.REFUSED)
    waits = Document("journal", "waits", str(path), journals.sheet, (2, 3), Status.NOT_SENT)
    later = Document("journal", "later", str(path), journals.sheet, (4, 5), Status.NOT_SENT)
    depends = Problem("depends-on-refused", journals.place(2, "account"), "waits", facts={"row": "3"})
    answer = Problem("refused-document", dimensions.place(3), "07/EM2", wording="refused-document.plain")
    result = replace(checked(write(tmp_path / "x.xlsx", [])).result(), documents=(refused, waits, later))
    result = replace(result, problems=(depends, replace(answer, facts={"answer": "no"})))
    made = write_corrections(result, workbook, path, tmp_path, Language.FR)
    assert made is not None
    again = read_workbook(made, FORMS)
    assert [(one.form, one.columns["code" if one.form == "dimensions" else "journal"]) for one in again.sheets] == [
        ("dimensions", ["EM2"]),
        ("journals", ["waits", "waits"]),
    ]
    assert again.problems == ()


def test_rows_with_attachments_say_where_their_files_must_lie(tmp_path: Path) -> None:
    (tmp_path / "bill.pdf").write_bytes(b"%PDF-1.7")
    rows = [[*line("A", "D", "x"), "bill.pdf"], [*line("A", "C", 5), None]]
    made = corrected(write(tmp_path / "june.xlsx", rows, headings=[*HEADINGS, "attachment"]))
    guide = openpyxl.load_workbook(made).worksheets[0]
    assert any("copy them from the folder of june.xlsx" in str(cell.value) for row in guide.iter_rows() for cell in row)


def test_a_file_that_has_changed_meanwhile_gives_what_was_read(tmp_path: Path) -> None:
    path = write(tmp_path / "june.xlsx", pair("A", amount="5,00", account=101110))
    found = checked(path)
    write(path, pair("other"))
    made = write_corrections(found.result(), found.workbook, path, tmp_path, Language.EN)
    assert made is not None
    first, _ = cells_by_heading(made, "Sheet")
    assert (first["Journal"].value, first["Account"].value, first["Amount"].value) == ("A", "101110", "5,00")
    assert first["Transaction date"].value == datetime(2018, 6, 30)
    assert spots(checked(made).problems) == {("not-a-number", "I2")}


def test_only_the_wanted_rows_of_a_large_workbook_are_read_again(tmp_path: Path) -> None:
    """10,000 rows with 100 mistakes: what is kept are the headings and the 200 rows of their journals."""
    _write_large(tmp_path / "large.xlsx", 5_000, bad_every=50)
    found = checked(tmp_path / "large.xlsx")
    assert len(found.sheet.rows) == 10_000 and len(found.problems) == 100
    made = write_corrections(found.result(), found.workbook, found.path, tmp_path, Language.EN)
    assert made is not None
    cells = cells_by_heading(made, "Journals")
    assert len(cells) == 200 and sum(row["amount"].comment is not None for row in cells) == 100


def _write_large(path: Path, journals: int, bad_every: int) -> None:
    """Journals of two rows; of every so manieth the first amount is no number. No library is quick enough for it."""
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Journals").write(0, 0, "-")
    book.close()
    texts = [_row(1, HEADINGS)]
    for number in range(journals):
        amounts = ("x" if number % bad_every == 0 else "5", "5")
        for place, (side, amount) in enumerate(zip("DC", amounts, strict=True)):
            cells = line(f"J{number}", side, amount, transDateTime="2018-06-30")
            texts.append(_row(number * 2 + place + 2, cells))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = re.sub(rb"<dimension[^>]*>|<sheetData>.*</sheetData>", b"", parts["xl/worksheets/sheet1.xml"])
    rows = b"<sheetData>" + "".join(texts).encode() + b"</sheetData><pageMargins"
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<pageMargins", rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def _row(number: int, texts: Sequence[object]) -> str:
    cells = zip("ABCDEFGHIJK", texts, strict=True)
    return (
        f'<row r="{number}">'
        + "".join(f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for letter, text in cells)
        + "</row>"
    )
