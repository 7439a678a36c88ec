"""A journal as a PDF."""

import base64
import binascii
import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

from importer.sandbox import failures, shapes
from importer.sandbox.dialect import Dialect
from importer.sandbox.failures import MalformedError, QueryError
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.printing.layouts import LAYOUTS, LIVE_LAYOUTS
from importer.sandbox.printing.words import LANGUAGES

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_LOGO = 4_000_000
"""Pixels; a picture of a few bytes can be huge."""


def _logo(value: object) -> str | None:
    LOGO.read(value, "logoOption.")  # an empty object is refused (I-05)
    return None


LOGO = shapes.ClosedObject({"logoSource": shapes.filled_text})
PRINT = {
    dialect: shapes.ClosedObject(
        {
            "journalNumber": shapes.whole_number,
            "book": shapes.filled_text,
            "printFormat": shapes.one_of(*formats),
            "logoOption": _logo,
        },
        optional=frozenset({"logoOption"}),
    )
    for dialect, formats in ((Dialect.DOCUMENT, LAYOUTS), (Dialect.LIVE, LIVE_LAYOUTS))
}


def print_journal(call: Call) -> dict[str, object]:
    """The PDF in base64. 203: language, book, format or logo are none (I-01 to I-05); 201: no such journal."""
    language = call.query.get("lang", "")
    if language not in LANGUAGES:
        raise MalformedError(f"lang must be one of {', '.join(LANGUAGES)}")
    members = PRINT[call.dialect].read(call.body)
    if members["book"].rstrip(" ") != "A":
        raise MalformedError("book must be A")
    logo = _read_logo(members)
    if call.switches.printing_off:
        raise QueryError("204")
    journal = call.company.ledger.journals.get(members["journalNumber"])
    if journal is None:
        raise QueryError("201", "the journal does not exist")
    from importer.sandbox.printing.voucher import print_voucher

    pdf = print_voucher(journal, call.company, members["printFormat"], language, logo)
    return {"message": "Successfully uploaded", "response": base64.b64encode(pdf).decode("ascii")}


def _read_logo(members: dict[str, Any]) -> "Image | None":
    if "logoOption" not in members:
        return None
    try:
        source = base64.b64decode(members["logoOption"]["logoSource"], validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("logoSource is not base64") from None
    return _read_picture(source)


def _read_picture(source: bytes) -> "Image":
    from PIL import Image

    too_large = (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError)
    try:
        picture = Image.open(io.BytesIO(source), formats=("JPEG", "PNG"))
        if picture.width * picture.height > LARGEST_LOGO:
            raise MalformedError("the logo has too many pixels")
        return picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, struct.error, zlib.error):
        raise MalformedError("logoSource is no JPEG or PNG picture") from None
    except too_large:
        raise MalformedError("the logo has too many pixels") from None


OPERATIONS = (
    Operation(
        "print_journal",
        "POST",
        "/journal/print",
        print_journal,
        codes=failures.PRINT,
        body=Body.REQUIRED,
        code_of_malformed="203",
    ),
)
