"""Before the question a person sees what stays behind and every warning, a line a kind."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from importer.model.problems import Problem
from importer.model.results import Result, Status
from importer.report.terminal_result import doubtful, outlook
from importer.translations import Language
from tests.report.stories import FILE, SHEET, journals, place, result

READY, INVALID, BEFORE = Status.READY, Status.INVALID, Status.ALREADY_POSTED
HIDDEN_ROWS = Problem("hidden-rows", place(), wording="hidden-rows.rows", facts={"rows": "3, 6-7"})


def late(row: int, key: str, date: str) -> Problem:
    facts = {"date": date, "period": "2018006", "rows": str(row)}
    return Problem("date-outside-period", place(row), key, wording="date-outside-period", facts=facts)


def alike(row: int, key: str, numbers: str) -> Problem:
    return Problem("look-alike", place(row), key, wording="look-alike.line", facts={"numbers": numbers})


def shown(of: Result, width: int = 100, language: Language = Language.EN) -> list[str]:
    screen = io.StringIO()
    outlook(of, language, Console(file=screen, width=width))
    return screen.getvalue().splitlines()


def test_where_all_is_posted_without_a_warning_there_is_nothing_to_say() -> None:
    assert shown(result(journals([READY, READY]))) == []


def test_what_stays_behind_stands_there_with_its_reasons() -> None:
    faults = [
        Problem("not-positive", place(row, "amount"), key, wording="not-positive.zero")
        for row, key in ((5, "DIA-002"), (6, "DIA-002"), (8, "DIA-003"))
    ]
    assert shown(result(journals([READY, INVALID, INVALID, BEFORE]), faults)) == [
        "Not to be posted:",
        "",
        "  already posted    1 journal   3 rows",
        "  invalid          2 journals   6 rows",
        "  Together         3 journals   9 rows",
        "  3 × Journals!K5, K6, K8: The amount must be greater than zero.",
        "",
    ]


def test_each_kind_of_warning_is_one_line_with_its_places() -> None:
    warnings = [late(2, "DIA-001", "2018-07-01"), late(5, "DIA-002", "2018-07-02"), HIDDEN_ROWS]
    warnings += [alike(2, "DIA-001", "6990"), alike(5, "DIA-002", "6991")]
    assert shown(result(journals([READY] * 2), warnings), width=400) == [
        "5 warnings:",
        "  1 × Journals: The sheet has hidden rows (3, 6-7); they count like all others.",
        "  2 × Journals!2, 5: The first: The date 2018-07-01 does not lie in period 2018006 (rows concerned: 2, 5). "
        "Check it; leave it if it is intended.",
        "  2 × Journals!2, 5: The ledger already shows a line with the same reference, date, account and amount "
        "(journal number 6990, 6991). Check that this journal is not entered twice.",
        "",
    ]


def test_lines_are_broken_between_words() -> None:
    for width in range(50, 90):
        lines = shown(result(journals([READY]), [alike(2, "DIA-001", "6990")]), width=width)
        assert len(lines) > 3 and all(len(line) <= width for line in lines), width
    whole = " ".join(line.strip() for line in lines[1:]).strip()
    assert whole.endswith("(journal number 6990). Check that this journal is not entered twice.")


def test_many_places_are_cut_and_counted() -> None:
    lines = shown(result(journals([READY] * 30), [alike(row, "DIA-001", "1") for row in range(2, 32)]), width=200)
    assert lines[1].startswith("  30 × Journals!2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …: The ledger")


@pytest.mark.parametrize("language", Language)
def test_it_is_said_in_every_language(language: Language) -> None:
    lines = shown(result(journals([READY, INVALID]), [HIDDEN_ROWS]), language=language)
    assert not any("report." in line for line in lines)


def test_doubtful_are_ready_journals_with_hidden_rows_and_look_alikes() -> None:
    documents = journals([READY, READY, READY, INVALID])  # rows 2-4, 5-7, 8-10, 11-13
    found = doubtful(result(documents, [HIDDEN_ROWS, alike(8, "DIA-003", "1"), alike(11, "DIA-004", "2")]))
    assert found == {"hidden-rows": [0, 1], "look-alike": [2]}
    struck = replace(HIDDEN_ROWS, wording="hidden-rows.struck")
    assert doubtful(result(documents, [struck])) == {"hidden-rows": [0, 1]}


def test_on_a_hidden_sheet_all_journals_are_doubtful_and_hidden_columns_make_none_so() -> None:
    documents = (*journals([READY]), replace(journals([READY])[0], sheet="Other"))
    hidden = Problem("hidden-rows", place(), wording="hidden-rows.sheet", facts={"sheet": SHEET})
    columns = Problem("hidden-rows", place(), wording="hidden-rows.columns", facts={"columns": "C"})
    assert doubtful(result(documents, [hidden])) == {"hidden-rows": [0]}
    assert doubtful(result(documents, [columns])) == {}
    assert doubtful(result(documents, [replace(hidden, place=place(file="x" + FILE))])) == {}
