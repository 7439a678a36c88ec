"""A folder of readable files becomes the company that the sandbox plays."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import TypeVar

import msgspec

from importer.sandbox.company import (
    DIMENSIONS,
    Account,
    Address,
    AllowanceGroup,
    AnalysisCode,
    BudgetRow,
    Company,
    CompanyNode,
    Currency,
    Document,
    Employee,
    GenealogyLink,
    JournalTypeRule,
    Notification,
    Payroll,
    StampAccount,
    StampMovement,
    Student,
)
from importer.sandbox.ledger import Journal, Ledger, Line

Record = TypeVar("Record")


def read_company(folder: Traversable | None = None) -> Company:
    """The company of a folder, or the one that comes with the program.

    The folder holds company.toml, addresses.json and a CSV file for each list, all in UTF-8 (a spreadsheet's byte
    order mark does no harm); `importer/sandbox/company` is the model.
    """
    folder = folder or files("importer.sandbox") / "company"
    facts = tomllib.loads((folder / "company.toml").read_text(encoding="utf-8"))
    last_journal = facts["ledger"].pop("last_journal", None)
    addresses: list[Address] = json.loads((folder / "addresses.json").read_text(encoding="utf-8-sig"))
    return Company(
        **facts["company"],
        **facts["ledger"],
        accounts={row["code"]: _account(row) for row in _rows(folder, "accounts.csv")},
        analysis_codes=_analysis_codes(folder),
        journal_types={row["code"]: row["name"] for row in _rows(folder, "journal_types.csv")},
        currencies={words["code"]: Currency(**words) for words in facts["currencies"]},
        journal_type_rules=msgspec.convert(facts.get("journal_type_rules", []), tuple[JournalTypeRule, ...]),
        ledger=_opening_ledger(folder, last_journal),
        notifications=_records(folder, "notifications.csv", Notification),
        students=_records(folder, "students.csv", Student),
        nodes={node.id: node for node in _records(folder, "companies.csv", CompanyNode)},
        genealogy=_records(folder, "genealogy.csv", GenealogyLink),
        payrolls=_payrolls(folder),
        addresses={str(row["addressCode"]): row for row in addresses},
        required_address_codes={row.pop("key"): row for row in facts.get("required_address_codes", [])},
        budgets=_records(folder, "budgets.csv", BudgetRow),
        documents={one.file_key: one for one in _records(folder, "documents.csv", Document)},
        stamps=StampAccount(
            name=facts["stamps"]["account"],
            consumption=facts["stamps"]["consumption"],
            rfcs={row["rfc"]: row["authorised"] == "true" for row in _rows(folder, "rfcs.csv")},
            movements=_records(folder, "stamps.csv", StampMovement),
        ),
    )


def _rows(folder: Traversable, name: str) -> Iterator[dict[str, str]]:
    """The rows of a table by its headings."""
    with (folder / name).open(encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _record(row: Mapping[str, object], kind: type[Record]) -> Record:
    """A row with its columns as members; an empty cell is the member's default."""
    return msgspec.convert({name: cell for name, cell in row.items() if cell}, kind, strict=False)


def _records(folder: Traversable, name: str, kind: type[Record]) -> tuple[Record, ...]:
    return tuple(_record(row, kind) for row in _rows(folder, name))


def _account(row: dict[str, str]) -> Account:
    short_head = row["short_head"] or row["name"][:15].rstrip()
    return _record({**row, "short_head": short_head, "enter": [row[one.request] for one in DIMENSIONS]}, Account)


def _analysis_codes(folder: Traversable) -> dict[str, dict[str, AnalysisCode]]:
    lists: dict[str, dict[str, AnalysisCode]] = {dimension.cat_id: {} for dimension in DIMENSIONS}
    for row in _rows(folder, "dimension_codes.csv"):
        code = _record(row | {"lookup": row["lookup"] or row["name"]}, AnalysisCode)
        lists[row["dimension"]][code.code] = code
    return lists


def _payrolls(folder: Traversable) -> dict[int, Payroll]:
    payrolls: dict[int, Payroll] = {}
    allowance_groups = _records(folder, "allowance_groups.csv", AllowanceGroup)
    for row in _rows(folder, "employee_groups.csv"):
        number = int(row["payroll"])
        there = tuple(group for group in allowance_groups if group.payroll == number)
        payrolls.setdefault(number, Payroll({}, there, {})).groups[row["code"]] = row["name"]
    for employee in _records(folder, "employees.csv", Employee):
        payrolls[employee.payroll].employees[employee.enrollment_code] = employee
    return payrolls


def _opening_ledger(folder: Traversable, last_number: int | None) -> Ledger:
    ledger = Ledger()
    for _, lines in groupby(_rows(folder, "opening_journals.csv"), key=lambda row: row["journal"]):
        rows = list(lines)
        members: dict[str, object] = {"number": rows[0]["journal"], "lines": tuple(_line(row) for row in rows)}
        ledger.add(_record({**rows[0], **members}, Journal))
    ledger.last_number = max(ledger.journals, default=0) if last_number is None else last_number
    return ledger


def _line(row: dict[str, str]) -> Line:
    members: dict[str, object] = {
        "amount": f"-{row['amount']}" if row["side"] == "D" else row["amount"],
        "codes": [row[dimension.request] for dimension in DIMENSIONS],
        "due_date": row["transaction_date"],
    }
    return _record({**row, **members}, Line)
