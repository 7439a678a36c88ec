"""A workbook that is like one with a mapping: only what is new, renamed or gone is asked about, and a sheet of it that
is not read is told."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.printable import as_argument
from tests.cli.commands import importer
from tests.cli.test_map import kept, mapped, polizas, proposal, questions
from tests.read.mapped import Rows, write
from tests.read.test_mappings import ABOVE, block

SOURCES = ("--set", "journalType=Clase", "--set", "Referencia=Póliza")


def next_month(folder: Path, renamed: dict[str, str], further: str | None = None) -> list[tuple[str, str, list[str]]]:
    """A file with some headings renamed, and one more; and what is asked of it."""
    rows = [[renamed.get(str(one), one) for one in row] for row in polizas("REF-2", kind="JV")]
    write(
        folder / "b.xlsx",
        [[*row, *([further if number == 0 else "x"] if further else [])] for number, row in enumerate(rows)],
    )
    return questions(proposal(folder, "b.xlsx", "--from", "a"))


def test_of_a_workbook_like_one_with_a_mapping_only_what_is_other_is_asked(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", polizas("REF-1", kind="JV"))
    assert mapped(tmp_path, "a.xlsx", "--accept", *SOURCES).code == 0
    asked = next_month(tmp_path, {"Cuenta": "Clave"}, "Notas")
    assert asked[:2] == [("heading", "Clave", ["account"]), ("heading", "Notas", ["account"])]
    assert asked[2:] == [("field", "account", [])]
    assert proposal(tmp_path, "b.xlsx")["nearest"] == "a"
    told = mapped(tmp_path, "b.xlsx", "--accept")
    assert told.code == 1 and "new: Clave, Notas; gone: Cuenta. To begin with it: --from a" in " ".join(
        told.err.split()
    )
    open_still = mapped(tmp_path, "b.xlsx", "--accept", "--from", "a", "--set", "account=Clave")
    assert open_still.code == 1 and '--unread "Notas"' in open_still.err
    flags = ("--accept", "--from", "a", "--set", "account=Clave", "--unread", "Notas")
    assert mapped(tmp_path, "b.xlsx", *flags).code == 0
    assert kept(tmp_path, "b").headings == {**kept(tmp_path, "a").headings, "account": "Clave"}
    assert importer("check", "b.xlsx", folder=tmp_path).code == 0


def test_a_sheet_that_is_like_one_with_a_mapping_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", polizas("REF-1", kind="JV"))
    assert mapped(tmp_path, "a.xlsx", "--accept", *SOURCES).code == 0
    workbook = load_workbook(tmp_path / "a.xlsx")
    further = workbook.create_sheet("Otra caja")
    renamed = {"Cuenta": "Clave", "Fondo": "Fondo2"}
    for row in polizas("REF-2", kind="JV"):
        further.append([renamed.get(str(one), one) for one in row])
    workbook.create_sheet("Notas").append(["Cuenta", "Saldo"])
    workbook.save(tmp_path / "b.xlsx")
    checked = importer("check", "b.xlsx", "--json", folder=tmp_path)
    (problem,) = (one for one in checked.result["problems"] if one["code"] == "no-form-found")
    assert (checked.code, problem["severity"], problem["sheet"]) == (0, "warning", "Otra caja")
    command = f"importer map b.xlsx --sheet {as_argument('Otra caja')} --from a"
    assert "lacks: Cuenta, Fondo." in problem["message"] and problem["message"].endswith(command)
    asked = mapped(tmp_path, "b.xlsx", "--sheet", "Otra caja", "--from", "a")
    assert asked.code == 1 and "Clave" in asked.out


def test_cells_above_the_headings_are_taken_over_where_they_stand(tmp_path: Path) -> None:
    sources = ["journalType=right of Journal type", "currency=right of Currency", "period=right of Period"]
    flags = [flag for source in sources for flag in ("--set", source)]
    write(tmp_path / "a.xlsx", block(*ABOVE))
    assert mapped(tmp_path, "a.xlsx", *flags, "--journal", "each sheet", "--accept").code == 0
    write(tmp_path / "b.xlsx", [[*row, "Notes"] if "Account" in row else row for row in block(*ABOVE[:2], ABOVE[3])])
    found = proposal(tmp_path, "b.xlsx", "--from", "a")
    assert questions(found) == [("heading", "Notes", ["period"]), ("field", "period", [])]
    assert found["sheets"][0]["mapping"]["cells"] == {
        "journalType": "right of Journal type",
        "currency": "right of Currency",
    }


def test_a_column_that_is_gone_is_asked_about_even_where_none_is_needed(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", polizas("REF-1", kind="JV"))
    assert mapped(tmp_path, "a.xlsx", "--accept", *SOURCES).code == 0
    assert next_month(tmp_path, {"Fondo": "x"}) == [("heading", "x", ["fund"])]
    left_out = ("b.xlsx", "--accept", "--from", "a", "--unread", "x")
    told = mapped(tmp_path, *left_out)
    assert told.code == 1 and "came from “Fondo”, which is not there any more" in " ".join(told.err.split())
    assert mapped(tmp_path, *left_out, "--unread", "Fondo").code == 0
    assert kept(tmp_path, "a").headings.keys() - kept(tmp_path, "b").headings.keys() == {"fund"}


def test_of_a_known_workbook_something_is_changed_without_declaring_the_rest(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", polizas("REF-1", kind="Diario"))
    assert mapped(tmp_path, "a.xlsx", "--accept", *SOURCES).code == 0
    changed = ("a.xlsx", "--from", "a", "--value", "journalType=Diario=JV", "--accept", "--force")
    assert mapped(tmp_path, *changed).code == 0
    assert kept(tmp_path, "a").values == {"journalType": {"diario": "JV"}}
    assert "Journal type: diario → JV" in importer("check", "a.xlsx", folder=tmp_path).out
    assert mapped(tmp_path, *(one.replace("=JV", "=CR") for one in changed)).code == 0
    assert kept(tmp_path, "a").values == {"journalType": {"diario": "CR"}}


@pytest.mark.parametrize(
    ("renamed", "typed", "asked"),
    [
        ({"Debe": "Cargos", "Haber": "Abonos"}, ("1.234,50", "1,234", "Debe"), "numbers"),
        ({"Fecha": "Día"}, ("25/06/2018", "06/05/2018", "Fecha"), "dates"),
        ({"Cuenta": "Clave"}, ("25/06/2018", "06/25/2018", "Fecha"), None),
    ],
)
def test_a_format_is_of_the_column_for_which_it_was_declared(
    tmp_path: Path, renamed: dict[str, str], typed: tuple[str, str, str], asked: str | None
) -> None:
    first, second, heading = typed
    columns = ("Debe", "Haber") if heading == "Debe" else (heading,)

    def rows(key: str, text: str) -> Rows:
        top, *below = polizas(key, kind="JV")
        at = [top.index(one) for one in columns]
        return [top, *([text if i in at and one is not None else one for i, one in enumerate(row)] for row in below)]

    write(tmp_path / "a.xlsx", rows("REF-1", first))
    sources = (*SOURCES, "--set", "transDateTime=Fecha")
    assert mapped(tmp_path, "a.xlsx", "--accept", *sources).code == 0
    write(tmp_path / "b.xlsx", [[renamed.get(str(one), one) for one in row] for row in rows("REF-2", second)])
    fields = {"Debe": "debit", "Haber": "credit", "Fecha": "transDateTime", "Cuenta": "account"}
    sets = [flag for old, new in renamed.items() for flag in ("--set", f"{fields[old]}={new}")]
    document = proposal(tmp_path, "b.xlsx", "--from", "a", *sets)
    assert [one[0] for one in questions(document)] == ([asked] if asked else [])
    assert asked or document["sheets"][0]["mapping"]["dates"] == "m/d/y"
