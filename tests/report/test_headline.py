"""One sentence says what happened, and the next ones what to do."""

import re
from dataclasses import replace

import pytest

from importer.model.problems import Place, Problem
from importer.model.results import Mode, Result, Status, Stop
from importer.report.page import page_parts
from importer.report.summary import (
    Tone,
    advice,
    correcting_command,
    figures_of,
    headline,
    next_step,
    remarks,
    without_stop_problem,
)
from importer.translations import Language, catalogue
from tests.report.big import big_check
from tests.report.reading import Reading
from tests.report.stories import good_run, journal, journals, place, result, troubled_run

UNREADABLE = Problem("unreadable-file", place(sheet=None), wording="unreadable-file.damaged")
NEW_MAPPING = Problem("uncertain-mapping", place(), wording="uncertain-mapping.unused")
ADDED = {"number": "1", "found": "a line more"}
DIFFERENT = Problem("posted-differently", place(2), "DIA-001", wording="posted-differently.added", facts=ADDED)
COPY = Problem("duplicate-document", place(5), "DIA-002", wording="duplicate-document.copy", facts={"other": "DIA-001"})
HELD = [Problem("needs-approval", place(2 + 3 * one), f"DIA-00{one + 1}", facts={"request": "1"}) for one in range(2)]
REJECTED = replace(HELD[1], wording="needs-approval.rejected")

P, A, R, I = Status.POSTED, Status.ALREADY_POSTED, Status.REFUSED, Status.INVALID  # noqa: E741  # the state's letter
U, N, O = Status.UNKNOWN, Status.NOT_SENT, Status.READY  # noqa: E741  # the state's letter
STOPPED = Stop("unreachable", {"detail": "connection refused"}, try_again=True)

RUNS = [
    ("All 2 journals are posted.", Tone.GOOD, result(journals([P, P]))),
    ("The journal is posted.", Tone.GOOD, result(journals([P]))),
    ("All 3 journals are posted: 2 by this run and 1 before it.", Tone.GOOD, result(journals([P, P, A]))),
    ("The journal was posted before; nothing was sent again.", Tone.GOOD, result(journals([A]))),
    ("All 2 journals were posted before; nothing was sent again.", Tone.GOOD, result(journals([A, A]))),
    ("2 of 4 journals are posted.", Tone.BAD, result(journals([P, A, R, I]))),
    ("1 of 2 journals is posted.", Tone.BAD, result(journals([P, R]))),
    ("The one journal that could be read is posted.", Tone.BAD, result(journals([P]), [UNREADABLE])),
    ("1 journal may or may not be in the ledger.", Tone.DOUBT, result(journals([P, U, R]))),
    ("2 journals may or may not be in the ledger.", Tone.DOUBT, result(journals([U, U]))),
    (
        "1 journal is not in the ledger as it was posted.",
        Tone.DOUBT,
        result(journals([P, P]), [DIFFERENT]),
    ),
    ("Nothing was posted: every journal has errors.", Tone.BAD, result(journals([I, I]))),
    ("Nothing was posted: the journal has errors.", Tone.BAD, result(journals([I]))),
    ("Nothing was posted: the service refused every journal.", Tone.BAD, result(journals([R, R]))),
    ("Nothing was posted: 1 of 3 journals has errors.", Tone.BAD, result(journals([I, N, N]))),
    ("Nothing was posted.", Tone.BAD, result(journals([I, R]))),
    ("Nothing was posted yet: all 2 journals wait for a person.", Tone.NOTE, result(journals([N, N]), HELD)),
    (
        "Nothing was posted yet: all 2 journals wait for a person.",
        Tone.NOTE,
        result(journals([N, N]), HELD, mode=Mode.CHECK),
    ),
    ("Nothing was posted.", Tone.BAD, result(journals([N, N]), [HELD[0], REJECTED])),
    ("Nothing was posted: the run had to stop.", Tone.BAD, result(journals([N, N]), stopped_by=STOPPED)),
    ("Nothing was posted: no journal could be read.", Tone.BAD, result((), [UNREADABLE])),
    ("Nothing was posted: there is no journal.", Tone.NOTE, result(())),
]
CHECKS = [
    ("All 2 journals can be posted.", Tone.GOOD, result(journals([O, O]))),
    ("2 journals can be posted; posted before: 1.", Tone.GOOD, result(journals([O, O, A]))),
    ("To be posted: 1; posted already or equal to one of these: 1.", Tone.GOOD, result(journals([O, A]), [COPY])),
    ("The journal was posted before; nothing is left to post.", Tone.GOOD, result(journals([A]))),
    ("1 of 2 journals can be posted.", Tone.BAD, result(journals([O, I]))),
    ("No journal can be posted: every one has errors.", Tone.BAD, result(journals([I, I]))),
    ("The one journal that could be read can be posted.", Tone.BAD, result(journals([O]), [UNREADABLE])),
    ("No journal could be read.", Tone.BAD, result((), [UNREADABLE])),
    ("There is no journal.", Tone.NOTE, result(())),
]
SENTENCES = {key: text for key, text in catalogue(Language.EN).items() if key.startswith("report.headline.")}
ALL = [*RUNS, *((text, tone, replace(check, mode=Mode.CHECK)) for text, tone, check in CHECKS)]


