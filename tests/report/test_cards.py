"""Problems stand where they are mended: by journal and row, in the order of the sheets."""

from dataclasses import replace

from importer.model.problems import Place, Problem, Severity
from importer.model.results import FileRead, Result, SheetRead, Status
from importer.report.page import document_groups
from importer.report.problem_groups import Card, cells_shown, findings_of
from tests.report.big import big_check
from tests.report.stories import (
    FILE,
    SHEET,
    cells_of,
    journal,
    journals,
    place,
    result,
    troubled_run,
)


def titles(cards: tuple[Card, ...]) -> list[str | None]:
    return [card.key for card in cards]


def test_journals_with_errors_stand_in_the_order_of_the_sheet() -> None:
    findings = findings_of(troubled_run())
    assert titles(findings.first) == ["DIA-011"]
    assert titles(findings.others) == ["DIA-003", "DIA-006", "DIA-007", "DIA-009"]


def test_files_and_sheets_keep_the_order_in_which_they_were_read() -> None:
    files = (
        FileRead("b.xlsx", "0" * 64, (SheetRead("Two", "journals", 3), SheetRead("One", "journals", 3))),
        FileRead("a.xlsx", None, ()),
    )
    problems = [
        Problem("unreadable-file", Place("a.xlsx"), wording="unreadable-file.missing"),
        Problem("not-a-date", Place("b.xlsx", "One", 3, "M"), "K", wording="not-a-date.text"),
        Problem("not-a-date", Place("b.xlsx", "Two", 9, "M"), "K", wording="not-a-date.text"),
        Problem("missing-column", Place("b.xlsx", "Two"), facts={"heading": "x", "sheet": "Two", "row": "1"}),
    ]
    cards = findings_of(result((), problems, files=files)).others
    assert [(card.file, card.sheet, card.key) for card in cards] == [
        ("b.xlsx", "Two", None),
        ("b.xlsx", "Two", "K"),
        ("b.xlsx", "One", "K"),
        ("a.xlsx", None, None),
    ]


def test_equal_keys_of_two_sheets_are_two_journals() -> None:
    first = journal(1, Status.INVALID, 2)
    second = replace(first, sheet="Julio", status=Status.POSTED)
    problem = Problem("unbalanced", place(2), "DIA-001")
    (card,) = findings_of(result([second, first], [problem])).others
    assert card.document == first


def test_a_problem_of_the_journal_is_not_hung_on_its_first_row() -> None:
    card = findings_of(troubled_run()).others[1]
    assert [problem.code for problem in card.head] == ["unbalanced"]
    assert card.rows == ()


def test_a_warning_stays_beside_the_error_of_its_row_and_after_it() -> None:
    card = findings_of(troubled_run()).others[2]
    assert [problem.code for problem in card.rows[0][1]] == ["unknown-account", "date-outside-period"]


def test_a_warning_without_an_error_in_its_row_is_with_the_warnings() -> None:
    codes = [problem.code for problem in findings_of(troubled_run()).warnings]
    assert codes == ["date-outside-period"] * 6 + ["look-alike", "unknown-column"]


def test_a_collateral_line_without_its_refusal_is_a_warning() -> None:
    alone = Problem("refused-with-others", place(3), "DIA-001", facts={"answer": "x"})
    assert findings_of(result(journals([Status.REFUSED]), [alone])).warnings == (alone,)


def test_an_unknown_outcome_has_a_card_even_without_a_problem() -> None:
    assert titles(findings_of(result([journal(4, Status.UNKNOWN, 11)])).first) == ["DIA-004"]


def count_rows(ended: Result, most: int) -> tuple[int, int]:
    findings = findings_of(ended, most)
    shown = sum(len(card.rows) for card in (*findings.first, *findings.others))
    return shown, findings.unshown_rows


def test_what_finds_no_room_is_counted() -> None:
    assert count_rows(big_check(), 500) == (300, 0)
    assert count_rows(big_check(), 100) == (100, 200)
    assert count_rows(big_check(), 1) == (1, 299)


def test_documents_that_find_no_room_are_counted_by_state() -> None:
    groups = document_groups(big_check().documents, most=130)
    assert [(status, count, len(shown)) for status, count, shown in groups] == [
        (Status.INVALID, 120, 120),
        (Status.READY, 280, 10),
    ]


def test_a_long_row_shows_the_marked_cell_its_neighbours_and_the_landmarks() -> None:
    row = cells_of(9, "DIA-003", "1250.50", "D", description1="x")
    shown = cells_shown(row, [Problem("unknown-dimension", place(9, "fund"), "DIA-003")])
    assert [cell.letters for cell in shown] == ["C", "E", "F", "G", "I", "J", "K"]
    assert [cell.mark for cell in shown if cell.letters == "F"] == [Severity.ERROR]
    assert [cell.letters for cell in shown if cell.gap_after] == ["C", "G"]


def test_a_short_row_shows_all_its_cells() -> None:
    row = cells_of(9, "DIA-003", "1250.50", "D")[:6]
    assert [cell.letters for cell in cells_shown(row, [])] == ["A", "B", "C", "D", "E", "F"]


def test_an_empty_cell_with_a_problem_is_shown_in_its_place() -> None:
    row = (("journal", "A", "K"), ("amount", "AB", "5"))
    shown = cells_shown(row, [Problem("required", Place(FILE, SHEET, 9, "Z", "description"), "K")])
    assert [(cell.letters, cell.text) for cell in shown] == [("A", "K"), ("Z", ""), ("AB", "5")]


def test_an_error_marks_a_cell_more_than_a_warning() -> None:
    mild = Problem("date-outside-period", place(9, "transDateTime"), "K")
    grave = Problem("not-a-date", place(9, "transDateTime"), "K")
    for problems in ([mild, grave], [grave, mild]):
        (cell,) = cells_shown((("transDateTime", "M", "30/06/18"),), problems)
        assert cell.mark is Severity.ERROR


def test_a_formula_without_a_value_is_not_shown_as_an_empty_cell() -> None:
    row = (("account", "D", "101110"), ("amount", "I", ""))
    problem = Problem("formula-without-value", Place(FILE, SHEET, 9, "I", "amount"), "K")
    assert [cell.text for cell in cells_shown(row, [problem])] == ["101110", "= …"]
    assert [cell.text for cell in cells_shown(row[:1], [problem])] == ["101110", "= …"]
    assert [cell.text for cell in cells_shown(row, [Problem("required", problem.place, "K")])] == ["101110", ""]
