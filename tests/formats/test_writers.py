"""The same rows written by many programs read equal, or what differs is told. The files are as the programs wrote
them (Node's with the clock of Mexico City where their names say so)."""

import re
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from importer.model.workbook import Workbook
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS

Columns = Mapping[str, Sequence[str | None]]

FILES = Path(__file__).parent / "files"
COLUMNS: Columns = {
    "journal": ["J1", "J1", "J2", "J2", "J2"],
    "journalType": ["JV", "JV", "CR", "CR", "CR"],
    "account": ["101110", "371110", "101110", "411110", "411110"],
    "treference": ["0012", "0012", "REF <1>", "REF <1>", "REF <1>"],
    "tfww": ["1001"] * 5,
    "fund": ["10"] * 5,
    "description": ["Señal, Ñandú & Cía"] * 2 + ["Ofrenda  doble", "Diezmo, 2a semana", "=1+1"],
    "transaction": ["D", "C", "D", "C", "C"],
    "amount": ["18630.1", "18630.1", "0.3", "0.1", "0.2"],
    "currency": ["MXN1"] * 5,
    "transDateTime": ["2018-06-30"] * 2 + ["2018-06-04"] * 3,
    "period": ["2018006"] * 5,
}
ALIKE = (
    "exceljs.xlsx gnumeric.ods gnumeric.xls gnumeric.xlsx libreoffice.ods libreoffice.xls libreoffice.xlsx "
    "openpyxl.xlsx pyxlsbwriter.xlsb rustpy-xlsxwriter.xlsx sheetjs.xls sheetjs.xlsb sheetjs.xlsx xlsx-populate.xlsx "
    "xlsxwriter.xlsx"
).split()
MOVED = ["2018-06-29"] * 2 + ["2018-06-03"] * 3
DIFFERENT: dict[str, Columns] = {
    "gnumeric.csv": {"transDateTime": ["2018/06/30"] * 2 + ["2018/06/04"] * 3},
    "libreoffice-windows-1252.csv": {},
    "pyexcelerate.xlsx": {
        "transDateTime": ["43281"] * 2 + ["43255"] * 3,
        "description": [*COLUMNS["description"][:4], None],
    },
    "sheetjs.ods": {"transDateTime": ["43281"] * 2 + ["43255"] * 3},
    "sheetjs-mexico.xls": {"transDateTime": MOVED},
    "sheetjs-mexico.xlsb": {"transDateTime": MOVED},
    "sheetjs-mexico.xlsx": {"transDateTime": MOVED},
}
TOLD = {
    "gnumeric.csv": ["not-text.formula"],
    "libreoffice-windows-1252.csv": ["text-encoding", "not-text.formula"],
    "pyexcelerate.xlsx": ["formula-without-value"],
    "sheetjs-mexico.xls": ["time-in-date.midnight"] * 5,
    "sheetjs-mexico.xlsb": ["time-in-date.midnight"] * 5,
    "sheetjs-mexico.xlsx": ["time-in-date.midnight"] * 5,
}
REFUSED = {
    "sheetjs.biff2.xls": "unsupported-format.old",
    "sheetjs.fods": "unsupported-format.fods",
    "sheetjs.html": "unsupported-format.html",
    "sheetjs.xml": "unsupported-format.xml",
}
ODD = ("gnumeric-odd.ods", "libreoffice-odd.ods", "libreoffice-odd.xls", "sheetjs-odd.xlsb")
"""Errors in M2, M3 and F4, row 4 and column G hidden, J5:J6 merged, and a hidden sheet."""


STRUCK, UNCALCULATED = "xlwt-struck.xls", "xlwt-formulas.xls"


def read(name: str) -> Workbook:
    """A file of the folder."""
    return read_workbook(FILES / name, FORMS)


def test_each_file_is_tried() -> None:
    assert {path.name for path in FILES.iterdir()} == {*ALIKE, *DIFFERENT, *REFUSED, *ODD, STRUCK, UNCALCULATED}


def test_rows_struck_through_in_an_old_workbook_count_and_are_told() -> None:
    found = read(STRUCK)
    assert found.sheets[0].rows == (2, 3, 4, 5, 6)
    assert [(one.wording, one.facts["rows"]) for one in found.problems] == [("hidden-rows.struck", "3-4, 6")]


def test_formulas_of_an_old_workbook_that_nobody_has_calculated_are_no_blanks() -> None:
    found = read(UNCALCULATED)
    assert found.sheets[0].rows == (2, 3, 4)
    assert [(one.wording, one.place.cell) for one in found.problems] == [
        ("formula-without-value", cell) for cell in ("F2", "B3", "D3")
    ]


def rewritten(name: str, path: Path, **changes: Callable[[bytes], bytes]) -> Workbook:
    """A file of the folder with some parts changed, by the last words of their names."""
    with zipfile.ZipFile(FILES / name) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.namelist():
            content = source.read(member)
            change = changes.get(Path(member).stem)
            target.writestr(member, content if change is None else change(content))
    return read_workbook(path, FORMS)


