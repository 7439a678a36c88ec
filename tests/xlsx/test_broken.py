"""A workbook whose parts make no sense is refused, and so is a sheet that may be a form and cannot be read; one that is
certainly none is set aside."""

from pathlib import Path

import pytest

from importer.model.problems import column_letters
from importer.model.workbook import Workbook
from tests.xlsx.archives import FIELDS, MAIN, ODD, OFFICE, form, inline, letter, read, row, sheet, workbook


def refused(found: Workbook) -> bool:
    """True when nothing of the file is used, since it, or its only sheet, cannot be read."""
    (problem,) = found.problems
    return problem.code == "unreadable-file" and problem.blocks and not (found.sheets or found.is_usable)


def book(sheets: str) -> str:
    """A workbook part with these sheets."""
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'


AMOUNT = letter("amount")
TWO = row(2, inline("A2", "x")) + row(3, inline("A3", "y"))
BROKEN: dict[str, str | bytes] = {
    "rows out of order": form("<!-- x -->" + row(3, inline("A3", "y")) + row(2, inline("A2", "x"))),
    "a row twice": form("<!-- x -->" + row(2, inline("B2", "x")) + row(2, inline("A2", "y"))),
    "two values of one cell": form(row(2, '<c r="A2"><v>1</v><v>2</v></c>')),
    "cells out of order": form("<!-- x -->" + row(2, inline("C2", "y") + inline("A2", "x"))),
    "a cell of another row": form(row(2, inline("A2", "x") + inline("B7", "y"))),
    "a cell of another row, this row's number behind it": form(row(2, '<c r="B7"><v>5</v></c><x y="2" s="1"/>')),
    "a row without a number, its cells with one": form('<row><c r="A7"><v>1</v></c></row>'),
    "a row behind the last": form(row(1_048_577, inline("A{r}", "x"))),
    "a row far behind the last": form(row(99_999_999_999, inline("A{r}", "x"))),
    "row nought": sheet(row(0, inline("A0", "x"))),
    "a negative row": form('<row r="-5"><c r="A2"><v>1</v></c></row>'),
    "a column behind the last": form(row(2, inline("A2", "x") + inline("XFE2", "y"))),
    "a reference that is none": form(row(2, '<c r="2A"><v>1</v></c>')),
    "a shared text that is none": form(row(2, '<c r="A2" t="s"><v>5</v></c>')),
    "an element in a number": form(row(2, f'<c r="{AMOUNT}2"><v>43<x/>273</v></c>')),
    "an entity nobody declared": form(row(2, f'<c r="{AMOUNT}2"><v>&x;</v></c>')),
    "tags that cross": form(row(2, '<c r="A2"><v>1</c></v>')),
    "no end": form(TWO).partition("</sheetData>")[0],
    "nothing": "",
    "bytes that are no text": form(row(2, inline("A2", "x"))).encode().replace(b">x<", b">\xff\xfe<"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_sheet_is_refused_with_a_sentence(tmp_path: Path, case: str) -> None:
    assert refused(read(tmp_path, workbook(BROKEN[case])))


@pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])
@pytest.mark.parametrize(
    ("marks", "value"),
    [("", "1E400"), ("", "950E2862"), ("", "NaN"), ("", "12,50"), (' t="b"', "yes"), (' t="d"', "x")],
)
def test_a_value_that_is_none_of_its_kind_is_told_at_its_cell(tmp_path: Path, marks: str, value: str, odd: str) -> None:
    cells = f'{inline("A2", "x")}<c r="{AMOUNT}2"{marks}><v>{value}</v></c>'
    found = read(tmp_path, workbook(form(row(2, cells) + odd)))
    (problem,) = found.problems
    assert (problem.wording, problem.place.cell, problem.value) == ("cell-error.unreadable", f"{AMOUNT}2", value)
    assert found.sheets[0].unusable == {(2, "amount")}


def test_a_row_in_several_pieces_is_one_row(tmp_path: Path) -> None:
    pieces = row(2, inline("A2", "x")) + row(2, inline(f"{AMOUNT}2", "7"))
    (found,) = read(tmp_path, workbook(form(pieces))).sheets
    assert (found.rows, found.columns["amount"]) == ((2,), ["7"])