@pytest.mark.parametrize(("text", "tone", "ended"), ALL, ids=[text for text, _, _ in ALL])
def test_the_sentence_is_chosen_by_what_happened(text: str, tone: Tone, ended: Result) -> None:
    assert (headline(ended, Language.EN).text, headline(ended, Language.EN).tone) == (text, tone)


def test_no_check_is_good_that_has_not_asked_the_company() -> None:
    unasked = result(journals([O, O]), mode=Mode.CHECK, company=None)
    assert headline(unasked, Language.EN).tone is Tone.NOTE


@pytest.mark.parametrize("language", [Language.ES, Language.FR])
@pytest.mark.parametrize("ended", [ended for _, _, ended in ALL], ids=[text for text, _, _ in ALL])
def test_every_language_has_its_own_sentences(ended: Result, language: Language) -> None:
    told = [headline(ended, language), *advice(ended, language)]
    english = {headline(ended, Language.EN).text, *(one.text for one in advice(ended, Language.EN))}
    assert not english & {one.text for one in told}
    assert not any("report." in one.text or "{" in one.text for one in told)


def test_every_headline_of_the_catalogue_can_come_up() -> None:
    told = {headline(ended, Language.EN).text for _, _, ended in ALL}
    unused = {key.split(".")[2] for key in SENTENCES} - {
        key.split(".")[2]
        for key, sentence in SENTENCES.items()
        if any(re.fullmatch(re.sub(r"\\{\w+\\}", "[0-9,]+", re.escape(sentence)), text) for text in told)
    }
    assert unused == set()


def advices(ended: Result) -> list[str]:
    return [one.text for one in advice(ended, Language.EN)]


def test_a_clean_run_leaves_nothing_to_do() -> None:
    assert advices(good_run()) == []


def test_doubt_comes_first_and_says_what_to_do() -> None:
    first, second, *rest = advice(troubled_run(), Language.EN)
    assert first.tone is Tone.DOUBT
    assert "importer resume" in first.text
    assert second.text == "10 of 15 journals are posted."
    assert [one.text.split(" ")[0] for one in rest] == ["3", "1", "Mend", "9"]


def test_the_page_says_in_how_many_cells_journals_need_a_correction() -> None:
    said = [one.text for one in remarks(troubled_run(), Language.EN)]
    assert "3 journals need a correction in 5 cells." in said
    unbalanced = result(journals([P, I]), [Problem("unbalanced", place(5), "DIA-002", wording="unbalanced.total")])
    assert "1 journal has errors." in [one.text for one in remarks(unbalanced, Language.EN)]


def test_a_line_refused_only_with_others_is_no_warning_to_look_at() -> None:
    collateral = Problem("refused-with-others", place(3), "DIA-001", facts={"answer": "x"})
    assert advices(result(journals([P]), [collateral])) == []


def test_a_run_that_stopped_says_why() -> None:
    ended = result(journals([P, N]), stopped_by=STOPPED)
    assert headline(ended, Language.EN).text == "1 of 2 journals is posted."
    assert advices(ended) == [
        "The run stopped early. The service cannot be reached: connection refused. Check SPX_URL and the network.",
        "1 journal was not sent. Run the same workbook again to post it.",
    ]


