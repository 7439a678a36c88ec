"""Students by enrolment or name."""

from importer.sandbox import failures
from importer.sandbox.failures import QueryError
from importer.sandbox.operation import Call, Operation
from importer.sandbox.text_search import is_found


def search_students(call: Call) -> dict[str, object]:
    """Nothing to search for is 202, nothing found an empty list (E-06)."""
    search = call.query.get("search", "")
    if not search:
        raise QueryError("202")
    found = [
        {
            "enrollment": student.enrollment,
            "curp": student.curp,
            "rvoe": student.rvoe,
            "educationLevel": student.education_level,
        }
        for student in call.company.students
        if is_found(search, student.enrollment) or is_found(search, student.name)
    ]
    return {"message": "Correct query", "response": found}


OPERATIONS = (
    Operation(
        "search_students",
        "GET",
        "/data-student",
        search_students,
        codes=failures.STUDENT,
        code_of_unreachable="201",
    ),
)
