"""Everything that can be looked up, in the order of the help."""

from collections.abc import Mapping

from importer.lookups.company import ADDRESS_RESOURCES, COMPANY_RESOURCES, PEOPLE_RESOURCES
from importer.lookups.ledger import ACCOUNT_RESOURCES, BUDGET_RESOURCES, JOURNAL_RESOURCES
from importer.lookups.resources import Resource

RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in (
        *(*COMPANY_RESOURCES, *ACCOUNT_RESOURCES, *JOURNAL_RESOURCES),
        *(*ADDRESS_RESOURCES, *PEOPLE_RESOURCES, *BUDGET_RESOURCES),
    )
}
"""By name; a name of two words is a group and its member."""
