"""What the client must make of the contract's example answers."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from importer.model.dates import LedgerDay, Period
from importer.model.journals import Side
from importer.services.responses import JsonRows
from importer.services.sovos import StampBalance
from importer.services.sunplusxtra.company import tree_of
from importer.services.sunplusxtra.journals import LinkedDocument, PostedAs
from importer.services.sunplusxtra.records import AddressCode
from tests.services.calls import JUNE_2018


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
    sums: Counter[str] = Counter()
    for movement in answer.movements:
        sums[movement.rfc] += movement.stamps
    return sums


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
        lambda answer: isinstance(answer, JsonRows) and [(row["id"], row["journal"]) for row in answer],
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
