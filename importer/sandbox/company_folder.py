"""A folder of readable files becomes the company that the sandbox plays."""

import tomllib
from datetime import date
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import Any

from importer.sandbox import company_records_folder as records
from importer.sandbox.company_lists import Account, AnalysisCode, Company, Currency, JournalTypeRule
from importer.sandbox.csv_rows import read_rows
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.ledger import Journal, Ledger, Line


def read_company(folder: Traversable | None = None) -> Company:
    """The company of a folder, or the one that comes with the program.

    The folder holds company.toml, addresses.json and a CSV file for each list, all in UTF-8 (a
    spreadsheet's byte order mark does no harm); `importer/sandbox/company` is the model.
    """
    folder = folder or files("importer.sandbox") / "company"
    facts = tomllib.loads((folder / "company.toml").read_text(encoding="utf-8"))
    company, ledger = facts["company"], facts["ledger"]
    return Company(
        id=company["id"],
        name=company["name"],
        rfc=company["rfc"],
        business_name=company["businessName"],
        address=company["address"],
        current_period=ledger["current_period"],
        first_period=ledger["first_period"],
        last_period=ledger["last_period"],
        journal_source=ledger["journal_source"],
        accounts={row["code"]: _account(row) for row in read_rows(folder, "accounts.csv")},
        analysis_codes=_analysis_codes(folder),
        journal_types={row["code"]: row["name"] for row in read_rows(folder, "journal_types.csv")},
        currencies={words["code"]: Currency(**words) for words in facts["currencies"]},
        journal_type_rules=tuple(_rule(rule) for rule in facts.get("journal_type_rules", [])),
        ledger=_opening_ledger(folder, ledger.get("last_journal")),
        notifications=records.read_notifications(folder),
        students=records.read_students(folder),
        genealogy=records.read_genealogy(folder),
        payrolls=records.read_payrolls(folder),
        addresses=records.read_addresses(folder),
        required_address_codes={row.pop("key"): row for row in facts.get("required_address_codes", [])},
        budgets=records.read_budgets(folder),
        documents=records.read_documents(folder),
        stamps=records.read_stamps(folder, facts["stamps"]),
    )


def _account(row: dict[str, str]) -> Account:
    return Account(
        code=row["code"],
        name=row["name"],
        short_head=row["short_head"] or row["name"][:15].rstrip(),
        account_type=int(row["account_type"]),
        status=int(row["status"]),
        currency=row["currency"],
        enter=tuple(int(row[dimension.request]) for dimension in DIMENSIONS),
    )


def _analysis_codes(folder: Traversable) -> dict[str, dict[str, AnalysisCode]]:
    lists: dict[str, dict[str, AnalysisCode]] = {dimension.cat_id: {} for dimension in DIMENSIONS}
    for row in read_rows(folder, "dimension_codes.csv"):
        lists[row["dimension"]][row["code"]] = AnalysisCode(
            row["code"], row["name"], row["lookup"] or row["name"], int(row["prohibit_posting"])
        )
    return lists


def _rule(rule: dict[str, Any]) -> JournalTypeRule:
    dimension = next(one for one in DIMENSIONS if one.cat_id == rule["dimension"])
    prefixes = tuple(rule["account_prefixes"])
    return JournalTypeRule(rule["journal_type"], dimension, rule["side"], prefixes, rule["message"])


def _opening_ledger(folder: Traversable, last_number: int | None) -> Ledger:
    ledger = Ledger()
    rows = read_rows(folder, "opening_journals.csv")
    for number, lines in groupby(rows, key=lambda row: int(row["journal"])):
        of_journal = list(lines)
        head = of_journal[0]
        ledger.add(
            Journal(
                number=number,
                voucher=head["voucher"],
                journal_type=head["journal_type"],
                currency=head["currency"],
                period=int(head["period"]),
                entry_period=int(head["entry_period"]),
                lines=tuple(_opening_line(row) for row in of_journal),
            )
        )
    ledger.last_number = max(ledger.journals, default=0) if last_number is None else last_number
    return ledger


def _opening_line(row: dict[str, str]) -> Line:
    amount = Decimal(row["amount"])
    return Line(
        account=row["account"],
        amount=-amount if row["side"] == "D" else amount,
        codes=tuple(row[dimension.request] for dimension in DIMENSIONS),
        treference=row["treference"],
        description=row["description"],
        transaction_date=date.fromisoformat(row["transaction_date"]),
        due_date=date.fromisoformat(row["transaction_date"]),
        entry_date=date.fromisoformat(row["entry_date"]),
        allocation=row["allocation"],
        allocation_reference=int(row["allocation_reference"]),
        allocation_period=int(row["allocation_period"]),
    )
