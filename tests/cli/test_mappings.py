"""A workbook with headings of its own is run by a mapping: which, and with what it fills in, stands before the question
and in the result; a mapping that nobody has looked at posts nothing."""

import os
import re
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from openpyxl import load_workbook

from importer.read.mappings import MappingFolder, mapping_of
from importer.sandbox import Sandbox
from importer.settings_file import mappings_folder
from tests.cli.commands import Ended, home_in, importer, settings_of
from tests.cli.test_resume import posted_in
from tests.read.mapped import JUNE_15, Rows, write

HEADINGS = ("Póliza", "Cuenta contable", "Concepto", "Debe", "Haber", "Fecha", "TFWW", "Fondo")
MAPPING = """
headings = { account = "Cuenta contable", description = "Concepto", debit = "Debe", credit = "Haber", \
transDateTime = "Fecha", treference = "Póliza", tfww = "TFWW", fund = "Fondo" }
constants = { currency = "MXN1", journalType = "JV" }
derive = { period = "month of transDateTime" }
journal = "Póliza"
"""


def polizas(*keys: str) -> Rows:
    """A journal of two lines for each key, of an amount of its own."""
    rows = []
    for key in keys:
        amount = 10 * int(key[-1])
        for account, debit, credit in (("101110", amount, None), ("371110", None, amount)):
            rows.append((key, account, "Pago", debit, credit, JUNE_15, "1001", "10"))
    return [HEADINGS, *rows]


def keep(folder: Path, name: str, text: str = MAPPING) -> Path:
    """The mapping in the home of the commands that run in a folder."""
    with patch.dict(os.environ, home_in(folder)):
        mappings = MappingFolder(mappings_folder())
        mappings.keep(mapping_of(name, text, name))
        return mappings.path_of(name)


def run(sandbox: Sandbox, folder: Path, *arguments: str) -> Ended:
    return importer("run", *arguments, "--json", "--no-wait", folder=folder, **settings_of(sandbox, folder / "s.db"))


def codes(ended: Ended) -> list[str]:
    return [problem["code"] for problem in ended.result["problems"] if problem["severity"] == "error"]


def test_a_mapping_is_named_once_and_understood_ever_after(sandbox: Sandbox, tmp_path: Path) -> None:
    path = keep(tmp_path, "polizas")
    write(tmp_path / "june.xlsx", polizas("REF-1", "REF-2"))
    unused = run(sandbox, tmp_path, "june.xlsx")
    assert (unused.code, codes(unused), posted_in(sandbox)) == (1, ["uncertain-mapping"], [])
    named = run(sandbox, tmp_path, "june.xlsx", "--mapping", "polizas")
    assert (named.code, posted_in(sandbox)) == (0, ["REF-1", "REF-2"])
    (sheet,) = named.result["files"][0]["sheets"]
    assert sheet["mapping"]["name"] == "polizas" and len(sheet["mapping"]["sha256"]) == 64
    assert {one["period"] for one in named.result["documents"]} == {"2018006"}
    write(tmp_path / "july.xlsx", polizas("REF-3"))
    again = run(sandbox, tmp_path, "july.xlsx")
    assert (again.code, posted_in(sandbox)) == (0, ["REF-1", "REF-2", "REF-3"])
    assert (
        "Igual en todas las filas: Moneda MXN1" in importer("check", "july.xlsx", "--lang", "es", folder=tmp_path).out
    )
    path.write_text(path.read_text(encoding="utf-8").replace("MXN1", "MXN2"), encoding="utf-8")
    edited = run(sandbox, tmp_path, "july.xlsx")
    assert (edited.code, codes(edited)) == (1, ["uncertain-mapping"])
    write(tmp_path / "august.xlsx", polizas("REF-4"))
    by_script = run(sandbox, tmp_path, "august.xlsx", "--mapping", "polizas", "--yes")
    assert (by_script.code, codes(by_script)) == (1, ["uncertain-mapping"]), "a script names it every month"
    assert posted_in(sandbox) == ["REF-1", "REF-2", "REF-3"]