def test_a_reason_of_a_request_can_stop_a_run_too() -> None:
    ended = result(journals([N]), stopped_by=Stop("timed-out", {"seconds": "120"}))
    assert advices(ended)[0] == "The run stopped early. no answer within 120 seconds"


def test_a_reason_that_no_catalogue_knows_is_told_as_it_is() -> None:
    ended = result(journals([N]), stopped_by=Stop("moon-phase", {"detail": "full"}))
    assert advices(ended)[0] == "The run stopped early. moon-phase (detail: full)"


def test_only_with_the_flag_journals_were_held_back_for_a_mistake_of_others() -> None:
    unbalanced = Problem("unbalanced", place(2), "DIA-001")
    ended = result(journals([I, N]), [unbalanced])
    held = "1 journal without errors was held back, because only a clean workbook was to be posted."
    mend = "Mend the marked cells, save, and run the same workbook again: what is posted is not posted twice."
    assert advices(replace(ended, only_if_clean=True)) == ["1 journal has errors.", held, mend]
    assert advices(ended) == [
        *("1 journal has errors.", mend),
        "1 journal was not sent. Run the same workbook again to post it.",
    ]


def test_what_is_to_be_mended_has_one_file_and_one_command() -> None:
    ended = result(journals([P, I, R]), corrections=("reports/june.corrections.xlsx",), run="20180630-1")
    mend = "Mend the rows marked in june.corrections.xlsx, save, and type in any folder: "
    assert advices(ended) == [
        "1 journal has errors.",
        "1 journal was refused by the service; its reasons stand beside the rows.",
        f"{mend}importer run --corrections 20180630-1",
    ]
    whole = replace(ended, only_if_clean=True, sandbox=True)
    assert correcting_command(whole) == "importer run --corrections 20180630-1 --sandbox --only-if-clean"


def test_what_a_person_must_decide_is_told_apart_from_what_was_not_sent() -> None:
    documents = list(journals([P, N, N, N]))
    documents[2] = replace(documents[2], is_declined=True)
    account = {"account": "101110", "day": "2018-06-30"}
    held = Problem("look-incomplete", place(documents[1].rows[0]), documents[1].key, facts=account)
    assert [one.partition(".")[0] for one in advices(result(documents, [held]))] == [
        "1 journal was held back until a person decides; its sentence says how",
        "1 journal was not posted, because nobody said yes to it",
        "1 journal was not sent",
    ]


def test_where_resume_goes_on_it_is_the_only_command() -> None:
    ended = result(journals([P, U, N]), run="r")
    assert advices(ended)[-1] == "1 journal was not sent. “importer resume r” sends it."
    stopped = result(journals([P, N]), run="r", stopped_by=Stop("interrupted", {}, try_again=True))
    assert advices(stopped)[-1] == "1 journal was not sent. “importer resume r” sends it."


def test_a_check_speaks_of_what_would_be() -> None:
    assert [one.split(".")[0] for one in advices(big_check())] == [
        "120 journals have errors",
        "281 warnings: they held nothing back; see whether they are meant",
        "Nothing was compared with the company: its accounts, codes and periods were not asked for, because no service "
        "is set up or it was not reached",
    ]


def test_four_differences_of_one_journal_are_one_journal() -> None:
    four = [replace(DIFFERENT, place=place(row)) for row in (2, 3, 4)]
    four.append(Problem("changed-since", place(2), "DIA-001", wording="changed-since.added", facts=ADDED))
    ended = result(journals([P, P]), four)
    assert headline(ended, Language.EN).text == "1 journal is not in the ledger as it was posted."
    assert advices(ended)[:2] == [
        "1 journal must be looked at in the ledger before you go on; its sentence says what to do.",
        "2 of 2 journals are posted.",
    ]


@pytest.mark.parametrize("code", ["not-shown", "gone"])
def test_a_journal_that_the_ledger_does_not_show_is_not_counted_as_posted(code: str) -> None:
    ended = result(journals([P, A]), [Problem(code, place(2), "DIA-001", facts={"number": "1"})])
    assert headline(ended, Language.EN).text == "1 journal is not in the ledger as it was posted."
    assert advices(ended)[1] == "1 of 2 journals is posted."


