"""Cash cutting: the movements of an account between two days."""

from datetime import date

from importer.sandbox import failures
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.failures import MalformedError, QueryError
from importer.sandbox.ledger import Movement
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.shapes import ClosedObject, day, filled_text

MEMBERS = {"account": filled_text, "startDate": day, "endDate": day}
CASH_COUNT = ClosedObject(MEMBERS)
OPEN_ENDED_CASH_COUNT = ClosedObject(MEMBERS, optional=frozenset({"endDate"}))


def get_cash_count(call: Call) -> dict[str, object]:
    """Rows without amount, side and account (B-06); nothing found is an empty list (N-15).

    206 when account or startDate is empty, 201 for anything else that is wrong (B-08).
    """
    body = call.body
    if isinstance(body, dict) and not (body.get("account") and body.get("startDate")):
        raise QueryError("206")
    shape = OPEN_ENDED_CASH_COUNT if call.switches.open_ended_cash_count else CASH_COUNT
    asked = shape.read(body)
    first = date.fromisoformat(asked["startDate"])
    last = date.fromisoformat(asked["endDate"]) if "endDate" in asked else date.max
    if last < first:
        raise MalformedError("endDate is before startDate")
    movements = call.company.ledger.movements(asked["account"].rstrip(" "), first, last)
    rows = [_row(movement) for movement in movements]
    if call.switches.repeated_movements:
        rows = [row for row in rows for _ in range(2)]
    return {"message": "Successfully uploaded", "response": rows}


def _row(movement: Movement) -> dict[str, object]:
    line, journal = movement.line, movement.journal
    analysis = {dimension.analysis: code for dimension, code in zip(DIMENSIONS, line.codes, strict=True)}
    return {
        "allocRef": line.allocation_reference,
        "allocation": line.allocation,
        **analysis,
        "description": line.description,
        "journalLine": movement.position,
        "journalNo": journal.number,
        "period": journal.period,
        "transDateTime": line.transaction_date.isoformat(),
    }


OPERATIONS = (
    Operation(
        "get_cash_count",
        "POST",
        "/cash-count",
        get_cash_count,
        codes=failures.CASH_COUNT,
        body=Body.REQUIRED,
        code_of_malformed="201",
    ),
)
