"""Files linked to a journal or to one of its lines; none is ever listed or given back (F-06)."""

import re
import time
from pathlib import PurePosixPath
from typing import Any

from importer.sandbox import failures, shapes
from importer.sandbox.changes import DocumentLinked, DocumentRemoved
from importer.sandbox.company_lists import Company
from importer.sandbox.company_records import Document
from importer.sandbox.failures import MalformedError, QueryError
from importer.sandbox.multipart_form import Form, SentFile
from importer.sandbox.operation import Body, Call, Operation

EXTENSIONS = frozenset({"img", "jpg", "png", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip"})
LARGEST_FILE, LARGEST_FILE_IN_BINARY = 40_000_000, 41_943_040
"""The two readings of 40MB (F-03)."""

PARTS = frozenset({"journalNumber", "lineNumber", "file", "private"})


def _extension(value: object) -> str | None:
    is_one = type(value) is str and re.fullmatch("[A-Za-z0-9]+", value)
    return None if is_one else "letters and digits without a dot"


DELETION = shapes.ClosedObject(
    {
        "journalNumber": shapes.whole_number_from_one,
        "lineNumber": shapes.whole_number_from_one,
        "fileKey": shapes.filled_text,
        "fileExtension": _extension,
    },
    optional=frozenset({"lineNumber"}),
)


def link_document(call: Call) -> dict[str, object]:
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
    journal = _read_number(parts["journalNumber"], "journalNumber")
    line = _read_number(parts["lineNumber"], "lineNumber") if "lineNumber" in parts else None
    _require_storage(call)
    _require_place(call.company, journal, line)
    key = _new_key(call.company)
    document = Document(key, journal, line, extension, private == "true", file.size, file.sha256)
    call.company.take(DocumentLinked(document))
    return {"message": "The document has been successfully linked", "fileKey": key}


def delete_document(call: Call) -> dict[str, object]:
    """Unlinks a file; journal, line and extension must be those of the upload (F-08, F-09)."""
    members = DELETION.read(call.body)
    journal, line = members["journalNumber"], members.get("lineNumber")
    _require_storage(call)
    _require_place(call.company, journal, line)
    document = call.company.documents.get(members["fileKey"])
    if document is None:
        raise QueryError("206")
    if (document.journal, document.line) != (journal, line):
        raise QueryError("204")
    if document.extension != members["fileExtension"].lower():
        raise QueryError("206")
    call.company.take(DocumentRemoved(document.file_key))
    return {"message": "The document has been successfully deleted"}


def _read_parts(form: object) -> dict[str, Any]:
    if not isinstance(form, Form):
        raise MalformedError("no form")
    parts = dict(form.parts)
    if len(parts) < len(form.parts):
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


def _read_number(text: object, name: str) -> int:
    if not isinstance(text, str) or not re.fullmatch("[0-9]{1,18}", text) or int(text) < 1:
        raise MalformedError(f"{name} must be a whole number from 1 up")
    return int(text)


def _require_storage(call: Call) -> None:
    if call.switches.storage_off:
        raise QueryError("205")


def _require_place(company: Company, journal: int, line: int | None) -> None:
    found = company.ledger.journals.get(journal)
    if found is None or (line is not None and line > len(found.lines)):
        raise QueryError("204")


def _new_key(company: Company) -> str:
    """Looks like milliseconds, and is no other document's (F-07)."""
    key = int(time.time() * 1000)
    while str(key) in company.documents:
        key += 1
    return str(key)


OPERATIONS = (
    Operation(
        "link_document",
        "POST",
        "/edocs",
        link_document,
        codes=failures.DOCUMENT_LINK,
        body=Body.MULTIPART,
        code_of_malformed="206",
        code_of_unreachable=None,
    ),
    Operation(
        "delete_document",
        "DELETE",
        "/edocs",
        delete_document,
        codes=failures.DOCUMENT_DELETE,
        body=Body.REQUIRED,
        code_of_malformed="203",
        code_of_unreachable=None,
    ),
)
