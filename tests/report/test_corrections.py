"""The corrections workbook: what was refused or invalid, whole, as it was, to be mended and run."""

from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from importer.model.problems import Problem
from importer.model.results import Status
from importer.report.corrections import write_corrections
from importer.translations import Language
from tests.cli.workbooks import HEADINGS, line, write
from tests.report.checked import RUN, cells_by_heading, checked, corrected, mend, pair, spots
from tests.samples.june import june
from tests.samples.workbooks import journals_june_mistakes


def test_what_was_refused_or_invalid_is_in_it_whole_and_nothing_else(tmp_path: Path) -> None:
    rows = [*pair("good"), *pair("bad", amount="5,00"), *pair("unknown"), *pair("refused"), *pair("later")]
    path = write(tmp_path / "june.xlsx", rows)
    made = corrected(path, refused=Status.REFUSED, unknown=Status.UNKNOWN, later=Status.NOT_SENT)
    assert made.name == f"june.{RUN}.corrections.xlsx" and made.stat().st_mode & 0o077 == 0
    found = [(row["journal"].value, row["Importer: state"].value) for row in cells_by_heading(made, "Sheet")]
    assert found == [
        ("bad", "invalid: amount"),
        ("bad", "invalid; no error in this row"),
        ("refused", "refused; no error in this row"),
        ("refused", "refused; no error in this row"),
    ]


def test_where_one_mistake_keeps_everything_from_being_posted_all_of_it_is_there(tmp_path: Path) -> None:
    checked_one = checked(write(tmp_path / "june.xlsx", [*pair("good"), *pair("bad", amount="5,00")]))
    result = replace(checked_one.result(good=Status.NOT_SENT), only_if_clean=True)
    made = write_corrections(result, checked_one.workbook, checked_one.path, tmp_path, Language.EN)
    assert made is not None
    found = [row["journal"].value for row in cells_by_heading(made, "Sheet")]
    assert found == ["good", "good", "bad", "bad"]


def test_what_only_a_person_can_decide_is_nothing_to_mend(tmp_path: Path) -> None:
    one = checked(write(tmp_path / "june.xlsx", [*pair("held"), *pair("bad", amount="5,00")]))
    held = Problem("look-incomplete", one.sheet.place(one.sheet.rows[0]), "held")
    result = one.result([held], held=Status.NOT_SENT)
    made = write_corrections(result, one.workbook, one.path, tmp_path, Language.EN)
    assert made is not None
    assert [row["journal"].value for row in cells_by_heading(made, "Sheet")] == ["bad", "bad"]


def test_nothing_is_written_when_nothing_is_to_be_mended_or_nothing_was_posted(tmp_path: Path) -> None:
    good = checked(write(tmp_path / "good.xlsx", pair("A")))
    assert write_corrections(good.result(), good.workbook, good.path, tmp_path / "new", Language.EN) is None
    broken = checked(write(tmp_path / "broken.xlsx", pair("A"), headings=[*HEADINGS[:-1], "amount"]))
    assert not broken.workbook.is_usable
    assert write_corrections(broken.result(), broken.workbook, broken.path, tmp_path / "new", Language.EN) is None
    assert not (tmp_path / "new").exists()


def test_a_journal_held_back_for_a_row_that_may_be_its_own_is_in_it(tmp_path: Path) -> None:
    rows = [*pair("A"), line(None, "D", 7), *pair("B"), *pair("C")]
    made = corrected(write(tmp_path / "june.xlsx", rows), B=Status.NOT_SENT)
    assert [row["journal"].value for row in cells_by_heading(made, "Sheet")] == ["A", "A", None, "B", "B"]
    mend(made, {"B4": "A", "I3": 12}, "Sheet")
    assert checked(made).problems == []


