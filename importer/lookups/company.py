"""The company, its lists and where it hangs among other companies; addresses; students and employees with their groups,
which is personal data and never logged."""

from collections.abc import Callable

from importer.lookups.resources import Column, Filter, FilterKind, Resource, Row, columns
from importer.model.journals import DIMENSION_FIELDS
from importer.services.arguments import DIMENSIONS
from importer.services.session import Session
from importer.services.sunplusxtra.company import (
    Branch,
    get_company,
    get_genealogy,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
    tree_of,
)
from importer.services.sunplusxtra.people import (
    get_employee,
    list_allowance_groups,
    list_employee_groups,
    search_employees,
    search_students,
)
from importer.services.sunplusxtra.records import (
    ADDRESS_LINES,
    AnalysisCode,
    list_addresses,
    list_dimension_codes,
    list_required_analysis_codes,
)
from importer.translations import Language, say


def _dimension_codes(session: Session, dimension: int | None) -> list[tuple[int, AnalysisCode]]:
    """Codes with the number (1 to 10) of their dimension; without one those of all ten, each asked for in turn."""
    wanted = DIMENSIONS if dimension is None else (dimension,)
    return [(number, found) for number in wanted for found in list_dimension_codes(session, number)]


def _branch(branch: Branch, language: Language) -> tuple[int, str]:
    company = branch.company
    details = ", ".join(text for text in (company.business_name, company.kind) if text)
    text = f"{company.name} ({company.id})" + (f": {details}" if details else "")
    if branch.is_repeated:
        text = f"{text} – {say(language, 'lookups.repeated')}"
    return branch.depth, text


def _line(place: int) -> Column:
    heading, facts = "lookups.heading.address_line", {"number": place}
    return Column(f"line_{place}", lambda address: address.lines[place - 1], heading, facts)


def _analysis_columns(number: int) -> tuple[Column, ...]:
    def reading(member: str) -> Callable[[Row], str]:
        return lambda row: getattr(row.analysis_codes.get(number), member, "")

    return tuple(
        Column(f"analysis_{number}_{member}", reading(member), f"lookups.heading.analysis_{member}", {"number": number})
        for member in ("id", "code", "entry_number")
    )


_PAYROLL = Filter("payroll_id", FilterKind.NUMBER, flag="payroll", wording="payroll", is_required=True)
_SEARCH = Filter("search")


COMPANY_RESOURCES = (
    Resource(
        "company",
        "get_company",
        lambda session: [get_company(session)],
        columns("id name tax_id business_name address"),
        also=("companies",),
    ),
    Resource(
        "ledger",
        "get_ledger_definition",
        lambda session: [get_ledger_definition(session)],
        (
            Column("current_period", lambda row: row.current),
            Column("first_period", lambda row: row.first),
            Column("last_period", lambda row: row.last),
        ),
        also=("ledger-definition",),
    ),
    Resource(
        "periods",
        "list_journal_periods",
        lambda session: sorted(list_journal_periods(session)),
        (Column("period", str),),
        also=("period", "journal-periods"),
    ),
    Resource(
        "journal-types",
        "list_journal_types",
        lambda session: list(list_journal_types(session).items()),
        (Column("code", lambda row: row[0]), Column("name", lambda row: row[1])),
        also=("journal-type", "types"),
    ),
    Resource(
        "dimensions",
        "list_dimension_codes",
        _dimension_codes,
        (
            Column("dimension", lambda row: f"{row[0]:02d}"),
            Column("dimension_name", lambda row: DIMENSION_FIELDS[row[0] - 1], words="form.journals.{}.label"),
            Column("code", lambda row: row[1].code),
            Column("name", lambda row: row[1].name),
            Column("lookup", lambda row: row[1].lookup),
            Column("prohibits_posting", lambda row: row[1].prohibits_posting),
        ),
        (Filter("dimension", FilterKind.DIMENSION),),
        also=("dimension", "dimension-codes", "analysis-codes"),
    ),
    Resource(
        "genealogy",
        "get_genealogy",
        lambda session: tree_of(get_genealogy(session)),
        (
            Column("depth"),
            Column("id", lambda row: row.company.id),
            Column("parent_id"),
            Column("name", lambda row: row.company.name),
            Column("business_name", lambda row: row.company.business_name),
            Column("kind", lambda row: row.company.kind),
            Column("is_last", lambda row: row.company.is_last),
            Column("is_repeated"),
        ),
        also=("tree", "structure"),
        branch=_branch,
    ),
)

PEOPLE_RESOURCES = (
    Resource(
        "addresses",
        "list_addresses",
        list_addresses,
        (
            *columns("code"),
            *(_line(place) for place in range(1, ADDRESS_LINES + 1)),
            *columns("area postal_code telephone_number email fax_number web_page lookup short_heading status"),
            *(column for number in DIMENSIONS for column in _analysis_columns(number)),
        ),
        also=("address",),
    ),
    Resource(
        "required-analysis-codes",
        "list_required_analysis_codes",
        list_required_analysis_codes,
        columns("number category entity entry_number short_heading"),
        also=("required-codes", "address-codes"),
    ),
    Resource(
        "students",
        "search_students",
        search_students,
        columns("enrollment education_level rvoe population_id"),
        (Filter("search", wording="student-search", is_required=True),),
        also=("student",),
    ),
    Resource(
        "employees",
        "search_employees",
        search_employees,
        columns(
            "enrollment_code name is_active job fund function group_code group_name"
            " allowance_id employee_id enrollment_id population_id tax_id"
        ),
        (_PAYROLL, _SEARCH),
    ),
    Resource(
        "employee",
        "get_employee",
        lambda session, payroll_id, code: [get_employee(session, payroll_id, code)],
        columns("enrollment_code name is_active group_code group_name population_id tax_id"),
        (_PAYROLL, Filter("code", wording="enrollment-code", is_required=True)),
    ),
    Resource(
        "employee-groups",
        "list_employee_groups",
        list_employee_groups,
        filters=(_PAYROLL, _SEARCH),
        also=("employee-group",),
        has_caution=True,
    ),
    Resource(
        "allowance-groups",
        "list_allowance_groups",
        list_allowance_groups,
        columns("id code name"),
        (_PAYROLL,),
        also=("allowance-group", "allowances"),
    ),
)
