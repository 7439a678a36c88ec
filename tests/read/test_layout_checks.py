"""What a sheet cannot tell as it stands: keys nobody read, headings once more, merged cells, half an alternative."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from importer.model.workbook import Workbook
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS
from tests.xlsx.archives import ODD, inline, plain_sheets, row, sheet, workbook

Cells = Sequence[str | None]

WIRE = ("journalType", "account", "treference", "description", "transaction", "amount", "currency", "transDateTime")
BOTH_SIDES = (*WIRE[:4], "debit", "credit", *WIRE[6:], "period")
HEADINGS = (*WIRE, "period")
READERS = pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])


def line(account: str = "101110", side: str = "D") -> Cells:
    return ("JV", account, "REF", "text", side, "5", "MXN1", "2018-06-30", "2018006")


def read(folder: Path, rows: Sequence[Cells | None], odd: str = "", after: str = "") -> Workbook:
    """A sheet of these rows from row 1 on; a row that is None is left out."""
    written = [row(number, cells_of(number, texts)) for number, texts in enumerate(rows, start=1) if texts is not None]
    path = folder / "book.xlsx"
    path.write_bytes(workbook(sheet("".join(written) + odd, after=after)))
    return read_workbook(path, FORMS)


def cells_of(number: int, texts: Cells) -> str:
    return "".join(
        text.format(r=f"{chr(65 + index)}{number}")
        if text.startswith("<")
        else inline(f"{chr(65 + index)}{number}", text)
        for index, text in enumerate(texts)
        if text is not None
    )


def told(found: Workbook) -> list[tuple[str, dict[str, str]]]:
    return [(problem.wording, dict(problem.facts)) for problem in found.problems]


def wordings(found: Workbook) -> list[str]:
    return [problem.wording for problem in found.problems]


def beside(heading: str | None, texts: Sequence[str | None], accounts: Sequence[str] = "ABAC") -> list[Cells]:
    """A sheet whose column A is none of the form's."""
    lines = [(text, *line(account)) for text, account in zip(texts, accounts, strict=False)]
    return [(heading, *HEADINGS), *lines]


@READERS
@pytest.mark.parametrize("heading", ["No. de póliza", "Folio"])
def test_an_unread_column_of_keys_blocks_the_sheet(tmp_path: Path, heading: str, odd: str) -> None:
    found = read(tmp_path, beside(heading, ["1", "1", "2", "2"]), odd)
    assert told(found) == [("missing-column.key", {"heading": "journal", "row": "1", "meant": heading, "cell": "A1"})]
    assert not found.is_usable


@READERS
@pytest.mark.parametrize("heading", [None, '<c r="{r}" t="e"><f>X!A1</f><v>#REF!</v></c>'], ids=["blank", "error"])
def test_a_headless_column_of_keys_blocks_the_sheet(tmp_path: Path, heading: str | None, odd: str) -> None:
    found = read(tmp_path, beside(heading, ["1", "1", "2", "2"]), odd)
    assert told(found) == [("missing-column.key-blank", {"heading": "journal", "row": "1", "column": "A"})]
    assert not found.is_usable


def test_keys_in_the_first_rows_of_their_journals_block_under_a_heading_that_names_them(tmp_path: Path) -> None:
    assert wordings(read(tmp_path, beside("Póliza no.", ["1", None, "2", None]))) == ["missing-column.key"]


def test_an_unread_column_of_keys_blocks_beside_a_key_column_without_entries(tmp_path: Path) -> None:
    rows = [(*cells, heading) for cells, heading in zip(beside("Folio", "1122"), ("journal", *[None] * 4), strict=True)]
    assert wordings(read(tmp_path, rows)) == ["missing-column.key"]
    keyed = [(*cells, heading) for cells, heading in zip(beside("Folio", "1122"), ("journal", *"9999"), strict=True)]
    assert wordings(read(tmp_path, keyed)) == ["unknown-column.heading"]


REMARKS = {
    "blank but for one": ["look here", None, None, None],
    "mostly blank": ["ok", None, None, "ask Ana"],
    "all different": ["rent", "power", "water", "bank"],
    "the same everywhere": ["ok"] * 4,
    "amounts": ["1.5", "2.5", "1.5", "2.5"],
    "names of the accounts": ["Bank", "Sales", "Bank", "Rent"],
}


@READERS
@pytest.mark.parametrize("texts", REMARKS.values(), ids=REMARKS)
@pytest.mark.parametrize("heading", ["Notas", None])
def test_remarks_are_no_keys(tmp_path: Path, heading: str | None, texts: list[str | None], odd: str) -> None:
    (wording,) = wordings(read(tmp_path, beside(heading, texts), odd))
    assert wording.startswith("unknown-column")


SWAPPED = (*BOTH_SIDES[:4], "credit", "debit", *BOTH_SIDES[6:])
SPANISH = ("Tipo de póliza", "Cuenta", "Referencia", None, "ABONO", "Cargo *", "Moneda")


def two_sides(debit: str | None, credit: str | None) -> Cells:
    return ("JV", "101110", "REF", "text", debit, credit, "MXN1", "2018-06-30", "2018006")


