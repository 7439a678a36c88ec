"""Posted journals as the ledger stores them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from importer.errors import AnswerUnclear, RequestRefused
from importer.model.dates import LedgerDay, Period
from importer.model.journals import Side
from importer.services import arguments
from importer.services.responses import AnalysedRow, Text, finite, period_in, required_period, rows_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line as the ledger stores it: `amount` is positive with its side from `dc` (J-06), texts without the
    blanks at their end, days as instants that a time zone makes days of (P-10).

    `other_amount` and `fourth_amount` are the same in other currency values, positive too; `memo_amount` is
    as it comes. The line is allocated exactly when `allocation` is not empty (P-14).
    """

    journal_number: int
    line_number: int
    journal_type: str
    account: str
    side: Side
    amount: Decimal
    dimensions: tuple[str, ...]
    reference: str
    description: str
    currency: str
    period: Period
    transaction_day: LedgerDay
    voucher_number: str
    other_amount: Decimal | None = None
    fourth_amount: Decimal | None = None
    fourth_currency: str = ""
    memo_amount: Decimal | None = None
    source: str = ""
    due_day: LedgerDay | None = None
    entry_day: LedgerDay | None = None
    posting_day: LedgerDay | None = None
    entry_period: Period | None = None
    allocation: str = ""
    allocation_reference: int | None = None
    allocation_period: Period | None = None
    asset_code: str = ""
    asset_indicator: str = ""
    reversal: str = ""
    rough_flag: str = ""


class _Detail(AnalysedRow, frozen=True, kw_only=True):
    jrnalNo: int
    jrnalLine: int
    accntCode: str
    amount: Decimal
    dc: str
    period: Text
    transDateTime: int
    jrnalType: str | None = None
    treference: str | None = None
    descriptn: str | None = None
    convCode: str | None = None
    vchrNum: Text = None
    vouchrNum: Text = None
    otherAmt: Decimal | None = None
    cv4Amt: Decimal | None = None
    cv4ConvCode: str | None = None
    memoAmt: Decimal | None = None
    jrnalSrce: str | None = None
    dueDateTime: int | None = None
    entryDateTime: int | None = None
    postingDateTime: int | None = None
    entryPrd: Text = None
    allocation: str | None = None
    allocRef: int | None = None
    allocPeriod: Text = None
    assetCode: str | None = None
    assetInd: str | None = None
    reversal: str | None = None
    roughFlag: str | None = None

    def ledger_line(self) -> LedgerLine:
        voucher = self.vouchrNum if self.vchrNum is None else self.vchrNum
        if voucher is None:
            raise AnswerUnclear("unreadable")
        return LedgerLine(
            journal_number=self.jrnalNo,
            line_number=self.jrnalLine,
            journal_type=trimmed(self.jrnalType),
            account=trimmed(self.accntCode),
            side=self._side(),
            amount=self.amount.copy_abs(),
            dimensions=self.codes(),
            reference=trimmed(self.treference),
            description=trimmed(self.descriptn),
            currency=trimmed(self.convCode),
            period=required_period(self.period),
            transaction_day=LedgerDay(self.transDateTime),
            voucher_number=trimmed(voucher),
            other_amount=_size(self.otherAmt),
            fourth_amount=_size(self.cv4Amt),
            fourth_currency=trimmed(self.cv4ConvCode),
            memo_amount=finite(self.memoAmt),
            source=trimmed(self.jrnalSrce),
            due_day=_day(self.dueDateTime),
            entry_day=_day(self.entryDateTime),
            posting_day=_day(self.postingDateTime),
            entry_period=period_in(self.entryPrd),
            allocation=trimmed(self.allocation),
            allocation_reference=self.allocRef,
            allocation_period=period_in(self.allocPeriod),
            asset_code=trimmed(self.assetCode),
            asset_indicator=trimmed(self.assetInd),
            reversal=trimmed(self.reversal),
            rough_flag=trimmed(self.roughFlag),
        )

    def _side(self) -> Side:
        try:
            side = Side(self.dc.strip())
        except ValueError as error:
            raise AnswerUnclear("unreadable") from error
        if finite(self.amount) and self.amount.is_signed() != (side is Side.DEBIT):
            raise AnswerUnclear("sign", number=str(self.jrnalNo))
        return side


class _Wrapped(msgspec.Struct, frozen=True):
    journalDetail: _Detail | None = None
    journalDetalle: _Detail | None = None


class _Journal(msgspec.Struct, frozen=True):
    lines: list[_Wrapped] | None = None
    lineas: list[_Wrapped] | None = None


def get_journal_range(session: Session, first: int, last: int) -> list[LedgerLine]:
    """POST /journal/range/first/last (a read without a body, A-22; GET in the live dialect): the lines of the journals
    numbered first to last.

    Numbers without a journal are simply absent (J-16). Both spellings of the members are read (N-03, N-09). A range
    whose answer would be too large is asked for again in halves. Raises AnswerUnclear when one journal alone is too
    large, the sign of an amount contradicts its side (J-06), or a line has no voucher number (N-03).
    """
    numbers = [arguments.number("journal-number", number, least=0) for number in (first, last)]
    if first > last:
        raise RequestRefused("journal-number", "not-after-last")
    try:
        return _lines_of(rows_or_none(_Journal, None, lambda: session.read("get_journal_range", *numbers)))
    except AnswerUnclear as error:
        if error.key != "too-large" or first == last:
            raise
    middle = (first + last) // 2
    return get_journal_range(session, first, middle) + get_journal_range(session, middle + 1, last)


def _lines_of(journals: Iterable[_Journal]) -> list[LedgerLine]:
    wrapped = (line for journal in journals for line in journal.lines or journal.lineas or ())
    details = (line.journalDetail or line.journalDetalle for line in wrapped)
    return [detail.ledger_line() for detail in details if detail is not None]


def _size(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else finite(amount).copy_abs()


def _day(milliseconds: int | None) -> LedgerDay | None:
    return None if milliseconds is None else LedgerDay(milliseconds)
