"""Posting a journal: shape, one journal a request, rules, balance, and then the ledger."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from importer.sandbox import failures
from importer.sandbox.changes import JournalPosted
from importer.sandbox.company_lists import Company
from importer.sandbox.dimensions import DIMENSIONS
from importer.sandbox.failures import MalformedError, QueryError
from importer.sandbox.ledger import Journal, Line
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.operations.journal_request import read_lines
from importer.sandbox.operations.posting_rules import check_lines
from importer.sandbox.switches import Switches
from importer.sandbox.zone import ZONE

CENT = Decimal("0.01")


def post_journal(call: Call) -> dict[str, object]:
    """Posts all lines or none (J-12) and answers the new number and voucher.

    203: the request is none, or holds more than one journal (J-08). 201 with `linesError`: rules refuse
    lines. 201 without: debits and credits differ (J-07).
    """
    switches, company = call.switches, call.company
    lines = read_lines(call.body, switches)
    _require_one_journal(lines)
    if switches.unreachable_before_posting:
        raise QueryError("202")
    if switches.bad_response_before_posting:
        raise QueryError("203")
    if line_errors := check_lines(lines, company, switches):
        raise QueryError("201", line_errors=line_errors)
    today = datetime.now(ZONE).date()
    posted = [_posted(line, today, switches) for line in lines]
    if sum(line.amount for line in posted):
        raise QueryError("201", "the journal does not balance")
    journal = _post(lines[0], posted, company)
    if switches.unreachable_after_posting:
        raise QueryError("202")
    if switches.bad_response_after_posting:
        raise QueryError("203")
    response = {"journalNumber": str(journal.number), "voucherNumber": journal.voucher}
    return {"message": "Successful operation", "response": response}


def _require_one_journal(lines: list[dict[str, Any]]) -> None:
    for member in ("journalType", "period", "currency"):
        if len({line[member] for line in lines}) > 1:
            raise MalformedError(f"the lines differ in {member}")


def _post(head: dict[str, Any], lines: list[Line], company: Company) -> Journal:
    journal = company.ledger.draft(
        journal_type=head["journalType"],
        currency=head["currency"],
        period=int(head["period"]),
        entry_period=company.current_period,
        lines=lines,
    )
    company.take(JournalPosted(journal))
    return journal


def _posted(line: dict[str, Any], today: date, switches: Switches) -> Line:
    amount = Decimal(line["amount"]).quantize(CENT)
    memo = line.get("memoAmount", "")
    transaction_date = date.fromisoformat(line["transDateTime"])
    expiration = line.get("expiration", "")
    reference = line["treference"].rstrip(" ")
    return Line(
        account=line["account"],
        amount=-amount if line["transaction"] == "D" else amount,
        codes=tuple([line.get(dimension.request, "") for dimension in DIMENSIONS]),
        treference=reference[:15] if switches.cut_reference else reference,
        description=line["description"].rstrip(" "),
        transaction_date=transaction_date,
        due_date=date.fromisoformat(expiration) if expiration else transaction_date,
        entry_date=today,
        memo_amount=0 if memo == "" else memo,
        asset_code=line.get("assetCode", "").rstrip(" "),
        asset_indicator=line.get("assetIndicator", "").rstrip(" "),
    )


OPERATIONS = (
    Operation(
        "post_journal",
        "POST",
        "/journal",
        post_journal,
        codes=failures.SUNPLUS,
        body=Body.REQUIRED,
        code_of_malformed="203",
    ),
)
