"""Files linked to posted journals: each is sent once, written down before a byte leaves, and never repeated, since
nothing can tell what became of an upload without an answer."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from importer.errors import AnswerUnclear, Effect, ExitCode, ImporterError, Interrupted, RequestRefused, ServiceFailure
from importer.files import extension_of
from importer.model.attachments import FileContent, FileToLink, Linked, LinkedFile, LinkOutcome, LinkState, Reason
from importer.model.journals import Journal
from importer.model.problems import Place, Problem
from importer.post.send import Attempt, in_order
from importer.services.session import Session
from importer.services.sunplusxtra.journals import checked_upload, link_document
from importer.translations import Language, sentence_of

_PROBLEMS = {
    LinkOutcome.REFUSED: "attachment-refused",
    LinkOutcome.UNKNOWN: "attachment-unknown",
    LinkOutcome.NOT_SENT: "attachment-not-sent",
}


class _AttachmentStore(Protocol):
    """The part of the store that linking needs; each call is one durable commit."""

    def claim(
        self, wanted: FileToLink, content: FileContent, at: datetime, *, again: bool = False
    ) -> int | LinkedFile: ...

    def record(
        self, id_: int, state: LinkState, at: datetime, file_key: str | None = None, reason: Reason | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class AttachmentContext:
    """What linking works with: the session, the store, the clock (UTC), whom to tell of each file that ended, how often
    Ctrl-C was pressed so far. `again`: also what is linked already; `private` as the service takes it (F-13)."""

    session: Session
    store: _AttachmentStore
    now: Callable[[], datetime]
    tell: Callable[[], None] = lambda: None
    interrupts: Callable[[], int] = lambda: 0
    again: bool = False
    private: bool = True


def files_to_link(journal: Journal, journal_number: int, files: Mapping[int, Sequence[Path]]) -> list[FileToLink]:
    """The files of a journal's rows, each for the line of its row: lines travel numbered 1..n (J-09)."""
    return [
        FileToLink(str(file), journal_number, number)
        for number, line in enumerate(journal.lines, start=1)
        for file in files.get(line.row, ())
    ]


def link_files(wanted: Iterable[FileToLink], context: AttachmentContext) -> list[Linked]:
    """Links each file once, in order, and says what is true of each; one `Linked` for each wanted file.

    Never raises for a file, the service or the store. A session that is over, a service out of reach, a store that
    cannot be written, three unknowns in a row or Ctrl-C keep the rest from being sent (NOT_SENT, with the reason).
    """
    breaker = AnswerUnclear("link-breaker")

    def attempt(one: FileToLink) -> Attempt[Linked]:
        ended, stop = _link_one(one, context)
        return Attempt(ended, breaker if ended.outcome is LinkOutcome.UNKNOWN else None, stop)

    files = list(wanted)
    linked, stop = in_order(
        files, attempt, interrupts=context.interrupts, tell=context.tell, interrupted="stopped-before"
    )
    if stop is not None:
        linked += [_ended(one, LinkOutcome.NOT_SENT, stop) for one in files[len(linked) :]]
    return linked


def problem_of(linked: Linked, place: Place, document: str | None, language: Language) -> Problem | None:
    """The warning for the cell that named a file which is not linked, or may not be: its journal is posted all the
    same, so that it is no error of the row. None for a linked one."""
    code = _PROBLEMS.get(linked.outcome)
    if code is None:
        return None
    facts = {"name": Path(linked.file).name, "reason": reason_words(linked.reason, language)}
    return Problem(code, place, document, wording=code, facts=facts)


def reason_words(reason: Reason | None, language: Language) -> str:
    """A reason as a person reads it; `""` when there is none."""
    return "" if reason is None else sentence_of(ImporterError(reason[0], **reason[1]), language)


def exit_code_of_links(linked: Iterable[Linked]) -> int:
    """4 when an outcome is unknown, 1 when a file was refused or not sent, else 0."""
    outcomes = {one.outcome for one in linked}
    if LinkOutcome.UNKNOWN in outcomes:
        return ExitCode.UNKNOWN
    return ExitCode.FAULTY if outcomes & {LinkOutcome.REFUSED, LinkOutcome.NOT_SENT} else ExitCode.FINE


def _link_one(one: FileToLink, context: AttachmentContext) -> tuple[Linked, ImporterError | None]:
    """What came of a file, and what keeps the rest from being sent (None: nothing)."""
    try:
        content = _content_of(Path(one.file))
        claimed = context.store.claim(one, content, context.now(), again=context.again)
    except RequestRefused as refusal:
        return _ended(one, LinkOutcome.REFUSED, refusal), None
    except ImporterError as error:
        return _ended(one, LinkOutcome.NOT_SENT, error), error
    if isinstance(claimed, LinkedFile):
        return _left_alone(one, claimed), None
    try:
        ended, stop = _sent(one, context)
    except KeyboardInterrupt:
        ended, stop = _ended(one, LinkOutcome.UNKNOWN, AnswerUnclear("link-interrupted")), Interrupted("stopped-before")
    try:
        context.store.record(claimed, _STATES[ended.outcome], context.now(), ended.file_key, ended.reason)
    except ImporterError as error:
        reason = ended.reason or (error.key, error.facts)
        return Linked(one.file, one.journal_number, one.line, ended.outcome, ended.file_key, reason), stop or error
    return ended, stop


_STATES = {
    LinkOutcome.LINKED: LinkState.LINKED,
    LinkOutcome.REFUSED: LinkState.REFUSED,
    LinkOutcome.UNKNOWN: LinkState.UNKNOWN,
    LinkOutcome.NOT_SENT: LinkState.REFUSED,
}


def _sent(one: FileToLink, context: AttachmentContext) -> tuple[Linked, ImporterError | None]:
    try:
        document = link_document(
            context.session, one.journal_number, Path(one.file), line_number=one.line, private=context.private
        )
    except (ServiceFailure, RequestRefused) as failure:
        is_doubtful = failure.effect is Effect.UNKNOWN
        return _ended(one, LinkOutcome.UNKNOWN if is_doubtful else LinkOutcome.REFUSED, failure), None
    except ImporterError as error:
        if error.effect is Effect.UNKNOWN:
            return _ended(one, LinkOutcome.UNKNOWN, error), None
        # Out of reach, or the session is over (220 and 221 are complete answers: nothing was done, A-19).
        return _ended(one, LinkOutcome.NOT_SENT, error), error
    return Linked(one.file, one.journal_number, one.line, LinkOutcome.LINKED, document.file_key), None


def _left_alone(one: FileToLink, known: LinkedFile) -> Linked:
    """Linked before, or nobody knows: not sent again."""
    if known.state is LinkState.LINKED:
        return Linked(one.file, one.journal_number, one.line, LinkOutcome.ALREADY_LINKED, known.file_key)
    doubt = AnswerUnclear("link-in-doubt", at=f"{known.sent_at:%Y-%m-%d %H:%M} UTC")
    return _ended(one, LinkOutcome.UNKNOWN, doubt)


def _ended(one: FileToLink, outcome: LinkOutcome, why: ImporterError) -> Linked:
    return Linked(one.file, one.journal_number, one.line, outcome, reason=(why.key, dict(why.facts)))


def _content_of(file: Path) -> FileContent:
    """Raises RequestRefused when the file cannot be linked or read."""
    checked_upload(file)
    try:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise RequestRefused("file", "readable-file", name=file.name) from error
    return FileContent(file.name, extension_of(file), digest)
