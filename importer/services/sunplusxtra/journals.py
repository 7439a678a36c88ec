"""Journals: posted, read from the ledger, printed as PDF; and files linked to them. The service lists no such file: one
whose key was lost cannot be removed any more (F-06)."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import msgspec

from importer.errors import AnswerUnclear, RequestRefused
from importer.files import extension_of, fault_of_file, media_type_of
from importer.model.dates import LedgerDay, Period
from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Line, Side
from importer.services import arguments
from importer.services.http import Parts, Response, Upload
from importer.services.operations import OPERATIONS, Dialect
from importer.services.responses import (
    AnalysedRow,
    Text,
    finite,
    period_in,
    read_as,
    required_period,
    rows_or_none,
    successful_envelope,
    text_of,
    trimmed,
)
from importer.services.session import Session
from importer.translations import Language

CENT = Decimal("0.01")
LONGEST_NUMBER = 12
_MEMBERS = (
    *("line", "expiration", "journalType", "account", "treference"),
    *DIMENSION_FIELDS,
    *("description", "transaction", "amount", "currency", "transDateTime"),
    *("memoAmount", "period", "expectedDate", "assetCode", "assetIndicator"),
    *(f"description{place}" for place in range(1, EXTRA_DESCRIPTIONS + 1)),
)
"""The members of a line in the order in which they travel; `_line_payload` gives their values in the same order."""

_LinePayload = msgspec.defstruct("_LinePayload", [(member, object) for member in _MEMBERS], frozen=True, gc=False)


@dataclass(frozen=True, slots=True)
class PostedAs:
    """What the ledger calls a journal; the voucher number is None when the answer has none."""

    journal_number: str
    voucher_number: str | None


class _Posted(msgspec.Struct, frozen=True, rename="camel"):
    journal_number: str | int | None = None
    voucher_number: str | int | None = None


class JournalPayload(msgspec.Struct, frozen=True, rename={"lines": "requestPolicyDetails"}):
    """The body of POST /journal. A struct's names are written three times as fast as a dict's."""

    lines: list[object]


def journal_payload(lines: Sequence[Line]) -> JournalPayload:
    """The body of POST /journal. Lines are numbered 1 to n in the order given (J-09); unused members travel as `""`
    (J-02); amounts are exact decimals of two places, days `yyyy-mm-dd`."""
    return JournalPayload([_line_payload(number, line) for number, line in enumerate(lines, start=1)])


def _line_payload(number: int, line: Line) -> object:
    return _LinePayload(
        *(number, _or_blank(line.expiration), line.journal_type, line.account, line.reference),
        *line.dimensions,
        *(line.description, line.side, line.amount.quantize(CENT), line.currency, line.transaction_date),
        "" if line.memo_amount is None else line.memo_amount.quantize(CENT),
        *(str(line.period), _or_blank(line.expected_date), line.asset_code, line.asset_indicator),
        *line.descriptions,
    )


def _or_blank(day: date | None) -> date | str:
    return "" if day is None else day


def post_journal(session: Session, payload: object) -> PostedAs:
    """POST /journal, once: never repeated here, since it has no idempotency key (A-26).

    Takes what `journal_payload` gives. Raises ServiceFailure (HTTP 201, with `linesError` as `lines`), AnswerUnclear
    when the journal may or may not have been posted, NotSent when nothing left.
    """
    return posted_as(session.send("post_journal", body=payload))


def posted_as(answer: Response) -> PostedAs:
    """The numbers in a complete answer to POST /journal. Only 200 with a journal number is a success."""
    posted = read_as(_Posted, successful_envelope(answer, OPERATIONS["post_journal"]).response)
    number = str(posted.journal_number or "").strip()
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER and int(number)):
        raise AnswerUnclear("no-number")
    return PostedAs(str(int(number)), str(posted.voucher_number or "").strip() or None)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line as the ledger stores it: `amount` is positive with its side from `dc` (J-06), texts without the
    blanks at their end, days as instants that a time zone makes days of (P-10).

    `other_amount` and `fourth_amount` are the same in other currency values, positive too; `memo_amount` is
    as it comes. The line is allocated exactly when `allocation` is not empty (P-14).
    """

    journal_number: int
    line_number: int
    journal_type: str
    account: str
    side: Side
    amount: Decimal
    dimensions: tuple[str, ...]
    reference: str
    description: str
    currency: str
    period: Period
    transaction_day: LedgerDay
    voucher_number: str
    other_amount: Decimal | None = None
    fourth_amount: Decimal | None = None
    fourth_currency: str = ""
    memo_amount: Decimal | None = None
    source: str = ""
    due_day: LedgerDay | None = None
    entry_day: LedgerDay | None = None
    posting_day: LedgerDay | None = None
    entry_period: Period | None = None
    allocation: str = ""
    allocation_reference: int | None = None
    allocation_period: Period | None = None
    asset_code: str = ""
    asset_indicator: str = ""
    reversal: str = ""
    rough_flag: str = ""


