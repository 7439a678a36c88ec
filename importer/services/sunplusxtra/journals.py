"""Posting journals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from importer.errors import AnswerUnclear
from importer.model.journals import DIMENSION_FIELDS, EXTRA_DESCRIPTIONS, Line
from importer.services.http import Response
from importer.services.operations import OPERATIONS
from importer.services.responses import read_as, successful_envelope
from importer.services.session import Session

CENT = Decimal("0.01")
LONGEST_NUMBER = 12
_MEMBERS = (
    *("line", "expiration", "journalType", "account", "treference"),
    *DIMENSION_FIELDS,
    *("description", "transaction", "amount", "currency", "transDateTime"),
    *("memoAmount", "period", "expectedDate", "assetCode", "assetIndicator"),
    *(f"description{place}" for place in range(1, EXTRA_DESCRIPTIONS + 1)),
)
"""The members of a line in the order in which they travel; `_line_payload` gives their values in the same order."""

_LinePayload = msgspec.defstruct("_LinePayload", [(member, object) for member in _MEMBERS], frozen=True, gc=False)


@dataclass(frozen=True, slots=True)
class PostedAs:
    """What the ledger calls a journal; the voucher number is None when the answer has none."""

    journal_number: str
    voucher_number: str | None


class _Posted(msgspec.Struct, frozen=True, rename="camel"):
    journal_number: str | int | None = None
    voucher_number: str | int | None = None


class JournalPayload(msgspec.Struct, frozen=True, rename={"lines": "requestPolicyDetails"}):
    """The body of POST /journal. A struct's names are written three times as fast as a dict's."""

    lines: list[object]


def journal_payload(lines: Sequence[Line]) -> JournalPayload:
    """The body of POST /journal. Lines are numbered 1 to n in the order given (J-09); unused members travel as `""`
    (J-02); amounts are exact decimals of two places, days `yyyy-mm-dd`."""
    return JournalPayload([_line_payload(number, line) for number, line in enumerate(lines, start=1)])


def _line_payload(number: int, line: Line) -> object:
    return _LinePayload(
        *(number, _or_blank(line.expiration), line.journal_type, line.account, line.reference),
        *line.dimensions,
        *(line.description, line.side, line.amount.quantize(CENT), line.currency, line.transaction_date),
        "" if line.memo_amount is None else line.memo_amount.quantize(CENT),
        *(str(line.period), _or_blank(line.expected_date), line.asset_code, line.asset_indicator),
        *line.descriptions,
    )


def _or_blank(day: date | None) -> date | str:
    return "" if day is None else day


def post_journal(session: Session, payload: object) -> PostedAs:
    """POST /journal, once: never repeated here, since it has no idempotency key (A-26).

    Takes what `journal_payload` gives. Raises ServiceFailure (HTTP 201, with `linesError` as `lines`), AnswerUnclear
    when the journal may or may not have been posted, NotSent when nothing left.
    """
    return posted_as(session.send("post_journal", body=payload))


def posted_as(answer: Response) -> PostedAs:
    """What a complete answer to POST /journal says. Only 200 with a journal number is a success (posting.md)."""
    posted = read_as(_Posted, successful_envelope(answer, OPERATIONS["post_journal"]).response)
    number = str(posted.journal_number or "").strip()
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER and int(number)):
        raise AnswerUnclear("no-number")
    return PostedAs(str(int(number)), str(posted.voucher_number or "").strip() or None)
