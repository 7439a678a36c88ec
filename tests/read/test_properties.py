"""What holds for every workbook: exact amounts, true texts, right places, and no exception whatever the bytes."""

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from unicodedata import category
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.model.problems import column_letters
from importer.model.workbook import FormSheet, Workbook
from importer.read.cells import BLANKS, INVISIBLE_BLANKS
from importer.read.workbooks import read_workbook
from importer.templates.forms import JOURNALS
from tests.xlsx.archives import FIELDS, ODD, form, inline, letter, read, row, sheet, workbook, zipped

READERS = pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of one example."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def form_of(rows: str) -> FormSheet:
    """The form in a workbook with these rows below the headings."""
    with folder() as path:
        found = read(path, workbook(form(rows)))
    assert found.problems == ()
    return found.sheets[0]


@st.composite
def amounts(draw: st.DrawFn) -> Decimal:
    """An amount of up to 15 digits, none or two of them decimals."""
    digits = draw(st.integers(1, 15))
    return Decimal(draw(st.integers(0, 10**digits - 1))).scaleb(-draw(st.sampled_from((0, 1, 2, 2, 2))))


@READERS
@settings(max_examples=12)
@given(exact=st.lists(amounts(), min_size=1, max_size=200), digits=st.sampled_from((15, 16, 17)))
def test_an_amount_of_up_to_fifteen_digits_comes_back_exactly(odd: str, exact: list[Decimal], digits: int) -> None:
    """Excel writes 17 digits of the binary number it holds: 18630.099999999999 is 18630.1."""
    rows = "".join(
        row(number, f'<c r="{letter("amount")}{number}"><v>{float(amount):.{digits}g}</v></c>')
        for number, amount in enumerate(exact, start=2)
    )
    found = form_of(rows + odd)
    assert [Decimal(text or "nothing") for text in found.columns["amount"]] == exact


xml_texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from([*BLANKS[:3], *INVISIBLE_BLANKS, "\n"]),
    max_size=30,
).filter(
    lambda text: "\r" not in text and not re.search("_x[0-9A-Fa-f]{4}_", text) and not set(text) & {"\x0b", "\x0c"}
)


@READERS
@settings(max_examples=12)
@given(texts=st.lists(xml_texts, min_size=1, max_size=60))
def test_a_text_comes_back_as_typed_without_the_blanks_around_it_and_with_plain_ones_inside(
    odd: str, texts: list[str]
) -> None:
    rows = "".join(
        f'<row r="{number}">{inline(f"A{number}", "JV")}{inline(f"D{number}", text)}</row>'
        for number, text in enumerate(texts, start=2)
    )
    bare = [text.strip(BLANKS + INVISIBLE_BLANKS) for text in texts]
    expected = ["".join(" " if category(mark) == "Zs" else mark for mark in text) or None for text in bare]
    assert form_of(rows + odd).columns["description"] == expected


@st.composite
def layouts(draw: st.DrawFn) -> tuple[list[str | None], int, list[int], list[tuple[int, str]]]:
    """Columns in any order with blank ones between, a heading row, row numbers with gaps, and the filled cells, an
    account in each row that has any."""
    gaps: list[str | None] = [None] * draw(st.integers(0, 6))
    columns = draw(st.permutations([*FIELDS, "fund", "details", *gaps]))
    heading_row = draw(st.integers(1, 20))
    numbers = sorted(draw(st.sets(st.integers(heading_row + 1, heading_row + 60), min_size=1, max_size=12)))
    named = [field for field in columns if field]
    cells = draw(st.sets(st.tuples(st.sampled_from(numbers), st.sampled_from(named)), min_size=1, max_size=40))
    accounts = {(number, "account") for number, _ in cells}
    return list(columns), heading_row, numbers, sorted(cells | accounts)


@READERS
@settings(max_examples=30)
@given(layout=layouts())
def test_every_cell_has_its_place_whatever_the_order_and_the_gaps(
    odd: str, layout: tuple[list[str | None], int, list[int], list[tuple[int, str]]]
) -> None:
    columns, heading_row, numbers, cells = layout
    at = {field: column_letters(index) for index, field in enumerate(columns) if field}
    titles = "".join(inline(f"{at[field]}{heading_row}", field) for field in columns if field)
    rows = f'<row r="{heading_row}">{titles}</row>'
    for number in numbers:
        filled = sorted((field for row_of, field in cells if row_of == number), key=list(at).index)
        inside = "".join(inline(f"{at[field]}{number}", f"{at[field]}{number}") for field in filled)
        rows += f'<row r="{number}">{inside}</row>'
    with folder() as path:
        (found,) = read(path, workbook(sheet(rows + odd))).sheets
    assert found.rows == tuple(sorted({number for number, _ in cells}))
    assert found.letters == {field: found.letters[field] for field in at}
    for field, texts in found.columns.items():
        right = {number: found.place(number, field).cell for number, name in cells if name == field}
        assert dict(zip(found.rows, texts, strict=True)) == {number: right.get(number) for number in found.rows}


