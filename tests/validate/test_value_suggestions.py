"""A suggestion stands where one reading is possible, and nowhere else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.workbook import CellText
from importer.reference.suggestions import CodeIndex
from importer.templates.forms import JOURNALS
from importer.validate.journals import drafts_of
from importer.validate.value_suggestions import amounts_in, code_before_name, day_in
from tests.validate.sheets import good, sheet_of


def suggested(*rows: dict[str, CellText]) -> set[tuple[str | None, str | None]]:
    """Field and suggestion of each problem of a cell."""
    found = drafts_of(sheet_of(rows), JOURNALS, 12)
    return {(one.place.field, one.suggestion) for draft in found for one in draft.problems if one.value is not None}


@pytest.mark.parametrize(
    ("field", "text", "suggestion"),
    [
        ("transDateTime", "2018-06-30 00:00:00", "2018-06-30"),
        ("transDateTime", "20180630", "2018-06-30"),
        ("transDateTime", "15/06/2018", "2018-06-15"),
        ("transDateTime", "06/15/2018", "2018-06-15"),
        ("transDateTime", "05/06/2018", None),
        ("transDateTime", "1753-01-01", None),
        ("period", "006/2018", "2018006"),
        ("period", "06/2018", "2018006"),
        ("period", "013/2018", None),
        ("account", "101110 - General Cash", "101110"),
        ("account", "Caja general de la iglesia", None),
        ("amount", "$ 834.49", "834.49"),
        ("amount", "MXN 1,234.50", "1234.50"),
        ("amount", "USD 1,234.50", None),
        ("amount", "834.491", None),
        ("amount", "-1,234.50", None),
        ("transaction", "Cargo", "D"),
    ],
)
def test_the_one_reading_of_a_cell_is_suggested(field: str, text: str, suggestion: str | None) -> None:
    assert suggested(good(**{field: text})) == {(field, suggestion)}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["834.49", "3,826.27"], {"3,826.27": "3826.27"}),
        (["$ 834.49", "$ 3,826.27"], {"$ 834.49": "834.49", "$ 3,826.27": "3826.27"}),
        (["1.234,50", "12,5"], {"1.234,50": "1234.50", "12,5": "12.5"}),
        (["1 234,50", "3"], {"1 234,50": "1234.50"}),
        (["1,234", "1,234,567"], {"1,234": "1234", "1,234,567": "1234567"}),
        (["1,234.50", "1.234,50"], {}),
        (["1,234.50", "12,34.5"], {}),
        (["1,234", "1.234"], {}),
        (["1,234.50", "uno"], {}),
        (["(1,234.50)"], {}),
    ],
)
def test_amounts_are_read_where_the_whole_column_agrees(texts: list[str], found: dict[str, str]) -> None:
    assert amounts_in(texts, {"MXN1"}) == found


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_a_day_is_never_another_day(day: date) -> None:
    written = [
        f"{day:%d/%m/%Y}",
        f"{day:%m/%d/%Y}",
        f"{day:%Y%m%d}",
        f"{day:%Y/%m/%d}",
        f"{day} 00:00:00",
        f"{day}T00:00",
    ]
    assert {day_in(text) for text in written} <= {None, day.isoformat()}
    assert day_in(f"{day:%d/%m/%Y}") == (None if day.day <= 12 and day.day != day.month else day.isoformat())
    assert day_in(f"{day + timedelta(days=0)} 23:59:24") is None


def test_a_code_before_a_name() -> None:
    assert code_before_name("371110 – Donativos 2018", 15) == "371110"
    assert code_before_name("CAJA - General Cash", 15) is None and code_before_name("1 - 2", 15) is None


def test_a_currency_without_its_figure_is_the_only_one_that_begins_so() -> None:
    assert CodeIndex({"MXN1": "", "USD1": ""}).beginning_with("MXN") == "MXN1"
    assert CodeIndex({"MXN1": "", "MXN2": ""}).beginning_with("MXN") is None
