"""Odd cells and odd files: right values or a clear problem, never silence."""

from pathlib import Path

import pytest

from importer.model.workbook import FormSheet, Workbook
from importer.read.folders import find_workbooks
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS, JOURNALS
from tests.xlsx.hand_made import MAIN, STRICT, heading, line, text, workbook

NUMBER = '<c r="{at}"><v>%s</v></c>'
DATE = '<c r="{at}" s="1"><v>%s</v></c>'

CELLS: list[tuple[str, str, str | None]] = [
    ("account", NUMBER % "101110", "101110"),
    ("account", text("{at}", "001234"), "001234"),
    ("account", NUMBER % "101110.0", "101110"),
    ("account", text("{at}", "\u00a0\u200b 101110  NF \ufeff"), "101110  NF"),
    ("account", text("{at}", "NA"), "NA"),
    ("account", text("{at}", "1E5"), "1E5"),
    ("account", text("{at}", " \u00a0 "), None),
    ("period", NUMBER % "2018006", "2018006"),
    ("amount", NUMBER % "18630.099999999999", "18630.1"),
    ("amount", NUMBER % "0.30000000000000004", "0.3"),
    ("amount", NUMBER % "9803982.4499999993", "9803982.45"),
    ("amount", NUMBER % "9999999999999.99", "9999999999999.99"),
    ("amount", NUMBER % "1E-3", "0.001"),
    ("amount", NUMBER % "1.2E3", "1200"),
    ("amount", NUMBER % "-0", "0"),
    ("amount", text("{at}", "1,234.50"), "1,234.50"),
    ("transDateTime", DATE % "43281", "2018-06-30"),
    ("transDateTime", NUMBER % "43281", "43281"),
    ("transDateTime", text("{at}", "2018-06-30"), "2018-06-30"),
    ("transDateTime", text("{at}", "30/06/2018"), "30/06/2018"),
    ("transaction", text("{at}", " d "), "D"),
    ("description", text("{at}", "Ñandú &amp; 東京 😀"), "Ñandú & 東京 😀"),
    ("description", text("{at}", "a_x000D_b"), "a\rb"),
    (
        "description",
        '<c r="{at}" t="inlineStr"><is><r><t>bold</t></r><r><t xml:space="preserve"> plain</t></r></is></c>',
        "bold plain",
    ),
    ("description", '<c r="{at}" t="str"><f>A1</f><v>calculated</v></c>', "calculated"),
    ("amount", '<c r="{at}"><f>1+1</f><v>2</v></c>', "2"),
    ("account", '<c r="{at}" t="str"><f>IF(1,"","")</f><v></v></c>', None),
]

