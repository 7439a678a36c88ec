"""Error cells, formulas without a value, hidden rows, columns and sheets: told at their place, never read as blank."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from importer.model.workbook import Workbook
from importer.read.workbooks import read_workbook
from importer.templates.forms import JOURNALS
from tests.xlsx.archives import FIELDS, MAIN, ODD, form, headings, inline, letter, read, row, sheet, workbook

ACCOUNT, AMOUNT, PERIOD = letter("account"), letter("amount"), letter("period")
READERS = pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])
LETTERS = sorted(("A", ACCOUNT, AMOUNT))
LINE = ("JV", "101110", "R", "D", "C", 12.5, "MXN1", date(2018, 6, 30), 2018006)


def told(found: Workbook) -> dict[str, str]:
    """The wording of each cell's problem."""
    return {problem.place.cell or "": problem.wording for problem in found.problems}


@READERS
@pytest.mark.parametrize(
    "error",
    [
        "#N/A",
        "#REF!",
        "#DIV/0!",
        "#VALUE!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
    ],
)
def test_every_error_is_told_with_its_name(tmp_path: Path, error: str, odd: str) -> None:
    rows = row(2, f'{inline("A2", "JV")}<c r="{AMOUNT}2" t="e"><v>{error}</v></c>')
    found = read(tmp_path, workbook(form(rows + odd)))
    (problem,) = found.problems
    assert (problem.code, problem.value, problem.place.cell) == ("cell-error", error, f"{AMOUNT}2")
    assert (problem.place.field, problem.facts) == ("amount", {"error": error})
    assert found.sheets[0].unusable == {(2, "amount")}
    assert found.sheets[0].columns["amount"] == [None]


@READERS
def test_an_error_alone_in_its_row_makes_the_row_count(tmp_path: Path, odd: str) -> None:
    rows = row(2, inline("A2", "JV")) + row(7, f'<c r="{ACCOUNT}7" t="e"><v>#N/A</v></c>')
    found = read(tmp_path, workbook(form(rows + odd)))
    assert found.sheets[0].rows == (2, 7)
    assert told(found) == {f"{ACCOUNT}7": "cell-error"}


@READERS
def test_a_formula_without_a_value_below_everything_else_is_told(tmp_path: Path, odd: str) -> None:
    rows = row(2, inline("A2", "JV")) + row(9, f'<c r="{ACCOUNT}9"><f>A1</f></c>')
    found = read(tmp_path, workbook(form(rows + odd)))
    assert found.sheets[0].rows == (2, 9)
    assert told(found) == {f"{ACCOUNT}9": "formula-without-value"}


@READERS
@pytest.mark.parametrize("cell", ['<c r="{r}9" t="e"/>', '<c r="{r}9" t="e"></c>', '<c r="{r}9" t="e"><v/></c>'])
def test_an_error_without_a_name_is_an_error(tmp_path: Path, cell: str, odd: str) -> None:
    rows = row(2, inline("A2", "JV")) + row(9, cell.replace("{r}", ACCOUNT))
    assert told(read(tmp_path, workbook(form(rows + odd)))) == {f"{ACCOUNT}9": "cell-error"}


@READERS
@pytest.mark.parametrize(
    ("formula", "is_calculated"),
    [
        ('<c r="{r}"><f>1+1</f><v>2</v></c>', True),
        ('<c r="{r}"><f>1+1</f></c>', False),
        ('<c r="{r}"><f>1+1</f><v></v></c>', False),
        ('<c r="{r}"><f>1+1</f><v/></c>', False),
        ('<c r="{r}"><f/><v/></c>', False),
        ('<c r="{r}" t="str"><f>""</f></c>', False),
        ('<c r="{r}" t="str"><f>""</f><v></v></c>', True),
        ('<c r="{r}" t="b"><f>1=1</f><v>0</v></c>', True),
        ('<c r="{r}"><f t="shared" ref="A1:A2" si="0">1/2</f><v>1</v></c>', True),
        ('<c r="{r}"><f t="shared" si="0"/><v>1</v></c>', True),
        ('<c r="{r}"><f t="shared" si="0"/></c>', False),
        ('<c r="{r}"><f t="array" ref="A1" ca="1">1&lt;2</f><v>1</v></c>', True),
        ('<c r="{r}"><f t="array" ref="A1">1>2</f></c>', False),
        ('<c r="{r}" s="2" cm="1"><f t="array" ref="A1">A2</f><v>0</v></c>', True),
    ],
)
def test_only_a_formula_without_any_result_is_told(tmp_path: Path, formula: str, is_calculated: bool, odd: str) -> None:
    rows = row(2, inline("A2", "JV") + formula.replace("{r}", f"{PERIOD}2"))
    found = read(tmp_path, workbook(form(rows + odd)))
    assert told(found) == ({} if is_calculated else {f"{PERIOD}2": "formula-without-value"})


