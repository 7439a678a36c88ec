"""A number that Excel shows as another one, or in another currency than its line's, is not read in silence."""

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.formats.ods import read_ods
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS
from importer.xlsx.values import BUILT_IN_FORMATS, ShownNumber, look_of_format
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
    path = write(folder / "book.xlsx", rows)
    book = load_workbook(path)
    book.worksheets[0][cell] = value
    book.worksheets[0][cell].number_format = shown
    book.save(path)
    return validated(read_workbook(path, FORMS))


@pytest.mark.parametrize("shown", ["0%", "0.00%", "#,##0,", "#,##0.00,,", '#,##0, "mil"', "0,_);(0,)"])
def test_an_amount_that_is_shown_as_another_number_is_an_error(tmp_path: Path, shown: str) -> None:
    found = formatted(tmp_path, "I2", 1234567, shown)
    assert found.errors == [("not-a-number.scaled", "I2")] and not found.lines


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


@pytest.mark.parametrize(
    ("shown", "value", "text"),
    [
        ("000000", 1110, "001110"),
        ("00-00", 1110, "11-10"),
        ('"CTA-"0', 1110, "CTA-1110"),
        ("000", 12345, None),
        ("0.00", 1110.1, "1110.10"),
        ("0.00", 1110.25, None),
        ("0.00", 1110, None),
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


def test_of_the_formats_by_number_those_of_percentages_alone_show_another_amount() -> None:
    looks = {number: look_of_format(code) for number, code in BUILT_IN_FORMATS.items()}
    assert [number for number, look in looks.items() if look is not None and look.is_scaled] == [9, 10]
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
    ],
)
def test_in_an_opendocument_spreadsheet_it_is_seen_by_what_stands_there(
    kind: str, value: str, shown: str, *, is_other: bool
) -> None:
    cell = f'<t:table-cell o:value-type="{kind}" o:value="{value}"><x:p>{shown}</x:p></t:table-cell>'
    names = {"o": "office", "t": "table", "x": "text"}.items()
    spaces = " ".join(f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for one, name in names)
    rows = f'<t:table t:name="a"><t:table-row>{cell}</t:table-row></t:table>'
    xml = f"<o:document {spaces}><o:body><o:spreadsheet>{rows}</o:spreadsheet></o:body></o:document>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("content.xml", xml)
    book = read_ods(packed.getvalue())
    (part,) = book.sheets
    read = book.rows(part)
    (batch,) = read.batches
    number = read.value_of(batch.columns[0][0])
    assert number == float(value)
    assert (isinstance(number, ShownNumber) and bool(number.look.is_scaled or number.look.currency)) is is_other
