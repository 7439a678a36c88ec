"""JSON in and out with exact numbers: what has a decimal point is a Decimal, never a binary float (N-11)."""

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any, NoReturn

_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(text: bytes) -> object:
    """The document of a request body; ValueError when it is not strict JSON in UTF-8."""
    try:
        document: object = json.loads(text.decode("utf-8"), parse_float=_decimal, parse_constant=_refuse_constant)
        if _ESCAPED_SURROGATE.search(text):
            json.dumps(document, ensure_ascii=False, default=str).encode("utf-8")
    except RecursionError:
        raise ValueError("too deeply nested") from None
    return document


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError("a number out of all bounds") from None


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def write_json(value: object) -> bytes:
    """A document as JSON in UTF-8; Decimals digit by digit, without an exponent."""
    return _written(value).encode("utf-8")


def _written(value: object) -> str:
    return _WRITERS[type(value)](value)


def _written_object(value: dict[str, object]) -> str:
    members = [f"{encode_basestring(name)}:{_WRITERS[type(it)](it)}" for name, it in value.items()]
    return "{" + ",".join(members) + "}"


def _written_list(value: list[object]) -> str:
    return "[" + ",".join(map(_written, value)) + "]"


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: str,
    Decimal: "{:f}".format,
    dict: _written_object,
    list: _written_list,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
}