@READERS
@pytest.mark.parametrize("calculation", ['<calcPr fullCalcOnLoad="1"/>', '<calcPr calcId="191029"/>'])
def test_a_nought_that_excel_is_still_to_calculate_is_no_value(tmp_path: Path, calculation: str, odd: str) -> None:
    rows = row(2, f'{inline("A2", "JV")}<c r="{ACCOUNT}2"><f>A1</f><v>0</v></c>')
    found = read(tmp_path, workbook(form(rows + odd), calculation=calculation))
    awaits = "fullCalcOnLoad" in calculation
    assert told(found) == ({f"{ACCOUNT}2": "formula-without-value"} if awaits else {})
    assert found.sheets[0].columns["account"] == [None if awaits else "0"]


def test_formulas_of_openpyxl_are_never_calculated(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    table = book.worksheets[0]
    table.append(FIELDS)
    table.append([*LINE[:5], "=1+1", *LINE[6:]])
    book.save(tmp_path / "book.xlsx")
    found = read_workbook(tmp_path / "book.xlsx", [JOURNALS])
    assert told(found) == {f"{AMOUNT}2": "formula-without-value"}


def test_formulas_of_xlsxwriter_are_never_calculated(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    table = book.add_worksheet()
    table.write_row(0, 0, FIELDS)
    table.write_row(1, 0, ("JV", "=A1", "R", "D", "C", "=1+1"))
    table.write_formula(1, 8, "=2018006", None, 2018006)
    book.close()
    found = read_workbook(tmp_path / "book.xlsx", [JOURNALS])
    assert told(found) == {f"{ACCOUNT}2": "formula-without-value", f"{AMOUNT}2": "formula-without-value"}
    assert found.sheets[0].columns["period"] == ["2018006"]


@READERS
def test_marks_above_the_rows_and_beside_the_columns_are_nobodys_problem(tmp_path: Path, odd: str) -> None:
    rows = row(1, '<c r="A1" t="e"><v>#N/A</v></c><c r="B1"><f>1</f></c>') + headings(2)
    rows += row(3, f'{inline("A3", "JV")}<c r="AZ3" t="e"><v>#N/A</v></c><c r="BA3"><f>1</f></c>')
    assert not [problem for problem in read(tmp_path, workbook(sheet(rows + odd))).problems if problem.blocks]


@READERS
def test_hidden_rows_and_columns_count_and_are_told_once(tmp_path: Path, odd: str) -> None:
    columns = (
        '<cols><col min="2" max="2" width="9" hidden="1" customWidth="1"/><col min="3" max="3" width="0.0"/>'
        '<col min="4" max="4" hidden="true"/>'
        '<col min="6" max="6" width="9"/><col min="40" max="16384" hidden="1"/></cols>'
    )
    line = "".join(inline(f"{name}{{r}}", "x") for name in "ABC")
    rows = (
        row(2, line, ' hidden="1"')
        + row(3, line)
        + row(4, line, ' ht="0" customHeight="1"')
        + row(5, line, ' hidden="1"')
    )
    rows += row(6, "", ' hidden="1"') + row(7, "", ' hidden="0"')
    found = read(tmp_path, workbook(form(rows + odd, before=columns)))
    assert [(problem.wording, problem.facts) for problem in found.problems] == [
        ("hidden-rows.rows", {"rows": "2, 4-5"}),
        ("hidden-rows.columns", {"columns": "B, C"}),
    ]
    assert not any(problem.blocks for problem in found.problems)
    assert found.sheets[0].columns["account"] == ["x"] * 4


@READERS
def test_rows_whose_account_or_amount_is_struck_through_count_and_are_told(tmp_path: Path, odd: str) -> None:
    fonts = '<fonts count="3"><font/><font><strike/></font><font><strike val="0"/></font></fonts>'
    of_cells = "".join(f'<xf fontId="{number}"/>' for number in range(3))
    styles = f'<styleSheet xmlns="{MAIN}">{fonts}<cellXfs>{of_cells}</cellXfs></styleSheet>'

    def line(number: int, **style: int) -> str:
        cells = (inline(f"{name}{{r}}", "x").replace("<c ", f'<c s="{style.get(name, 0)}" ', 1) for name in LETTERS)
        return row(number, "".join(cells))

    rows = line(2, **{ACCOUNT: 1}) + line(3, **{ACCOUNT: 2}) + line(4, **{AMOUNT: 1}) + line(5, A=1)
    found = read(tmp_path, workbook(form(rows + odd), changed={"xl/styles.xml": styles}))
    assert [(one.wording, one.facts) for one in found.problems] == [("hidden-rows.struck", {"rows": "2, 4"})]
    assert found.sheets[0].rows == (2, 3, 4, 5) and not found.problems[0].blocks


@READERS
@pytest.mark.parametrize("is_shared", [True, False])
def test_so_are_rows_of_whose_account_a_part_is_struck_through(tmp_path: Path, odd: str, *, is_shared: bool) -> None:
    texts = [
        f"<r><t>1011</t></r><r><rPr><b/><strike{mark}/></rPr><t>10</t></r>" for mark in ("", ' val="0"', ' val="true"')
    ]

    def account(number: int) -> str:
        place = f'<c r="{ACCOUNT}{number + 2}"'
        return (
            f'{place} t="s"><v>{number}</v></c>' if is_shared else f'{place} t="inlineStr"><is>{texts[number]}</is></c>'
        )

    shared = "".join(f"<si>{text}</si>" for text in texts)
    rows = "".join(row(number + 2, account(number)) for number in range(3))
    found = read(tmp_path, workbook(form(rows + odd), shared=shared))
    assert found.sheets[0].columns["account"] == ["101110"] * 3
    assert [(one.wording, one.facts) for one in found.problems] == [("hidden-rows.struck", {"rows": "2, 4"})]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_counts_and_is_told(tmp_path: Path, state: str) -> None:
    one, other = (form(row(2, inline("B2", account))) for account in ("1", "2"))
    found = read(tmp_path, workbook(one, other, states={1: state}))
    assert [one.columns["account"] for one in found.sheets] == [["1"], ["2"]]
    (problem,) = found.problems
    assert (problem.wording, problem.facts, problem.blocks) == ("hidden-rows.sheet", {"sheet": "Sheet1"}, False)


@READERS
def test_hidden_rows_are_left_out_on_demand_with_what_is_wrong_in_them_and_are_told(tmp_path: Path, odd: str) -> None:
    good, bad = inline("B{r}", "1"), '<c r="B{r}" t="e"><v>#N/A</v></c>'
    rows = row(2, good) + row(3, bad, ' hidden="1"') + row(4, good, ' hidden="1"') + row(5, bad) + row(6, good)
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook(form(rows + odd, after='<mergeCells><mergeCell ref="B3:B4"/></mergeCells>')))
    found = read_workbook(path, [JOURNALS], skip_hidden=True)
    assert [(one.wording, one.place.row, one.facts) for one in found.problems] == [
        ("cell-error", 5, {"error": "#N/A"}),
        ("hidden-rows.left-out", None, {"rows": "3-4", "sheet": "Sheet1"}),
    ]
    assert not found.problems[1].blocks and found.sheets[0].unusable == {(5, "account")}
    assert (found.sheets[0].rows, found.sheets[0].columns["account"]) == ((2, 5, 6), ["1", None, "1"])
    assert "not-allowed.merged" in [one.wording for one in read_workbook(path, [JOURNALS]).problems]


def test_a_hidden_sheet_is_left_out_on_demand_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    one, other = form(row(2, inline("B2", "1"))), sheet(headings(fields=FIELDS[1:]) + row(2, inline("B2", "2")))
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook(one, other, states={2: "hidden"}))
    assert not read_workbook(path, [JOURNALS]).is_usable
    found = read_workbook(path, [JOURNALS], skip_hidden=True)
    assert [one.rows for one in found.sheets] == [(2,), ()]
    (problem,) = found.problems
    assert (problem.wording, problem.blocks) == ("hidden-rows.sheet-left-out", False)
    assert problem.facts == {"rows": "2", "sheet": "Sheet2"}


