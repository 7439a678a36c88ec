"""What happened, in one sentence, and what to do now, in a few."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePath

from importer.model.problems import DIFFERS_IN_LEDGER, HELD_FOR_A_PERSON, file_name
from importer.model.results import EXACT, Mode, Result, Status
from importer.printable import printable, shortened
from importer.report.figures import money_of
from importer.report.sentences import JOURNAL, amount_text, count_text, message, said, speaker, stop_reason
from importer.translations import Language

COLLATERAL = "refused-with-others"
"""The code that says of a line only that others are to blame: it is told with the journal, not counted as a
warning."""
SENT = (Status.POSTED, Status.REFUSED, Status.UNKNOWN)
MOST_FILES = 3
_MISSING = ("not-shown", "gone")
_TO_MEND = (Status.INVALID, Status.REFUSED, Status.NOT_SENT)
_RESUMABLE = frozenset({"interrupted", "breaker", "lease-lost"})
"""Stops after which `importer resume` goes on; their sentences say so."""
_OF_THE_STOP = frozenset({"service-unavailable", "wrong-company"})
_RUN_AGAIN = frozenset({"breaker-records", *_RESUMABLE})
"""Stops whose sentences say by themselves what to run then."""


class Tone(StrEnum):
    """How the reader should take a sentence: all is well, look at it, it failed, a person must act first."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence that says what to do, with its tone and its name in the catalogue.

    The next step has more: `command` is what to type then, None where nothing is to be typed; it never holds a file's
    name, which a shell could take for commands. `files` are the workbooks to mend; `covers` names the advice that says
    the same."""

    tone: Tone
    text: str
    name: str = ""
    command: str | None = None
    files: tuple[str, ...] = ()
    covers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ResultFigures:
    """A result in numbers, as far as its sentences need them.

    `loose` counts errors that belong to no document (of files, sheets and rows without a key); `differing` counts
    documents that the ledger does not hold once and as they were sent, however many problems tell so; `missing` those
    of them that it does not show. `cells` counts the cells that are to be mended in invalid documents, 0 where they are
    fewer than those: some do not balance and have none. Of those not sent `declined` are those that a person said no
    to, `held` wait for a person's decision, `depending` for a row that is to be mended. `copies` are journals that are
    equal to one of another workbook and are posted once with it.
    """

    all: int
    by: dict[Status, int]
    loose: int
    differing: int
    cells: int
    missing: int
    declined: int
    held: int
    depending: int
    warnings: int
    copies: int

    @property
    def in_ledger(self) -> int:
        """Documents that are certainly in the ledger, posted now or before."""
        return self.by[Status.POSTED] + self.by[Status.ALREADY_POSTED] - self.missing

    @property
    def unsent(self) -> int:
        """Documents that were not sent and that nothing is wrong with."""
        return self.by[Status.NOT_SENT] - self.declined - self.held - self.depending


@lru_cache(maxsize=1)
def figures_of(result: Result) -> ResultFigures:
    """The result's numbers. Those of the newest result are remembered: every sentence in every language asks for them,
    and a result never changes."""
    loose = warnings = copies = 0
    differing, missing, faulty = set(), set(), set()
    held: set[tuple[str, str | None, str | None]] = set()
    invalid = {(one.file, one.sheet, one.key) for one in result.documents if one.status is Status.INVALID}
    cells = set()
    for problem in result.problems:
        place, document = problem.place, (problem.place.file, problem.place.sheet, problem.document)
        if not problem.blocks:
            warnings += problem.code != COLLATERAL
            copies += problem.wording == "duplicate-document.copy"
            continue
        loose += problem.document is None
        if document in invalid and place.column is not None:
            cells.add((place.file, place.sheet, place.row, place.column))
        if problem.code in DIFFERS_IN_LEDGER:
            differing.add(document)
            if problem.code in _MISSING:
                missing.add(document)
        elif problem.code in HELD_FOR_A_PERSON:
            held.add(document)
        else:
            faulty.add((place.file, place.sheet, place.row))
    declined = waiting = depending = 0
    for one in result.documents:
        if one.status is Status.NOT_SENT:
            if one.is_declined:
                declined += 1
            elif (one.file, one.sheet, one.key) in held:
                waiting += 1
            elif any((one.file, one.sheet, row) in faulty for row in one.rows):
                depending += 1
    return ResultFigures(
        all=len(result.documents),
        by=result.documents_by_status(),
        loose=loose,
        differing=len(differing),
        cells=len(cells) if len(cells) >= len(invalid) else 0,
        missing=len(missing),
        declined=declined,
        held=waiting,
        depending=depending,
        warnings=warnings,
        copies=copies,
    )


def without_stop_problem(result: Result) -> Result:
    """The result without the problem of no file that says only why the run stopped: `stopped_by` says it too."""
    if result.stopped_by is None:
        return result
    others = tuple(one for one in result.problems if one.place.file or one.code not in _OF_THE_STOP)
    return replace(result, problems=others)


def headline(result: Result, language: Language) -> Advice:
    """The one sentence, with its tone; no check is good that has not asked the company."""
    figures = figures_of(result)
    tone, name, numbers = _for_check(figures) if result.mode is Mode.CHECK else _for_run(result, figures)
    if result.mode is Mode.CHECK and result.company is None and tone is Tone.GOOD:
        tone = Tone.NOTE
    facts = {fact: count_text(number, language) for fact, number in numbers.items()}
    return Advice(tone, speaker(language, result.documents)(f"report.headline.{name}", **facts))


_Sentence = tuple[Tone, str, dict[str, int]]


def _for_run(result: Result, figures: ResultFigures) -> _Sentence:
    now, before = figures.by[Status.POSTED], figures.by[Status.ALREADY_POSTED]
    if unknown := figures.by[Status.UNKNOWN]:
        return Tone.DOUBT, "unknown", {"count": unknown}
    if figures.differing:
        return Tone.DOUBT, "different", {"count": figures.differing}
    if not figures.in_ledger:
        return _for_nothing(result, figures)
    if figures.in_ledger < figures.all:
        return Tone.BAD, "some", {"count": figures.in_ledger, "total": figures.all}
    if figures.loose:
        return Tone.BAD, "readable", {"count": figures.all}
    if not now:
        return Tone.GOOD, "before", {"count": before}
    if before:
        return Tone.GOOD, "both", {"count": figures.all, "now": now, "before": before}
    return Tone.GOOD, "posted", {"count": now}


def _for_nothing(result: Result, figures: ResultFigures) -> _Sentence:
    if not figures.all:
        return (Tone.BAD, "unread", {}) if figures.loose else (Tone.NOTE, "empty", {})
    if result.stopped_by is not None:
        return Tone.BAD, "nothing" if result.is_declined else "stopped", {"count": figures.all}
    if figures.held == figures.all and all(one.waits for one in result.problems if one.blocks):
        return Tone.NOTE, "waiting", {"count": figures.all}
    for status, name in ((Status.INVALID, "invalid"), (Status.REFUSED, "refused")):
        if figures.by[status] == figures.all:
            return Tone.BAD, name, {"count": figures.all}
    if figures.by[Status.INVALID] and figures.by[Status.NOT_SENT] and not any(figures.by[status] for status in SENT):
        return Tone.BAD, "held-back", {"count": figures.by[Status.INVALID], "total": figures.all}
    return Tone.BAD, "nothing", {"count": figures.all}


def _for_check(figures: ResultFigures) -> _Sentence:
    ready, before = figures.by[Status.READY], figures.by[Status.ALREADY_POSTED]
    if not figures.all:
        return (Tone.BAD, "unread-check", {}) if figures.loose else (Tone.NOTE, "empty-check", {})
    if ready + before == figures.all:
        if figures.loose:
            return Tone.BAD, "readable-check", {"count": figures.all}
        if not ready:
            return Tone.GOOD, "before-check", {"count": before}
        if before:
            return Tone.GOOD, "copies-check" if figures.copies else "both-check", {"count": ready, "before": before}
        return Tone.GOOD, "ready", {"count": ready}
    if figures.held == figures.all and not figures.loose:
        return Tone.NOTE, "waiting", {"count": figures.all}
    if not ready:
        return Tone.BAD, "none-ready", {"count": figures.all}
    return Tone.BAD, "some-ready", {"count": ready, "total": figures.all}


_OF_MAPPING = frozenset(("uncertain-mapping.unused", "uncertain-mapping.edited"))


def next_step(result: Result, language: Language) -> Advice:
    """What to do first: what is in doubt before what is to be mended, that before what is still to be sent."""
    figures, say_of = figures_of(result), speaker(language, result.documents)

    def step(
        tone: Tone, name: str, command: str | None = None, *covers: str, count: int = 0, reason: str = ""
    ) -> Advice:
        files = result.corrections if name == "mend" or name.startswith("check-again") else ()
        text = say_of(f"report.step.{name}", count=count_text(count, language), reason=reason)
        return Advice(tone, text, name, command, files, frozenset(covers))

    is_of_journals = all(one.kind == JOURNAL for one in result.documents)
    resuming = f"importer resume {result.run}"
    if (count := figures.by[Status.UNKNOWN]) and is_of_journals:
        return step(Tone.DOUBT, "resume", resuming, "unknown", "not-sent-resume", count=count)
    if count := figures.by[Status.UNKNOWN] + figures.differing:
        return step(Tone.DOUBT, "look", None, "different", count=count)
    if result.mode is Mode.CHECK:
        if any(problem.blocks and not problem.waits for problem in result.problems):
            return step(Tone.BAD, "check-again" if result.corrections else "check-again-workbook")
        if why := _why_unchecked(result, language):
            return step(Tone.BAD, "check-later", None, "stopped", reason=why)
        if figures.held:
            return step(Tone.BAD, "decide", None, "held", count=figures.held)
        if ready := figures.by[Status.READY]:
            return step(Tone.NOTE, "check-company" if result.company is None else "post", count=ready)
        return step(Tone.GOOD, "done")
    if figures.by[Status.INVALID] + figures.by[Status.REFUSED] + figures.depending:
        if result.corrections:
            return step(Tone.BAD, "mend", correcting_command(result), "mend")
        return step(Tone.BAD, _how_without_corrections(result), None, "mend")
    if figures.unsent and _how_to_send(result, figures) == "not-sent-resume":
        return step(Tone.BAD, "send", resuming, "not-sent-resume", count=figures.unsent)
    if figures.unsent and result.stopped_by is not None and result.stopped_by.code not in {"declined", *_RUN_AGAIN}:
        reason = stop_reason(result.stopped_by, language)
        return step(Tone.BAD, "stopped", None, "stopped", "not-sent", count=figures.unsent, reason=reason)
    if figures.unsent + figures.declined:
        return step(Tone.BAD, "run-again", None, "not-sent", "declined-some", count=figures.unsent + figures.declined)
    if figures.held:
        held = [one for one in result.problems if one.code in HELD_FOR_A_PERSON]
        asks_all = all((one.wording, one.facts) == (held[0].wording, held[0].facts) for one in held)
        if asks_all and held[0].wording in ("needs-approval.anybody", "needs-approval.named"):
            approving = f"importer approve {held[0].facts['request']}"
            said_of_all = message(held[0], language)
            return Advice(Tone.BAD, said_of_all, command=approving, covers=frozenset({"held"}))
        return step(Tone.BAD, "decide", None, "held", count=figures.held)
    return step(Tone.BAD, _how_without_corrections(result)) if _has_errors(result) else step(Tone.GOOD, "done")


def _why_unchecked(result: Result, language: Language) -> str:
    """Why a check could not ask the company, `""` where it did or where no service is set up."""
    if result.stopped_by is not None:
        return stop_reason(result.stopped_by, language)
    silent = (one for one in result.problems if one.code == "reference-unavailable" and result.company is None)
    return next((one.facts["reason"] for one in silent), "")


def remarks(result: Result, language: Language) -> list[Advice]:
    """What is to be said beside the next step: the advice that it does not cover."""
    covered = next_step(result, language).covers
    return [one for one in advice(result, language, is_beside_step=True) if one.name not in covered]


def advice(result: Result, language: Language, *, is_beside_step: bool = False) -> list[Advice]:
    """What else happened and what to do about it, the most urgent first; empty where nothing is left to
    do. `is_beside_step`: without what `next_step` says of a check."""
    figures, say_of = figures_of(result), speaker(language, result.documents)

    def counted(tone: Tone, name: str, number: int) -> Advice | None:
        if not number:
            return None
        cells = said(language, "report.cells", count=count_text(figures.cells, language))
        facts = {"count": count_text(number, language), "run": result.run, "cells": cells}
        return Advice(tone, say_of(f"report.advice.{name}", **facts), name)

    sentences = [
        counted(Tone.DOUBT, "unknown", figures.by[Status.UNKNOWN]),
        counted(Tone.DOUBT, "different", figures.differing),
    ]
    if (figures.by[Status.UNKNOWN] or figures.differing) and figures.in_ledger:
        facts = {"count": count_text(figures.in_ledger, language), "total": count_text(figures.all, language)}
        sentences.append(Advice(Tone.GOOD, say_of("report.headline.some", **facts)))
    if result.is_declined:
        sentences.append(Advice(Tone.NOTE, say_of("report.advice.declined")))
    elif result.stopped_by is not None:
        reason = stop_reason(result.stopped_by, language)
        sentences.append(Advice(Tone.BAD, say_of("report.advice.stopped", reason=reason), "stopped"))
    again = "-check" if result.mode is Mode.CHECK else ""
    invalid = "invalid-cells" if figures.cells else "invalid"
    sentences += [
        counted(Tone.BAD, f"loose{again}", figures.loose),
        counted(Tone.BAD, invalid if is_beside_step else f"invalid{again}", figures.by[Status.INVALID]),
        counted(Tone.BAD, "refused", figures.by[Status.REFUSED]),
    ]
    if is_kept_clean := result.only_if_clean and result.stopped_by is None and _has_errors(result):
        sentences.append(counted(Tone.BAD, "held-back", figures.unsent))
    if result.mode is Mode.RUN and figures.by[Status.INVALID] + figures.by[Status.REFUSED] + figures.depending:
        sentences.append(Advice(Tone.BAD, _how_to_mend(result, say_of), "mend"))
    sentences += [
        counted(Tone.BAD, "held", figures.held),
        counted(Tone.NOTE, "declined-some", figures.declined),
        None if is_kept_clean else counted(Tone.BAD, _how_to_send(result, figures), figures.unsent),
        counted(Tone.NOTE, "warnings", figures.warnings),
    ]
    if result.mode is Mode.CHECK and result.company is None and result.stopped_by is None and result.documents:
        sentences.append(Advice(Tone.NOTE, say_of("report.advice.offline")))
    return [sentence for sentence in sentences if sentence is not None]


def correcting_command(result: Result) -> str:
    """The one command that posts what has been mended in the corrections of a run, in whatever folder they are."""
    flags = [
        ("--sandbox", result.sandbox),
        ("--only-if-clean", result.only_if_clean),
        ("--allow-delete", any(one.action == "delete" and one.status in _TO_MEND for one in result.documents)),
    ]
    return " ".join(["importer run", f"--corrections {result.run}", *(flag for flag, is_set in flags if is_set)])


def _how_to_mend(result: Result, say_of: Callable[..., str]) -> str:
    """Where to mend and what to type then: the corrections, else the workbook itself."""
    if not result.corrections:
        return say_of(f"report.advice.{_how_without_corrections(result)}")
    names = [shortened(PurePath(path).name) for path in result.corrections]
    files = ", ".join([*names[:MOST_FILES], *(["…"] if names[MOST_FILES:] else [])])
    return say_of("report.advice.mend", files=files, command=correcting_command(result))


def _how_without_corrections(result: Result) -> str:
    """Which sentence says how to go on where there are no corrections: in the workbook itself, or without changing it
    where nothing but its mapping has not been accepted."""
    wordings = {problem.wording for problem in result.problems if problem.blocks}
    return "accept-mapping" if wordings and wordings <= _OF_MAPPING else "mend-workbook"


def _how_to_send(result: Result, figures: ResultFigures) -> str:
    """Which sentence says how what was not sent is posted: by resume where the run can go on, which it can do for
    journals alone, else by the same workbook."""
    is_resumable = figures.by[Status.UNKNOWN] > 0 or (
        result.stopped_by is not None and result.stopped_by.code in _RESUMABLE
    )
    return "not-sent-resume" if is_resumable and all(one.kind == JOURNAL for one in result.documents) else "not-sent"


def _has_errors(result: Result) -> bool:
    return any(problem.blocks for problem in result.problems)


IN_LEDGER = (Status.POSTED, Status.ALREADY_POSTED)


def debits_of(result: Result, states: Iterable[Status]) -> dict[str, Decimal]:
    """The debits of the journals in these states by currency (`""`: unknown), those alone that have any."""
    debits: dict[str, Decimal] = {}
    for group in money_of(result):
        for state in states:
            if (money := group.parts.get(state)) is not None:
                name = group.currency or ""
                debits[name] = EXACT.add(debits.get(name, Decimal(0)), money.debit)
    return debits


_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&!])")


def mail_paragraph(result: Result, language: Language) -> str:
    """The result as one paragraph of Markdown for a mail: what happened, in which company and workbook, the debits that
    are in the ledger, and the next step with its command."""
    names = [_escaped(file_name(file.path)) for file in result.files[:MOST_FILES]]
    posted = debits_of(result, IN_LEDGER).items()
    amounts = [f"{amount_text(amount, language)} {_escaped(name)}".strip() for name, amount in posted]
    about = [
        *([] if result.company is None else [_escaped(result.company.name)]),
        *(", ".join(part) for part in (names, amounts) if part),
        result.run,
    ]
    step = next_step(result, language)
    parts = [f"**{_escaped(headline(result, language).text)}**", f"{' · '.join(about)}.", _escaped(step.text)]
    if step.command is not None:
        parts.append(f"`{step.command}`")
    elif step.files:  # the sentence ends with a colon
        parts.append(", ".join(_escaped(file_name(path)) for path in step.files[:MOST_FILES]))
    return " ".join(parts)


def _escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKDOWN.sub(r"\\\1", printable(shortened(text)))
