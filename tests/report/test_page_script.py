"""In a real browser: each interaction of the page by mouse and by keyboard, its languages, print, accessibility."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from importer.model.problems import Problem
from importer.model.results import JournalLines, Mode, Result, Status
from importer.report.page import write_table_page
from importer.report.tables import runs_for_a_person, table_of_runs
from importer.store.runs import summary_from_text, text_of_summary
from importer.translations import Language
from tests.report.big import big_check
from tests.report.browser import Opened
from tests.report.records import run_of_all_forms
from tests.report.stories import (
    FILE,
    SHEET,
    START,
    cells_of,
    good_run,
    journal,
    journals,
    lines_of,
    place,
    result,
    run_over_a_folder,
    run_with_everything_after,
    troubled_run,
    waiting_run,
)
from tests.report.test_hostile import HOSTILE, result_full_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.long


def many_problems(count: int) -> Result:
    """A check of that many bad rows in journals of ten."""
    documents = journals([Status.INVALID] * (count // 10), rows=10)
    problems, cells = [], {}
    for document in documents:
        for row in document.rows:
            facts = {"account": f"{row:06d}"}
            problems.append(Problem("unknown-account", place(row, "account"), document.key, f"{row:06d}", facts=facts))
            if row < 2_000:
                cells[FILE, SHEET, row] = cells_of(row, document.key, "1.00", "D")
    return result(documents, problems, cells, mode=Mode.CHECK, exit_code=1)


def test_counts_kinds_texts_and_journals_filter(opening: Any) -> None:
    one = opening(big_check())
    page = one.page
    assert "1–40 of 581" in one.counted()
    page.get_by_role("button", name="Errors 300").click()
    assert "1–40 of 300" in one.counted()
    page.get_by_role("button", name="100 × The company has no account").click()
    assert "1–40 of 100" in one.counted()
    assert all("has no account" in row for row in one.rows())
    page.get_by_label("Search").first.fill("DIA-041")
    assert len(one.rows()) < 10
    page.get_by_role("button", name="Show all").first.click()
    assert "1–40 of 581" in one.counted()
    page.get_by_label("Journal", exact=True).fill("dia-002")
    assert page.locator(".list h3").all_inner_texts() == ["DIA-002"]
    page.get_by_role("button", name="Show all").first.click()
    page.get_by_label("Search").last.fill("DIA-012")
    page.get_by_role("link", name="DIA-012").click()
    assert page.locator(".list h3").all_inner_texts() == ["DIA-012"]
    page.get_by_label("Search").first.fill("nothing says this")
    assert "Nothing found." in one.counted()


def test_a_kind_names_its_column_and_no_range_of_codes_and_amounts_are_written_by_language(opening: Any) -> None:
    wrong = [
        *(
            Problem(
                "unknown-dimension",
                place(row, name),
                "DIA-001",
                "9",
                wording="unknown-dimension.plain",
                facts={"dimension": name, "code": code},
            )
            for row, name, code in ((2, "fund", "9"), (3, "fund", "10"), (2, "function", "X"), (3, "function", "Y"))
        ),
        Problem(
            "unbalanced", place(5), "DIA-002", facts={"debit": "1250.5", "credit": "1.25", "difference": "1249.25"}
        ),
    ]
    one = opening(result(journals([Status.INVALID] * 2), wrong), Language.FR)
    kinds = one.page.locator("select").first.locator("option").all_inner_texts()
    assert [text for text in kinds if text.startswith("2 ×")] == [
        "2 × La dimension Fonds n'a pas de code …",
        "2 × La dimension Fonction n'a pas de code …",
    ]
    assert "1 250,50" in one.rows()[-1].replace("\u202f", " ")


def test_a_command_is_broken_only_between_its_words(opening: Any) -> None:
    ended = result(journals([Status.POSTED, Status.REFUSED]), corrections=("c.xlsx",), sandbox=True)
    one = opening(ended)
    one.page.set_viewport_size({"width": 390, "height": 900})
    words = one.page.locator("[data-copy] span")
    assert words.all_inner_texts() == ["importer", "run", "--corrections", ended.run, "--sandbox"]
    assert words.evaluate_all("(all) => all.every((one) => one.getClientRects().length === 1)")
    assert all(box["height"] < 30 for box in (words.nth(at).bounding_box() for at in range(5)))


def test_a_journal_in_doubt_is_listed_once(opening: Any) -> None:
    doubt = Problem("outcome-unknown", place(2), "DIA-001", wording="outcome-unknown.sent", facts={"reason": "r"})
    one = opening(result(journals([Status.UNKNOWN, Status.POSTED]), [doubt]))
    assert one.page.locator(".card:visible").count() == 1
    one.page.get_by_role("link", name="DIA-001").click()
    assert one.page.url.endswith("#card-1")


def test_what_merely_waits_has_a_count_of_its_own(opening: Any) -> None:
    opened = opening(waiting_run())
    page = opened.page
    page.get_by_role("button", name="Waiting 2").click()
    assert [one.partition(" ")[0] for one in page.locator(".list h3").all_inner_texts()] == ["DIA-001", "DIA-002"]
    page.get_by_role("navigation").get_by_role("link", name="Errors 1").click()
    assert len(opened.rows()) == 1


def test_a_part_of_a_strip_shows_the_problems_of_its_rows(opening: Any) -> None:
    one = opening(many_problems(1_000))
    part = one.page.get_by_role("button", name="11 with errors in rows 56–66: show them below")
    part.click()
    assert "1–11 of 11" in one.counted()
    assert part.get_attribute("aria-pressed") == "true"
    one.page.get_by_role("button", name="rows 56–66", exact=True).click()
    assert "of 1,000" in one.counted()
    part.focus()
    one.page.keyboard.press("ArrowRight")
    one.page.keyboard.press("Enter")
    assert "C67" in one.rows()[0]
    assert one.page.locator(".strip [tabindex='0']").count() == 1


def test_a_narrow_page_shows_a_page_of_the_journals_too(opening: Any) -> None:
    one = opening(big_check())
    one.page.set_viewport_size({"width": 390, "height": 900})
    assert one.page.locator(".documents tbody tr:visible:not(.group)").count() == 50


def test_a_journals_lines_stay_a_table_on_a_narrow_page(opening: Any) -> None:
    ended = good_run()
    one = opening(replace(ended, lines=lines_of(ended.documents[:1])))
    one.page.set_viewport_size({"width": 390, "height": 900})
    one.page.get_by_role("button", name="Lines: DIA-001").click()
    first, second = (one.page.locator(".lines tbody tr").first.locator("td").nth(at).bounding_box() for at in (0, 1))
    assert first["y"] == second["y"]
    assert one.page.get_by_role("columnheader", name="Account", exact=True).is_visible()


def test_the_counts_of_the_control_table_show_the_journals_they_count(opening: Any) -> None:
    one = opening(troubled_run())
    shown = one.page.locator(".documents tbody tr:visible:not(.group) th")
    assert shown.count() == 15
    one.page.locator(".control tr", has_text="invalid").first.get_by_role("link").click()
    assert [text.split()[0] for text in shown.all_inner_texts()] == ["DIA-003", "DIA-006", "DIA-007"]
    assert one.page.url.endswith("#documents")


def test_the_count_of_rows_in_no_journal_shows_why(opening: Any) -> None:
    loose = Problem("required", place(50, "journal"), wording="required.empty", facts={"heading": "Journal"})
    ended = troubled_run()
    sheet = replace(ended.files[0].sheets[0], rows=46)
    files = (replace(ended.files[0], sheets=(sheet,)),)
    one = opening(replace(ended, files=files, problems=(*ended.problems, loose)))
    one.page.locator(".control tr.homeless").get_by_role("link", name="1").click()
    assert ["A50" in text for text in one.rows()] == [True]
    one.page.get_by_role("button", name="Show all").click()
    assert len(one.rows()) > 1
    single = opening(result([journal(1, Status.INVALID, 7, 1)], [Problem("unbalanced", place(7), "DIA-001")]))
    assert single.page.locator(".list header .soft").first.inner_text() == "row 7"


def test_a_journal_opens_to_its_lines_with_what_the_ledger_has_otherwise(opening: Any) -> None:
    field = {"number": "6955", "heading": "account", "sent": "641110", "found": "641111"}
    cut = {"heading": "description", "length": "7", "count": "1"}
    problems = [
        Problem("posted-differently", place(2), "DIA-001", wording="posted-differently.field", facts=field),
        Problem("texts-cut", place(2), "DIA-001", wording="texts-cut.one", facts=cut),
    ]
    texts = (2, ("641110", "Sueldos de junio", "1250.50")), (3, ("101110", "Caja", "1250.50"))
    lines = JournalLines(FILE, SHEET, "DIA-001", ("account", "description", "amount"), texts)
    one = opening(result(journals([Status.POSTED, Status.POSTED]), problems, lines=(lines,)), Language.ES)
    assert "Las líneas de 1 póliza más no están en esta página" in one.page.locator("main").inner_text()
    opener = one.page.get_by_role("button", name="Líneas: DIA-001")
    opener.click()
    rows = one.page.locator(".lines tbody tr").all_inner_texts()
    assert [row.split() for row in rows] == [
        ["2", "641110", "en", "la", "contabilidad:", "641111", "Sueldos", "de", "junio", "1250.50"],
        ["3", "101110", "Caja", "1250.50"],
    ]
    assert one.page.locator(".lines del").all_inner_texts() == [" de junio"]
    assert opener.get_attribute("aria-expanded") == "true"
    opener.click()
    assert one.page.locator(".lines").count() == 0


def test_problems_are_sorted_and_leafed_through(opening: Any) -> None:
    one = opening(big_check())
    one.page.locator(".live select").first.select_option(
        label="100 × This is text, not a date. Type it as a date, or as 2018-06-30."
    )
    first = one.rows()
    one.page.get_by_role("button", name="Next").first.click()
    assert "41–80 of 100" in one.counted()
    assert not set(first) & set(one.rows())
    one.page.get_by_role("button", name="Show all").first.click()
    one.page.locator(".live select").last.select_option(label="by value")
    one.page.get_by_role("button", name="Errors 300").click()
    values = one.page.locator(".list code").all_inner_texts()
    assert values == sorted(values)


def test_journals_are_shown_by_state(opening: Any) -> None:
    one = opening(big_check())
    one.page.get_by_role("button", name="✕ invalid 120").click()
    shown = one.page.locator("table.documents tr:not(.group):visible")
    assert shown.count() == 51
    one.page.get_by_label("Search").last.fill("DIA-391")
    assert one.page.locator("table.documents tbody tr:not(.group):visible").count() == 1


def test_the_language_changes_with_a_click(opening: Any) -> None:
    one = opening(replace(troubled_run(), sandbox=True))
    english = one.page.locator("main").inner_text()
    one.page.get_by_role("button", name="Français").click()
    assert one.page.locator("html").get_attribute("lang") == "fr"
    assert one.page.title().startswith("1 écriture est peut-être") or "écriture" in one.page.title()
    assert "44\u202f172,00" in one.page.locator("main").inner_text()
    assert one.page.locator("body").get_attribute("data-mark") == "ESSAI"
    one.page.get_by_role("button", name="Español").click()
    assert "Totales de control" in one.page.locator("main").inner_text()
    assert "La empresa no tiene la cuenta 642198" in " ".join(one.rows())
    one.page.get_by_role("button", name="English").click()
    assert one.page.locator("main").inner_text() == english


def test_every_kind_of_page_says_no_english_word_of_its_own_in_spanish(opening: Any) -> None:
    one = opening(big_check(), Language.ES)
    text = one.page.locator("body").inner_text()
    for word in ("Search", "Kind", "Next", "Row ", "Problems", "Copy", "together", "Debit"):
        assert word not in text


def test_by_keyboard_alone_from_the_first_screen_to_a_copied_command_and_cell(opening: Any) -> None:
    ended = replace(troubled_run(), corrections=("c.xlsx",))
    documents = tuple(one for one in ended.documents if one.status is not Status.UNKNOWN)
    one = opening(replace(ended, documents=documents))

    def press_until(selector: str) -> None:
        for _ in range(60):
            one.page.keyboard.press("Tab")
            if one.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(selector)

    def copied() -> str:
        one.page.keyboard.press("Enter")
        one.page.locator(".status.shown").wait_for()
        text: str = one.page.evaluate("navigator.clipboard.readText()")
        return text

    press_until("button.copy")
    assert copied() == "importer run --corrections 20260701-140311-7f3a"
    assert "Copied: importer run" in one.page.locator(".status").inner_text()
    press_until("input[type=search]")
    one.page.keyboard.type("642198")
    press_until("button.at")
    assert copied() == "C21"


def test_what_is_found_is_saved_as_csv_safe_for_a_spreadsheet(opening: Any) -> None:
    wrong = Problem("unknown-account", place(2, "account"), "DIA-001", "=1+1", facts={"account": "=1+1"})
    warning = Problem("look-alike", place(3), "DIA-001", facts={"number": "7"})
    one = opening(result(journals([Status.INVALID]), [wrong, warning]))
    one.page.get_by_role("button", name="Errors 1").click()
    with one.page.expect_download() as saving:
        one.page.get_by_role("button", name="Save as CSV").click()
    assert saving.value.suggested_filename == "20260701-140311-7f3a.problems.csv"
    text = Path(saving.value.path()).read_text(encoding="utf-8-sig")
    heading, row = csv.reader(io.StringIO(text))
    assert heading[0] == "importer.problems/1"
    assert row[1:6] == ["Error", "Journals", "DIA-001", "C2", "'=1+1"]
    one.complaints.clear()  # the file that was saved


def test_what_waits_is_an_error_in_the_csv_as_in_the_runs_own(opening: Any) -> None:
    one = opening(waiting_run())
    one.page.get_by_role("button", name="Waiting 2").click()
    with one.page.expect_download() as saving:
        one.page.get_by_role("button", name="Save as CSV").click()
    _, *rows = csv.reader(io.StringIO(Path(saving.value.path()).read_text(encoding="utf-8-sig")))
    assert [row[1] for row in rows] == ["Error", "Error"]
    one.complaints.clear()  # the file that was saved


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_print_has_numbers_run_company_watermark_signatures_and_the_problems(
    paper: str, opening: Any, tmp_path: Path
) -> None:
    one = opening(replace(big_check(), sandbox=True, company=good_run().company), Language.ES)
    one.page.pdf(path=tmp_path / "page.pdf", format=paper, prefer_css_page_size=True)
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "page.pdf").pages]
    for number, text in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in text
        assert "20260701-140311-7f3a · Unión Mexicana del Norte, A.R." in text
        assert "PRÁCTICA" in text and "REVISIÓN" in text
    whole = " ".join(pages)
    assert "Elaboró, fecha" in pages[-1] and "Revisó, fecha" in pages[-1]
    assert "La empresa no tiene la cuenta 642198" in whole
    assert "DIA-400" in whole
    assert "y 100 filas más con errores en 20260701-140311-7f3a.problems.csv" in whole
    assert len(pages) <= 40
    assert "Buscar" not in whole and "Guardar como CSV" not in whole


def test_without_script_the_first_thousand_rows_stand_there_and_the_file_has_the_rest(opening: Any) -> None:
    one = opening(many_problems(5_000), java_script_enabled=False)
    assert one.page.locator(".still .row:visible").count() == 1_000
    assert one.page.get_by_text("and 4,000 more rows with errors in 20260701-140311-7f3a.problems.csv").is_visible()
    assert one.page.locator("input, select, button").count() == 0


def test_five_thousand_problems_take_a_page_of_moderate_height(opening: Any) -> None:
    from playwright.sync_api import expect

    one = opening(many_problems(5_000))
    assert one.page.evaluate("document.documentElement.scrollHeight") <= 18_000
    one.page.get_by_label("Search").first.fill("004999")
    expect(one.page.locator(".list .findings li")).to_have_count(1)
    assert "C4999" in one.rows()[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_nothing_whatever_is_clicked(text: str, opening: Any) -> None:
    one = opening(result_full_of(text))
    for button in ("Español", "Français", "English"):
        one.page.get_by_role("button", name=button).click()
    for choice in one.page.locator(".frequent button, .tools button:not(:last-child):visible, button.at").all():
        choice.click()
    one.page.get_by_label("Search").first.fill(text[:40].split("\n")[0])
    assert one.page.evaluate("document.images.length + document.querySelectorAll('base, iframe, object').length") == 0
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 1280


MODES = {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"}}
PAGES = {
    "good": good_run(),
    "troubled": replace(troubled_run(), corrections=("c.xlsx",)),
    "check": replace(big_check(), sandbox=True),
    "records": run_of_all_forms(),
    "afterwards": run_with_everything_after(),
    "folder": run_over_a_folder(),
    "lines": replace(troubled_run(), lines=lines_of(troubled_run().documents[:2])),
}
VIOLATIONS = "axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]))"


def axe() -> str:
    """The script of axe."""
    import axe_playwright_python

    return Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("story", PAGES)
def test_axe_finds_nothing(story: str, mode: str, opening: Any) -> None:
    one = opening(PAGES[story], Language.ES, **MODES[mode])
    one.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    for opener in one.page.locator("tr[data-l] button").all():
        opener.click()
    one.page.evaluate(axe())
    assert one.page.evaluate(VIOLATIONS) == []


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing_in_the_history(mode: str, browser: "Browser", tmp_path: Path) -> None:
    facts = ("run", START, "ana", "5", 4, summary_from_text(text_of_summary(troubled_run())), "")
    table = runs_for_a_person(table_of_runs([facts], Language.ES))
    write_table_page(table, tmp_path / "runs.html", "Ejecuciones", "Página 1 de 1", Language.ES)
    one = Opened(browser, tmp_path / "runs.html", **MODES[mode])
    one.page.set_viewport_size({"width": 360, "height": 900})
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 360
    one.page.evaluate(axe())
    assert one.page.evaluate(VIOLATIONS) == []
    assert one.complaints == []
    one.context.close()
