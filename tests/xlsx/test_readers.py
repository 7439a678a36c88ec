"""Both readers give the same values and marks, of what programs write and of what they do not."""

import io
import re
from collections.abc import Callable
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.problems import column_letters
from importer.xlsx.cell_texts import raw_texts, shared_texts
from importer.xlsx.exact_reader import exact_rows
from importer.xlsx.fast_reader import fast_rows
from importer.xlsx.package import Package
from importer.xlsx.values import LAST_COLUMN, RawCell, SheetRows, UnsupportedXml, column_index, unescaped
from tests.xlsx.archives import MAIN, form, headings, inline, row, sheet, workbook

CONTENTS = (
    "/>",
    "></c>",
    "><v></v></c>",
    "><v/></c>",
    "><v>12.5</v></c>",
    "><v>0</v></c>",
    ' t="s"><v>3</v></c>',
    ' t="b"><v>1</v></c>',
    ' t="e"><v>#N/A</v></c>',
    ' t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    ' t="str"><f>A1&amp;"x"</f><v>a&amp;b</v></c>',
    ' t="str"><f>""</f><v></v></c>',
    ' t="str"><f>""</f></c>',
    "><f>A1</f></c>",
    "><f>A1</f><v></v></c>",
    "><f>A1>2</f><v>0</v></c>",
    '><f t="shared" ref="A1:B2" si="0">A1/2</f><v>1</v></c>',
    '><f t="shared" si="0"/></c>',
    ' t="inlineStr"><is><t>a &lt; "b" hidden="1"</t></is></c>',
    ' t="inlineStr"><is><r><rPr><b/><color rgb="FF000000"/></rPr><t xml:space="preserve"> a</t></r></is></c>',
    ' cm="1" vm="2"><v>7</v></c>',
)
ROW_MARKS = ("", ' spans="1:3"', ' hidden="1"', ' ht="15" hidden="true"', ' s="1" customFormat="1"', ' hidden="0"')
COLUMNS = ("", '<cols><col min="2" max="3" width="9" hidden="1"/><col min="5" max="5" hidden="0"></col></cols>')


def usual(rows: list[tuple[int, str, list[tuple[int, str, str]]]], columns: str) -> str:
    """A sheet as programs write it: rows and cells in order."""
    written = ""
    for number, marks, cells in sorted(rows):
        inside = "".join(
            f'<c r="{column_letters(column)}{number}"{style}{content}' for column, style, content in sorted(cells)
        )
        written += row(number, inside, marks) if inside else f'<row r="{number}"{marks}/>'
    return sheet(written, before=columns)


SHARED = "".join(f"<si><t>text {number}</t></si>" for number in range(9))
Cells = dict[tuple[int, int], tuple[RawCell, object]]
Seen = tuple[Cells, set[int], set[int]]
"""The cells that are not blank by row and column, the hidden rows, and the first columns of those that are hidden."""


def seen(read: SheetRows) -> Seen:
    """All that a reader gives of a sheet: of each cell the raw cell and its value."""
    cells: Cells = {}
    for batch in read.batches:
        for column, tokens in batch.columns.items():
            for number, token in zip(batch.rows, tokens, strict=True):
                raw = read.raw_cell(token)
                if raw is not None:
                    value = read.value_of(token)
                    cells[number, column] = raw, (type(value), value)
    return cells, read.metadata.hidden_rows, {columns.start for columns in read.metadata.hidden_columns}


def plain(xml: str, awaits: bool = False, wanted: set[int] | None = None) -> Seen | None:
    """What the fast reader gives, of the rows `wanted` or all; None when it leaves the sheet to the exact one."""
    package = Package(content(xml, awaits))
    try:
        return seen(fast_rows(package, package.sheets[0], wanted=wanted))
    except UnsupportedXml:
        return None


def exact(xml: str, awaits: bool = False) -> Seen:
    """What the exact reader gives."""
    package = Package(content(xml, awaits))
    return seen(exact_rows(package, package.sheets[0]))


def content(xml: str, awaits: bool) -> bytes:
    """A workbook of one sheet; it `awaits` that Excel calculates its formulas."""
    calculation = '<calcPr fullCalcOnLoad="1"/>' if awaits else ""
    return workbook(xml, shared=SHARED, calculation=calculation)


