"""Which periods are open, told twice: by the ledger definition and by the list of journal periods (P-07)."""

from importer.sandbox import failures
from importer.sandbox.failures import QueryError
from importer.sandbox.operation import Call, Operation


def get_ledger_definition(call: Call) -> dict[str, object]:
    """Current, first and last period as texts, two of them with a blank behind (P-03, P-04)."""
    if call.switches.no_ledger:
        raise QueryError("206")
    response = {
        "currentPeriod": str(call.company.current_period),
        "fromPeriod": f"{call.company.first_period} ",
        "toPeriod": f"{call.company.last_period} ",
    }
    return {"message": "Correct query", "response": response}


def list_journal_periods(call: Call) -> dict[str, object]:
    """The periods one by one, as numbers (P-03)."""
    months = 13 if call.switches.period_13 else 12
    return {"message": "Correct query", "response": list(call.company.journal_periods(months))}


OPERATIONS = (
    Operation(
        "get_ledger_definition",
        "GET",
        "/ledger-definition",
        get_ledger_definition,
        codes=failures.LEDGER_DEFINITION,
    ),
    Operation("list_journal_periods", "GET", "/budget/journal-period", list_journal_periods, codes=failures.LOOKUP),
)
