"""The formulas of a prepared sheet as LibreOffice calculates them, and the pages it prints."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from importer.templates.form_sheet import RowValues, calculated_columns
from importer.templates.forms import FORMS, JOURNALS, Form, calculated_label
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.templates.office import converted, needs_office
from tests.templates.practice import LISTS, template_of

pytestmark = pytest.mark.filterwarnings("ignore:Print area cannot be set")

LIVE: dict[str, Any] = {"lists": LISTS, "prepared_rows": 30}
BY_SIDE = JOURNALS.in_alternative_layout()
Cells = Mapping[str, str | Decimal]

ROWS: Sequence[Cells] = (
    {"journal": "J1", "account": "101110", "tfww": "1001", "fund": "10", "transaction": "D", "amount": Decimal("0.10")},
    {"journal": "J1", "account": "101110 NF", "transaction": "D", "amount": Decimal("0.20")},
    {"journal": "J1", "account": "0012", "transaction": "C", "amount": Decimal("0.30")},
    {"journal": "j1", "account": "* \u00b7 Every account", "transaction": "d", "amount": Decimal("5")},
    {"journal": "J*", "account": "1~1?", "transaction": "C", "amount": Decimal("7.25"), "source": "001"},
    {"journal": "J*", "account": "1?1", "transaction": "C", "amount": Decimal("1")},
    {"journal": "J*", "account": "10*", "transaction": "D", "amount": Decimal("8.25")},
    {},
    {"journal": "J2", "account": "101120  NF", "transaction": "D", "amount": Decimal("1234567.89")},
    {"journal": "J2", "account": "642198", "transaction": "C"},
    {"account": "631140 \u00b7 Maintenance", "function": "ADMIN01", "transaction": "D", "amount": Decimal("3")},
    {},
    {"account": "631140", "fund": "1", "transaction": "C", "amount": Decimal("4")},
)
DIFFERENCES = ["", "", "", 5, "", "", "", "", "", 1234567.89, 3, "", -1]
LACKING = ["", "3", "", "0", "0", "", "", "", "", "", "3", "", "4"]


def by_side(row: Cells) -> Cells:
    side = str(row.get("transaction", "")).upper()
    rest = {name: value for name, value in row.items() if name not in ("transaction", "amount")}
    return rest | ({"debit" if side == "D" else "credit": row["amount"]} if "amount" in row else {})


def filled(form: Form, rows: Sequence[Cells], path: Path) -> Path:
    """The prepared template filled by a script that knows nothing of formulas: openpyxl forgets all their results."""
    book = load_workbook(io.BytesIO(template_of(form, Language.ES, **LIVE)))
    sheet = book.worksheets[0]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for number, row in enumerate(rows, start=2):
        for name, value in row.items():
            sheet[f"{letters[form.label(form.column(name), Language.ES)]}{number}"] = value
    book.save(path)
    return path


def results_in(path: Path, form: Form, rows: int) -> list[dict[str, object]]:
    """The results in a saved workbook by calculated column, blank ones as an empty text."""
    sheet = load_workbook(path, data_only=True).worksheets[0]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    names = calculated_columns(form, LISTS)
    places = {name: letters[calculated_label(form.name, name, Language.ES)] for name in names}
    return [
        {name: "" if (value := sheet[f"{letter}{row}"].value) is None else value for name, letter in places.items()}
        for row in range(2, rows + 2)
    ]


@needs_office
@pytest.mark.parametrize("form", [JOURNALS, BY_SIDE], ids=["side and amount", "debit and credit"])
def test_libreoffice_calculates_what_the_template_promises(form: Form, tmp_path: Path) -> None:
    rows = [by_side(row) for row in ROWS] if form is BY_SIDE else ROWS
    path = converted(filled(form, rows, tmp_path / "filled.xlsx"), "xlsx")
    found = results_in(path, form, 30)
    assert [row["difference"] for row in found] == [*DIFFERENCES, *[""] * 17]
    assert [row["lacking"] for row in found] == [*LACKING, *[""] * 17]
    assert found[0]["accountInformation"] == "General Cash · requiere TFWW, Fondo"
    assert found[1]["accountInformation"] == "Non-Fiscal General Cash · requiere Fondo"
    assert found[2]["accountInformation"] == "Leading zeros"
    assert found[5]["accountInformation"] == found[6]["accountInformation"] == "no está en la lista de cuentas abiertas"
    assert {row["accountInformation"] for row in found[13:]} == {""}


@pytest.mark.parametrize("form", [JOURNALS, BY_SIDE], ids=["side and amount", "debit and credit"])
def test_whole_columns_are_printed_in_which_nothing_but_entries_stands(form: Form, tmp_path: Path) -> None:
    """A page with formulas is printed even where they show nothing."""
    content = template_of(form, Language.ES, **LIVE)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.read("xl/workbook.xml").decode()
    (last,) = re.findall(r'"_xlnm.Print_Area"[^>]*>[^<]*!\$A:\$([A-Z]+)<', names)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    printed = sheet[f"A1:{last}{sheet.max_row}"]
    assert [cell.value for cell in printed[0]][-1] == form.label(form.column("period"), Language.ES)
    assert {cell.value for row in printed[1:] for cell in row} == {None} and sheet.max_row > 30
    shown = [str(cell.value) for cell in sheet[1][len(printed[0]) : len(printed[0]) + 2]]
    assert shown == [calculated_label(form.name, name, Language.ES) for name in ("difference", "accountInformation")]


@needs_office
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
@pytest.mark.parametrize("language", Language)
def test_libreoffice_prints_all_three_forms(language: Language, tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    row: RowValues = {"journal": "J1", "journalType": "JV", "account": "101110", "transDateTime": date(2018, 6, 30)}
    path.write_bytes(workbook_of(FORMS, language, {"journals": [row]}, LISTS, 1_000))
    printed = converted(path, "pdf")
    text = subprocess.run(
        ["pdftotext", "-layout", str(printed), "-"], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    for form in FORMS:
        assert form.title(language) in text
    assert "101110" in text and text.count("\f") < 8 and "IAN Iglesia Adventista Nacional" in text
    assert "importer.lists" not in text
