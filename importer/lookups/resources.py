"""All that can be looked up: the company, its lists and where it hangs among other companies; accounts with balances
and movements, posted journals; addresses; students and employees with their groups, which is personal data and never
logged; budgets."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from importer.lookups.tables import Column, Filter, FilterKind, Resource, columns, dimension_columns
from importer.model.journals import DIMENSION_FIELDS
from importer.services.arguments import DIMENSIONS
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import (
    get_account_balance,
    get_annual_budget,
    get_annual_budget_used,
    get_budget_balance,
    get_cash_count,
    get_monthly_budget,
    get_monthly_budget_used,
    list_accounts,
)
from importer.services.sunplusxtra.company import (
    Branch,
    get_company,
    get_genealogy,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
    list_notifications,
    tree_of,
)
from importer.services.sunplusxtra.journals import get_journal_range
from importer.services.sunplusxtra.people import (
    get_employee,
    list_allowance_groups,
    list_employee_groups,
    search_employees,
    search_students,
)
from importer.services.sunplusxtra.records import (
    ADDRESS_LINES,
    list_addresses,
    list_dimension_codes,
    list_required_analysis_codes,
)
from importer.translations import Language, say


def _dimension_codes(session: Session, dimension: int | None) -> list[SimpleNamespace]:
    """Codes with their dimension; without the number of one (1 to 10) those of all ten, each asked for in turn."""
    return [
        SimpleNamespace(dimension=f"{number:02d}", field=DIMENSION_FIELDS[number - 1], found=found)
        for number in (DIMENSIONS if dimension is None else (dimension,))
        for found in list_dimension_codes(session, number)
    ]


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


def _analysis(number: int, member: str) -> Column:
    heading, facts = f"lookups.heading.analysis_{member}", {"number": number}
    name = f"analysis_{number}_{member}"
    return Column(name, lambda row: getattr(row.analysis_codes.get(number), member, ""), heading, facts)


def _annual(session: Session, **asked: Any) -> list[SimpleNamespace]:
    """The budget of a budget journal."""
    amount = get_annual_budget(session, **asked)
    return [] if amount is None else [SimpleNamespace(**asked, amount=amount)]


def _annual_used(session: Session, **asked: Any) -> list[SimpleNamespace]:
    """What is used of the budget between two periods."""
    amount = get_annual_budget_used(session, **asked)
    facts = asked | {"projects": " ".join(asked["projects"])}
    return [] if amount is None else [SimpleNamespace(**facts, amount=amount)]


_PAYROLL = Filter("payroll_id", FilterKind.NUMBER, flag="payroll", wording="payroll", is_required=True)
_SEARCH = Filter("search")
_ACCOUNT = Filter("account", is_required=True)
_FIRST_DAY = Filter("first", FilterKind.DAY, flag="from", wording="first-day", is_required=True)
_LAST_DAY = Filter("last", FilterKind.DAY, flag="to", wording="last-day", is_required=True)
_FIRST = Filter("first", FilterKind.PERIOD, flag="from", wording="first-period", is_required=True)
_LAST = Filter("last", FilterKind.PERIOD, flag="to", wording="last-period", is_required=True)
_FUNCTION = Filter("function")
_OF_A_JOURNAL = (
    Filter("journal_number", FilterKind.NUMBER, flag="journal", wording="budget-journal", is_required=True),
    _FUNCTION,
)
_USE = (_FIRST, _LAST, _FUNCTION, Filter("projects", flag="project", is_repeatable=True))

_RESOURCES = (
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
        columns("current_period=current first_period=first last_period=last"),
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
            Column("dimension"),
            Column("dimension_name", lambda row: row.field, words="form.journals.{}.label"),
            *columns("code=found.code name=found.name lookup=found.lookup prohibits_posting=found.prohibits_posting"),
        ),
        (Filter("dimension", FilterKind.DIMENSION),),
        also=("dimension", "dimension-codes", "analysis-codes"),
    ),
    Resource(
        "genealogy",
        "get_genealogy",
        lambda session: tree_of(get_genealogy(session)),
        columns(
            "depth id=company.id parent_id name=company.name business_name=company.business_name kind=company.kind"
            " is_last=company.is_last is_repeated"
        ),
        also=("tree", "structure"),
        branch=_branch,
    ),
    Resource(
        "accounts",
        "list_accounts",
        lambda session, search, names: list_accounts(session, search, by_code_only=not names),
        (
            *columns("code name"),
            Column("status", words="lookups.word.account-status.{}"),
            *columns("currency lookup short_heading account_type balance_type"),
            *dimension_columns("enter_", "enter_analysis", "lookups.word.enter-analysis.{}"),
        ),
        (Filter("search", wording="account-search"), Filter("names", FilterKind.SWITCH)),
        also=("account", "account-list", "chart"),
    ),
    Resource(
        "balance",
        "get_account_balance",
        lambda session, account, period: [get_account_balance(session, account, period)],
        columns("account period balance"),
        (_ACCOUNT, Filter("period", FilterKind.PERIOD, is_required=True)),
        also=("account-balance",),
        has_caution=True,
    ),
    Resource(
        "cash-count",
        "get_cash_count",
        get_cash_count,
        (
            *columns("journal_number line_number transaction_date period description"),
            *dimension_columns(),
            *columns("allocation allocation_reference"),
        ),
        (_ACCOUNT, _FIRST_DAY, _LAST_DAY),
        also=("cash", "movements"),
        has_caution=True,
    ),
    Resource(
        "journals",
        "get_journal_range",
        lambda session, first, last: get_journal_range(session, first, first if last is None else last),
        (
            *columns("journal_number line_number account side amount currency description reference"),
            *columns("transaction_date=transaction_day period journal_type"),
            *dimension_columns(),
            *columns("voucher_number due_date=due_day entry_date=entry_day posting_date=posting_day entry_period"),
            *columns("memo_amount other_amount fourth_amount fourth_currency journal_source=source allocation"),
            *columns("allocation_reference allocation_period asset_code asset_indicator reversal rough_flag"),
        ),
        (
            Filter("first", FilterKind.NUMBER, flag="from", wording="first-journal", is_required=True, is_place=True),
            Filter("last", FilterKind.NUMBER, flag="to", wording="last-journal", is_place=True),
        ),
        also=("journal", "lines"),
    ),
    Resource(
        "notifications",
        "list_notifications",
        lambda session, period, pending, cancelled: list_notifications(
            session, period, only_pending=pending, only_cancelled=cancelled
        ),
        (
            *columns("id journal_number line_number period"),
            Column("status", words="lookups.word.notification-status.{}"),
            *columns("transaction amount origin_company destination_company origin_account destination_account"),
            *columns("rejection_reason origin_company_id policy_id policy_detail_id accounting_policy"),
        ),
        (
            Filter("period", FilterKind.PERIOD, is_required=True),
            Filter("pending", FilterKind.SWITCH),
            Filter("cancelled", FilterKind.SWITCH),
        ),
        also=("notification",),
        has_caution=True,
    ),
    Resource(
        "addresses",
        "list_addresses",
        list_addresses,
        (
            *columns("code"),
            *(_line(place) for place in range(1, ADDRESS_LINES + 1)),
            *columns("area postal_code telephone_number email fax_number web_page lookup short_heading status"),
            *(_analysis(number, member) for number in DIMENSIONS for member in ("id", "code", "entry_number")),
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
    Resource(
        "budget balance",
        "get_budget_balance",
        get_budget_balance,
        (*columns("account period amount budget debit credit"), *dimension_columns()),
        (Filter("account", is_required=True), _FIRST, _LAST, Filter("fund"), _FUNCTION, Filter("who")),
        has_caution=True,
    ),
    Resource("budget annual", "get_annual_budget", _annual, columns("journal_number function amount"), _OF_A_JOURNAL),
    Resource(
        "budget annual-used",
        "get_annual_budget_used",
        _annual_used,
        columns("first_period=first last_period=last function projects amount"),
        _USE,
    ),
    Resource("budget monthly", "get_monthly_budget", get_monthly_budget, columns("period amount"), _OF_A_JOURNAL),
    Resource("budget monthly-used", "get_monthly_budget_used", get_monthly_budget_used, columns("period amount"), _USE),
)

RESOURCES: Mapping[str, Resource] = {resource.name: resource for resource in _RESOURCES}
"""By name, in the order of the help; a name of two words is a group and its member."""
