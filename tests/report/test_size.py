"""A huge result still makes a page that opens, and says what it leaves out."""

import json
from dataclasses import replace

from importer.model.problems import Problem
from importer.model.results import Result, Status
from importer.report.page import page_parts
from importer.translations import Language
from tests.report.reading import Reading
from tests.report.stories import FILE, SHEET, cells_of, journals, place, result

ROWS = 10_000
_LINES = 2
"""Of a journal."""


def huge_check() -> Result:
    """Five thousand rows with an error, as many with a warning of their own."""
    documents = journals([Status.INVALID, Status.READY] * (ROWS // (2 * _LINES)), rows=_LINES)
    problems, cells = [], {}
    for document in documents:
        for row in document.rows:
            if document.status is Status.INVALID:
                problems.append(
                    Problem("cell-error", place(row, "amount"), document.key, "#N/A", facts={"error": "#N/A"})
                )
                cells[FILE, SHEET, row] = cells_of(row, document.key, "#N/A", "D")
            else:
                facts = {"other": "DIA-001", "row": str(row)}
                problems.append(Problem("duplicate-document", place(row), document.key, facts=facts))
    return result(documents, problems, cells)


def test_ten_thousand_problems_make_a_small_page_that_holds_them_all() -> None:
    page = "".join(page_parts(huge_check(), Language.EN))
    reading = Reading(page)
    text = reading.text
    assert "and 4,000 more rows with errors in 20260701-140311-7f3a.problems.csv" in text
    assert "and 4,500 more warnings in 20260701-140311-7f3a.problems.csv" in text
    assert "and 500 more journals in 20260701-140311-7f3a.journals.csv; the totals count them" in text
    assert "and 2,500 more journals in 20260701-140311-7f3a.journals.csv" in text
    assert "✕invalid 2,500 5,000" in text
    assert "#N/A" in text
    assert len(page) < 5_000_000
    assert len(json.loads(reading.scripts[0])["problems"]) == ROWS


def test_a_journal_of_a_thousand_scattered_rows_takes_one_line() -> None:
    document = replace(journals([Status.POSTED])[0], rows=tuple(range(2, 2002, 2)))
    text = Reading("".join(page_parts(result([document]), Language.EN))).text
    assert "2, 4, 6, 8, 10, 12, 14, 16, and 992 more rows" in text
