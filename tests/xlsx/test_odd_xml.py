"""Sheets whose XML no common program writes are read right, or refused with a sentence."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.xlsx.archives import (
    FIELDS,
    MAIN,
    ODD,
    OFFICE,
    STRICT,
    form,
    headings,
    inline,
    letter,
    read,
    read_form,
    row,
    sheet,
    workbook,
    zipped,
)


def parts_of(content: bytes) -> dict[str, bytes]:
    """The members of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ACCOUNT, AMOUNT, DAY = letter("account"), letter("amount"), letter("transDateTime")
LINE = row(2, f'{inline(ACCOUNT + "2", "0012")}<c r="{AMOUNT}2"><v>12.5</v></c><c r="{DAY}2" s="1"><v>43281</v></c>')
RIGHT = {"account": "0012", "amount": "12.5", "transDateTime": "2018-06-30"}


def line_of(folder: Path, xml: str | bytes) -> dict[str, str | None]:
    """The filled cells of the only line."""
    found = read_form(folder, workbook(xml))
    assert found.rows == (2,)
    return {field: texts[0] for field, texts in found.columns.items() if texts[0] is not None}


def prefixed(xml: str) -> str:
    """The elements of the main namespace with a prefix, as the Open XML SDK writes them."""
    start, _, rest = xml.partition("<worksheet")
    body = ("<worksheet" + rest).replace("</", "<\0").replace("<", "<x:").replace("<x:\0", "</x:")
    return start + body.replace("xmlns=", "xmlns:x=")


def declared(encoding: str, codec: str) -> bytes:
    """The form in another encoding."""
    return form(LINE).replace("UTF-8", encoding).encode(codec)


