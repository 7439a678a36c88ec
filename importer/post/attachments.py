"""What belongs to posted journals as files. Files are linked to them: each is sent once, written down before a byte
leaves, and never repeated, since nothing can tell what became of an upload without an answer. Their vouchers are saved
as PDF files, under names that an accountant finds, never over another file."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from importer.errors import (
    AnswerUnclear,
    Effect,
    ExitCode,
    ImporterError,
    Interrupted,
    RequestRefused,
    ServiceFailure,
    SetupError,
)
from importer.model.journals import Journal
from importer.model.postings import FileLink, LinkedFile, LinkState, Reason, SavedVoucher, VoucherOutcome
from importer.model.problems import Place, Problem
from importer.model.results import Company
from importer.post.send import in_order
from importer.services.session import Session
from importer.services.sunplusxtra.journals import PrintFormat, checked_upload, link_document, print_journal
from importer.translations import Language, sentence_of

_PROBLEMS = {
    LinkState.REFUSED: "attachment-refused",
    LinkState.UNKNOWN: "attachment-unknown",
    LinkState.NOT_SENT: "attachment-not-sent",
}


class _AttachmentStore(Protocol):
    """The part of the store that linking needs; each call is one durable commit."""

    def claim(self, wanted: FileLink, sha256: str, at: datetime, *, again: bool = False) -> int | LinkedFile: ...

    def record(
        self, id_: int, state: LinkState, at: datetime, file_key: str | None = None, reason: Reason | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class AttachmentContext:
    """What linking works with: the session, the store, whom to tell of each file that ended, how often Ctrl-C was
    pressed so far. `again`: also what is linked already; `private` as the service takes it (F-13)."""

    session: Session
    store: _AttachmentStore
    tell: Callable[[], None] = lambda: None
    interrupts: Callable[[], int] = lambda: 0
    again: bool = False
    private: bool = True


def files_to_link(journal: Journal, journal_number: int, files: Mapping[int, Sequence[str]]) -> list[FileLink]:
    """The files of a journal's rows (paths by row), each for the line of its row: lines travel numbered 1..n (J-09)."""
    return [
        FileLink(file, journal_number, number)
        for number, line in enumerate(journal.lines, start=1)
        for file in files.get(line.row, ())
    ]


def link_files(wanted: Sequence[FileLink], context: AttachmentContext) -> list[FileLink]:
    """Links each file once, in order, and says what is true of each.

    Never raises for a file, the service or the store. A session that is over, a service out of reach, a store that
    cannot be written, three unknowns in a row or Ctrl-C keep the rest from being sent (NOT_SENT, with the reason).
    """
    breaker = AnswerUnclear("link-breaker")

    def attempt(one: FileLink) -> tuple[FileLink, ImporterError | None, ImporterError | None]:
        ended, stop = _link_one(one, context)
        return ended, breaker if ended.outcome is LinkState.UNKNOWN else None, stop

    linked, stop = in_order(wanted, attempt, context.interrupts, context.tell, interrupted="stopped-before")
    if stop is not None:
        linked += [_ended(one, LinkState.NOT_SENT, stop) for one in wanted[len(linked) :]]
    return linked


def problem_of(linked: FileLink, place: Place, document: str | None, language: Language) -> Problem | None:
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


def exit_code_of_links(linked: Iterable[FileLink]) -> int:
    """4 when an outcome is unknown, 1 when a file was refused or not sent, else 0."""
    outcomes = {one.outcome for one in linked}
    if LinkState.UNKNOWN in outcomes:
        return ExitCode.UNKNOWN
    return ExitCode.FAULTY if outcomes & {LinkState.REFUSED, LinkState.NOT_SENT} else ExitCode.FINE


def _link_one(one: FileLink, context: AttachmentContext) -> tuple[FileLink, ImporterError | None]:
    """What came of a file, and what keeps the rest from being sent (None: nothing)."""
    try:
        sha256 = _checked_hash(Path(one.file))
        known = context.store.claim(one, sha256, datetime.now(UTC), again=context.again)
    except RequestRefused as refusal:
        return _ended(one, LinkState.REFUSED, refusal), None
    except ImporterError as error:
        return _ended(one, LinkState.NOT_SENT, error), error
    if isinstance(known, LinkedFile):  # linked before, or nobody knows: not sent again
        if known.state is LinkState.LINKED:
            return replace(one, outcome=LinkState.ALREADY_LINKED, file_key=known.file_key), None
        doubt = AnswerUnclear("link-in-doubt", at=f"{known.sent_at:%Y-%m-%d %H:%M} UTC")
        return _ended(one, LinkState.UNKNOWN, doubt), None
    try:
        ended, stop = _sent(one, context)
    except KeyboardInterrupt:
        ended, stop = _ended(one, LinkState.UNKNOWN, AnswerUnclear("link-interrupted")), Interrupted("stopped-before")
    state = LinkState.REFUSED if ended.outcome is LinkState.NOT_SENT else ended.outcome
    try:
        context.store.record(known, state, datetime.now(UTC), ended.file_key, ended.reason)
    except ImporterError as error:
        return replace(ended, reason=ended.reason or (error.key, error.facts)), stop or error
    return ended, stop


def _checked_hash(file: Path) -> str:
    """The file's SHA-256. Raises RequestRefused when it cannot be linked or read."""
    checked_upload(file)
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise RequestRefused("file", "readable-file", name=file.name) from error