def test_an_error_of_a_file_is_told_apart_from_the_journals() -> None:
    ended = result([journal(1, P, 2)], [UNREADABLE])
    assert advices(ended) == ["1 error belongs to no journal; the file, sheet or row it is about was not posted."]


UNBALANCED = Problem("unbalanced", place(2), "DIA-001")
SERVICE_AWAY = Problem("service-unavailable", Place(""), wording="service-unavailable", facts={"reason": "No answer."})
NO_LISTS = Problem("reference-unavailable", Place(""), wording="reference-unavailable", facts={"reason": "No answer."})
WAITING = [
    Problem("needs-approval", place(row), key, wording="needs-approval.anybody", facts={"request": "7"})
    for row, key in ((2, "DIA-001"), (5, "DIA-002"))
]
COPIED = Problem("copied-sheet", place(5), "DIA-002", facts={"sheet": "June"})
STEPS = [
    ("Nothing is left to do.", None, result(journals([P, A]))),
    ("1 journal was sent and no clear answer came back.", "importer resume r", result(journals([P, U, I]))),
    ("Look at the journal under “Look at these first”", None, result(journals([P, P]), [DIFFERENT])),
    ("Open the corrections,", "importer run --corrections r", result(journals([P, I, N]), corrections=("c.xlsx",))),
    ("Mend the workbook where its errors say so,", None, result(journals([P, I]))),
    ("1 journal was not sent. Run the same workbook", None, result(journals([P, N]))),
    (
        "1 journal was not sent. Send it with:",
        "importer resume r",
        result(journals([P, N]), stopped_by=Stop("interrupted", {})),
    ),
    ("Mend the workbook where its errors say so,", None, result((), [UNREADABLE])),
    (
        "The service cannot be reached: connection refused.",
        None,
        result(journals([N, N]), [SERVICE_AWAY], stopped_by=STOPPED),
    ),
    ("A second person must approve this", "importer approve 7", result(journals([N, N]), WAITING)),
    ("2 journals wait for a person's decision;", None, result(journals([N, N]), [WAITING[0], COPIED])),
    ("No cell is wrong: somebody must accept", None, result(journals([I]), [NEW_MAPPING])),
    ("Post the 2 journals:", None, result(journals([O, O]), mode=Mode.CHECK)),
    ("Check against the company first:", None, result(journals([O, O]), company=None, mode=Mode.CHECK)),
    ("Mend the workbook where its errors say so,", None, result(journals([O, I]), [UNBALANCED], mode=Mode.CHECK)),
    ("1 journal waits for a person's decision;", None, result(journals([O, N]), [COPIED], mode=Mode.CHECK)),
    ("The service cannot be reached:", None, result(journals([O]), stopped_by=STOPPED, mode=Mode.CHECK)),
    ("No answer.", None, result(journals([O]), [NO_LISTS], company=None, mode=Mode.CHECK)),
]


@pytest.mark.parametrize(("begins", "command", "ended"), STEPS, ids=[begins for begins, _, _ in STEPS])
def test_there_is_one_thing_to_do_next(begins: str, command: str | None, ended: Result) -> None:
    ended = replace(ended, run="r")
    step = next_step(ended, Language.EN)
    assert step.text.startswith(begins)
    assert step.command == command
    assert not any(one.name in step.covers for one in remarks(ended, Language.EN))
    assert {next_step(ended, one).text for one in Language} > {step.text}


def test_why_a_run_stopped_is_told_once_and_is_no_error_of_a_file() -> None:
    stopped = result(journals([N, N]), [SERVICE_AWAY], stopped_by=STOPPED, company=None)
    text = Reading("".join(page_parts(stopped, Language.EN))).text
    assert remarks(without_stop_problem(stopped), Language.EN) == []
    assert text.count("cannot be reached") == 1 and "The whole file" not in text
    assert "not known: the service was not reached" in text


def test_the_numbers_of_a_result_are_found_once_and_never_those_of_another() -> None:
    one = troubled_run()
    other = replace(one, documents=one.documents[:1])
    assert figures_of(one) is figures_of(one)
    assert figures_of(other).all == 1 != figures_of(one).all
    assert figures_of(replace(one)) == figures_of(one)