def test_a_check_and_practice_need_no_word(sandbox: Sandbox, tmp_path: Path) -> None:
    keep(tmp_path, "polizas")
    write(tmp_path / "june.xlsx", polizas("REF-1"))
    assert importer("check", "june.xlsx", folder=tmp_path).code == 0
    assert importer("run", "june.xlsx", "--sandbox", folder=tmp_path).code == 0


FORMATS = """dates = "d/m/y"
periods = "m/y"
numbers = "1.234,56"
negative_text = ["(1.00)", "1.00-"]
sides = "C/A"
"""


def test_declared_formats_are_shown_in_each_language(tmp_path: Path) -> None:
    by_side = MAPPING.replace('debit = "Debe", credit = "Haber"', 'transaction = "Lado", amount = "Importe"')
    by_side = by_side.replace('fund = "Fondo"', 'fund = "Fondo", period = "Mes"').replace("derive", "# derive")
    keep(tmp_path, "polizas", by_side + FORMATS)
    headings, *lines = polizas("REF-1")
    rows = [(*line[:3], "C" if line[3] else "A", line[3] or line[4], *line[5:], "6/2018") for line in lines]
    write(tmp_path / "june.xlsx", [(*headings[:3], "Lado", "Importe", *headings[5:], "Mes"), *rows])
    shown = {
        "en": ["Dates typed", "Periods typed", "Amounts typed", "Negative amounts typed", "Debit/credit are"],
        "es": ["Las fechas escritas", "Los periodos", "Los importes escritos", "Los importes negativos", "Cargo/abono"],
        "fr": ["Les dates saisies", "Les périodes", "Les montants saisis", "Les montants négatifs", "Débit/crédit"],
    }
    for language, beginnings in shown.items():
        checked = importer("check", "june.xlsx", "--lang", language, folder=tmp_path)
        assert checked.code == 0
        sentences = re.split(r"\.\s", " ".join(checked.out.split()))
        for beginning, declared in zip(beginnings, ("d/m/y", "m/y", "1.234,56", "(1.00), 1.00-", "C/A"), strict=True):
            assert any(one.startswith(beginning) and one.endswith(declared) for one in sentences), checked.out


def test_between_two_mappings_nothing_is_posted_without_a_word(sandbox: Sandbox, tmp_path: Path) -> None:
    keep(tmp_path, "one")
    keep(tmp_path, "two")
    write(tmp_path / "june.xlsx", polizas("REF-1"))
    ended = run(sandbox, tmp_path, "june.xlsx")
    assert (ended.code, codes(ended), posted_in(sandbox)) == (1, ["uncertain-mapping"], [])
    assert "one, two" in ended.result["problems"][0]["message"]


def test_a_file_that_is_no_mapping_stops_the_run(tmp_path: Path) -> None:
    keep(tmp_path, "polizas").write_text('skip = "TOTAL"\n', encoding="utf-8")
    write(tmp_path / "june.xlsx", polizas("REF-1"))
    ended = importer("check", "june.xlsx", folder=tmp_path)
    assert ended.code == 3 and "polizas.toml, line 1: skip is not valid" in ended.err
    assert importer("check", "june.xlsx", "--mapping", "others", folder=tmp_path).code == 3


