"""The company of the logged-in user."""

from importer.sandbox import failures
from importer.sandbox.operation import Call, Operation


def get_company(call: Call) -> dict[str, object]:
    """Name and tax data."""
    company = call.company
    response = {
        "id": company.id,
        "name": company.name,
        "rfc": company.rfc,
        "businessName": company.business_name,
        "address": company.address,
    }
    return {"message": "Correct query", "response": response}


OPERATIONS = (Operation("get_company", "GET", "/company", get_company, codes=failures.COMPANY),)
