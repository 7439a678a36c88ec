"""The company's further lists, read from the same folder as its chart and its ledger."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import Any

from importer.sandbox.company_records import (
    Address,
    AllowanceGroup,
    BudgetRow,
    CompanyNode,
    Document,
    Employee,
    GenealogyLink,
    Notification,
    Payroll,
    StampAccount,
    StampMovement,
    Student,
)
from importer.sandbox.csv_rows import read_rows

_TRUTHS = {"true": True, "false": False, "": None}


def read_notifications(folder: Traversable) -> tuple[Notification, ...]:
    """notifications.csv."""
    numbers = ("id", "policy_id", "journal_no", "policy_detail_id", "origin_company_id", "status_id", "line")
    rows = read_rows(folder, "notifications.csv")
    return tuple(Notification(**_typed(row, int, numbers)) for row in rows)


def read_students(folder: Traversable) -> tuple[Student, ...]:
    """students.csv."""
    return tuple(Student(*row.values()) for row in read_rows(folder, "students.csv"))


def read_genealogy(folder: Traversable) -> tuple[GenealogyLink, ...]:
    """companies.csv and genealogy.csv, which ties them together."""
    nodes = {
        row["id"]: CompanyNode(
            row["key"], int(row["id"]), row["name"], row["businessName"], row["type"], _TRUTHS[row["lastCompany"]]
        )
        for row in read_rows(folder, "companies.csv")
    }
    links = read_rows(folder, "genealogy.csv")
    return tuple(GenealogyLink(row["key"], nodes[row["parent"]], nodes[row["subsidiary"]]) for row in links)


def read_payrolls(folder: Traversable) -> dict[int, Payroll]:
    """employee_groups.csv, allowance_groups.csv and employees.csv by payroll."""
    groups = _by_payroll(folder, "employee_groups.csv")
    allowances = _by_payroll(folder, "allowance_groups.csv")
    employees = _by_payroll(folder, "employees.csv")
    return {
        payroll: Payroll(
            groups={row["code"]: row["name"] for row in of_payroll},
            allowance_groups=tuple(
                AllowanceGroup(row["code"], int(row["id"]), row["name"]) for row in allowances.get(payroll, [])
            ),
            employees={row["enrollment_code"]: _employee(row) for row in employees.get(payroll, [])},
        )
        for payroll, of_payroll in groups.items()
    }


def read_addresses(folder: Traversable) -> dict[str, Address]:
    """addresses.json, by code."""
    rows: list[Address] = json.loads((folder / "addresses.json").read_text(encoding="utf-8-sig"))
    return {str(row["addressCode"]): row for row in rows}


def read_budgets(folder: Traversable) -> tuple[BudgetRow, ...]:
    """budgets.csv."""
    return tuple(
        BudgetRow(**_typed(_typed(row, int, ("journal", "period")), Decimal, ("amount",)))
        for row in read_rows(folder, "budgets.csv")
    )


def read_documents(folder: Traversable) -> dict[str, Document]:
    """documents.csv, by file key; the bytes of these were never seen, so they have no hash."""
    return {
        row["file_key"]: Document(
            file_key=row["file_key"],
            journal=int(row["journal"]),
            line=int(row["line"]) if row["line"] else None,
            extension=row["extension"],
            private=row["private"] == "true",
            size=int(row["size"]),
            sha256="",
        )
        for row in read_rows(folder, "documents.csv")
    }


def read_stamps(folder: Traversable, facts: dict[str, str]) -> StampAccount:
    """rfcs.csv and stamps.csv."""
    return StampAccount(
        name=facts["account"],
        consumption=facts["consumption"],
        rfcs={row["rfc"]: row["authorised"] == "true" for row in read_rows(folder, "rfcs.csv")},
        movements=tuple(
            StampMovement(row["rfc"], date.fromisoformat(row["day"]), row["type"], int(row["count"]))
            for row in read_rows(folder, "stamps.csv")
        ),
    )


def _employee(row: dict[str, str]) -> Employee:
    return Employee(
        enrollment_code=row["enrollment_code"],
        surnames=row["surnames"],
        given_names=row["given_names"],
        curp=row["curp"],
        rfc=row["rfc"],
        active=_TRUTHS[row["active"]],
        group_code=row["group"],
        function=row["function"],
        fund=row["fund"],
        id_allowance=int(row["id_allowance"]) if row["id_allowance"] else None,
        id_employee=int(row["id_employee"]),
        id_enrollment=int(row["id_enrollment"]),
        job=row["job"],
    )


def _by_payroll(folder: Traversable, name: str) -> dict[int, list[dict[str, str]]]:
    rows = sorted(read_rows(folder, name), key=lambda row: int(row["payroll"]))
    return {payroll: list(there) for payroll, there in groupby(rows, key=lambda row: int(row["payroll"]))}


def _typed(row: dict[str, Any], kind: Callable[[str], object], names: tuple[str, ...]) -> dict[str, Any]:
    return row | {name: kind(row[name]) for name in names}
