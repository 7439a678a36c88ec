"""A template with a company's lists: drop-downs, prepared rows, and what the reader makes of it."""

import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from importer.model.workbook import ListsOrigin
from importer.read.workbooks import read_workbook
from importer.templates.form_sheet import RowValues
from importer.templates.forms import (
    CALCULATED,
    FORMS,
    JOURNALS,
    Column,
    Form,
    calculated_headings,
    calculated_label,
    code_in,
    fold_heading,
)
from importer.templates.lists import LISTS_SHEET
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.templates.practice import LISTS, TAKEN_AT, template_of

pytestmark = pytest.mark.filterwarnings("ignore:Print area cannot be set")

LIVE: dict[str, Any] = {"lists": LISTS, "prepared_rows": 50}
OF_EXCEL_2007 = set("AND EXACT FIND IF IFERROR INDEX LEFT MATCH MID N NOT OFFSET OR ROUND SUBSTITUTE".split())
BY_SIDE = JOURNALS.in_alternative_layout()
ROW: RowValues = {
    "journal": "J1",
    "journalType": "JV",
    "account": "101110",
    "treference": "R",
    "tfww": "1001",
    "fund": "10",
    "description": "D",
    "transaction": "D",
    "amount": Decimal("10.50"),
    "currency": "MXN1",
    "transDateTime": date(2018, 6, 30),
    "period": "2018006",
}


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def column_of(sheet: Worksheet, heading: str) -> str:
    return next(str(cell.column_letter) for cell in sheet[1] if cell.value == heading)


def source_of(sheet: Worksheet, column: Column, language: Language = Language.EN) -> list[str]:
    """What the drop-down of a column of the journals offers."""
    letter = column_of(sheet, JOURNALS.label(column, language))
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    name, reference = rules[f"{letter}2"].formula1.split("!")
    return [cell.value for (cell,) in sheet.parent[name][reference.replace("$", "")]]


def test_a_drop_down_offers_code_and_name_by_code_and_the_bare_codes_below() -> None:
    sheet = opened(template_of(JOURNALS, Language.EN, **LIVE)).worksheets[0]
    assert source_of(sheet, JOURNALS.column("tfww")) == [
        "1001 · Fiscal General Account",
        "NF · Non-Fiscal",
        "1001",
        "NF",
    ]
    accounts = source_of(sheet, JOURNALS.column("account"))
    assert accounts[0] == "* · Every account" and accounts[-1] == "631140" and len(accounts) == 14
    assert source_of(sheet, JOURNALS.column("period")) == ["2018005", "2018006"]
    assert {code_in(text) for text in accounts} == {account.code for account in LISTS.accounts}


def test_a_code_that_is_younger_than_the_lists_can_be_typed_all_the_same() -> None:
    sheet = opened(template_of(JOURNALS, Language.ES, **LIVE)).worksheets[0]
    rules = [rule for rule in sheet.data_validations.dataValidation if LISTS_SHEET in (rule.formula1 or "")]
    assert len(rules) == 7 and {rule.errorStyle for rule in rules} == {"warning"}


def test_a_dimension_without_open_codes_has_no_drop_down() -> None:
    sheet = opened(template_of(JOURNALS, Language.EN, **LIVE)).worksheets[0]
    letter = column_of(sheet, "Who")
    (rule,) = (rule for rule in sheet.data_validations.dataValidation if str(rule.sqref).startswith(f"{letter}2:"))
    assert rule.type in (None, "none") and rule.formula1 is None


@pytest.mark.parametrize("form", [JOURNALS, BY_SIDE], ids=["side and amount", "debit and credit"])
def test_no_formula_looks_beyond_its_own_row_and_the_lists(form: Form) -> None:
    sheet = opened(template_of(form, Language.EN, **LIVE)).worksheets[0]
    formulas = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.data_type == "f"]
    assert len(formulas) == 50 * len(CALCULATED["journals"])
    for cell in formulas:
        own = re.sub(r"Lists!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+|\"[^\"]*\"", "", cell.value)
        assert set(re.findall(r"([A-Z]+)\(", own)) <= OF_EXCEL_2007
        assert set(re.findall(r"\$?[A-Z]{1,2}\$?(\d+)", own)) <= {str(cell.row)} and ":" not in own


