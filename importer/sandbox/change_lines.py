"""A change of the company as a line of JSON, and back; amounts are texts, digit by digit."""

import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from importer.sandbox.changes import (
    AddressRemoved,
    AddressSet,
    CodeRemoved,
    CodeSet,
    DocumentLinked,
    DocumentRemoved,
    EmployeeActivated,
    JournalPosted,
)
from importer.sandbox.company_lists import AnalysisCode, Change
from importer.sandbox.company_records import Document
from importer.sandbox.ledger import Journal, Line


def write_change(change: Change) -> bytes:
    """One line without its end."""
    members = {"change": type(change).__name__} | _plain(change)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def read_change(line: bytes) -> Change:
    """The change of a line; ValueError, TypeError, KeyError, AttributeError or ArithmeticError when it is none."""
    members = json.loads(line)
    match members.pop("change"):
        case "JournalPosted":
            return JournalPosted(_journal(**members["journal"]))
        case "CodeSet":
            return CodeSet(members["cat_id"], AnalysisCode(**members["code"]))
        case "CodeRemoved":
            return CodeRemoved(**members)
        case "AddressSet":
            return AddressSet(**members)
        case "AddressRemoved":
            return AddressRemoved(**members)
        case "EmployeeActivated":
            return EmployeeActivated(**members)
        case "DocumentLinked":
            return DocumentLinked(Document(**members["document"]))
        case "DocumentRemoved":
            return DocumentRemoved(**members)
        case other:
            raise ValueError(f"{other} is no change")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(member) for name, member in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [_plain(member) for member in value]
    return value


def _journal(lines: list[dict[str, Any]], **facts: Any) -> Journal:
    return Journal(lines=tuple(_line(**line) for line in lines), **facts)


def _line(amount: str, memo_amount: str | int, codes: list[str], **facts: Any) -> Line:
    days = ("transaction_date", "due_date", "entry_date")
    facts |= {name: date.fromisoformat(facts[name]) for name in days}
    return Line(amount=Decimal(amount), memo_amount=Decimal(memo_amount), codes=tuple(codes), **facts)
