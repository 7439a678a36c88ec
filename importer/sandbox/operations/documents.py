"""Files of a journal: linked, removed, and its voucher as a PDF. No linked file is ever listed or given back (F-06)."""

import base64
import time
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec

from importer.sandbox.authentication import Dialect
from importer.sandbox.changes import DocumentLinked, DocumentRemoved, take
from importer.sandbox.company import Company, Document
from importer.sandbox.operation import Call, Members, QueryError, read_number, with_response
from importer.sandbox.pdf import Picture, read_picture
from importer.sandbox.request_body import FilledText, FromOne, MalformedError, SentFile, Shape, read_shape
from importer.sandbox.vouchers import LANGUAGES, LAYOUTS, LIVE_LAYOUTS, print_voucher

EXTENSIONS = frozenset({"img", "jpg", "png", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip"})
LARGEST_FILE, LARGEST_FILE_IN_BINARY = 40_000_000, 41_943_040
"""The two readings of 40MB (F-03)."""

PARTS = frozenset({"journalNumber", "lineNumber", "file", "private"})


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
    parts = _read_parts(call.body)
    file = parts["file"]
    if not isinstance(file, SentFile):
        raise MalformedError("file must be a part with a file name")
    extension = _read_extension(file.name)
    largest = LARGEST_FILE_IN_BINARY if call.switches.larger_documents else LARGEST_FILE
    if file.size > largest:
        raise MalformedError(f"the file has more than {largest} bytes")
    private = parts["private"]
    if private not in ("true", "false"):
        raise MalformedError("private must be true or false")
    journal = read_number(parts["journalNumber"], "journalNumber", 1)
    line = read_number(parts["lineNumber"], "lineNumber", 1) if "lineNumber" in parts else None
    _require_storage(call)
    _require_place(call.company, journal, line)
    key = _new_key(call.company)
    document = Document(key, journal, extension, private == "true", file.size, line, file.sha256)
    take(call.company, DocumentLinked(document))
    return {"message": "The document has been successfully linked", "fileKey": key}


def delete_document(call: Call) -> Members:
    """Unlinks a file; journal, line and extension must be those of the upload (F-08, F-09)."""
    sent = read_shape(_Deletion, call.body)
    journal, line = sent.journalNumber, None if sent.lineNumber is msgspec.UNSET else sent.lineNumber
    _require_storage(call)
    _require_place(call.company, journal, line)
    document = call.company.documents.get(sent.fileKey)
    if document is None:
        raise QueryError("206")
    if (document.journal, document.line) != (journal, line):
        raise QueryError("204")
    if document.extension != sent.fileExtension.lower():
        raise QueryError("206")
    take(call.company, DocumentRemoved(document.file_key))
    return {"message": "The document has been successfully deleted"}


def _read_parts(form: object) -> dict[str, Any]:
    if not isinstance(form, tuple):
        raise MalformedError("a form of several parts is wanted")
    parts = dict(form)
    if len(parts) < len(form):
        raise MalformedError("a part came twice")
    if foreign := parts.keys() - PARTS:
        raise MalformedError(f"{min(foreign)[:40]} is no part")
    if missing := PARTS - parts.keys() - {"lineNumber"}:
        raise MalformedError(f"{min(missing)} is missing")
    return parts


def _read_extension(name: str) -> str:
    if "/" in name or "\\" in name:
        raise MalformedError("a file name without path separators is wanted")
    extension = PurePosixPath(name).suffix.removeprefix(".").lower()
    if extension not in EXTENSIONS:
        raise MalformedError(f"files may end in {', '.join(sorted(EXTENSIONS))}")
    return extension


def _require_storage(call: Call) -> None:
    if call.switches.storage_off:
        raise QueryError("205")


def _require_place(company: Company, journal: int, line: int | None) -> None:
    there = company.ledger.journals.get(journal)
    if there is None or (line is not None and line > len(there.lines)):
        raise QueryError("204")


def _new_key(company: Company) -> str:
    """Looks like milliseconds, and is no other document's (F-07)."""
    key = int(time.time() * 1000)
    while str(key) in company.documents:
        key += 1
    return str(key)


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
