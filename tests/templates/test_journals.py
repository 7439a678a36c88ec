"""The journal form and its Excel template: as declared, as openpyxl and LibreOffice see it."""

import io
import subprocess
import zipfile
from pathlib import Path

import msgspec
import pytest
from openpyxl import load_workbook

from importer.read.workbooks import read_workbook
from importer.services.sunplusxtra.journals import journal_payload
from importer.templates.forms import JOURNALS, Kind, fold_heading
from importer.translations import Language
from tests.contract.schemas import faults_of_request, operation
from tests.post.journals import journal
from tests.templates.office import needs_office
from tests.templates.practice import template_of

DEBIT_IN = {Language.EN: "debit", Language.ES: "cargo", Language.FR: "débit"}

pytestmark = pytest.mark.filterwarnings("ignore:Print area cannot be set")


def test_the_columns_are_the_members_of_the_contract() -> None:
    (example,) = operation("post_journal").request_examples.values()
    members = set(example["requestPolicyDetails"][0])
    assert {column.name for column in JOURNALS.columns} - {"journal", "attachment"} == members
    as_sent = msgspec.json.Encoder(decimal_format="number").encode(journal_payload(journal().lines))
    payload = msgspec.json.decode(as_sent)
    assert set(payload["requestPolicyDetails"][0]) == members
    assert faults_of_request("post_journal", payload) == []


def test_required_columns_are_those_the_contract_requires() -> None:
    required = {column.name for column in JOURNALS.required}
    assert required == {
        "journalType",
        "account",
        "treference",
        "description",
        "transaction",
        "amount",
        "currency",
        "transDateTime",
        "period",
    }


@pytest.mark.parametrize("language", Language)
def test_every_heading_leads_back_to_its_column(language: Language) -> None:
    headings = JOURNALS.headings()
    for column in JOURNALS.every_column:
        assert headings[fold_heading(JOURNALS.label(column, language))] == column.name
        assert JOURNALS.help(column, language)


@pytest.mark.parametrize(
    "heading", ["CUENTA", " cuenta ", "Cuenta *", "Cu\u00e9nta", "a c c o u n t", "Account:", "account\u00a0"]
)
def test_headings_are_compared_without_case_accents_blanks_and_marks(heading: str) -> None:
    assert JOURNALS.headings()[fold_heading(heading)] == "account"


@pytest.mark.parametrize("language", Language)
def test_the_template_is_what_an_accountant_needs(language: Language) -> None:
    book = load_workbook(io.BytesIO(template_of(JOURNALS, language)))
    sheet, instructions = book.worksheets
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:AZ1"
    assert sheet.page_setup.orientation == "landscape" and sheet.print_title_rows == "$1:$1"
    validations = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    for index, column in enumerate(JOURNALS.columns, start=1):
        heading = sheet.cell(1, index)
        assert heading.value == JOURNALS.label(column, language)
        assert heading.number_format == ('@" *"' if column.required else "@") and heading.comment is not None
        below = sheet.column_dimensions[heading.column_letter].number_format
        expected = {Kind.AMOUNT: "#,##0.00", Kind.DATE: "yyyy-mm-dd", Kind.INTEGER: "0"}.get(column.kind, "@")
        assert below == expected
        rule = validations[f"{heading.column_letter}2"]
        assert rule.prompt and len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32
        assert (rule.formula1 == '"C,D"') is bool(column.choices)
        if column.name == "transaction":
            assert f"D = {DEBIT_IN[language]}" in rule.error
    assert instructions.max_row > len(JOURNALS.columns) - 25


@pytest.mark.parametrize("language", Language)
def test_the_reader_recognises_the_template(language: Language, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template_of(JOURNALS, language))
    read = read_workbook(path, [JOURNALS])
    assert [problem.code for problem in read.problems] == ["empty-form"]
    assert len(read.sheets) == len(read.passed_over) == 1
    assert set(read.sheets[0].columns) == {column.name for column in JOURNALS.columns}


def test_the_same_form_gives_the_same_bytes() -> None:
    assert template_of(JOURNALS, Language.ES) == template_of(JOURNALS, Language.ES)


def test_texts_in_rows_are_never_formulas(tmp_path: Path) -> None:
    rows = [{"description": "=HYPERLINK(1)", "treference": "+1+1", "account": "http://x.example", "journal": "@x"}]
    content = template_of(JOURNALS, Language.EN, rows)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"<f " not in sheet and b"hyperlink" not in sheet.lower()


@needs_office
def test_libreoffice_opens_the_template_and_prints_it(tmp_path: Path) -> None:
    (tmp_path / "journals.xlsx").write_bytes(template_of(JOURNALS, Language.ES))
    profile = (tmp_path / "profile").as_uri()
    for kind in ("pdf", "xlsx:Calc MS Excel 2007 XML"):
        command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", kind]
        subprocess.run(
            [*command, "--outdir", str(tmp_path / "out"), str(tmp_path / "journals.xlsx")],
            check=True,
            capture_output=True,
            timeout=120,
        )
    assert (tmp_path / "out" / "journals.pdf").read_bytes().startswith(b"%PDF-")
    again = read_workbook(tmp_path / "out" / "journals.xlsx", [JOURNALS])
    assert [problem.code for problem in again.problems] == ["empty-form"]
    sheet = load_workbook(tmp_path / "out" / "journals.xlsx").worksheets[0]
    assert sheet.column_dimensions["D"].number_format == "@"
