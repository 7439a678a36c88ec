"""An answer is judged by its body, never by 2xx: 201, 220 and 221 are failures here (A-01)."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from importer.errors import AnswerUnclear, ServiceFailure
from importer.services.transport import Answer

TOKEN_REJECTED = 220
USER_GONE = 221
FAILED = 201
SUCCEEDED = 200

Shape = TypeVar("Shape")


class Envelope(msgspec.Struct, frozen=True, rename={"lines_error": "linesError"}):
    """The members around every answer; what they are on the wire may differ from the document (N-12), hence Any."""

    error: Any = None
    message: Any = None
    description: Any = None
    code: Any = None
    lines_error: Any = None
    response: msgspec.Raw = msgspec.Raw(b"null")


def is_token_rejected(answer: Answer) -> bool:
    """True for 220, and for the two forms in which the live service was seen to say it: 401, and 404 with
    `Unauthenticated.` (notes/sunsystems 4.10)."""
    if answer.status in (TOKEN_REJECTED, 401):
        return True
    return answer.status == 404 and _envelope(answer.body, strictly=False).message == "Unauthenticated."


def successful_envelope(answer: Answer) -> Envelope:
    """The envelope of a success: exactly 200, a JSON object, no `error`, no `linesError`.

    Raises ServiceFailure for the contract's 201 and AnswerUnclear for everything else.
    """
    if answer.status == FAILED:
        raise failure_in(answer.body)
    if answer.status != SUCCEEDED:
        raise AnswerUnclear("status", status=str(answer.status))
    envelope = _envelope(answer.body)
    if envelope.error or envelope.lines_error:
        raise AnswerUnclear("error-in-success", answer=_words(envelope))
    return envelope


def failure_in(body: bytes) -> ServiceFailure:
    """The failure that a body of HTTP 201 tells. Raises AnswerUnclear when it is no JSON object."""
    envelope = _envelope(body)
    return ServiceFailure(_text(envelope.code), _words(envelope), _line_faults(envelope.lines_error))


def read_as(shape: type[Shape], raw: msgspec.Raw | bytes) -> Shape:
    """Decodes JSON into a typed value, leniently: unknown members are ignored, numbers may come as texts (N-11).

    Money becomes Decimal from the JSON text itself. Raises AnswerUnclear when a required member is missing.
    """
    try:
        return msgspec.json.decode(raw, type=shape, strict=False)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise AnswerUnclear("unreadable") from error


def rows_or_none(row: type[Shape], nothing_found: str | None, ask: Callable[[], Envelope]) -> list[Shape]:
    """The rows of a list operation; none for an empty list, for null, and for the operation's own "nothing found"
    code where it has one (N-15). Raises what `ask` raises otherwise."""
    try:
        raw = ask().response
    except ServiceFailure as failure:
        if nothing_found is not None and failure.code == nothing_found:
            return []
        raise
    rows: list[Shape] | None = read_as(list[row] | None, raw)  # type: ignore[valid-type, arg-type]  # rows of the type given
    return rows or []


def trimmed(text: str | None) -> str:
    """A text of a fixed-width column without the blanks at its end; inner blanks belong to it (W-01)."""
    return (text or "").rstrip(" ")


def _envelope(body: bytes, strictly: bool = True) -> Envelope:
    try:
        return msgspec.json.decode(body, type=Envelope)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        if strictly:
            raise AnswerUnclear("unreadable") from error
        return Envelope()


def _words(envelope: Envelope) -> str:
    texts = (_text(envelope.description), _text(envelope.message))
    return next((text for text in texts if text), "")


def _line_faults(entries: object) -> tuple[tuple[int | None, str], ...]:
    if not isinstance(entries, list):
        return ()
    faults = []
    for entry in entries:
        members = entry if isinstance(entry, dict) else {"message": entry}
        number = _text(members.get("line"))
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        faults.append((int(number) if is_number else None, _text(members.get("message"))))
    return tuple(faults)


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    return str(value).strip()