def test_a_derived_period_must_be_one_of_the_company(sandbox: Sandbox, tmp_path: Path) -> None:
    keep(tmp_path, "polizas")
    write(tmp_path / "june.xlsx", polizas("REF-1"))
    sandbox.company.closed_periods.add(2018006)
    ended = run(sandbox, tmp_path, "june.xlsx", "--mapping", "polizas")
    assert (ended.code, codes(ended)) == (1, ["closed-period"])


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
def test_a_new_mapping_is_shown_and_asked_before_the_question(sandbox: Sandbox, tmp_path: Path) -> None:
    from tests.cli.test_terminal import Screen

    keep(tmp_path, "polizas", MAPPING + 'dates = "d/m/y"\n')
    write(tmp_path / "june.xlsx", polizas("REF-1"))
    environment = settings_of(sandbox, tmp_path / "s.db") | {"IMPORTER_LANG": "es"}
    screen = Screen(tmp_path, environment, "run", "june.xlsx", "--no-wait")
    screen.read_until("[s/N]")
    assert "Las fechas escritas como texto se leen como d/m/y." in " ".join(screen.text.split())
    assert "Cuenta: columna “Cuenta contable”" in screen.text and "¿La hoja “Hoja1” se lee bien así?" in screen.text
    screen.type("s\n")
    screen.read_until("¿Contabilizar")
    before = screen.text.split("bien así?")[1]
    assert "Hoja1 se lee con el mapeo polizas." in before and "Moneda MXN1" in before
    assert "2018006: 1 póliza, 10.00" in before
    screen.type("s\n")
    assert screen.end() == 0 and posted_in(sandbox) == ["REF-1"]
    write(tmp_path / "july.xlsx", polizas("REF-2"))
    screen = Screen(tmp_path, environment, "run", "july.xlsx", "--no-wait")
    screen.read_until("¿Contabilizar")
    assert "¿Contabilizar" in screen.text and "bien así" not in screen.text
    screen.type("s\n")
    assert screen.end() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
def test_between_two_mappings_a_person_chooses_on_a_terminal(sandbox: Sandbox, tmp_path: Path) -> None:
    from tests.cli.test_terminal import Screen

    keep(tmp_path, "one", MAPPING.replace('"JV"', '"CR"'))
    keep(tmp_path, "two")
    write(tmp_path / "june.xlsx", polizas("REF-1"))
    environment = settings_of(sandbox, tmp_path / "s.db") | {"IMPORTER_LANG": "es"}
    screen = Screen(tmp_path, environment, "run", "june.xlsx", "--no-wait")
    screen.read_until("Número")
    assert "1  one" in screen.text and "2  two" in screen.text
    screen.type("2\n")
    screen.read_until("bien así?")
    screen.type("s\n")
    screen.read_until("¿Contabilizar")
    screen.type("s\n")
    assert screen.end() == 0 and posted_in(sandbox) == ["REF-1"]
    assert "Hoja1 se lee con el mapeo two." in screen.text


def test_corrections_are_in_the_products_form_with_what_the_mapping_fills_in(sandbox: Sandbox, tmp_path: Path) -> None:
    keep(tmp_path, "polizas")
    rows = [list(row) for row in polizas("REF-1", "REF-2")]
    rows[3][3] = "no sé"
    write(tmp_path / "june.xlsx", rows)
    ended = run(sandbox, tmp_path, "june.xlsx", "--mapping", "polizas")
    assert (ended.code, posted_in(sandbox)) == (1, ["REF-1"])
    (made,) = ended.result["corrections"]
    sheet = load_workbook(tmp_path / made)["Hoja1"]
    headings = [cell.value for cell in sheet[1]]
    values = {heading: cell.value for heading, cell in zip(headings, sheet[2], strict=True)}
    assert (values["Journal"], values["Journal type"], values["Currency"]) == ("REF-2", "JV", "MXN1")
    assert (values["Accounting period"], values["Debit"]) == ("2018006", "no sé")
    wrong = sheet.cell(2, headings.index("Debit") + 1)
    assert wrong.comment is not None and "Hoja1!D4" in wrong.comment.text
    wrong.value = 20
    book = sheet.parent
    assert book is not None
    book.save(tmp_path / "mended.xlsx")
    mended = run(sandbox, tmp_path, "mended.xlsx")
    assert (mended.code, posted_in(sandbox)) == (0, ["REF-1", "REF-2"])


