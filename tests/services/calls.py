"""Each function of the client called with what the contract's example requests say, and what its examples must give."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from importer.language import Language
from importer.model.days import LedgerDay
from importer.model.journals import Line, Side
from importer.model.periods import Month, Period
from importer.services.session import Session
from importer.services.sovos.account import SovosAccount
from importer.services.sovos.stamps import (
    StampBalance,
    download_consumption_report_csv,
    download_consumption_report_pdf,
    get_stamp_balance,
)
from importer.services.sunplusxtra.accounts import get_account_balance, list_accounts
from importer.services.sunplusxtra.addresses import (
    Address,
    AddressCode,
    create_address,
    delete_address,
    list_addresses,
    list_required_analysis_codes,
    update_address,
)
from importer.services.sunplusxtra.budget import (
    BudgetUse,
    get_annual_budget,
    get_annual_budget_used,
    get_budget_balance,
    get_monthly_budget,
    get_monthly_budget_used,
)
from importer.services.sunplusxtra.cash import get_cash_count
from importer.services.sunplusxtra.company import (
    get_company,
    get_ledger_definition,
    list_journal_periods,
    list_journal_types,
)
from importer.services.sunplusxtra.dimensions import (
    AnalysisCode,
    create_dimension_code,
    delete_dimension_code,
    list_dimension_codes,
    update_dimension_code,
)
from importer.services.sunplusxtra.documents import LinkedDocument, delete_document, link_document
from importer.services.sunplusxtra.employees import (
    activate_employee,
    get_employee,
    list_allowance_groups,
    list_employee_groups,
    search_employees,
)
from importer.services.sunplusxtra.genealogy import get_genealogy, tree_of
from importer.services.sunplusxtra.journals import PostedAs, journal_payload, post_journal
from importer.services.sunplusxtra.ledger import get_journal_range
from importer.services.sunplusxtra.notifications import list_notifications
from importer.services.sunplusxtra.printing import PrintFormat, print_journal
from importer.services.sunplusxtra.students import search_students
from tests.contract.schemas import operation

LOGO = base64.b64decode(operation("print_journal").request_examples["custom_logo"]["logoOption"]["logoSource"])
MAY_2018, JUNE_2018 = date(2018, 5, 31), date(2018, 6, 30)


@dataclass(frozen=True)
class Means:
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
USE = BudgetUse(Period("2024001"), Period("2024002"), "10", ("P1-RECLAMOS ARM", "*"))
CODE = AnalysisCode("DP0121", "Dimension update", "DP012A", prohibits_posting=False)
NEW_CODE = AnalysisCode("DC0121", "Dimensión create", "DC012A", prohibits_posting=False)

CALLS: Mapping[str, Callable[[Means], object]] = {
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
    "get_annual_budget_used": lambda by: get_annual_budget_used(by.session, USE),
    "get_monthly_budget": lambda by: get_monthly_budget(by.session, 5786),
    "get_monthly_budget_used": lambda by: get_monthly_budget_used(by.session, USE),
    "list_journal_periods": lambda by: list_journal_periods(by.session),
    "link_document": lambda by: link_document(by.session, 1258, by.folder / "file.pdf", line_number=1),
    "delete_document": lambda by: delete_document(by.session, LinkedDocument(1258, 1, "1746577799187", "png")),
    "get_stamp_balance": lambda by: get_stamp_balance(by.sovos, Month("2019-12"), "A&D061009TY8"),
    "download_consumption_report_pdf": lambda by: download_consumption_report_pdf(by.sovos, Month("2019-10")),
    "download_consumption_report_csv": lambda by: download_consumption_report_csv(by.sovos, Month("2019-10")),
}
"""By operationId: the arguments are those of the contract's example requests."""


def _rows(*names: str) -> Callable[[object], object]:
    def picked(answer: object) -> object:
        assert isinstance(answer, list)
        return [tuple(getattr(row, name) for name in names) for row in answer]

    return picked


def _members(*names: str) -> Callable[[object], object]:
    return lambda answer: tuple(getattr(answer, name) for name in names)


def _itself(answer: object) -> object:
    return answer


def _sums(answer: object) -> object:
    assert isinstance(answer, StampBalance)
    return answer.stamps_by_rfc()


def _tree(answer: object) -> object:
    assert isinstance(answer, list)
    return [(branch.company.id, branch.depth, branch.company.is_last) for branch in tree_of(answer)]


_JULY_2018 = LedgerDay(1532149200000)

