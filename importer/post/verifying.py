"""Which posted journals are read back next, and what that shows: identical, different, or not to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from importer.post.cases import Case
from importer.post.differences import differences
from importer.post.likeness import LedgerJournal, Likeness, likeness

TOGETHER = 100
"""So many journals are read back together, in as few ranges as their numbers allow."""
PAUSES = (1.0, 4.0, 10.0)
"""Seconds before a journal that was not shown is looked for again: a range may lag behind."""
MOST_DIFFERENT = 3
"""So many journals that differ in the ledger stop a run."""


@dataclass(slots=True)
class _Pending:
    case: Case
    next_try: datetime
    tries: int = 0


class Verifying:
    """The journals posted by one run, until they have been read back. Without `is_wanted` nothing is."""

    def __init__(self, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._pending: list[_Pending] = []
        self._under_way: dict[int, _Pending] = {}
        self._is_first_done = not is_wanted
        self.different = 0
        self.is_first_different = False

    @property
    def is_at_work(self) -> bool:
        """True while a posted journal waits to be read back, or is being read."""
        return bool(self._pending or self._under_way)

    @property
    def waits_for_first(self) -> bool:
        """True until one journal was read back: the others leave after that only."""
        return not self._is_first_done

    def add(self, case: Case, now: datetime) -> None:
        """A journal was posted."""
        if self._is_wanted:
            self._pending.append(_Pending(case, now))

    def next_try(self) -> datetime | None:
        """When the next journal is to be looked for, None when none waits."""
        return min((one.next_try for one in self._pending), default=None)

    def next_batch(self, now: datetime, *, is_idle: bool) -> list[Case]:
        """The journals to read back now; `is_idle`: nothing else is left to be done."""
        due = [one for one in self._pending if one.next_try <= now]
        if self._under_way or not due or not (is_idle or len(due) >= TOGETHER or not self._is_first_done):
            return []
        batch = due[: 2 * TOGETHER]
        self._under_way = {one.case.id: one for one in batch}
        self._pending = [one for one in self._pending if one.case.id not in self._under_way]
        return [one.case for one in batch]

    def seen(self, found: Mapping[int, LedgerJournal] | None, now: datetime, *, is_hasty: bool) -> None:
        """Takes in what the ledger shows of the batch under way, None when it could not be read. `is_hasty`: nothing is
        tried again."""
        under_way, self._under_way = self._under_way, {}
        for one in under_way.values():
            theirs = None if found is None else found.get(int(one.case.journal_number or 0))
            if theirs is None:
                one.case.is_not_shown = found is not None
                self._try_later(one, now, is_hasty)
                continue
            self._compare(one.case, theirs)

    def _compare(self, case: Case, theirs: LedgerJournal) -> None:
        case.differences = tuple(differences(case.expected, theirs.journal, theirs.days_off))
        case.verified = not case.differences
        case.is_off_by_a_day = likeness(case.expected, theirs.journal, theirs.days_off) is Likeness.OTHER_DAY
        self.is_first_different = self.is_first_different or not (self._is_first_done or case.verified)
        self._is_first_done = True
        self.different += not case.verified

    def _try_later(self, one: _Pending, now: datetime, is_hasty: bool) -> None:
        if is_hasty or one.tries >= len(PAUSES):
            self._is_first_done = True
            return
        one.next_try = now + timedelta(seconds=PAUSES[one.tries])
        one.tries += 1
        self._pending.append(one)
