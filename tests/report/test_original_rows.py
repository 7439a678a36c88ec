"""What is read again of a workbook is what stands in it, whatever shape its XML has."""

import io
import warnings
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.styles.numbers import is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from importer.report.original_rows import Original, Unreadable, read_original
from importer.xlsx.exact_reader import exact_rows
from importer.xlsx.fast_reader import fast_rows
from importer.xlsx.package import Package, local_name
from importer.xlsx.values import RawCell, SheetRows
from importer.xlsx.writer import ERROR, NUMBER, TEXT, TRUTH, Cell
from tests.cli.commands import ROOT
from tests.report.odd_workbook import odd_by_openpyxl, odd_by_xlsxwriter
from tests.xlsx.archives import FIELDS, MAIN, ODD, STRICT, form, headings, row, sheet, style, workbook
from tests.xlsx.test_odd_xml import LINE, SHAPES

WORKBOOKS: dict[str, Callable[[], bytes]] = {
    **{path.name: path.read_bytes for path in sorted((ROOT / "samples").glob("*.xlsx"))},
    "odd, openpyxl": odd_by_openpyxl,
    "odd, openpyxl, 1904": lambda: odd_by_openpyxl(from_1904=True),
    "odd, xlsxwriter": odd_by_xlsxwriter,
    "odd, xlsxwriter, 1904": lambda: odd_by_xlsxwriter(from_1904=True),
    "odd, xlsxwriter, texts in the cells": lambda: odd_by_xlsxwriter(inline=True),
}


def of_openpyxl(cell: Cell, from_1904: bool) -> object:
    """A cell's value as openpyxl gives it."""
    if cell.is_day:
        epoch, is_span = MAC_EPOCH if from_1904 else WINDOWS_EPOCH, is_timedelta_format(cell.number_format)
        return from_excel(float(cell.text), epoch, timedelta=is_span)
    return {NUMBER: float, TRUTH: lambda text: text == "1"}.get(cell.kind, str)(cell.text)


def told(value: Any) -> object:
    """A value of openpyxl without the escapes that it leaves in texts that stand in the cells."""
    if isinstance(value, str):
        return value.replace("_x000D_", "\r").replace("_x0001_", "\1").replace("_x0041_", "A")
    return value if isinstance(value, bool | date | datetime | time | timedelta) else float(value)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_every_cell_has_the_value_and_format_that_openpyxl_finds(name: str) -> None:
    content = WORKBOOKS[name]()
    with warnings.catch_warnings(action="ignore"):  # the samples have a print area that openpyxl does not know
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for there in book.worksheets:
        numbers = [number for number in range(1, there.max_row + 1) if any(cell.value for cell in there[number])]
        original = read_original(content, {there.title: (numbers[0], numbers)})
        found = {
            (number, cell.column + 1): (of_openpyxl(cell, original.counts_from_1904), cell.number_format)
            for number, cells in original.sheets[there.title].rows.items()
            for cell in cells
        }
        last = max(original.sheets[there.title].headings) + 11
        assert found == {
            (cell.row, cell.column): (told(cell.value), cell.number_format)
            for line in there.iter_rows(max_col=min(last, there.max_column))
            for cell in line
            if cell.value is not None
        }


@pytest.mark.parametrize("name", WORKBOOKS)
def test_the_fast_reader_takes_what_programs_write_and_gives_what_the_exact_one_gives(name: str) -> None:
    package = Package(WORKBOOKS[name]())
    for part in package.sheets:
        fast, exact = fast_rows(package, part), exact_rows(package, part)
        cells = raw_cells(exact)
        assert raw_cells(fast) == cells
        assert around_the_rows(fast) == around_the_rows(exact)
        rows = {row for row, _ in cells if row % 3}
        again = fast_rows(package, part, wanted=rows)
        assert raw_cells(again) == {place: raw for place, raw in cells.items() if place[0] in rows}
        assert around_the_rows(again) == around_the_rows(exact)


def around_the_rows(read: SheetRows) -> list[tuple[str, str | None, list[str]]]:
    """The elements beside the rows."""
    assert read.metadata.frame is not None
    elements = ((local_name(one.tag), one.text, list(one.attrib.values())) for one in read.metadata.frame.iter())
    return [one for one in elements if one[0] != "sheetData"]