SHAPES: dict[str, str | bytes] = {
    "as usual": form(LINE),
    "a comment between rows": form("<!-- x -->" + LINE),
    "a comment in a cell": form(LINE.replace("12.5", "12<!-- x -->.5")),
    "CDATA in a number": form(LINE.replace("12.5", "<![CDATA[12.5]]>")),
    "CDATA in a text": form(LINE.replace("0012", "<![CDATA[0012]]>")),
    "a processing instruction": form(LINE.replace("0012", "00<?x y?>12")),
    "a character reference in a number": form(LINE.replace("12.5", "12&#46;5")),
    "a character reference in a text": form(LINE.replace("0012", "&#48;&#x30;12")),
    "single quotes": form(LINE).replace("'", "").replace('"', "'"),
    "line breaks in tags": form(LINE.replace("<c ", "<c\n").replace(" s=", "\ts=")),
    "blanks in tags": form(LINE.replace("<c ", "<c  ").replace("r=", "r = ")),
    "line breaks between rows": form("\n" + LINE + "\n"),
    "blanks around a number": form(LINE.replace("12.5", " 12.5 ").replace("43281", "\n43281\n")),
    "a prefix": prefixed(form(LINE)),
    "a byte order mark": b"\xef\xbb\xbf" + form(LINE).encode(),
    "UTF-16": declared("UTF-16", "utf-16"),
    "Latin 1": declared("ISO-8859-1", "latin-1"),
    "no declaration": form(LINE).partition("\n")[2],
    "a right dimension": form(LINE, before='<dimension ref="A1:I2"/>'),
    "a dimension too small": form(LINE, before='<dimension ref="A1"/>'),
    "a dimension too large": form(LINE, before='<dimension ref="A1:XFD1048576"/>'),
    "an empty dimension": form(LINE, before='<dimension ref=""/>'),
    "rows without numbers": form(LINE).replace('<row r="1"', "<row").replace('<row r="2"', "<row"),
    "lower case references": form(LINE.replace(f'"{AMOUNT}2"', f'"{AMOUNT.lower()}2"')),
    "an empty row element": form(LINE + '<row r="3" spans="1:9" ht="15" customHeight="1"/>'),
    "an extension of a cell": form(
        LINE.replace("<v>12.5</v>", '<v>12.5</v><extLst><ext uri="{0}"><v>7</v></ext></extLst>')
    ),
    "a rule of colours that openpyxl does not know": form(
        LINE,
        after='<conditionalFormatting sqref="A1:A3"><cfRule type="expression" priority="1" operator="expression">'
        "<formula>ISERROR(A1)</formula></cfRule></conditionalFormatting>",
    ),
    "marks with values that no one knows": form(
        LINE, before='<sheetViews><sheetView view="sideways" tabSelected="perhaps"/></sheetViews>'
    ),
    "a row element for each cell": form("".join(f'<row r="2">{cell}</row>' for cell in re.findall("<c .*?</c>", LINE))),
    "a control with rows of its own": form(
        LINE,
        after='<controls><control xmlns:d="urn:d"><d:col>3</d:col><d:row>1</d:row></control></controls>',
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_cells_in_another_shape_of_xml_are_the_same_line(tmp_path: Path, shape: str) -> None:
    assert line_of(tmp_path, SHAPES[shape]) == RIGHT


def test_cells_without_references_follow_one_another(tmp_path: Path) -> None:
    cells = "".join(f"<c><v>{number}</v></c>" for number in range(1, len(FIELDS) + 1))
    found = read_form(tmp_path, workbook(sheet(f"{headings()}<row/><row>{cells}</row>")))
    assert found.rows == (3,)
    assert [found.columns[field] for field in FIELDS] == [[str(number)] for number in range(1, len(FIELDS) + 1)]


def test_a_strict_workbook_is_read(tmp_path: Path) -> None:
    content = workbook(sheet(headings() + LINE, namespace=STRICT), namespace=STRICT)
    found = read_form(tmp_path, content)
    assert {field: found.columns[field] for field in RIGHT} == {field: [text] for field, text in RIGHT.items()}


def test_a_time_on_another_sheet_of_a_strict_workbook_is_no_damage(tmp_path: Path) -> None:
    times = "".join(
        row(number, f'<c r="A{number}" t="d"><v>{time}</v></c>')
        for number, time in enumerate(("2018-06-30T11:01:02.00000024400651375", "11:01:02", "PT36H"), start=1)
    )
    sheets = (sheet(one, namespace=STRICT) for one in (headings() + LINE, times))
    found = read(tmp_path, workbook(*sheets, namespace=STRICT))
    assert (found.problems, found.passed_over, found.sheets[0].rows) == ((), ("Sheet2",), (2,))


def test_parts_in_utf_16_or_with_values_that_no_one_knows_are_read(tmp_path: Path) -> None:
    parts = parts_of(workbook(form(LINE), shared="<si><t>x</t></si>", states={1: "shy"}))
    bodies = {name: re.sub(r"^<\?xml.*?\?>", "", part.decode()) for name, part in parts.items()}
    changed = {name: f'<?xml version="1.0" encoding="UTF-16"?>{xml}'.encode("utf-16") for name, xml in bodies.items()}
    found = read_form(tmp_path, zipped(changed))
    assert {field: found.columns[field] for field in RIGHT} == {field: [text] for field, text in RIGHT.items()}


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
def test_shared_texts_in_another_encoding_are_not_garbled(tmp_path: Path, encoding: str) -> None:
    """The bytes of these two Latin letters are a good UTF-8 letter too."""
    strings = f'<?xml version="1.0" encoding="{encoding}"?><sst xmlns="{MAIN}"><si><t>Ã±</t></si></sst>'
    changed = {"xl/sharedStrings.xml": strings.encode("latin-1" if encoding == "ISO-8859-1" else "utf-16")}
    content = workbook(form(row(2, f'<c r="{ACCOUNT}2" t="s"><v>0</v></c>')), changed=changed)
    assert read_form(tmp_path, content).columns["account"] == ["Ã±"]


def test_shared_texts_with_comments_and_cdata_keep_their_order(tmp_path: Path) -> None:
    shared = "<!-- x --><si><t>a<!-- y -->b</t></si><si><t><![CDATA[<c>]]></t></si><si/><si><t>last</t></si>"
    rows = "".join(row(number + 2, f'<c r="{ACCOUNT}{{r}}" t="s"><v>{number}</v></c>') for number in range(4))
    found = read_form(tmp_path, workbook(form(rows), shared=shared))
    assert dict(zip(found.rows, found.columns["account"], strict=True)) == {2: "ab", 3: "<c>", 5: "last"}


def test_a_literal_escape_is_the_text_that_was_typed(tmp_path: Path) -> None:
    found = read_form(tmp_path, workbook(form(row(2, inline(f"{ACCOUNT}2", "_x005F_x000D_")))))
    assert found.columns["account"] == ["_x000D_"]


def test_half_a_character_never_becomes_a_text_that_cannot_be_written(tmp_path: Path) -> None:
    rows = "<!-- odd -->" + row(2, inline(f"{ACCOUNT}2", "_xD83D_"))
    (text,) = read_form(tmp_path, workbook(form(rows))).columns["account"]
    assert text == "_xD83D_" and text.encode()


def test_backslashes_and_other_case_in_the_archive_are_the_same_parts(tmp_path: Path) -> None:
    changed: dict[str, str | bytes | None] = {
        "XL\\Worksheets\\SHEET1.xml": form(LINE),
        "xl/worksheets/sheet1.xml": None,
    }
    assert read_form(tmp_path, workbook(form(LINE), changed=changed)).columns["account"] == ["0012"]


def test_chart_sheets_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "chart.xlsx"
    book = openpyxl.Workbook()
    table = book.worksheets[0]
    for cells in (FIELDS, ["JV", "0012", "R", "D", "C", 12.5, "MXN1", date(2018, 6, 30), 2018006]):
        table.append(cells)
    book.create_chartsheet("Chart", 0)
    book.save(path)
    found = read(tmp_path, path.read_bytes())
    assert (found.passed_over, [one.columns["account"] for one in found.sheets]) == ((), [["0012"]])


def test_parts_in_other_folders_are_found_by_their_relations(tmp_path: Path) -> None:
    parts = parts_of(workbook(form(LINE)))
    moved = {name.removeprefix("xl/"): part.replace(b"xl/", b"") for name, part in parts.items()}
    assert read_form(tmp_path, zipped(moved)).columns["account"] == ["0012"]


def test_a_sheet_without_a_part_of_its_own_is_left_out(tmp_path: Path) -> None:
    """Modules of Excel 4, dialogues."""
    listed = '<sheet name="Sheet1" sheetId="1" r:id="rId1"/><sheet name="Module" sheetId="2" r:id=""/>'
    main = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
    found = read(tmp_path, workbook(form(LINE), changed={"xl/workbook.xml": main}))
    assert (found.passed_over, [one.columns["account"] for one in found.sheets]) == ((), [["0012"]])


@pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2018-06-30", "2018-06-30"),
        ("2018-06-30T00:00:00.000Z", "2018-06-30"),
        ("2018-06-30T11:01:02.00000024400651375", "2018-06-30"),
        ("11:01", "11:01:00"),
        ("PT36H", "1 day, 12:00:00"),
    ],
)
def test_a_moment_in_iso_8601_is_read_in_any_precision(tmp_path: Path, written: str, shown: str, odd: str) -> None:
    rows = row(2, inline("A2", "JV") + f'<c r="{DAY}2" t="d"><v>{written}</v></c>')
    assert read_form(tmp_path, workbook(form(rows + odd))).columns["transDateTime"] == [shown]


def test_a_text_in_the_place_of_a_number_on_another_sheet_is_no_damage(tmp_path: Path) -> None:
    other = sheet(row(1, '<c r="A1"><v>abc</v></c>'))
    found = read(tmp_path, workbook(form(LINE), other))
    (problem,) = found.problems
    assert (problem.wording, problem.facts) == ("unreadable-file.aside", {"sheet": "Sheet2", "cell": "A1"})
    assert (problem.blocks, found.passed_over, found.sheets[0].rows) == (False, ("Sheet2",), (2,))


@pytest.mark.parametrize("inside", ["<v>0012</v>", "<f>A1</f><v>0012</v>", "<v>x</v><is><t>0012</t></is>"])
def test_an_inline_text_may_stand_in_a_value(tmp_path: Path, inside: str) -> None:
    """LibreOffice wrote such results of formulas; the text of the `is` counts where both are."""
    rows = row(2, f'<c r="{ACCOUNT}2" t="inlineStr">{inside}</c>')
    assert read_form(tmp_path, workbook(form(rows))).columns["account"] == ["0012"]
