"""Journals: posting one (shape, one journal a request, the company's rules, balance, and then the ledger), and reading
them back, by their numbers with every member, and line by line as the movements of an account."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from importer.sandbox.changes import JournalPosted, take
from importer.sandbox.company import (
    CLOSED,
    DIMENSIONS,
    MANDATORY,
    OPTIONAL,
    PROHIBITED,
    SUSPENDED,
    ZONE,
    Account,
    Company,
    Dimension,
    Journal,
    Line,
    Movement,
)
from importer.sandbox.operations import (
    CODE_WIDTH,
    CURRENCY_WIDTH,
    FLAG_WIDTH,
    REFERENCE_WIDTH,
    TYPE_WIDTH,
    Call,
    LineError,
    Members,
    QueryError,
    fill_up,
    read_number,
    read_period,
    with_response,
)
from importer.sandbox.request_body import FilledText, FromOne, MalformedError, Money, Shape, is_money, read_shape
from importer.sandbox.switches import Switches

CENT = Decimal("0.01")
COLLATERAL = "Rejected due to errors in other lines"

DayOrNothing = Annotated[str, msgspec.Meta(pattern=r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")]
"""A day as yyyy-mm-dd, or an empty text (P-13)."""

CODES = ("journalType", "account", "currency", *(dimension.request for dimension in DIMENSIONS))
"""Members of a line that are looked up in lists."""


class _Line(Shape):
    """A line of a request; members that may be missing have a default."""

    line: FromOne
    journalType: FilledText
    account: FilledText
    treference: str
    description: str
    transaction: Literal["C", "D"]
    amount: Money
    currency: FilledText
    transDateTime: date
    period: str
    source: str = ""
    tfww: str = ""
    fund: str = ""
    function: str = ""
    restriction: str = ""
    sdaOrganization: str = ""
    who: str = ""
    flag: str = ""
    project: str = ""
    details: str = ""
    expiration: DayOrNothing = ""
    expectedDate: DayOrNothing = ""
    memoAmount: object = ""
    assetCode: str = ""
    assetIndicator: str = ""

    def __post_init__(self) -> None:
        """Takes the blanks at the end off codes (W-04); ValueError for what the types let through."""
        for name in CODES:
            setattr(self, name, getattr(self, name).rstrip(" "))
        if not is_money(self.amount) or self.amount <= 0:
            raise ValueError("amount must be a number above zero with at most two decimals")
        if self.memoAmount != "" and not is_money(self.memoAmount):
            raise ValueError("memoAmount must be a number with at most two decimals, or an empty text")
        for name in ("expiration", "expectedDate"):
            try:
                date.fromisoformat(getattr(self, name) or "1970-01-01")
            except ValueError:
                raise ValueError(f"{name} must be a day of the calendar") from None

    def code_of(self, dimension: Dimension) -> str:
        """The code of a dimension; empty for none."""
        code: str = getattr(self, dimension.request)
        return code


_LINE = msgspec.defstruct(
    "_LineWithDescriptions",
    [(f"description{n}", str, "") for n in range(1, 26)],  # 25 of them, not 10 (J-01)
    bases=(_Line,),
)


class _Request(Shape):
    requestPolicyDetails: Annotated[list[_LINE], msgspec.Meta(min_length=1)]  # type: ignore[valid-type]  # made above


def post_journal(call: Call) -> Members:
    """Posts all lines or none (J-12) and answers the new number and voucher.

    203: the request is none, or holds more than one journal (J-08). 201 with `linesError`: rules refuse
    lines. 201 without: debits and credits differ (J-07).
    """
    switches, company = call.switches, call.company
    lines = _read_lines(call)
    if switches.unreachable_before_posting:
        raise QueryError("202")
    if switches.bad_response_before_posting:
        raise QueryError("203")
    if line_errors := _check_lines(lines, company, switches):
        raise QueryError("201", line_errors=line_errors)
    today = datetime.now(ZONE).date()
    posted = [_posted(line, today, switches) for line in lines]
    if sum(line.amount for line in posted):
        raise QueryError("201", "the journal does not balance")
    head = lines[0]
    period, entry_period = int(head.period), company.current_period
    journal = company.ledger.draft(head.journalType, head.currency, period, entry_period, posted)
    take(company, JournalPosted(journal))
    if switches.unreachable_after_posting:
        raise QueryError("202")
    if switches.bad_response_after_posting:
        raise QueryError("203")
    return with_response(
        {"journalNumber": str(journal.number), "voucherNumber": journal.voucher}, "Successful operation"
    )


def _read_lines(call: Call) -> list[_Line]:
    """The lines of the request; `MalformedError` names the first thing that is wrong with its shape."""
    lines: list[_Line] = read_shape(_Request, call.body).requestPolicyDetails
    for place, line in enumerate(lines):
        read_period(call, line.period, f"requestPolicyDetails[{place}].period")
    for member in ("journalType", "period", "currency"):
        if len({getattr(line, member) for line in lines}) > 1:
            raise MalformedError(f"the lines differ in {member}")
    return lines


def _posted(line: _Line, today: date, switches: Switches) -> Line:
    amount = Decimal(line.amount).quantize(CENT)
    reference = line.treference.rstrip(" ")
    return Line(
        account=line.account,
        amount=-amount if line.transaction == "D" else amount,
        codes=tuple([line.code_of(dimension) for dimension in DIMENSIONS]),
        treference=reference[:15] if switches.cut_reference else reference,
        description=line.description.rstrip(" "),
        transaction_date=line.transDateTime,
        due_date=date.fromisoformat(line.expiration) if line.expiration else line.transDateTime,
        entry_date=today,
        memo_amount=line.memoAmount if is_money(line.memoAmount) else 0,
        asset_code=line.assetCode.rstrip(" "),
        asset_indicator=line.assetIndicator.rstrip(" "),
    )


def _check_lines(lines: Sequence[_Line], company: Company, switches: Switches) -> list[LineError]:
    """The service's complaints about lines of a journal, several a line where need be, by the lists of `company` and
    the readings of `switches`; none when the journal may be posted. What the lines share is wrong on every line (P-06,
    J-18)."""
    head, of_journal = lines[0], []
    if head.journalType not in company.journal_types:
        of_journal.append(f"Unknown journal type {head.journalType}")
    if head.currency not in company.currencies:
        of_journal.append(f"Unknown currency code {head.currency}")
    if not company.has_open(int(head.period)):
        open_periods = f"{company.first_period} to {company.last_period}"
        of_journal.append(f"Period {head.period} is not open for posting ({open_periods})")
    complaints = [of_journal + list(_complaints_of_line(line, company, switches)) for line in lines]
    if not any(complaints):
        return []
    return [
        (line.line, message)
        for line, messages in zip(lines, complaints, strict=True)
        for message in messages or ([COLLATERAL] if switches.collateral_lines else [])
    ]


def _complaints_of_line(line: _Line, company: Company, switches: Switches) -> Iterator[str]:
    if not line.account:
        yield "Account record not found"
    elif (account := company.accounts.get(line.account)) is None:
        yield f"Unknown account code {line.account}"
    else:
        if account.status == SUSPENDED:
            yield f"Account {account.code} is suspended"
        if account.status == CLOSED:
            yield f"Account {account.code} is closed"
        yield from _complaints_of_presence(line, account, switches)
        yield from _complaints_of_journal_type(line, account, company)
    yield from _complaints_of_codes(line, company)


def _complaints_of_presence(line: _Line, account: Account, switches: Switches) -> Iterator[str]:
    """Dimensions that are missing though mandatory, or filled though prohibited (D-05)."""
    for dimension, rule in zip(DIMENSIONS, account.enter, strict=True):
        filled = bool(line.code_of(dimension))
        if rule == MANDATORY and not filled:
            yield f"Analysis code for {dimension.title} must be entered for account {account.code}"
        if filled and (rule == PROHIBITED or (rule == OPTIONAL and switches.two_prohibits)):
            yield f"Analysis code for {dimension.title} is prohibited for account {account.code}"


def _complaints_of_codes(line: _Line, company: Company) -> Iterator[str]:
    for dimension in DIMENSIONS:
        if not (code := line.code_of(dimension)):
            continue
        known = company.analysis_codes[dimension.cat_id].get(code)
        if known is None:
            yield f"Unknown analysis code {code} for {dimension.title}"
        elif known.prohibit_posting:
            yield f"Posting is prohibited with analysis code {code} of {dimension.title}"


def _complaints_of_journal_type(line: _Line, account: Account, company: Company) -> Iterator[str]:
    """A type may demand what the account leaves open; in SunSystems the account's own word counts more."""
    for rule in company.journal_type_rules:
        place, dimension = next((n, one) for n, one in enumerate(DIMENSIONS) if one.cat_id == rule.dimension)
        applies = (
            line.journalType == rule.journal_type
            and line.transaction == rule.side
            and account.code.startswith(rule.account_prefixes)
            and account.enter[place] == OPTIONAL
        )
        if applies and not line.code_of(dimension):
            yield rule.message