ANSWERS: Mapping[tuple[str, str], tuple[Callable[[object], object], object]] = {
    ("login", "granted"): (_itself, None),
    ("get_company", "company"): (
        _members("id", "name", "tax_id", "business_name", "address"),
        (5, "IAN Iglesia Adventista Nacional", "IAS930628FA8", "INDISTRIA ILUMINADORA DE ALMACENES", "UXMAL 431"),
    ),
    ("list_notifications", "notifications"): (
        _rows("id", "journal_number", "line_number", "period", "status", "amount", "side", "origin_company"),
        [
            (29, 9993, 2, "2022007", 1, Decimal("18630.00"), Side.CREDIT, "W11 - Unión Sureste"),
            (30, 9996, 9, "2022007", 1, Decimal("7695.00"), Side.CREDIT, "W11 - Unión Sureste"),
        ],
    ),
    ("search_students", "students"): (
        _rows("enrollment", "population_id", "rvoe", "education_level"),
        [("ERALCJO01", "ROAR801109HYNSLN08", "343533434", "Preschool")],
    ),
    ("get_account_balance", "balance"): (
        _members("account", "period", "balance"),
        ("101110", "2023001", Decimal(12332)),
    ),
    ("list_accounts", "accounts"): (
        _rows("code", "name", "currency", "lookup", "enter_analysis"),
        [
            ("101110", "General Cash", "MXP1", "GENERAL CASH", (2, 1, 1, *[2] * 7)),
            ("101110 NF", "Non-Fiscal General Cash", "MXP1", "GENERAL CASH NO", (2, 1, 1, *[2] * 7)),
        ],
    ),
    ("list_dimension_codes", "dimension_03"): (
        _rows("code", "name", "lookup", "prohibits_posting"),
        [
            ("10", "Operating Fund", "Operating Fund", False),
            ("20", "Plant Fund", "Plant Fund", False),
            ("AUSISTE01", "Systems", "AUSISTE01", False),
        ],
    ),
    ("update_dimension_code", "updated"): (_itself, None),
    ("create_dimension_code", "created"): (_itself, None),
    ("delete_dimension_code", "deleted"): (_itself, None),
    ("post_journal", "posted"): (_itself, PostedAs("6994", "JV2018-1547")),
    ("print_journal", "pdf"): (lambda answer: isinstance(answer, bytes) and answer[:5], b"%PDF-"),
    ("get_journal_range", "journal_5326"): (
        _rows(
            "account",
            "side",
            "amount",
            "period",
            "allocation",
            "allocation_period",
            "transaction_day",
            "voucher_number",
        ),
        [
            ("371110", "D", Decimal("94281.85"), "2018006", "A", "2018006", _JULY_2018, "JV2018-0714"),
            ("371110", "D", Decimal("777550.52"), "2018006", "A", "2018006", _JULY_2018, "JV2018-0714"),
            ("101110", "C", Decimal("871832.37"), "2018006", "", None, _JULY_2018, "JV2018-0714"),
        ],
    ),
    ("list_journal_types", "journal_types"): (
        _itself,
        {
            "AP": "Accounts Payable Journal",
            "BGT": "Budget Journal",
            "CR": "Cash Receipts Journal",
            "DP": "Deposit Journal",
            "JV": "Journal Voucher",
            "MG110": "Manually Generated Check for xxxxx Bank",
            "PAY": "Payroll Journal",
            "PC": "Petty Cash",
            "SYSTM": "System Journal",
        },
    ),
    ("list_addresses", "addresses"): (
        _rows("code", "postal_code", "status", "email", "analysis_codes"),
        [
            (
                "4536789123",
                "01000",
                1,
                "contact@cathedral-san-felipe.org",
                {1: AddressCode("25", "5", "9"), 2: AddressCode("22", "15", "5")},
            )
        ],
    ),
    ("create_address", "created"): (_itself, None),
    ("update_address", "updated"): (_itself, None),
    ("delete_address", "deleted"): (_itself, None),
    ("list_required_analysis_codes", "required_codes"): (
        _rows("number", "category", "entity", "entry_number", "short_heading"),
        [(1, 20, 138, 1, "TYPEDOC"), (2, 17, 138, 2, "NATJUR"), (3, 14, 138, 3, "ACTECO"), (4, 19, 138, 4, "TYPEWHO")],
    ),
    ("get_cash_count", "movements"): (
        _rows("journal_number", "line_number", "transaction_date", "period", "description", "allocation"),
        [(54321, 2, JUNE_2018, "2018006", "Cash closing", "C")] * 2,
    ),
    ("get_ledger_definition", "periods"): (_members("current", "first", "last"), ("2018006", "2018001", "2020012")),
    ("get_genealogy", "genealogy"): (
        _tree,
        [(11, 0, False), (31, 1, False), (72, 1, None), (71, 1, None), (73, 1, None), (74, 1, None)],
    ),
    ("list_employee_groups", "copied_from_notifications"): (
        lambda answer: isinstance(answer, list) and [(row["id"], row["journal"]) for row in answer],
        [(29, None), (30, None)],
    ),
    ("list_allowance_groups", "groups"): (
        _rows("id", "code", "name"),
        [
            (11553, "4902", "Group B"),
            (11562, "4901", "Group A"),
            (11567, "4903", "Group C"),
            (11568, "4904", "Group D"),
            (11569, "4905", "Group E"),
            (11638, "4906", "Contracts"),
        ],
    ),
    ("get_employee", "employee"): (
        _members("enrollment_code", "name", "is_active", "group_code", "group_name", "tax_id"),
        ("ERCHOLU01", "CHONG DOMÍNGUEZ, LUCINA", True, "2", "EDU-Contrato", "CODL680126BF4"),
    ),
    ("activate_employee", "activated"): (_members("enrollment_code", "is_active"), ("ERCHOLU01", True)),
    ("search_employees", "employees"): (
        _rows("enrollment_code", "is_active", "function", "fund", "allowance_id", "employee_id", "job", "tax_id"),
        [("ERCRUNE01", None, "AUCONTA01", "10", 11553, 222558, "Accounting Assistant", None)],
    ),
    ("get_budget_balance", "rows"): (
        _rows("account", "period", "amount", "credit", "debit", "budget", "dimensions"),
        [
            ("101110", "2018006", Decimal("-64901.6"), 12541, 3212, 44121, ("", "", "10", *[""] * 7)),
            ("101110", "2018006", Decimal("94719341.11"), 54552, 87845, 6533, ("", "", "10", *[""] * 7)),
            ("101110", "2018006", -369, 15, 874, 1125, ("", "", "20", *[""] * 7)),
        ],
    ),
    ("get_annual_budget", "amount"): (_itself, Decimal("1120.05")),
    ("get_annual_budget_used", "amount"): (_itself, Decimal("1120.05")),
    ("get_monthly_budget", "months"): (_rows("period", "amount"), [("2018010", 24287)]),
    ("get_monthly_budget_used", "months"): (
        _rows("period", "amount"),
        [("2018009", 11362), ("2018010", 1528), ("2018011", 16252), ("2018012", 9762)],
    ),
    ("list_journal_periods", "periods"): (
        _itself,
        {Period.of(2018, number) for number in range(1, 13)} | {Period.of(2019, number) for number in range(1, 7)},
    ),
    ("link_document", "linked"): (_itself, LinkedDocument(1258, 1, "1746602768625", "pdf")),
    ("delete_document", "deleted"): (_itself, None),
    ("get_stamp_balance", "all_rfcs"): (
        lambda answer: (_members("consumption", "asked_at", "transactions")(answer), _sums(answer)),
        (("Postpago", datetime(2019, 11, 19, 13, 53, 41), 2), {"A&D061009TY8": 1, "AAA010101AAA": 1}),
    ),
    ("get_stamp_balance", "one_rfc"): (
        lambda answer: (_members("registered", "authorised", "stamped", "transactions")(answer), _sums(answer)),
        ((0, 0, 0, 1), {"A&D061009TY8": 1}),
    ),
    ("download_consumption_report_pdf", "tiny_pdf"): (
        lambda answer: isinstance(answer, bytes) and answer[:5],
        b"%PDF-",
    ),
    ("download_consumption_report_csv", "october_2019"): (
        _members("account", "consumption", "first_day", "last_day", "asked_at", "states", "totals"),
        (
            "Pruebas",
            "Postpago",
            date(2019, 10, 1),
            date(2019, 10, 31),
            datetime(2019, 11, 20, 16, 57, 53),
            (("Registrados", 0), ("Autorizados", 1), ("Generaron Timbre", 1)),
            (("Consumo de todos los RFC", 3),),
        ),
    ),
}
"""By operation and example of its 200: how to look at the answer, and what is to be seen."""


NOTHING: Mapping[tuple[str, str], object] = {
    ("list_accounts", "203"): [],
    ("list_dimension_codes", "203"): [],
    ("get_budget_balance", "203"): [],
    ("get_annual_budget", "203"): None,
    ("get_annual_budget_used", "203"): None,
    ("get_monthly_budget", "203"): [],
    ("get_monthly_budget_used", "203"): [],
    ("list_journal_periods", "203"): frozenset(),
}
"""The failure codes that say "nothing found" where nothing is an answer (N-15)."""