def test_a_broken_sheet_beside_others_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, workbook(form(TWO), BROKEN["no end"], sheet("")))
    (problem,) = found.problems
    assert (problem.wording, problem.place.sheet, problem.blocks) == ("unreadable-file.cell", "Sheet2", True)
    assert problem.facts == {"sheet": "Sheet2", "cell": "A3"}
    assert [one.rows for one in found.sheets] == [(2, 3)] and not found.is_usable


def test_a_form_that_breaks_far_below_its_headings_blocks_at_its_cell(tmp_path: Path) -> None:
    rows = "".join(row(number, inline("A{r}", "x")) for number in range(2, 90))
    found = read(tmp_path, workbook(form(TWO), form(rows + row(90, inline("A{r}", "x") + inline("B7", "y")))))
    (problem,) = found.problems
    assert (problem.wording, problem.facts["cell"], found.is_usable) == ("unreadable-file.cell", "B7", False)


TWENTY = "".join(row(number, inline("A{r}", "x")) for number in range(1, 21))
CALLED = "".join(f'<c r="{column_letters(index)}3"><v>x</v></c>' for index in range(8))
ODD_SHEETS = {
    "a number that is none": (sheet(row(1, '<c r="A1"><v>1</v></c><c r="B1"><v>abc</v></c>')), "B1", False),
    "a number behind all numbers": (sheet(row(7, '<c r="C7"><v>950E2862</v></c>')), "C7", False),
    "an order that breaks behind all heading rows": (sheet(TWENTY + row(21, "") + row(5, "")), None, False),
    "an order that breaks where headings may stand": (sheet(row(3, inline("A3", "x")) + row(2, "")), "A3", True),
    "an end in the middle of a heading row": (sheet(row(3, inline("A3", "x"))).partition("</row>")[0], "A3", True),
    "cells that may all be headings": (sheet(row(3, CALLED)), "A3", True),
    "a heading that cannot be read": (form(TWO).replace(inline("B1", FIELDS[1]), '<c r="B1"><v>x</v></c>'), "B1", True),
}


@pytest.mark.parametrize("case", ODD_SHEETS)
def test_an_odd_sheet_is_set_aside_unless_it_may_be_a_form(tmp_path: Path, case: str) -> None:
    xml, cell, may_be_form = ODD_SHEETS[case]
    found = read(tmp_path, workbook(form(TWO), xml))
    told = [(one.wording, one.place.sheet, one.facts["cell"], one.blocks) for one in found.problems]
    wording = "unreadable-file.cell" if may_be_form else "unreadable-file.aside"
    assert told == ([] if cell is None else [(wording, "Sheet2", cell, may_be_form)])
    assert found.sheets[0].rows == (2, 3) and found.is_usable is not may_be_form


def test_a_sheet_whose_part_is_missing_is_named_and_keeps_the_others_back(tmp_path: Path) -> None:
    sheets = '<sheet name="A" sheetId="1" r:id="rId1"/><sheet name="B" sheetId="2" r:id="rId7"/>'
    found = read(tmp_path, workbook(form(TWO), changed={"xl/workbook.xml": book(sheets)}))
    (problem,) = found.problems
    assert (problem.wording, problem.place.sheet, found.is_usable) == ("unreadable-file.sheet", "B", False)


PARTS: dict[str, dict[str, str | bytes | None]] = {
    "no sheet": {"xl/worksheets/sheet1.xml": None},
    "no workbook": {"xl/workbook.xml": None},
    "no relations": {"xl/_rels/workbook.xml.rels": None},
    "broken shared texts": {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>a<si><t>b</t></si></sst>'},
    "broken styles": {"xl/styles.xml": "<styleSheet"},
    "an empty workbook part": {"xl/workbook.xml": ""},
    "two sheets of one name": {
        "xl/workbook.xml": book('<sheet name="A" sheetId="1" r:id="rId1"/><sheet name="a" sheetId="2" r:id="rId1"/>')
    },
    "a sheet without a part": {"xl/workbook.xml": book('<sheet name="A" sheetId="1" r:id="rId7"/>')},
}


@pytest.mark.parametrize("case", PARTS)
def test_parts_that_do_not_fit_together_are_refused_with_a_sentence(tmp_path: Path, case: str) -> None:
    assert refused(read(tmp_path, workbook(form(TWO), changed=PARTS[case])))
