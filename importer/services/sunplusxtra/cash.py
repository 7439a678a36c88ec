"""Movements of an account between two dates."""

from dataclasses import dataclass
from datetime import date

from importer.model.dates import Period
from importer.services import arguments
from importer.services.responses import AnalysedRow, Text, day_in, period_in, rows_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a journal that moves the account asked for. It has no amount, no side and no reference (B-06): those
    are in the journal range, by journal and line."""

    journal_number: int
    line_number: int | None
    transaction_date: date | None
    period: Period | None
    description: str
    dimensions: tuple[str, ...]
    allocation: str
    allocation_reference: int | None


class _Row(AnalysedRow, frozen=True, kw_only=True):
    journalNo: int
    journalLine: int | None = None
    transDateTime: str | None = None
    period: Text = None
    description: str | None = None
    allocation: str | None = None
    allocRef: int | None = None


def get_cash_count(session: Session, account: str, first: date, last: date) -> list[Movement]:
    """POST /cash-count (a read, B-09): the movements of an account between two days, both included.

    Equal rows are kept: journal and line are no safe key (B-07). Never present it as a cash total (B-06).
    """
    body = {"account": arguments.filled_text("account", account), **arguments.days(first, last)}
    rows = rows_or_none(_Row, None, lambda: session.read("get_cash_count", body=body))
    return [
        Movement(
            journal_number=row.journalNo,
            line_number=row.journalLine,
            transaction_date=day_in(row.transDateTime),
            period=period_in(row.period),
            description=trimmed(row.description),
            dimensions=row.codes(),
            allocation=trimmed(row.allocation),
            allocation_reference=row.allocRef,
        )
        for row in rows
    ]
