"""The codes of the ten analysis dimensions."""

from dataclasses import dataclass

import msgspec

from importer.services.answers import rows_or_none, trimmed
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
    code: str
    name: str | None = None
    lookup: str | None = None
    prohibit_posting: int | None = None


def list_dimension_codes(session: Session, dimension: int) -> list[AnalysisCode]:
    """GET /dimension: the codes of dimension 1 to 10; the selector is `catID` in the query, in two digits
    (N-01, N-02)."""
    query = {"catID": f"{dimension:02d}"}
    rows = rows_or_none(_Row, NOTHING_FOUND, lambda: session.read("GET", "/dimension", query=query))
    return [
        AnalysisCode(trimmed(row.code), trimmed(row.name), trimmed(row.lookup), bool(row.prohibit_posting))
        for row in rows
    ]
