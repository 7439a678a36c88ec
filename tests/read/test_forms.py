"""Which of the three forms a sheet is, and which of two ways it writes its amounts."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from importer.model.workbook import Workbook
from importer.read.headings import layout_of
from importer.read.workbooks import read_workbook
from importer.templates.forms import FORMS, Form, form_named
from importer.translations import Language
from tests.xlsx.archives import FIELDS, inline, row, sheet, workbook

DIMENSIONS, ADDRESSES, JOURNALS = (form_named(name) for name in ("dimensions", "addresses", "journals"))
OTHERS = [name for name in FIELDS if name not in ("transaction", "amount")]


def form_of(*headings: str) -> str | None:
    layout = layout_of([headings], FORMS)
    return None if layout is None else layout.form.name


def read(folder: Path, headings: Sequence[str], *rows: Sequence[str]) -> Workbook:
    cells = [headings, *rows]
    lines = [
        row(number, "".join(inline(f"{chr(65 + index)}{number}", text) for index, text in enumerate(texts) if text))
        for number, texts in enumerate(cells, start=1)
    ]
    path = folder / "book.xlsx"
    path.write_bytes(workbook(sheet("".join(lines))))
    return read_workbook(path, FORMS)


@pytest.mark.parametrize("language", [None, *Language])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_all_headings_of_a_form_make_it_in_every_language(form: Form, language: Language | None) -> None:
    names = [column.name if language is None else form.label(column, language) for column in form.columns]
    assert form_of(*names) == form.name


def test_a_few_headings_are_enough_where_they_say_what_is_to_be_done() -> None:
    assert form_of("action", "catId", "code") == "dimensions"
    assert form_of("catId", "code", "name") == "dimensions"
    assert form_of("action", "addressCode") == "addresses"
    assert form_of(*FIELDS) == "journals"


@pytest.mark.parametrize(
    "headings",
    [
        ("Code", "Name"),
        ("Code", "Name", "Status"),
        ("Code", "Lookup", "Name"),
        ("Dimension", "Code", "Name", "Amount"),
        ("catId", "code"),
        ("addressCode",),
        ("Name", "Telephone", "E-mail", "Postal code", "Area"),
        ("Cuenta", "Nombre", "Saldo"),
    ],
)
def test_a_list_of_something_else_is_no_form(headings: tuple[str, ...]) -> None:
    assert form_of(*headings) is None


def test_a_form_that_lacks_its_key_is_told_rather_than_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, ["action", "code", "lookup", "name"], ["", "X", "X", "x"])
    assert [(problem.code, problem.facts["heading"]) for problem in found.problems] == [("missing-column", "catId")]
    addresses = [column.name for column in ADDRESSES.columns if column.name != "addressCode"][:10]
    found = read(tmp_path, addresses, ["create"])
    assert [(problem.code, problem.facts["heading"]) for problem in found.problems] == [
        ("missing-column", "addressCode")
    ]


def test_a_journal_sheet_with_columns_of_its_own_stays_a_journal_sheet() -> None:
    assert form_of(*FIELDS, "addressCode", "area", "catId", "code", "name") == "journals"
    assert form_of(*FIELDS[:6], "addressCode", "area") == "journals", "it lacks columns; it is no address sheet"


def test_debit_and_credit_stand_for_side_and_amount(tmp_path: Path) -> None:
    found = read(tmp_path, [*OTHERS, "Debit", "Abono"], [*("x" for _ in OTHERS), "5", "0"])
    assert found.problems == ()
    assert (found.sheets[0].columns["debit"], found.sheets[0].columns["credit"]) == (["5"], ["0"])
    assert set(found.sheets[0].columns).isdisjoint({"transaction", "amount"})


def test_columns_without_an_entry_take_the_memory_of_one(tmp_path: Path) -> None:
    found = read(tmp_path, [*FIELDS, "description1", "description2"], ["x" for _ in FIELDS])
    columns = found.sheets[0].columns
    assert columns["description1"] == [None] and columns["description1"] is columns["description2"]


@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        (("debit",), ["credit"]),
        (("credit",), ["debit"]),
        (("debit", "amount"), ["credit"]),
        (("amount",), ["transaction"]),
        ((), ["transaction", "amount"]),
    ],
)
def test_half_a_pair_lacks_its_other_half(tmp_path: Path, headings: tuple[str, ...], missing: list[str]) -> None:
    found = read(tmp_path, [*OTHERS, *headings], ["x"])
    assert [problem.facts["heading"] for problem in found.problems if problem.code == "missing-column"] == missing


BOTH = [*FIELDS, "debit", "credit"]


def test_a_pair_without_entries_is_put_aside(tmp_path: Path) -> None:
    by_amount = read(tmp_path, BOTH, [*("x" for _ in FIELDS)])
    assert by_amount.problems == () and "debit" not in by_amount.sheets[0].letters
    entries = ["" if name in ("transaction", "amount") else "x" for name in FIELDS]
    by_sides = read(tmp_path, BOTH, [*entries, "5", ""])
    assert by_sides.problems == () and "amount" not in by_sides.sheets[0].columns


def test_amounts_written_in_both_ways_are_a_problem_of_the_sheet(tmp_path: Path) -> None:
    found = read(tmp_path, BOTH, [*("x" for _ in FIELDS), "5", ""])
    (problem,) = found.problems
    assert (problem.wording, dict(problem.facts)) == (
        "duplicate-column.alternatives",
        {"first": "E, F", "second": "J, K"},
    )
    assert not found.is_usable


def test_the_alternative_layout_has_its_columns_where_the_others_were() -> None:
    names = [column.name for column in JOURNALS.columns]
    place = names.index("transaction")
    other = [column.name for column in JOURNALS.in_alternative_layout().columns]
    assert other == [*names[:place], "debit", "credit", *names[place + 2 :]]
    with pytest.raises(ValueError, match="dimensions"):
        DIMENSIONS.in_alternative_layout()
