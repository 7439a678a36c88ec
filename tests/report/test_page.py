"""The page is one inert file that says everything, and is written whole or not at all."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from importer.errors import SetupError
from importer.model.postings import FileLink, LinkState
from importer.model.problems import Problem
from importer.model.results import FileRead, Mode, Result, SheetRead, Status
from importer.model.workbook import MappingUse
from importer.report.page import link_from, write_page
from importer.run.results import planned_result
from importer.translations import Language
from tests.cli.workbooks import write
from tests.report.big import big_check
from tests.report.checked import NOW, RUN, checked, pair
from tests.report.reading import Reading
from tests.report.stories import (
    FILE,
    SHEET,
    UNION,
    evidence_of,
    good_run,
    journal,
    journals,
    place,
    result,
    run_over_a_folder,
    troubled_run,
    waiting_run,
)

STORIES: dict[str, Callable[[], Result]] = {
    "good": good_run,
    "troubled": troubled_run,
    "check": big_check,
    "empty": result,
    "waiting": waiting_run,
}


def read(ended: Result, folder: Path, language: Language = Language.EN) -> Reading:
    return Reading(write_page(ended, folder, language).read_text(encoding="utf-8"))


@cache
def page_of(story: str, language: Language) -> Reading:
    with TemporaryDirectory() as folder:
        return read(STORIES[story](), Path(folder), language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("story", STORIES)
def test_every_page_is_well_formed_and_reaches_for_nothing_outside(story: str, language: Language) -> None:
    page = page_of(story, language)
    assert page.faults == []
    assert page.all("html")[0]["lang"] == language.value
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    targets = [attributes["href"] or "" for attributes in page.all("a")]
    assert all(target.startswith("#") and target[1:] in ids for target in targets)
    assert not re.search(r"url\(|@import|https?:|//", "".join(page.styles))
    assert not re.search(r"innerHTML|eval|fetch\(|import\(|https?:|XMLHttp|localStorage|cookie", page.scripts[-1])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("story", STORIES)
def test_no_key_of_the_catalogues_shows(story: str, language: Language) -> None:
    assert not re.search(r"\breport\.[a-z]|\bproblem\.[a-z]|\{[a-z]+\}", page_of(story, language).text)


def test_the_policy_allows_the_pages_own_styles_and_script_and_nothing_else(tmp_path: Path) -> None:
    page = read(good_run(), tmp_path)
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv"))
    *styles, script = (
        f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (*page.styles, page.scripts[-1])
    )
    assert (len(styles), len(page.scripts)) == (2, 4)
    assert policy == (
        f"default-src 'none'; script-src {script}; style-src {' '.join(styles)}; base-uri 'none'; form-action 'none'"
    )
    assert [one.get("type") for one in page.all("script")] == [
        "application/json",
        "application/json",
        "application/json",
        None,
    ]


def test_each_text_is_there_in_all_languages_under_its_number(tmp_path: Path) -> None:
    page = read(troubled_run(), tmp_path, Language.ES)
    data = json.loads(page.scripts[1])
    assert data["languages"][data["language"]] == "es"
    number = next(
        index for index, readings in enumerate(data["texts"]) if readings[0] == "10 of 15 journals are posted."
    )
    assert data["texts"][number][1] in page.text
    used = {int(one["data-t"] or "") for _, one in page.elements if "data-t" in one}
    used |= {int((one["data-a"] or "").split(" ")[1]) for _, one in page.elements if one.get("data-a")}
    assert used <= set(range(len(data["texts"])))
    assert all(len(set(readings)) > 1 for readings in data["texts"])
    named = {
        one for pair in re.findall(r'\bown\("([\w-]+)"|\bbutton\("([\w-]+)"', page.scripts[-1]) for one in pair if one
    }
    assert named <= set(data["own"])


def test_the_next_step_has_the_corrections_as_a_link_and_a_command_without_a_name(tmp_path: Path) -> None:
    name = "x$(touch PWNED) `a` %20&é'\".corrections.xlsx"
    ended = result(journals([Status.POSTED, Status.INVALID]), corrections=(str(tmp_path / "june 1" / name),))
    page = read(ended, tmp_path)
    (link,) = [one["href"] or "" for one in page.all("a") if not (one["href"] or "").startswith("#")]
    assert link == "./june%201/x%24%28touch%20PWNED%29%20%60a%60%20%2520%26%C3%A9%27%22.corrections.xlsx"
    assert name in page.text
    assert re.search(r"in any folder: importer run --corrections 20260701-140311-7f3a ", page.text)


def test_the_sentence_of_the_next_step_stands_right_before_its_command(tmp_path: Path) -> None:
    mended = [one for one in troubled_run().documents if one.status is not Status.UNKNOWN]
    text = read(replace(troubled_run(), documents=tuple(mended), corrections=("c.xlsx",)), tmp_path).text
    assert re.search(r"What to do now c\.xlsx Open the corrections.*Then type in any folder: importer run", text)


def test_the_first_screen_has_the_debits_of_each_currency_and_the_service(tmp_path: Path) -> None:
    dollars = [replace(one, currency="USD1") for one in journals([Status.POSTED, Status.REFUSED])]
    posted, refused = dollars
    ended = replace(good_run(), documents=(*good_run().documents, *dollars), evidence=evidence_of())
    text = read(ended, tmp_path, Language.ES).text
    whole = (posted.debit or 0) + (refused.debit or 0)
    assert f"Cargos contabilizados 250,841.25 MXN1 {posted.debit:,.2f} USD1 de {whole:,.2f} Empresa" in text
    assert "Servicio spx.example.org Ejecu" in text or "Servicio spx.example.org Archivo" in text
    assert "Servicio" not in read(replace(ended, sandbox=True), tmp_path, Language.ES).text
    assert "Debit that can be posted" in read(big_check(), tmp_path).text


def test_the_note_beside_the_first_journals_fits_why_they_are_there(tmp_path: Path) -> None:
    differing = Problem("gone", place(2), "DIA-001", facts={"number": "6955"})
    text = read(result(journals([Status.POSTED]), [differing]), tmp_path).text
    assert "The ledger does not hold them as they were posted." in text and "by hand before" not in text
    text = read(troubled_run(), tmp_path).text
    assert "by hand before" in text and "does not hold them" not in text


def test_of_several_workbooks_each_strip_names_its_own(tmp_path: Path) -> None:
    text = read(run_over_a_folder(), tmp_path).text
    assert "campo-09.xlsx › Journals, rows 1 to" in text and "and 9 more workbooks" in text
    assert "xlsx › Journals, rows" not in read(troubled_run(), tmp_path).text


def test_a_link_never_has_a_scheme() -> None:
    assert link_from(None, "/a/javascript:alert(1)") == "./javascript%3Aalert%281%29"
    assert link_from(Path("/reports"), "/files//x") == "./../files/x"


@pytest.mark.parametrize(
    ("ended", "mark"),
    [
        (replace(good_run(), sandbox=True), "PRACTICE"),
        (big_check(), "CHECK, NOT POSTED"),
        (replace(big_check(), sandbox=True), "PRACTICE · CHECK, NOT POSTED"),
        (good_run(), None),
    ],
)
def test_what_has_not_posted_anything_real_has_a_watermark(ended: Result, mark: str | None, tmp_path: Path) -> None:
    assert read(ended, tmp_path).all("body")[0].get("data-mark") == mark


def test_run_and_company_stand_in_the_margin_of_the_printed_page(tmp_path: Path) -> None:
    company = replace(UNION, name='"}</style>ñ\\\n')
    (margin,) = read(replace(good_run(), company=company), tmp_path).styles[1:]
    text = re.sub(r"\\([0-9a-f]+) ", lambda escaped: chr(int(escaped[1], 16)), margin)
    assert text == '@page { @top-left { content: "20260701-140311-7f3a · "}</style>ñ\\\\u000a"; } }'
    assert "<" not in margin and margin.count('"') == 2


def test_tables_have_captions_and_scoped_headings(tmp_path: Path) -> None:
    page = read(troubled_run(), tmp_path)
    assert len(page.all("caption")) == len(page.all("table")) > 3
    assert all(heading.get("scope") in {"col", "row", "rowgroup"} for heading in page.all("th"))
    assert len(page.all("main")) == len(page.all("h1")) == 1


def test_a_state_is_told_in_words_beside_its_mark(tmp_path: Path) -> None:
    text = read(troubled_run(), tmp_path, Language.ES).text
    for words in ("✓contabilizada", "✕rechazada", "✕con errores", "?resultado desconocido"):
        assert words in text


def test_the_first_screen_says_who_ran_it_and_by_which_mapping_with_its_constants(tmp_path: Path) -> None:
    use = MappingUse("banco", "0" * 64, constants={"currency": "MXN1"}, cells={"journalType": "B2: JV"}, scale=1000)
    sheet = replace(good_run().files[0].sheets[0], mapping=use)
    ended = replace(good_run(), started_by="mlopez", files=(replace(good_run().files[0], sheets=(sheet,)),))
    text = read(ended, tmp_path, Language.ES).text
    first = text[: text.index("Totales de control")]
    assert "Ejecutó mlopez" in first
    assert "Mapeo" in first and "banco" in first and "Moneda MXN1" in first and "B2: JV" in first
    assert "1,000" in first and "1\u202f000" in read(ended, tmp_path, Language.FR).text


def test_the_control_totals_show_both_columns_and_their_sum(tmp_path: Path) -> None:
    text = read(troubled_run(), tmp_path).text
    assert "Read 15 45 ✓posted 10 30 ✓already posted 0 0 ✕refused 1 3 ✕invalid 3 9" in text.replace("  ", " ")
    assert "Together 15 45 Nothing is missing" in text


def test_rows_in_no_journal_are_pointed_out(tmp_path: Path) -> None:
    ended = replace(good_run(), files=(FileRead(FILE, None, (SheetRead(SHEET, "journals", 1140),)),))
    text = read(ended, tmp_path).text
    assert "✕in no journal – 1,005" in text
    assert "1,005 rows of the sheets are in no journal" in text
    assert "Nothing is missing" not in text


def test_a_problem_shows_its_cell_value_message_and_what_to_type(tmp_path: Path) -> None:
    text = read(troubled_run(), tmp_path).text
    assert "C21 642198 The company has no account 642198. Did you mean 642199? Type: 642199" in text
    assert "C Account ✕(Error) 642198" in text


def test_unknown_outcomes_stand_before_everything_else(tmp_path: Path) -> None:
    text = read(troubled_run(), tmp_path).text
    first, control, errors = (text.index(words) for words in ("Look for:", "Every row that", "In the order"))
    assert first < control < errors
    assert text.count("Look for:") == 1
    assert "D Transaction reference D-1550" in text


def test_lines_refused_only_with_others_are_named_apart_from_the_cause(tmp_path: Path) -> None:
    text = read(troubled_run(), tmp_path).text
    assert "2 other lines of this journal have no fault of their own" in text
    assert "refused together with the rest: rows 26, 28" in text
    assert "rejected due to errors in other lines" not in text


def test_equal_warnings_are_said_once_with_their_rows(tmp_path: Path) -> None:
    text = read(troubled_run(), tmp_path).text
    assert text.count("The date 2018-07-02 does not lie in period 2018006") == 1
    assert "M rows 38–41, 43–44" in text


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        (Language.EN, "Errors 1 Waiting 2 "),
        (Language.ES, "Errores 1 En espera 2 "),
        (Language.FR, "Erreurs 1 En attente 2 "),
    ],
)
def test_what_merely_waits_is_no_error(language: Language, counts: str, tmp_path: Path) -> None:
    page = read(waiting_run(), tmp_path, language)
    assert counts in page.text
    assert [one["class"] for one in page.all("article")] == ["card"]
    assert [one["href"] for one in page.all("a") if "data-d" in one] == ["#card-1", "#waiting", "#waiting"]


def test_documents_that_need_attention_come_before_the_posted_ones(tmp_path: Path) -> None:
    text = read(troubled_run(), tmp_path).text
    listing = text[text.index("The ones that need attention") :]
    order = [listing.index(key) for key in ("DIA-011", "DIA-009", "DIA-003", "DIA-001")]
    assert order == sorted(order)
    assert "DIA-001 6955 JV2018-1508 JV 2–4 2018006 3,830.75 3,830.75 MXN1" in listing
    assert "the answer was lost; found in the ledger sent 2 times" in listing


def test_what_the_ledger_holds_differently_is_to_be_looked_at_first(tmp_path: Path) -> None:
    facts = {"number": "6955", "heading": "fund", "sent": "10", "found": "20"}
    differing = Problem("posted-differently", place(2), "DIA-001", wording="posted-differently.field", facts=facts)
    text = read(result([journal(1, Status.POSTED, 2, verified=False)], [differing]), tmp_path).text
    assert "Look at these first" in text
    assert "Fund is “20” in the ledger; “10” was sent (journal 6955)" in text
    assert "differs in the ledger" in text


def test_a_practice_run_says_so(tmp_path: Path) -> None:
    assert "Practice company: nothing real was posted." in read(replace(good_run(), sandbox=True), tmp_path).text
    assert "Practice company" not in read(good_run(), tmp_path).text


def test_a_check_shows_what_could_be_posted_and_that_nothing_was(tmp_path: Path) -> None:
    ended = big_check()
    text = read(ended, tmp_path).text
    assert "280 of 400 journals can be posted. This was a check: nothing was posted." in text
    for currency in ("MXN1", "USD1"):
        of_it = [one.debit or Decimal(0) for one in ended.documents if one.currency == currency]
        assert f"{sum(of_it):,.2f}" in text
    assert "MXN1 · 12 accounting periods" in text
    assert "By accounting period · USD1" in text
    assert "✕refused 0" not in text


def test_amounts_of_a_french_page_are_written_the_french_way(tmp_path: Path) -> None:
    assert "44\u202f172,00" in read(troubled_run(), tmp_path, Language.FR).text


def test_files_are_told_with_their_hash_sheets_and_what_was_passed_over(tmp_path: Path) -> None:
    text = read(good_run(), tmp_path).text
    assert f"{FILE} SHA-256 3f9a1b2c4d5e… Journals: 135 rows Passed over: Notas, Saldos" in text


def test_a_file_that_could_not_be_read_heads_the_errors(tmp_path: Path) -> None:
    broken = Problem("unreadable-file", place(file="b.xlsx", sheet=None), wording="unreadable-file.damaged")
    ended = result(journals([Status.POSTED]), [broken])
    ended = replace(ended, files=(*ended.files, FileRead("b.xlsx", None, ())))
    text = read(ended, tmp_path).text
    assert "b.xlsx could not be read" in text
    assert "The whole file b.xlsx ✕Error: The file cannot be read as an Excel workbook." in text


@pytest.mark.parametrize("mode", Mode)
def test_a_result_without_documents_has_a_page(mode: Mode, tmp_path: Path) -> None:
    text = read(replace(result(), mode=mode), tmp_path).text
    assert ("There is nothing to post." if mode is Mode.CHECK else "There is nothing in the ledger.") in text


def test_the_file_is_named_after_the_run_and_written_again_in_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    written = write_page(good_run(), folder, Language.EN)
    again = write_page(good_run(), folder, Language.FR)
    assert written == again == folder / "20260701-140311-7f3a.html"
    assert [entry.name for entry in folder.iterdir()] == [written.name]
    assert 'lang="fr"' in written.read_text(encoding="utf-8")


@pytest.mark.skipif("os.name != 'posix'", reason="file modes are POSIX")
def test_only_the_owner_may_read_the_page(tmp_path: Path) -> None:
    written = write_page(good_run(), tmp_path / "reports", Language.EN)
    assert written.stat().st_mode & 0o777 == 0o600
    assert written.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_a_set_up_to_mend(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file where the folder should be")
    with pytest.raises(SetupError) as caught:
        write_page(good_run(), tmp_path / "reports", Language.EN)
    assert (caught.value.key, caught.value.facts["folder"]) == ("report", str(tmp_path / "reports"))


def test_a_page_that_cannot_take_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "20260701-140311-7f3a.html").mkdir()
    with pytest.raises(SetupError):
        write_page(good_run(), tmp_path, Language.EN)
    assert [entry.name for entry in tmp_path.iterdir()] == ["20260701-140311-7f3a.html"]


@pytest.mark.parametrize("run", ["", "..", "a/b", "..\\x", "run\n"])
def test_a_run_id_that_is_no_file_name_is_a_mistake_of_ours(run: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file name"):
        write_page(replace(good_run(), run=run), tmp_path, Language.EN)


def test_the_lines_that_are_sent_are_kept_for_the_page_up_to_five_thousand(tmp_path: Path) -> None:
    write(tmp_path / "june.xlsx", [*pair("OK"), *pair("BAD", amount="x")])
    found = checked(tmp_path / "june.xlsx")
    (kept,) = planned_result(RUN, Mode.RUN, NOW, [found.workbook], found.drafts).lines
    assert (kept.key, [row for row, _ in kept.lines]) == ("OK", [2, 3])
    first, second = (dict(zip(kept.fields, texts, strict=True)) for _, texts in kept.lines)
    assert (first["transaction"], first["amount"], first["currency"]) == ("D", "5", "MXN1")
    assert (second["transaction"], second["amount"]) == ("C", "5")
    assert "memoAmount" not in first and "debit" not in first
    assert len(planned_result(RUN, Mode.RUN, NOW, [found.workbook], found.drafts * 2_501).lines) == 2_500


def test_a_journal_shows_its_type_and_leads_to_its_linked_files(tmp_path: Path) -> None:
    outcomes = (LinkState.LINKED, LinkState.ALREADY_LINKED, LinkState.REFUSED)
    links = tuple(FileLink("factura.pdf", 6955, 1, outcome) for outcome in outcomes)
    ended = result(journals([Status.POSTED, Status.POSTED]), links=links)
    assert "DIA-001 6955 JV2018-1508 JV 2–4 2018006 3,830.75" in read(ended, tmp_path).text
    with_files = read(ended, tmp_path).text
    assert "MXN1 2 DIA-002" in with_files and "MXN1 – Linked files" in with_files
    assert "Archivos" not in read(good_run(), tmp_path, Language.ES).text
