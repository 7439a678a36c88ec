"""Answers as they came: every member of the service's own rows, under its own name."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from importer.errors import AnswerUnclear, ImporterError
from importer.inquiry.resources import Resource
from importer.services.answers import Envelope, read_as
from importer.services.session import Session

DEEPEST = 8
"""Deeper members stay JSON in their cell."""


def ask_raw(resource: Resource, session: Session, given: Mapping[str, Any]) -> tuple[list[Any], ImporterError | None]:
    """The rows of every answer in their order, as JSON values (numbers with decimals as Decimal), secrets masked; and
    what kept the program from understanding one of them, or from asking for the rest. Raises what the resource raises
    when nothing was answered."""
    heard: list[Envelope] = []
    session.heard = heard.append
    failure = None
    try:
        for _ in resource.ask(session, **given):
            pass
    except ImporterError as error:
        if not heard:
            raise
        failure = error
    finally:
        session.heard = None
    rows: list[Any] = []
    for envelope in heard:
        value = _masked(read_as(object, envelope.response), session.masking)
        rows += value if isinstance(value, list) else [] if value is None else [value]
    return rows, failure


def flat_rows(rows: Iterable[Any]) -> list[Any]:
    """The rows for a table: members of members are named `outer.inner`, and a list of objects (a journal's lines) is a
    row for each of them. What is no object stays as it is."""
    return [flat for row in rows for flat in (_flattened(row, "", DEEPEST) if isinstance(row, dict) else [row])]


def _flattened(row: Mapping[str, Any], prefix: str, depth: int) -> list[dict[str, Any]]:
    plain: dict[str, Any] = {}
    below: list[dict[str, Any]] = []
    for name, value in row.items():
        place = f"{prefix}{name}"
        if depth and isinstance(value, dict) and value:
            first, *more = _flattened(value, f"{place}.", depth - 1)
            plain |= first
            below += more
        elif depth and isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            below += [flat for one in value for flat in _flattened(one, f"{place}.", depth - 1)]
        else:
            plain[place] = value
    return [plain | flat for flat in below] or [plain]


def _masked(value: object, masking: Callable[[str], str]) -> object:
    try:
        return _masked_within(value, masking)
    except RecursionError as error:
        raise AnswerUnclear("unreadable") from error


def _masked_within(value: object, masking: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return masking(value)
    if isinstance(value, dict):
        return {masking(str(name)): _masked_within(one, masking) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked_within(one, masking) for one in value]
    return value
