"""What happened, in one sentence, and what to do now, in a few."""

from dataclasses import dataclass
from enum import StrEnum

from importer.language import Language
from importer.model.problems import DIFFERS_IN_LEDGER
from importer.model.results import Mode, Result, Status
from importer.report.figures import count_text
from importer.report.wording import speaker, stop_reason

COLLATERAL = "refused-with-others"
"""The code that says of a line only that others are to blame: it is told with the journal, not counted as a
warning."""
SENT = (Status.POSTED, Status.REFUSED, Status.UNKNOWN)
_MISSING = ("not-shown", "gone")


class Tone(StrEnum):
    """How the reader should take a sentence: all is well, look at it, it failed, a person must act first."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence that says what to do, with its tone."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """A result in numbers, as far as its sentences need them.

    `loose` counts errors that belong to no document (of files, sheets and rows without a key); `differing` counts
    documents that the ledger does not hold once and as they were sent, however many problems tell so; `missing` those
    of them that it does not show; `declined` those that a person said no to.
    """

    all: int
    by: dict[Status, int]
    loose: int
    differing: int
    missing: int
    declined: int
    warnings: int

    @property
    def in_ledger(self) -> int:
        """Documents that are certainly in the ledger, posted now or before."""
        return self.by[Status.POSTED] + self.by[Status.ALREADY_POSTED] - self.missing


def story_of(result: Result) -> Story:
    """The result's numbers."""
    loose = warnings = 0
    differing, missing = set(), set()
    for problem in result.problems:
        document = (problem.place.file, problem.place.sheet, problem.document)
        if not problem.blocks:
            warnings += problem.code != COLLATERAL
        elif problem.document is None:
            loose += 1
        elif problem.code in DIFFERS_IN_LEDGER:
            differing.add(document)
            if problem.code in _MISSING:
                missing.add(document)
    by_status = result.documents_by_status()
    declined = sum(document.is_declined for document in result.documents)
    return Story(len(result.documents), by_status, loose, len(differing), len(missing), declined, warnings)


def headline(result: Result, language: Language) -> Advice:
    """The one sentence, with its tone."""
    story = story_of(result)
    tone, name, numbers = _for_check(story) if result.mode is Mode.CHECK else _for_run(result, story)
    facts = {fact: count_text(number, language) for fact, number in numbers.items()}
    return Advice(tone, speaker(language, result.documents)(f"report.headline.{name}", **facts))


_Sentence = tuple[Tone, str, dict[str, int]]


def _for_run(result: Result, story: Story) -> _Sentence:
    now, before = story.by[Status.POSTED], story.by[Status.ALREADY_POSTED]
    if unknown := story.by[Status.UNKNOWN]:
        return Tone.DOUBT, "unknown", {"count": unknown}
    if story.differing:
        return Tone.DOUBT, "different", {"count": story.differing}
    if not story.in_ledger:
        return _for_nothing(result, story)
    if story.in_ledger < story.all:
        return Tone.BAD, "some", {"count": story.in_ledger, "total": story.all}
    if story.loose:
        return Tone.BAD, "readable", {"count": story.all}
    if not now:
        return Tone.GOOD, "before", {"count": before}
    if before:
        return Tone.GOOD, "both", {"count": story.all, "now": now, "before": before}
    return Tone.GOOD, "posted", {"count": now}


def _for_nothing(result: Result, story: Story) -> _Sentence:
    if not story.all:
        return (Tone.BAD, "unread", {}) if story.loose else (Tone.NOTE, "empty", {})
    if result.stopped_by is not None:
        return Tone.BAD, "nothing" if result.is_declined else "stopped", {"count": story.all}
    for status, name in ((Status.INVALID, "invalid"), (Status.REFUSED, "refused")):
        if story.by[status] == story.all:
            return Tone.BAD, name, {"count": story.all}
    if _is_held_back(result, story):
        return Tone.BAD, "held-back", {"count": story.by[Status.INVALID], "total": story.all}
    return Tone.BAD, "nothing", {"count": story.all}


def _is_held_back(result: Result, story: Story) -> bool:
    if result.stopped_by is not None or any(story.by[status] for status in SENT):
        return False
    return story.by[Status.INVALID] > 0 and story.by[Status.NOT_SENT] > 0


def _for_check(story: Story) -> _Sentence:
    ready, before = story.by[Status.READY], story.by[Status.ALREADY_POSTED]
    if not story.all:
        return (Tone.BAD, "unread-check", {}) if story.loose else (Tone.NOTE, "empty-check", {})
    if ready + before == story.all:
        if story.loose:
            return Tone.BAD, "readable-check", {"count": story.all}
        if not ready:
            return Tone.GOOD, "before-check", {"count": before}
        if before:
            return Tone.GOOD, "both-check", {"count": ready, "before": before}
        return Tone.GOOD, "ready", {"count": ready}
    if not ready:
        return Tone.BAD, "none-ready", {"count": story.all}
    return Tone.BAD, "some-ready", {"count": ready, "total": story.all}


def advice(result: Result, language: Language) -> list[Advice]:
    """What else happened and what to do about it, the most urgent first; empty where nothing is left to
    do."""
    story, say_of = story_of(result), speaker(language, result.documents)

    def counted(tone: Tone, name: str, number: int) -> Advice | None:
        if not number:
            return None
        return Advice(tone, say_of(f"report.advice.{name}", count=count_text(number, language), run=result.run))

    sentences = [
        counted(Tone.DOUBT, "unknown", story.by[Status.UNKNOWN]),
        counted(Tone.DOUBT, "different", story.differing),
    ]
    if (story.by[Status.UNKNOWN] or story.differing) and story.in_ledger:
        facts = {"count": count_text(story.in_ledger, language), "total": count_text(story.all, language)}
        sentences.append(Advice(Tone.GOOD, say_of("report.headline.some", **facts)))
    if result.is_declined:
        sentences.append(Advice(Tone.NOTE, say_of("report.advice.declined")))
    elif result.stopped_by is not None:
        reason = stop_reason(result.stopped_by, language)
        sentences.append(Advice(Tone.BAD, say_of("report.advice.stopped", reason=reason)))
    again = "-check" if result.mode is Mode.CHECK else ""
    waiting = "held-back" if _is_held_back(result, story) else "not-sent"
    sentences += [
        counted(Tone.BAD, f"loose{again}", story.loose),
        counted(Tone.BAD, f"invalid{again}", story.by[Status.INVALID]),
        counted(Tone.BAD, "refused", story.by[Status.REFUSED]),
        counted(Tone.NOTE, "declined-some", story.declined),
        counted(Tone.BAD, waiting, story.by[Status.NOT_SENT] - story.declined),
        counted(Tone.NOTE, "warnings", story.warnings),
    ]
    if result.mode is Mode.CHECK and result.company is None and result.stopped_by is None and result.documents:
        sentences.append(Advice(Tone.NOTE, say_of("report.advice.offline")))
    return [sentence for sentence in sentences if sentence is not None]