RICH = usual(
    [
        (number, mark, list(zip(range(0, 60, 3), [""] * 20, CONTENTS, strict=False)))
        for number, mark in enumerate(ROW_MARKS, 1)
    ],
    COLUMNS[1],
)
TOKENS = re.findall(r"<[^>]*>|[^<]+", RICH)
ODDITIES = (
    "<!-- c -->",
    "<![CDATA[7]]>",
    "<?p q?>",
    "\n",
    " ",
    "&#49;",
    "&amp;",
    "<v>1</v>",
    "<f/>",
    "<is><t>q</t></is>",
)
SPELLINGS = (
    ('"', "'"),
    (" t=", "\nt="),
    ("<c ", "<c  "),
    ("r=", "r ="),
    ('"e"', '"&#101;"'),
    (' r="A2"', ""),
    ('<row r="3"', "<row"),
    ('"1"', '"true"'),
    ("<v>", '<v xml:space="preserve">'),
    ("#N/A", "#N&#47;A"),
    ("UTF-8", "ISO-8859-1"),
    ("<f", "<y:f xmlns:y='urn:y'/><f"),
    ("</row>", "</row><!-- x -->"),
    ("</sheetData>", "</sheetData><sheetData><row r='50'><c r='A50'><v>1</v></c></row></sheetData>"),
)
edits = st.lists(
    st.tuples(st.integers(0, len(TOKENS) - 1), st.sampled_from(ODDITIES))
    | st.tuples(st.integers(0, len(TOKENS) - 1), st.sampled_from(SPELLINGS))
    | st.tuples(st.integers(0, len(TOKENS) - 1), st.integers(0, len(TOKENS) - 1)),
    min_size=1,
    max_size=3,
)


def edited(changes: list[tuple[int, str | tuple[str, str] | int]]) -> str:
    """The rich sheet with something put in, respelt or repeated elsewhere."""
    tokens = list(TOKENS)
    for at, change in changes:
        match change:
            case str():
                tokens[at] += change
            case int():
                tokens[at] += TOKENS[change]
            case (old, new):
                tokens[at:] = [token.replace(old, new) for token in tokens[at:]]
    return "".join(tokens)


@given(edits)
def test_the_fast_reader_never_contradicts_the_exact_one(
    changes: list[tuple[int, str | tuple[str, str] | int]],
) -> None:
    xml = edited(changes)
    try:
        right = exact(xml)
    except Exception:  # noqa: BLE001  # whatever is wrong with it: the readers will say so
        return
    assert plain(xml) in (None, right)
    wanted = {number for number, _ in right[0] if number % 2}
    again = plain(xml, wanted=wanted)
    assert again is None or again[0] == {place: cell for place, cell in right[0].items() if place[0] in wanted}


PIECES_OF_TEXTS = (
    *("<si><t>a</t></si>", '<si><t xml:space="preserve"> b </t></si>', "<si><t/></si>", "<si><t></t></si>", "<si/>"),
    *("<si><r><t>c</t></r><rPh><t>aloud</t></rPh></si>", "<si><t>d</t><t>e</t></si>", "<t>f</t>", "\n", "x"),
    *("<si><t>&amp;lt;&quot;&apos;></t></si>", "<si><t>&#65;</t></si>", "<si><t>&x;</t></si>", "&amp;", "<!-- g -->"),
    *("<si><t><![CDATA[h]]></t></si>", "<si><t>i\r\nj</t></si>", "<si><t>_x000D_k</t></si>", "<si><t>l]]></t></si>"),
    *("<si><t>\x0c</t></si>", "<si><t>\ufffe</t></si>", "<si><t>ñ\x85</t></si>", "</sst>", "<si><t>m</si>", "<si><t><"),
)
ENDS = ("</sst>", "</sst>\n", "</sst> x", "")
HEADS_OF_TEXTS = (
    *('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="urn:x" count="1">', "<sst>", "<x:sst>"),
    *('\ufeff<sst xmlns="urn:x">', "<sst a='1'>", "<?xml version='1.0' encoding='latin-1'?><sst>", "<!-- --><sst>"),
)


