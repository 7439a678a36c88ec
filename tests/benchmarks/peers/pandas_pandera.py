"""pandas and pandera: `… pandas_pandera WORKBOOK ENGINE`, where the engine is `calamine` or `openpyxl`."""

import sys
from typing import Any

import pandas as pd
import pandera.pandas as pa

from tests.benchmarks.peers.rules import LENGTHS, PERIOD, REQUIRED, SIDES


def bad_cells(path: str, engine: str) -> int:
    """Cells that break a rule. Dates go through `pd.to_datetime`, which takes `22/10/2025` without a word."""
    frame: Any = pd.read_excel(path, engine=engine, dtype={"account": str, "period": str})
    frame["transDateTime"] = pd.to_datetime(frame["transDateTime"], errors="coerce", dayfirst=True, format="mixed")
    frame["amount"] = pd.to_numeric(frame["amount"], errors="coerce")
    amount_checks = [pa.Check.gt(0), pa.Check(lambda amounts: (amounts * 100).round(6) % 1 == 0)]
    columns = {
        "amount": pa.Column(float, amount_checks, nullable=False),
        "transDateTime": pa.Column(nullable=False),
        "period": pa.Column(str, pa.Check.str_matches(f"^{PERIOD}$")),
        "transaction": pa.Column(str, pa.Check.isin(SIDES)),
    }
    for name, length in LENGTHS.items():
        columns[name] = pa.Column(checks=pa.Check(_fits(length)), nullable=name not in REQUIRED)
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return len(cases[["index", "column"]].drop_duplicates())
    return 0


def _fits(length: int) -> Any:
    return lambda texts: texts.astype(str).str.len() <= length


if __name__ == "__main__":
    print(bad_cells(sys.argv[1], sys.argv[2]))
