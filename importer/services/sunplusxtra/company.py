"""The company behind the credentials, its ledger's periods and journal types."""

from dataclasses import dataclass

import msgspec

from importer.errors import AnswerUnclear
from importer.model.dates import Period
from importer.model.results import Company
from importer.services.responses import Text, period_in, read_as, rows_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class CompanyRecord(Company):
    """The company with its legal name and address, `""` where not told."""

    business_name: str = ""
    address: str = ""


class _Company(msgspec.Struct, frozen=True, rename={"business_name": "businessName"}):
    id: int
    name: str | None = None
    rfc: str | None = None
    business_name: str | None = None
    address: str | None = None


class OpenPeriods(msgspec.Struct, frozen=True):
    """The open range of the ledger; None where the ledger leaves an end open."""

    current: Period | None
    first: Period | None
    last: Period | None


class _Ledger(msgspec.Struct, frozen=True, rename="camel"):
    current_period: Text = None
    from_period: Text = None
    to_period: Text = None


class _JournalType(msgspec.Struct, frozen=True, rename="camel"):
    journal_type: str
    journal_name: str | None = None


def get_company(session: Session) -> CompanyRecord:
    """GET /company. Raises ServiceFailure, AnswerUnclear, NotSent."""
    found = read_as(_Company, session.read("get_company").response)
    return CompanyRecord(
        id=found.id,
        name=(found.name or "").strip(),
        tax_id=(found.rfc or "").strip(),
        business_name=trimmed(found.business_name),
        address=trimmed(found.address),
    )


def list_journal_types(session: Session) -> dict[str, str]:
    """GET /journal/type-list: code to name, blanks at the ends trimmed (J-18)."""
    rows = rows_or_none(_JournalType, None, lambda: session.read("list_journal_types"))
    return {trimmed(row.journal_type): trimmed(row.journal_name) for row in rows}


def get_ledger_definition(session: Session) -> OpenPeriods:
    """GET /ledger-definition: the current period and the open range (blanks after a period are dropped, P-04)."""
    found = read_as(_Ledger, session.read("get_ledger_definition").response)
    return OpenPeriods(
        current=_period_or_none(found.current_period),
        first=_period_or_none(found.from_period),
        last=_period_or_none(found.to_period),
    )


def _period_or_none(value: Text) -> Period | None:
    """A period; None for anything else, such as the 0 of an end that is left open."""
    try:
        return period_in(value)
    except AnswerUnclear:
        return None


def list_journal_periods(session: Session) -> frozenset[Period]:
    """GET /budget/journal-period: the periods that accept entries; empty when the service has none."""
    rows = rows_or_none(int, "203", lambda: session.read("list_journal_periods"))
    return frozenset(period for row in rows if (period := _period_or_none(row)) is not None)