def raw_cells(read: SheetRows) -> dict[tuple[int, int], RawCell]:
    """All cells that are not blank, by row and column."""
    return {
        (number, column): raw
        for batch in read.batches
        for column, tokens in batch.columns.items()
        for number, token in zip(batch.rows, tokens, strict=True)
        if (raw := read.raw_cell(token)) is not None
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_cells_in_another_shape_of_xml_are_the_same_row(shape: str) -> None:
    assert cells_of(workbook(SHAPES[shape])) == cells_of(workbook(form(LINE)))


def cells_of(content: bytes) -> list[tuple[int, str, str]]:
    """The cells of row 2; numbers without blanks around them."""
    found = read_original(content, {"Sheet1": (1, (2,))}).sheets["Sheet1"]
    assert tuple(found.headings.values()) == FIELDS
    return [(cell.column, cell.kind, cell.text) for cell in found.rows[2]]


def read(rows: str, shared: str = "", marks: str = "") -> Original:
    """Row 2 of a sheet of the journal form."""
    return read_original(workbook(form(rows), shared=shared, marks=marks), {"Sheet1": (1, (2,))})


def test_a_strict_workbook_is_read() -> None:
    content = workbook(sheet(headings() + LINE, namespace=STRICT), namespace=STRICT)
    assert cells_of(content) == cells_of(workbook(form(LINE)))


def test_every_kind_of_cell_is_read_as_it_stands() -> None:
    shared = "<si><r><t>ri</t></r><r><t>ch</t></r><rPh sb='0' eb='1'><t>aloud</t></rPh></si><si><t/></si>"
    cells = [
        ('t="s"><v>0</v>', TEXT, "rich"),
        ('t="s"><v>1</v>', TEXT, ""),
        ('t="str"><f>A1</f><v>_x0041_ _x005F_x0041_</v>', TEXT, "A _x0041_"),
        ("><f>A1&lt;2</f><v>18630.099999999999</v>", NUMBER, "18630.099999999999"),
        ("><v>12345678901234567890</v>", NUMBER, "12345678901234567890"),
        ("><v> 1.5E-7 </v>", NUMBER, "1.5E-7"),
        ('t="b"><v>1</v>', TRUTH, "1"),
        ('t="b"><v>false</v>', TRUTH, "0"),
        ('t="e"><f>NA()</f><v>#N/A</v>', ERROR, "#N/A"),
        (f's="{style("yyyy-mm-dd")}" t="d"><v>2018-06-30T12:00:00</v>', NUMBER, "43281.5"),
        ('t="inlineStr"><is><r><t>ri</t></r><r><t xml:space="preserve"> ch</t></r></is>', TEXT, "ri ch"),
        ('t="inlineStr"><is><t>a &amp;&#10;&#x41;&lt;</t></is>', TEXT, "a &\nA<"),
        ('t="str"><v></v>', None, ""),
        ("><f>A1</f>", None, ""),
    ]
    for xml, kind, text in cells:
        found = read(row(2, f'<c r="B2" {xml}</c>'), shared).sheets["Sheet1"].rows[2]
        assert [(cell.kind, cell.text) for cell in found] == ([(kind, text)] if kind else []), xml


def test_dates_of_both_calendars_keep_their_numbers() -> None:
    cell = row(2, f'<c r="B2" s="{style("yyyy-mm-dd")}"><v>41819</v></c>')
    for marks in ("", 'date1904="1"'):
        found = read(cell, marks=marks)
        assert found.counts_from_1904 is bool(marks)
        assert found.sheets["Sheet1"].rows[2][0].text == "41819" and found.sheets["Sheet1"].rows[2][0].is_day


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='B2'><v>1,5</v></c>",
        '<c r="B2"><v>NaN</v></c>',
        '<c r="B2"><v>1E999</v></c>',
        '<c r="B2" t="s"><v>7</v></c>',
        '<c r="B2" s="4711"><v>1</v></c>',
        '<c r="B2"><v>1</c>',
    ],
)
def test_cells_that_mean_nothing_make_the_file_unreadable(cell: str) -> None:
    with pytest.raises(Unreadable):
        read(row(2, cell))


def test_wanted_rows_that_are_not_there_and_document_types_make_the_file_unreadable() -> None:
    with pytest.raises(Unreadable):
        read("")
    typed = form(LINE).replace("<worksheet", '<!DOCTYPE worksheet [<!ENTITY x "y">]><worksheet')
    with pytest.raises(Unreadable):
        read_original(workbook(typed), {"Sheet1": (1, (2,))})


@pytest.mark.parametrize(
    "piece",
    [
        "<row>{}</row>",
        '<row spans="1:2" r="3">{}</row>',
        '<row r="03">{}</row>',
        '<row r="3">{}</row>',
        '<y:row r="3">{}</y:row>',
    ],
)
@pytest.mark.parametrize("above", ["", ODD])
def test_a_row_in_several_elements_keeps_the_cells_of_all_of_them(piece: str, above: str) -> None:
    prefix = "y:" if "y:" in piece else ""
    rows = piece.format(f'<{prefix}c r="A3"><{prefix}v>1</{prefix}v></{prefix}c>') + row(3, '<c r="B3"><v>1</v></c>')
    rows = above + row(2, '<c r="A2"><v>1</v></c>') + rows
    content = workbook(form(rows).replace("<worksheet", f'<worksheet xmlns:y="{MAIN}"'))
    found = read_original(content, {"Sheet1": (1, (3,))}).sheets["Sheet1"].rows[3]
    assert [one.column for one in found] == [0, 1]
