"""What is wrong, or says nothing certain, never turns into something right on its way into a corrections workbook."""

import io
import zipfile

import pytest

from importer.report.original_rows import OriginalSheet, Unreadable, read_original
from importer.xlsx.values import SINCE_1900, RawCell, WorkbookContext, unescaped
from importer.xlsx.writer import NUMBER, Body, copied_cell, fill, open_book
from tests.xlsx.archives import form, row, workbook

CONTEXT = WorkbookContext((), ("General", "dd/mm/yyyy"), SINCE_1900, awaits_calculation=False)


def read(cell: str) -> OriginalSheet:
    return read_original(workbook(form(row(2, cell))), {"Sheet1": (1, (2,))}).sheets["Sheet1"]


@pytest.mark.parametrize(("style", "shown"), [("0", "yyyy-mm-dd"), ("1", "dd/mm/yyyy")])
def test_a_day_without_a_format_stays_a_day_and_is_no_amount(style: str, shown: str) -> None:
    cell = copied_cell(5, RawCell("d", style, "2018-06-30", has_formula=False), CONTEXT)
    assert cell is not None and (cell.kind, cell.text, cell.number_format) == (NUMBER, "43281.0", shown)
    assert cell.is_day


def test_a_cell_with_two_values_is_not_read() -> None:
    with pytest.raises(Unreadable, match="two values"):
        read('<c r="F2"><v>6</v><v>7</v></c>')


@pytest.mark.parametrize("inside", ["<v>6</v><is><t>7</t></is>", "<is><t>7</t></is><v>6</v>"], ids=["v is", "is v"])
@pytest.mark.parametrize(("marks", "value"), [("", "6"), (' t="inlineStr"', "7")])
def test_the_type_of_a_cell_tells_which_of_two_values_counts(inside: str, marks: str, value: str) -> None:
    assert [cell.text for cell in read(f'<c r="F2"{marks}>{inside}</c>').rows[2]] == [value]


def test_a_text_in_several_fonts_is_one_value() -> None:
    found = read('<c r="F2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>')
    assert [cell.text for cell in found.rows[2]] == ["ab"]


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