def test_rows_struck_through_are_told_in_binary_and_opendocument_files(tmp_path: Path) -> None:
    def fonts_struck(styles: bytes) -> bytes:
        at = styles.index(b"\x2b", styles.index(b"\xe3\x04"))  # the first BrtFont behind BrtBeginFonts
        return styles[: at + 4] + bytes([styles[at + 4] | 0x08]) + styles[at + 5 :]

    def cells_struck(content: bytes) -> bytes:
        span = b'<style:style style:name="z" style:family="text"><style:text-properties '
        span += b'style:text-line-through-style="solid"/></style:style>'
        struck = b'<style:style style:name="x" style:family="table-cell" style:parent-style-name="y"/>'
        base = b'<style:style style:name="y" style:family="table-cell"><style:text-properties '
        base += b'style:text-line-through-style="solid"/></style:style>'
        content = content.replace(b"<office:automatic-styles>", b"<office:automatic-styles>" + base + struck + span)
        content = content.replace(b">411110<", b'>4<text:span text:style-name="z">11110</text:span><', 1)
        return re.sub(
            rb'<table:table-cell(?: table:style-name="[^"]*")?([^>]*>)(?=<text:p>101110)',
            rb'<table:table-cell table:style-name="x"\1',
            content,
        )

    found = rewritten("libreoffice.ods", tmp_path / "a.ods", content=cells_struck)
    assert dict(found.sheets[0].columns) == COLUMNS
    assert [(one.wording, one.facts["rows"]) for one in found.problems] == [("hidden-rows.struck", "2, 4-5")]
    found = rewritten("sheetjs.xlsb", tmp_path / "a.xlsb", styles=fonts_struck)
    assert dict(found.sheets[0].columns) == COLUMNS
    assert [(one.wording, one.facts["rows"]) for one in found.problems] == [("hidden-rows.struck", "2-6")]


def test_so_are_those_of_which_a_part_is_struck_through_in_a_binary_file(tmp_path: Path) -> None:
    def another_font(styles: bytes) -> bytes:
        at = styles.index(b"\x2b", styles.index(b"\xe3\x04"))  # the first BrtFont behind BrtBeginFonts
        font = styles[at : at + 2 + styles[at + 1]]
        return styles[: at + len(font)] + font[:4] + bytes([font[4] | 0x08]) + font[5:] + styles[at + len(font) :]

    def run_struck(cells: bytes) -> bytes:
        text = struct.pack("<I", 6) + "101110".encode("utf-16-le")
        plain, rich = bytes(4) + text, struct.pack("<IIB", 2, 0, 1) + text + struct.pack("<IHH", 1, 2, 1)
        return cells.replace(bytes((17, len(plain))) + plain, bytes((62, len(rich))) + rich)

    found = rewritten("sheetjs.xlsb", tmp_path / "a.xlsb", styles=another_font, sheet1=run_struck)
    assert dict(found.sheets[0].columns) == COLUMNS
    assert [(one.wording, one.facts["rows"]) for one in found.problems] == [("hidden-rows.struck", "2, 4")]


@pytest.mark.parametrize("name", [*ALIKE, *DIFFERENT])
def test_what_a_program_writes_reads_equal_or_is_told(name: str) -> None:
    found = read(name)
    (sheet,) = found.sheets
    assert sheet.rows == (2, 3, 4, 5, 6)
    assert dict(sheet.columns) == {**COLUMNS, **DIFFERENT.get(name, {})}
    assert [problem.wording for problem in found.problems] == TOLD.get(name, [])


@pytest.mark.parametrize("name", REFUSED)
def test_a_format_that_is_not_read_is_called_by_its_name(name: str) -> None:
    (problem,) = read(name).problems
    assert problem.wording == REFUSED[name]


@pytest.mark.parametrize("name", ODD)
def test_errors_hidden_cells_and_merges_are_told_in_every_format(name: str) -> None:
    found = read(name)
    assert {(one.wording, one.place.sheet, one.place.cell, *one.facts.values()) for one in found.problems} == {
        ("not-allowed.merged", "Journals", None, "J5:J6"),
        ("cell-error", "Journals", "M2", "#N/A"),
        ("cell-error", "Journals", "M3", "#DIV/0!"),
        ("cell-error", "Journals", "F4", "#REF!"),
        ("hidden-rows.rows", "Journals", None, "4"),
        ("hidden-rows.columns", "Journals", None, "G"),
        ("hidden-rows.sheet", "Hidden", None, "Hidden"),
    }
    assert found.sheets[0].columns["amount"] == COLUMNS["amount"]
    assert found.sheets[0].columns["transDateTime"] == COLUMNS["transDateTime"]
