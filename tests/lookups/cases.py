"""A question for each resource that the sandbox's company has an answer to, as a person would type it."""

from collections.abc import Mapping

USE = ("--from", "2018001", "--to", "2018012")

CASES: Mapping[str, tuple[str, ...]] = {
    "company": (),
    "ledger": (),
    "periods": (),
    "journal-types": (),
    "dimensions": ("--dimension", "who"),
    "genealogy": (),
    "accounts": ("--search", "1011"),
    "balance": ("--account", "101110", "--period", "2018006"),
    "cash-count": ("--account", "101110", "--from", "2018-01-01", "--to", "2018-12-31"),
    "journals": ("5326", "5328"),
    "notifications": ("--period", "2022007"),
    "addresses": (),
    "required-analysis-codes": (),
    "students": ("--search", "ERALCJO01"),
    "employees": ("--payroll", "27"),
    "employee": ("--payroll", "27", "--code", "ERCHOLU01"),
    "employee-groups": ("--payroll", "27"),
    "allowance-groups": ("--payroll", "27"),
    "budget balance": ("--account", "101110", *USE),
    "budget annual": ("--journal", "5786"),
    "budget annual-used": USE,
    "budget monthly": ("--journal", "5786"),
    "budget monthly-used": USE,
}
"""By the resource's name: its arguments."""


def question(name: str) -> list[str]:
    """The whole command of a case, without `importer`."""
    return ["get", *name.split(), *CASES[name]]
