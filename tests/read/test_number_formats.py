"""A number that Excel shows as another one, or in another currency than its line's, is not read in silence."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS
from importer.xlsx.values import BUILT_IN_FORMATS, look_of_format
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


def test_of_the_formats_by_number_those_of_percentages_alone_show_another_number() -> None:
    assert [number for number, code in BUILT_IN_FORMATS.items() if look_of_format(code)] == [9, 10]
