"""Reading the ledger: candidates from /cash-count, proof from /journal/range.

/cash-count finds journal numbers by account and days, without amounts, and may repeat rows: only the set of numbers
counts. Neither operation says whether its answer is whole. So what one of them shows is held against the other: a
number that is listed and not shown is asked for again, alone; a journal that is shown and not listed makes its list
doubtful. What stays in doubt is told by account and day."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from functools import partial
from typing import Any

from importer.errors import AnswerUnclear, NotSent, ServiceFailure
from importer.model.journals import ShownJournal
from importer.post.matching import LedgerJournal, ledger_journals
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import get_cash_count
from importer.services.sunplusxtra.journals import get_journal_range

WIDEST_GAP = 25
MOST_IN_RANGE = 250
"""Numbers that are not wanted are read along as far as that saves a request; a range stays of a size that any
installation answers."""
MOST_AGAIN = 10
"""So many numbers are asked for together that a wider range did not show: a service may cap its ranges."""
AHEAD = 100
"""So many numbers above the highest one listed are looked at: a list that leaves out the newest shows it there."""
MOST_LOOKS_AHEAD = 20
MOST_ACCOUNTS = 3
"""By so many of its accounts a journal is looked for, while lists are in doubt."""
NOTHING_FOUND = "203"
"""A service may answer so to a range without a journal (J-16, N-15)."""
DAY = timedelta(days=1)

READ_FAILURES = (AnswerUnclear, NotSent, ServiceFailure)
"""What a failed look at the ledger raises; everything else ends the session."""

Gather = Callable[[Sequence[Callable[[], Any]]], list[Any]]
"""Does pieces of work, perhaps side by side, and gives what they give, in their order. Raises the first failure."""
Spot = tuple[str, date | None]
"""An account and a day; None: any day."""
_Movement = tuple[int, date | None]
"""What /cash-count proves: a journal number, and the day on which it moves the account (None: not told)."""


@dataclass(frozen=True, slots=True)
class _Search:
    """A journal is looked for by one of its accounts, on the days of its lines on that account."""

    account: str
    days: frozenset[date]


@dataclass(frozen=True, slots=True)
class LedgerRead:
    """What one read of the ledger showed: `journals` by number, `listed` the numbers that /cash-count named.

    `searches` tell by what each of the journals was looked for, in their order; `hidden` are the accounts and days of
    which the read may not have shown everything, with a number where one is known (0: none is); `blind_accounts` did
    not list a journal that was shown.
    """

    journals: Mapping[int, LedgerJournal]
    listed: frozenset[int]
    searches: Sequence[_Search]
    hidden: Mapping[Spot, int]
    blind_accounts: frozenset[str] = frozenset()

    def hiding_place(self, place: int) -> Spot | None:
        """The account and day that could hide the journal in that place, None when nothing could."""
        search = self.searches[place]
        spots: Iterable[Spot] = [(search.account, None), *((search.account, day) for day in sorted(search.days))]
        return next((spot for spot in spots if spot in self.hidden), None)


def one_by_one(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """A `Gather` without help from others."""
    return [work() for work in works]


def read_ledger(
    journals: Sequence[ShownJournal],
    session: Session,
    zone: tzinfo,
    *,
    gather: Gather = one_by_one,
    blind_accounts: Collection[str] = (),
    numbers: Iterable[int] = (),
    known: Mapping[int, LedgerJournal] | None = None,
    newest: int = 0,
    most_accounts: int = MOST_ACCOUNTS,
) -> LedgerRead:
    """Every journal of the ledger that could be one of ours, and those with the given `numbers`.

    `blind_accounts` are known to list nothing; `known` are journals that need not be read again; `newest` is the number
    above which the ledger will hardly show one (0: nobody knows), so that those need no request after the lists;
    `most_accounts` bounds by how many accounts each journal is looked for. Raises what the requests raise: half a read
    proves nothing.
    """
    read = _Read(session, zone, gather, known or {})
    avoided = set(blind_accounts)
    asked, above = set(numbers), newest
    searches: list[_Search] = []
    shunned: set[str] = set()
    for _ in range(most_accounts):
        before = {search.account for search in searches}
        searches = _searches_for(journals, avoided | shunned)
        read.list_by(searches, asked, above)
        asked, above = set(), 0
        if shunned:  # the new lists alone have to prove what is not there
            read.list_day_by_day({search.account for search in searches} - before)
        read.look_ahead()
        doubtful = {account for account, _ in read.unlisted(searches)} - avoided
        if doubtful:
            read.list_day_by_day(doubtful)
            doubtful &= {account for account, _ in read.unlisted(searches)}
        # What an account lists and no range shows is none of the journals that another of their accounts would list.
        hiding = {account for account, _ in read.not_shown()} - shunned
        if not (doubtful or hiding):
            break
        avoided |= doubtful
        shunned |= hiding
    hidden: dict[Spot, int] = dict.fromkeys(read.unlisted(searches), 0) | read.not_shown()
    return LedgerRead(read.journals, frozenset(read.listed), searches, hidden, frozenset(avoided - set(blind_accounts)))


def _searches_for(journals: Sequence[ShownJournal], avoided: Set[str]) -> list[_Search]:
    """For each journal its account that fewest of the journals use, one that is `avoided` only if there is no other."""
    used = Counter(account for journal in journals for account in {line.account for line in journal.lines})
    found = []
    for journal in journals:
        accounts = {line.account for line in journal.lines}
        rarest = min(accounts, key=lambda account: (account in avoided, used[account], account))
        found.append(_Search(rarest, frozenset(line.day for line in journal.lines if line.account == rarest)))
    return found


_RANGES = ((WIDEST_GAP, MOST_IN_RANGE), (1, MOST_AGAIN), (1, 1))


class _Read:
    """What was asked and shown so far."""

    def __init__(self, session: Session, zone: tzinfo, gather: Gather, known: Mapping[int, LedgerJournal]) -> None:
        self._session = session
        self._zone = zone
        self._gather = gather
        self.journals: dict[int, LedgerJournal] = dict(known)
        self._movements: defaultdict[str, list[_Movement]] = defaultdict(list)
        self._days: defaultdict[str, set[date]] = defaultdict(set)
        self._absent: set[int] = set()
        self._ahead_of = 0
        """The number above which was read together with the lists."""

    @property
    def listed(self) -> set[int]:
        """All numbers that were named."""
        return set[int]().union(*(self._listed_by(account) for account in self._movements))

    def _listed_by(self, account: str) -> set[int]:
        """The numbers that an account's list names, for the days that are searched."""
        days = self._days[account]
        return {number for number, day in self._movements[account] if day is None or day in days}

    def list_by(self, searches: Iterable[_Search], numbers: Set[int], newest: int) -> None:
        """Asks for the movements of each account over the days of the searches; side by side with that for the journals
        with the numbers and, unless it is 0, above the `newest`; then for what the lists name."""
        wanted: defaultdict[str, set[date]] = defaultdict(set)
        for search in searches:  # one more day on both sides: time zones
            wanted[search.account] |= {day + shift for day in search.days for shift in (-DAY, 0 * DAY, DAY)}
        new = {account: days for account, days in wanted.items() if not days <= self._days[account]}
        for account, days in new.items():
            self._days[account] |= days
        ranges = list(_ranges_over(numbers - self.journals.keys()))
        if newest:
            self._ahead_of = newest
            if ranges and ranges[-1][1] == newest and newest - ranges[-1][0] < MOST_IN_RANGE - AHEAD:
                ranges[-1] = ranges[-1][0], newest + AHEAD
            else:
                ranges.append((newest + 1, newest + AHEAD))
        self._list([(account, min(days), max(days)) for account, days in new.items()], ranges)
        self.show(numbers)

    def list_day_by_day(self, accounts: Iterable[str]) -> None:
        """The same for each day alone: a service may cap its lists."""
        self._list([(account, day, day) for account in sorted(accounts) for day in sorted(self._days[account])])

    def _list(self, wanted: Sequence[tuple[str, date, date]], ranges: Sequence[tuple[int, int]] = ()) -> None:
        works: list[Callable[[], Any]] = [self._range(*one) for one in ranges]
        given = self._gather([*works, *(partial(get_cash_count, self._session, *one) for one in wanted)])
        for shown in given[: len(ranges)]:
            self.journals |= shown
        for (account, *_), counted in zip(wanted, given[len(ranges) :], strict=True):
            self._movements[account] += [(one.journal_number, one.transaction_date) for one in counted]
        self.show(self.listed)

    def _range(self, first: int, last: int) -> Callable[[], dict[int, LedgerJournal]]:
        return partial(_journals_in, self._session, first, last, self._zone)

    def show(self, numbers: Set[int], *, alone: bool = True) -> None:
        """Reads the journals with these numbers, in few ranges, then those that were not shown again, `alone` at
        last."""
        for gap, most in _RANGES if alone else _RANGES[:-1]:
            left = numbers - self.journals.keys() - self._absent
            for shown in self._gather([self._range(*one) for one in _ranges_over(left, gap, most)]):
                self.journals |= shown
        self._absent |= numbers - self.journals.keys()

    def look_ahead(self) -> None:
        """Reads on above the highest number listed, as long as there is something that the lists should have named."""
        top = max(self.listed, default=0)
        for _ in range(MOST_LOOKS_AHEAD if top else 0):
            if top == self._ahead_of:
                shown = {number: one for number, one in self.journals.items() if top < number <= top + AHEAD}
            else:
                (shown,) = self._gather([self._range(top + 1, top + AHEAD)])
            self.journals |= shown
            if not any(self._spots_of(one) for one in shown.values()):
                break
            top = max(shown)

    def _spots_of(self, journal: LedgerJournal) -> set[tuple[str, date]]:
        """The accounts and days of a journal that were asked for."""
        lines = journal.journal.lines
        return {(line.account, line.day) for line in lines if line.day in self._days.get(line.account, ())}

    def unlisted(self, searches: Iterable[_Search]) -> set[tuple[str, date]]:
        """The searched accounts and days of which a journal was shown that the account's list does not name."""
        wanted = {(search.account, day) for search in searches for day in search.days}
        listed = {account: {number for number, _ in rows} for account, rows in self._movements.items()}
        return {
            (account, day)
            for number, journal in self.journals.items()
            for account, day in self._spots_of(journal) & wanted
            if number not in listed.get(account, ())
        }

    def not_shown(self) -> dict[Spot, int]:
        """The accounts and days of numbers that were listed and never shown."""
        return {
            (account, day): number
            for account, rows in self._movements.items()
            if self._absent
            for absent in (self._absent & self._listed_by(account),)
            for number, day in rows
            if number in absent
        }


