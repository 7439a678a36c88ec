"""A workbook with headings of its own is read as its mapping declares it, and by no undeclared reading."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.errors import SetupError
from importer.model.workbook import CORRECTED_FILE, CORRECTED_RUN, CORRECTIONS_MARK, FormSheet
from importer.read.declared_formats import DATES, amount_in, day_in, month_names
from importer.read.mapping_search import MappingsAtHand
from importer.read.mappings import MappingFolder, SheetMapping, mapping_of, to_toml
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS
from importer.translations import Language, chapter
from importer.validate.journal_columns import SheetMoney
from tests.read.mapped import JUNE_15, PRODUCT, Rows, Understood, rows_of, understood, validated, write

PRODUCT_MAPPING = """
headings = { journal = "Journal", \
journalType = "Journal type", account = "Account", treference = "Transaction reference", \
tfww = "TFWW", fund = "Fund", description = "Description", \
transaction = "Debit or credit", amount = "Amount", currency = "Currency", transDateTime = "Transaction date", \
period = "Accounting period" }
"""
SPANISH = """
headings = { account = "Cuenta", treference = "Referencia", description = "Concepto", \
debit = "Cargo", credit = "Abono", currency = "Moneda", transDateTime = "Fecha", \
period = "Periodo", journalType = "Tipo" }
journal = "Póliza"
"""
SPANISH_HEADINGS = (
    "Póliza",
    "Tipo",
    "Cuenta",
    "Referencia",
    "Concepto",
    "Cargo",
    "Abono",
    "Moneda",
    "Fecha",
    "Periodo",
)


def spanish(debit: object, credit: object, day: object = JUNE_15, period: object = "2018006") -> Rows:
    """Two lines with Cargo and Abono."""
    return [
        SPANISH_HEADINGS,
        ("P1", "JV", "101110", "R", "Pago", debit, None, "MXN1", day, period),
        ("P1", "JV", "371110", "R", "Pago", None, credit, "MXN1", day, period),
    ]


def two_lines(found: Understood) -> tuple[list[str], list[str], set[date], set[str]]:
    """Sides, amounts, days and periods of two lines."""
    assert not found.errors
    assert [line[2] for line in found.lines] == ["101110", "371110"]
    lines = found.lines
    return (
        [line[3] for line in lines],
        [line[4] for line in lines],
        {line[5] for line in lines},
        {line[6] for line in lines},
    )


JUNE = ({date(2018, 6, 15)}, {"2018006"})


@pytest.mark.parametrize(
    ("amounts", "day", "declared"),
    [
        (("$ 3,826.27", "$ 3,826.27"), "15/06/2018", 'dates = "d/m/y"\nnumbers = "1,234.56"'),
        (("3,826.27", "3826.27"), JUNE_15, 'numbers = "1,234.56"'),
        (("3.826,27", "3826,27"), "2018.06.15", 'dates = "y.m.d"\nnumbers = "1.234,56"'),
        (("3 826,27", "3\xa0826,27"), "06/15/18", 'dates = "m/d/yy"\nnumbers = "1 234,56"'),
        (("3826.27", 3826.27), "20180615", 'dates = "ymd"'),
        ((3826.27, 3826.27), JUNE_15, 'dates = "d/m/y"\nnumbers = "1.234,56"'),
        (("3826.27", "3826.27"), "2018-06-15", ""),
    ],
    ids=["pesos", "text numbers", "points", "blanks", "typed plain", "cells are never read again", "all text"],
)
def test_declared_formats_read_what_was_typed(
    tmp_path: Path, amounts: tuple[object, object], day: object, declared: str
) -> None:
    found = understood(write(tmp_path / "a.xlsx", rows_of(amounts, day)), PRODUCT_MAPPING + declared)
    assert two_lines(found) == (["D", "C"], ["3826.27", "3826.27"], *JUNE)


@pytest.mark.parametrize(
    ("numbers", "text", "amount"),
    [
        ("1.234,56", "1.50", None),
        ("1.234,56", "1.500", "1500"),
        ("1.234,56", "1.500,5", "1500.5"),
        ("1,234.56", "1,5", None),
        ("1,234.56", "1,500", "1500"),
        ("1,234.56", "12,34,567.00", None),
        ("1,234.56", "0,123", None),
        ("1,234.56", "1.2.3", None),
        ("1,234.56", "1,234,567.89", "1234567.89"),
        ("1 234,56", "1 234,5", "1234.5"),
        ("1 234,56", "12 34", None),
        (None, "1,234.50", None),
        (None, "1234.50", "1234.50"),
    ],
)
def test_a_number_format_is_a_grammar(numbers: str | None, text: str, amount: str | None) -> None:
    declared = numbers, ["(1.00)"]
    assert amount_in(text, *declared) == amount
    assert amount_in(f"({text})", *declared) == (None if amount is None else f"-{amount}")
    assert amount_in(f"-{text}", *declared) is None


def test_a_dash_beside_the_amount_of_the_other_side_is_no_amount_under_a_declared_format(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Debe", "Haber", *PRODUCT[:7], *PRODUCT[9:]]]
    rows += [
        [*sides, *one[:7], *one[9:]]
        for sides, one in zip((("1,500.00", "-"), ("-", "1,500.00")), rows_of((1, 1))[1:], strict=True)
    ]
    mapping = PRODUCT_MAPPING.replace(
        'transaction = "Debit or credit", amount = "Amount"', 'debit = "Debe", credit = "Haber"'
    )
    found = understood(write(tmp_path / "a.xlsx", rows), mapping + 'numbers = "1,234.56"')
    assert [line[3:5] for line in found.lines] == [("D", "1500.00"), ("C", "1500.00")]


def test_an_amount_outside_the_declared_format_is_an_error_at_its_cell(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rows_of(("1.50", "1,50")))
    found = understood(path, PRODUCT_MAPPING + 'numbers = "1.234,56"')
    assert found.errors == [("not-a-number.declared", "I2")]


@pytest.mark.parametrize("text", ["31/02/2018", "15-06-2018", "2018-06-15", "15/06/18"])
def test_a_date_format_is_a_grammar(text: str) -> None:
    assert day_in(text, "d/m/y") is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("15 de junio de 2018", "d de mmmm de y"),
        ("15 de Junio del 2018", "d de mmmm del y"),
        ("15-jun-18", "d-mmm-yy"),
        ("15/JUN/2018", "d/mmm/y"),
        ("15 juin 2018", "d mmmm y"),
        ("15 jun. 2018", "d mmm y"),
        ("June 15, 2018", "mmmm d, y"),
    ],
)
def test_months_by_their_names_are_declared_too(tmp_path: Path, text: str, order: str) -> None:
    found = understood(write(tmp_path / "a.xlsx", rows_of((10, 10), text)), f'{PRODUCT_MAPPING}dates = "{order}"')
    assert two_lines(found) == (["D", "C"], ["10", "10"], *JUNE)
    assert order in [one for one in DATES if day_in(text, one) == date(2018, 6, 15)]
    assert {day_in(text, one) for one in DATES} == {None, date(2018, 6, 15)}


@pytest.mark.parametrize("text", ["15 de junior de 2018", "31 de junio de 2018", "15 de jun de 2018", "15 junio 2018"])
def test_a_month_s_name_is_part_of_the_grammar(text: str) -> None:
    assert day_in(text, "d de mmmm de y") is None


def test_each_month_s_name_is_that_of_one_month_in_every_language() -> None:
    for language in Language:
        for names in (chapter(language, "month-names")[f"month-names.{which}"] for which in ("full", "short")):
            assert len(names.split(";")) == 12
    assert all(set(names.values()) == set(range(1, 13)) for names in month_names().values())
    assert month_names()["full"]["juillet"] == 7 and month_names()["short"]["mar"] == 3


@pytest.mark.parametrize(
    ("text", "order"),
    [("Junio 2018", "mmmm y"), ("junio de 2018", "mmmm de y"), ("jun-18", "mmm-yy"), ("06/2018", "m/y")],
)
def test_a_period_is_read_as_declared_in_rows_and_above_them(tmp_path: Path, text: str, order: str) -> None:
    declared = f'periods = "{order}"\n'
    found = understood(write(tmp_path / "a.xlsx", spanish(1, 1, period=text)), SPANISH + declared)
    assert {line[6] for line in found.lines} == {"2018006"}
    above = [("Periodo", text), *[row[:-1] for row in spanish(1, 1)]]
    mapping = SPANISH.replace(', period = "Periodo"', "") + 'cells = { period = "right of Periodo" }\n'
    path = write(tmp_path / "b.xlsx", above)
    assert {line[6] for line in understood(path, mapping + declared).lines} == {"2018006"}
    assert not understood(path, mapping).lines
    wrong = understood(write(tmp_path / "c.xlsx", spanish(1, 1, period="Cierre 2018")), SPANISH + declared)
    assert wrong.errors == [("bad-period.declared", "J2"), ("bad-period.declared", "J3")]


def test_no_period_is_taken_from_a_month_where_the_year_does_not_begin_in_january(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [row[:-1] for row in spanish(1, 1)])
    text = SPANISH.replace(', period = "Periodo"', "") + 'derive = { period = "month of transDateTime" }'
    at_hand = MappingsAtHand(named=mapping_of("mine", text, "mine.toml"), first_month=7)
    found = validated(read_workbook(path, FORMS, mappings=at_hand))
    assert (found.errors, found.lines) == ([("bad-period.year", None)], [])


def test_one_cell_against_the_declared_order_puts_the_column_in_doubt(tmp_path: Path) -> None:
    first, second = rows_of((10, 10), "06/07/2018")[1:]
    path = write(tmp_path / "a.xlsx", [PRODUCT, first, [*second[:10], "06/30/2018", second[11]]])
    found = understood(path, PRODUCT_MAPPING + 'dates = "d/m/y"')
    assert found.errors == [("not-a-date.order", None)]
    assert found.problems[0].facts["second"] == "2018-06-30"


def test_an_order_that_the_periods_contradict_is_shown_both_ways(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rows_of((10, 10), "06/07/2018"))
    found = understood(path, PRODUCT_MAPPING + 'dates = "d/m/y"')
    assert found.errors == [("not-a-date.exchanged", None)]
    assert (found.problems[0].facts["first"], found.problems[0].facts["second"]) == ("2018-07-06", "2018-06-07")
    assert understood(path, PRODUCT_MAPPING + 'dates = "m/d/y"').lines[0][5] == date(2018, 6, 7)


def test_negative_amounts_go_to_the_other_side_where_that_is_declared(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", spanish(834.49, -834.49))
    assert {wording for wording, _ in understood(path, SPANISH).errors} >= {"not-positive.other-side"}
    rows = [*spanish(834.49, 834.49), *spanish(-100, -100)[1:]]
    found = understood(write(tmp_path / "b.xlsx", rows), SPANISH + 'negative = "other-side"')
    assert [line[3:5] for line in found.lines] == [("D", "834.49"), ("C", "834.49"), ("C", "100"), ("D", "100")]
    assert found.sheet.mapping is not None
    (totals,) = found.sheet.mapping.totals
    assert (totals.currency, *map(str, (totals.debit_before, totals.credit_before, totals.debit, totals.credit))) == (
        *("MXN1", "734.49", "734.49"),
        *("934.49", "934.49"),
    )
    assert found.sheet.place(4, "credit").cell == "F4"
    assert found.sheet.place(5, "debit").cell == "G5"


def test_negative_credits_beside_sides_go_to_the_other_side(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rows_of((5, -5), sides=("D", "D")))
    found = understood(path, PRODUCT_MAPPING + 'negative = "other-side"\nsides = "D/C"')
    assert two_lines(found) == (["D", "C"], ["5", "5"], *JUNE)


@pytest.mark.parametrize(("signed", "sides"), [("positive is debit", ["D", "C"]), ("positive is credit", ["C", "D"])])
def test_signed_amounts_have_the_declared_sides(tmp_path: Path, signed: str, sides: list[str]) -> None:
    rows = [[*row[:7], *row[8:]] for row in rows_of((3051.93, -3051.93))]
    path = write(tmp_path / "a.xlsx", rows)
    mapping = PRODUCT_MAPPING.replace('transaction = "Debit or credit", ', "")
    found = understood(path, f'{mapping}\nsigned = "{signed}"')
    assert two_lines(found) == (sides, ["3051.93", "3051.93"], *JUNE)
    assert found.sheet.place(2, "transaction").cell == "H2"
    with pytest.raises(SetupError, match="mapping-lacks"):
        understood(path, mapping)


@pytest.mark.parametrize(
    ("texts", "declared", "sides"),
    [
        (("C", "A"), 'sides = "C/A"', ["D", "C"]),
        (("d", "h"), 'sides = "D/H"', ["D", "C"]),
        (("S", "H"), 'sides = "S/H"', ["D", "C"]),
        (("D", "C"), "", ["D", "C"]),
        (("Cargo", "Abono"), 'values = { transaction = { Cargo = "D", Abono = "C" } }', ["D", "C"]),
        (("Debe", "H"), 'sides = "D/H"\nvalues = { transaction = { Debe = "D" } }', ["D", "C"]),
    ],
)
def test_sides_are_those_that_are_declared(
    tmp_path: Path, texts: tuple[str, str], declared: str, sides: list[str]
) -> None:
    path = write(tmp_path / "a.xlsx", rows_of((5, 5), sides=texts))
    assert two_lines(understood(path, PRODUCT_MAPPING + declared)) == (sides, ["5", "5"], *JUNE)


@pytest.mark.parametrize(
    ("texts", "declared"),
    [
        (("C", "A"), ""),
        (("C", "C"), ""),
        (("C", "D"), 'sides = "C/A"'),
        (("D", "H"), 'sides = "D/C"'),
        (("Cargo", "C"), 'values = { transaction = { Cargo = "D" } }'),
    ],
)
def test_letters_of_the_column_that_are_not_declared_stop_the_sheet(
    tmp_path: Path, texts: tuple[str, str], declared: str
) -> None:
    found = understood(write(tmp_path / "a.xlsx", rows_of((5, 5), sides=texts)), PRODUCT_MAPPING + declared)
    assert ("bad-choice.sides", None) in found.errors
    assert not found.lines


def test_words_and_formats_are_mapped_but_not_rounded(tmp_path: Path) -> None:
    day = "06/2018"
    rows = [[*row[:9], "MXN", JUNE_15, day] for row in rows_of((834.491, 5), sides=("Cargo", "Abono"))[1:]]
    mapping = PRODUCT_MAPPING.replace(', period = "Accounting period"', "")
    mapping += 'unread = ["Accounting period"]\nderive = { period = "month of transDateTime" }\n'
    mapping += 'values = { transaction = { Cargo = "D", Abono = "C" }, currency = { MXN = "MXN1" } }'
    found = understood(write(tmp_path / "a.xlsx", [PRODUCT, *rows]), mapping)
    assert ("too-many-decimals.thousands", "I2") in found.errors
    assert ("uncertain-mapping.otherwise", "L2") in found.errors
    assert found.sheet.columns["period"] == ["2018006", "2018006"]
    assert found.sheet.columns["currency"] == ["MXN1", "MXN1"]


BLOCK = """
headings = { account = "Account", treference = "Reference", tfww = "TFWW", fund = "Fund", \
description = "Description", transaction = "Debit or credit", amount = "Amount", transDateTime = "Date" }
cells = { journalType = "right of Journal type", period = "right of Period", currency = "right of Currency" }
journal = "each sheet"
"""


def block(*above: tuple[object, ...]) -> Rows:
    """A block of values above two lines."""
    headings = ("Account", "Reference", "TFWW", "Fund", "Description", "Debit or credit", "Amount", "Date")
    lines = [
        (account, "R1", "1001", "10", "x", side, 55.5, datetime(2018, 6, 30))
        for account, side in (("101110", "D"), ("371110", "C"))
    ]
    return [*above, (), headings, *lines]


ABOVE = (("BU", "ABC"), ("Journal type:", "JV"), ("Period", 2018006), ("Currency", "MXN1"))


def test_values_above_the_headings_are_read_anew_from_each_workbook(tmp_path: Path) -> None:
    found = understood(write(tmp_path / "a.xlsx", block(*ABOVE), "P-7"), BLOCK)
    assert [line[:2] + line[6:] for line in found.lines] == [("P-7", "JV", "2018006")] * 2
    assert found.sheet.mapping is not None
    assert found.sheet.mapping.cells == {"journalType": "JV (B2)", "period": "2018006 (B3)", "currency": "MXN1 (B4)"}
    july = understood(write(tmp_path / "b.xlsx", block(*ABOVE[:2], ("Period", "2018007"), ABOVE[3])), BLOCK)
    assert {line[6] for line in july.lines} == {"2018007"}


@pytest.mark.parametrize(
    ("above", "wording"),
    [
        (ABOVE[:3], "uncertain-mapping.label"),
        ((*ABOVE, ("Currency", "USD")), "uncertain-mapping.labels"),
        ((*ABOVE[:3], ("Currency", None)), "uncertain-mapping.cell"),
    ],
    ids=["no label", "two labels", "no value"],
)
def test_a_label_that_is_not_there_once_stops_the_sheet(
    tmp_path: Path, above: tuple[tuple[object, ...], ...], wording: str
) -> None:
    found = understood(write(tmp_path / "a.xlsx", block(*above)), BLOCK)
    assert found.errors == [(wording, "B4" if wording.endswith(".cell") else None)]


def test_what_is_wrong_with_a_value_above_the_headings_is_told_at_its_cell(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", block(("Journal type:", "JV"), ("Period", "2018-06"), ("Currency", "MXN1")))
    found = understood(path, BLOCK)
    assert {(wording.partition(".")[0], cell) for wording, cell in found.errors} == {("bad-period", "B2")}
    assert {one.place.row for one in found.problems} == {6, 7}


def test_a_value_stands_below_its_label(tmp_path: Path) -> None:
    mapping = BLOCK.replace("right of Currency", "below Currency")
    rows = block(*ABOVE[:3], (None, None, "Currency"), (None, None, "MXN1"))
    assert {line[6] for line in understood(write(tmp_path / "a.xlsx", rows), mapping).lines} == {"2018006"}


def test_a_constant_stands_for_every_row_and_is_held_against_the_workbook(tmp_path: Path) -> None:
    mapping = BLOCK.replace(', currency = "right of Currency" }', " }") + 'constants = { currency = "MXN1" }'
    assert len(understood(write(tmp_path / "a.xlsx", block(*ABOVE)), mapping).lines) == 2
    other = understood(write(tmp_path / "b.xlsx", block(*ABOVE[:3], ("Currency", "USD"))), mapping)
    assert other.errors == [("uncertain-mapping.otherwise", None)]
    column = SPANISH.replace('currency = "Moneda", ', "") + 'constants = { currency = "MXN1" }\nunread = ["Moneda"]'
    assert len(understood(write(tmp_path / "c.xlsx", spanish(1, 1)), column).lines) == 2
    rows = [list(row) for row in spanish(1, 1)]
    rows[2][7] = "USD"
    found = understood(write(tmp_path / "d.xlsx", rows), column)
    assert found.errors == [("uncertain-mapping.otherwise", "H3")]


def test_a_constant_beside_a_heading_of_several_meanings_is_held_against_its_cells(tmp_path: Path) -> None:
    """Tipo may be the journal type: which the mapping, named for a sheet with a heading more, says to be JV."""
    text = SPANISH.replace(', journalType = "Tipo"', "") + 'constants = { journalType = "JV" }\n'
    rows = [list(row) for row in spanish(1, 1)]
    assert len(understood(write(tmp_path / "a.xlsx", rows), text).lines) == 2
    rows[2][1] = "Egreso"
    path = write(tmp_path / "b.xlsx", rows)
    found = understood(path, text)
    assert (found.errors, found.lines) == ([("uncertain-mapping.otherwise", "B3")], [])
    assert len(understood(path, text + 'unread = ["Tipo"]').lines) == 2
    assert len(understood(path, text + 'values = { journalType = { Egreso = "JV" } }').lines) == 2


def test_a_text_above_the_headings_that_may_change_amounts_stops_a_mapping_that_does_not_know_it(
    tmp_path: Path,
) -> None:
    above = [(), ("Pólizas de junio",), ("", "", "", "", "", "Cifras en miles")]
    path = write(tmp_path / "a.xlsx", [*above, *spanish(1, 1)])
    found = understood(path, SPANISH)
    assert (found.errors, found.lines) == ([("uncertain-mapping.noted", None)], [])
    assert (found.problems[0].value, found.problems[0].facts["cell"]) == ("Cifras en miles", "F3")
    assert len(understood(path, SPANISH + 'notes = ["Cifras en MILES"]').lines) == 2
    dated = write(tmp_path / "b.xlsx", [("", "", "", "", "", "Hasta el día 31"), *spanish(1, 1)])
    assert len(understood(dated, SPANISH + 'notes = ["Hasta el día 30"]').lines) == 2
    labelled = [("Tipo", "", "", "", "Clave JV", "JV"), *[[row[0], *row[2:]] for row in spanish(1, 1)]]
    text = SPANISH.replace(', journalType = "Tipo"', "") + 'cells = { journalType = "right of Clave JV" }'
    assert len(understood(write(tmp_path / "c.xlsx", labelled), text).lines) == 2


@pytest.mark.parametrize(
    ("note", "scale", "amounts", "posted"),
    [
        ("Cifras en miles", 1000, (12.345, 12.345), "12345"),
        ("(Cifras en miles de pesos)", 1000, (0.00101, 0.00101), "1.01"),
        ("In millions", 1_000_000, (1.5, "1.50"), "1500000"),
        ("", 1000, ("123456789012345.67", "123456789012345.67"), "123456789012345670"),
    ],
)
def test_amounts_in_thousands_are_multiplied_where_that_is_declared(
    tmp_path: Path, note: str, scale: int, amounts: tuple[object, object], posted: str
) -> None:
    path = write(tmp_path / "a.xlsx", [("", "", "", "", "", note), *spanish(*amounts)])
    found = understood(path, SPANISH + f"scale = {scale}")
    assert {str(text) for name in ("debit", "credit") for text in found.sheet.columns[name] if text} == {posted}
    assert [one.wording for one in found.problems if one.code == "uncertain-mapping"] == []
    assert found.sheet.mapping is not None and found.sheet.mapping.scale == scale
    (totals,) = found.sheet.mapping.totals
    assert (totals.debit_before, totals.debit) == (Decimal(str(amounts[0])), Decimal(posted))


@pytest.mark.parametrize("amount", [0.012345, 1.23456789])
def test_too_many_decimals_of_a_multiplied_amount_are_said_of_what_it_is_then(tmp_path: Path, amount: float) -> None:
    found = understood(write(tmp_path / "a.xlsx", spanish(amount, amount)), SPANISH + "scale = 1000")
    assert found.errors == [("too-many-decimals.scaled", "F2"), ("too-many-decimals.scaled", "G3")]
    problem = next(one for one in found.problems if one.blocks)
    assert Decimal(problem.value or 0) == Decimal(str(amount)) * 1000 and problem.facts["scale"] == "1000"


@pytest.mark.parametrize(
    ("note", "wording"),
    [
        ("Cifras en millones", "noted"),
        ("Cifras en miles de dólares", "noted"),
        ("Cifras en miles de millones", "noted"),
        ("Pólizas", "unscaled"),
    ],
)
def test_a_text_that_says_another_scale_or_none_stops_a_mapping_with_one(
    tmp_path: Path, note: str, wording: str
) -> None:
    path = write(tmp_path / "a.xlsx", [(note if wording == "unscaled" else "", *[""] * 4, note), *spanish(1, 1)])
    found = understood(path, SPANISH + 'scale = 1000\nnotes = ["Cifras en miles", "Pólizas"]')
    assert (found.errors, found.lines) == ([(f"uncertain-mapping.{wording}", None)], [])


@pytest.mark.parametrize("note", ["Cifras en miles de dólares", "Miles de euros", "Miles de USD", "Millions d'euros"])
def test_a_scale_beside_a_currency_must_be_said_again_too(tmp_path: Path, note: str) -> None:
    mapping = SPANISH + f'scale = {1_000_000 if "Mill" in note else 1000}\nnotes = ["{note}"]'
    rows = spanish(1, 1)
    assert understood(write(tmp_path / "a.xlsx", [("", "", "", "", "", note), *rows]), mapping).errors == []
    assert understood(write(tmp_path / "b.xlsx", rows), mapping).errors == [("uncertain-mapping.unscaled", None)]


@pytest.mark.parametrize(("currency", "errors"), [("MXN1", []), ("USD", [("uncertain-mapping.noted", None)])])
def test_thousands_of_pesos_are_no_other_currency(
    tmp_path: Path, currency: str, errors: list[tuple[str, str | None]]
) -> None:
    rows = [[currency if cell == "MXN1" else cell for cell in row] for row in spanish(1, 1)]
    path = write(tmp_path / "a.xlsx", [("", "", "", "", "", "Miles de pesos"), *rows])
    assert understood(path, SPANISH + 'scale = 1000\nnotes = ["En miles"]').errors == errors


@pytest.mark.parametrize("currency", ["MXN (miles)", "miles de MXN", "Miles de pesos", "MDP"])
def test_a_currency_that_names_thousands_is_asked_about(tmp_path: Path, currency: str) -> None:
    """In the column of the lines, or as a value above them: a code that stands for it does not say what amounts are."""
    scale = 1_000_000 if currency == "MDP" else 1000
    code = f'values = {{ currency = {{ "{currency}" = "MXN1" }} }}\n'
    rows = [[currency if cell == "MXN1" else cell for cell in row] for row in spanish(1, 1)]
    path = write(tmp_path / "a.xlsx", rows)
    above = write(tmp_path / "b.xlsx", block(*ABOVE[:3], ("Currency", currency)))
    assert understood(path, SPANISH + code).errors == [("uncertain-mapping.noted", None)]
    assert understood(above, BLOCK + code).errors == [("uncertain-mapping.noted", None)]
    for declared, posted in ((f"scale = {scale}", scale), (f'notes = ["{currency}"]', 1)):
        found = understood(path, SPANISH + code + declared)
        assert found.errors == [] and {Decimal(line[4]) for line in found.lines} == {posted}
    rows[2][7] = "MXN1"
    mixed = understood(write(tmp_path / "c.xlsx", rows), SPANISH + code + f"scale = {scale}")
    assert mixed.errors == [("uncertain-mapping.noted", None)], "lines of two scales have no common one"


def test_no_mapping_is_applied_to_corrections_which_hold_what_it_has_made(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rows_of((1, 1)))
    mapping = PRODUCT_MAPPING + "scale = 1000"
    assert {line[4] for line in understood(path, mapping).lines} == {"1000"}
    book = load_workbook(path)
    for row in ((CORRECTIONS_MARK, ""), (CORRECTED_RUN, "20180630-170501-3fa9c2"), (CORRECTED_FILE, "a.xlsx")):
        (book["Guide"] if "Guide" in book.sheetnames else book.create_sheet("Guide")).append(row)
    book.save(path)
    found = understood(path, mapping)
    assert ({line[4] for line in found.lines}, found.errors) == ({"1"}, [])
    assert found.sheet.mapping is None and found.workbook.corrects is not None


def test_a_group_above_the_headings_is_held_against_the_mapping_too(tmp_path: Path) -> None:
    """Headings in two rows: USD above Cargo and Abono."""
    upper = [*SPANISH_HEADINGS[:5], "Movimientos", "", *SPANISH_HEADINGS[7:]]
    lower = [*[""] * 5, "Cargo", "Abono", "", "", ""]
    lines = spanish(1, 1)[1:]
    assert len(understood(write(tmp_path / "a.xlsx", [upper, lower, *lines]), SPANISH).lines) == 2
    upper[5] = "USD"
    assert understood(write(tmp_path / "b.xlsx", [upper, lower, *lines]), SPANISH).errors == [
        ("uncertain-mapping.noted", None)
    ]


def test_a_period_is_taken_from_the_date_where_that_is_declared(tmp_path: Path) -> None:
    mapping = SPANISH.replace(', period = "Periodo"', "") + 'derive = { period = "month of transDateTime" }'
    rows = [row[:-1] for row in spanish(1, 1)]
    found = understood(write(tmp_path / "a.xlsx", rows), mapping)
    assert {line[6] for line in found.lines} == {"2018006"}
    assert found.sheet.place(2, "period").cell == "I2"
    december = [row[:-1] for row in spanish(1, 1, datetime(2018, 12, 31))]
    path = write(tmp_path / "b.xlsx", december)
    assert len(understood(path, mapping).lines) == 2
    assert understood(path, mapping, last_period=13).errors == [
        ("bad-period.derived", "I2"),
        ("bad-period.derived", "I3"),
    ]


def test_headings_joined_make_one_key_of_each_pair(tmp_path: Path) -> None:
    mapping = SPANISH.replace('journal = "Póliza"', 'journal = ["Fecha", "Póliza"]')
    rows = [*spanish(1, 1), *spanish(2, 2, datetime(2018, 6, 16))[1:]]
    rows += [("16/P1", *row[1:]) for row in spanish(3, 3)[1:]]
    found = understood(write(tmp_path / "a.xlsx", rows), mapping)
    assert [one.key for one in found.journals] == ["2018-06-15 / P1", "2018-06-16 / P1", "2018-06-15 / 16//P1"]


def test_values_are_mapped_whatever_their_case(tmp_path: Path) -> None:
    rows = [list(row) for row in spanish(1, 1)]
    rows[1][1], rows[2][1] = "Diario", "DIARIO"
    mapping = SPANISH + 'values = { journalType = { Diario = "JV" } }'
    assert {line[1] for line in understood(write(tmp_path / "a.xlsx", rows), mapping).lines} == {"JV"}


WRONG = {
    'heading = { account = "Cuenta" }': ("mapping-key", "1"),
    '\nheadings = { acount = "Cuenta" }': ("mapping-field", "2"),
    '\n\ndates = "dd/mm/aaaa"': ("mapping-value", "3"),
    'numbers = "1.234"': ("mapping-value", "1"),
    'constants = { period = "2018006" }': ("mapping-constant", "1"),
    'constants = { transDateTime = "2018-06-30" }': ("mapping-constant", "1"),
    'derive = { period = "month of account" }': ("mapping-value", "1"),
    'headings = { account = "Cuenta" }\nconstants = { account = "1" }': ("mapping-twice", "1"),
    'cells = { currency = "beside Moneda" }': ("mapping-value", "1"),
    'headings = { account = "Cuenta" }': ("mapping-lacks", ""),
    "headings = [": ("mapping-syntax", ""),
    'skip = "TOTAL"': ("mapping-value", "1"),
    'values = { amount = { a = "1" } }': ("mapping-field", "1"),
    SPANISH + 'sides = "D/C"': ("mapping-field", "4"),
    SPANISH + 'constants = { amount = "5" }': ("mapping-constant", "4"),
    SPANISH + 'signed = "positive is debit"': ("mapping-twice", "2"),
    SPANISH + 'unread = ["moneda"]': ("mapping-twice", "4"),
    SPANISH + 'encoding = "latin"': ("mapping-value", "4"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_mapping_is_told_with_its_line(text: str) -> None:
    with pytest.raises(SetupError) as caught:
        mapping_of("mine", text, "mine.toml")
    key, line = WRONG[text]
    assert (caught.value.key, caught.value.facts.get("line", "")) == (key, line)
    assert caught.value.facts["file"] == "mine.toml"


@pytest.mark.parametrize("name", ["Mine", "", "a" * 41, "../a", "ñ"])
def test_names_are_small_letters_digits_and_hyphens(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="mapping-name"):
        MappingFolder(tmp_path).read(name)


def test_a_mapping_is_kept_as_it_was_declared(tmp_path: Path) -> None:
    folder = MappingFolder(tmp_path / "mappings")
    text = SPANISH + 'dates = "d/m/y"\nskip = ["TOTAL"]\nvalues = { journalType = { Diario = "JV" } }\n'
    text += 'periods = "mmm-yy"\nnotes = ["En miles"]\nencoding = "cp850"\n'
    made = mapping_of("polizas", text, "polizas.toml")
    kept = folder.keep(made)
    assert folder.all() == [kept]
    assert folder.read("polizas") == kept
    assert to_toml(kept) == to_toml(made)
    folder.note_use("church", "polizas", kept.sha256)
    assert folder.used_by("church") == {"polizas": kept.sha256}
    assert folder.used_by(None) == {}
    with pytest.raises(SetupError, match="no-mapping"):
        folder.read("others")


def found_by(path: Path, mappings: list[SheetMapping], **used: str) -> Understood:
    """The workbook read by whichever mapping has its headings."""
    return validated(read_workbook(path, FORMS, mappings=MappingsAtHand(mappings, used=used)))


def test_a_mapping_is_found_again_by_the_set_of_headings(tmp_path: Path) -> None:
    mine = mapping_of("mine", SPANISH, "mine.toml")
    backwards = [row[::-1] for row in spanish(1, 1)]
    assert len(found_by(write(tmp_path / "a.xlsx", backwards), [mine]).lines) == 2
    more = [(*row, "x" if number else "Sucursal") for number, row in enumerate(spanish(1, 1))]
    own = [["Concept" if cell == "Concepto" else cell for cell in row] for row in more]
    text = SPANISH.replace("Concepto", "Concept")
    found = found_by(write(tmp_path / "b.xlsx", own), [mapping_of("mine", text, "mine.toml")])
    assert found.errors == [("uncertain-mapping.changed", None)]
    assert found.problems[0].facts["headings"] == "Sucursal"
    further = mapping_of("further", text + 'unread = ["Sucursal", "Caja"]', "further.toml")
    (without,) = found_by(tmp_path / "b.xlsx", [further]).problems
    assert (without.wording, without.facts["headings"]) == ("uncertain-mapping.fewer", "Caja")
    named = understood(tmp_path / "b.xlsx", text)
    assert len(named.lines) == 2
    assert [one.wording for one in named.problems] == ["unknown-column.heading"]
    silent = mapping_of("mine", text + 'unread = ["Sucursal"]', "mine.toml")
    assert found_by(tmp_path / "b.xlsx", [silent]).problems == []


def test_between_two_mappings_the_used_one_is_taken_or_a_person_decides(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", spanish(1, 1))
    both = [mapping_of(name, SPANISH, f"{name}.toml") for name in ("one", "two")]
    found = found_by(path, both)
    assert found.errors == [("uncertain-mapping.choice", None)]
    assert found.problems[0].facts["mappings"] == "one, two"
    assert found_by(path, both, two="0" * 64).sheet.mapping == found_by(path, both[1:]).sheet.mapping


def test_a_named_mapping_that_no_sheet_fits_is_told(tmp_path: Path) -> None:
    found = understood(write(tmp_path / "a.xlsx", [("a", "b"), (1, 2)]), SPANISH)
    assert found.errors == [("uncertain-mapping.unfit", None)]


def test_declared_labels_and_formats_hold_for_rows_that_are_no_lines(tmp_path: Path) -> None:
    total = (None, None, None, None, None, None, "Cargos del mes", None, "1.234,50", None, None, None)
    path = write(tmp_path / "a.xlsx", [*rows_of(("1.234,50", "1.234,50")), total])
    declared = PRODUCT_MAPPING + 'numbers = "1.234,56"\n'
    assert understood(path, declared).errors == [("required.total", "I4")]
    found = understood(path, declared + 'skip = ["Cargos del mes"]')
    assert found.errors == []
    (sheet,) = found.workbook.sheets
    assert [(one.wording, one.place.cell) for one in found.workbook.problems] == [("set-aside-rows.tied-side", "G4")]
    assert sheet.rows == (2, 3) and sheet.set_aside is not None and sheet.set_aside.rows == (4,)


def test_a_total_of_signed_amounts_ties_with_its_side(tmp_path: Path) -> None:
    total = [*(None,) * 6, "TOTAL", None, 7, *(None,) * 3]
    mapping = PRODUCT_MAPPING.replace('transaction = "Debit or credit", ', "") + 'signed = "positive is credit"\n'
    path = write(tmp_path / "a.xlsx", [*rows_of((7, -7)), total])
    found = understood(path, mapping + 'unread = ["Debit or credit"]')
    (problem,) = found.problems
    assert (problem.wording, problem.facts["debit"], problem.facts["credit"]) == (
        "set-aside-rows.tied-side",
        "7.00",
        "7.00",
    )


@pytest.mark.parametrize("hidden_sheet", [False, True])
def test_the_money_of_rows_that_are_no_lines_or_were_left_out_is_read_as_declared(
    tmp_path: Path, *, hidden_sheet: bool
) -> None:
    total = ("TOTAL", None, None, None, None, "1.234,56", "(1.234,56)", None, None, None)
    lines = [list(row) for row in spanish("1.234,56", "(1.234,56)")]
    path = write(tmp_path / "a.xlsx", [*lines, total, *lines[1:]])
    book = load_workbook(path)
    if hidden_sheet:
        book.copy_worksheet(book.worksheets[0])
        book.worksheets[1].sheet_state = "hidden"
    for row in (5, 6):
        book.worksheets[0].row_dimensions[row].hidden = True
    book.save(path)
    declared = SPANISH + 'numbers = "1.234,56"\nnegative_text = ["(1.00)"]\nnegative = "other-side"\n'
    at_hand = MappingsAtHand(named=mapping_of("mine", declared, "mine.toml"))
    seen, *more = read_workbook(path, FORMS, skip_hidden=True, mappings=at_hand).sheets
    assert len(more) == hidden_sheet
    assert [net_of(part) for part in (seen, seen.set_aside, seen.skipped)] == [Decimal("2469.12")] * 3
    assert [net_of(sheet.skipped) for sheet in more] == [3 * Decimal("2469.12")] * hidden_sheet


def net_of(sheet: FormSheet | None) -> Decimal:
    """Debits less credits of all that stands there, every amount of which can be read."""
    assert sheet is not None
    money = SheetMoney(sheet).of()
    assert not any(line.unreadable for line in money)
    return sum((line.debit - line.credit for line in money), Decimal(0))


@pytest.mark.parametrize("beside", ["1,000", "x"])
def test_what_is_no_number_is_not_written_over_by_a_turned_amount(tmp_path: Path, beside: str) -> None:
    rows = [list(row) for row in spanish(-100, None)]
    rows[1][6], rows[2][5] = beside, 100
    found = understood(write(tmp_path / "a.xlsx", rows), SPANISH + 'negative = "other-side"\n')
    assert found.lines == [] and "G2" in {cell for _, cell in found.errors}


@pytest.mark.parametrize(
    "change",
    [
        ('debit = "Cargo", credit = "Abono"', 'debit = "Abono", credit = "Cargo"'),
        ('journal = "Póliza"', 'journal = "Póliza"\nnegative = "other-side"'),
        ('journal = "Póliza"', 'journal = "Póliza"\nvalues = { journalType = { JV = "CP" } }'),
    ],
)
def test_a_heading_more_is_not_read_by_synonyms_where_a_mapping_says_otherwise(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    more = [(*row, "x" if number else "Sucursal") for number, row in enumerate(spanish(1, 1))]
    path = write(tmp_path / "a.xlsx", more)
    assert len(found_by(path, [mapping_of("mine", SPANISH, "mine.toml")]).lines) == 2
    found = found_by(path, [mapping_of("mine", SPANISH.replace(*change), "mine.toml")])
    assert (found.errors, found.lines) == ([("uncertain-mapping.changed", None)], [])


def test_the_product_s_own_headings_are_nobody_s_mapping(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", rows_of((1, 1)))
    without_period = PRODUCT_MAPPING.replace(', period = "Accounting period"', "")
    text = without_period + 'derive = { period = "month of transDateTime" }\n'
    assert len(found_by(path, [mapping_of("mine", text, "mine.toml")]).lines) == 2


def test_dates_that_excel_may_have_exchanged_are_not_read(tmp_path: Path) -> None:
    """A file of days and months opened in a country of months and days: 5 June becomes 6 May, 25 June stays a text."""
    text = SPANISH + 'dates = "d/m/y"\n'
    rows = [list(row) for row in spanish(1, 1, "25/06/2018")]
    rows[2][8] = datetime(2018, 5, 6)
    found = understood(write(tmp_path / "a.xlsx", rows), text)
    assert ("not-a-date.converted", None) in found.errors
    for day, typed in ((datetime(2018, 6, 16), "25/06/2018"), (datetime(2018, 6, 6), "25/06/2018")):
        rows[2][8], rows[1][8] = day, typed
        assert len(understood(write(tmp_path / "a.xlsx", rows), text).lines) == 2
