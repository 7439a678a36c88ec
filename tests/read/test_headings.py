"""A form is recognised by its headings, in any order, language, case and spelling; what is wrong with them is told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from importer.formats.delimited import LAST_HEADING_ROW
from importer.model.problems import Problem, column_letters
from importer.model.workbook import Workbook
from importer.read.headings import MOST_HEADINGS, layout_of, top_of
from importer.report.sentences import message
from importer.templates.forms import JOURNALS, Form
from importer.translations import Language
from importer.xlsx.values import LAST_COLUMN, SINCE_1900, RowBatch, SheetMetadata, SheetRows, Token, WorkbookContext
from tests.templates.practice import template_of
from tests.xlsx.archives import FIELDS, ODD, form, headings, inline, letter, read, read_form, row, sheet, workbook

LINE = row(2, "".join(inline(f"{letter(field)}2", "X") for field in FIELDS))
READERS = pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])


def under(folder: Path, names: Sequence[str], odd: str = "") -> Workbook:
    """A workbook with these headings and a line below."""
    return read(folder, workbook(sheet(headings(fields=names) + LINE + odd)))


def labels(language: Language) -> list[str]:
    """The labels of the required columns."""
    return [JOURNALS.label(JOURNALS.column(field), language) for field in FIELDS]


def told(found: Workbook) -> list[tuple[str, dict[str, str]]]:
    """The problems, by wording and facts."""
    return [(problem.wording, dict(problem.facts)) for problem in found.problems]


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as they are": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "without accents": lambda text: text.translate(str.maketrans("áéíóúñàèêç", "aeiounaeec")),
    "with accents of two marks": lambda text: text.replace("é", "e\u0301").replace("ó", "o\u0301"),
    "without blanks": lambda text: text.replace(" ", ""),
    "with more blanks": lambda text: f"\xa0 {text.replace(' ', '  ')}\u200b\n",
    "on two lines": lambda text: text.replace(" ", "\n"),
    "with an asterisk": lambda text: f"{text} *",
    "with underscores and stops": lambda text: f"{text.replace(' ', '_')}.:",
}


def test_of_a_sheet_wider_than_any_form_no_more_is_looked_at_than_to_say_so(tmp_path: Path) -> None:
    """Sixty rows of 16,384 cells took half a minute."""
    looked_at = list[Token]()

    def value_of(token: Token) -> str:
        looked_at.append(token)
        return f"{token}"

    batch = RowBatch(range(1, 4), {index: (index,) * 3 for index in range(LAST_COLUMN + 1)})
    rows = SheetRows(
        iter([batch]), value_of, lambda _: None, SheetMetadata(), WorkbookContext((), (), SINCE_1900, False)
    )
    top, batches = top_of(rows, lambda found: layout_of(found, (JOURNALS,)) is not None)
    assert len(looked_at) == 3 * MOST_HEADINGS and [len(one) for one in top[:4]] == [MOST_HEADINGS] * 3 + [0]
    assert list(batches) == [batch]
    found = under(tmp_path, [*FIELDS, *(f"x{number}" for number in range(MOST_HEADINGS))])
    assert len(told(found)) == MOST_HEADINGS and {one for one, _ in told(found)} == {"unknown-column.heading"}


@READERS
def test_a_form_that_stands_far_to_the_right_is_read(tmp_path: Path, odd: str) -> None:
    first = LAST_COLUMN + 1 - len(FIELDS)
    line = row(2, "".join(inline(f"{column_letters(index)}2", "X") for index in range(first, LAST_COLUMN + 1)))
    found = read(tmp_path, workbook(sheet(headings(first=first) + line + odd)))
    assert list(found.sheets[0].rows) == [2] and found.sheets[0].letters["account"].startswith("XE")


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("names", [FIELDS, *(labels(language) for language in Language)], ids=["wire", *Language])
def test_headings_are_compared_without_case_accents_and_blanks(
    tmp_path: Path, names: Sequence[str], spelling: str
) -> None:
    found = under(tmp_path, [SPELLINGS[spelling](name) for name in names])
    assert found.problems == ()
    assert found.sheets[0].letters == {field: letter(field) for field in FIELDS}


def test_headings_of_several_languages_may_stand_side_by_side(tmp_path: Path) -> None:
    mixed = [labels(language)[index] for index, language in zip(range(len(FIELDS)), [*Language] * 3, strict=True)]
    assert list(under(tmp_path, mixed).sheets[0].letters) == list(FIELDS)


def test_the_order_of_the_columns_does_not_matter(tmp_path: Path) -> None:
    found = under(tmp_path, list(reversed(FIELDS)))
    assert found.sheets[0].letters == {field: letter(other) for field, other in zip(FIELDS, FIELDS[::-1], strict=True)}


@READERS
def test_a_heading_nobody_knows_is_a_warning_at_its_cell(tmp_path: Path, odd: str) -> None:
    found = under(tmp_path, [*FIELDS, "Remarks\u200b", "2018"], odd)
    assert [(problem.wording, problem.place.cell, problem.value) for problem in found.problems] == [
        ("unknown-column.heading", "J1", "Remarks"),
        ("unknown-column.heading", "K1", "2018"),
    ]
    assert found.is_usable


@READERS
def test_a_number_as_a_heading_is_shown_as_typed(tmp_path: Path, odd: str) -> None:
    cells = headings().replace("</row>", '<c r="J1"><v>2018</v></c><c r="K1" t="b"><v>1</v></c></row>')
    found = read(tmp_path, workbook(sheet(cells + LINE + odd)))
    assert [problem.value for problem in found.problems] == ["2018", "True"]


def test_a_blank_heading_above_blanks_is_nobodys_problem(tmp_path: Path) -> None:
    assert under(tmp_path, [*FIELDS, "", " \xa0", "\u200b"]).problems == ()


def test_a_heading_that_stands_twice_is_told_with_both_columns(tmp_path: Path) -> None:
    found = under(tmp_path, [*FIELDS, "account", "Cuenta", "fund", "Fondo"])
    assert [(wording, facts["heading"], facts["first"], facts["second"]) for wording, facts in told(found)] == [
        ("duplicate-column", "account", "B", "J"),
        ("duplicate-column", "account", "B", "K"),
        ("duplicate-column", "fund", "L", "M"),
    ]
    assert not found.is_usable


def test_a_missing_heading_is_told_with_the_row_to_put_it(tmp_path: Path) -> None:
    found = read(tmp_path, workbook(sheet(headings(4, fields=[*FIELDS[:3], *FIELDS[4:8]]) + row(5, inline("A5", "x")))))
    assert told(found) == [
        ("missing-column", {"heading": "description", "sheet": "Sheet1", "row": "4"}),
        ("missing-column", {"heading": "period", "sheet": "Sheet1", "row": "4"}),
    ]
    assert not found.is_usable


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("account", "Cuentas"),
        ("account", "Cta. n."),
        ("account", "acount"),
        ("period", "Periodo contab."),
        ("amount", "Inporte"),
    ],
)
def test_a_misspelt_heading_is_told_once_with_its_cell(tmp_path: Path, field: str, typed: str) -> None:
    names = [typed if name == field else name for name in FIELDS]
    (problem,) = under(tmp_path, [*names, *(() if field != "account" else ("Fondo",))]).problems
    cell = f"{letter(field)}1"
    assert (problem.code, problem.wording, problem.place.row) == ("missing-column", "missing-column.meant", None)
    assert dict(problem.facts) == {"heading": field, "sheet": "Sheet1", "row": "1", "meant": typed, "cell": cell}
    for language in Language:
        told_so = message(problem, language)
        assert typed in told_so and cell in told_so and JOURNALS.label(JOURNALS.column(field), language) in told_so


def test_two_misspelt_headings_are_each_meant_for_one_column(tmp_path: Path) -> None:
    misspelt = {"account": "Cuentas", "currency": "Monedas"}
    found = under(tmp_path, [misspelt.get(name, name) for name in FIELDS] + ["Cuenta s/n"])
    assert sorted((problem.code, problem.facts.get("meant")) for problem in found.problems) == [
        ("missing-column", "Cuentas"),
        ("missing-column", "Monedas"),
        ("unknown-column", None),
    ]


def test_an_unlike_heading_is_not_taken_for_the_missing_one(tmp_path: Path) -> None:
    found = under(tmp_path, ["Observaciones" if name == "account" else name for name in FIELDS])
    assert [problem.wording for problem in found.problems] == ["missing-column", "unknown-column.heading"]


@pytest.mark.parametrize("count", range(1, len(FIELDS)))
def test_a_row_with_half_of_the_required_headings_is_nearly_a_form(tmp_path: Path, count: int) -> None:
    found = read(tmp_path, workbook(sheet(headings(fields=FIELDS[:count]) + row(2, inline("A2", "JV")))))
    wordings = [wording for wording, _ in told(found)]
    is_nearly = count * 2 >= len(FIELDS)
    assert wordings == (
        ["missing-column"] * (len(FIELDS) - count)
        if is_nearly
        else [f"no-form-found.{'near' if count > 2 else 'seen'}"]
    )


def test_optional_headings_alone_make_no_form(tmp_path: Path) -> None:
    found = under(tmp_path, ["fund", "project", "flag", "who", "memoAmount"])
    assert [wording for wording, _ in told(found)] == ["no-form-found.near"]


def test_the_whole_headings_win_over_nearly_whole_ones_above(tmp_path: Path) -> None:
    rows = headings(1, fields=FIELDS[:7]) + headings(2) + headings(3)
    found = read(tmp_path, workbook(sheet(rows)))
    assert found.sheets[0].heading_row == 2
    assert found.sheets[0].rows == (3,)


def test_the_row_with_most_of_the_headings_tells_what_is_missing(tmp_path: Path) -> None:
    rows = headings(1, fields=FIELDS[:5]) + headings(2, fields=FIELDS[:7]) + headings(3, fields=FIELDS[:6])
    found = read(tmp_path, workbook(sheet(rows)))
    assert told(found) == [
        ("missing-column", {"heading": field, "sheet": "Sheet1", "row": "2"}) for field in FIELDS[7:]
    ]


def test_sheets_without_a_form_are_passed_over_and_named(tmp_path: Path) -> None:
    notes = sheet(row(1, inline("A1", "notes")) + row(30, inline("C30", "more")))
    found = read(tmp_path, workbook(notes, form(LINE), sheet("")))
    assert (found.passed_over, [one.sheet for one in found.sheets], found.problems) == (
        ("Sheet1", "Sheet3"),
        ["Sheet2"],
        (),
    )


def test_a_workbook_without_a_form_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, workbook(sheet(row(1, inline("A1", "notes")))))
    facts = {"sheet": "Sheet1", "row": "1", "seen": "notes"}
    assert told(found) == [("no-form-found.seen", facts)] and not found.is_usable


def test_a_form_without_rows_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, workbook(form(row(5, inline("A5", " ")))))
    assert told(found) == [("empty-form", {"sheet": "Sheet1"})]
    assert found.sheets[0].rows == () and not found.is_usable


def test_an_empty_form_beside_a_filled_one_is_nobodys_problem(tmp_path: Path) -> None:
    found = read(tmp_path, workbook(form(""), form(LINE)))
    assert found.problems == () and [one.rows for one in found.sheets] == [(), (2,)]


def test_each_sheet_is_the_form_of_its_own_headings() -> None:
    codes = tuple(replace(JOURNALS.column(name), required=True) for name in ("fund", "who"))
    other = Form("journals", codes)
    for names, form_of_it in ((FIELDS, JOURNALS), (("who", "fund"), other)):
        layout = layout_of([(), names], (JOURNALS, other))
        assert layout is not None and layout.form is form_of_it and layout.row == 2
    assert layout_of([("a", "b", "c")] * LAST_HEADING_ROW + [FIELDS], (JOURNALS, other)) is None


@pytest.mark.parametrize("language", Language)
def test_the_template_of_each_language_is_recognised(tmp_path: Path, language: Language) -> None:
    content = template_of(JOURNALS, language, [{"account": "0012", "description": "=1+1"}])
    found = read(tmp_path, content)
    assert found.problems == () and len(found.passed_over) == 1
    (one,) = found.sheets
    assert (one.sheet, one.heading_row, one.rows) == (JOURNALS.title(language), 1, (2,))
    assert list(one.letters) == [column.name for column in JOURNALS.columns]
    assert (one.columns["account"], one.columns["description"]) == (["0012"], ["=1+1"])


@pytest.mark.parametrize("language", Language)
def test_an_empty_template_is_an_empty_form(tmp_path: Path, language: Language) -> None:
    (problem,) = read(tmp_path, template_of(JOURNALS, language)).problems
    assert problem == Problem("empty-form", problem.place, wording="empty-form", facts=problem.facts)


def test_the_committed_template_is_recognised() -> None:
    content = (Path(__file__).parents[2] / "templates" / "journals.xlsx").read_bytes()
    assert content == template_of(JOURNALS, Language.EN)


def test_the_form_of_a_sheet_is_kept(tmp_path: Path) -> None:
    found = read_form(tmp_path, workbook(form(LINE)))
    assert (found.form, found.file) == ("journals", str(tmp_path / "book.xlsx"))
