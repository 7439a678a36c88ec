"""Journals read back: by their numbers with every member, and line by line as the movements of an account."""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache

from importer.sandbox.company import DIMENSIONS, ZONE, Company
from importer.sandbox.ledger import Journal, Line, Movement
from importer.sandbox.operation import Call, Members, QueryError, with_response
from importer.sandbox.operations.parameters import (
    CODE_WIDTH,
    CURRENCY_WIDTH,
    FLAG_WIDTH,
    REFERENCE_WIDTH,
    TYPE_WIDTH,
    fill_up,
)
from importer.sandbox.request_body import FilledText, MalformedError, Shape, read_shape
from importer.sandbox.switches import Switches


def get_journal_range(call: Call) -> Members:
    """The journals from one number to another; missing numbers are passed over, none is `[]` (J-16)."""
    first, last = (_number(call.path[name]) for name in ("start", "end"))
    if first > last:
        raise QueryError("203", "the first number is above the last one")
    there = call.company.ledger.between(first, last)
    journals = [_shown_journal(journal, call.company, call.switches) for journal in there]
    return with_response(journals, "Successfully uploaded")


def _number(segment: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", segment):
        raise QueryError("203", "a journal number is digits only")
    return int(segment)


class _CashCount(Shape):
    account: FilledText
    startDate: date
    endDate: date


class _OpenEndedCashCount(_CashCount):
    endDate: date = date.max


def get_cash_count(call: Call) -> Members:
    """Rows without amount, side and account (B-06); nothing found is an empty list (N-15).

    206 when account or startDate is empty, 201 for anything else that is wrong (B-08).
    """
    body = call.body
    if isinstance(body, dict) and not (body.get("account") and body.get("startDate")):
        raise QueryError("206")
    asked = read_shape(_OpenEndedCashCount if call.switches.open_ended_cash_count else _CashCount, body)
    if asked.endDate < asked.startDate:
        raise MalformedError("endDate is before startDate")
    movements = call.company.ledger.movements(asked.account.rstrip(" "), asked.startDate, asked.endDate)
    rows = [_row(movement) for movement in movements]
    if call.switches.repeated_movements:
        rows = [row for row in rows for _ in range(2)]
    return with_response(rows, "Successfully uploaded")


def _row(movement: Movement) -> Members:
    line, journal = movement.line, movement.journal
    analysis = {dimension.analysis: code for dimension, code in zip(DIMENSIONS, line.codes, strict=True)}
    return {
        "allocRef": line.allocation_reference,
        "allocation": line.allocation,
        **analysis,
        "description": line.description,
        "journalLine": movement.position,
        "journalNo": journal.number,
        "period": journal.period,
        "transDateTime": line.transaction_date.isoformat(),
    }


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def milliseconds_at_midnight(day: date) -> int:
    """Milliseconds since 1970 in UTC at which the day begins in Mexico City (P-09, P-10)."""
    return int((datetime.combine(day, time(), ZONE) - _EPOCH).total_seconds()) * 1000


def _shown_journal(journal: Journal, company: Company, switches: Switches) -> Members:
    """One element of the `response` of the range."""
    lines = []
    for position, line in enumerate(journal.lines, 1):
        detail = _shown_line(journal, position, line, company, switches)
        renamed = switches.schema_names and position > 1
        lines.append({"journalDetalle" if renamed else "journalDetail": detail})
    return {"lineas" if switches.schema_names else "lines": lines, "jrnalNo": journal.number}


def _shown_line(journal: Journal, position: int, line: Line, company: Company, switches: Switches) -> Members:
    """Every member of the example in its order, with its blanks and its nulls."""
    currency = company.currencies[journal.currency]
    currency_code = fill_up(currency.code, CURRENCY_WIDTH, switches)
    entered, codes = milliseconds_at_midnight(line.entry_date), zip(DIMENSIONS, line.codes, strict=True)
    voucher_name = "vouchrNum" if switches.mixed_voucher_names and position == 1 else "vchrNum"
    return {
        "accntCode": fill_up(line.account, CODE_WIDTH, switches),
        "afterPstgDateTime": entered,
        "allocDateTime": entered,  # also on unallocated lines, as in the example (P-14)
        "allocId": None,
        "allocInProgress": " ",
        "allocPeriod": line.allocation_period,
        "allocRef": line.allocation_reference,
        "allocation": fill_up(line.allocation, FLAG_WIDTH, switches),
        "allocnCode": None,
        "allocnStmnts": None,
        "amount": line.amount,
        **{dimension.analysis: fill_up(text, CODE_WIDTH, switches) for dimension, text in codes},
        "assetCode": fill_up(line.asset_code, CODE_WIDTH, switches),
        "assetInd": fill_up(line.asset_indicator, FLAG_WIDTH, switches),
        "assetSub": " ",
        "cleardown": fill_up("0" if line.allocation else "00000", CURRENCY_WIDTH, switches),
        "convCode": currency_code,
        "convRate": 1,
        "cv4Amt": line.amount,
        "cv4ConvCode": currency_code,
        "cv4ConvRate": 1,
        "cv4Dp": "2",
        "cv4Operator": "*",
        "dc": line.side,
        "descriptn": line.description,
        "dueDateTime": milliseconds_at_midnight(line.due_date),
        "entryDateTime": entered,
        "entryPrd": journal.entry_period,
        "inUseFlag": " ",
        "journalReference": 0,
        "jrnalLine": position,
        "jrnalNo": journal.number,
        "jrnalSrce": fill_up(company.journal_source, TYPE_WIDTH, switches),
        "jrnalType": fill_up(journal.journal_type, TYPE_WIDTH, switches),
        "lossGain": " ",
        "memoAmt": line.memo_amount,
        "monedaPlural": currency.plural,
        "monedaSingular": currency.singular,
        "nombreMoneda": currency.name,
        "otherAmt": line.amount,
        "otherDp": "2",
        "period": journal.period,
        "postingDateTime": entered,
        "principalReqd": 0,
        "reportAmt": 0,
        **({"reversal": " ", "roughFlag": " "} if line.allocation else {}),  # N-13
        "transDateTime": milliseconds_at_midnight(line.transaction_date),
        voucher_name: journal.voucher,
        "treference": fill_up(line.treference, REFERENCE_WIDTH, switches),
    }