def test_where_everything_is_left_out_nothing_is_left_to_post(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook(form(row(2, inline("B2", "1"), ' hidden="1"'))))
    wordings = [one.wording for one in read_workbook(path, [JOURNALS], skip_hidden=True).problems]
    assert wordings == ["hidden-rows.left-out", "empty-form"]


def test_a_hidden_sheet_that_is_no_form_is_nobodys_problem(tmp_path: Path) -> None:
    found = read(
        tmp_path, workbook(sheet(row(1, inline("A1", "lists"))), form(row(2, inline("A2", "x"))), states={1: "hidden"})
    )
    assert found.problems == () and found.passed_over == ("Sheet1",)


@READERS
@pytest.mark.parametrize(
    ("cell", "wording", "shown"),
    [
        ('<c r="{r}" s="1"><v>43281</v></c>', "not-text.date", "2018-06-30"),
        ('<c r="{r}" s="2"><v>43281.5</v></c>', "not-text.date", "2018-06-30"),
        ('<c r="{r}" s="5"><v>0.5</v></c>', "not-text.time", "12:00:00"),
        ('<c r="{r}" s="6"><v>1.25</v></c>', "not-text.time", "1 day, 6:00:00"),
        ('<c r="{r}" t="b"><v>0</v></c>', "not-text.truth", "FALSE"),
        ('<c r="{r}"><v>123456789012345678</v></c>', "too-long.digits", "123456789012345680"),
    ],
)
def test_what_excel_made_of_a_code_is_told_and_shown(
    tmp_path: Path, cell: str, wording: str, shown: str, odd: str
) -> None:
    rows = "".join(row(number, inline("A{r}", "1") + cell.replace("{r}", f"{ACCOUNT}{number}")) for number in (2, 3))
    found = read(tmp_path, workbook(form(rows + odd)))
    assert [(problem.place.cell, problem.wording, problem.value) for problem in found.problems] == [
        (f"{ACCOUNT}2", wording, shown),
        (f"{ACCOUNT}3", wording, shown),
    ]
    assert {problem.code for problem in found.problems} == {wording.partition(".")[0]}