def test_what_is_taken_from_an_unreadable_cell_is_to_be_typed_too(sandbox: Sandbox, tmp_path: Path) -> None:
    keep(tmp_path, "polizas", f'dates = "d/m/y"\n{MAPPING}')
    rows = [list(row) for row in polizas("REF-1")]
    rows[1][5] = "31/31/2018"
    write(tmp_path / "june.xlsx", rows)
    (made,) = run(sandbox, tmp_path, "june.xlsx", "--mapping", "polizas").result["corrections"]
    sheet = load_workbook(tmp_path / made)["Hoja1"]
    notes = {sheet.cell(1, cell.column).value: cell.comment.text for cell in sheet[2] if cell.comment is not None}
    assert set(notes) == {"Transaction date", "Accounting period"}
    assert "Type both." in notes["Accounting period"] and "Hoja1!F2" in notes["Accounting period"]


def test_corrections_of_amounts_in_thousands_ask_for_the_whole_amount(sandbox: Sandbox, tmp_path: Path) -> None:
    keep(tmp_path, "polizas", f"scale = 1000\n{MAPPING}")
    rows = [list(row) for row in polizas("REF-1")]
    rows[1][3] = rows[2][4] = "2,5"
    write(tmp_path / "june.xlsx", rows)
    ended = run(sandbox, tmp_path, "june.xlsx", "--mapping", "polizas")
    assert [one["suggestion"] for one in ended.result["problems"]] == ["2.5", "2.5"]
    book = load_workbook(tmp_path / ended.result["corrections"][0])
    wrong = [cell for row in book["Hoja1"].iter_rows(min_row=2) for cell in row if cell.value == "2,5"]
    for cell in wrong:
        note = cell.comment.text if cell.comment is not None else ""
        assert "Type instead: 2500" in note and "type the whole amount" in note
        cell.value = 2500
    book.save(tmp_path / "mended.xlsx")
    mended = run(sandbox, tmp_path, "mended.xlsx")
    assert [one["debit"] for one in mended.result["documents"]] == ["2500.00"]


def test_the_notes_of_corrections_say_where_a_value_that_is_no_cell_of_its_row_comes_from(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    keep(
        tmp_path,
        "block",
        """
headings = { account = "Account", treference = "Reference", tfww = "TFWW", \
description = "Description", transaction = "Debit or credit", amount = "Amount", transDateTime = "Date" }
cells = { journalType = "right of Journal type", period = "right of Period" }
constants = { currency = "MXN1", fund = "ZZ9" }
journal = "each sheet"
""",
    )
    headings = ("Account", "Reference", "TFWW", "Description", "Debit or credit", "Amount", "Date")
    lines = [("101110", "REF-1", "1001", "x", side, 5, JUNE_15) for side in "DC"]
    write(tmp_path / "june.xlsx", [("Journal type", "ZZ9"), ("Period", 2018006), headings, *lines])
    ended = run(sandbox, tmp_path, "june.xlsx", "--mapping", "block")
    (made,) = ended.result["corrections"]
    sheet = load_workbook(tmp_path / made)["Hoja1"]
    notes = {sheet.cell(1, cell.column).value: cell.comment.text for cell in sheet[2] if cell.comment is not None}
    assert "Hoja1!B1" in notes["Journal type"]
    assert "A constant of the mapping block." in notes["Fund"]


def test_a_check_writes_corrections_too_and_they_are_run_by_its_name(sandbox: Sandbox, tmp_path: Path) -> None:
    keep(tmp_path, "polizas")
    rows = [list(row) for row in polizas("REF-1", "REF-2")]
    rows[3][3] = "no sé"
    write(tmp_path / "june.xlsx", rows)
    settings = settings_of(sandbox, tmp_path / "s.db")
    checked = importer("check", "june.xlsx", "--json", folder=tmp_path, **settings)
    (made,) = checked.result["corrections"]
    assert checked.code == 1
    book = load_workbook(tmp_path / made)
    sheet = book["Hoja1"]
    headings = [cell.value for cell in sheet[1]]
    sheet.cell(2, headings.index("Debit") + 1).value = 20
    book.save(tmp_path / made)
    ended = run(sandbox, tmp_path, "--corrections", checked.result["run"])
    assert (ended.code, posted_in(sandbox)) == (0, ["REF-2"])
