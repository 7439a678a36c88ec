"""Mirrors that the ledger has already, told by the mark with which the description of each of their lines begins."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, date, tzinfo

from importer.services.session import Session
from importer.services.sunplusxtra.cash import get_cash_count
from importer.services.sunplusxtra.ledger import LedgerLine

_MARKED = re.compile(r"REV ([0-9]+)(?: |$)")


def marked(number: int, description: str) -> str:
    """The description of a line of a mirror: which journal it takes back, then that journal's own."""
    return f"REV {number} {description}"


def earlier_mirrors(
    journals: Mapping[int, Sequence[LedgerLine]], days: Iterable[date], session: Session, zone: tzinfo
) -> dict[int, int]:
    """By journal the first one of the ledger that bears its mark: one read of the movements for each account that the
    journals begin with, a year and more around the journals' own days and the given ones.

    A mirror whose description was written anew is not told. Raises what `get_cash_count` raises.
    """
    by_account: defaultdict[str, list[int]] = defaultdict(list)
    for number, lines in journals.items():
        by_account[lines[0].account].append(number)
    told = list(days)
    found: dict[int, int] = {}
    for account, numbers in by_account.items():
        own = [line.transaction_day.nearest_day_in(zone) for number in numbers for line in journals[number]]
        for movement in get_cash_count(session, account, *_years_around([*told, *own])):
            mark = _MARKED.match(movement.description)
            mirrored = int(mark[1]) if mark else 0
            if mirrored in numbers and movement.journal_number != mirrored:
                found[mirrored] = min(found.get(mirrored, movement.journal_number), movement.journal_number)
    return found


def _years_around(days: Sequence[date]) -> tuple[date, date]:
    """From the year before to the end of the year after: a mirror may be dated earlier than its journal, and ahead."""
    first, last = min(days).year - 1, max(days).year + 1
    return date(max(first, MINYEAR), 1, 1), date(min(last, MAXYEAR), 12, 31)
