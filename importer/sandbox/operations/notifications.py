"""Entries that other companies announce to this one."""

from importer.sandbox import failures
from importer.sandbox.company_records import CANCELLED, PENDING, Notification
from importer.sandbox.failures import MalformedError
from importer.sandbox.operation import Call, Operation
from importer.sandbox.operations.parameters import read_period


def list_notifications(call: Call) -> dict[str, object]:
    """Those of a period, all of them or only the pending or the cancelled ones; both at once is none (A-31, A-32)."""
    wanted = str(read_period(call, call.path["period"]))
    found = [one for one in call.company.notifications if one.period == wanted]
    for name, status in (("onlyPending", PENDING), ("canceled", CANCELLED)):
        if call.path[name] not in ("0", "1"):
            raise MalformedError(f"{name} must be 0 or 1")
        if call.path[name] == "1":
            found = [one for one in found if one.status_id == status]
    return {"message": "Correct query", "response": [write_notification(one, call.company.name) for one in found]}


def write_notification(one: Notification, destination: str) -> dict[str, object]:
    """With the seven nulls of the example (N-12)."""
    return {
        "id": one.id,
        "policyId": one.policy_id,
        "journalNo": one.journal_no,
        "policyDetailId": one.policy_detail_id,
        "originCompany": one.origin_company,
        "originCompanyId": one.origin_company_id,
        "transaction": one.transaction,
        "destinationCompany": destination,
        "amount": one.amount,
        "originAccount": None,
        "destinationAccount": None,
        "rejectionReason": None,
        "statusId": one.status_id,
        "line": one.line,
        "period": one.period,
        "journal": None,
        "policyDetail": None,
        "accountingPolicyId": None,
    }


OPERATIONS = (
    Operation(
        "list_notifications",
        "GET",
        "/notificatios/{period}/{onlyPending}/{canceled}",  # spelled so
        list_notifications,
        codes=failures.PARAMETERS,
        code_of_malformed="206",
    ),
)