class _LedgerRow(AnalysedRow, frozen=True, kw_only=True):
    jrnalNo: int
    jrnalLine: int
    accntCode: str
    amount: Decimal
    dc: str
    period: Text
    transDateTime: int
    jrnalType: str | None = None
    treference: str | None = None
    descriptn: str | None = None
    convCode: str | None = None
    vchrNum: Text = None
    vouchrNum: Text = None
    otherAmt: Decimal | None = None
    cv4Amt: Decimal | None = None
    cv4ConvCode: str | None = None
    memoAmt: Decimal | None = None
    jrnalSrce: str | None = None
    dueDateTime: int | None = None
    entryDateTime: int | None = None
    postingDateTime: int | None = None
    entryPrd: Text = None
    allocation: str | None = None
    allocRef: int | None = None
    allocPeriod: Text = None
    assetCode: str | None = None
    assetInd: str | None = None
    reversal: str | None = None
    roughFlag: str | None = None

    def ledger_line(self) -> LedgerLine:
        voucher = self.vouchrNum if self.vchrNum is None else self.vchrNum
        if voucher is None:
            raise AnswerUnclear("unreadable")
        return LedgerLine(
            journal_number=self.jrnalNo,
            line_number=self.jrnalLine,
            journal_type=trimmed(self.jrnalType),
            account=trimmed(self.accntCode),
            side=self._side(),
            amount=self.amount.copy_abs(),
            dimensions=self.codes(),
            reference=trimmed(self.treference),
            description=trimmed(self.descriptn),
            currency=trimmed(self.convCode),
            period=required_period(self.period),
            transaction_day=LedgerDay(self.transDateTime),
            voucher_number=trimmed(voucher),
            other_amount=_size(self.otherAmt),
            fourth_amount=_size(self.cv4Amt),
            fourth_currency=trimmed(self.cv4ConvCode),
            memo_amount=finite(self.memoAmt),
            source=trimmed(self.jrnalSrce),
            due_day=_day(self.dueDateTime),
            entry_day=_day(self.entryDateTime),
            posting_day=_day(self.postingDateTime),
            entry_period=period_in(self.entryPrd),
            allocation=trimmed(self.allocation),
            allocation_reference=self.allocRef,
            allocation_period=period_in(self.allocPeriod),
            asset_code=trimmed(self.assetCode),
            asset_indicator=trimmed(self.assetInd),
            reversal=trimmed(self.reversal),
            rough_flag=trimmed(self.roughFlag),
        )

    def _side(self) -> Side:
        try:
            side = Side(self.dc.strip())
        except ValueError as error:
            raise AnswerUnclear("unreadable") from error
        if finite(self.amount) and self.amount.is_signed() != (side is Side.DEBIT):
            raise AnswerUnclear("sign", number=str(self.jrnalNo))
        return side


class _WrappedRow(msgspec.Struct, frozen=True):
    journalDetail: _LedgerRow | None = None
    journalDetalle: _LedgerRow | None = None


class _LedgerJournal(msgspec.Struct, frozen=True):
    lines: list[_WrappedRow] | None = None
    lineas: list[_WrappedRow] | None = None


def get_journal_range(session: Session, first: int, last: int) -> list[LedgerLine]:
    """POST /journal/range/first/last (a read without a body, A-22; GET in the live dialect): the lines of the journals
    numbered first to last.

    Numbers without a journal are simply absent (J-16). Both spellings of the members are read (N-03, N-09). A range
    whose answer would be too large is asked for again in halves. Raises AnswerUnclear when one journal alone is too
    large, the sign of an amount contradicts its side (J-06), or a line has no voucher number (N-03).
    """
    numbers = [arguments.number("journal-number", number, least=0) for number in (first, last)]
    if first > last:
        raise RequestRefused("journal-number", "not-after-last")
    try:
        return _lines_of(rows_or_none(_LedgerJournal, lambda: session.read("get_journal_range", *numbers)))
    except AnswerUnclear as error:
        if error.key != "too-large" or first == last:
            raise
    middle = (first + last) // 2
    return get_journal_range(session, first, middle) + get_journal_range(session, middle + 1, last)


def _lines_of(journals: Iterable[_LedgerJournal]) -> list[LedgerLine]:
    wrapped = (line for journal in journals for line in journal.lines or journal.lineas or ())
    details = (line.journalDetail or line.journalDetalle for line in wrapped)
    return [detail.ledger_line() for detail in details if detail is not None]


