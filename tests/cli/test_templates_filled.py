"""Each template, filled in by a script and run: what was typed is what was posted."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.templates.form_sheet import CellValue
from importer.translations import Language
from tests.cli.commands import ROOT
from tests.samples.kept import KeptCompany, entries_of, kept_company
from tests.samples.labels import label, title
from tests.samples.month import Month, Row
from tests.samples.records import Rows, required_codes
from tests.samples.weeks import by_sides

pytestmark = pytest.mark.filterwarnings("ignore:Print area cannot be set")

AS_NUMBERS = ("account", "fund", "tfww", "period", "catId", "prohibitPosting", "status", "postalCode", "line")
"""Where an accountant types digits, Excel makes them a number."""


@pytest.fixture
def company(tmp_path: Path) -> Iterator[KeptCompany]:
    with kept_company(tmp_path) as kept:
        yield kept


def journals(tag: str) -> list[Row]:
    """Two journals with a code in each dimension, cents, accents and a lone credit first."""
    month = Month()
    first = month.journal("JV", date(2018, 6, 30), f"{tag}-1")
    codes = {"source": "001", "restriction": "00", "sdaOrganization": "C0101", "details": "001"}
    first.credit("211110", "1000.01", "Factura de Ñandú & Cía. <23>", who=f"P-{tag}", flag="A", **codes)
    first.debit("631110", "333.34", "=1+1 is a text here", function="ADMIN01", who="EM0012", **codes)
    first.debit("651140", "666.67", "Campamento", fund="50", function="YOUTH01", project="CAMP2018")
    second = month.journal("PC", date(2018, 6, 1), f"{tag}-2")
    second.debit("641110", "0.07", "Papel", function="ADMIN01", who="PR0001")
    second.credit("101120", "0.07", "Caja chica")
    return month.rows


def dimensions(tag: str) -> list[Row]:
    return [
        {"action": "create", "catId": "07", "code": f"P-{tag}", "lookup": f"L{tag}", "name": f"Proveedor {tag}"},
        {"catId": "10", "code": f"D-{tag}", "name": "Détail fermé", "prohibitPosting": "1"},
    ]


def addresses(tag: str) -> list[Row]:
    texts = ("addressLine5", "area", "shortHeading", "faxNumber", "emailAddress", "webPageAddress")
    return [
        {
            "action": "create",
            "addressCode": f"A/{tag}",
            "addressLine1": "Pozos Núñez",
            "lookupCode": f"L{tag}",
            "status": "2",
            "postalCode": "97000",
            "telephoneNumber": "+52 (999) 555-0100",
            **{name: f"{name} {tag}" for name in texts},
            **required_codes("SUPPL"),
        }
    ]


def fill(path: Path, content: bytes, rows: Rows, language: Language) -> Path:
    """Fills in the template as a person does who reads its headings."""
    book = load_workbook(io.BytesIO(content))
    for form, of_form in rows.items():
        sheet = book[title(form, language)]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for number, row in enumerate(of_form, start=2):
            for name, value in row.items():
                cell = sheet.cell(number, columns[label(form, name, language)])
                cell.value = _as_typed(name, value)
                if isinstance(value, str) and value.startswith("="):
                    cell.data_type = "s"
    book.save(path)
    return path


def _as_typed(name: str, value: CellValue) -> str | int | float | date | None:
    if isinstance(value, Decimal):
        return float(value)
    return int(value) if isinstance(value, str) and name in AS_NUMBERS else value


def written(company: KeptCompany, language: Language, *arguments: str) -> bytes:
    """The template that the command writes."""
    target = company.folder / "template.xlsx"
    made = company.call("template", *arguments, "-o", target, "--lang", language)
    assert (made.code, made.err) == (0, ""), made.err
    return target.read_bytes()


def committed(form: str, language: Language) -> bytes:
    return (ROOT / "templates" / f"{form}{'' if language is Language.EN else f'.{language}'}.xlsx").read_bytes()


@pytest.mark.parametrize("language", Language)
def test_the_template_of_each_form_in_each_language(language: Language, company: KeptCompany) -> None:
    tag = f"ONE-{language}".upper()
    all_rows = {"dimensions": dimensions(tag), "addresses": addresses(tag), "journals": journals(tag)}
    paths = [
        fill(company.folder / f"{form}-{language}.xlsx", committed(form, language), {form: rows}, language)
        for form, rows in all_rows.items()
    ]
    assert_posted_as_typed(company, paths, tag, journals(tag))


@pytest.mark.parametrize("language", Language)
def test_the_template_of_all_forms_with_debit_and_credit_columns(language: Language, company: KeptCompany) -> None:
    tag = f"ALL-{language}".upper()
    rows = {"journals": by_sides(journals(tag)), "dimensions": dimensions(tag), "addresses": addresses(tag)}
    template = written(company, language, "all", "--columns", "debit-credit")
    path = fill(company.folder / f"all-{language}.xlsx", template, rows, language)
    assert_posted_as_typed(company, [path], tag, journals(tag))


@pytest.mark.parametrize("columns", ["transaction-amount", "debit-credit"])
def test_the_template_with_the_companys_lists(columns: str, company: KeptCompany) -> None:
    tag, language = f"LIVE-{columns[0]}".upper(), Language.ES
    rows = {
        "journals": by_sides(journals(tag)) if columns == "debit-credit" else journals(tag),
        "dimensions": dimensions(tag),
        "addresses": addresses(tag),
    }
    template = written(company, language, "all", "--live", "--rows", "20", "--columns", columns)
    path = fill(company.folder / f"live-{columns}.xlsx", template, rows, language)
    assert_posted_as_typed(company, [path], tag, journals(tag))


def assert_posted_as_typed(company: KeptCompany, paths: Sequence[Path], tag: str, wanted: Sequence[Row]) -> None:
    ended = company.call("run", *paths, "--json")
    assert (ended.code, ended.result["problems"]) == (0, []), ended.err
    assert {one["status"] for one in ended.result["documents"]} == {"posted"}
    assert company.journals() == entries_of(wanted)
    assert company.codes("07")[f"P-{tag}"] == (f"L{tag}", f"Proveedor {tag}", 0)
    assert company.codes("10")[f"D-{tag}"] == (f"D-{tag}", "Détail fermé", 1)
    (typed,) = addresses(tag)
    assert_holds(company.addresses()[f"A/{tag}"], typed)


def assert_holds(held: Mapping[str, object], typed: Row) -> None:
    """Each field as it was typed; those left blank are blank; analysis codes joined to what the company requires."""
    plain = {name: value for name, value in typed.items() if name != "action" and not name.startswith("analysis")}
    texts = {name: str(value or "").rstrip() for name, value in held.items() if name != "analysisCodes"}
    assert {name: text for name, text in texts.items() if text} == plain
    kinds = (("20", "RFC", "1"), ("17", "AR", "2"), ("14", "CULTO", "3"), ("19", "SUPPL", "4"))
    assert held["analysisCodes"] == {
        f"Analysis{number}": {"id": category, "code": code, "entryNum": entry}
        for number, (category, code, entry) in enumerate(kinds, start=1)
    }
