"""Students."""

from dataclasses import dataclass, field

import msgspec

from importer.services import arguments
from importer.services.responses import Text, rows_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class Student:
    """A student; `population_id` (CURP) is personal data, `rvoe` the recognition number of the study programme."""

    enrollment: str
    education_level: str
    rvoe: str
    population_id: str = field(repr=False)


class _Row(msgspec.Struct, frozen=True, rename={"education_level": "educationLevel"}):
    enrollment: str | int
    curp: str | None = None
    rvoe: Text = None
    education_level: str | None = None


def search_students(session: Session, search: str) -> list[Student]:
    """GET /data-student: the students that match a text, such as an enrollment code. Its codes have a table of their
    own (E-06)."""
    query = {"search": arguments.filled_text("search", search)}
    rows = rows_or_none(_Row, None, lambda: session.read("search_students", query=query))
    return [
        Student(
            trimmed(row.enrollment), trimmed(row.education_level), trimmed(row.rvoe), population_id=trimmed(row.curp)
        )
        for row in rows
    ]
