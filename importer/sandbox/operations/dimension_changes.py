"""Making, changing and removing codes of the ten dimensions; what is posted afterwards goes by them."""

from typing import Any

from importer.sandbox import failures, shapes
from importer.sandbox.changes import CodeRemoved, CodeSet
from importer.sandbox.company_lists import AnalysisCode, Company
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.failures import MalformedError, QueryError
from importer.sandbox.operation import Body, Call, Operation

KEY: dict[str, shapes.Check] = {
    "catId": shapes.one_of(*(dimension.cat_id for dimension in DIMENSIONS)),  # two digits only (N-02)
    "code": shapes.filled_text,
}
CODE_KEY = shapes.ClosedObject(KEY)
CODE = shapes.ClosedObject(KEY | {"lookup": shapes.text, "name": shapes.text, "prohibitPosting": shapes.short})
DONE: dict[str, object] = {"message": "Correct query"}


def create_dimension_code(call: Call) -> dict[str, object]:
    """206 for a code that exists already (D-08)."""
    cat_id, code = _read_code(call)
    if code.code in call.company.analysis_codes[cat_id]:
        raise QueryError("206", "the code exists already")
    call.company.take(CodeSet(cat_id, code))
    return DONE


def update_dimension_code(call: Call) -> dict[str, object]:
    """203 for a code that does not exist (D-08)."""
    cat_id, code = _read_code(call)
    if code.code not in call.company.analysis_codes[cat_id]:
        raise QueryError("203")
    call.company.take(CodeSet(cat_id, code))
    return DONE


def delete_dimension_code(call: Call) -> dict[str, object]:
    """203 for a code that does not exist (D-08), and for one that a posted line uses (D-09)."""
    members = CODE_KEY.read(call.body)
    cat_id, code = members["catId"], _bare(members)
    if code not in call.company.analysis_codes[cat_id]:
        raise QueryError("203", "the code does not exist")
    if _is_used(cat_id, code, call.company):
        raise QueryError("203", "posted lines use the code")
    call.company.take(CodeRemoved(cat_id, code))
    return DONE


def _read_code(call: Call) -> tuple[str, AnalysisCode]:
    members = CODE.read(call.body)
    code = AnalysisCode(
        _bare(members), members["name"].rstrip(" "), members["lookup"].rstrip(" "), members["prohibitPosting"]
    )
    return members["catId"], code


def _bare(members: dict[str, Any]) -> str:
    code: str = members["code"].rstrip(" ")
    if not code:
        raise MalformedError("code is blank")
    return code


def _is_used(cat_id: str, code: str, company: Company) -> bool:
    place = next(place for place, dimension in enumerate(DIMENSIONS) if dimension.cat_id == cat_id)
    return any(movement.line.codes[place] == code for movement in company.ledger.all_movements())


OPERATIONS = (
    Operation(
        "update_dimension_code",
        "PUT",
        "/dimension",
        update_dimension_code,
        codes=failures.DIMENSION_UPDATE,
        body=Body.REQUIRED,
        code_of_malformed="206",
    ),
    Operation(
        "create_dimension_code",
        "POST",
        "/dimension",
        create_dimension_code,
        codes=failures.PARAMETERS,
        body=Body.REQUIRED,
        code_of_malformed="206",
    ),
    Operation(
        "delete_dimension_code",
        "DELETE",
        "/dimension",
        delete_dimension_code,
        codes=failures.PARAMETERS,
        body=Body.REQUIRED,
        code_of_malformed="206",
    ),
)