def _ranges_over(numbers: Iterable[int], gap: int = WIDEST_GAP, most: int = MOST_IN_RANGE) -> Iterator[tuple[int, int]]:
    """As few ranges as reasonable that hold all the numbers: of `most` numbers, without a gap wider than `gap`."""
    first = last = None
    for number in sorted(set(numbers)):
        if first is not None and last is not None and number - last <= gap and number - first < most:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def _journals_in(session: Session, first: int, last: int, zone: tzinfo) -> dict[int, LedgerJournal]:
    """The ledger's journals numbered first to last; none where the service calls an empty range a failure (contract,
    J-16). Raises what `get_journal_range` raises otherwise."""
    try:
        return ledger_journals(get_journal_range(session, first, last), zone)
    except ServiceFailure as failure:
        if failure.code != NOTHING_FOUND:
            raise
        return {}


def journals_numbered(
    session: Session, numbers: Iterable[int], zone: tzinfo, gather: Gather = one_by_one, *, alone: bool = False
) -> dict[int, LedgerJournal]:
    """The ledger's journals of these numbers, those that are there; what a wide range does not show is asked for again
    in small ones, and `alone`: a service may cut ranges short. Raises what `get_journal_range` raises."""
    wanted = set(numbers)
    read = _Read(session, zone, gather, {})
    read.show(wanted, alone=alone)
    return {number: journal for number, journal in read.journals.items() if number in wanted}
