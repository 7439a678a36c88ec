"""Rows as CSV, JSON, xlsx and table: exact, and harmless wherever they are opened."""

import csv
import io
import json
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from rich.console import Console

from importer.printable import printable
from importer.report.tables import Table, Value, harmless_csv, name_of_sheet, to_csv, to_json, to_xlsx
from importer.report.terminal import print_table

HOSTILE = [
    *("=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1"),
    *('"quoted"', "a;b,c\nd", "\x1b[31mred", "\x9b31m", "\u202eevil", "Ñandú"),
]
TABLE = Table(
    "Accounts", ("code", "name", "amount", "open", "day"), [["001", "=1+1", Decimal("-18630.10"), True, None]]
)


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_csv_can_be_taken_for_a_formula(text: str) -> None:
    shown = read_csv(to_csv(Table("x", ("a",), [[text]])))[1][0]
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert shown.removeprefix("'") == printable(text) and shown.isprintable()


def test_a_csv_keeps_zeros_and_every_digit_and_numbers_stay_numbers() -> None:
    assert to_csv(TABLE).splitlines()[1] == '"001","\'=1+1",-18630.10,"true",""'


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.decimals(-(10**12), 10**12, places=2))
def test_a_csv_can_be_read_back(texts: list[str], amount: Decimal) -> None:
    shown = read_csv(to_csv(Table("x", (*"abcde"[: len(texts)], "n"), [[*texts, amount]])))
    assert [cell.removeprefix("'") for cell in shown[1][:-1]] == [printable(text).removeprefix("'") for text in texts]
    assert Decimal(shown[1][-1]) == amount and "E" not in shown[1][-1]


def test_json_has_exact_amounts_and_real_nulls() -> None:
    assert json.loads(to_json(TABLE)) == [
        {"code": "001", "name": "=1+1", "amount": "-18630.10", "open": True, "day": None}
    ]


@given(st.text())
def test_json_loses_nothing_and_shows_nothing_invisible(text: str) -> None:
    shown = to_json(Table("x", ("a",), [[text]]))
    assert json.loads(shown) == [{"a": text}] and shown.replace("\n", "").isprintable()


def test_members_of_json_are_not_the_headings_of_a_language() -> None:
    table = Table("x", ("Importe", "Nombre"), [[Decimal("1.10"), "ñ"]], ("amount", "name"))
    assert json.loads(to_json(table)) == [{"amount": "1.10", "name": "ñ"}]
    assert to_csv(table).splitlines()[0] == '"Importe","Nombre"'
    assert json.loads(to_json(table.of_columns([1]))) == [{"name": "ñ"}]


def test_what_is_nested_stays_so_in_json_and_is_text_elsewhere() -> None:
    table = Table("x", ("a",), [[{"b": [Decimal("1.50"), None]}]])
    assert json.loads(to_json(table)) == [{"a": {"b": ["1.50", None]}}]
    assert read_csv(to_csv(table))[1] == ['{"b": ["1.50", null]}']


def test_a_number_that_excel_would_change_is_a_text_there() -> None:
    exact, too_long = Decimal("9999999999999.99"), Decimal("12345678901234.56")
    rows: list[list[Value]] = [[exact], [too_long], [Decimal("0.125")], [10**18 + 1]]
    sheet = load_workbook(io.BytesIO(to_xlsx(Table("x", ("a",), rows)))).active
    assert [cell.value for cell in sheet["A"][1:]] == [9999999999999.99, "12345678901234.56", 0.125, str(10**18 + 1)]


@pytest.mark.parametrize("name", ["Hoja: [1]/2", "'x'", "", "x" * 40, "\x1b"])
def test_any_text_can_name_a_sheet(name: str) -> None:
    assert load_workbook(io.BytesIO(to_xlsx(Table(name, ("a",), [])))).sheetnames == [name_of_sheet(name)]


@pytest.mark.parametrize("character_set", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_file_of_a_service_stays_as_it_is_unless_it_is_dangerous(character_set: str) -> None:
    plain = 'Cuenta,Monto\r\n"Ñandú ",-5\n\nx:,1\n'
    assert harmless_csv(plain.encode(character_set)) == plain.encode(character_set)
    spoilt = harmless_csv(f"{plain}=1+1,\x1b[2J\n".encode(character_set)).decode()
    assert read_csv(spoilt)[-1] == ["'=1+1", "\\u001b[2J"] and read_csv(spoilt)[1] == ["Ñandú ", "-5"]


def test_an_xlsx_has_texts_numbers_and_days_and_no_formula() -> None:
    table = Table("Hoja: 1" * 9, ("a", "b", "c"), [[text, Decimal("1.10"), date(2018, 6, 30)] for text in HOSTILE])
    table = Table("Hoja", table.headings, table.rows)
    content = to_xlsx(table)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"<hyperlink" not in sheet
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert rows[1][0] == "=HYPERLINK(1)" and rows[1][1] == 1.1 and str(rows[1][2]).startswith("2018-06-30")


def test_a_terminal_gets_no_control_sequence() -> None:
    target = io.StringIO()
    print_table(Table("x", ("a",), [[text] for text in HOSTILE]), Console(file=target, force_terminal=True, width=200))
    assert "\x1b[31m" not in target.getvalue() and "red" in target.getvalue()


def test_an_empty_table_has_its_headings_everywhere() -> None:
    empty = Table("x", ("a", "b"), [])
    assert read_csv(to_csv(empty)) == [["a", "b"]] and json.loads(to_json(empty)) == [] and to_xlsx(empty)
