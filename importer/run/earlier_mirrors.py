"""Mirrors that the ledger has already, told by the mark with which the description of each of their lines begins."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta, tzinfo

from importer.services.session import Session
from importer.services.sunplusxtra.cash import get_cash_count
from importer.services.sunplusxtra.ledger import LedgerLine

_DAY = timedelta(days=1)
_MARKED = re.compile(r"REV ([0-9]+)(?: |$)")


def marked(number: int, description: str) -> str:
    """The description of a line of a mirror: which journal it takes back, then that journal's own."""
    return f"REV {number} {description}"


def earlier_mirrors(
    journals: Mapping[int, Sequence[LedgerLine]], first: date, last: date, session: Session, zone: tzinfo
) -> dict[int, int]:
    """By journal the first one of the ledger that bears its mark and is dated from `first`, or the journal's own day if
    that is earlier, to `last`: one read of the movements for each account that the journals begin with.

    A mirror whose description was written anew is not told. Raises what `get_cash_count` raises.
    """
    by_account: defaultdict[str, list[int]] = defaultdict(list)
    for number, lines in journals.items():
        by_account[lines[0].account].append(number)
    found: dict[int, int] = {}
    for account, numbers in by_account.items():
        days = [line.transaction_day.nearest_day_in(zone) for number in numbers for line in journals[number]]
        for movement in get_cash_count(session, account, min(first, *days) - _DAY, max(last, *days) + _DAY):
            mark = _MARKED.match(movement.description)
            mirrored = int(mark[1]) if mark else 0
            if mirrored in numbers and movement.journal_number != mirrored:
                found[mirrored] = min(found.get(mirrored, movement.journal_number), movement.journal_number)
    return found
