"""Headings of other people's workbooks: synonyms of one meaning and of several, two rows of them, the nearest sheet."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from importer.model.problems import column_letters
from importer.model.workbook import Workbook
from importer.printable import as_argument
from importer.read.heading_meanings import Certainty, propose
from importer.read.headings import layout_of
from importer.read.workbooks import read_workbook
from importer.report.sentences import message
from importer.templates.forms import FORMS, JOURNALS, SEVERAL_MEANINGS, fold_heading, synonyms
from importer.translations import Language, chapter
from tests.xlsx.archives import inline, row, sheet, workbook

MEXICAN = (
    "Póliza",
    "Tipo",
    "Cuenta contable",
    "Referencia",
    "Concepto",
    "Cargo",
    "Abono",
    "Moneda",
    "Fecha",
    "Periodo",
)
LINES = (
    ("JV-01", "JV", "101110", "R61", "Gasto 1", "834.49", "", "MXN1", "2018-06-15", "2018006"),
    ("JV-01", "JV", "371110", "R61", "Gasto 1", "", "834.49", "MXN1", "2018-06-15", "2018006"),
)
SIDED = (
    "Póliza",
    "Tipo de póliza",
    "Cuenta",
    "Referencia",
    "Concepto",
    "Tipo",
    "Importe",
    "Moneda",
    "Fecha",
    "Periodo",
)


def content_of(*sheets: Sequence[Sequence[str]]) -> bytes:
    """A workbook of these rows of texts."""
    return workbook(*(sheet("".join(_row(number, texts) for number, texts in enumerate(rows, 1))) for rows in sheets))


def _row(number: int, texts: Sequence[str]) -> str:
    cells = (inline(f"{column_letters(index)}{number}", text) for index, text in enumerate(texts) if text)
    return row(number, "".join(cells))


def read(folder: Path, *sheets: Sequence[Sequence[str]], name: str = "book.xlsx") -> Workbook:
    (folder / name).write_bytes(content_of(*sheets))
    return read_workbook(folder / name, FORMS)


def renamed(names: Mapping[str, str], headings: Sequence[str] = MEXICAN) -> tuple[str, ...]:
    return tuple(names.get(heading, heading) for heading in headings)


def with_texts(heading: str, *texts: str, headings: Sequence[str] = MEXICAN) -> list[Sequence[str]]:
    """The lines under these headings, with other texts in one column."""
    index = headings.index(heading)
    return [(*line[:index], text, *line[index + 1 :]) for line, text in zip(LINES, texts, strict=True)]


def told(found: Workbook) -> list[tuple[str, str]]:
    """The wordings of the problems, each with the heading that it is about."""
    return [(one.wording, one.facts.get("meant") or one.facts.get("headings") or "") for one in found.problems]


@pytest.mark.parametrize(
    "headings",
    [
        MEXICAN,
        ("Journal No", "Type", "Account Code", "Reference", "Narrative", "Dr", "Cr", "Ccy", "Date", "Fiscal period"),
        ("Póliza", "Tipo", "Cta.", "Factura", "Glosa", "Debe", "Haber", "Divisa", "Fecha póliza", "Período contable"),
        (
            "N° d'écriture",
            "Type",
            "Compte général",
            "Facture",
            "Texte",
            "Débits",
            "Crédits",
            "Monnaie",
            "Date",
            "Période",
        ),
    ],
    ids=["Mexican", "English", "others in Spanish", "French"],
)
def test_synonyms_of_every_language_are_read_without_a_word(tmp_path: Path, headings: Sequence[str]) -> None:
    found = read(tmp_path, [headings, *LINES])
    assert found.problems == ()
    fields = ("journal", "journalType", "account", "treference", "description", "debit", "credit", "currency")
    assert found.sheets[0].letters == {
        name: column_letters(index) for index, name in enumerate((*fields, "transDateTime", "period"))
    }


def test_headings_below_a_title_are_found(tmp_path: Path) -> None:
    found = read(tmp_path, [("Pólizas de junio",), (), MEXICAN, *LINES])
    assert found.problems == () and (found.sheets[0].heading_row, found.sheets[0].rows) == (3, (4, 5))


def test_no_synonym_is_a_heading_of_the_form_or_has_two_meanings() -> None:
    known, own = synonyms(), JOURNALS.headings()
    keys = {key.split(".")[2] for key in chapter(Language.EN, "heading") if key.startswith("heading.several.")}
    assert keys == SEVERAL_MEANINGS.keys()
    assert set(known.one.values()) <= set(own.values())
    assert all(own.get(heading, name) == name for heading, name in known.one.items())
    for names in (known.several, known.other):
        assert names.keys().isdisjoint(known.one.keys() | own.keys())
    assert known.several.keys().isdisjoint(known.other)
    for language in Language:
        for key, texts in chapter(language, "heading").items():
            folded = [fold_heading(text) for text in texts.split(";")]
            assert all(folded) and len(set(folded)) == len(folded), key


@pytest.mark.parametrize("letters", [("D", "C"), ("D", "H"), ("d", "h")])
def test_letters_of_both_sides_in_the_whole_column_are_sides(tmp_path: Path, letters: tuple[str, str]) -> None:
    lines = [(*line[:5], side, "834.49", *line[7:]) for line, side in zip(LINES, letters, strict=True)]
    found = read(tmp_path, [SIDED, *lines])
    assert found.problems == ()
    assert [(text or "").upper() for text in found.sheets[0].columns["transaction"]] == ["D", "C"]


@pytest.mark.parametrize("letters", [("C", "A"), ("C", "C"), ("D", "D"), ("S", "H"), ("D", "A"), ("D", "JV")])
def test_other_letters_are_asked(tmp_path: Path, letters: tuple[str, str]) -> None:
    lines = [(*line[:5], side, "834.49", *line[7:]) for line, side in zip(LINES, letters, strict=True)]
    found = read(tmp_path, [renamed({"Tipo": "Naturaleza"}, SIDED), *lines])
    assert told(found) == [("uncertain-mapping.heading", "Naturaleza")] and not found.is_usable


@pytest.mark.parametrize(
    ("heading", "texts"),
    [
        ("Tipo", ("D", "C")),
        ("Tipo", ("JV", "A")),
        ("Tipo", ("Diario", "Diario")),
        ("Tipo", ("Cargo", "Abono")),
        ("Concepto", ("Bancos", "Gastos")),
        ("Fecha", ("15/06/2018", "2018-06-15")),
    ],
)
def test_a_heading_whose_cells_leave_two_meanings_is_asked(tmp_path: Path, heading: str, texts: Sequence[str]) -> None:
    found = read(tmp_path, [MEXICAN, *with_texts(heading, *texts)])
    (problem,) = found.problems
    assert (problem.code, problem.facts["meant"]) == ("uncertain-mapping", heading) and not found.is_usable
    for language in Language:
        said = message(problem, language)
        assert f"{column_letters(MEXICAN.index(heading))}1" in said and texts[0] in said
        assert said.endswith(f"importer map {tmp_path / 'book.xlsx'}")
        assert JOURNALS.label(JOURNALS.column(problem.facts["fields"].split(", ")[0]), language) in said


@pytest.mark.parametrize("headings", [("Folio", "Factura"), ("Factura", "No. de factura"), ("Folio", "Comprobante")])
def test_two_headings_for_one_field_are_asked_together(tmp_path: Path, headings: tuple[str, str]) -> None:
    lines = [(*line, "F1") for line in LINES]
    found = read(tmp_path, [(*renamed({"Referencia": headings[0]}), headings[1]), *lines])
    assert told(found) == [("uncertain-mapping.several", f"{headings[0]} (D1), {headings[1]} (K1)")]
    assert not found.is_usable


def test_a_document_s_number_may_be_the_key_or_the_reference(tmp_path: Path) -> None:
    keyless = renamed({"Póliza": "Folio", "Referencia": "Observaciones"})
    assert ("uncertain-mapping.heading", "Folio") in told(read(tmp_path, [keyless, *LINES]))
    assert read(tmp_path, [renamed({"Referencia": "Folio"}), *LINES]).problems == ()


def test_beside_a_certain_heading_one_of_several_meanings_is_not_read(tmp_path: Path) -> None:
    lines = [(*line, "2018-07-15") for line in LINES]
    found = read(tmp_path, [(*renamed({"Fecha": "Fecha póliza"}), "Fecha"), *lines])
    assert found.sheets[0].letters["transDateTime"] == "I" and "expiration" not in found.sheets[0].letters
    assert [one.code for one in found.problems] == ["unknown-column"] and found.is_usable


def test_a_synonym_beside_the_form_s_own_heading_is_one_too_many(tmp_path: Path) -> None:
    found = read(tmp_path, [(*MEXICAN, "Cuenta"), *[(*line, "1") for line in LINES]])
    assert [one.code for one in found.problems] == ["duplicate-column"]


TWO_ROWS = [
    [("Journal", "Journal type", "Account", "Reference", "Description", "Amount", "", "Currency", "Date", "Period"),
     ("", "", "", "", "", "Debit", "Credit")],
    [("Póliza", "", "Cuenta", "Referencia", "Concepto", "Importe", "", "Moneda", "Fecha", "Periodo"),
     ("", "Tipo de póliza", "", "", "", "Debe", "Haber")],
]  # fmt: skip


@pytest.mark.parametrize("headings", TWO_ROWS)
def test_headings_in_two_rows_are_read_as_one(tmp_path: Path, headings: list[tuple[str, ...]]) -> None:
    found = read(tmp_path, [*headings, *LINES])
    assert found.problems == ()
    (one,) = found.sheets
    assert (one.heading_row, one.rows, one.letters["debit"], one.letters["credit"]) == (2, (3, 4), "F", "G")


@pytest.mark.parametrize("lower", ["JV-01", "Cuenta", "Observaciones"])
def test_a_row_that_is_not_all_of_headings_below_a_group_is_none_of_headings(tmp_path: Path, lower: str) -> None:
    headings = [TWO_ROWS[0][0], ("", "", "", "", "", "Debit", lower)]
    assert not read(tmp_path, [*headings, *LINES]).is_usable


STATEMENT = ("Fecha", "Concepto", "Referencia", "Cargo", "Abono", "Saldo")
NO_JOURNALS = {
    "a bank statement": [STATEMENT, ("2018-06-01", "Pago", "R", "5", "", "10")],
    "a statement with accounts": [(*MEXICAN[:9], "Periodo", "Saldo"), *[(*line, "9") for line in LINES]],
    "a trial balance": [("Cuenta", "Nombre de la cuenta", "Debe", "Haber"), ("101110", "Bancos", "5", "5")],
    "a chart of accounts": [("Cuenta", "Nombre", "Tipo", "Moneda"), ("101110", "Bancos", "A", "MXN1")],
    "a price list": [("Código", "Descripción", "Precio", "Moneda"), ("A1", "Tornillo", "5", "MXN")],
    "a list of invoices": [
        ("Factura", "Fecha", "Concepto", "Importe", "Moneda"),
        ("F1", "2018-06-01", "x", "5", "MXN"),
    ],
}


@pytest.mark.parametrize("rows", NO_JOURNALS.values(), ids=NO_JOURNALS)
def test_a_list_of_something_else_is_no_journal(tmp_path: Path, rows: Sequence[Sequence[str]]) -> None:
    assert layout_of(rows, FORMS) is None
    found = read(tmp_path, rows)
    assert [one.code for one in found.problems] == ["no-form-found"] and found.sheets == ()
    beside = read(tmp_path, [MEXICAN, *LINES], rows)
    assert beside.problems == () and len(beside.sheets) == 1, "nor is it complained of beside journals"


def test_the_nearest_sheet_is_told_with_what_it_lacks(tmp_path: Path) -> None:
    poliza = ("Póliza", "Cuenta", "Concepto", "Debe", "Haber", "Fecha", "Moneda", "Periodo")
    lines = [("P1", "101110", "Pago", "100", "", "2018-06-01", "MXN1", "2018006")] * 2
    found = read(tmp_path, [("Mes", "Total")], [(), poliza, *lines], name="junio 2018.xlsx")
    (problem,) = found.problems
    assert problem.code == "no-form-found" and dict(problem.facts) == {
        "sheet": "Sheet2",
        "name": "Sheet2",
        "row": "2",
        "understood": "Póliza, Cuenta, Concepto, Debe, Haber, Fecha, Moneda, Periodo",
        "lacking": "journalType, treference",
    }
    said, path = message(problem, Language.ES), tmp_path / "junio 2018.xlsx"
    assert "Tipo de póliza, Referencia" in said and said.endswith(f"importer map {as_argument(str(path))}")


def test_a_near_sheet_beside_journals_is_told_and_holds_nothing_back(tmp_path: Path) -> None:
    lacking = [line[:1] + line[2:] for line in (MEXICAN, *LINES)]
    found = read(tmp_path, [MEXICAN, *LINES], lacking)
    (problem,) = found.problems
    assert (problem.wording, problem.place.sheet, problem.blocks) == ("no-form-found.sheet", "Sheet2", False)
    assert found.is_usable and problem.facts["lacking"] == "journalType"


@pytest.mark.parametrize(
    ("rows", "wording", "seen"),
    [
        ([("Mes", "Total"), ("Mayo", "1")], "no-form-found.seen", "Mes, Total"),
        ([("Fecha", "Cuenta", "Cargo", "Abono", "Saldo")], "no-form-found.seen", "Fecha, Cuenta, Cargo, Abono, Saldo"),
        ([("", "x" * 99)], "no-form-found.seen", f"{'x' * 40} …"),
        ([()], "no-form-found.none", None),
    ],
)
def test_a_workbook_that_is_no_import_file_ends_in_what_was_seen(
    tmp_path: Path, rows: Sequence[Sequence[str]], wording: str, seen: str | None
) -> None:
    (problem,) = read(tmp_path, rows).problems
    assert (problem.wording, problem.facts.get("seen")) == (wording, seen)


@pytest.mark.parametrize(("heading", "texts"), [("Mes", ("2018006", "2018007")), ("Peridoo", ("x", "y"))])
def test_a_missing_column_names_the_nearest_by_heading_or_cells(
    tmp_path: Path, heading: str, texts: Sequence[str]
) -> None:
    own = (
        "Póliza",
        "Tipo de póliza",
        "Cuenta",
        "Referencia",
        "Descripción",
        "Cargo",
        "Abono",
        "Moneda",
        "Fecha",
        heading,
    )
    found = read(tmp_path, [own, *[(*line[:9], text) for line, text in zip(LINES, texts, strict=True)]])
    (problem,) = found.problems
    assert (problem.wording, problem.facts["meant"], problem.facts["cell"]) == ("missing-column.meant", heading, "J1")


def test_a_missing_column_says_how_to_go_on(tmp_path: Path) -> None:
    names = [column.name for column in JOURNALS.required if column.name != "transaction"]
    (problem,) = read(tmp_path, [names, ["x"] * len(names)]).problems
    assert "importer map" in message(problem, Language.EN)


def test_a_proposal_says_how_sure_each_heading_is() -> None:
    rows = [
        ("Póliza", "Tipo", "Cta", "Monedas", "Concepto", "Cargo", "Abono", "Clase", "Día", "Notas", "Cuenta"),
        ("P1", "D", "101110", "MXN1", "Bancos", "5", "", "JV", "2018-06-15", "", "1"),
        ("P1", "D", "371110", "MXN1", "Gastos", "", "5", "JV", "2018-06-16", "", "2"),
    ]
    proposal = propose(rows, {"journalType": {"JV", "PC"}})
    assert proposal is not None and proposal.heading_rows == (1,)
    shown = {one.heading: (one.field, one.certainty, one.reason) for one in proposal.headings}
    assert shown == {
        "Póliza": ("journal", Certainty.CERTAIN, "synonym"),
        "Tipo": ("journalType", Certainty.LIKELY, "synonym"),
        "Cta": (None, Certainty.UNKNOWN, "synonym"),
        "Monedas": ("currency", Certainty.LIKELY, "similarity"),
        "Concepto": ("description", Certainty.LIKELY, "synonym"),
        "Cargo": ("debit", Certainty.CERTAIN, "synonym"),
        "Abono": ("credit", Certainty.CERTAIN, "synonym"),
        "Clase": (None, Certainty.UNKNOWN, None),
        "Día": ("transDateTime", Certainty.LIKELY, "content"),
        "Notas": (None, Certainty.UNKNOWN, None),
        "Cuenta": ("account", Certainty.LIKELY, "synonym"),
    }
    assert proposal.headings[8].samples == ("2018-06-15", "2018-06-16") and proposal.headings[1].samples == ("D",)
    assert set(proposal.missing) == {"journalType", "treference", "description", "currency", "transDateTime", "period"}


def test_any_sheet_has_a_proposal_but_one_without_texts() -> None:
    assert propose([(1.0, 2.0), ()]) is None
    proposal = propose([(), ("Uno", "Dos", "Tres"), ("a", "b", 5.0)])
    assert proposal is not None and proposal.heading_rows == (2,)
    assert [(one.index, one.heading, one.field) for one in proposal.headings] == [
        (0, "Uno", None),
        (1, "Dos", None),
        (2, "Tres", None),
    ]


@pytest.mark.parametrize("group", ["USD", "Miles de pesos", "Presupuesto"])
def test_amounts_below_a_group_that_nobody_knows_are_asked(tmp_path: Path, group: str) -> None:
    upper = (*MEXICAN[:5], group, "", *MEXICAN[7:])
    lower = ("", "", "", "", "", "Debe", "Haber")
    assert told(read(tmp_path, [upper, lower, *LINES]))[0][0] == "uncertain-mapping.heading"
    for known in ("Movimientos", "Importe", "Amounts"):
        assert told(read(tmp_path, [(*MEXICAN[:5], known, "", *MEXICAN[7:]), lower, *LINES])) == []


def noted(folder: Path, above: Sequence[Sequence[str]], merged: str = "") -> list[tuple[str | None, str]]:
    """The problems of a journal below these rows: the cell of the text that each is about and the heading."""
    rows = [*above, MEXICAN, *LINES]
    xml = "".join(_row(number, texts) for number, texts in enumerate(rows, 1))
    tail = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    (folder / "book.xlsx").write_bytes(workbook(sheet(xml, after=tail)))
    found = read_workbook(folder / "book.xlsx", FORMS)
    assert {one.code for one in found.problems} <= {"uncertain-mapping"}
    assert found.is_usable is not bool(found.problems)
    return [(one.facts.get("note"), one.facts["meant"]) for one in found.problems]


OVER_DEBIT = ("",) * 5


@pytest.mark.parametrize(
    ("above", "merged", "asked"),
    [
        ([(*OVER_DEBIT, "Cifras en miles")], "F1:G1", [("F1", "Cargo"), ("F1", "Abono")]),
        ([(*OVER_DEBIT, "Presupuesto"), ()], "F1:G1", [("F1", "Cargo"), ("F1", "Abono")]),
        ([("", "", "", "", "Presupuesto")], "E1:G1", [("E1", "Cargo"), ("E1", "Abono")]),
        ([(*OVER_DEBIT, "Presupuesto")], "", [("F1", "Cargo")]),
        ([(*OVER_DEBIT, "USD")], "", [("F1", "Cargo")]),
        ([("Moneda: USD",), ("Pólizas",)], "", [("A1", "Cargo"), ("A1", "Abono")]),
        ([("Pólizas de junio (cifras en miles de pesos)",)], "A1:J1", [("A1", "Cargo"), ("A1", "Abono")]),
        ([("Importes en dólares",)], "", [("A1", "Cargo"), ("A1", "Abono")]),
        ([("", "Amounts in thousands",)], "", [("B1", "Cargo"), ("B1", "Abono")]),
        ([(*OVER_DEBIT, "($000)")], "", [("F1", "Cargo")]),
        ([("Milliers d'euros",), ()], "", [("A1", "Cargo"), ("A1", "Abono")]),
        ([("Moneda", "MXN (miles)"), ()], "", [("B1", "Cargo"), ("B1", "Abono")]),
        ([("Moneda: miles MXN",), ()], "", [("A1", "Cargo"), ("A1", "Abono")]),
    ],
)  # fmt: skip
def test_a_text_above_the_headings_that_may_change_amounts_is_asked(
    tmp_path: Path, above: Sequence[Sequence[str]], merged: str, asked: list[tuple[str, str]]
) -> None:
    assert noted(tmp_path, above, merged) == asked


@pytest.mark.parametrize(
    ("above", "merged"),
    [
        ([("Pólizas de junio",)], ""),
        ([("Presupuesto",), ()], ""),
        ([("Fundación Mil Manos, A.C.",), ("Pólizas de junio",)], "A1:J1"),
        ([("", "Fundación Mil Manos, A.C.")], "B1:J1"),
        ([("Moneda: MXN", "30 de junio de 2018", "", "", "", "30/06/2018", "Fecha: 30/06/2018")], ""),
        ([("MXN",), (*OVER_DEBIT, "Movimientos")], "F2:G2"),
        ([(*OVER_DEBIT, "1,000.00", "1000")], ""),
    ],
)
def test_titles_dates_and_the_currency_of_the_lines_above_the_headings_are_read_without_a_word(
    tmp_path: Path, above: Sequence[Sequence[str]], merged: str
) -> None:
    assert noted(tmp_path, above, merged) == []


def test_the_proposal_has_such_a_text_and_the_sentence_names_its_cell(tmp_path: Path) -> None:
    rows = [(*OVER_DEBIT, "USD"), MEXICAN, *LINES]
    proposal = propose(rows)
    assert proposal is not None and proposal.notes == ("USD",)
    for language in Language:
        assert "F1" in message(read(tmp_path, rows).problems[0], language)


def test_a_heading_above_several_columns_with_headings_of_their_own_is_not_read(tmp_path: Path) -> None:
    """Fecha above Vencimiento and Contable: the first one is not the day of posting."""
    upper = (*MEXICAN[:8], "Periodo", "Fecha", "")
    lower = (*[""] * 9, "Vencimiento", "Contable")
    lines = [(*row[:8], row[9], "2018-06-20", row[8]) for row in LINES]
    assert "duplicate-column.below" in [wording for wording, _ in told(read(tmp_path, [upper, lower, *lines]))]


def test_a_column_of_percentages_holds_no_amounts(tmp_path: Path) -> None:
    assert fold_heading("Cargo %") != fold_heading("Cargo") == fold_heading("Cargo ($)")
    found = read(tmp_path, [renamed({"Cargo": "Cargo (%)"}), *LINES])
    assert found.sheets == () or not found.is_usable
