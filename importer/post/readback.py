"""Reading the ledger: candidates from /cash-count, proof from /journal/range (posting.md, "Reading back").

/cash-count finds journal numbers by account and days, without amounts, and may repeat rows: only the set of numbers
counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta, tzinfo

from importer.errors import AnswerUnclear, NotSent, ServiceFailure
from importer.model.fingerprints import ShownJournal
from importer.post.likeness import LedgerJournal, ledger_journals
from importer.services.session import Session
from importer.services.sunplusxtra.cash import get_cash_count
from importer.services.sunplusxtra.ledger import get_journal_range

WIDEST_GAP = 25
MOST_IN_RANGE = 250
"""Numbers that are not wanted are read along as far as that saves a request; a range stays of a size that any
installation answers."""
DAY = timedelta(days=1)

READ_FAILURES = (AnswerUnclear, NotSent, ServiceFailure)
"""What a failed look at the ledger raises; everything else ends the session."""


def search_plan(journals: Sequence[ShownJournal]) -> dict[str, set[date]]:
    """For each journal its account that fewest of the journals use; by account the days that are to be searched, with
    one more on both sides (time zones)."""
    used = Counter(account for journal in journals for account in {line.account for line in journal.lines})
    wanted: defaultdict[str, set[date]] = defaultdict(set)
    for journal in journals:
        rarest = min({line.account for line in journal.lines}, key=lambda account: (used[account], account))
        days = {line.day for line in journal.lines if line.account == rarest}
        wanted[rarest] |= {day + shift for day in days for shift in (-DAY, 0 * DAY, DAY)}
    return dict(wanted)


def candidates(session: Session, account: str, days: set[date]) -> set[int]:
    """The numbers of the journals that move an account on one of the days; one request. Raises what
    `get_cash_count` raises."""
    movements = get_cash_count(session, account, min(days), max(days))
    return {
        movement.journal_number
        for movement in movements
        if movement.transaction_date is None or movement.transaction_date in days
    }


def ranges_over(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """As few ranges as reasonable that hold all the numbers."""
    first = last = None
    for number in sorted(set(numbers)):
        if first is not None and last is not None and number - last <= WIDEST_GAP and number - first < MOST_IN_RANGE:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def journals_in(session: Session, first: int, last: int, zone: tzinfo) -> dict[int, LedgerJournal]:
    """The ledger's journals numbered first to last. Raises what `get_journal_range` raises."""
    return ledger_journals(get_journal_range(session, first, last), zone)


def journals_numbered(session: Session, numbers: Iterable[int], zone: tzinfo) -> dict[int, LedgerJournal]:
    """The ledger's journals of these numbers, those that are there. Raises what `get_journal_range` raises."""
    wanted = set(numbers)
    found: dict[int, LedgerJournal] = {}
    for first, last in ranges_over(wanted):
        found |= journals_in(session, first, last, zone)
    return {number: journal for number, journal in found.items() if number in wanted}


def read_back(session: Session, journals: Sequence[ShownJournal], zone: tzinfo) -> dict[int, LedgerJournal]:
    """Every journal of the ledger that could be one of ours: one complete read. Raises what its requests raise: half a
    read proves nothing."""
    numbers: set[int] = set()
    for account, days in search_plan(journals).items():
        numbers |= candidates(session, account, days)
    return journals_numbered(session, numbers, zone)
