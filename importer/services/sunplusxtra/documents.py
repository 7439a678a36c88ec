"""Files linked to journals. The service lists none: a file whose key was lost cannot be removed any more (F-06)."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from importer.errors import AnswerUnclear, RequestRefused
from importer.services import arguments
from importer.services.http import Parts, Upload
from importer.services.responses import text_of
from importer.services.session import Session
from importer.services.sunplusxtra.file_kinds import extension_of, fault_of_file, media_type_of


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
    return Upload(file, _plain_name(file), media_type_of(file))


def _line_part(number: int | None) -> tuple[tuple[str, str], ...]:
    """No part at all for a file of the whole journal (F-02)."""
    return () if number is None else (("lineNumber", str(arguments.number("line-number", number))),)


def _plain_name(file: Path) -> str:
    """The name in plain ASCII without path parts (F-14); its extension stays."""
    ascii_stem = unicodedata.normalize("NFKD", file.stem).encode("ascii", "ignore").decode()
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '_', ascii_stem) or 'document'}.{extension_of(file)}"
