"""A clerk's way without an editor: `importer map` is answered once, and the next workbook is run without a word."""

import json
import os
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from importer.read.mapping_search import MappingsAtHand
from importer.read.mappings import MappingFolder, SheetMapping
from importer.read.workbooks import read_workbook
from importer.report.sentences import mapping_lines
from importer.sandbox import Sandbox
from importer.settings_file import mappings_folder
from importer.templates.forms import FORMS
from importer.translations import Language
from tests.cli.commands import Ended, home_in, importer, settings_of
from tests.cli.test_resume import posted_in
from tests.read.mapped import JUNE_15, PRODUCT, Rows, rows_of, write
from tests.read.test_mappings import ABOVE, block


def kept(folder: Path, name: str) -> SheetMapping:
    with patch.dict(os.environ, home_in(folder)):
        return MappingFolder(mappings_folder()).read(name)


def mapped(folder: Path, *arguments: str) -> Ended:
    return importer("map", *arguments, folder=folder)


def polizas(*keys: str, kind: str | None = None) -> Rows:
    """Póliza, Cuenta, Concepto, Debe, Haber, Fecha, Moneda, Periodo, as such a file has them."""
    headings: list[object] = [
        "Póliza",
        "Cuenta",
        "Concepto",
        "Debe",
        "Haber",
        "Fecha",
        "Moneda",
        "Periodo",
        "TFWW",
        "Fondo",
    ]
    rows: list[list[object]] = [headings]
    for key in keys:
        amount = 10 * int(key[-1])
        for account, debit, credit in (("101110", amount, None), ("371110", None, amount)):
            rows.append([key, account, "Pago", debit, credit, JUNE_15, "MXN1", "2018006", "1001", "10"])
    return [[*row, *([kind if number else "Clase"] if kind else [])] for number, row in enumerate(rows)]


def test_what_is_certain_is_kept_by_accept_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "Pólizas de junio.xlsx", polizas("REF-1"))
    file = "Pólizas de junio.xlsx"
    asked = mapped(tmp_path, file, "--accept")
    assert asked.code == 1 and '--set "Journal type=HEADING"' in asked.err
    ended = mapped(tmp_path, file, "--accept", "--set", "journalType==JV", "--set", "Referencia=Póliza")
    assert ended.code == 0 and "polizas-de-junio" in ended.out
    mapping = kept(tmp_path, "polizas-de-junio")
    assert mapping.constants == {"journalType": "JV"}
    assert (mapping.headings["treference"], mapping.headings["debit"]) == ("Póliza", "Debe")
    assert importer("check", file, folder=tmp_path).code == 0
    again = mapped(tmp_path, file)
    assert again.code == 0 and "by the mapping polizas-de-junio" in again.out and "to be asked" not in again.out


def test_a_heading_is_shown_with_all_that_is_taken_from_it(tmp_path: Path) -> None:
    rows = [[{"Póliza": "Núm."}.get(str(one), one) for one in row] for row in polizas("1", "2")]
    write(tmp_path / "a.xlsx", rows)
    flags = ("--journal", "Núm.", "--set", "treference=Concepto", "--set", "description=Concepto")
    shown = [line.split("  ") for line in mapped(tmp_path, "a.xlsx", *flags).out.splitlines()]
    read = {line[0]: " ".join(line[1:]) for line in shown}
    assert "Journal" in read["Núm."] and "certain" in read["Núm."]
    assert "Transaction reference" in read["Concepto"] and "Description" in read["Concepto"]


def proposal(folder: Path, file: str, *arguments: str) -> dict[str, Any]:
    ended = mapped(folder, file, "--json", *arguments)
    document: dict[str, Any] = json.loads(ended.out)
    assert document["exit_code"] == ended.code
    return document


