"""Movements of an account between two dates."""

from datetime import date

import msgspec

from importer.services.answers import rows_or_none
from importer.services.session import Session


class _Row(msgspec.Struct, frozen=True, rename="camel"):
    journal_no: int


def get_cash_count(session: Session, account: str, first: date, last: date) -> frozenset[int]:
    """POST /cash-count (a read, B-09): the numbers of the journals that move an account between two days, both
    included.

    The rows carry no amount, no side, no reference, and may stand twice (B-06, B-07): the set of numbers is
    all they tell.
    """
    body = {"account": account, "startDate": first.isoformat(), "endDate": last.isoformat()}
    rows = rows_or_none(_Row, None, lambda: session.read("POST", "/cash-count", body=body))
    return frozenset(row.journal_no for row in rows)
