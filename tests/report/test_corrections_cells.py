"""The cells of a corrections workbook: any value and text comes back as it was, in the order that Excel asks for."""

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.report import corrections_sheet
from importer.report.corrections import write_corrections
from importer.report.original_rows import Original, read_original
from importer.translations import Language
from importer.xlsx.exact_reader import exact_rows
from importer.xlsx.fast_reader import fast_rows
from importer.xlsx.package import Package
from importer.xlsx.values import SheetRows
from importer.xlsx.writer import ERROR, LONGEST_TEXT, NUMBER, TEXT, TRUTH, Cell, cell_xml, copied_cell
from tests.cli.workbooks import HEADINGS, line, write
from tests.report.checked import cells_by_heading, checked, corrected, pair
from tests.report.odd_workbook import odd_by_openpyxl, odd_by_xlsxwriter
from tests.xlsx.archives import row, sheet, workbook

SHOWN_BY_EXCEL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.sampled_from(
    ["_x0041_", "_x005F_x0041_", "_x0041_x0042_", "a\r\nb", " ", "\x00\x1f\x7f\ufffe", "<r>x</r>", "]]>", "&amp;"]
)
SHOWN = st.one_of(
    SHOWN_BY_EXCEL.map(lambda text: (TEXT, text)),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: (NUMBER, repr(number))),
    st.sampled_from([(TRUTH, "0"), (TRUTH, "1"), (ERROR, "#N/A"), (ERROR, "#DIV/0!")]),
)


@given(st.lists(SHOWN, min_size=1, max_size=9))
def test_what_is_written_is_read_again_by_both_readers(shown: list[tuple[str, str]]) -> None:
    cells = "".join(f'<c r="{"ABCDEFGHI"[place]}1{cell_xml(*one, 0)}' for place, one in enumerate(shown))
    package = Package(workbook(sheet(row(1, cells))))
    (part,) = package.sheets

    def copied(read: SheetRows) -> list[Cell | None]:
        raw = {column: read.raw_cell(tokens[0]) for batch in read.batches for column, tokens in batch.columns.items()}
        return [copied_cell(column, raw[column], package.context) for column in sorted(raw)]

    wanted = [Cell(place, *one) for place, one in enumerate(shown)]
    assert copied(fast_rows(package, part)) == wanted
    assert copied(exact_rows(package, part)) == wanted


def test_what_no_cell_can_hold_is_cut_or_shown() -> None:
    assert cell_xml(TEXT, "\ud800", None).endswith(r"<t>\ud800</t></is></c>")
    assert cell_xml(ERROR, "#SPILL!", 1) == '" s="1" t="e"><v>#VALUE!</v></c>'
    assert cell_xml(TEXT, "", 7) == '" s="7"/>'
    assert cell_xml(TEXT, "x" * 40_000, None).count("x") == LONGEST_TEXT
    assert cell_xml(TEXT, "😀" * 20_000, None).count("😀") == LONGEST_TEXT // 2


ODD = {
    "openpyxl": odd_by_openpyxl(),
    "openpyxl, 1904": odd_by_openpyxl(from_1904=True),
    "xlsxwriter": odd_by_xlsxwriter(),
    "xlsxwriter, 1904": odd_by_xlsxwriter(from_1904=True),
}


@pytest.mark.parametrize("name", ODD)
def test_whatever_stands_beside_the_form_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    path = tmp_path / "june.xlsx"
    path.write_bytes(ODD[name])
    found, made = checked(path), corrected(path)
    rows = sorted(row for draft in found.drafts if draft.problems for row in draft.document.rows)
    before = read_original(ODD[name], {"Journals": (found.sheet.heading_row, rows)})
    after = read_original(made.read_bytes(), {"Journals": (1, range(2, len(rows) + 2))})
    assert len(rows) >= 20 and after.counts_from_1904 is before.counts_from_1904
    assert remarks(after) == remarks(before)
    assert [(one.kind, one.text) for cells in after.lists.values() for row in cells.values() for one in row] == [
        (one.kind, one.text) for cells in before.lists.values() for row in cells.values() for one in row
    ]


def remarks(original: Original) -> list[list[tuple[int, str, str, str]]]:
    """The cells from the column of the remarks on, texts as long as a cell can hold."""
    sheet = original.sheets["Journals"]
    first = next(column for column, heading in sheet.headings.items() if heading == "Remarks")
    return [
        [
            (one.column - first, one.kind, one.text[:LONGEST_TEXT], one.number_format)
            for one in cells
            if one.column >= first
        ]
        for _, cells in sorted(sheet.rows.items())
    ]


def test_the_same_result_gives_the_same_bytes_with_rows_and_cells_in_order(tmp_path: Path) -> None:
    path = tmp_path / "june.xlsx"
    path.write_bytes(odd_by_openpyxl())
    first, second = corrected(path), corrected(path)
    parts = [zipfile.ZipFile(one) for one in (first, second)]
    names = [part.namelist() for part in parts]
    assert names[0] == names[1]
    sheet = parts[0].read("xl/worksheets/sheet2.xml")
    assert sheet == parts[1].read("xl/worksheets/sheet2.xml")
    assert b'<dimension ref="A1:' in sheet
    rows = [int(number) for number in re.findall(rb'<row r="([0-9]+)"', sheet)]
    assert rows == list(range(1, len(rows) + 1))
    for xml in re.findall(rb"<row .*?</row>", sheet, re.S):
        letters = [(len(one), one) for one in re.findall(rb'<c r="([A-Z]+)', xml)]
        assert letters == sorted(set(letters))


def test_a_wrong_cell_is_coloured_and_its_neighbours_keep_their_look(tmp_path: Path) -> None:
    made = corrected(write(tmp_path / "june.xlsx", pair("A", amount="5,00", fund=None)))
    first, second = cells_by_heading(made, "Sheet")
    assert first["amount"].fill.fgColor.rgb == "FFF8CBAD" and first["amount"].border.left.style == "thin"
    assert first["Importer: state"].font.b and not second["Importer: state"].font.b
    assert {cell.fill.fgColor.rgb for cell in (first["Importer: state"], second["Importer: state"])} == {"FFF2F2F2"}
    assert all(cell.fill.fill_type is None for heading, cell in second.items() if heading != "Importer: state")


MOST_NOTES = 40


def test_beyond_the_most_notes_the_state_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is set low: a workbook of 10,000 mistakes takes ten seconds to write and to read."""
    monkeypatch.setattr(corrections_sheet, "MOST_NOTES", MOST_NOTES)
    rows = [line(f"J{number // 2}", "DC"[number % 2], "x") for number in range(MOST_NOTES + 2)]
    found = checked(write(tmp_path / "june.xlsx", rows, headings=HEADINGS))
    made = write_corrections(found.result(), found.workbook, found.path, tmp_path, Language.EN)
    assert made is not None
    with zipfile.ZipFile(made) as archive:
        noted = set(re.findall(rb'<comment ref="I([0-9]+)"', archive.read("xl/comments1.xml"))) - {b"1"}
    assert len(noted) == MOST_NOTES
    told = read_original(made.read_bytes(), {"Sheet": (1, range(2, MOST_NOTES + 4))}).sheets["Sheet"].rows
    states = [told[row][0].text for row in sorted(told)]
    assert states[MOST_NOTES - 1] == "invalid: amount"
    assert all(state.startswith("invalid: amount: ") for state in states[MOST_NOTES:]) and len(states) == MOST_NOTES + 2
