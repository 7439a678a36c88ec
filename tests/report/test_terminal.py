"""The terminal's lines: short, in plain words, never broken where a path must be copied."""

import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from rich.console import Console

from importer.model.problems import Place, Problem
from importer.model.results import Company, FileRead, Mode, Result, Status
from importer.report.terminal import print_result_table, print_sentence, progress
from importer.report.terminal_result import confirmation, summary, where
from importer.translations import Language
from tests.report.big import big_check
from tests.report.stories import UNION, good_run, journal, journals, place, result, troubled_run, waiting_run


def shown(show: Callable[[Console], None], **how: object) -> str:
    screen = io.StringIO()
    show(Console(file=screen, width=80, **how))  # type: ignore[arg-type]  # any of the console's own settings
    return screen.getvalue()


def told(ended: Result, language: Language = Language.EN) -> list[str]:
    return shown(lambda console: summary(ended, language, console)).splitlines()


def test_a_good_run_fits_in_a_few_lines() -> None:
    assert told(replace(good_run(), report="reports/x.html")) == [
        "All 45 journals are posted: 40 by this run and 5 before it.",
        "",
        "  posted           40 journals   120 rows",
        "  already posted    5 journals    15 rows",
        "  Together         45 journals   135 rows",
        "",
        "  posted           MXN1   2018006   40 journals   Debit 230,895.00   Credit 230,895.00",
        "  already posted   MXN1   2018006    5 journals    Debit 19,946.25    Credit 19,946.25",
        "",
        "Report: reports/x.html",
    ]


def test_a_good_check_names_the_next_step() -> None:
    checked = replace(result(journals([Status.READY] * 2)), mode=Mode.CHECK, report="reports/x.html")
    assert told(checked)[-2:] == [
        "Post the 2 journals: run the same workbook with “importer run”.",
        "Report: reports/x.html",
    ]


def test_the_doubtful_journal_is_the_first_problem_then_errors_then_warnings() -> None:
    lines = told(troubled_run())
    listing = lines[lines.index("8 errors, 9 warnings:") + 1 :]
    places = [line.split("  ")[1] for line in listing if line.startswith("  Journals")]
    assert places == [
        "Journals!32",
        "Journals!K9",
        "Journals!N9",
        "Journals!I10",
        "Journals!17",
        "Journals!C21",
        "Journals!G22",
        "Journals!27",
        "Journals",
        "Journals!M21",
    ]
    assert "    Type: 642199" in listing
    assert "  and 7 more; all of them are in the report" in listing


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        (Language.EN, "1 error, 2 waiting:"),
        (Language.ES, "1 error, 2 en espera:"),
        (Language.FR, "1 erreur, 2 en attente\u00a0:"),
    ],
)
def test_what_merely_waits_is_counted_apart(language: Language, counts: str) -> None:
    assert counts in told(waiting_run(), language)


def test_the_journals_of_a_copied_sheet_are_one_line_with_the_command_of_the_first() -> None:
    held = journals([Status.NOT_SENT] * 3)
    found = [
        Problem(
            *("copied-sheet", place(one.rows[0]), one.key),
            wording="copied-sheet.equal",
            facts={"sheet": "Copy", "other": "June", "file": "june.xlsx", "name": f"Copy:{one.key}"},
        )
        for one in held
    ]
    (line,) = [line for line in told(result(held, found)) if "is a copy of" in line]
    assert "(and 2 more rows)" in line and all(one.key in line for one in held)
    assert line.endswith(f"importer run june.xlsx --post Copy:{held[0].key} REASON")


def test_an_equal_error_of_many_rows_is_told_once() -> None:
    lines = told(big_check())
    accounts = [line for line in lines if "no account 642198" in line]
    (line,) = accounts
    assert line.startswith("  Journals!C2 (and 99 more rows)  journal ") and line.count(", ") == 3
    assert line.endswith(", …  642198  The company has no account 642198. Did you mean 642199?")


def test_mistakes_of_one_kind_are_one_group_with_their_lengths_and_suggestions() -> None:
    problems = [
        Problem(
            "too-long",
            place(row, "description"),
            "K",
            None,
            None,
            "too-long.text",
            {"length": f"{59 + row}", "limit": "50"},
        )
        for row in range(3)
    ]
    problems += [
        Problem("not-a-number", place(row, "amount"), "K", f"{row},5", f"{row}.5", "not-a-number.separators")
        for row in range(5)
    ]
    lines = told(result(journals([Status.INVALID]), problems))
    assert any("journal K  This has 59–61 characters; the ledger keeps 50." in line for line in lines)
    assert "    Type: 0,5 → 0.5, 1,5 → 1.5, 2,5 → 2.5, …" in lines


def test_on_a_terminal_sentences_are_broken_between_words() -> None:
    text = shown(lambda console: summary(troubled_run(), Language.ES, console), force_terminal=True, color_system=None)
    lines = text.splitlines()
    listing = lines[next(number for number, line in enumerate(lines) if "8 errores" in line) : -2]
    assert max(map(len, listing)) <= 80 and any(line.startswith("    ") for line in listing)
    assert " ".join(text.split()) == " ".join(shown(lambda one: summary(troubled_run(), Language.ES, one)).split())