PROBLEMS = [
    ("amount", '<c r="{at}" t="e"><v>#N/A</v></c>', "cell-error", "#N/A"),
    ("amount", '<c r="{at}" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "cell-error", "#DIV/0!"),
    ("account", '<c r="{at}" t="e"><v>#REF!</v></c>', "cell-error", "#REF!"),
    ("amount", '<c r="{at}"><f>1+1</f></c>', "formula-without-value", None),
    ("amount", '<c r="{at}"><f>1+1</f><v></v></c>', "formula-without-value", None),
    ("amount", '<c r="{at}"><f>1+1</f><v/></c>', "formula-without-value", None),
    ("account", DATE % "43281", "not-text", "2018-06-30"),
    ("account", '<c r="{at}" t="b"><v>1</v></c>', "not-text", "TRUE"),
]


def read(tmp_path: Path, content: bytes) -> Workbook:
    path = tmp_path / "odd.xlsx"
    path.write_bytes(content)
    return read_workbook(path, [JOURNALS])


def only_sheet(book: Workbook) -> FormSheet:
    (sheet,) = book.sheets
    return sheet


@pytest.mark.parametrize(("field", "cell", "expected"), CELLS)
def test_a_cell_means_what_the_accountant_sees(field: str, cell: str, expected: str | None, tmp_path: Path) -> None:
    book = read(tmp_path, workbook(heading() + line(2, **{field: cell})))
    assert book.problems == ()
    assert only_sheet(book).columns[field] == [expected] and only_sheet(book).rows == (2,)


@pytest.mark.parametrize(("field", "cell", "code", "value"), PROBLEMS)
def test_a_cell_without_a_value_to_trust_is_a_problem_at_its_place(
    field: str, cell: str, code: str, value: str | None, tmp_path: Path
) -> None:
    book = read(tmp_path, workbook(heading() + line(7, **{field: cell})))
    (problem,) = book.problems
    assert (problem.code, problem.value, problem.place.row, problem.place.field) == (code, value, 7, field)
    sheet = only_sheet(book)
    assert sheet.columns[field] == [None] and sheet.unusable == {(7, field)}


def test_a_row_that_holds_nothing_but_an_error_is_not_blank(tmp_path: Path) -> None:
    rows = heading() + '<row r="5"><c r="G5" t="e"><v>#N/A</v></c></row>'
    assert only_sheet(read(tmp_path, workbook(rows))).rows == (5,)


GOOD = line(4, account=NUMBER % "101110", amount=NUMBER % "18630.1", transDateTime=DATE % "43281")


@pytest.mark.parametrize(
    "content",
    [
        workbook(heading(3) + GOOD),
        workbook(heading(3) + GOOD, before='<dimension ref="A1"/>'),
        workbook(heading(3) + GOOD, before='<dimension ref="A1:XFD1048576"/>'),
        workbook(heading(3) + GOOD, namespace=STRICT),
        workbook(heading(3) + GOOD + '<row r="9" s="1" customFormat="1"/>' + '<row r="10"><c r="A10" s="1"/></row>'),
        workbook((heading(3) + GOOD).replace('"', "'")),
        workbook(heading(3) + "<!-- a remark -->" + GOOD),
        workbook(
            "",
            sheet=f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>'
            + (heading(3) + GOOD).replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
            + "</x:sheetData></x:worksheet>",
        ),
        workbook(
            "",
            sheet=f'<worksheet xmlns="{MAIN}"><sheetData>{heading(3)}{GOOD}</sheetData></worksheet>'.encode("utf-16"),
        ),
    ],
    ids=["plain", "dimension A1", "huge dimension", "strict", "formatted", "quotes", "remark", "prefix", "utf-16"],
)
def test_the_shape_of_the_xml_does_not_change_a_value(content: bytes, tmp_path: Path) -> None:
    book = read(tmp_path, content)
    if book.problems:
        assert [problem.code for problem in book.problems] == ["unreadable-file"]
        assert b"\xff\xfe" in content or "x:worksheet" not in str(content)
        return
    sheet = only_sheet(book)
    assert (sheet.rows, sheet.heading_row) == ((4,), 3)
    found = {field: sheet.columns[field][0] for field in ("account", "amount", "transDateTime")}
    assert found == {"account": "101110", "amount": "18630.1", "transDateTime": "2018-06-30"}


def test_the_1904_date_system_gives_the_same_days(tmp_path: Path) -> None:
    rows = heading() + line(2, transDateTime=DATE % str(43281 - 1462))
    book = read(tmp_path, workbook(rows, book='<workbookPr date1904="1"/>'))
    assert only_sheet(book).columns["transDateTime"] == ["2018-06-30"]


def test_missing_references_are_counted_from_the_left_and_the_top(tmp_path: Path) -> None:
    import re

    bare = re.sub(r' r="[A-Z]*[0-9]+"', "", heading() + line(2, account=NUMBER % "101110"))
    sheet = only_sheet(read(tmp_path, workbook(bare)))
    assert sheet.rows == (2,) and sheet.columns["journal"] == ["x"]


def test_one_value_far_below_is_read_and_costs_no_gigabytes(tmp_path: Path) -> None:
    sheet = only_sheet(read(tmp_path, workbook(heading() + GOOD + line(1048576, account=NUMBER % "101120"))))
    assert sheet.rows == (4, 1048576) and sheet.columns["account"] == ["101110", "101120"]


def test_a_value_in_the_last_corner_never_ends_the_process(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    book = read(tmp_path, workbook(heading() + GOOD + far))
    assert [problem.code for problem in book.problems] in (["unsafe-file"], ["unknown-column"])
    if book.sheets:
        assert only_sheet(book).rows == (4,)


def test_hidden_rows_and_columns_count_and_are_told(tmp_path: Path) -> None:
    rows = heading() + GOOD.replace('<row r="4">', '<row r="4" hidden="1">')
    columns = '<cols><col min="3" max="3" width="9" hidden="1"/><col min="40" max="16384" hidden="1"/></cols>'
    book = read(tmp_path, workbook(rows, before=columns))
    assert [(one.wording, dict(one.facts)) for one in book.problems] == [
        ("hidden-rows.rows", {"rows": "4"}),
        ("hidden-rows.columns", {"columns": "C"}),
    ]
    assert only_sheet(book).columns["account"] == ["101110"]


def test_the_headings_tell_what_is_missing_unknown_or_said_twice(tmp_path: Path) -> None:
    rows = heading().replace(">period<", ">Nota<").replace(">currency<", ">cuenta<") + GOOD
    found = sorted(problem.code for problem in read(tmp_path, workbook(rows)).problems)
    assert found == ["duplicate-column", "missing-column", "missing-column", "unknown-column"]


def test_a_column_with_entries_but_no_heading_is_told(tmp_path: Path) -> None:
    rows = heading().replace(text("J1", "period"), text("L1", "period"))
    extra = line(2, account=NUMBER % "101110").replace("</row>", text("K2", "stray") + "</row>")
    (problem,) = read(tmp_path, workbook(rows + extra)).problems
    assert (problem.wording, problem.place.column) == ("unknown-column.blank", "K")


@pytest.mark.parametrize(
    ("rows", "code"),
    [(heading(), "empty-form"), ("", "no-form-found"), (heading(21) + line(22), "no-form-found")],
)
def test_a_workbook_without_rows_is_never_a_success(rows: str, code: str, tmp_path: Path) -> None:
    book = read(tmp_path, workbook(rows))
    assert [problem.code for problem in book.problems] == [code] and not book.is_usable


OLE = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'

FILES = [
    (b"", "unreadable-file.empty"),
    (b"PK\x03\x04 but no more", "unreadable-file.damaged"),
    (workbook(heading())[:-200], "unreadable-file.damaged"),
    (OLE, "unreadable-file.damaged"),
    (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted-file"),
    (b"journal;account\r\nA;101110\r\n", "no-form-found.seen"),
    (b"\xef\xbb\xbf <html><table></table></html>", "unsupported-format.html"),
    (workbook("", more={"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "unreadable-file.damaged"),
    (workbook("", more={"xl/workbook.bin": b"x"}), "unreadable-file.damaged"),
    (workbook("", sheet=f'{DOCTYPE}<worksheet xmlns="{MAIN}"/>'), "unsafe-file.doctype"),
    (workbook("", sheet=f'{DOCTYPE}<worksheet xmlns="{MAIN}"/>'.encode("utf-16")), "unsafe-file.doctype"),
    (workbook("", more={"xl/media/bomb.xml": b"0" * 50_000_000}), "unsafe-file.ratio"),
    (workbook("", more={f"xl/{number}.xml": b"<x/>" for number in range(2500)}), "unsafe-file.members"),
]


@pytest.mark.parametrize(("content", "wording"), FILES, ids=[wording for _, wording in FILES])
def test_each_file_that_is_no_workbook_has_its_own_sentence(content: bytes, wording: str, tmp_path: Path) -> None:
    book = read(tmp_path, content)
    assert [problem.wording for problem in book.problems] == [wording]
    assert not book.is_usable and book.sheets == () and book.sha256 is not None


def test_a_missing_file_a_folder_and_a_lock_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "~$june.xlsx").write_bytes(b"\x05Ana")
    for name, wording in (("none.xlsx", "missing"), (".", "folder")):
        (problem,) = read_workbook(tmp_path / name, [JOURNALS]).problems
        assert problem.wording == f"unreadable-file.{wording}"
    (problem,) = read_workbook(tmp_path / "~$june.xlsx", [JOURNALS]).problems
    assert problem.wording == "unsupported-format.lock"


def test_a_folder_is_its_workbooks_by_name_each_once(tmp_path: Path) -> None:
    for name in ("b.xlsx", "A.XLSM", "~$b.xlsx", ".hidden.xlsx", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    found = find_workbooks([tmp_path, tmp_path / "b.xlsx"], FORMS)
    assert [path.name for path in found] == ["A.XLSM", "b.xlsx"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert find_workbooks([empty], FORMS) == [empty]