def get_journal_range(call: Call) -> Members:
    """The journals from one number to another; missing numbers are passed over, none is `[]` (J-16)."""
    first, last = (read_number(call.path[name], name) for name in ("start", "end"))
    if first > last:
        raise MalformedError("the first number is above the last one")
    company, switches = call.company, call.switches
    journals: list[Members] = []
    for journal in company.ledger.between(first, last):
        lines = []
        for position, line in enumerate(journal.lines, 1):
            name = "journalDetalle" if switches.schema_names and position > 1 else "journalDetail"
            lines.append({name: _shown_line(journal, position, line, company, switches)})
        journals.append({"lineas" if switches.schema_names else "lines": lines, "jrnalNo": journal.number})
    return with_response(journals, "Successfully uploaded")


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
    times = 2 if call.switches.repeated_movements else 1
    return with_response([_row(movement) for movement in movements for _ in range(times)], "Successfully uploaded")


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


def _shown_line(journal: Journal, position: int, line: Line, company: Company, switches: Switches) -> Members:
    """Every member of the example in its order, with its blanks and its nulls."""
    currency = company.currencies[journal.currency]
    currency_code = fill_up(journal.currency, CURRENCY_WIDTH, switches)
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
        "monedaPlural": currency["plural"],
        "monedaSingular": currency["singular"],
        "nombreMoneda": currency["name"],
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
