"""Each function of the client called with what the contract's example requests say."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from importer.model.dates import Month, Period
from importer.model.journals import Line, Side
from importer.services.session import Session
from importer.services.sovos import (
    SovosAccount,
    download_consumption_report_csv,
    download_consumption_report_pdf,
    get_stamp_balance,
)
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
    get_company,
    get_genealogy,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
    list_notifications,
)
from importer.services.sunplusxtra.journals import (
    LinkedDocument,
    PrintFormat,
    delete_document,
    get_journal_range,
    journal_payload,
    link_document,
    post_journal,
    print_journal,
)
from importer.services.sunplusxtra.people import (
    activate_employee,
    get_employee,
    list_allowance_groups,
    list_employee_groups,
    search_employees,
    search_students,
)
from importer.services.sunplusxtra.records import (
    Address,
    AddressCode,
    AnalysisCode,
    create_address,
    create_dimension_code,
    delete_address,
    delete_dimension_code,
    list_addresses,
    list_dimension_codes,
    list_required_analysis_codes,
    update_address,
    update_dimension_code,
)
from importer.translations import Language
from tests.contract.schemas import operation

LOGO = base64.b64decode(operation("print_journal").request_examples["custom_logo"]["logoOption"]["logoSource"])
MAY_2018, JUNE_2018 = date(2018, 5, 31), date(2018, 6, 30)


@dataclass(frozen=True)
class Services:
    """What a call needs: both services and a folder with `file.pdf`."""

    session: Session
    sovos: SovosAccount
    folder: Path


LINES = tuple(
    Line(
        row=row,
        journal_type="JV",
        account="101110",
        reference="EXAMPLE",
        dimensions=("", "1001", "10", *[""] * 7),
        description="LINE 1",
        side=side,
        amount=Decimal("1.00"),
        currency="MXN1",
        transaction_date=JUNE_2018,
        period="2018006",
    )
    for row, side in enumerate((Side.CREDIT, Side.DEBIT), start=1)
)
ADDRESS = Address(
    code="4536789123",
    lines=(
        "St. Mark's Lutheran Church",
        "Eastside Community Center",
        "1234 Maple Ave, Downtown, Springfield 12345",
        "RFC SML12345678",
        "Non-Profit Religious Organization",
    ),
    area="_church_logo.jpg",
    fax_number="+1(512) 555-7865",
    lookup="B",
    short_heading="EASTSIDE",
    status=1,
    telephone_number="+1(512) 555-7820",
    web_page="www.stmarks-lutheran.org",
    analysis_codes={number: AddressCode("23", "12", "3") for number in (1, 2)},
)
USE = (Period("2024001"), Period("2024002"), "10", ("P1-RECLAMOS ARM", "*"))
CODE = AnalysisCode("DP0121", "Dimension update", "DP012A", prohibits_posting=False)
NEW_CODE = AnalysisCode("DC0121", "Dimensión create", "DC012A", prohibits_posting=False)

CALLS: Mapping[str, Callable[[Services], object]] = {
    "login": lambda by: by.session.log_in(),
    "get_company": lambda by: get_company(by.session),
    "list_notifications": lambda by: list_notifications(by.session, Period("2022007"), only_pending=True),
    "search_students": lambda by: search_students(by.session, "ERALCJO01"),
    "get_account_balance": lambda by: get_account_balance(by.session, "101110", Period("2023001")),
    "list_accounts": lambda by: list_accounts(by.session, "101110"),
    "list_dimension_codes": lambda by: list_dimension_codes(by.session, 3),
    "update_dimension_code": lambda by: update_dimension_code(by.session, 7, CODE),
    "create_dimension_code": lambda by: create_dimension_code(by.session, 7, NEW_CODE),
    "delete_dimension_code": lambda by: delete_dimension_code(by.session, 7, "JV0121"),
    "post_journal": lambda by: post_journal(by.session, journal_payload(LINES)),
    "print_journal": lambda by: print_journal(by.session, 5588, PrintFormat.NOTICE, Language.EN, logo=LOGO),
    "get_journal_range": lambda by: get_journal_range(by.session, 5326, 5328),
    "list_journal_types": lambda by: list_journal_types(by.session),
    "list_addresses": lambda by: list_addresses(by.session),
    "create_address": lambda by: create_address(by.session, ADDRESS),
    "update_address": lambda by: update_address(by.session, ADDRESS),
    "list_required_analysis_codes": lambda by: list_required_analysis_codes(by.session),
    "delete_address": lambda by: delete_address(by.session, "4536789123"),
    "get_cash_count": lambda by: get_cash_count(by.session, "101110", MAY_2018, JUNE_2018),
    "get_ledger_definition": lambda by: get_ledger_definition(by.session),
    "get_genealogy": lambda by: get_genealogy(by.session),
    "list_employee_groups": lambda by: list_employee_groups(by.session, 27, "%"),
    "list_allowance_groups": lambda by: list_allowance_groups(by.session, 27),
    "get_employee": lambda by: get_employee(by.session, 27, "ERCHOLU01"),
    "activate_employee": lambda by: activate_employee(by.session, 27, "ERCHOLU01"),
    "search_employees": lambda by: search_employees(by.session, 27, "%"),
    "get_budget_balance": lambda by: get_budget_balance(
        by.session, "101110", Period("2024001"), Period("2024001"), fund="10", function="10", who="*"
    ),
    "get_annual_budget": lambda by: get_annual_budget(by.session, 5786, "10"),
    "get_annual_budget_used": lambda by: get_annual_budget_used(by.session, *USE),
    "get_monthly_budget": lambda by: get_monthly_budget(by.session, 5786),
    "get_monthly_budget_used": lambda by: get_monthly_budget_used(by.session, *USE),
    "list_journal_periods": lambda by: list_journal_periods(by.session),
    "link_document": lambda by: link_document(by.session, 1258, by.folder / "file.pdf", line_number=1),
    "delete_document": lambda by: delete_document(by.session, LinkedDocument(1258, 1, "1746577799187", "png")),
    "get_stamp_balance": lambda by: get_stamp_balance(by.sovos, Month("2019-12"), "A&D061009TY8"),
    "download_consumption_report_pdf": lambda by: download_consumption_report_pdf(by.sovos, Month("2019-10")),
    "download_consumption_report_csv": lambda by: download_consumption_report_csv(by.sovos, Month("2019-10")),
}
"""By operationId: the arguments are those of the contract's example requests."""
