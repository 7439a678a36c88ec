"""A posted journal as `/journal/range` shows it: every member, every blank, every null of the example."""

from datetime import UTC, date, datetime, time
from functools import lru_cache

from importer.sandbox.company_lists import Company, Currency
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.ledger import Journal, Line
from importer.sandbox.padding import (
    CODE_WIDTH,
    CURRENCY_WIDTH,
    FLAG_WIDTH,
    REFERENCE_WIDTH,
    TYPE_WIDTH,
    fill_up,
)
from importer.sandbox.switches import Switches
from importer.sandbox.zone import ZONE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def milliseconds_at_midnight(day: date) -> int:
    """Milliseconds since 1970 in UTC at which the day begins in Mexico City (P-09, P-10)."""
    return int((datetime.combine(day, time(), ZONE) - _EPOCH).total_seconds()) * 1000


def write_journal(journal: Journal, company: Company, switches: Switches) -> dict[str, object]:
    """One element of the `response` of the range."""
    lines = []
    for position, line in enumerate(journal.lines, 1):
        detail = _write_detail(journal, position, line, company, switches)
        renamed = switches.schema_names and position > 1
        lines.append({"journalDetalle" if renamed else "journalDetail": detail})
    return {"lineas" if switches.schema_names else "lines": lines, "jrnalNo": journal.number}


def _write_detail(
    journal: Journal, position: int, line: Line, company: Company, switches: Switches
) -> dict[str, object]:
    currency = company.currencies[journal.currency]
    voucher_name = "vouchrNum" if switches.mixed_voucher_names and position == 1 else "vchrNum"
    return {
        "accntCode": fill_up(line.account, CODE_WIDTH, switches),
        **_allocation(line, switches),
        "amount": line.amount,
        **_analysis_and_asset(line, switches),
        **_conversion(currency, line, switches),
        "descriptn": line.description,
        **_origin(journal, position, line, company, switches),
        **_other_amounts(currency, line),
        "period": journal.period,
        **_posting(line),
        voucher_name: journal.voucher,
        "treference": fill_up(line.treference, REFERENCE_WIDTH, switches),
    }


def _allocation(line: Line, switches: Switches) -> dict[str, object]:
    entered = milliseconds_at_midnight(line.entry_date)
    return {
        "afterPstgDateTime": entered,
        "allocDateTime": entered,  # also on unallocated lines, as in the example (P-14)
        "allocId": None,
        "allocInProgress": " ",
        "allocPeriod": line.allocation_period,
        "allocRef": line.allocation_reference,
        "allocation": fill_up(line.allocation, FLAG_WIDTH, switches),
        "allocnCode": None,
        "allocnStmnts": None,
    }


def _analysis_and_asset(line: Line, switches: Switches) -> dict[str, object]:
    codes = zip(DIMENSIONS, line.codes, strict=True)
    return {
        **{dimension.analysis: fill_up(text, CODE_WIDTH, switches) for dimension, text in codes},
        "assetCode": fill_up(line.asset_code, CODE_WIDTH, switches),
        "assetInd": fill_up(line.asset_indicator, FLAG_WIDTH, switches),
        "assetSub": " ",
    }


def _conversion(currency: Currency, line: Line, switches: Switches) -> dict[str, object]:
    code = fill_up(currency.code, CURRENCY_WIDTH, switches)
    return {
        "cleardown": fill_up("0" if line.allocation else "00000", CURRENCY_WIDTH, switches),
        "convCode": code,
        "convRate": 1,
        "cv4Amt": line.amount,
        "cv4ConvCode": code,
        "cv4ConvRate": 1,
        "cv4Dp": "2",
        "cv4Operator": "*",
        "dc": line.side,
    }


def _origin(journal: Journal, position: int, line: Line, company: Company, switches: Switches) -> dict[str, object]:
    return {
        "dueDateTime": milliseconds_at_midnight(line.due_date),
        "entryDateTime": milliseconds_at_midnight(line.entry_date),
        "entryPrd": journal.entry_period,
        "inUseFlag": " ",
        "journalReference": 0,
        "jrnalLine": position,
        "jrnalNo": journal.number,
        "jrnalSrce": fill_up(company.journal_source, TYPE_WIDTH, switches),
        "jrnalType": fill_up(journal.journal_type, TYPE_WIDTH, switches),
        "lossGain": " ",
    }


def _other_amounts(currency: Currency, line: Line) -> dict[str, object]:
    return {
        "memoAmt": line.memo_amount,
        "monedaPlural": currency.plural,
        "monedaSingular": currency.singular,
        "nombreMoneda": currency.name,
        "otherAmt": line.amount,
        "otherDp": "2",
    }


def _posting(line: Line) -> dict[str, object]:
    return {
        "postingDateTime": milliseconds_at_midnight(line.entry_date),
        "principalReqd": 0,
        "reportAmt": 0,
        **({"reversal": " ", "roughFlag": " "} if line.allocation else {}),  # N-13
        "transDateTime": milliseconds_at_midnight(line.transaction_date),
    }
