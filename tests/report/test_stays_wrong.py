"""What is wrong, or says nothing certain, never turns into something right on its way into a corrections workbook."""

import io
import zipfile

import pytest

from importer.parts.texts import unescaped
from importer.report.exact_cells import exact_cells
from importer.report.filled_archive import Body, fill
from importer.report.sheet_cells import NUMBER, EveryRow, Maker
from importer.report.written_cells import open_book

MAKER = Maker(texts=("shared",), number_formats=("General", "dd/mm/yyyy"))
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(cell: str) -> io.BytesIO:
    return io.BytesIO(f'<worksheet xmlns="{SPACE}"><sheetData><row r="2">{cell}</row></sheetData></worksheet>'.encode())


@pytest.mark.parametrize(("style", "shown"), [("0", "yyyy-mm-dd"), ("1", "dd/mm/yyyy")])
def test_a_day_without_a_format_stays_a_day_and_is_no_amount(style: str, shown: str) -> None:
    cell = MAKER.cell(5, "d", "2018-06-30", style)
    assert cell is not None and (cell.kind, cell.text, cell.number_format) == (NUMBER, "43281.0", shown)
    assert cell.is_day


@pytest.mark.parametrize(
    "inside", ["<v>6</v><v>7</v>", "<v>6</v><is><t>7</t></is>", "<is><t>7</t></is><v>6</v>"], ids=["v v", "v t", "t v"]
)
def test_a_cell_with_two_values_is_not_read(inside: str) -> None:
    with pytest.raises(ValueError, match="two values"):
        exact_cells(sheet(f'<c r="F2">{inside}</c>'), EveryRow(), MAKER)


def test_a_text_in_several_fonts_is_one_value() -> None:
    read = exact_cells(sheet('<c r="F2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>'), EveryRow(), MAKER)
    assert [cell.text for cell in read.rows[2]] == ["ab"]


def test_only_a_small_x_begins_an_escape() -> None:
    assert (unescaped("_X0041_"), unescaped("_x0041_"), unescaped("_x004a_")) == ("_X0041_", "A", "J")


def test_a_sheet_whose_rows_find_no_home_is_never_written_without_them() -> None:
    frame = io.BytesIO()
    book = open_book(frame, counts_from_1904=False)
    book.add_worksheet("June")
    book.close()
    body = Body("A1:A1", {}, lambda _: ['<row r="1"/>'])
    with pytest.raises(ValueError, match="without its rows"):
        fill(frame, {"Juni": body}, io.BytesIO())
    target = io.BytesIO()
    fill(frame, {"June": body}, target)
    assert b'<row r="1"/>' in zipfile.ZipFile(target).read("xl/worksheets/sheet1.xml")