def _sent(one: FileLink, context: AttachmentContext) -> tuple[FileLink, ImporterError | None]:
    try:
        document = link_document(
            context.session, one.journal_number, Path(one.file), line_number=one.line, private=context.private
        )
    except ImporterError as error:
        if error.effect is Effect.UNKNOWN:
            return _ended(one, LinkState.UNKNOWN, error), None
        if isinstance(error, ServiceFailure | RequestRefused):
            return _ended(one, LinkState.REFUSED, error), None
        # Out of reach, or the session is over (220 and 221 are complete answers: nothing was done, A-19).
        return _ended(one, LinkState.NOT_SENT, error), error
    return replace(one, outcome=LinkState.LINKED, file_key=document.file_key), None


def _ended(one: FileLink, outcome: LinkState, why: ImporterError) -> FileLink:
    return replace(one, outcome=outcome, reason=(why.key, dict(why.facts)))


LONGEST_PART = 30
"""Characters of each part of a file's name: 255 bytes are the most (ext4, APFS)."""

_RESERVED = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


@dataclass(frozen=True, slots=True)
class PrintContext:
    """How vouchers are printed, and where to: `folder` is made when it is not there. `book` and `logo` as
    `print_journal` takes them; `interrupts` tells how often Ctrl-C was pressed."""

    session: Session
    company: Company
    folder: Path
    language: Language
    print_format: PrintFormat = PrintFormat.FINANCIAL_POLICY
    book: str = "A"
    logo: bytes | None = None
    interrupts: Callable[[], int] = lambda: 0


def save_vouchers(wanted: Sequence[tuple[int, str | None]], context: PrintContext) -> list[SavedVoucher]:
    """Saves the voucher of each journal (journal number, voucher number or None), and says what came of each.

    Never raises for a journal, the service or the folder. What no further journal would get past (the service is out of
    reach or gave three unclear answers in a row, the session is over, the folder cannot be written, Ctrl-C) is the
    reason for the rest too.
    """

    def attempt(one: tuple[int, str | None]) -> tuple[SavedVoucher, ImporterError | None, ImporterError | None]:
        result, failure = _saved(*one, context)
        if isinstance(failure, AnswerUnclear):
            return result, failure, None
        return result, None, None if isinstance(failure, ServiceFailure) else failure

    saved, stop = in_order(wanted, attempt, context.interrupts, lambda: None, interrupted="stopped-before")
    if stop is not None:
        saved += [_without_file(number, VoucherOutcome.NOT_SAVED, stop) for number, _ in wanted[len(saved) :]]
    return saved


def voucher_name(company: Company, number: int, voucher: str | None, print_format: PrintFormat) -> str:
    """Sorted by company and journal: `5 IAN - 5326 - JV2018-0714 - PFP.pdf`, without what a file system refuses."""
    parts = (f"{company.id} {company.name}", f"{number}", voucher or "", print_format.value)
    return " - ".join(plain for part in parts if (plain := _plain(part))) + ".pdf"


def not_saved(number: int, error: ImporterError) -> SavedVoucher:
    """A voucher that could not be had, by what was raised."""
    match error:
        case ServiceFailure():
            return _without_file(number, VoucherOutcome.REFUSED, error)
        case AnswerUnclear():
            return _without_file(number, VoucherOutcome.UNCLEAR, error)
        case _:
            return _without_file(number, VoucherOutcome.NOT_SAVED, error)


def _saved(number: int, voucher: str | None, context: PrintContext) -> tuple[SavedVoucher, ImporterError | None]:
    try:
        with _translated(context.folder):
            context.folder.mkdir(parents=True, exist_ok=True)
        pdf = print_journal(
            context.session, number, context.print_format, context.language, book=context.book, logo=context.logo
        )
        with _translated(context.folder):
            name = context.folder / voucher_name(context.company, number, voucher, context.print_format)
            return SavedVoucher(number, VoucherOutcome.SAVED, str(_written_beside(name, pdf))), None
    except ImporterError as error:
        return not_saved(number, error), error


def _without_file(number: int, outcome: VoucherOutcome, error: ImporterError) -> SavedVoucher:
    return SavedVoucher(number, outcome, reason=(error.key, dict(error.facts)))


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SetupError("voucher-folder", folder=str(folder), detail=error.strerror or str(error)) from error


def _written_beside(file: Path, content: bytes) -> Path:
    """Writes under the name, or with (2), (3), ... where another file has it; the same file is left as it is."""
    place, times = file, 1
    while True:
        try:
            place.open("xb").close()  # from here on the name is ours
        except FileExistsError:
            if place.is_file() and place.read_bytes() == content:
                return place
            times += 1
            place = file.with_name(f"{file.stem} ({times}){file.suffix}")
            continue
        _fill(place, content)
        return place


def _fill(file: Path, content: bytes) -> None:
    """Gives an empty file its content, whole, or removes it."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    except BaseException:
        for left in (part, file):
            with suppress(OSError):
                left.unlink(missing_ok=True)
        raise


def _plain(text: str) -> str:
    """Text that every file system takes in a name (Windows' rules are the strictest)."""
    visible = "".join(mark for mark in unicodedata.normalize("NFC", text) if mark.isprintable())
    return re.sub(r"\s+", " ", _RESERVED.sub("_", visible))[:LONGEST_PART].strip(" .")
