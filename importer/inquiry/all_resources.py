"""Everything that can be asked for, in the order of the help."""

from collections.abc import Mapping

from importer.inquiry import accounts, addresses, budget, company, journals, people
from importer.inquiry.resources import Resource

RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for part in (company, accounts, journals, addresses, people, budget)
    for resource in part.RESOURCES
}
"""By name; a name of two words is a group and its member."""
