"""The ten analysis dimensions and what each is called in each place (NOTES section 5, D-01)."""

from typing import NamedTuple


class Dimension(NamedTuple):
    """One dimension: its id in the lists, and its members in a request, an account and a posted line."""

    cat_id: str
    name: str
    request: str
    enter: str
    analysis: str


DIMENSIONS = (
    Dimension("01", "Resource", "source", "enterA1", "analT0"),
    Dimension("02", "TFWW", "tfww", "enterA2", "analT1"),
    Dimension("03", "Fund", "fund", "enterA3", "analT2"),
    Dimension("04", "Function", "function", "enterA4", "analT3"),
    Dimension("05", "Restriction", "restriction", "enterA5", "analT4"),
    Dimension("06", "SDAOrgID", "sdaOrganization", "enterA6", "analT5"),
    Dimension("07", "Who", "who", "enterA7", "analT6"),
    Dimension("08", "Flag", "flag", "enterA8", "analT7"),
    Dimension("09", "Project", "project", "enterA9", "analT8"),
    Dimension("10", "Details", "details", "enterA10", "analT9"),
)
"""In the order in which accounts and lines hold their ten values."""
