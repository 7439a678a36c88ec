"""Which shapes of XML the fast reader takes, and which it leaves to the exact one."""

import re
from pathlib import Path

import pytest

from importer.model.problems import column_letters
from tests.xlsx.archives import (
    MAIN,
    ODD,
    form,
    inline,
    letter,
    plain_sheets,
    read,
    read_form,
    row,
    sheet,
    workbook,
)

ACCOUNT = letter("account")
LINE = row(2, f'{inline("A2", "JV")}{inline(f"{ACCOUNT}2", "0012")}<c r="F2"><v>12.5</v></c>')
READERS = pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])


def prefixed(names: str) -> str:
    """The form with a prefix before the names of some elements."""
    return re.sub(rf"<(/?)(?={names})", r"<\1x:", form(LINE)).replace("xmlns=", "xmlns:x=")


WRITTEN = {
    "by openpyxl and .NET, blanks before the end of a tag": form(
        row(2, inline("A2", "JV") + '<c r="B2" s="1" /><c r="C2" t="str"><f>""</f><v /></c>') + '<row r="3" />'
    ),
    "by Apache POI, row by row": form(LINE)
    .replace("<row", "\n<row")
    .replace('1">', '1">\n')
    .replace("</row>", "</row>\n"),
    "by the Open XML SDK, with a prefix": prefixed("[a-z]"),
    "by SheetJS, days as texts": form(row(2, '<c r="I2" t="d"><v>2018-06-30T00:00:00.000Z</v></c>')),
    "with the type before the style": form(row(2, '<c r="F2" t="n" s="0"><v>12.5</v></c>')),
    "with a style that is not there": form(row(2, '<c r="A2" s="9999"><v>1</v></c>')),
    "with truths in words": form(row(2, '<c r="B2" t="b"><v>true</v></c>')),
    "without a declaration": form(LINE).partition("\n")[2],
    "with single quotes in the declaration": form(LINE).replace(
        'version="1.0" encoding="UTF-8"', "version='1.0' encoding='utf-8'"
    ),
    "with a note of its own and marks of rows": form(
        row(2, inline("A2", "JV") + '<c r="B2" cm="1" vm="2"><v>7</v></c>', ' spans="1:9" x14ac:dyDescent="0.25"')
    ).replace(" xmlns=", ' xmlns:x14ac="urn:ac" xmlns='),
}

LEFT = {
    "a comment before the rows": form(LINE, before="<!-- x -->"),
    "columns in a comment": form(LINE, before='<!--<cols><col min="1" max="3" hidden="1"/></cols>-->'),
    "columns without an end": form(LINE, before="<cols>" * 20_000),
    "a cell of another namespace": form(LINE.replace('<c r="F2"', '<c r="F2" xmlns="urn:u"')),
    "a row of another namespace": form(LINE.replace("<row ", '<row xmlns="urn:u" ')),
    "rows of another namespace": form(LINE).replace("<sheetData>", '<sheetData xmlns="urn:u">'),
    "rows without the prefix": re.sub(r"<(/?)(?=worksheet|sheetData)", r"<\1x:", form(LINE)).replace(
        "xmlns=", "xmlns:x="
    ),
    "an encoding behind a tab": form(LINE).replace(' encoding="UTF-8"', '\tencoding="ISO-8859-1"'),
    "an encoding with blanks": form(LINE).replace('encoding="UTF-8"', 'encoding = "ISO-8859-1"'),
    "another version of XML": form(LINE).replace('version="1.0"', 'version="1.1"'),
    "a cell within an empty row": form('<row r="2"/><c r="A2"><v>1</v></c>'),
    "a value behind an empty cell": form(row(2, '<c r="A2"/><v>1</v></c>')),
    "an element in a text": form(row(2, '<c r="A2" t="inlineStr"><is><r><t>a<f/></t></r></is></c>')),
    "a cell that stands there twice": form(row(2, '<c r="A2"><v>1</v></c><c r="A2"><v>2</v></c>')),
    "marks that say two things": form(row(2, '<c r="A2" t="n" t="str"><v>1</v></c>')),
}


@pytest.mark.parametrize("shape", WRITTEN)
def test_what_programs_write_is_read_fast_and_as_the_exact_reader_does(tmp_path: Path, shape: str) -> None:
    one, other = WRITTEN[shape], re.sub(r"(</(?:x:)?sheetData>)", rf"{ODD}\1", WRITTEN[shape])
    assert plain_sheets(workbook(one)) == [True]
    fast, exact = (read(tmp_path, workbook(xml)) for xml in (one, other))
    assert (fast.sheets, fast.problems) == (exact.sheets, exact.problems)
    assert fast.sheets[0].rows == (2,)


@pytest.mark.parametrize("shape", LEFT)
def test_what_could_mean_something_else_is_left_to_the_exact_reader(shape: str) -> None:
    assert plain_sheets(workbook(LEFT[shape])) == [False]


def test_columns_in_a_comment_hide_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, workbook(LEFT["columns in a comment"])).problems == ()


def test_cells_far_from_one_another_take_no_room_for_the_blanks_between() -> None:
    diagonal = "".join(f'<row r="{n}"><c r="{column_letters(n)}{n}"><v>1</v></c></row>' for n in range(1, 3_000))
    assert plain_sheets(workbook(sheet(diagonal))) == [False]


@READERS
@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<t>_x005F_x000D_</t>", "_x000D_"),
        ("<t>ax005F_b</t>", "ax005F_b"),
        ("<t>#VALUES</t>", "#VALUES"),
        ("<t>a</t><t>b</t>", "ab"),
        ('<r><t>a</t></r><rPh sb="0" eb="1"><t>x</t></rPh><r><t> b</t></r>', "a b"),
        ('<u:t xmlns:u="urn:u">x</u:t><t>a</t>', "a"),
    ],
)
def test_a_shared_text_is_the_same_by_both_readers(tmp_path: Path, inside: str, text: str, odd: str) -> None:
    rows = row(2, f'<c r="{ACCOUNT}2" t="s"><v>0</v></c>')
    found = read_form(tmp_path, workbook(form(rows + odd), shared=f"<si>{inside}</si>"))
    assert found.columns["account"] == [text]


@READERS
def test_elements_of_other_namespaces_do_not_move_the_shared_texts(tmp_path: Path, odd: str) -> None:
    rows = row(2, f'<c r="{ACCOUNT}2" t="s"><v>1</v></c>')
    shared = '<u:si xmlns:u="urn:u"><u:t>x</u:t></u:si><si><t>0</t></si><si><t>1</t></si>'
    assert read_form(tmp_path, workbook(form(rows + odd), shared=shared)).columns["account"] == ["1"]


def test_parts_that_are_named_and_not_there_are_not_needed(tmp_path: Path) -> None:
    changed = {"xl/sharedStrings.xml": None, "xl/styles.xml": None}
    found = read_form(tmp_path, workbook(form(LINE), changed=changed))
    assert found.columns["account"] == ["0012"]


def test_a_part_of_another_kind_in_place_of_the_shared_texts_is_refused(tmp_path: Path) -> None:
    changed = {"xl/sharedStrings.xml": f'<worksheet xmlns="{MAIN}"/>'}
    found = read(tmp_path, workbook(form(LINE), changed=changed))
    assert [problem.wording for problem in found.problems] == ["unreadable-file.damaged"]
