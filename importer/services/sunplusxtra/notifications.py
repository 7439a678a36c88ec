"""Entries that other companies announce to this one."""

from dataclasses import dataclass
from decimal import Decimal

import msgspec

from importer.errors import RequestRefused
from importer.model.dates import Period
from importer.model.journals import Side
from importer.services import arguments
from importer.services.responses import Text, finite, period_in, rows_or_none, text_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class Notification:
    """An announced entry. `status` is 1 pending, 4 rejected, 6 accounted; other numbers come too, that of cancelled
    ones among them (E-02). `transaction` is the service's own word (Crédito). Whose credit it is, is not documented:
    nothing is posted from it without a person (E-04)."""

    id: int
    journal_number: int | None
    line_number: int | None
    period: Period | None
    status: int | None
    transaction: str
    amount: Decimal | None
    origin_company: str
    origin_company_id: int | None
    destination_company: str
    policy_id: int | None
    policy_detail_id: int | None
    origin_account: str | None
    destination_account: str | None
    rejection_reason: str | None
    accounting_policy: str | None

    @property
    def side(self) -> Side | None:
        """Credit for that one word; None for every other: the word for a debit is not documented (E-03)."""
        return Side.CREDIT if self.transaction.strip() == "Crédito" else None


class _Row(msgspec.Struct, frozen=True, rename="camel"):
    id: int
    journal_no: int | None = None
    line: int | None = None
    period: Text = None
    status_id: int | None = None
    transaction: str | None = None
    amount: Decimal | None = None
    origin_company: str | None = None
    origin_company_id: int | None = None
    destination_company: str | None = None
    policy_id: int | None = None
    policy_detail_id: int | None = None
    origin_account: Text = None
    destination_account: Text = None
    rejection_reason: str | None = None
    accounting_policy_id: Text = None

    def notification(self) -> Notification:
        return Notification(
            id=self.id,
            journal_number=self.journal_no,
            line_number=self.line,
            period=period_in(self.period),
            status=self.status_id,
            transaction=trimmed(self.transaction),
            amount=finite(self.amount),
            origin_company=trimmed(self.origin_company),
            origin_company_id=self.origin_company_id,
            destination_company=trimmed(self.destination_company),
            policy_id=self.policy_id,
            policy_detail_id=self.policy_detail_id,
            origin_account=text_or_none(self.origin_account),
            destination_account=text_or_none(self.destination_account),
            rejection_reason=text_or_none(self.rejection_reason),
            accounting_policy=text_or_none(self.accounting_policy_id),
        )


def list_notifications(
    session: Session, period: Period, *, only_pending: bool = False, only_cancelled: bool = False
) -> list[Notification]:
    """GET /notificatios/period/pending/cancelled: the notifications of a period. Both restrictions together are not
    documented and are refused (A-32)."""
    if only_pending and only_cancelled:
        raise RequestRefused("only-pending", "not-both")
    segments = (arguments.period("period", period), "1" if only_pending else "0", "1" if only_cancelled else "0")
    rows = rows_or_none(_Row, None, lambda: session.read("list_notifications", *segments))
    return [row.notification() for row in rows]
