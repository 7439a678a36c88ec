"""A check of a year's workbook, with hundreds of errors."""

from dataclasses import replace

from importer.model.problems import Problem
from importer.model.results import Mode, Result, Status
from tests.report.stories import FILE, SHEET, cells_of, journals, place, result


def big_check() -> Result:
    """A check of a year's workbook: 300 errors in 120 of 400 journals, offline, plus many equal warnings."""
    states = [Status.INVALID if number % 10 < 3 else Status.READY for number in range(400)]
    documents = tuple(
        replace(entry, period=f"20180{number % 12 + 1:02d}", currency="USD1" if number % 9 == 0 else "MXN1")
        for number, entry in enumerate(journals(states))
    )
    problems, cells = [], {}
    bad_rows = [row for entry in documents if entry.status is Status.INVALID for row in entry.rows][:300]
    for count, row in enumerate(bad_rows):
        key = f"DIA-{(row - 2) // 3 + 1:03d}"
        problem, changed = _mistake(count, row, key)
        problems.append(problem)
        cells[FILE, SHEET, row] = cells_of(row, key, changed.pop("amount", "1250.50"), "DC"[row % 2], **changed)
    warned = (entry.rows[0] for entry in documents if entry.status is Status.READY)
    problems += [
        Problem(
            "date-outside-period",
            place(row, "transDateTime"),
            f"DIA-{(row - 2) // 3 + 1:03d}",
            facts={"date": f"2018-07-{row % 28 + 1:02d}", "period": "2018006", "rows": str(row)},
        )
        for row in warned
    ]
    problems.append(Problem("hidden-rows", place(), wording="hidden-rows.rows", facts={"rows": "14–17"}))
    return result(documents, problems, cells, mode=Mode.CHECK, exit_code=1, company=None)


def _mistake(count: int, row: int, key: str) -> tuple[Problem, dict[str, str]]:
    if count % 3 == 0:
        facts = {"account": "642198"}
        problem = Problem(
            "unknown-account", place(row, "account"), key, "642198", "642199", "unknown-account.close", facts
        )
        return problem, {"account": "642198"}
    if count % 3 == 1:
        text = f"{row},250.00"
        plain = f"{row}250.00"
        return Problem("not-a-number", place(row, "amount"), key, text, plain, "not-a-number.separators"), {
            "amount": text
        }
    return (
        Problem("not-a-date", place(row, "transDateTime"), key, "30/06/18", None, "not-a-date.text"),
        {"transDateTime": "30/06/18"},
    )
