"""`importer template` as a user calls it, and a template of the practice company, filled in and posted."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from importer.read.workbooks import read_workbook
from importer.templates.forms import CALCULATED, FORMS, JOURNALS, calculated_label
from importer.translations import Language
from tests.cli.commands import home_in, importer
from tests.templates.office import converted, needs_office

pytestmark = pytest.mark.filterwarnings("ignore:Print area cannot be set")

LINES: tuple[dict[str, Any], ...] = (
    {"account": "631110", "fund": "10", "function": "MAINT01", "debit": 1234.5, "description": "Electricity"},
    {"account": "111110", "tfww": "1001", "fund": "10", "credit": 1234.5, "description": "Electricity"},
)
SHARED = {
    "journalType": "JV",
    "treference": "CFE-06",
    "currency": "MXN1",
    "transDateTime": date(2018, 6, 30),
    "period": "2018006",
}


def fill(path: Path, language: Language) -> None:
    """Fills in a journal by the headings, as a person or a script does."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for row, line in enumerate(LINES, start=2):
        for name, value in (SHARED | line).items():
            sheet[f"{letters[JOURNALS.label(JOURNALS.column(name), language)]}{row}"] = value
    book.save(path)


@needs_office
def test_what_was_typed_is_what_is_posted(tmp_path: Path) -> None:
    made = importer(
        "template", "all", "--sandbox", "--lang", "fr", "--columns", "debit-credit", "--rows", "40", folder=tmp_path
    )
    assert (made.code, made.err) == (0, "") and "all.xlsx" in made.out
    fill(tmp_path / "all.xlsx", Language.FR)
    saved = converted(tmp_path / "all.xlsx", "xlsx")
    sheet = load_workbook(saved, data_only=True).worksheets[0]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    shown = {
        name: [sheet[f"{letters[calculated_label('journals', name, Language.FR)]}{row}"].value for row in (2, 3)]
        for name in CALCULATED["journals"]
    }
    assert shown["accountInformation"][0] == "Electricity · exige Fonds, Fonction"
    assert {value or "" for name in ("difference", "lacking") for value in shown[name]} == {""}
    ended = importer("run", saved, "--sandbox", "--json", "--lang", "es", folder=tmp_path)
    assert ended.code == 0, ended.err
    (document,) = ended.result["documents"]
    assert (document["status"], document["rows"]) == ("posted", [2, 3])
    assert (document["debit"], document["credit"], document["period"]) == ("1234.50", "1234.50", "2018006")
    assert ended.result["problems"] == []


def test_the_lists_are_those_of_the_company(tmp_path: Path) -> None:
    made = importer("template", "dimensions", "--sandbox", "-o", "codes.xlsx", folder=tmp_path)
    assert (made.code, made.err) == (0, "")
    origin = read_workbook(tmp_path / "codes.xlsx", FORMS).origin
    assert origin is not None and (origin.company_id, origin.company_name) == (5, "IAN Iglesia Adventista Nacional")
    lists = load_workbook(tmp_path / "codes.xlsx")["Lists"]
    columns = {cells[0].value: [cell.value for cell in cells[1:] if cell.value] for cells in lists.iter_cols(min_col=4)}
    assert "459990" not in columns["Account: code"] and "101110 NF" in columns["Account: code"]
    assert columns["Fund: choice"][0] == "10 · Operating Fund" and "90" not in columns["Fund: code"]
    assert columns["Journal type: code"][0] == "AP" and "2018006" in columns["Accounting period: code"]
    assert columns["Currency: code"] == ["MXN1", "MXP1", "USD1"]
    assert columns["Addresses: name"] == ["TYPEDOC", "NATJUR", "ACTECO", "TYPEWHO"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("dimensions", "--columns", "debit-credit"), "--columns"),
        (("journals", "--rows", "10"), "--rows"),
        (("vouchers",), "vouchers"),
    ],
)
def test_a_wrong_wish_is_told_and_nothing_is_written(arguments: tuple[str, ...], named: str, tmp_path: Path) -> None:
    ended = importer("template", *arguments, folder=tmp_path)
    assert ended.code == 2 and named in ended.err and not list(tmp_path.glob("*.xlsx"))


def test_a_template_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    assert importer("template", "journals", folder=tmp_path).code == 0
    before = (tmp_path / "journals.xlsx").read_bytes()
    ended = importer("template", "journals", "--sandbox", folder=tmp_path)
    assert ended.code == 3 and "journals.xlsx" in ended.err
    assert (tmp_path / "journals.xlsx").read_bytes() == before
    assert importer("template", "journals", "--lang", "es", "--force", folder=tmp_path).code == 0
    assert (tmp_path / "journals.xlsx").read_bytes() != before


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX is needed")
def test_a_template_that_cannot_be_written_leaves_the_old_one_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "journals.xlsx").write_text("the old one")
    ended = subprocess.run(
        ["bash", "-c", f"ulimit -f 2; {sys.executable} -m importer template journals --force"],
        cwd=tmp_path,
        env=os.environ | home_in(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3 and "journals.xlsx" in ended.stderr and ended.stderr.count("\n") == 1
    assert (tmp_path / "journals.xlsx").read_text() == "the old one" and len(list(tmp_path.glob("*.xlsx*"))) == 1


def test_a_folder_that_is_not_there_is_told_before_the_service_is_asked(tmp_path: Path) -> None:
    ended = importer("template", "journals", "--live", "-o", "nowhere/j.xlsx", folder=tmp_path)
    assert ended.code == 3 and "nowhere" in ended.err and "SPX_URL" not in ended.err


def test_live_without_a_service_says_what_to_set(tmp_path: Path) -> None:
    ended = importer("template", "journals", "--live", folder=tmp_path)
    assert ended.code == 3 and "SPX_URL" in ended.err and not list(tmp_path.glob("*.xlsx"))
