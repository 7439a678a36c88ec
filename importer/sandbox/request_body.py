"""The body of a request: JSON with exact numbers, or a form with files; and the shapes that bodies must have."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from typing import Annotated, NamedTuple, TypeGuard, TypeVar

import msgspec
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

LARGEST_BODY = 50_000_000
"""Bytes of a form, beyond any file the service takes; what comes after it is read and thrown away, so that the answer
arrives."""

LONGEST_TEXT, MOST_PARTS = 1000, 16
"""Bytes of a text part, and parts of a form."""


class MalformedError(Exception):
    """Parameters or body cannot be read or are none of this operation; which code that is, the operation knows."""


class Body(Enum):
    """What an operation does with the body of a request."""

    IGNORED = "ignored"
    NONE_OR_EMPTY = "none, or an empty object (A-22)"
    REQUIRED = "JSON is required"
    MULTIPART = "multipart/form-data is required"


class SentFile(NamedTuple):
    """A file of a form, without its bytes."""

    name: str
    size: int
    sha256: str


Form = dict[str, str | SentFile]
"""The parts by name."""

Received = bytes | Form | MalformedError
"""What came: bytes, a form, or the reason why it is no form. Refused later, because the token comes first (A-19)."""


async def receive(body: Body, request: Request) -> Received:
    """Reads the whole body off the wire, so that the answer always arrives."""
    if body is not Body.MULTIPART:
        return await request.body()
    try:
        return await _read_form(request)
    except MalformedError as malformed:
        return malformed


def read_body(body: Body, headers: Mapping[str, str], received: Received) -> object:
    """What an operation gets as its body: parsed JSON, numbers with a point as Decimals (N-11), a form, or None.

    `body`: what it takes; `headers`: of the request; `received`: what `receive` gave. Raises `MalformedError` for
    anything that the operation does not take.
    """
    if isinstance(received, MalformedError):
        raise received
    if not isinstance(received, bytes):
        return received
    if body is Body.IGNORED:
        return None
    if not received:
        if body is Body.NONE_OR_EMPTY:
            return None
        raise MalformedError("a body is required")
    # A charset behind the media type does no harm.
    if _media_type(headers) != "application/json":
        raise MalformedError("Content-Type must be application/json")
    try:
        document: object = _DECODER.decode(received)
    except (msgspec.MsgspecError, RecursionError, ArithmeticError, ValueError):
        raise MalformedError("the body is not JSON in UTF-8") from None
    if body is Body.NONE_OR_EMPTY and document != {}:
        raise MalformedError("no body is expected")
    return document


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def write_json(value: object) -> bytes:
    """A document as JSON in UTF-8; Decimals digit by digit."""
    return _ENCODER.encode(value)


class _FormParser(MultiPartParser):
    """Starlette's parser, which refuses a form that is too large or breaks off. It closes its files when it does."""

    def __init__(self, request: Request, stream: AsyncIterator[bytes]) -> None:
        limits = {"max_files": MOST_PARTS, "max_fields": MOST_PARTS, "max_part_size": LONGEST_TEXT}
        super().__init__(request.headers, self._checked(stream), **limits)
        self._is_complete = False

    def on_end(self) -> None:
        """Called behind the last boundary."""
        self._is_complete = True

    async def _checked(self, stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        read = 0
        with suppress(ClientDisconnect):  # the form breaks off
            async for chunk in stream:
                read += len(chunk)
                if read > LARGEST_BODY:
                    raise MultiPartException("it is larger than any file may be")
                yield chunk
        if not self._is_complete:
            raise MultiPartException("it breaks off")


async def _read_form(request: Request) -> Form:
    """The form of a request; `MalformedError` when the body is none, is larger than any file may be, or has a part
    twice."""
    if _media_type(request.headers) != "multipart/form-data":
        await request.body()
        raise MalformedError("Content-Type must be multipart/form-data with a boundary")
    stream = request.stream()
    try:
        form = await _FormParser(request, stream).parse()
    except (MultiPartException, FormParserError) as error:
        raise MalformedError(f"the body is not multipart/form-data: {error}") from error
    finally:
        async for _ in stream:
            pass
    try:
        parts = form.multi_items()
        if len(form) < len(parts):
            raise MalformedError("a part came twice")
        return {name: _part(part) for name, part in parts}
    finally:
        await form.close()


def _part(part: str | UploadFile) -> str | SentFile:
    if isinstance(part, str):
        return part
    digest = hashlib.file_digest(part.file, "sha256")  # type: ignore[arg-type]  # BinaryIO is typed without readinto
    return SentFile(part.filename or "", part.size or 0, digest.hexdigest())


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request: exactly these members of exactly these types; those with a default may be missing."""


SomeShape = TypeVar("SomeShape", bound=Shape)

FilledText = Annotated[str, msgspec.Meta(min_length=1)]
FromOne = Annotated[int, msgspec.Meta(ge=1)]
FromOneAsText = Annotated[str, msgspec.Meta(pattern=r"\A(?=0*[1-9])[0-9]{1,18}\Z")]
Short = Annotated[int, msgspec.Meta(ge=-32768, le=32767)]
Money = int | Decimal
"""A number of JSON, true and false apart; how many decimals it may have is looked at with `is_money`."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""Amounts stay below this, so that sums of them are exact; the contract names no bound."""


def is_money(value: object) -> TypeGuard[Money]:
    """Whether a value is a number with at most two decimals (N-11) that is not beyond all bounds."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    number = Decimal(value)
    return number.as_tuple().exponent in (0, -1, -2) and abs(number) < LARGEST_AMOUNT


def read_shape(shape: type[SomeShape], document: object) -> SomeShape:
    """The document as the shape; `MalformedError` names the first thing that is wrong, and where."""
    try:
        return msgspec.convert(document, shape, builtin_types=(Decimal,))
    except msgspec.ValidationError as error:
        raise MalformedError(str(error)) from None