def small_workbook() -> bytes:
    """A workbook as xlsxwriter makes it, with shared texts, dates, amounts and a formula."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    table, day = book.add_worksheet("Journals"), book.add_format({"num_format": "yyyy-mm-dd"})
    table.write_row(0, 0, FIELDS)
    for number in range(1, 6):
        table.write_row(number, 0, ["JV", f"10111{number}", "R", f"Line {number}", "C", number * 1234.56, "MXN1"])
        table.write_number(number, 7, 43281 + number, day)
        table.write_formula(number, 8, "=2018000+6", None, 2018006)
    book.add_worksheet("Notes").write(0, 0, "nothing of interest")
    book.close()
    return target.getvalue()


SMALL = small_workbook()
AMOUNTS = ["1234.56", "2469.12", "3703.68", "4938.24", "6172.8"]

changes = st.lists(
    st.tuples(
        st.sampled_from(("flip", "set", "delete", "insert", "cut")),
        st.integers(0, len(SMALL) - 1) | st.integers(len(SMALL) - 1500, len(SMALL) - 1),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)


def changed(content: bytes, edits: list[tuple[str, int, int]]) -> bytes:
    """The bytes with some of them changed."""
    found = bytearray(content)
    for edit, position, number in edits:
        at = position % (len(found) or 1)
        match edit:
            case "flip":
                found[at : at + 1] = bytes(byte ^ (1 << number % 8) for byte in found[at : at + 1])
            case "set":
                found[at : at + 1] = bytes([number])
            case "delete":
                del found[at : at + number]
            case "insert":
                found[at:at] = bytes([number]) * (number % 9)
            case "cut" if number < 32:
                del found[at:]
    return bytes(found)


def sense_of(found: Workbook) -> None:
    """A workbook is read, or a problem says why not."""
    assert found.sheets or any(problem.blocks for problem in found.problems)
    for one in found.sheets:
        assert {len(texts) for texts in one.columns.values()} == {len(one.rows)}
        assert list(one.rows) == sorted(set(one.rows))
        assert all(row in one.rows and field in one.columns for row, field in one.unusable)


@given(changes)
def test_a_file_with_wrong_bytes_never_raises_and_never_gives_another_amount(edits: list[tuple[str, int, int]]) -> None:
    with folder() as path:
        found = read(path, changed(SMALL, edits))
    sense_of(found)
    assert all(one.columns["amount"] == AMOUNTS for one in found.sheets)


def parts_of(content: bytes) -> dict[str, bytes]:
    """The members of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = parts_of(SMALL)
SNIPPETS = (
    b"<",
    b">",
    b'"',
    b"&",
    b"<x/>",
    b"<!-- x -->",
    b"<![CDATA[",
    b"99999999999",
    b"-1",
    b"\xff",
    b"'",
    b"<row>",
    b"</c>",
)


@given(
    st.sampled_from(sorted(name for name in PARTS if "docProps" not in name)),
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(SNIPPETS) | st.integers(1, 60)), min_size=1, max_size=3),
)
def test_a_part_with_wrong_xml_never_raises(name: str, edits: list[tuple[int, bytes | int]]) -> None:
    text = bytearray(PARTS[name])
    for position, edit in edits:
        at = position % (len(text) + 1)
        if isinstance(edit, int):
            del text[at : at + edit]
        else:
            text[at:at] = edit
    with folder() as path:
        sense_of(read(path, zipped({**PARTS, name: bytes(text)})))


CONTENTS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: f' s="0"><v>{number!r}</v></c>'),
    st.integers(-(10**10), 2_958_465 * 10**5).map(lambda number: f' s="1"><v>{number / 10**5!r}</v></c>'),
    st.integers(-1, 2_958_465).map(lambda number: f' s="3"><v>{number}</v></c>'),
    st.integers(0, 999).map(lambda number: f' s="6"><v>{number}.25</v></c>'),
    st.sampled_from(("0", "1")).map(lambda number: f' t="b"><v>{number}</v></c>'),
    xml_texts.map(lambda text: f' t="str"><f>A1</f><v xml:space="preserve">{escape(text)}</v></c>'),
    st.sampled_from((' t="e"><v>#REF!</v></c>', "><f>A1</f></c>", ' s="1"/>', ' t="str"><f>A1</f><v></v></c>')),
)


@settings(max_examples=30)
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), CONTENTS, max_size=9), max_size=8))
def test_both_readers_give_the_same_form(lines: list[dict[str, str]]) -> None:
    rows = ""
    for number, cells in enumerate(lines, start=2):
        inside = "".join(f'<c r="{letter(field)}{number}"{cells[field]}' for field in FIELDS if field in cells)
        rows += f'<row r="{number}">{inside}</row>'
    with folder() as path:
        one, other = (read(path, workbook(form(rows + odd))) for odd in ("", ODD))
    assert one.sheets == other.sheets
    assert one.problems == other.problems


def test_the_small_workbook_is_read() -> None:
    with folder() as path:
        (path / "small.xlsx").write_bytes(SMALL)
        found = read_workbook(path / "small.xlsx", [JOURNALS])
    assert found.sheets[0].columns["amount"] == AMOUNTS
    assert (found.problems, found.passed_over) == ((), ("Notes",))