@pytest.mark.parametrize(
    ("sentence", "command"),
    [
        (
            "It comes nearest to a form of journals. Say what stands where: {}",
            "importer map 'Pólizas de junio 2018.xlsx'",
        ),
        (
            "Look at what it has found in the ledger of the company, then {} and go on.",
            "importer resume 01KD5A-9 --yes",
        ),
        ("There is nothing in it; to start from a template of this program: {}.", "importer template journals"),
    ],
)
def test_a_command_is_never_broken_over_two_lines(sentence: str, command: str) -> None:
    for words in range(40):
        text = "x " * words + sentence.format(command)
        lines = shown(partial(print_sentence, text=text), force_terminal=True, color_system=None).splitlines()
        assert any(command in line for line in lines)
        assert " ".join(" ".join(lines).split()) == text and max(map(len, lines)) <= 80


def test_a_row_of_a_table_without_room_goes_on_in_the_next_line() -> None:
    row = ("posted", "MXN1", "2018006", "41 journals", "Debit 21,230,895.00", "Credit 21,230,895.00")
    lines = shown(partial(print_result_table, rows=[row]), force_terminal=True, color_system=None).splitlines()
    assert max(map(len, lines)) <= 80 and " ".join(" ".join(lines).split()) == " ".join(row)


def test_every_problem_is_either_told_or_counted() -> None:
    problems = [Problem("not-positive", place(row, "amount"), "K", wording="not-positive.zero") for row in range(3)]
    problems += [Problem("cell-error", place(row, "amount"), "K", facts={"error": f"#{row}"}) for row in range(12)]
    lines = told(result(journals([Status.INVALID]), problems))
    assert "15 errors:" in lines
    assert sum(line.startswith("  Journals") for line in lines) == 10
    assert any("(and 2 more rows)" in line for line in lines)
    assert "  and 3 more; all of them are in the report" in lines


def test_a_long_path_stays_in_one_piece_on_a_narrow_screen() -> None:
    path = "/home/contabilidad/" + "carpeta con espacios/" * 8 + "reporte.html"
    assert f"Report: {path}" in told(replace(good_run(), report=path))


def test_an_annotated_copy_is_not_called_corrections() -> None:
    made = ("reports/june.r1.corrections.xlsx", "reports/july.r1.annotated.xlsx")
    lines = told(replace(good_run(), corrections=made))
    assert {f"Corrections: {made[0]}", f"Annotated copy: {made[1]}"} <= set(lines)


def test_a_practice_run_is_announced_first() -> None:
    assert told(replace(good_run(), sandbox=True))[0] == "Practice company: nothing real was posted."


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (Place("a.xlsx", "Journals", 6, "D", "account"), "Journals!D6"),
        (Place("a.xlsx", "Journals", 6), "Journals!6"),
        (Place("a.xlsx", "Journals"), "Journals"),
        (Place("a.xlsx"), "a.xlsx"),
    ],
)
def test_a_place_is_said_as_excel_says_it(at: Place, text: str) -> None:
    assert where(Problem("cell-error", at)) == text


def test_with_several_workbooks_the_place_names_its_file() -> None:
    files = (FileRead("a.xlsx", "0" * 64, ()), FileRead("b.xlsx", "0" * 64, ()))
    problem = Problem("cell-error", Place("b.xlsx", "Journals", 6, "D"), "K", facts={"error": "#N/A"})
    lines = told(result((), [problem], files=files))
    assert any(line.startswith("  b.xlsx: Journals!D6  ") for line in lines)


def test_the_confirmation_shows_company_number_and_totals() -> None:
    documents = [journal(1, Status.READY, 2), journal(2, Status.READY, 5), journal(3, Status.INVALID, 8)]
    text = shown(lambda console: confirmation(UNION, documents, Language.ES, console))
    assert text.splitlines() == [
        "Empresa: Unión Mexicana del Norte, A.R. (5)",
        "Por contabilizar: 2 pólizas, 6 filas",
        "",
        "  lista para contabilizar   MXN1   2018006   2 pólizas   Cargo 7,740.75   Abono 7,740.75",
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, "Of these, 1 was posted before and is posted again:"),
        (Language.ES, "De estas, 1 ya se contabilizó y se contabiliza otra vez:"),
        (Language.FR, "Parmi elles, 1 a déjà été comptabilisée et l'est de nouveau\u00a0:"),
    ],
)
def test_the_confirmation_tells_what_is_posted_again(language: Language, words: str) -> None:
    documents = [journal(1, Status.READY, 2), journal(2, Status.READY, 5)]
    lines = shown(lambda console: confirmation(UNION, documents, language, console, documents[:1])).splitlines()
    assert lines[-3] == words
    alone = shown(lambda console: confirmation(UNION, documents[:1], language, console)).splitlines()
    assert lines[-1] == alone[-1]


def test_a_screen_of_an_older_encoding_shows_escapes_and_does_not_fail() -> None:
    screen = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    confirmation(Company(5, "Ω Unión"), [journal(1, Status.READY, 2)], Language.FR, Console(file=screen))
    screen.seek(0)
    assert "\\u03a9 Unión" in screen.read()


def test_away_from_a_terminal_there_is_no_progress_and_no_colour() -> None:
    def work(console: Console) -> None:
        with progress(Language.EN, console, 3) as bar:
            bar.advance()
        summary(troubled_run(), Language.EN, console)

    text = shown(work)
    assert "\x1b" not in text
    assert "Posting" not in text


def test_on_a_terminal_progress_counts_the_steps() -> None:
    def work(console: Console) -> None:
        with progress(Language.ES, console, 5) as bar:
            bar.advance(2)

    text = shown(work, force_terminal=True)
    assert "Contabilizando" in text
    assert "2/5" in text


def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(lambda console: summary(troubled_run(), Language.EN, console), force_terminal=True)
    assert "\x1b[31m" not in text
    assert "\x1b[1;33m" not in text
