"""Posting journals and reading them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from importer.errors import AnswerUnclear
from importer.model.journals import DIMENSION_FIELDS, Line, Side
from importer.services.answers import read_as, rows_or_none, successful_envelope, trimmed
from importer.services.session import Session, segment
from importer.services.transport import Answer

CENT = Decimal("0.01")
LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class PostedAs:
    """What the ledger calls a journal; the voucher number is None when the answer has none."""

    journal_number: str
    voucher_number: str | None


class _Posted(msgspec.Struct, frozen=True, rename="camel"):
    journal_number: str | int | None = None
    voucher_number: str | int | None = None


def journal_payload(lines: Sequence[Line]) -> dict[str, list[dict[str, Any]]]:
    """The body of POST /journal. Lines are numbered 1 to n in the order given (J-09); unused members travel as `""`
    (J-02); amounts are exact decimals of two places."""
    return {"requestPolicyDetails": [_line_payload(number, line) for number, line in enumerate(lines, start=1)]}


def _line_payload(number: int, line: Line) -> dict[str, Any]:
    return {
        "line": number,
        "expiration": _day(line.expiration),
        "journalType": line.journal_type,
        "account": line.account,
        "treference": line.reference,
        **dict(zip(DIMENSION_FIELDS, line.dimensions, strict=True)),
        "description": line.description,
        "transaction": line.side.value,
        "amount": line.amount.quantize(CENT),
        "currency": line.currency,
        "transDateTime": _day(line.transaction_date),
        "memoAmount": "" if line.memo_amount is None else line.memo_amount.quantize(CENT),
        "period": line.period,
        "expectedDate": _day(line.expected_date),
        "assetCode": line.asset_code,
        "assetIndicator": line.asset_indicator,
        **{f"description{place}": text for place, text in enumerate(line.descriptions, start=1)},
    }


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def post_journal(session: Session, payload: object) -> PostedAs:
    """POST /journal, once: never repeated here, since it has no idempotency key (A-26).

    Takes what `journal_payload` gives. Raises ServiceFailure (HTTP 201, with `linesError` as `lines`), AnswerUnclear
    when the journal may or may not have been posted, NotSent when nothing left.
    """
    return posted_as(session.send("POST", "/journal", body=payload))


def posted_as(answer: Answer) -> PostedAs:
    """What a complete answer to POST /journal says. Only 200 with a journal number is a success (posting.md)."""
    posted = read_as(_Posted, successful_envelope(answer).response)
    number = str(posted.journal_number or "").strip()
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER and int(number)):
        raise AnswerUnclear("no-number")
    return PostedAs(number, str(posted.voucher_number or "").strip() or None)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line as the ledger stores it: `amount` is positive with its side from `dc` (J-06), `at` the transaction date as
    an instant (P-09, P-10), texts without the blanks at their end."""

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
    period: str
    at: datetime
    voucher_number: str | None


_ANALYSIS = tuple(f"analT{number}" for number in range(10))


class _Detail(msgspec.Struct, frozen=True, rename={name.lower(): name for name in _ANALYSIS} | {"number": "jrnalNo"}):
    number: int
    jrnalLine: int
    accntCode: str
    amount: Decimal
    dc: str
    period: int
    transDateTime: int
    jrnalType: str | None = None
    treference: str | None = None
    descriptn: str | None = None
    convCode: str | None = None
    vchrNum: str | None = None
    vouchrNum: str | None = None
    analt0: str | None = None
    analt1: str | None = None
    analt2: str | None = None
    analt3: str | None = None
    analt4: str | None = None
    analt5: str | None = None
    analt6: str | None = None
    analt7: str | None = None
    analt8: str | None = None
    analt9: str | None = None

    def ledger_line(self) -> LedgerLine:
        side = Side(self.dc.strip())
        if self.amount and (self.amount < 0) != (side is Side.DEBIT):
            raise AnswerUnclear("sign", number=str(self.number))
        return LedgerLine(
            journal_number=self.number,
            line_number=self.jrnalLine,
            journal_type=trimmed(self.jrnalType),
            account=trimmed(self.accntCode),
            side=side,
            amount=abs(self.amount),
            dimensions=tuple(trimmed(getattr(self, name.lower())) for name in _ANALYSIS),
            reference=trimmed(self.treference),
            description=trimmed(self.descriptn),
            currency=trimmed(self.convCode),
            period=str(self.period),
            at=datetime.fromtimestamp(self.transDateTime / 1000, tz=UTC),
            voucher_number=trimmed(self.vchrNum) or trimmed(self.vouchrNum) or None,
        )


class _Wrapped(msgspec.Struct, frozen=True):
    journalDetail: _Detail | None = None
    journalDetalle: _Detail | None = None


class _Journal(msgspec.Struct, frozen=True):
    lines: list[_Wrapped] | None = None
    lineas: list[_Wrapped] | None = None


def get_journal_range(session: Session, first: int, last: int) -> list[LedgerLine]:
    """POST /journal/range/first/last (a read without a body, A-22): the lines of the journals numbered first to last.

    Numbers without a journal are simply absent (J-16). Both spellings of the members are read (N-03, N-09).
    Raises AnswerUnclear when the sign of an amount contradicts its side (J-06).
    """
    path = f"/journal/range/{segment(first)}/{segment(last)}"
    journals = rows_or_none(_Journal, None, lambda: session.read("POST", path))
    wrapped = (line for journal in journals for line in journal.lines or journal.lineas or ())
    details = (line.journalDetail or line.journalDetalle for line in wrapped)
    return [detail.ledger_line() for detail in details if detail is not None]
