"""The codes of the ten analysis dimensions."""

from dataclasses import dataclass

import msgspec

from importer.services import arguments
from importer.services.responses import rows_or_none, trimmed
from importer.services.session import Session

NOTHING_FOUND = "203"


@dataclass(frozen=True, slots=True)
class AnalysisCode:
    """A code on a dimension; `prohibits_posting` is true for any non-zero mark (D-10)."""

    code: str
    name: str
    lookup: str
    prohibits_posting: bool


class _Row(msgspec.Struct, frozen=True, rename="camel"):
    code: str | int
    name: str | None = None
    lookup: str | int | None = None
    prohibit_posting: int | None = None


def list_dimension_codes(session: Session, dimension: int) -> list[AnalysisCode]:
    """GET /dimension: the codes of dimension 1 to 10; the selector is `catID` in the query, in two digits
    (N-01, N-02)."""
    query = {"catID": arguments.dimension("dimension", dimension)}
    rows = rows_or_none(_Row, NOTHING_FOUND, lambda: session.read("list_dimension_codes", query=query))
    return [
        AnalysisCode(trimmed(row.code), trimmed(row.name), trimmed(row.lookup), bool(row.prohibit_posting))
        for row in rows
    ]


def create_dimension_code(session: Session, dimension: int, code: AnalysisCode) -> None:
    """POST /dimension. Look first whether the code exists (D-08). Raises what `Session.write` raises,
    RequestRefused."""
    session.write("create_dimension_code", body=code_payload(dimension, code))


def update_dimension_code(session: Session, dimension: int, code: AnalysisCode) -> None:
    """PUT /dimension: the code becomes what is given. Raises what `Session.write` raises, RequestRefused."""
    session.write("update_dimension_code", body=code_payload(dimension, code))


def delete_dimension_code(session: Session, dimension: int, code: str) -> None:
    """DELETE /dimension, with a body (A-21). A code that prohibits posting is gentler than a deleted one (D-09).
    Raises what `Session.write` raises, RequestRefused."""
    body = {
        "catId": arguments.dimension("dimension", dimension),
        "code": arguments.filled_text("dimension-code", code),
    }
    session.write("delete_dimension_code", body=body)


def code_payload(dimension: int, code: AnalysisCode) -> dict[str, str | int]:
    """The body that creates or changes a code: the selector is `catId` here (N-01), all five members travel (D-07),
    and the mark is a number (N-19)."""
    return {
        "catId": arguments.dimension("dimension", dimension),
        "code": arguments.filled_text("dimension-code", code.code),
        "lookup": arguments.text("lookup", code.lookup),
        "name": arguments.text("name", code.name),
        "prohibitPosting": int(code.prohibits_posting),
    }
