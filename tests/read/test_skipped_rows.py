"""Rows that are no lines: totals, signatures and notes are set aside and told; what may be money is not."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.problems import Problem, rows_in
from importer.model.results import Status
from importer.model.workbook import CellText
from importer.read.mappings import SheetMapping
from importer.read.skipped_rows import LABELS, is_label, with_rows_set_aside
from importer.report.sentences import message
from importer.templates.forms import JOURNALS
from importer.translations import Language
from importer.validate.journals import Draft, drafts_of
from tests.cli.workbooks import HEADINGS, Cells, line, write
from tests.report.checked import checked
from tests.validate.sheets import GOOD, good, pair, sheet_of

Row = Mapping[str, CellText]
SUM: Row = {"amount": "37260.2"}


def aside(*rows: Row, skip: tuple[str, ...] = ()) -> tuple[tuple[int, ...], list[Problem]]:
    """The rows of a sheet (from row 2) that are set aside, and the problems."""
    sheet, problems = with_rows_set_aside(sheet_of(rows), JOURNALS, SheetMapping("mine", "", {}, skip=skip))
    gone = sheet.set_aside.rows if sheet.set_aside is not None else ()
    assert {*sheet.rows, *gone} == set(range(2, 2 + len(rows)))
    return gone, problems


def drafts(*rows: Row) -> list[Draft]:
    sheet, problems = with_rows_set_aside(sheet_of(rows), JOURNALS)
    return drafts_of(sheet, JOURNALS, 12, [one for one in problems if one.place.row in sheet.rows])


def wordings(problems: Sequence[Problem]) -> list[str]:
    return [one.wording for one in problems]


def cells(**filled: object) -> Cells:
    """A row with these cells alone."""
    return [filled.get(heading) for heading in HEADINGS]


def three_journals() -> list[Cells]:
    amounts = {"JV-01": 834.49, "JV-02": 3826.27, "JV-03": 2021.31}
    return [line(key, side, amount) for key, amount in amounts.items() for side in "DC"]


def statuses(path: Path) -> list[Status]:
    return [draft.document.status for draft in checked(path).drafts]


def test_titles_totals_and_signatures_are_one_warning_and_the_journals_are_ready(tmp_path: Path) -> None:
    rows = three_journals()
    rows = [*rows[:2], [], *rows[2:4], [], *rows[4:], [], [], cells(journal="TOTAL", amount="=SUM(H6:H14)")]
    rows.append(cells(description="Elaboró: María", transDateTime="Revisó: Pedro"))
    found = checked(write(tmp_path / "totals.xlsx", rows, above=4))
    assert [draft.document.status for draft in found.drafts] == [Status.READY] * 3
    assert wordings(found.problems) == ["set-aside-rows.unread"]
    assert found.sheet.set_aside is not None and found.sheet.set_aside.rows == (16, 17)
    assert message(found.problems[0], Language.ES) == (
        "No son líneas de póliza y no se contabilizan, porque no tienen cuenta (filas: 16-17): TOTAL · Elaboró: María "
        "· Revisó: Pedro. Su importe no se puede leer, así que no se comparó con las líneas de arriba, que suman "
        "cargos 6,682.07 y abonos 6,682.07."
    )


def test_a_total_of_one_side_without_a_key_ties(tmp_path: Path) -> None:
    rows = [*three_journals(), [], cells(description="TOTAL", amount=6682.07)]
    found = checked(write(tmp_path / "total.xlsx", rows))
    assert [draft.document.status for draft in found.drafts] == [Status.READY] * 3
    (problem,) = found.problems
    assert (problem.code, problem.blocks, problem.place.cell) == ("set-aside-rows", False, "F9")
    assert message(problem, Language.EN) == (
        "These are no lines of a journal and are not posted, since they have no account (rows: 9): TOTAL. Amount "
        "6,682.07: it ties with one side; the lines above add up to 13,364.14, with debits 6,682.07 and credits "
        "6,682.07."
    )


def test_a_note_is_one_warning_and_the_journal_is_ready(tmp_path: Path) -> None:
    rows = [line("SO", "D", 3103.86), line("SO", "C", 3103.86), [], cells(description="Nota: capturado por AM")]
    found = checked(write(tmp_path / "note.xlsx", rows))
    assert [draft.document.status for draft in found.drafts] == [Status.READY]
    assert [(one.wording, one.place.cell) for one in found.problems] == [("set-aside-rows.text", "F5")]


def test_months_on_one_sheet_and_a_sheet_a_month_come_out_as_before(tmp_path: Path) -> None:
    months = [
        line("JV-01", side, 5, period=f"201800{month}", transDateTime=date(2018, month, 15))
        for month in (4, 5)
        for side in "DC"
    ]
    assert statuses(write(tmp_path / "months.xlsx", months)) == [Status.INVALID]
    assert statuses(write(tmp_path / "month.xlsx", months[:2])) == [Status.READY]


def test_keys_in_merged_cells_are_refused_as_before(tmp_path: Path) -> None:
    import openpyxl

    path = write(tmp_path / "merged.xlsx", [line("JV-01", "D", 5), line(None, "C", 5)])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("A2:A3")
    book.save(path)
    assert "not-allowed.merged" in wordings(checked(path).problems)


def test_noughts_beside_the_other_column_are_no_totals(tmp_path: Path) -> None:
    headings = ["debit" if one == "transaction" else "credit" if one == "amount" else one for one in HEADINGS]
    rows = [line("J1", 5, 0), line("J1", 0, 5), cells(journal="Totales:", transaction=5, amount=5)]
    found = checked(write(tmp_path / "noughts.xlsx", rows, headings=headings))
    assert [draft.document.status for draft in found.drafts] == [Status.READY]
    assert wordings(found.problems) == ["set-aside-rows.tied"]


@pytest.mark.parametrize(
    "text", ["TOTAL", "total:", "Total 2018", "Sub-total", "Revisó:", "Gran total 6,682.07", "Somme"]
)
def test_a_label_is_a_whole_text_without_its_colon_and_figures(text: str) -> None:
    assert is_label(text, LABELS)


@pytest.mark.parametrize("text", ["Totalplay", "Total Energies", "Resumen", "2018", "Subtotal IVA", "Elaboró: María"])
def test_a_part_of_a_text_is_no_label(text: str) -> None:
    assert not is_label(text, LABELS)


@pytest.mark.parametrize(
    "total", [{**SUM, "description": "Suma"}, {**SUM, "journal": "TOTAL"}, {**SUM, "account": "Gran total:"}]
)
def test_a_row_with_a_label_is_no_line_wherever_the_label_stands(total: Row) -> None:
    assert aside(*pair(), total)[0] == (4,)
    assert aside(*pair(), total, *pair(journal="B"))[0] == (4,)


SIDES = ["debit" if one == "transaction" else "credit" if one == "amount" else one for one in HEADINGS]


@pytest.mark.parametrize(
    "total",
    [
        cells(journal="Total P1", transaction=7, amount=7),
        cells(journal="P1", description="Subtotal de la póliza P1", transaction=7, amount=7),
        cells(journal="P1", description="Pasa a la hoja 2", fund="10", transaction=7, amount=7),
        cells(journal="P1", description="Total P1", transaction=7),
    ],
)
def test_a_subtotal_that_ties_is_no_line_whatever_key_it_carries(tmp_path: Path, total: Cells) -> None:
    rows = [line("P1", 5, None), line("P1", 2, None), line("P1", None, 7), total, line("P2", 3, 0), line("P2", 0, 3)]
    found = checked(write(tmp_path / "subtotals.xlsx", rows, headings=SIDES))
    assert [draft.document.status for draft in found.drafts] == [Status.READY] * 2
    assert [(one.wording, one.place.row) for one in found.problems] == [("set-aside-rows.tied", 5)]


@pytest.mark.parametrize(
    "row",
    [
        cells(journal="P1", description="Total P1", transaction=6, amount=7),
        cells(journal="P1", description="Totalplay", transaction=7),
        cells(journal="P1", description="Renta", transaction=0, amount=7),
        cells(journal="P1", description="Total P1", account="101110", transaction=7, amount=7),
        cells(journal="P1", description="Renta", transaction="7.00 MXN", amount=7),
    ],
)
def test_a_row_that_does_not_tie_or_has_an_account_holds_its_journal(tmp_path: Path, row: Cells) -> None:
    rows = [line("P1", 5, None), line("P1", 2, None), line("P1", None, 7), row, line("P2", 3, 0), line("P2", 0, 3)]
    found = checked(write(tmp_path / "held.xlsx", rows, headings=SIDES))
    assert [draft.document.status for draft in found.drafts] == [Status.INVALID, Status.READY]


def test_signatures_side_by_side_have_no_account() -> None:
    named = {"journal": "Elaboró: Juan Pérez", "account": "Autorizó: María López", "amount": None}
    assert wordings(aside(*pair(), named)[1]) == ["set-aside-rows.text"]
    assert aside(*pair(), {"journal": "Elaboró", "account": "Revisó:"})[0] == (4,)
    assert aside(*pair(), {"journal": "Elaboró: Juan Pérez", "amount": "Revisó: María López"})[0] == (4,)
    assert aside(*pair(), {"journal": "Elaboró: Juan Pérez", "amount": "Total: 500"})[0] == ()
    assert aside(*pair(), {**named, "amount": "7"})[0] == aside(*pair(), {**named, "journal": "Juan"})[0] == ()


def test_a_mapping_may_have_labels_of_its_own() -> None:
    row = {**SUM, "description": "Cargos del mes"}
    assert aside(*pair(), row)[0] == ()
    assert aside(*pair(), row, skip=("Cargos del mes",))[0] == (4,)


def test_a_row_of_amounts_that_tie_is_no_line_and_one_that_does_not_is_an_error() -> None:
    assert (aside(*pair(), SUM)[0], wordings(aside(*pair(), SUM)[1])) == ((4,), ["set-aside-rows.tied"])
    assert wordings(aside(*pair(), {"amount": "18630.1"})[1]) == ["set-aside-rows.tied-side"]
    rows, (problem,) = aside(*pair(), {"amount": "18630.11"})
    assert (rows, problem.wording, problem.place.cell, problem.blocks) == ((), "required.total", "I4", True)


@pytest.mark.parametrize("text", ["37,260.20", "$ 37260.2", "uno", "3.72602E4"])
def test_an_amount_that_cannot_be_read_ties_with_nothing(text: str) -> None:
    assert aside(*pair(), {"amount": text})[0] == ()
    assert wordings(aside(*pair(), {"amount": text, "description": "TOTAL"})[1]) == ["set-aside-rows.unread"]


def test_sums_begin_anew_after_each_row_of_totals_or_go_on_from_the_top() -> None:
    subtotals = [*pair(), SUM, *pair(amount="1"), {"amount": "2"}, {"amount": "37262.2"}]
    rows, problems = aside(*subtotals)
    assert rows == (4, 7, 8)
    assert [(one.wording, one.facts["rows"], one.facts["amounts"]) for one in problems] == [
        ("set-aside-rows.tied", "4", "37260.2"),
        ("set-aside-rows.tied", "7-8", "2 · 37262.2"),
    ]


def test_what_a_program_added_up_in_binary_ties_to_the_cent() -> None:
    assert aside(*pair(), {"amount": "37260.2000000001"})[0] == (4,)


def test_a_total_that_does_not_tie_is_told_with_what_the_lines_add_up_to() -> None:
    rows, (problem,) = aside(*pair(), {"amount": "37000", "description": "TOTAL"}, {"description": "Revisó"})
    assert (rows, problem.wording, problem.blocks) == ((4, 5), "set-aside-rows.untied", False)
    assert "37,000.00" in message(problem, Language.EN) and "18,630.10" in message(problem, Language.EN)
    assert "37\u202f000,00" in message(problem, Language.FR)


@pytest.mark.parametrize(
    "row",
    [
        good(description="TOTAL"),
        good(account="TOTAL"),
        {"account": "101110"},
        {"account": "101110", "description": "Elaboró"},
        {"account": "TOTAL", "amount": "37260.2", "description": "x"},
        good(account=None),
        good(account=None, description="Total"),
        {**SUM, "journal": "J1"},
        {**SUM, "transaction": "D"},
        {**SUM, "description": "Suma", "account": "101110"},
        {**SUM, "description": "Renta de junio"},
    ],
)
def test_what_may_be_a_line_is_kept(row: Row) -> None:
    assert aside(*pair(), row)[0] == ()


def test_a_row_with_a_cell_that_cannot_be_read_is_kept_unless_it_has_a_label() -> None:
    rows: list[Row] = [
        *pair(),
        {"description": "nota"},
        {"description": "nota"},
        {"description": "nota"},
        {"description": "TOTAL"},
    ]
    sheet = sheet_of(rows, unusable=frozenset({(4, "account"), (5, "amount"), (6, "period"), (7, "amount")}))
    kept, _ = with_rows_set_aside(sheet, JOURNALS)
    assert (kept.rows, kept.unusable) == ((2, 3, 4, 5, 6), sheet.unusable - {(7, "amount")})


def test_a_single_amount_is_one_error_and_holds_the_journals_beside_it() -> None:
    above, below = drafts(*pair(journal="A"), {"amount": "7"}, *pair(journal="B"))
    assert (above.document.status, below.document.status) == (Status.INVALID, Status.NOT_SENT)
    assert [(one.wording, one.place.row) for one in above.problems] == [("required.total", 4)]
    assert above.journal is None and below.journal is None


def test_a_forgotten_account_is_an_error_and_holds_its_journal() -> None:
    (found,) = drafts(*pair(), good(account=None, description="Total"))
    assert [(one.wording, one.place.field) for one in found.problems if one.code == "required"] == [
        ("required.empty", "account")
    ]
    assert found.journal is None


def test_a_sheet_of_sums_alone_is_a_sheet_of_bad_lines() -> None:
    (draft,) = drafts(SUM, {"description": "TOTAL"})
    assert set(wordings(draft.problems)) == {"required.empty"}


def test_the_label_of_a_total_is_no_key_beside_an_unread_column_of_keys(tmp_path: Path) -> None:
    rows = [[*line(None, side, 5), key] for key in ("a", "b") for side in "DC"]
    path = write(tmp_path / "keys.xlsx", [*rows, cells(journal="TOTAL", amount=20)], headings=[*HEADINGS, "Folio"])
    assert "missing-column.key" in wordings(checked(path).problems)


TEXTS = st.sampled_from([None, "TOTAL", "Elaboró", "Total 2018", "x", "Renta"])
AMOUNTS = st.sampled_from([None, "0", "1.50", "2", "3.00", "18630.1", "37260.2", "$ 5", "-1"])
ROWS = st.fixed_dictionaries({name: TEXTS for name in GOOD if name not in ("amount", "account")}).flatmap(
    lambda row: st.fixed_dictionaries({**{name: st.just(text) for name, text in row.items()}, "amount": AMOUNTS})
)
ODD_ROWS = st.one_of(ROWS, st.fixed_dictionaries({"amount": AMOUNTS}), st.fixed_dictionaries({"description": TEXTS}))


@given(st.lists(st.tuples(ODD_ROWS, st.sampled_from([None, None, "101110"])), max_size=6))
def test_no_money_is_dropped_unless_its_row_is_named(rows: list[tuple[dict[str, CellText], CellText]]) -> None:
    odd: list[dict[str, CellText]] = [row | {"account": account} for row, account in rows]
    sheet, problems = with_rows_set_aside(sheet_of(pair() + odd), JOURNALS)
    named = {row for one in problems if one.code == "set-aside-rows" for row in rows_in(one.facts["rows"])}
    assert named == (set() if sheet.set_aside is None else set(sheet.set_aside.rows))
    for position, row in enumerate(odd, start=4):
        if position in named:
            assert row["account"] is None
            amount = row.get("amount")
            labels = [text for text in row.values() if text is not None and is_label(text, LABELS)]
            others = [text for name, text in row.items() if name != "amount" and text is not None]
            assert labels or amount is None or (not others and Decimal(amount) >= 0)
        elif row["account"] is None and row.get("amount") is None:
            assert not any(row.values())


def test_a_row_with_most_of_a_line_beside_a_label_is_a_line_unless_it_ties() -> None:
    """Two rows of one journal without account and currency would be gone and leave the rest balanced."""
    named = {"description": "Total", "currency": None}
    mixed = [*pair(), good(account=None, amount="7", **named), good(account=None, amount="7", transaction="C", **named)]
    assert aside(*mixed) == ((), [])
    assert [draft.journal for draft in drafts(*mixed)] == [None]
    assert aside(*pair(), good(account=None, amount="37260.2", **named))[0] == (4,)


def test_an_amount_like_that_of_the_only_line_above_is_no_total() -> None:
    """Blank cells may mean the same account again."""
    amount = {"amount": "18630.1"}
    gone, problems = aside(good(), amount, good(account="371110", transaction="C"), amount)
    assert 3 not in gone and "required.total" in wordings(problems)
    assert aside(*pair(), amount)[0] == (4,)
    assert 4 not in aside(good(), {"description": "x"}, amount)[0]


def test_a_row_set_aside_under_a_line_s_merged_cells_blocks_the_sheet(tmp_path: Path) -> None:
    import openpyxl

    rows = [*[line("JV-01", side, 5) for side in "DC"], cells(amount=10)]
    path = write(tmp_path / "merged.xlsx", rows)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("C3:C4")
    book.save(path)
    found = checked(path)
    assert found.sheet.set_aside is not None and "not-allowed.merged" in wordings(found.problems)