@READERS
@pytest.mark.parametrize("second", [SWAPPED, SPANISH, BOTH_SIDES], ids=["swapped", "spanish", "equal"])
def test_headings_once_more_block_the_sheet(tmp_path: Path, second: Cells, odd: str) -> None:
    rows = [BOTH_SIDES, two_sides("5", None), two_sides(None, "5"), None, second, two_sides("7", None)]
    found = read(tmp_path, rows, odd)
    assert told(found) == [("duplicate-column.headings", {"row": "5", "sheet": "Sheet1"})]
    assert not found.is_usable


def test_headings_once_more_block_a_sheet_of_records(tmp_path: Path) -> None:
    rows: list[Cells] = [
        ("catId", "code", "name"),
        ("10", "NEW1", "One"),
        ("catId", "name", "code"),
        ("10", "Two", "B"),
    ]
    assert told(read(tmp_path, rows)) == [("duplicate-column.headings", {"row": "3", "sheet": "Sheet1"})]


def test_texts_that_are_called_like_headings_are_no_second_headings(tmp_path: Path) -> None:
    rows: list[Cells] = [HEADINGS, ("JV", "Cuenta", "Referencia", "Descripción", *line()[4:])]
    assert read(tmp_path, rows).problems == ()
    assert read(tmp_path, [("catId", "code", "name"), ("10", "CODE", "Name")]).problems == ()


MERGED = '<mergeCells count="1"><mergeCell ref="{}"/></mergeCells>'


@READERS
@pytest.mark.parametrize("reference", ["D2:D3", "D3:E4", "C1:D3"])
def test_merged_cells_that_hide_blank_ones_block_the_sheet(tmp_path: Path, reference: str, odd: str) -> None:
    found = read(tmp_path, [HEADINGS, line(), line(), line()], odd, MERGED.format(reference))
    assert told(found) == [("not-allowed.merged", {"ranges": reference})]
    assert not found.is_usable


@READERS
@pytest.mark.parametrize("reference", ["A1:I1", "I2:J2", "K2:L3", "D5:D9", "D4:D9"])
def test_merged_cells_that_hide_nothing_are_nobodys_problem(tmp_path: Path, reference: str, odd: str) -> None:
    assert read(tmp_path, [HEADINGS, line(), line(), line()], odd, MERGED.format(reference)).problems == ()


@READERS
@pytest.mark.parametrize("reference", ["D2:E2", "D2:F2"])
def test_an_entry_under_merged_cells_counts_and_is_told_at_its_cell(tmp_path: Path, reference: str, odd: str) -> None:
    """Excel shows the first of them alone."""
    rows = [HEADINGS, (*line()[:5], None, *line()[6:]), line()]
    found = read(tmp_path, rows, odd, MERGED.format(reference))
    (problem,) = found.problems
    assert (problem.wording, problem.place.cell, problem.value) == ("hidden-cell", "E2", line()[4])
    assert (problem.facts, problem.blocks, found.is_usable) == ({"ranges": reference}, False, True)
    assert [found.sheets[0].columns[field][0] for field in HEADINGS[3:6]] == [*line()[3:5], None]


def test_many_merged_cells_are_one_problem(tmp_path: Path) -> None:
    merges = "".join(f'<mergeCell ref="{chr(65 + index)}2:{chr(65 + index)}3"/>' for index in range(9)) * 2
    (problem,) = read(tmp_path, [HEADINGS, line(), line()], after=f"<mergeCells>{merges}</mergeCells>").problems
    assert problem.facts["ranges"].startswith("A2:A3, B2:B3") and problem.facts["ranges"].endswith(" …")


def test_half_of_an_alternative_beside_blank_columns_lacks_the_other_half(tmp_path: Path) -> None:
    for used, lacked in (("debit", "credit"), ("credit", "debit")):
        blank: list[Cells] = [(*HEADINGS, used), (*line()[:4], None, None, *line()[6:], "100")]
        facts = {"heading": lacked, "sheet": "Sheet1", "row": "1"}
        found = read(tmp_path, blank)
        assert (told(found), found.is_usable) == ([("missing-column", facts)], False)


LINE = row(9, inline("A9", "lost"))


@pytest.mark.parametrize(
    ("before", "after"),
    [("", LINE), (LINE, ""), ("", "<!-- x -->")],
    ids=["rows behind", "rows before", "a comment behind"],
)
def test_the_fast_reader_leaves_what_it_cannot_tell_beside_the_rows(before: str, after: str) -> None:
    assert plain_sheets(workbook(sheet(row(1, inline("A1", "x"))))) == [True]
    assert plain_sheets(workbook(sheet(row(1, inline("A1", "x")), before, after))) == [False]


def test_a_part_cut_off_behind_its_rows_is_damaged(tmp_path: Path) -> None:
    whole = sheet(row(1, cells_of(1, HEADINGS)) + row(2, cells_of(2, line())))
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook(whole.replace("</worksheet>", "<mergeCells")))
    assert wordings(read_workbook(path, FORMS)) == ["unreadable-file.cell"]
    path.write_bytes(workbook(whole + "\n"))
    assert plain_sheets(path.read_bytes()) == [True]
