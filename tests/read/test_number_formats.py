"""A number that Excel shows as another one, or in another currency than its line's, is not read in silence."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.formats.ods import read_ods
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS
from importer.xlsx.number_formats import BUILT_IN_FORMATS, Meaning, look_of_format, meaning_of_format
from importer.xlsx.values import CellValue, ShownNumber, UnseenDay
from tests.read.mapped import Understood, rows_of, understood, validated, write

PRODUCT_MAPPING = """
headings = { journal = "Journal", journalType = "Journal type", account = "Account", \
treference = "Transaction reference", description = "Description", transaction = "Debit or credit", amount = "Amount", \
transDateTime = "Transaction date", period = "Accounting period" }
constants = { currency = "EUR1" }
"""


def formatted(folder: Path, cell: str, value: object, shown: str, currency: str = "MXN1") -> Understood:
    """Two lines of which one cell has a value and a format of its own."""
    rows = [[currency if one == "MXN1" else one for one in row] for row in rows_of((1234567, 1234567))]
    rows[int(cell[1:]) - 1][ord(cell[0]) - ord("A")] = value
    return validated(read_workbook(write(folder / "book.xlsx", rows, formats={cell: shown}), FORMS))


@pytest.mark.parametrize("shown", ["0%", "0.00%", "#,##0,", "#,##0.00,,", '#,##0, "mil"', "0,_);(0,)"])
def test_an_amount_that_is_shown_as_another_number_is_an_error(tmp_path: Path, shown: str) -> None:
    found = formatted(tmp_path, "I2", 1234567, shown)
    assert found.errors == [("not-a-number.scaled", "I2")] and not found.lines


@pytest.mark.parametrize(
    "shown",
    [
        *("-0.00", '"-"0.00', "(#,##0.00)", r"0.00\-", "[$MXN]-0.00", ";;;", '"x"', '0"00"', '0"."00', r"0\,00"),
        *('"1"0', "9#", '0.0"%"', '0.0"k"', '#,##0.00" mil"', '[<1000]0;0.0,"k"'),
    ],
)
def test_an_amount_with_another_sign_other_digits_or_none_is_an_error(tmp_path: Path, shown: str) -> None:
    found = formatted(tmp_path, "I2", 1234567, shown)
    assert found.errors == [("not-a-number.scaled", "I2")] and not found.lines


@pytest.mark.parametrize(
    ("shown", "number", "is_other"),
    [
        ("0.00;0.00", -5, True),
        ("0.00;;0", -5, True),
        ('0.00;0.00" CR"', -5, True),
        ("0.00;0.00", 5, False),
        ("0.00;[Red]0.00", -5, False),
        ("0.00;(0.00)", -5, False),
        ("0.00;-0.00", -5, False),
        ('"$"#,##0_);("$"#,##0)', -5, False),
        ("0.00", -5, False),
        ("[>=1000]0.0,;0", 999, False),
        ("[>=1000]0.0,;0", 1000, True),
        (r"[>=10000000]##\,##\,##\,##0.00;[>=100000]##\,##\,##0.00;##,##0.00", 1234567, False),
        ("#' '##0.00", 1234567, False),
        ('0.00" M.N."', 5, False),
        ("", 5, False),
    ],
)
def test_the_section_of_a_number_tells_whether_people_see_it(shown: str, number: float, *, is_other: bool) -> None:
    look = look_of_format(shown, float(number))
    assert (look is not None and look.is_other) is is_other


@pytest.mark.parametrize(
    ("first", "second", "keys"),
    [
        ((1, '"PD-"0'), (1, '"PI-"0'), None),
        ((1, "0000"), (1, "General"), None),
        ((1, "0000"), ("0001", "@"), "0001"),
        ((1.1, "0.00"), ("1.10", "@"), "1.10"),
        ((1, "General"), ("1", "@"), "1"),
    ],
)
def test_rows_belong_to_one_journal_that_people_see_under_one_key(
    tmp_path: Path, first: tuple[object, str], second: tuple[object, str], keys: str | None
) -> None:
    headings, *lines = rows_of((5, 5))
    rows = [headings, *([key, *line[1:]] for (key, _), line in zip((first, second), lines, strict=True))]
    path = write(tmp_path / "book.xlsx", rows, formats={"A2": first[1], "A3": second[1]})
    found = validated(read_workbook(path, FORMS))
    assert {one[0] for one in found.lines} == ({keys} if keys else set())


@pytest.mark.parametrize(
    "shown",
    ["General", "0", "#,##0.00_);(#,##0.00)", "[$$-409]#,##0.00", '"$"#,##0.00', "[$MXN] #,##0.00", "0.00E+00", "¥0"],
)
def test_an_amount_that_is_shown_as_it_is_is_read(tmp_path: Path, shown: str) -> None:
    found = formatted(tmp_path, "I2", 1234567, shown)
    assert found.problems == [] and len(found.lines) == 2


@pytest.mark.parametrize("shown", ["[$USD] #,##0.00", '"US$"#,##0.00', "#,##0.00 [$USD]", "_-[$€-2]* #,##0.00", "0 €"])
def test_an_amount_that_is_shown_in_another_currency_is_an_error(tmp_path: Path, shown: str) -> None:
    found = formatted(tmp_path, "I2", 1234567, shown)
    assert found.errors == [("mixed-currency.shown", "I2")] and not found.lines
    assert formatted(tmp_path, "I2", 1234567, shown, "USD1" if "US" in shown else "EUR").problems == []
    own = formatted(tmp_path, "I2", 1234567, shown, "DLLS")
    assert [one.wording for one in own.problems] == ["mixed-currency.shown"] and len(own.lines) == 2
    declared = [one.wording for one in understood(tmp_path / "book.xlsx", PRODUCT_MAPPING).problems if one.blocks]
    assert declared == ["mixed-currency.shown"] * ("US" in shown) + ["uncertain-mapping.otherwise"] * 2


SIDES = """
headings = { account = "Cuenta", treference = "Ref", debit = "Debe", credit = "Haber", transDateTime = "Fecha" }
constants = { currency = "MXN1", journalType = "JV", description = "Pago" }
derive = { period = "month of transDateTime" }
journal = "Ref"
"""


@pytest.mark.parametrize(
    ("shown", "side"),
    [
        *(('0.00" CR"', "CR"), ('#,##0.00 "Cr."', "CR"), (r"0.00\ \C\R", "CR"), ("[$CR] 0.00", "CR"), ('"DR "0', "DR")),
        *(('#,##0.00" DR";(#,##0.00)', "DR"), ('0.00" C"', ""), ('0.00" CRC"', ""), ('0.00" Cr$"', ""), ("0.00", "")),
    ],
)
def test_an_amount_that_is_shown_on_the_other_side_is_an_error(tmp_path: Path, shown: str, side: str) -> None:
    for cell, own in (("I2", "DR"), ("I3", "CR")):
        wrong = [("not-a-number.side", cell)] if side not in ("", own) else []
        assert formatted(tmp_path, cell, 1234567, shown, "CRC1" if "CRC" in shown else "MXN1").errors == wrong
    day = datetime(2018, 6, 15)
    lines = [("101110", "R1", 5, None, day), ("371110", "R1", None, 5, day)]
    headings = ("Cuenta", "Ref", "Debe", "Haber", "Fecha")
    for cell, own in (("C2", "DR"), ("D3", "CR")):
        path = write(tmp_path / "own.xlsx", [headings, *lines], formats={cell: shown})
        found = [(one.wording, one.place.cell) for one in understood(path, SIDES).problems if "side" in one.wording]
        assert found == ([("not-a-number.side", cell)] if side not in ("", own) else [])


def test_a_zero_is_of_no_side(tmp_path: Path) -> None:
    assert "not-a-number.side" not in [wording for wording, _ in formatted(tmp_path, "I2", 0, '0.00" CR"').errors]


@pytest.mark.parametrize(
    ("shown", "value", "text"),
    [
        ("000000", 1110, "001110"),
        ("00-00", 1110, "11-10"),
        ('"CTA-"0', 1110, "CTA-1110"),
        ('General"-MX"', 1110, "1110-MX"),
        ("0%", 0.16, "16%"),
        ("000", 12345, None),
        ("0.00", 1110.1, "1110.10"),
        ("0.00", 1110.25, None),
        ("0.00", 1110, None),
        ("#", 1110, None),
        ("0", 1110, None),
        ('"$"0', 1110, None),
    ],
)
def test_a_code_that_is_shown_with_zeros_or_texts_of_the_format_is_an_error(
    tmp_path: Path, shown: str, value: int, text: str | None
) -> None:
    found = formatted(tmp_path, "C2", value, shown)
    assert found.errors == ([] if text is None else [("not-text.zeros", "C2")])
    assert [one.value for one in found.problems] == ([] if text is None else [text])


@pytest.mark.parametrize(
    ("cell", "value", "shown", "is_read"),
    [
        ("C2", 101110, '"Caja"', False),
        ("C2", 101110, "0,", False),
        ("C2", 101110, ";;;", False),
        ("C2", 0, "#", False),
        ("L2", 2018006, '"2018007"', False),
        ("L2", 2018006, "0,", False),
        ("L2", 2018006, ";;;", False),
        ("L2", 2018006, '0"1"', False),
        ("L2", 2018006, '0000"/"000', True),
        ("L2", 2018006, '"Periodo "0', True),
        ("L2", 2018006, "0.00", True),
    ],
)
def test_a_code_or_period_that_is_not_seen_is_an_error(
    tmp_path: Path, cell: str, value: int, shown: str, *, is_read: bool
) -> None:
    assert formatted(tmp_path, cell, value, shown).errors == ([] if is_read else [("not-text.shown", cell)])


@pytest.mark.parametrize(
    ("shown", "is_told"),
    [
        ("dd/mm/yyyy", False),
        ("d-mmm", False),
        ('d" de "mmmm" de "yyyy', False),
        ("[$-80A]d mmm yyyy;@", False),
        ("mmm-yy", True),
        ("dddd", True),
        ('d"/07/"yyyy', True),
        (r"dd/\0\7/yyyy", True),
        ("[<43000]dd/mm/yyyy;mm/dd/yyyy", True),
    ],
)
def test_a_date_that_is_not_shown_whole_is_told_with_the_date_in_the_cell(
    tmp_path: Path, shown: str, *, is_told: bool
) -> None:
    found = formatted(tmp_path, "K2", datetime(2018, 6, 15), shown)
    assert [one.wording for one in found.problems] == ["time-in-date.month"] * is_told and len(found.lines) == 2
    book = load_workbook(tmp_path / "book.xlsx")
    book.iso_dates = True
    book.save(tmp_path / "iso.xlsx")
    in_iso = validated(read_workbook(tmp_path / "iso.xlsx", FORMS))
    assert [one.wording for one in in_iso.problems] == [one.wording for one in found.problems]


def test_of_the_formats_by_number_those_of_percentages_alone_show_another_amount() -> None:
    numbers = {number: code for number, code in BUILT_IN_FORMATS.items() if meaning_of_format(code) is Meaning.NUMBER}
    for amount in (1234.5, -1234.5, 0.0):
        looks = {number: look_of_format(code, amount) for number, code in numbers.items()}
        assert [number for number, look in looks.items() if look is not None and look.is_other] == [9, 10]
        assert not any(look.currency for look in looks.values() if look is not None)


@pytest.mark.parametrize(
    ("kind", "value", "shown", "is_other"),
    [
        ("float", "1234567", "1,235", True),
        ("percentage", "0.5", "50%", True),
        ("currency", "100", "USD 100.00", True),
        ("currency", "100", "100,00 €", True),
        ("currency", "100", "$100.00", False),
        ("float", "1234567.5", "1,234,568", False),
        ("float", "1234567.5", "1.23E+06", False),
        ("float", "100", "###", False),
        ("float", "100", "-100.00", True),
        ("float", "100", "(100.00)", True),
        ("float", "-100", "($100.00)", False),
        ("float", "-100", "saldo -100.00", False),
        ("float", "-100", "100.00", True),
        ("float", "123456", "1,234.56", True),
        ("float", "0.125", "0.13", False),
        ("float", "0.5", ".50", False),
        ("float", "1234.56", "", True),
        ("float", "1234.56", "***", True),
        ("float", "1234.56", "0", True),
        ("float", "1234.56", "1 234,56 k", True),
        ("float", "101110", "101-110", True),
        ("float", "0", "-", False),
        ("float", "1e20", "1E+20", False),
    ],
)
def test_in_an_opendocument_spreadsheet_it_is_seen_by_what_stands_there(
    kind: str, value: str, shown: str, *, is_other: bool
) -> None:
    number = value_in_ods(f'o:value-type="{kind}" o:value="{value}"', shown)
    assert number == float(value)
    assert (isinstance(number, ShownNumber) and bool(number.look.is_other or number.look.currency)) is is_other


def test_a_side_is_seen_in_an_opendocument_spreadsheet() -> None:
    number = value_in_ods('o:value-type="float" o:value="100"', "100.00 CR")
    assert isinstance(number, ShownNumber) and number.look.side == "CR"


@pytest.mark.parametrize(
    ("day", "shown", "is_told"),
    [
        ("2018-06-30", "30/06/2018", False),
        ("2018-06-30T00:00:00", "20180630", False),
        ("2018-06-30", "sábado, 30 de junio de 2018", False),
        ("2018-06-06", "6/6/18", False),
        ("2018-06-30", "Jun-18", True),
        ("2018-06-18", "Jun-18", True),
        ("2018-06-18", "201806", True),
        ("2018-06-06", "06/2018", True),
        ("2018-06-30", "30/07/2018", True),
        ("2018-06-30", "Saturday", True),
    ],
)
def test_so_is_a_day_that_is_not_shown_whole(day: str, shown: str, *, is_told: bool) -> None:
    value = value_in_ods(f'o:value-type="date" o:date-value="{day}"', shown)
    assert value == datetime.fromisoformat(day) and isinstance(value, UnseenDay) is is_told


def test_a_truth_value_that_libreoffice_writes_as_a_number_is_known_by_its_word() -> None:
    assert value_in_ods('o:value-type="float" o:value="1"', "VERDADERO") is True


def test_a_negative_number_may_be_shown_by_its_colour_alone() -> None:
    format_of = '<n:number-style s:name="N{0}">{1}</n:number-style>'
    red = format_of.format(1, '<s:text-properties f:color="#ff0000"/>') + format_of.format(2, "")
    style_of = '<s:style s:name="c{0}" s:family="table-cell" s:data-style-name="N{0}"/>'
    styles = red + style_of.format(1) + style_of.format(2)
    for style, is_other in ((1, False), (2, True)):
        value = value_in_ods(f't:style-name="c{style}" o:value-type="float" o:value="-100"', "100.00", styles)
        assert value == -100 and isinstance(value, ShownNumber) is is_other


def value_in_ods(marks: str, shown: str, styles: str = "") -> CellValue:
    """The value of an OpenDocument spreadsheet's only cell."""
    cell = f"<t:table-cell {marks}><x:p>{shown}</x:p></t:table-cell>"
    names = {"o": "office", "t": "table", "x": "text", "s": "style", "n": "datastyle", "f": "xsl-fo-compatible"}.items()
    spaces = " ".join(f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for one, name in names)
    rows = f'<t:table t:name="a"><t:table-row>{cell}</t:table-row></t:table>'
    xml = f"<o:document {spaces}>{styles}<o:body><o:spreadsheet>{rows}</o:spreadsheet></o:body></o:document>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("content.xml", xml)
    book = read_ods(packed.getvalue())
    (part,) = book.sheets
    read = book.rows(part)
    (batch,) = read.batches
    return read.value_of(batch.columns[0][0])