@READERS
def test_one_and_true_are_two_things_in_one_column(tmp_path: Path, odd: str) -> None:
    cells = ("<v>1</v>", ' t="b"><v>1</v>', "<v>0</v>", ' t="b"><v>0</v>', "<v>1</v>")
    rows = "".join(
        row(number, f'<c r="{AMOUNT}{number}"{cell if cell.startswith(" ") else ">" + cell}</c>')
        for number, cell in enumerate(cells, start=2)
    )
    assert read(tmp_path, workbook(form(rows + odd))).sheets[0].columns["amount"] == ["1", "TRUE", "0", "FALSE", "1"]


def test_a_day_that_its_format_does_not_show_counts_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "months.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, FIELDS)
    months = book.add_format({"num_format": "mmm-yy"})
    for number, code in enumerate(("mmm-yy", '[$-80A]mmmm "de" yyyy', "d-mmm-yy", "dd/mm/yyyy"), start=1):
        sheet.write_row(number, 0, LINE[:7])
        sheet.write_datetime(number, 7, date(2018, 6, 15), book.add_format({"num_format": code}))
        sheet.write_datetime(number, 8, date(2018, 6, 1), months)
    book.close()
    found = read_workbook(path, (JOURNALS,))
    assert found.sheets[0].columns["transDateTime"] == ["2018-06-15"] * 4
    assert [(one.wording, one.place.row, one.facts["date"], one.blocks) for one in found.problems] == [
        ("time-in-date.month", 2, "2018-06-15", False),
        ("time-in-date.month", 3, "2018-06-15", False),
    ]
