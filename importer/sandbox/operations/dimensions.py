"""The codes of the ten dimensions."""

import re

from importer.sandbox import failures
from importer.sandbox.failures import QueryError
from importer.sandbox.operation import Call, Operation
from importer.sandbox.padding import CODE_WIDTH, fill_up_if_wide


def list_dimension_codes(call: Call) -> dict[str, object]:
    """All codes of the dimension `catID`, which may be 1 or 01 here (N-02); 203 when it has none."""
    selector = call.query.get("catID", "")
    if not re.fullmatch("0?[1-9]|10", selector):
        raise QueryError("206")
    cat_id = selector.zfill(2)
    rows = [
        {
            "code": fill_up_if_wide(code.code, CODE_WIDTH, call.switches),
            "id": cat_id,
            "lookup": fill_up_if_wide(code.lookup, CODE_WIDTH, call.switches),
            "name": code.name,
            "prohibitPosting": code.prohibit_posting,
            "updateCount": None,
        }
        for code in call.company.analysis_codes[cat_id].values()
    ]
    if not rows:
        raise QueryError("203")
    return {"message": "Correct query", "response": rows}


OPERATIONS = (Operation("list_dimension_codes", "GET", "/dimension", list_dimension_codes, codes=failures.LOOKUP),)