def test_right_cells_come_back_with_value_type_and_format_and_wrong_ones_as_they_were_typed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Pólizas de junio"])
    sheet.append([None, *HEADINGS, "Observaciones", "Importer: estado"])
    sheet.append([None, *line("A", "D", 18630.1, account=101110, period="2018-06"), "=1+1 text", "old"])
    sheet.append([None, *line("A", "C", "$18,630.10", account="0012", fund=None), datetime(2018, 6, 1), "old"])
    sheet.append([None, *line("B", "D", 1)])
    sheet["M3"].data_type = "s"
    sheet["K3"].number_format = sheet["K4"].number_format = "dd/mm/yyyy"
    sheet["I3"].number_format = '"$"#,##0.00'
    sheet["E3"].value = "=SUM(A1)"
    sheet["E3"].data_type = "s"
    sheet.column_dimensions["G"].width = 61
    sheet["D2"].comment = Comment("Cuenta de mayor", "x")
    book.save(tmp_path / "june.xlsx")
    made = corrected(tmp_path / "june.xlsx", B=Status.POSTED)
    first, second = cells_by_heading(made, "Sheet")
    assert list(first) == ["Importer: state", *HEADINGS, "Observaciones"]
    assert (first["account"].value, first["amount"].value, first["transDateTime"].value) == (
        101110,
        18630.1,
        datetime(2018, 6, 30),
    )
    assert (first["transDateTime"].number_format, first["amount"].number_format) == ("dd/mm/yyyy", '"$"#,##0.00')
    assert (first["Observaciones"].value, first["Observaciones"].data_type) == ("=1+1 text", "s")
    assert (first["treference"].value, first["treference"].data_type) == ("=SUM(A1)", "s")
    assert (second["account"].value, second["account"].data_type) == ("0012", "s")
    assert (second["amount"].value, second["amount"].number_format) == ("$18,630.10", "#,##0.00")
    assert second["fund"].value is None and second["Observaciones"].value == datetime(2018, 6, 1)
    assert (first["period"].value, second["period"].value) == ("2018-06", "2018006")
    written = openpyxl.load_workbook(made)["Sheet"]
    assert written.column_dimensions["G"].width == pytest.approx(61, abs=1)
    assert written["D1"].comment is not None and written["D1"].comment.text == "Cuenta de mayor"
    assert written.freeze_panes == "B2"


def test_every_wrong_cell_is_filled_and_its_note_says_what_is_wrong_and_what_to_type(tmp_path: Path) -> None:
    made = corrected(write(tmp_path / "june.xlsx", [*pair("A", period="2018-06", amount="5,00"), *pair("B")]))
    (first, second) = cells_by_heading(made, "Sheet")
    assert "2018006" in first["period"].comment.text and "plain number" in first["amount"].comment.text
    assert first["period"].fill.fgColor.rgb == first["amount"].fill.fgColor.rgb == "FFF8CBAD"
    marked = [heading for row in (first, second) for heading, cell in row.items() if cell.comment is not None]
    assert marked == ["amount", "period"]


def test_notes_of_rows_stand_at_the_state_and_speak_of_rows_of_this_workbook(tmp_path: Path) -> None:
    rows = [*pair("good"), *pair("A", period="2018007"), line("A", "D", 1), line("A", "C", 1)]
    made = corrected(write(tmp_path / "june.xlsx", [*rows, line("B", "D", 9), line("B", "C", 8)]))
    found = cells_by_heading(made, "Sheet")
    assert "rows that differ: 2" in found[0]["period"].comment.text
    assert found[4]["Importer: state"].value == "invalid: see the note"
    assert "1.00" in found[4]["Importer: state"].comment.text


