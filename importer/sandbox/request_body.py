"""The body of a request as its operation wants it."""

from collections.abc import Mapping

from starlette.requests import Request

from importer.sandbox.failures import MalformedError
from importer.sandbox.json_text import read_json
from importer.sandbox.multipart_form import Form, read_form
from importer.sandbox.operation import Body

Received = bytes | Form | MalformedError
"""What came: bytes, a form, or the reason why it is no form. Refused later, because the token comes first (A-19)."""


async def receive(body: Body, request: Request) -> Received:
    """Reads the whole body off the wire, so that the answer always arrives."""
    if body is not Body.MULTIPART:
        return await request.body()
    try:
        return await read_form(request)
    except MalformedError as malformed:
        return malformed


def read_body(body: Body, headers: Mapping[str, str], received: Received) -> object:
    """Parsed JSON, a form, or None; `MalformedError` for anything that the operation does not take."""
    if isinstance(received, MalformedError):
        raise received
    if isinstance(received, Form):
        return received
    if body is Body.IGNORED:
        return None
    if not received:
        if body is Body.NONE_OR_EMPTY:
            return None
        raise MalformedError("a body is required")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise MalformedError("Content-Type must be application/json")
    try:
        document = read_json(received)
    except ValueError:
        raise MalformedError("the body is not JSON in UTF-8") from None
    if body is Body.NONE_OR_EMPTY and document != {}:
        raise MalformedError("no body is expected")
    return document
