"""The company, its ledger, its lists of codes, and where it hangs among other companies."""

from collections.abc import Iterable
from dataclasses import dataclass

from importer.inquiry.resources import Column, Filter, FilterKind, Resource, columns
from importer.language import Language, say
from importer.model.journals import DIMENSION_FIELDS
from importer.model.periods import Period
from importer.services.arguments import DIMENSIONS
from importer.services.session import Session
from importer.services.sunplusxtra.company import (
    CompanyRecord,
    OpenPeriods,
    get_company,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
)
from importer.services.sunplusxtra.dimensions import AnalysisCode, list_dimension_codes
from importer.services.sunplusxtra.genealogy import Branch, get_genealogy, tree_of


@dataclass(frozen=True, slots=True)
class DimensionCode:
    """A code with the number (1 to 10) of its dimension."""

    number: int
    found: AnalysisCode


@dataclass(frozen=True, slots=True)
class Member:
    """A company in the tree; `parent_id` is None for a root."""

    branch: Branch
    parent_id: int | None


def _company(session: Session) -> list[CompanyRecord]:
    return [get_company(session)]


def _ledger(session: Session) -> list[OpenPeriods]:
    return [get_ledger_definition(session)]


def _periods(session: Session) -> list[Period]:
    return sorted(list_journal_periods(session))


def _journal_types(session: Session) -> list[tuple[str, str]]:
    return list(list_journal_types(session).items())


def _dimension_codes(session: Session, dimension: int | None) -> list[DimensionCode]:
    """Without a dimension the codes of all ten, each asked for in turn."""
    wanted = DIMENSIONS if dimension is None else (dimension,)
    return [DimensionCode(number, found) for number in wanted for found in list_dimension_codes(session, number)]


def _members(session: Session) -> Iterable[Member]:
    path: list[int] = []
    for branch in tree_of(get_genealogy(session)):
        del path[branch.depth :]
        yield Member(branch, path[-1] if path else None)
        path.append(branch.company.id)


def _branch(member: Member, language: Language) -> tuple[int, str]:
    company = member.branch.company
    told = ", ".join(text for text in (company.business_name, company.kind) if text)
    text = f"{company.name} ({company.id})" + (f": {told}" if told else "")
    if member.branch.is_repeated:
        text = f"{text} – {say(language, 'inquiry.repeated')}"
    return member.branch.depth, text


COMPANY = Resource(
    "company", ("get_company",), _company, columns("id name tax_id business_name address"), also=("companies",)
)
LEDGER = Resource(
    "ledger",
    ("get_ledger_definition",),
    _ledger,
    (
        Column("current_period", lambda row: row.current),
        Column("first_period", lambda row: row.first),
        Column("last_period", lambda row: row.last),
    ),
    also=("ledger-definition",),
)
PERIODS = Resource(
    "periods", ("list_journal_periods",), _periods, (Column("period", str),), also=("period", "journal-periods")
)
JOURNAL_TYPES = Resource(
    "journal-types",
    ("list_journal_types",),
    _journal_types,
    (Column("code", lambda row: row[0]), Column("name", lambda row: row[1])),
    also=("journal-type", "types"),
)
DIMENSION_CODES = Resource(
    "dimensions",
    ("list_dimension_codes",),
    _dimension_codes,
    (
        Column("dimension", lambda row: f"{row.number:02d}"),
        Column("dimension_name", lambda row: DIMENSION_FIELDS[row.number - 1], words="form.journals.{}.label"),
        Column("code", lambda row: row.found.code),
        Column("name", lambda row: row.found.name),
        Column("lookup", lambda row: row.found.lookup),
        Column("prohibits_posting", lambda row: row.found.prohibits_posting),
    ),
    (Filter("dimension", FilterKind.DIMENSION),),
    also=("dimension", "dimension-codes", "analysis-codes"),
)
GENEALOGY = Resource(
    "genealogy",
    ("get_genealogy",),
    _members,
    (
        Column("depth", lambda row: row.branch.depth),
        Column("id", lambda row: row.branch.company.id),
        Column("parent_id"),
        Column("name", lambda row: row.branch.company.name),
        Column("business_name", lambda row: row.branch.company.business_name),
        Column("kind", lambda row: row.branch.company.kind),
        Column("is_last", lambda row: row.branch.company.is_last),
        Column("is_repeated", lambda row: row.branch.is_repeated),
    ),
    also=("tree", "structure"),
    branch=_branch,
)
RESOURCES = (COMPANY, LEDGER, PERIODS, JOURNAL_TYPES, DIMENSION_CODES, GENEALOGY)
