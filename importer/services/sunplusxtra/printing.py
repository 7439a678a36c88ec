"""Journals as PDF."""

import base64
import binascii
from enum import StrEnum

from importer.errors import AnswerUnclear, RequestRefused
from importer.language import Language
from importer.services import arguments
from importer.services.answers import read_as
from importer.services.session import Session

PDF = b"%PDF-"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""The first bytes of a JPEG and of a PNG."""


class PrintFormat(StrEnum):
    """The six formats (I-02)."""

    FINANCIAL_POLICY = "PFP"
    PAYMENT = "PP"
    CHECK = "PC"
    RECEIPT = "PR"
    CASH_REPORT = "PCS"
    NOTICE = "PNM"


COUNTED = frozenset({PrintFormat.CHECK, PrintFormat.RECEIPT})
"""Printing one of these may be counted, so it is not asked for a second time without a person (I-08)."""


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
    ServiceFailure (204: printing is not available, I-07), NotSent.
    """
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