@given(st.sampled_from(HEADS_OF_TEXTS), st.lists(st.sampled_from(PIECES_OF_TEXTS), max_size=5), st.sampled_from(ENDS))
def test_shared_texts_are_those_that_a_parser_finds(head: str, pieces: list[str], end: str) -> None:
    xml = "".join((head, *pieces, end)).encode()
    try:
        raw, struck = raw_texts(io.BytesIO(xml))
    except (ExpatError, ValueError) as wrong:
        with pytest.raises(type(wrong)):
            shared_texts(io.BytesIO(xml))
        return
    assert shared_texts(io.BytesIO(xml)) == ([unescaped(text) for text in raw], struck)


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace("<row", "<!-- x --><row", 1),
        lambda xml: xml.replace('"', "'"),
        lambda xml: xml.replace(' r="', '\nr="'),
        lambda xml: xml.replace("UTF-8", "ISO-8859-1"),
        lambda xml: xml.replace("</sheetData>", "</sheetData><sheetData/>"),
        lambda xml: xml.replace("</sheetData>", ""),
        lambda xml: re.sub(r' r="[A-Z]+[0-9]+"', "", xml),
        lambda xml: re.sub(r'<row r="[0-9]+"', "<row", xml),
        lambda xml: xml.replace('<c r="A2"', '<c r="A9"'),
        lambda xml: xml.replace('<row r="2"', '<row r="9"'),
        lambda xml: xml.replace("<worksheet", "<other"),
    ],
)
def test_what_bytes_cannot_tell_for_certain_is_left_to_the_exact_reader(change: Callable[[str], str]) -> None:
    xml = form(row(2, '<c r="A2"><v>12.5</v></c>') + row(3, "<c r='A3'/>".replace("'", '"')))
    assert plain(xml) == exact(xml)
    assert plain(change(xml)) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace("<v>12.5", "<v>12&#46;5"),
        lambda xml: xml.replace("<v>12.5", "<v> 12.5"),
        lambda xml: xml.replace("<v>12.5", "<v>12,5"),
        lambda xml: xml.replace("<v>12.5", "<v>\n"),
        lambda xml: xml.replace("><", ">\n  <"),
        lambda xml: xml.replace("<c ", "\r\n\t<c ").replace("</c>", "\n</c>"),
        lambda xml: xml.replace('t="inlineStr"><is>', 't="inlineStr">\n <is>\n  '),
        lambda xml: xml.replace("</worksheet>", '<mergeCells>\n<mergeCell  ref="A1:B2"/></mergeCells></worksheet>'),
    ],
)
def test_odd_values_and_pretty_printed_xml_are_read_fast_too(change: Callable[[str], str]) -> None:
    xml = change(form(row(2, '<c r="A2"><v>12.5</v></c>' + inline("B2", " a > ")), before=COLUMNS[1]))
    found = plain(xml)
    assert found is not None and found == exact(xml)
    assert found[2] == {1} and (2, 1) in found[0]


def test_a_prefix_alone_is_nothing_odd() -> None:
    xml = form(row(2, '<c r="A2" t="e"><v>#N/A</v></c><c r="B2"><f>1</f></c>'))
    prefixed = xml.replace("</", "<\0").replace("<", "<x:").replace("<x:\0", "</x:").replace("<x:?", "<?")
    prefixed = prefixed.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    assert plain(prefixed) == exact(xml)


@pytest.mark.parametrize("size", [2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_rows_across_the_blocks_of_reading_are_whole(size: int) -> None:
    one = row(2, inline("A2", "x" * (size - 700)) + '<c r="B2" t="e"><v>#N/A</v></c>')
    xml = form(one + "".join(row(number, f'<c r="C{number}"><f>1</f></c>') for number in range(3, 30)))
    found = plain(xml)
    assert found == exact(xml)
    assert found is not None
    assert found[0][2, 1][0] == RawCell("e", "0", "#N/A", has_formula=False)
    assert len([cell for cell in found[0] if cell[1] == 2 and cell[0] > 2]) == 27


def test_rows_of_blanks_are_left_out_and_hidden_ones_told() -> None:
    blanks = "".join(row(number, '<c r="A{r}" s="1"/>', ' hidden="1"') for number in range(2, 40_000))
    xml = sheet(headings() + blanks + row(40_000, '<c r="D40000"><v>1</v></c>'))
    found = plain(xml)
    assert found == exact(xml)
    assert found is not None
    assert (max(found[0]), len(found[1])) == ((40_000, 3), 39_998)


@pytest.mark.parametrize(("letters", "number"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", LAST_COLUMN)])
def test_letters_are_numbers_of_columns(letters: str, number: int) -> None:
    assert column_index(letters) == number
    assert column_letters(number) == letters
