"""Every cell has the place it has on the sheet, wherever its values lie and whatever stands around them."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import PatternFill

from importer.model.workbook import FormSheet
from importer.read.workbooks import read_workbook
from importer.templates.forms import JOURNALS
from tests.xlsx.archives import FIELDS, ODD, form, headings, inline, letter, read, read_form, row, sheet, workbook

READERS = pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])
LINE = ("JV", "101110", "R", "D", "C", 12.5, "MXN1", date(2018, 6, 30), 2018006)
ACCOUNT = FIELDS.index("account")


def accounts(found: FormSheet) -> dict[int, str | None]:
    """The account of every row."""
    return dict(zip(found.rows, found.columns["account"], strict=True))


def written(path: Path, *cells: tuple[int, int, Any]) -> Path:
    """A workbook of three lines and stray cells (row and column from 0, a value)."""
    book = xlsxwriter.Workbook(path)
    table, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    table.write_row(0, 0, FIELDS)
    for number in (1, 2, 3):
        for column, value in enumerate(LINE):
            if isinstance(value, date):
                table.write_datetime(number, column, value, day)
            else:
                table.write(number, column, value)
    for number, column, value in cells:
        table.write(number, column, value)
    book.close()
    return path


@READERS
def test_blank_rows_between_lines_are_passed_over(tmp_path: Path, odd: str) -> None:
    account = letter("account")
    blanks = row(5, "") + row(6, f'<c r="A6"/><c r="{account}6" s="1"/>') + row(7, inline("A7", " \u200b\xa0"))
    rows = row(3, inline(f"{account}3", "1")) + blanks + row(9, inline(f"{account}9", "2"))
    assert accounts(read_form(tmp_path, workbook(form(rows + odd)))) == {3: "1", 9: "2"}


@READERS
def test_nought_is_not_blank(tmp_path: Path, odd: str) -> None:
    rows = "".join(row(number, f'<c r="{letter("account")}{number}"><v>0</v></c>') for number in (2, 3))
    assert accounts(read_form(tmp_path, workbook(form(rows + odd)))) == {2: "0", 3: "0"}


@READERS
@pytest.mark.parametrize(("heading_row", "first"), [(1, 0), (3, 1), (20, 5), (2, 700)])
def test_headings_may_stand_anywhere_in_the_first_twenty_rows(
    tmp_path: Path, heading_row: int, first: int, odd: str
) -> None:
    at = openpyxl.utils.get_column_letter(first + ACCOUNT + 1)
    rows = headings(heading_row, first) + row(heading_row + 2, f"{inline(f'{at}{{r}}', '1')}")
    rows += row(heading_row + 3, f'<c r="{at}{{r}}" t="e"><v>#N/A</v></c>')
    found = read(tmp_path, workbook(sheet(rows + odd)))
    (one,) = found.sheets
    assert (one.heading_row, one.letters["account"]) == (heading_row, at)
    assert accounts(one) == {heading_row + 2: "1", heading_row + 3: None}
    assert [problem.place.cell for problem in found.problems] == [f"{at}{heading_row + 3}"]


def test_a_title_and_notes_above_the_headings_are_no_line(tmp_path: Path) -> None:
    rows = row(1, inline("A1", "Journals of June")) + row(2, inline("B2", "account") + inline("C2", "JV"))
    found = read_form(tmp_path, workbook(sheet(rows + headings(4) + row(5, inline("A5", "JV")))))
    assert (found.heading_row, found.rows) == (4, (5,))


def test_headings_beyond_row_twenty_are_not_looked_for(tmp_path: Path) -> None:
    found = read(tmp_path, workbook(sheet(headings(21) + row(22, inline("A22", "JV")))))
    assert [problem.wording for problem in found.problems] == ["no-form-found.none"]


@READERS
def test_rows_shorter_than_the_headings_are_blank_at_their_end(tmp_path: Path, odd: str) -> None:
    rows = row(2, inline("A2", "JV") + inline("B2", "1")) + row(
        3, "".join(inline(f"{letter(field)}3", "X") for field in FIELDS)
    )
    found = read_form(tmp_path, workbook(form(rows + odd)))
    assert [found.columns[field] for field in FIELDS[2:]] == [[None, "X"]] * (len(FIELDS) - 2)


@READERS
def test_cells_beside_the_headings_are_told_once_a_column(tmp_path: Path, odd: str) -> None:
    stray = inline("K{r}", "note") + '<c r="N{r}"><v>0</v></c>' + inline("P{r}", " \xa0\u200b")
    rows = "".join(row(number, inline("A{r}", "JV") + stray) for number in (2, 3))
    found = read(tmp_path, workbook(form(rows + odd)))
    assert [(problem.wording, problem.place.cell) for problem in found.problems] == [
        ("unknown-column.blank", "K1"),
        ("unknown-column.blank", "N1"),
    ]
    assert found.is_usable


def test_formatted_blanks_are_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    table = book.worksheets[0]
    for cells in (FIELDS, LINE):
        table.append(cells)
    for number in range(3, 60):
        for column in range(1, 30):
            table.cell(number, column).fill = PatternFill("solid", fgColor="FFFF00")
    book.save(tmp_path / "book.xlsx")
    found = read_workbook(tmp_path / "book.xlsx", [JOURNALS])
    assert (found.problems, accounts(found.sheets[0])) == ((), {2: "101110"})


@READERS
def test_whole_formatted_rows_cost_nothing(tmp_path: Path, odd: str) -> None:
    names = [openpyxl.utils.get_column_letter(index) for index in range(1, 16_385)]
    wide = row(3, "".join(f'<c r="{name}3" s="1"/>' for name in names))
    far = row(1_048_576, '<c r="A1048576" s="1"/><c r="XFD1048576" s="1"/>')
    found = read_form(tmp_path, workbook(form(row(2, inline("B2", "1")) + wide + far + odd)))
    assert accounts(found) == {2: "1"}


def test_formatted_rows_to_the_end_of_the_sheet_are_blank(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    table, fill = book.add_worksheet(), book.add_format({"bold": True})
    table.write_row(0, 0, FIELDS)
    table.write_row(1, 0, LINE[:5])
    for number in range(2, 30_000):
        table.write_blank(number, 0, None, fill)
        table.write_blank(number, 30, None, fill)
    table.write_string(30_000, 1, "last")
    book.close()
    assert accounts(read_workbook(path, [JOURNALS]).sheets[0]) == {2: "101110", 30_001: "last"}


PEAK = """
import json, sys
from pathlib import Path
from importer.read.workbooks import read_workbook
from importer.templates.forms import JOURNALS
found = [read_workbook(Path(name), [JOURNALS]) for name in sys.argv[1:]]
told = [[problem.wording, problem.place.cell] for one in found for problem in one.problems]
status = Path("/proc/self/status")
peak = [line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line] if status.exists() else ["0"]
print(json.dumps([[one.sheets[0].rows for one in found], told, int(peak[0])]))
"""


def test_values_in_the_last_row_and_corner_are_read_and_take_no_gigabytes(tmp_path: Path) -> None:
    strays = {"row.xlsx": (1_048_575, ACCOUNT, "stray"), "corner.xlsx": (1_048_575, 16_383, "stray")}
    paths = [str(written(tmp_path / name, stray)) for name, stray in strays.items()]
    done = subprocess.run([sys.executable, "-c", PEAK, *paths], capture_output=True, text=True, check=True)
    rows, told, peak = json.loads(done.stdout)
    assert rows == [[2, 3, 4, 1_048_576], [2, 3, 4]]
    assert told == [["unknown-column.blank", "XFD1"]]
    assert peak < 300 * 1024  # in kB; Linux tells it


@pytest.mark.parametrize("stray", [(2, 16_383), (9_999, 16_383)])
def test_a_stray_value_on_the_right_is_told_and_the_lines_are_read(tmp_path: Path, stray: tuple[int, int]) -> None:
    found = read_workbook(written(tmp_path / "book.xlsx", (*stray, "stray")), [JOURNALS])
    assert [(problem.wording, problem.place.cell) for problem in found.problems] == [("unknown-column.blank", "XFD1")]
    assert accounts(found.sheets[0]) == {2: "101110", 3: "101110", 4: "101110"}


def test_a_far_cell_before_a_near_one_costs_nothing_and_is_told(tmp_path: Path) -> None:
    lines = "".join(row(number, f"{inline('B{r}', '1')}") for number in range(2, 6_000))
    crossed = row(6_000, '<c r="XFD6000"><v>1</v></c><c r="AB6000"><v>2</v></c>')
    found = read(tmp_path, workbook(form(lines + crossed)))
    assert [(problem.wording, problem.place.cell) for problem in found.problems] == [
        ("unknown-column.blank", "AB1"),
        ("unknown-column.blank", "XFD1"),
    ]


def test_cells_out_of_order_are_read_where_they_stand(tmp_path: Path) -> None:
    rows = row(2, inline("I2", "period") + inline("B2", "account") + inline("D2", "description"))
    found = read_form(tmp_path, workbook(form(rows)))
    assert {field: found.columns[field] for field in ("account", "description", "period")} == {
        "account": ["account"],
        "description": ["description"],
        "period": ["period"],
    }


def test_the_rows_of_two_forms_have_each_their_own_places(tmp_path: Path) -> None:
    one, other = form(row(5, inline("B5", "1"))), sheet(headings(4, 2) + row(9, inline("D9", "2")))
    found = read(tmp_path, workbook(one, other))
    assert [(one.sheet, one.letters["account"], accounts(one)) for one in found.sheets] == [
        ("Sheet1", "B", {5: "1"}),
        ("Sheet2", "D", {9: "2"}),
    ]
    assert found.sheets[1].place(9, "account").cell == "D9"
