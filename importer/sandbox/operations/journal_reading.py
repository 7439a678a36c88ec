"""Reading journals back, and the types they may have."""

import re

from importer.sandbox import failures
from importer.sandbox.failures import QueryError
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.operations.journal_detail import write_journal
from importer.sandbox.padding import TYPE_WIDTH, fill_up_if_wide


def get_journal_range(call: Call) -> dict[str, object]:
    """The journals from one number to another; missing numbers are passed over, none is `[]` (J-16)."""
    first, last = (_number(call.path[name]) for name in ("start", "end"))
    if first > last:
        raise QueryError("203", "the first number is above the last one")
    found = call.company.ledger.between(first, last)
    journals = [write_journal(journal, call.company, call.switches) for journal in found]
    return {"message": "Successfully uploaded", "response": journals}


def _number(segment: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", segment):
        raise QueryError("203", "a journal number is digits only")
    return int(segment)


def list_journal_types(call: Call) -> dict[str, object]:
    """The journal types of this company."""
    types = [
        {"journalName": name, "journalType": fill_up_if_wide(code, TYPE_WIDTH, call.switches)}
        for code, name in call.company.journal_types.items()
    ]
    return {"message": "Correct query", "response": types}


OPERATIONS = (
    Operation(
        "get_journal_range",
        "POST",
        "/journal/range/{start}/{end}",
        get_journal_range,
        codes=failures.SUNPLUS,
        body=Body.NONE_OR_EMPTY,
        code_of_malformed="203",
        live_method="GET",
    ),
    Operation("list_journal_types", "GET", "/journal/type-list", list_journal_types, codes=failures.TYPE_LIST),
)
