"""Reads the bodies of answers. An answer is judged by its body, never by 2xx: 201, 220 and 221 are failures (A-01)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, overload

import msgspec

from importer.errors import AnswerUnclear, ServiceFailure
from importer.model.dates import Period
from importer.services.http import Response
from importer.services.operations import NOTHING_FOUND, Operation

TOKEN_REJECTED = 220
USER_GONE = 221
FAILED = 201
SUCCEEDED = 200

Shape = TypeVar("Shape")

_writer = msgspec.json.Encoder(decimal_format="number")

ANALYSIS_MEMBERS = tuple(f"analT{number}" for number in range(10))


class AnalysedRow(msgspec.Struct, frozen=True):
    """The ten members of a row that carry its analysis codes, `analT0` for dimension 01 (D-01)."""

    analT0: str | None = None
    analT1: str | None = None
    analT2: str | None = None
    analT3: str | None = None
    analT4: str | None = None
    analT5: str | None = None
    analT6: str | None = None
    analT7: str | None = None
    analT8: str | None = None
    analT9: str | None = None

    def codes(self) -> tuple[str, ...]:
        """The codes in the order of the dimensions (D-01), without the blanks at their end."""
        return tuple(trimmed(getattr(self, name)) for name in ANALYSIS_MEMBERS)


class Envelope(msgspec.Struct, frozen=True, rename={"lines_error": "linesError", "file_key": "fileKey"}):
    """The members around every answer; what they are on the wire may differ from the document (N-12), hence Any.

    `file_key` stands beside `message`, not below `response` (N-18).
    """

    error: Any = None
    message: Any = None
    description: Any = None
    code: Any = None
    lines_error: Any = None
    file_key: Any = None
    response: msgspec.Raw = msgspec.Raw(b"null")


def is_token_rejected(answer: Response) -> bool:
    """True for 220, and for the two forms in which the live service was seen to reject a token: 401, and 404 with the
    message `Unauthenticated.`"""
    if answer.status in (TOKEN_REJECTED, 401):
        return True
    return answer.status == 404 and _envelope(answer.body, strictly=False).message == "Unauthenticated."


def successful_envelope(answer: Response, operation: Operation) -> Envelope:
    """The envelope of a success: exactly 200, a JSON object, no `error`, no `linesError`.

    Raises ServiceFailure for the contract's 201 and AnswerUnclear for everything else.
    """
    if answer.status == FAILED:
        raise failure_in(answer, operation)
    if answer.status != SUCCEEDED:
        raise AnswerUnclear("status", status=str(answer.status))
    envelope = _envelope(answer.body)
    if envelope.error or envelope.lines_error:
        raise AnswerUnclear("error-in-success", answer=answer.masking(_words(envelope)))
    return envelope


def failure_in(answer: Response, operation: Operation) -> ServiceFailure:
    """The failure in an answer of HTTP 201, read by the operation's own table (A-05). Its texts hold no secrets: the
    service may quote the request. Raises AnswerUnclear when it is no JSON object."""
    envelope = _envelope(answer.body)
    code, masking = text_of(envelope.code), answer.masking
    lines = tuple((number, masking(message)) for number, message in _line_faults(envelope.lines_error))
    return ServiceFailure(
        code if code in operation.codes else masking(code),
        masking(_words(envelope)),
        lines,
        operation=operation.name,
        meaning=operation.codes.get(code, ""),
        effect=operation.effect_of(code, has_lines=bool(lines)),
    )


def read_as(shape: type[Shape], raw: msgspec.Raw | bytes) -> Shape:
    """Decodes JSON into a typed value, leniently: unknown members are ignored, numbers may come as texts (N-11).

    Money becomes Decimal from the JSON text itself. Raises AnswerUnclear when a required member is missing.
    """
    try:
        wanted: Any = shape
        found: Shape = _decoder(wanted).decode(raw)
        return found
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise AnswerUnclear("unreadable") from error


@cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, strict=False, float_hook=Decimal)


def exact_json(value: object) -> str:
    """JSON values as indented JSON: numbers with decimals, which are Decimals, to the digit."""
    return msgspec.json.format(_writer.encode(value), indent=1).decode()


def rows_or_none(row: type[Shape], ask: Callable[[], Envelope]) -> Iterator[Shape]:
    """The rows of a list operation; none for an empty list, for null, and for the operation's own "nothing found"
    code where it has one (N-15).

    `row` is the type of a row, `ask` sends the request. Raises what `ask` raises, and AnswerUnclear for rows that
    cannot be read. All rows are decoded at once, and each is freed when it has been given: what is made of them would
    otherwise stand in memory beside them.
    """
    try:
        raw = ask().response
    except ServiceFailure as failure:
        if failure.meaning != NOTHING_FOUND:
            raise
        return iter(())
    return _let_go(read_rows(row, raw))


def _let_go(rows: list[Shape]) -> Iterator[Shape]:
    rows.reverse()
    while rows:
        yield rows.pop()


def read_rows(row: type[Shape], raw: msgspec.Raw | bytes) -> list[Shape]:
    """The rows of a JSON array; null is none. Raises AnswerUnclear like `read_as`."""
    return read_or_none(list[row], raw) or []  # type: ignore[valid-type]  # a list of a type that is known when it runs


class JsonRows(Sequence[Any]):
    """Rows of which nothing is known but that they are JSON. Each is decoded (numbers with decimals as Decimal) when it
    is asked for, and made by `change`: they take the memory of their text."""

    def __init__(self, rows: Sequence[msgspec.Raw], change: Callable[[object], object] = lambda row: row) -> None:
        self._rows = rows
        self._change = change

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> "JsonRows": ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return JsonRows(self._rows[place], self._change)
        return self._change(read_as(object, self._rows[place]))


def json_rows(raw: msgspec.Raw | bytes) -> list[msgspec.Raw]:
    """The rows of a JSON array, each still as its text; what is no array is one row, null none. Raises AnswerUnclear
    like `read_as`."""
    text = bytes(raw).strip()
    return read_rows(msgspec.Raw, raw) if text.startswith(b"[") else [] if text == b"null" else [msgspec.Raw(text)]


def read_or_none(shape: type[Shape], raw: msgspec.Raw | bytes) -> Shape | None:
    """The same as `read_as`, where null is an answer (N-15)."""
    found: Shape | None = read_as(shape | None, raw)  # type: ignore[arg-type]  # msgspec takes a union, type[] does not
    return found


def single_row(row: type[Shape], envelope: Envelope) -> Shape:
    """The one record of an operation that answers an array of one (N-14).

    Raises AnswerUnclear for none and for several.
    """
    rows = read_rows(row, envelope.response)
    if len(rows) != 1:
        raise AnswerUnclear("not-single", count=str(len(rows)))
    return rows[0]


Text = str | int | None
"""A member that is a text in the document; a code of digits may come as a number."""


def trimmed(text: Text) -> str:
    """A text of a fixed-width column without the blanks at its end; inner blanks belong to it (W-01)."""
    return "" if text is None else str(text).rstrip(" ")


def text_or_none(text: Text) -> str | None:
    """The same, None for null and for an empty text: both mean that it is not given (N-12)."""
    return trimmed(text) or None


def period_in(value: Text) -> Period | None:
    """A period of an answer, None for null (P-03 to P-05). Raises AnswerUnclear for anything else."""
    try:
        return Period.read(value)
    except ValueError as error:
        raise AnswerUnclear("unreadable") from error


@overload
def finite(amount: Decimal) -> Decimal: ...


@overload
def finite(amount: Decimal | None) -> Decimal | None: ...


def finite(amount: Decimal | None) -> Decimal | None:
    """An amount that can be reckoned with. Raises AnswerUnclear for "NaN" and the infinities, which Decimal reads."""
    if amount is not None and not amount.is_finite():
        raise AnswerUnclear("unreadable")
    return amount


def day_in(text: str | None) -> date | None:
    """A day `yyyy-mm-dd`, None for none (P-13). Raises AnswerUnclear for anything else."""
    try:
        return date.fromisoformat(trimmed(text)) if trimmed(text) else None
    except ValueError as error:
        raise AnswerUnclear("unreadable") from error


def required_period(value: Text) -> Period:
    """A period that must be there. Raises AnswerUnclear when it is not."""
    period = period_in(value)
    if period is None:
        raise AnswerUnclear("unreadable")
    return period


def _envelope(body: bytes, strictly: bool = True) -> Envelope:
    try:
        return msgspec.json.decode(body, type=Envelope)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        if strictly:
            raise AnswerUnclear("unreadable") from error
        return Envelope()


def _words(envelope: Envelope) -> str:
    texts = (text_of(envelope.description), text_of(envelope.message))
    return next((text for text in texts if text), "")


def _line_faults(entries: object) -> tuple[tuple[int | None, str], ...]:
    if not isinstance(entries, list):
        return ()
    faults = []
    for entry in entries:
        members = entry if isinstance(entry, dict) else {"message": entry}
        number = text_of(members.get("line"))
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        faults.append((int(number) if is_number else None, text_of(members.get("message"))))
    return tuple(faults)


def text_of(value: object) -> str:
    """A member that may be text or number, as text; "" for null and for a boolean (A-06)."""
    if value is None or isinstance(value, bool):
        return ""
    return str(value).strip()