def questions(document: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [(one["kind"], one["subject"], one["options"]) for one in document["sheets"][0]["questions"]]


def test_the_proposal_is_printed_for_scripts(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", block(*ABOVE))
    document = proposal(tmp_path, "a.xlsx")
    assert (document["schema"], document["exit_code"], document["kept"]) == ("importer.map/1", 1, None)
    assert questions(document) == [
        ("field", "journalType", ["right of Journal type:"]),
        ("field", "currency", ["right of Currency"]),
        ("field", "period", ["right of Period"]),
    ]
    first = document["sheets"][0]["headings"][0]
    assert (first["heading"], first["column"], first["field"], first["certainty"]) == (
        "Account",
        "A",
        "account",
        "certain",
    )
    sources = ["journalType=right of Journal type", "currency=right of Currency", "period=right of Period"]
    flags = [flag for source in sources for flag in ("--set", source)]
    done = proposal(tmp_path, "a.xlsx", *flags, "--accept", "--name", "block", "--journal", "each sheet")
    assert done["exit_code"] == 0 and done["kept"]["name"] == "block"
    assert importer("check", "a.xlsx", folder=tmp_path).code == 0


DASHES = [["$ 3,826.27" if one == 10 else "-" if one is None else one for one in row] for row in polizas("1")]
SIGNED = [[*row[:7], *row[8:]] for row in rows_of((3051.93, -3051.93))]


@pytest.mark.parametrize(
    ("rows", "asked", "flags"),
    [
        (rows_of(("$ 3,826.27", "$ 3,826.27"), "15/06/2018"), [], ()),
        (
            rows_of(("3,826", "3,826"), "06/07/2018"),
            ["numbers", "dates"],
            ("--numbers", "1,234.56", "--dates", "m/d/y"),
        ),
        (rows_of((1, 1), sides=("C", "A")), ["sides"], ("--sides", "C/A")),
        (rows_of((1, 1), sides=("D", "H")), [], ()),
        (rows_of((1, 1), sides=("Cargo", "Abono")), [], ()),
        (DASHES, [], ("--set", "journalType==JV", "--set", "treference=Póliza")),
        (SIGNED, ["signed"], ("--signed", "positive is debit")),
        (rows_of((5, -5), sides=("D", "D")), ["sides", "negative"], ("--sides", "D/C", "--negative", "other-side")),
    ],
    ids=["pesos", "two readings", "cargo abono", "debe haber", "words", "dashes", "signed", "negative"],
)
def test_how_things_are_written_is_asked_only_where_two_readings_are(
    tmp_path: Path, rows: Rows, asked: list[str], flags: tuple[str, ...]
) -> None:
    write(tmp_path / "a.xlsx", rows)
    document = proposal(tmp_path, "a.xlsx")
    assert {kind for kind, _, _ in questions(document)} - {"field"} == set(asked)
    done = mapped(tmp_path, "a.xlsx", "--accept", *flags)
    assert done.code == 0, done.err
    assert importer("check", "a.xlsx", folder=tmp_path).code == 0


def test_a_text_above_the_headings_is_declared_once(tmp_path: Path) -> None:
    def file(note: str) -> None:
        write(tmp_path / "a.xlsx", [("",) * 3 + (note,), *polizas("REF-1", kind="JV")])

    sources = ("--accept", "--set", "journalType=Clase", "--set", "Referencia=Póliza")
    file("Cifras en miles")
    assert ("note", "Cifras en miles", ["as it is", "1000"]) in questions(proposal(tmp_path, "a.xlsx", *sources))
    assert mapped(tmp_path, "a.xlsx", *sources, "--note", "Cifras en miles", "--name", "mine").code == 0
    assert importer("check", "a.xlsx", folder=tmp_path).code == 0
    file("Presupuesto")
    (found,) = importer("check", "a.xlsx", "--json", folder=tmp_path).result["problems"]
    assert (found["code"], found["value"]) == ("uncertain-mapping", "Presupuesto")
    assert "importer map a.xlsx" in found["message"]
    assert ("note", "Presupuesto", ["as it is"]) in questions(proposal(tmp_path, "a.xlsx"))


def test_amounts_in_thousands_are_declared_and_shown_with_both_totals(tmp_path: Path) -> None:
    rows = [("",) * 3 + ("Cifras en miles de pesos",), *polizas("REF-1", kind="JV")]
    write(tmp_path / "a.xlsx", rows)
    sources = ("--accept", "--set", "journalType=Clase", "--set", "Referencia=Póliza", "--name", "mine")
    noted = ("note", "Cifras en miles de pesos", ["as it is", "1000"])
    assert noted in questions(proposal(tmp_path, "a.xlsx", *sources))
    assert mapped(tmp_path, "a.xlsx", *sources, "--scale", "12").code == 1
    assert mapped(tmp_path, "a.xlsx", *sources, "--scale", "1000").code == 0
    assert kept(tmp_path, "mine").scale == 1000
    checked = importer("check", "a.xlsx", "--json", folder=tmp_path).result
    assert Decimal(checked["documents"][0]["debit"]) == 10000
    use = read_workbook(tmp_path / "a.xlsx", FORMS, mappings=MappingsAtHand([kept(tmp_path, "mine")])).sheets[0].mapping
    assert use is not None
    shown = " ".join(mapping_lines(use, "Hoja1", Language.ES))
    assert "se multiplican por 1,000" in shown and "cargos 10.00" in shown and "cargos 10,000.00" in shown
    write(tmp_path / "a.xlsx", rows[1:])
    (problem,) = importer("check", "a.xlsx", "--json", folder=tmp_path).result["problems"]
    assert problem["code"] == "uncertain-mapping" and "Cifras en miles" in problem["message"]
    declared_anew = mapped(tmp_path, "a.xlsx")
    assert declared_anew.code == 1 and "gone: Cifras en miles de pesos" in " ".join(declared_anew.err.split())


def test_a_mapping_of_the_same_name_is_replaced_only_by_force(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", polizas("REF-1", kind="JV"))
    flags = ("--accept", "--set", "Referencia=Póliza", "--name", "mine", "--set")
    assert mapped(tmp_path, "a.xlsx", *flags, "journalType=Clase").code == 0
    assert mapped(tmp_path, "a.xlsx", *flags, "journalType=Clase").code == 0
    refused = mapped(tmp_path, "a.xlsx", *flags, "journalType==JV")
    assert refused.code == 3 and "mine" in refused.err and "--force" in refused.err
    assert kept(tmp_path, "mine").constants == {}
    assert mapped(tmp_path, "a.xlsx", *flags, "journalType==JV", "--force").code == 0
    assert kept(tmp_path, "mine").constants == {"journalType": "JV"}


def test_columns_of_the_company_s_codes_are_proposed_whatever_their_headings(sandbox: Sandbox, tmp_path: Path) -> None:
    rows = [["Cve" if one == "Cuenta" else one for one in row] for row in polizas("REF-1", kind="JV")]
    write(tmp_path / "a.xlsx", rows)
    settings = settings_of(sandbox, tmp_path / "s.db")
    ended = importer("map", "a.xlsx", "--json", folder=tmp_path, **settings)
    assert questions(json.loads(ended.out))[:2] == [
        ("heading", "Cve", ["account"]),
        ("heading", "Clase", ["journalType"]),
    ]
    ended = importer("map", "a.xlsx", "--accept", folder=tmp_path, **settings)
    assert ended.code == 1 and '--set "Account=Cve"' in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
def test_a_person_is_asked_before_a_mapping_is_replaced(tmp_path: Path) -> None:
    from tests.cli.test_terminal import Screen

    write(tmp_path / "a.xlsx", polizas("REF-1", kind="JV"))
    flags = ("--set", "Referencia=Póliza", "--name", "mine", "--set", "journalType=Clase")
    assert mapped(tmp_path, "a.xlsx", *flags, "--accept").code == 0
    steps: list[tuple[str, dict[str, str], int]] = [("n", {}, 1), ("s", {"journalType": "JV"}, 0)]
    for answer, constants, code in steps:
        screen = Screen(tmp_path, {"IMPORTER_LANG": "es"}, "map", "a.xlsx", *flags[:-1], "journalType==JV")
        screen.read_until("¿Reemplazarlo?")
        screen.type(f"{answer}\n")
        assert screen.end() == code
        assert kept(tmp_path, "mine").constants == constants


def test_an_encoding_and_periods_by_their_names_are_declared(tmp_path: Path) -> None:
    rows = [list(map(str, row)) for row in polizas("REF-1", kind="JV")]
    texts = [
        [cell.replace("2018006", "Junio 2018").replace(" 00:00:00", "").replace("None", "") for cell in row]
        for row in rows
    ]
    (tmp_path / "a.csv").write_bytes("\n".join(map(",".join, texts)).encode("cp850"))
    flags = (
        "--encoding",
        "cp850",
        "--set",
        "journalType=Clase",
        "--set",
        "Referencia=Póliza",
        "--accept",
        "--name",
        "own",
    )
    assert [kind for kind, _, _ in questions(proposal(tmp_path, "a.csv", *flags))] == ["periods"]
    assert mapped(tmp_path, "a.csv", *flags, "--periods", "mmmm y").code == 0
    assert (kept(tmp_path, "own").encoding, kept(tmp_path, "own").periods) == ("cp850", "mmmm y")
    assert importer("check", "a.csv", folder=tmp_path).code == 0


def test_the_value_of_a_field_above_the_headings_is_no_text_about_the_amounts(tmp_path: Path) -> None:
    rows = [[one for one in row if one not in ("Moneda", "MXN1")] for row in polizas("REF-1", kind="JV")]
    write(tmp_path / "a.xlsx", [("", "", "Moneda", "MXN"), (), *rows])
    flags = ("--set", "journalType=Clase", "--set", "Referencia=Póliza", "--set", "currency=right of Moneda")
    assert questions(proposal(tmp_path, "a.xlsx", *flags)) == []
    write(tmp_path / "a.xlsx", [("", "", "Moneda", "Miles de pesos"), (), *rows])
    assert [one[:2] for one in questions(proposal(tmp_path, "a.xlsx", *flags))] == [("note", "Miles de pesos")]


def test_a_form_needs_no_mapping(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", rows_of((1, 1)))
    ended = mapped(tmp_path, "a.xlsx")
    assert ended.code == 0 and "as it stands" in ended.out


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--set", "acount=Amount"), 2),
        (("--set", "account=Nowhere"), 2),
        (("--sheet", "Nowhere"), 2),
        (("--set", "account"), 2),
        (("--name", "Bad Name", "--accept"), 3),
        (("--dates", "dd.mm", "--accept"), 3),
        (("--set", "period==2018006", "--accept"), 3),
    ],
)
def test_what_cannot_be_declared_is_told(tmp_path: Path, flags: tuple[str, ...], code: int) -> None:
    write(tmp_path / "a.xlsx", [PRODUCT, *rows_of((1, 1))[1:]])
    assert mapped(tmp_path, "a.xlsx", *flags).code == code


def test_a_file_that_cannot_be_read_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert mapped(tmp_path, "a.xlsx").code == 3
    assert mapped(tmp_path, "nowhere.xlsx").code == 3
    assert (mapped(tmp_path, ".").code, mapped(tmp_path, ".").err) == (
        3,
        ". is a folder. Name the workbook that is to be declared.\n",
    )
    write(tmp_path / "b.xlsx", [(datetime(2018, 6, 1), 5), (1, 2)])
    assert mapped(tmp_path, "b.xlsx").code == 3


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
def test_answered_once_and_run_ever_after(sandbox: Sandbox, tmp_path: Path) -> None:
    from tests.cli.test_terminal import Screen

    write(tmp_path / "junio.xlsx", polizas("REF-1", kind="Diario"))
    environment = settings_of(sandbox, tmp_path / "s.db") | {"IMPORTER_LANG": "es", "COLUMNS": "120"}
    screen = Screen(tmp_path, environment, "map", "junio.xlsx")
    for question, answer in (
        ("¿de dónde se toma?", "11"),
        ("¿de dónde se toma?", "1"),
        ("Nombre del mapeo [junio]", ""),
        ("la empresa no conoce “Diario”", "JV"),
        ("¿Guardar este mapeo?", "s"),
    ):
        screen.read_until(question)
        screen.text = ""
        screen.type(f"{answer}\n")
    assert screen.end() == 0
    mapping = kept(tmp_path, "junio")
    assert mapping.headings["journalType"] == "Clase" and mapping.values == {"journalType": {"diario": "JV"}}
    for name, key, questions_asked in (("junio", "REF-1", 2), ("julio", "REF-2", 1)):
        write(tmp_path / f"{name}.xlsx", polizas(key, kind="Diario"))
        screen = Screen(tmp_path, environment, "run", f"{name}.xlsx", "--no-wait")
        for _ in range(questions_asked):
            screen.read_until("[s/N]")
            screen.text = ""
            screen.type("s\n")
        assert screen.end() == 0
    assert posted_in(sandbox) == ["REF-1", "REF-2"]


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX is needed")
def test_what_the_company_lacks_or_requires_is_asked_of_a_known_workbook_too(sandbox: Sandbox, tmp_path: Path) -> None:
    from tests.cli.test_terminal import Screen

    environment = settings_of(sandbox, tmp_path / "s.db") | {"IMPORTER_LANG": "es", "COLUMNS": "120"}
    rows = [[{"TFWW": "Depto."}.get(str(one), one) for one in row] for row in polizas("REF-1", kind="Diario")]
    write(tmp_path / "junio.xlsx", rows)
    sources = ("--set", "journalType=Clase", "--set", "Referencia=Póliza", "--name", "polizas")
    steps = [("exige “TFWW”", "9"), ("no conoce “Diario”", "XX"), ("no conoce “XX”", "JV"), ("Guardar este mapeo", "s")]
    for file, arguments, answers in (
        ("junio", sources, steps),
        ("julio", (), [("no conoce “Ingreso”", "CR"), ("Reemplazarlo", "s")]),
    ):
        screen = Screen(tmp_path, environment, "map", f"{file}.xlsx", *arguments)
        for question, answer in answers:
            screen.read_until(question)
            screen.text = ""
            screen.type(f"{answer}\n")
        assert screen.end() == 0
        write(tmp_path / "julio.xlsx", [["Ingreso" if one == "Diario" else one for one in row] for row in rows])
    mapping = kept(tmp_path, "polizas")
    assert mapping.headings["tfww"] == "Depto." and mapping.values == {"journalType": {"diario": "JV", "ingreso": "CR"}}
