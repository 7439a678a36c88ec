"""Which company hangs under which."""

from importer.sandbox import failures
from importer.sandbox.company_records import CompanyNode
from importer.sandbox.operation import Call, Operation


def get_genealogy(call: Call) -> dict[str, object]:
    """One row for each pair of a parent and a subsidiary (E-08)."""
    links = [
        {
            "_key": link.key,
            "parentCompany": _node(link.parent),
            "subsidiaryCompany": _node(link.subsidiary),
            "idFrom": link.parent.id,
            "idTo": link.subsidiary.id,
        }
        for link in call.company.genealogy
    ]
    return {"message": "Correct query", "response": links}


def _node(node: CompanyNode) -> dict[str, object]:
    return {
        "_key": node.key,
        "id": node.id,
        "name": node.name,
        "businessName": node.business_name,
        "type": node.type,
        "lastCompany": node.last_company,
    }


OPERATIONS = (
    Operation("get_genealogy", "GET", "/genealogy", get_genealogy, codes=failures.GENEALOGY, code_of_unreachable="203"),
)