def _size(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else finite(amount).copy_abs()


def _day(milliseconds: int | None) -> LedgerDay | None:
    return None if milliseconds is None else LedgerDay(milliseconds)


PDF = b"%PDF-"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""The first bytes of a JPEG and of a PNG."""


class PrintFormat(StrEnum):
    """The six formats of the document (I-02), and those that only a public client of the live service names: what these
    mean is not documented."""

    FINANCIAL_POLICY = "PFP"
    PAYMENT = "PP"
    CHECK = "PC"
    RECEIPT = "PR"
    CASH_REPORT = "PCS"
    NOTICE = "PNM"
    PGP = "PGP"
    PASR = "PASR"
    PAD = "PAD"
    PDM = "PDM"
    PPCV = "PPCV"
    PVC = "PVC"


UNDOCUMENTED = frozenset(
    (PrintFormat.PGP, PrintFormat.PASR, PrintFormat.PAD, PrintFormat.PDM, PrintFormat.PPCV, PrintFormat.PVC)
)
"""Formats of the live dialect alone."""

COUNTED = UNDOCUMENTED | {PrintFormat.CHECK, PrintFormat.RECEIPT}
"""Printing one of these may be counted, so it is not asked for a second time without a person (I-08)."""


def refuse_foreign_format(print_format: PrintFormat, dialect: Dialect) -> None:
    """Raises RequestRefused for a format that this dialect does not know."""
    if print_format in UNDOCUMENTED and not dialect.prints_more:
        raise RequestRefused("print-format", "documented-format")


def print_journal(
    session: Session,
    journal_number: int,
    print_format: PrintFormat,
    language: Language,
    *,
    book: str = "A",
    logo: bytes | None = None,
) -> bytes:
    """POST /journal/print (a read): the PDF of a journal, its bytes.

    `book` is unexplained and "A" in all examples (I-03); `logo` is a JPEG or PNG in place of the default one.
    Raises AnswerUnclear when what comes is no PDF (I-06), RequestRefused for a logo of another kind (I-04),
    and for a format of another dialect, ServiceFailure (204: printing is not available, I-07), NotSent.
    """
    refuse_foreign_format(print_format, session.dialect)
    body: dict[str, object] = {
        "journalNumber": arguments.number("journal-number", journal_number),
        "book": arguments.filled_text("book", book),
        "printFormat": PrintFormat(print_format).value,
    }
    if logo is not None:
        if not logo.startswith(PICTURES):
            raise RequestRefused("logo", "picture")
        body["logoOption"] = {"logoSource": base64.b64encode(logo).decode("ascii")}
    query = {"lang": Language(language).value}
    envelope = session.read("print_journal", body=body, query=query, repeats=print_format not in COUNTED)
    try:
        content = base64.b64decode(read_as(str, envelope.response), validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnswerUnclear("not-pdf") from error
    if not content.startswith(PDF):
        raise AnswerUnclear("not-pdf")
    return content


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """What must be kept of a linked file to remove it again. `line_number` is the ledger's (N-05), None for the whole
    journal; `extension` is in small letters without a dot (F-08); `file_key` is opaque (F-07)."""

    journal_number: int
    line_number: int | None
    file_key: str
    extension: str


def link_document(
    session: Session, journal_number: int, file: Path, *, line_number: int | None = None, private: bool = True
) -> LinkedDocument:
    """POST /edocs: uploads a file, streamed from the disk, and links it to a journal or to one line of it.

    Never repeated: each success makes another file (F-11), and nothing shows what became of an unknown one. Raises
    what `Session.write` raises, and RequestRefused for a file that is not of the kinds, too large, empty, or not what
    its extension says (F-05).
    """
    upload = checked_upload(file)
    parts: Parts = (
        ("journalNumber", str(arguments.number("journal-number", journal_number))),
        *_line_part(line_number),
        ("file", upload),
        ("private", "true" if private else "false"),
    )
    key = text_of(session.write("link_document", parts=parts).file_key)
    if not key:
        raise AnswerUnclear("no-file-key")
    return LinkedDocument(journal_number, line_number, key, extension_of(file))


def delete_document(session: Session, document: LinkedDocument) -> None:
    """DELETE /edocs, with a body (A-21): unlinks and deletes a file; the line is the one of the linking (F-09).

    A repeated try that finds nothing is a success (F-10). Raises what `Session.write` raises, RequestRefused.
    """
    if not re.fullmatch("[A-Za-z0-9]+", document.extension):
        raise RequestRefused("file-extension", "extension")
    body = {
        "journalNumber": arguments.number("journal-number", document.journal_number),
        **{name: int(number) for name, number in _line_part(document.line_number)},
        "fileKey": arguments.filled_text("file-key", document.file_key),
        "fileExtension": document.extension,
    }
    session.write("delete_document", body=body)


def checked_upload(file: Path) -> Upload:
    """The file as it would be sent. Raises RequestRefused when `fault_of_file` finds something."""
    fault = fault_of_file(file)
    if fault is not None:
        raise RequestRefused("file", fault, name=file.name)
    # The name in plain ASCII without path parts (F-14); its extension stays.
    stem = unicodedata.normalize("NFKD", file.stem).encode("ascii", "ignore").decode()
    name = f"{re.sub(r'[^A-Za-z0-9._-]+', '_', stem) or 'document'}.{extension_of(file)}"
    return Upload(file, name, media_type_of(file))


def _line_part(number: int | None) -> tuple[tuple[str, str], ...]:
    """No part at all for a file of the whole journal (F-02)."""
    return () if number is None else (("lineNumber", str(arguments.number("line-number", number))),)