def test_mended_as_its_notes_say_the_bad_sample_is_right(tmp_path: Path) -> None:
    (tmp_path / "mistakes.xlsx").write_bytes(journals_june_mistakes())
    made = corrected(tmp_path / "mistakes.xlsx")
    again = checked(made)
    assert again.workbook.problems == ()
    assert len(again.problems) == len(checked(tmp_path / "mistakes.xlsx").problems)
    changes: dict[str, object] = {}
    for problem in again.problems:
        row = problem.place.row
        assert row is not None
        match problem.code:
            case "not-a-date":
                changes[problem.place.cell or ""] = date(2018, 6, 11)
            case "too-long":
                changes[problem.place.cell or ""] = str(problem.value)[:50]
            case "not-a-number":
                right = [line for line in june() if line["journal"] == "AP-02"]
                changes[problem.place.cell or ""] = right[1]["amount"]
            case "unbalanced":
                changes[f"{again.sheet.letters['amount']}{row + 1}"] = _amount_of("JV-06", 1)
            case _:
                assert problem.suggestion is not None
                changes[problem.place.cell or ""] = problem.suggestion
    mend(made, changes)
    mended = checked(made)
    assert mended.problems == []
    assert {draft.document.key for draft in mended.drafts} == {draft.document.key for draft in again.drafts}


def _amount_of(key: str, place: int) -> object:
    return [row for row in june() if row["journal"] == key][place]["amount"]


def test_its_problems_point_at_its_own_cells_as_long_as_it_is_not_mended(tmp_path: Path) -> None:
    rows = [*pair("good"), *pair("A", period="2018-06", fund="F" * 16), [], *pair("B", transDateTime="1/2/3")]
    path = write(tmp_path / "june.xlsx", rows, above=4)
    assert spots(checked(corrected(path)).problems) == {
        ("bad-period", "L2"),
        ("too-long", "F2"),
        ("not-a-date", "K4"),
    }


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("account", date(2018, 6, 1), "not-text"),
        ("account", True, "not-text"),
        ("account", time(8, 30), "not-text"),
        ("period", date(2018, 6, 13), "bad-period"),
        ("amount", date(2018, 6, 13), "not-a-number"),
        ("amount", 1.005, "too-many-decimals"),
        ("amount", -5, "not-positive"),
        ("amount", "<r>5</r>", "not-a-number"),
        ("transDateTime", 43264, "not-a-date"),
        ("description", None, "required"),
        ("description", "#N/A", "cell-error"),
        ("description", "a\tb", "control-character"),
        ("treference", 1234567890123456789, "too-long"),
        ("fund", "=A1*2", "formula-without-value"),
    ],
)
def test_a_wrong_cell_stays_wrong_until_it_is_mended(tmp_path: Path, field: str, value: object, code: str) -> None:
    path = write(tmp_path / "june.xlsx", pair("A", **{field: value}))
    before = checked(path)
    assert code in {problem.code for problem in before.problems}
    after = checked(corrected(path))
    cells = {problem.place.field for problem in after.problems if problem.blocks}
    assert cells == {problem.place.field for problem in before.problems if problem.blocks}
    shown = {problem.value for problem in after.problems if problem.place.field == field}
    if code != "formula-without-value":
        assert shown == {problem.value for problem in before.problems if problem.place.field == field}


def test_headings_that_are_synonyms_or_stand_in_two_rows_become_the_form_s_own(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        ["Notas", "Póliza", "Tipo", "Cta", "Factura", "Concepto", "Importe", None, "Moneda", "Fecha", "Periodo"]
    )
    sheet.append([None, None, None, None, None, None, "Debe", "Haber"])
    day = datetime(2018, 6, 15)
    for key, text, amount in (("good", "Pago", 5), ("bad", "Gasto", "5,00")):
        sheet.append(["x", key, "JV", "101110", "R1", text, amount, None, "MXN1", day, "2018006"])
        sheet.append(["x", key, "JV", "371110", "R1", "Pago", None, 5, "MXN1", day, "2018006"])
    book.save(tmp_path / "june.xlsx")
    made = corrected(tmp_path / "june.xlsx")
    rows = cells_by_heading(made, "Sheet")
    assert [row["Journal"].value for row in rows] == ["bad", "bad"]
    assert {"Account", "Description", "Transaction date", "Debit", "Credit"} <= rows[0].keys()
    mend(made, {f"{rows[0]['Debit'].column_letter}2": 5}, "Sheet")
    assert checked(made).workbook.is_usable and [one.code for one in checked(made).problems if one.blocks] == []
