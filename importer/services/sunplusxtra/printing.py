"""Journals as PDF."""

import base64
import binascii
from enum import StrEnum

from importer.errors import AnswerUnclear, RequestRefused
from importer.services import arguments
from importer.services.dialects import Dialect
from importer.services.responses import read_as
from importer.services.session import Session
from importer.translations import Language

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
        body["logoOption"] = {"logoSource": _logo_text(logo)}
    query = {"lang": Language(language).value}
    envelope = session.read("print_journal", body=body, query=query, repeats=print_format not in COUNTED)
    try:
        content = base64.b64decode(read_as(str, envelope.response), validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnswerUnclear("not-pdf") from error
    if not content.startswith(PDF):
        raise AnswerUnclear("not-pdf")
    return content


def _logo_text(logo: bytes) -> str:
    if not logo.startswith(PICTURES):
        raise RequestRefused("logo", "picture")
    return base64.b64encode(logo).decode("ascii")
