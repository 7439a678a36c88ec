"""The figures of the page's pictures: where the errors are, and what the lines move by account and dimension."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from importer.model.problems import Problem
from importer.model.results import Document, JournalLines, Result, Status
from importer.report.figures import (
    MOST_CODES,
    PARTS,
    WIDTH_OF_BAR,
    heat_strips,
    lane_words,
    line_pictures,
    strip_words,
    timeline,
)
from importer.report.page import page_parts
from importer.translations import Language
from tests.report.stories import FILE, SHEET, journal, journals, lines_of, place, result, troubled_run


def faulty(rows: list[int], last: int) -> Result:
    wrong = [Problem("required", place(row, "account"), "A") for row in rows]
    return result([journal(1, Status.INVALID, 2, last - 1)], wrong)


@given(st.sets(st.integers(2, 5_000), min_size=1, max_size=60))
def test_each_row_with_errors_is_in_one_part_of_the_strip(rows: set[int]) -> None:
    (strip,) = heat_strips(faulty([*rows, *rows], 5_000))
    assert strip.parts <= PARTS
    assert strip.wrong == len(rows) == sum(one.wrong for one in strip.spans)
    for one in strip.spans:
        assert one.wrong == sum(one.first <= row <= one.last for row in rows)
        assert 0 <= one.place < strip.parts


def test_a_strip_says_in_words_where_most_errors_are() -> None:
    (strip,) = heat_strips(faulty([2, 401, 402, 403], 1_000))
    assert (
        strip_words(strip, Language.ES)
        == "Journals, filas 1 a 1,000: 4 filas tienen errores; donde más hay: filas 401–410."
    )
    (strip,) = heat_strips(faulty([2, 401, 701], 1_000))
    assert strip_words(strip, Language.EN) == "Journals, rows 1 to 1,000: 3 rows have errors."
    (strip,) = heat_strips(faulty([7], 9))
    assert strip_words(strip, Language.EN) == "Journals, rows 1 to 9: 1 row has errors, row 7."


def test_a_good_sheet_has_no_strip_and_warnings_make_none() -> None:
    warning = Problem("look-alike", place(3), "DIA-001", facts={"number": "7"})
    held = Problem("needs-approval", place(3), "DIA-001", wording="needs-approval.anybody", facts={"request": "7"})
    assert heat_strips(result(journals([Status.POSTED]), [warning, held])) == []


def lines(document: Document, *of_lines: tuple[str, str, str, str]) -> JournalLines:
    fields = ("account", "transaction", "amount", "currency")
    rows = zip(document.rows, of_lines, strict=True)
    return JournalLines(FILE, SHEET, document.key, fields, tuple(rows))


def test_lines_are_summed_by_account_and_currency_exactly() -> None:
    one, two, refused = journals([Status.POSTED, Status.READY, Status.REFUSED], rows=2)
    kept = (
        lines(one, ("1", "D", "0.10", "MXN"), ("2", "C", "0.10", "MXN")),
        lines(two, ("1", "D", "12345678901234567890.01", "MXN"), ("1", "C", "7.00", "USD")),
        lines(refused, ("9", "D", "5.00", "MXN"), ("9", "C", "5.00", "MXN")),
    )
    *counts, by_code = line_pictures(result([one, two, refused], lines=kept))
    assert counts == [2, 2]
    sums = [
        (field, currency, [(one.code, one.debit, one.credit) for one in codes]) for field, currency, codes in by_code
    ]
    assert sums == [
        ("account", "MXN", [("1", Decimal("12345678901234567890.11"), 0), ("2", 0, Decimal("0.10"))]),
        ("account", "USD", [("1", 0, Decimal("7.00"))]),
    ]


def test_codes_beyond_the_greatest_are_one_row_and_nothing_is_lost() -> None:
    documents = journals([Status.POSTED] * 40, rows=3)
    kept = lines_of(documents)
    for _, _, codes in line_pictures(result(documents, lines=kept))[2]:
        assert len(codes) <= MOST_CODES + 1
        assert sum(one.debit for one in codes) == sum(one.debit or 0 for one in documents)
        assert sum(one.credit for one in codes) == sum(one.credit or 0 for one in documents)
        assert max(max(one.debit_width, one.credit_width) for one in codes) == 100


def test_the_page_draws_both_and_says_of_how_many_journals() -> None:
    ended = troubled_run()
    posted = [one for one in ended.documents if one.status is Status.POSTED]
    page = "".join(page_parts(replace(ended, lines=lines_of(posted[:3])), Language.ES))
    assert "De las primeras 3 de 10 pólizas contabilizadas o que se pueden contabilizar." in page
    drawn = Counter(field for field, *_ in line_pictures(replace(ended, lines=lines_of(posted[:3])))[2])
    assert drawn["account"] == drawn["function"] == 1
    assert page.count('<details name="amounts-by"') == drawn.total()
    assert page.count('<div class="strip">') == 1
    assert "Importes por código" not in "".join(page_parts(ended, Language.ES))


def test_the_run_over_time_draws_every_request_within_the_run() -> None:
    ended = troubled_run()
    lanes = timeline(ended)
    assert [tuple(one[:3]) for one in lanes] == [
        *(("login", 1, 0), ("lists", 4, 0), ("ledger", 3, 0), ("journals", 15, 1))
    ]
    for _, requests, _, bars in lanes:
        assert len(bars) == requests
        assert all(x >= 0 and x + width <= WIDTH_OF_BAR for x, width, _ in bars)
    assert [is_good for *_, is_good in lanes[-1][-1]].index(False) == 14
    assert lane_words(lanes[-1], Language.ES) == "contabilización de pólizas: 15 peticiones, 1 sin éxito"
    assert timeline(result()) == []
