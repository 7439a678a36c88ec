"""Vouchers of posted journals as PDF files: under names that an accountant finds, never over another file."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from importer.errors import AnswerUnclear, ImporterError, ServiceFailure, SetupError
from importer.model.attachments import SavedVoucher, VoucherOutcome
from importer.model.results import Company
from importer.post.send import Attempt, in_order
from importer.services.session import Session
from importer.services.sunplusxtra.journals import PrintFormat, print_journal
from importer.translations import Language

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
    tell: Callable[[], None] = lambda: None
    interrupts: Callable[[], int] = lambda: 0


def save_vouchers(wanted: Iterable[tuple[int, str | None]], context: PrintContext) -> list[SavedVoucher]:
    """Saves the voucher of each journal (journal number, voucher number or None), and says what came of each.

    Never raises for a journal, the service or the folder. What no further journal would get past (the service is out of
    reach or gave three unclear answers in a row, the session is over, the folder cannot be written, Ctrl-C) is the
    reason for the rest too.
    """

    def attempt(one: tuple[int, str | None]) -> Attempt[SavedVoucher]:
        result, failure = _saved(*one, context)
        if isinstance(failure, AnswerUnclear):
            return Attempt(result, unknown=failure)
        return Attempt(result, stop=None if isinstance(failure, ServiceFailure) else failure)

    journals = list(wanted)
    saved, stop = in_order(
        journals, attempt, interrupts=context.interrupts, tell=context.tell, interrupted="stopped-before"
    )
    if stop is not None:
        saved += [_without_file(number, VoucherOutcome.NOT_SAVED, stop) for number, _ in journals[len(saved) :]]
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
