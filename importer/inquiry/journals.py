"""Posted journals by their numbers, and entries that other companies announce."""

from importer.inquiry.resources import Column, Filter, FilterKind, Resource, columns, dimension_columns
from importer.model.periods import Period
from importer.services.session import Session
from importer.services.sunplusxtra.ledger import LedgerLine, get_journal_range
from importer.services.sunplusxtra.notifications import Notification, list_notifications


def _lines(session: Session, first: int, last: int | None) -> list[LedgerLine]:
    """Without a last number the one journal."""
    return get_journal_range(session, first, first if last is None else last)


def _notifications(session: Session, period: Period, pending: bool, cancelled: bool) -> list[Notification]:
    return list_notifications(session, period, only_pending=pending, only_cancelled=cancelled)


JOURNALS = Resource(
    "journals",
    ("get_journal_range",),
    _lines,
    (
        *columns("journal_number line_number account"),
        *columns("side amount currency description reference"),
        Column("transaction_date", lambda line: line.transaction_day),
        *columns("period journal_type"),
        *dimension_columns(),
        *columns("voucher_number"),
        Column("due_date", lambda line: line.due_day),
        Column("entry_date", lambda line: line.entry_day),
        Column("posting_date", lambda line: line.posting_day),
        *columns("entry_period memo_amount other_amount fourth_amount fourth_currency"),
        Column("journal_source", lambda line: line.source),
        *columns("allocation allocation_reference allocation_period asset_code asset_indicator reversal rough_flag"),
    ),
    (
        Filter("first", FilterKind.NUMBER, flag="from", wording="first-journal", is_required=True, is_place=True),
        Filter("last", FilterKind.NUMBER, flag="to", wording="last-journal", is_place=True),
    ),
    also=("journal", "lines"),
)
NOTIFICATIONS = Resource(
    "notifications",
    ("list_notifications",),
    _notifications,
    (
        *columns("id journal_number line_number period"),
        Column("status", words="inquiry.word.notification-status.{}"),
        *columns("transaction amount origin_company destination_company origin_account destination_account"),
        *columns("rejection_reason origin_company_id policy_id policy_detail_id accounting_policy"),
    ),
    (
        Filter("period", FilterKind.PERIOD, is_required=True),
        Filter("pending", FilterKind.SWITCH),
        Filter("cancelled", FilterKind.SWITCH),
    ),
    also=("notification",),
    has_caution=True,
)
RESOURCES = (JOURNALS, NOTIFICATIONS)