def test_every_filled_row_has_formulas_even_beyond_the_prepared_ones() -> None:
    sheet = opened(template_of(JOURNALS, Language.EN, [ROW] * 60, **LIVE)).worksheets[0]
    letter = column_of(sheet, "Difference")
    assert sheet[f"{letter}61"].data_type == "f" and sheet[f"{letter}62"].value is None


@pytest.mark.parametrize("language", Language)
def test_prepared_rows_are_blank_for_the_reader_and_calculated_columns_no_surprise(
    language: Language, tmp_path: Path
) -> None:
    path = tmp_path / "all.xlsx"
    path.write_bytes(workbook_of(FORMS, language, **LIVE))
    read = read_workbook(path, FORMS)
    assert [problem.code for problem in read.problems] == ["empty-form"]
    assert [sheet.form for sheet in read.sheets] == [form.name for form in FORMS]
    assert LISTS_SHEET in read.passed_over


def test_a_filled_row_between_prepared_ones_is_the_only_one(tmp_path: Path) -> None:
    book = opened(template_of(JOURNALS, Language.FR, **LIVE))
    sheet = book.worksheets[0]
    for name, value in ROW.items():
        sheet[f"{column_of(sheet, JOURNALS.label(JOURNALS.column(name), Language.FR))}7"] = value
    book.save(tmp_path / "filled.xlsx")
    read = read_workbook(tmp_path / "filled.xlsx", FORMS)
    assert read.problems == () and read.sheets[0].rows == (7,)
    assert {name: texts[0] for name, texts in read.sheets[0].columns.items() if texts[0]} == {
        name: {"amount": "10.5", "transDateTime": "2018-06-30"}.get(name, value) for name, value in ROW.items()
    }


@pytest.mark.parametrize("is_saved_again", [False, True])
def test_the_workbook_remembers_whose_lists_it_holds(is_saved_again: bool, tmp_path: Path) -> None:
    path = tmp_path / "journals.xlsx"
    path.write_bytes(template_of(JOURNALS, Language.ES, **LIVE))
    if is_saved_again:
        book = load_workbook(path)
        book[LISTS_SHEET].title = "Listas"
        book.save(path)
    assert read_workbook(path, FORMS).origin == ListsOrigin(5, LISTS.company_name, TAKEN_AT)


def test_a_template_without_lists_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "journals.xlsx"
    path.write_bytes(template_of(JOURNALS, Language.ES))
    assert read_workbook(path, FORMS).origin is None


def test_the_lists_are_hidden_and_behind_the_instructions() -> None:
    book = opened(workbook_of(FORMS, Language.EN, **LIVE))
    assert book.sheetnames == ["Dimensions", "Addresses", "Journals", "Instructions", LISTS_SHEET]
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible"] * 4 + ["hidden"]


def test_an_address_is_told_which_codes_the_company_requires() -> None:
    sheet = opened(workbook_of(FORMS, Language.EN, **LIVE))["Addresses"]
    rules = {rule.promptTitle: rule for rule in sheet.data_validations.dataValidation}
    assert rules["Analysis 1: code"].prompt.startswith("The company requires TYPEDOC (category 20, entry 1).")
    assert rules["Analysis 2: code"].type == "list" and rules["Analysis 1: code"].type in (None, "none")


def test_the_same_lists_give_the_same_bytes() -> None:
    assert workbook_of(FORMS, Language.EN, **LIVE) == workbook_of(FORMS, Language.EN, **LIVE)


def test_no_calculated_heading_is_the_heading_of_a_column() -> None:
    for form in FORMS:
        assert not calculated_headings(form.name) & set(form.headings())
        for name in CALCULATED.get(form.name, ()):
            assert {fold_heading(calculated_label(form.name, name, one)) for one in Language} <= calculated_headings(
                form.name
            )


PICKED_CELLS = {
    "account": "101110 NF · Non-Fiscal General Cash",
    "tfww": "NF · Non-Fiscal",
    "fund": "10",
    "journalType": "JV · Journal Voucher",
    "description": "A · B",
}


def test_what_was_picked_from_a_drop_down_is_read_as_its_code(tmp_path: Path) -> None:
    (tmp_path / "picked.xlsx").write_bytes(template_of(JOURNALS, Language.EN, [{**ROW, **PICKED_CELLS}], **LIVE))
    columns = read_workbook(tmp_path / "picked.xlsx", FORMS).sheets[0].columns
    read = {name: columns[name][0] for name in PICKED_CELLS}
    assert read == {"account": "101110 NF", "tfww": "NF", "fund": "10", "journalType": "JV", "description": "A · B"}
