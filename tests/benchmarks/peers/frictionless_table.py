"""frictionless: a table schema, and `validate`."""

import sys
from typing import Any

from frictionless import Resource, Schema, system, validate
from frictionless.formats import ExcelControl

from tests.benchmarks.peers.rules import LENGTHS, PERIOD, REQUIRED, SIDES
from tests.benchmarks.workbooks import COLUMNS


def bad_cells(path: str) -> int:
    """Cells that break the schema."""
    schema = Schema.from_descriptor({"fields": [_field(name) for name in COLUMNS]})
    resource = Resource(path=path, schema=schema, control=ExcelControl(sheet="Journals", stringified=False))
    with system.use_context(trusted=True):
        report = validate(resource, limit_errors=1_000_000)
    return sum(len(task.errors) for task in report.tasks)


def _field(name: str) -> dict[str, Any]:
    constraints: dict[str, object] = {"required": name in REQUIRED}
    match name:
        case "amount":
            return {"name": name, "type": "number", "constraints": {**constraints, "minimum": 0.01}}
        case "transDateTime":
            return {"name": name, "type": "date", "constraints": constraints}
        case "line":
            return {"name": name, "type": "integer"}
        case "period":
            constraints["pattern"] = PERIOD
        case "transaction":
            constraints["enum"] = SIDES
    if name in LENGTHS:
        constraints["maxLength"] = LENGTHS[name]
    return {"name": name, "type": "string", "constraints": constraints}


if __name__ == "__main__":
    print(bad_cells(sys.argv[1]))
