"""Files of a journal: linked, removed; and its voucher as a PDF, in six formats and three languages, whose words are in
`voucher_words.toml`. No linked file is ever listed or given back (F-06)."""

import base64
import time
import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from importer.sandbox.changes import DocumentLinked, DocumentRemoved, take
from importer.sandbox.company import DIMENSIONS, Company, Document, Journal, Line
from importer.sandbox.operations import Call, Members, QueryError, with_response
from importer.sandbox.pdf import MILLIMETRE, Pages, Picture, printable, read_picture
from importer.sandbox.request_body import (
    FilledText,
    FromOne,
    FromOneAsText,
    MalformedError,
    SentFile,
    Shape,
    read_shape,
)
from importer.sandbox.switches import Dialect

EXTENSIONS = frozenset({"img", "jpg", "png", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip"})
LARGEST_FILE, LARGEST_FILE_IN_BINARY = 40_000_000, 41_943_040
"""The two readings of 40MB (F-03)."""


class _Upload(Shape):
    journalNumber: FromOneAsText
    file: SentFile
    private: Literal["true", "false"]
    lineNumber: FromOneAsText | msgspec.UnsetType = msgspec.UNSET


class _Deletion(Shape):
    journalNumber: FromOne
    fileKey: FilledText
    fileExtension: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9]+\Z")]
    lineNumber: FromOne | msgspec.UnsetType = msgspec.UNSET


class _Logo(Shape):
    logoSource: FilledText  # an empty object is refused (I-05)


class _Printing(Shape):
    journalNumber: int
    book: FilledText
    printFormat: str
    logoOption: _Logo | msgspec.UnsetType = msgspec.UNSET


def link_document(call: Call) -> Members:
    """Links a file and answers its key; two uploads make two (F-11). 206: bad data, 204: no such journal or line."""
    sent = read_shape(_Upload, call.body)
    file = sent.file
    if "/" in file.name or "\\" in file.name:
        raise MalformedError("a file name without path separators is wanted")
    extension = PurePosixPath(file.name).suffix.removeprefix(".").lower()
    if extension not in EXTENSIONS:
        raise MalformedError(f"files may end in {', '.join(sorted(EXTENSIONS))}")
    largest = LARGEST_FILE_IN_BINARY if call.switches.larger_documents else LARGEST_FILE
    if file.size > largest:
        raise MalformedError(f"the file has more than {largest} bytes")
    journal, line = int(sent.journalNumber), None if sent.lineNumber is msgspec.UNSET else int(sent.lineNumber)
    _require_place(call, journal, line)
    # The key looks like milliseconds, and is no other document's (F-07).
    key = next(key for key in map(str, count(int(time.time() * 1000))) if key not in call.company.documents)
    document = Document(key, journal, extension, sent.private == "true", file.size, line, file.sha256)
    take(call.company, DocumentLinked(document))
    return {"message": "The document has been successfully linked", "fileKey": key}


def delete_document(call: Call) -> Members:
    """Unlinks a file; journal, line and extension must be those of the upload (F-08, F-09)."""
    sent = read_shape(_Deletion, call.body)
    journal, line = sent.journalNumber, None if sent.lineNumber is msgspec.UNSET else sent.lineNumber
    _require_place(call, journal, line)
    document = call.company.documents.get(sent.fileKey)
    if document is None:
        raise QueryError("206")
    if (document.journal, document.line) != (journal, line):
        raise QueryError("204")
    if document.extension != sent.fileExtension.lower():
        raise QueryError("206")
    take(call.company, DocumentRemoved(document.file_key))
    return {"message": "The document has been successfully deleted"}


def _require_place(call: Call, journal: int, line: int | None) -> None:
    if call.switches.storage_off:
        raise QueryError("205")
    there = call.company.ledger.journals.get(journal)
    if there is None or (line is not None and line > len(there.lines)):
        raise QueryError("204")


def print_journal(call: Call) -> Members:
    """The PDF in base64. 203: language, book, format or logo are none (I-01 to I-05); 201: no such journal."""
    language = call.query.get("lang", "")
    if language not in LANGUAGES:
        raise MalformedError(f"lang must be one of {', '.join(LANGUAGES)}")
    sent = read_shape(_Printing, call.body)
    layouts = LIVE_LAYOUTS if call.dialect is Dialect.LIVE else LAYOUTS
    if sent.printFormat not in layouts:
        raise MalformedError(f"printFormat must be one of {', '.join(layouts)}")
    if sent.book.rstrip(" ") != "A":
        raise MalformedError("book must be A")
    logo = None if sent.logoOption is msgspec.UNSET else _read_logo(sent.logoOption.logoSource)
    if call.switches.printing_off:
        raise QueryError("204")
    journal = call.company.ledger.journals.get(sent.journalNumber)
    if journal is None:
        raise QueryError("201", "the journal does not exist")
    pdf = print_voucher(journal, call.company, sent.printFormat, language, logo)
    return with_response(base64.b64encode(pdf).decode("ascii"), "Successfully uploaded")


def _read_logo(source: str) -> Picture:
    try:
        return read_picture(base64.b64decode(source, validate=True))
    except ValueError as error:
        raise MalformedError(f"logoSource is no JPEG or PNG picture in base64: {error}") from None


LANGUAGES = ("en", "es", "fr")

MONEY = frozenset({"debit", "credit", "amount"})
"""Columns of numbers."""

LARGEST_LOGO_SIDE = 18
"""Millimetres."""

LONGEST_TEXT = 60
"""Longer texts are cut, so that a row always fits its page."""

Millimetres = int


class Layout(NamedTuple):
    """A format; `columns` are names of `voucher_words.toml` with their widths in proportion to each other."""

    paper: tuple[Millimetres, Millimetres]
    columns: dict[str, int]
    signatures: tuple[str, ...]
    margin: Millimetres = 15
    type_size: int = 9
    has_amount_box: bool = False


LETTER, LETTER_LYING, HALF_LETTER, CHECK, TILL_ROLL = (216, 279), (279, 216), (216, 140), (216, 110), (80, 297)

LAYOUTS = {
    "PFP": Layout(
        LETTER_LYING,
        {
            **{"line": 10, "date": 17, "account": 18, "name": 38, "reference": 22},
            **{"description": 44, "dimensions": 44, "debit": 24, "credit": 24},
        },
        ("prepared", "reviewed", "authorised"),
        type_size=8,
    ),
    "PP": Layout(
        LETTER,
        {"account": 22, "name": 42, "description": 52, "debit": 27, "credit": 27},
        ("authorised", "received"),
        has_amount_box=True,
    ),
    "PC": Layout(
        CHECK,
        {"account": 25, "description": 70, "amount": 30},
        ("authorised",),
        margin=10,
        type_size=7,
        has_amount_box=True,
    ),
    "PR": Layout(
        HALF_LETTER,
        {"date": 22, "description": 80, "reference": 30, "amount": 30},
        ("received",),
        has_amount_box=True,
    ),
    "PCS": Layout(TILL_ROLL, {"description": 38, "amount": 26}, ("cashier",), margin=5, type_size=7),
    "PNM": Layout(LETTER, {"line": 12, "account": 25, "description": 75, "debit": 30, "credit": 30}, ("prepared",)),
}
LIVE_LAYOUTS = LAYOUTS | dict.fromkeys(("PGP", "PASR", "PAD", "PDM", "PPCV", "PVC"), LAYOUTS["PFP"])
"""With the formats that only the public client of the live service names; what they look like is not documented."""


@cache
def words_of(language: str) -> dict[str, Any]:
    """All words of a language; those of a format stand under its code."""
    text = (files("importer.sandbox") / "voucher_words.toml").read_text(encoding="utf-8")
    words: dict[str, Any] = tomllib.loads(text)[language]
    return words


def print_voucher(journal: Journal, company: Company, print_format: str, language: str, logo: Picture | None) -> bytes:
    """The PDF of a journal.

    journal, company: what is printed, and whose names stand on it.
    print_format: a format of `LIVE_LAYOUTS`; one that has no words is a policy under its own code.
    language: one of `LANGUAGES`.
    logo: a picture for the upper right corner, or None.
    """
    words, layout = words_of(language), LIVE_LAYOUTS[print_format]
    of_format = words.get(print_format, {**words["PFP"], "title": print_format})
    title = of_format["title"]
    footer = f"{company.name} · {journal.voucher} · {words['page']}"
    pages = Pages(f"{title} {journal.number}", layout.paper, layout.margin, footer, journal.lines[0].entry_date)
    if logo is not None:
        pages.draw(logo, min(LARGEST_LOGO_SIDE, layout.paper[0] // 8) * MILLIMETRE)
    _write_head(pages, journal, company, title, words)
    total = sum((line.amount for line in journal.lines if line.amount > 0), Decimal(0))
    amount = f"{money(total, language)} {journal.currency}"
    if layout.has_amount_box:
        pages.write_boxed(f"{words['amount']}: {amount}", 12)
        pages.y -= 6
    pages.write(of_format["lead"].format(journal=journal.number, voucher=journal.voucher, amount=amount), 10, bold=True)
    pages.y -= 6
    rows = [
        [words[column] for column in layout.columns],
        *(_row(position, line, company, layout, language) for position, line in enumerate(journal.lines, 1)),
        _totals(journal.lines, layout, language),
    ]
    numbers = [place for place, column in enumerate(layout.columns) if column in MONEY]
    pages.write_table(rows, list(layout.columns.values()), layout.type_size, numbers)
    _write_signatures(pages, [words[name] for name in layout.signatures])
    return pages.output()


def _write_head(pages: Pages, journal: Journal, company: Company, title: str, words: dict[str, Any]) -> None:
    pages.write(company.name, 10, bold=True)
    pages.write(f"{company.business_name} · {company.rfc} · {company.address}", 7)
    pages.write(title, 15, bold=True)
    type_name = company.journal_types.get(journal.journal_type, "")
    for name, fact in (
        ("journal", f"{journal.number}   {words['voucher']}: {journal.voucher}"),
        ("type", f"{journal.journal_type} {type_name}"),
        ("period", f"{journal.period}   {words['currency']}: {journal.currency}"),
        ("entered", journal.lines[0].entry_date.isoformat()),
    ):
        pages.write(f"{words[name]}: {fact}", 8)
    pages.y -= 6


def _row(position: int, line: Line, company: Company, layout: Layout, language: str) -> list[str]:
    account = company.accounts.get(line.account)
    codes = zip(DIMENSIONS, line.codes, strict=True)
    amount = money(abs(line.amount), language)
    cells = {
        "line": str(position),
        "date": line.transaction_date.isoformat(),
        "account": line.account,
        "name": account.name if account else "",
        "reference": line.treference,
        "description": line.description,
        "dimensions": ", ".join(f"{dimension.name} {code}" for dimension, code in codes if code),
        "debit": amount if line.amount < 0 else "",
        "credit": "" if line.amount < 0 else amount,
        "amount": f"{'-' if line.amount < 0 else ''}{amount}",
    }
    texts = (cells[column] for column in layout.columns)
    return [text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…" for text in texts]


def _totals(lines: tuple[Line, ...], layout: Layout, language: str) -> list[str]:
    debit = money(sum((-line.amount for line in lines if line.amount < 0), Decimal(0)), language)
    credit = money(sum((line.amount for line in lines if line.amount > 0), Decimal(0)), language)
    sums = {"debit": debit, "credit": credit, "amount": credit}
    _, *others = layout.columns
    return [words_of(language)["total"], *(sums.get(column, "") for column in others)]


def _write_signatures(pages: Pages, signatures: list[str]) -> None:
    """A rule for each signature, side by side, with its word below."""
    width = pages.inner_width / max(len(signatures), 2)
    pages.make_room(48)
    pages.y -= 36
    for place, signature in enumerate(signatures):
        x = pages.margin + place * width
        pages.rule(x, x + width - 12)
        pages.write_at(x, pages.y - 11, printable(signature), 8)
    pages.y -= 12


def money(amount: Decimal, language: str) -> str:
    """An amount with two decimals as the language writes it; 1,250.30 in Mexico, too."""
    written = f"{amount:,.2f}"
    return written.replace(",", "\u00a0").replace(".", ",") if language == "fr" else written
