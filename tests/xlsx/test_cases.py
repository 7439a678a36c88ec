"""Every tricky cell of the notes means one thing, whichever reader gives it."""

from pathlib import Path

import pytest

from importer.model.problems import Problem
from importer.model.workbook import FormSheet, Workbook
from tests.xlsx.archives import ODD, form, inline, letter, plain_sheets, read, row, workbook
from tests.xlsx.cases import CASES, DATE, SHARED, TIME, Case

FREE = ("account", "description")
MEASURED = ("amount", "transDateTime", "period")


def book_with(xml: str, *, is_odd: bool) -> bytes:
    """A workbook with the cell in columns of several kinds of row 2."""
    cells = {field: xml.replace("{r}", f"{letter(field)}2") for field in (*FREE, *MEASURED)}
    cells["journalType"] = inline(f"{letter('journalType')}2", "JV")
    ordered = "".join(cells[field] for field in sorted(cells, key=letter))
    return workbook(form(row(2, ordered) + (ODD if is_odd else "")), shared=SHARED)


def meaning(found: Workbook, field: str) -> str | None:
    """The text of the cell, or the wording of its problem."""
    problems = [problem for problem in found.problems if problem.place.cell == f"{letter(field)}2"]
    if not problems:
        return found.sheets[0].columns[field][0]
    (problem,) = problems
    assert (found.sheets[0].columns[field][0] is None) is ((2, field) in found.sheets[0].unusable) is problem.blocks
    return problem.wording


@pytest.mark.parametrize("is_odd", [False, True], ids=["fast", "exact"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_tricky_cell_means_what_it_should(tmp_path: Path, case: Case, is_odd: bool) -> None:
    content = book_with(case.xml, is_odd=is_odd)
    assert plain_sheets(content) == [not is_odd]
    found = read(tmp_path, content)
    free = case.text if case.free == "=" else case.free
    assert {field: meaning(found, field) for field in FREE} == dict.fromkeys(FREE, free)
    otherwise = {
        "transDateTime": case.day or case.text,
        "period": case.period or case.text,
        "amount": "not-a-number.moment" if case.free in (DATE, TIME) else case.amount or case.text,
    }
    measured = dict.fromkeys(MEASURED, case.text) | otherwise
    assert {field: meaning(found, field) for field in MEASURED} == measured


def column(values: str, field: str, is_odd: bool) -> bytes:
    """A workbook with these cells below one another in a column, beside journal types."""
    cells = values.split("|")
    rows = (
        row(number, inline("A{r}", "JV") + cell.replace("{c}", f"{letter(field)}{number}"))
        for number, cell in enumerate(cells, start=2)
    )
    return workbook(form("".join(rows) + (ODD if is_odd else "")))


NUMBER, TEXT, DAY, BLANK = '<c r="{c}"><v>101110</v></c>', inline("{c}", "A1"), '<c r="{c}" s="1"><v>45952</v></c>', ""


@pytest.mark.parametrize("is_odd", [False, True], ids=["fast", "exact"])
@pytest.mark.parametrize(
    ("cells", "field", "texts"),
    [
        ([NUMBER] * 1499 + [TEXT], "account", ["101110"] * 1499 + ["A1"]),
        ([TEXT, NUMBER], "account", ["A1", "101110"]),
        (['<c r="{c}"><v>1.5</v></c>', inline("{c}", "x12,50")], "amount", ["1.5", "x12,50"]),
        ([DAY, inline("{c}", "2025-10-22")], "transDateTime", ["2025-10-22", "2025-10-22"]),
        ([DAY, '<c r="{c}" t="e"><v>#REF!</v></c>'], "transDateTime", ["2025-10-22", None]),
        ([NUMBER, BLANK], "treference", ["101110", None]),
    ],
    ids=["numbers, then a text", "text, number", "amount, text", "date, text", "date, error", "number, blank"],
)
def test_a_column_of_mixed_cells_keeps_each_as_it_is(
    tmp_path: Path, cells: list[str], field: str, texts: list[str | None], is_odd: bool
) -> None:
    found = read(tmp_path, column("|".join(cells), field, is_odd))
    assert found.sheets[0].columns[field] == texts


@pytest.mark.parametrize("is_odd", [False, True], ids=["fast", "exact"])
def test_only_the_first_of_merged_cells_has_the_value(tmp_path: Path, is_odd: bool) -> None:
    rows = row(2, inline("A{r}", "merged") + inline("B{r}", "A1")) + row(3, '<c r="A3"/>' + inline("B{r}", "A2"))
    xml = form(rows + (ODD if is_odd else ""), after='<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>')
    assert read(tmp_path, workbook(xml)).sheets[0].columns["journalType"] == ["merged", None]


@pytest.mark.parametrize("is_odd", [False, True], ids=["fast", "exact"])
def test_the_calendar_that_begins_in_1904_is_known(tmp_path: Path, is_odd: bool) -> None:
    cell = f'<c r="{letter("transDateTime")}2" s="1"><v>44490</v></c>'
    found = read(tmp_path, workbook(form(row(2, cell) + (ODD if is_odd else "")), marks='date1904="1"'))
    assert found.sheets[0].columns["transDateTime"] == ["2025-10-22"]


def test_a_row_that_holds_nothing_but_an_error_is_not_blank(tmp_path: Path) -> None:
    found = read(tmp_path, workbook(form(row(5, f'<c r="{letter("amount")}5" t="e"><v>#N/A</v></c>'))))
    assert found.sheets[0].rows == (5,) and problem_at(found, f"{letter('amount')}5").value == "#N/A"


def test_hidden_rows_and_columns_count_and_are_told(tmp_path: Path) -> None:
    rows = row(4, inline("A4", "JV") + inline("C4", "R"), ' hidden="1"')
    columns = '<cols><col min="3" max="3" width="9" hidden="1"/><col min="40" max="16384" hidden="1"/></cols>'
    found = read(tmp_path, workbook(form(rows, before=columns)))
    assert [(one.wording, dict(one.facts)) for one in found.problems] == [
        ("hidden-rows.rows", {"rows": "4"}),
        ("hidden-rows.columns", {"columns": "C"}),
    ]
    assert found.sheets[0].columns["treference"] == ["R"]


def test_a_number_that_no_time_holds_is_a_problem_and_the_rows_below_are_read(tmp_path: Path) -> None:
    rows = "".join(row(number, f'<c r="B{number}"><v>{number}</v></c>') for number in (2, 3))
    endless = row(4, '<c r="B4" s="6"><v>1000000000000</v></c>')
    last = row(5, '<c r="B5"><v>5</v></c>')
    found = read(tmp_path, workbook(form(rows + endless + last)))
    assert problem_at(found, "B4").wording == "cell-error"
    sheet: FormSheet = found.sheets[0]
    assert dict(zip(sheet.rows, sheet.columns["account"], strict=True)) == {2: "2", 3: "3", 4: None, 5: "5"}


def problem_at(found: Workbook, cell: str) -> Problem:
    """The only problem of a cell."""
    (problem,) = [problem for problem in found.problems if problem.place.cell == cell]
    return problem
