"""The company behind the credentials, its ledger's periods and journal types."""

import re

import msgspec

from importer.model.results import Company
from importer.services.answers import read_as, rows_or_none, trimmed
from importer.services.session import Session


class _Company(msgspec.Struct, frozen=True):
    id: int
    name: str | None = None
    rfc: str | None = None


class OpenPeriods(msgspec.Struct, frozen=True):
    """The open range of the ledger, periods as `yyyyppp`; None where the ledger leaves an end open."""

    current: str | None
    first: str | None
    last: str | None


class _Ledger(msgspec.Struct, frozen=True, rename="camel"):
    current_period: str | None = None
    from_period: str | None = None
    to_period: str | None = None


class _JournalType(msgspec.Struct, frozen=True, rename="camel"):
    journal_type: str
    journal_name: str | None = None


def get_company(session: Session) -> Company:
    """GET /company. Raises ServiceFailure, AnswerUnclear, NotSent."""
    found = read_as(_Company, session.read("GET", "/company").response)
    return Company(id=found.id, name=(found.name or "").strip(), tax_id=(found.rfc or "").strip())


def list_journal_types(session: Session) -> dict[str, str]:
    """GET /journal/type-list: code to name, blanks at the ends trimmed (J-18)."""
    rows = rows_or_none(_JournalType, None, lambda: session.read("GET", "/journal/type-list"))
    return {trimmed(row.journal_type): trimmed(row.journal_name) for row in rows}


def get_ledger_definition(session: Session) -> OpenPeriods:
    """GET /ledger-definition: the current period and the open range (blanks after a period are dropped, P-04)."""
    found = read_as(_Ledger, session.read("GET", "/ledger-definition").response)
    return OpenPeriods(
        current=_period(found.current_period), first=_period(found.from_period), last=_period(found.to_period)
    )


def _period(text: str | None) -> str | None:
    """A period as `yyyyppp`; None for anything else, such as the 0 of an end that is left open."""
    period = trimmed(text)
    return period if re.fullmatch("[0-9]{7}", period) and period != "0000000" else None


def list_journal_periods(session: Session) -> frozenset[str]:
    """GET /budget/journal-period: the periods that accept entries, as `yyyyppp`; empty when the service has none."""
    rows = rows_or_none(int, "203", lambda: session.read("GET", "/budget/journal-period"))
    return frozenset(str(period) for period in rows)
