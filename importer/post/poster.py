"""Posts journals: several at once, the intent of each on disk before a byte leaves, its outcome once it is known; reads
back what was posted, and looks for what was lost.

One thread, the caller's, owns the store and decides; the workers only talk to the service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from importer.errors import (
    AnswerUnclear,
    DifferentInLedger,
    ImporterError,
    Interrupted,
    NotSent,
    SetupError,
    TooManyUnknown,
    TryAgain,
)
from importer.model.identity import ShownJournal, shown_content
from importer.model.postings import LedgerFacts, State
from importer.post.context import Means
from importer.post.ledger_checks import (
    WITNESSES,
    Witness,
    apply_matches,
    is_shown,
    last_look,
    look,
    may_come_twice,
    note_what_is_there,
    standing_witnesses,
)
from importer.post.ledger_search import MOST_ACCOUNTS, READ_FAILURES, LedgerRead, journals_numbered, read_ledger
from importer.post.matching import LedgerJournal, likeness
from importer.post.postings import Case
from importer.post.reconciliation import LedgerView, Moment, Settling, Watch, sightings
from importer.post.send import STALE_SECONDS, Waiting, ending_of, outcome_of_work, send
from importer.post.verification import HASTY_SECONDS, MOST_DIFFERENT, Canary, Verifying
from importer.post.workers import Crew, Done, Work

LEASE_LOST = "lease-lost"
MOST_UNKNOWN = 3
"""After so many unknown outcomes in a row nothing new is sent until one of them is settled."""


@dataclass(frozen=True, slots=True)
class _Sent:
    case: Case


@dataclass(frozen=True, slots=True)
class _Looked:
    watches: list[Watch]
    began: Moment
    witnesses: Sequence[Witness]


@dataclass(frozen=True, slots=True)
class _CanaryRead:
    """The first journal is looked for."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """The batch that `Verifying` has under way."""


_Ticket = _Sent | _Looked | _CanaryRead | _Verified


def post_journals(cases: Sequence[Case], means: Means) -> ImporterError | None:
    """Posts every case that is to be sent and settles those in doubt; each case tells afterwards what is true of it.
    Gives what stopped the rest from being sent, None when nothing did.

    Never raises for a single journal, nor once anything may have been sent. A store that cannot be written, a session
    that is over, a service out of reach, a lost lease or Ctrl-C stop the sending; what is under way is awaited, unless
    Ctrl-C is pressed a second time.
    """
    try:
        note_what_is_there(cases, means)
    except ImporterError as error:
        return error
    poster = _Poster(cases, means)
    try:
        poster.work()
    finally:
        poster.crew.leave()
    return poster.stopped_by


def look_once_more(cases: Sequence[Case], means: Means, stopped_by: ImporterError | None) -> ImporterError | None:
    """The last look, when sending is over: tells by each case whether others have posted the same meanwhile. Gives why
    it could not (None: it could). `stopped_by` is what `post_journals` gave. Never raises."""
    if not any(case.state is State.POSTED and case.was_touched and not case.was_posted for case in cases):
        return None
    if stopped_by is not None and _ends_reading(stopped_by):
        return stopped_by
    try:
        return last_look(cases, means, is_hasty=stopped_by is not None or not means.wishes.waits)
    except ImporterError as error:
        return error


def _ends_reading(error: ImporterError) -> bool:
    """True of what keeps the ledger from being read as well: the service is out of reach, or the session is over."""
    return isinstance(error, SetupError) or (isinstance(error, TryAgain) and not isinstance(error, NotSent))


class _Poster:
    def __init__(self, cases: Sequence[Case], means: Means) -> None:
        self.crew: Crew[_Ticket] = means.crew(means.at_once + 1)  # one more: looks never wait for sendings
        self.stopped_by: ImporterError | None = None
        self._means = means
        self._cases = cases
        self._waiting = Waiting(cases)
        self._sending: dict[int, Case] = {}
        self._facts: LedgerFacts = means.store.ledger_facts()
        settle = means.wishes.settle
        self._settling = Settling(settle + (self._facts.lag or 0.0), means.wishes.sends_again)
        self._canary = Canary(settle if means.wishes.waits else min(settle, HASTY_SECONDS))
        self._verifying = Verifying(means.wishes.verifies)
        self._is_looking = False
        self._unknown_in_a_row = 0
        self._is_over = False
        self._has_lease = True
        now = self._moment()
        for case in cases:
            self._settling.note(case, now)
            if case.state is State.UNKNOWN:
                self._settling.add(case, now)
            elif case.is_to_be_read_back:
                self._verifying.add(case, now.wall)

    def work(self) -> None:
        """Goes on until nothing is left to be done, or Ctrl-C was pressed twice."""
        while self._means.interrupts() < 2:
            self._attempt(self._hold)
            self._attempt(self._start_what_may_start)
            if not self.crew.busy and not self._has_more_to_do():
                return
            before = self._means.clock.now()
            if self.crew.busy:
                ended = self.crew.ended(self._patience())
                self._attempt(partial(self._take_in, ended))
            else:
                self._means.clock.pause(self._patience())
            if (self._means.clock.now() - before).total_seconds() > STALE_SECONDS and self._waiting:
                self._stop(NotSent("slept"))  # others may have posted meanwhile: only a new look can tell

    def _attempt(self, step: Callable[[], None]) -> None:
        """What fails stops the sending; what is under way is awaited and taken in all the same."""
        try:
            step()
        except ImporterError as error:
            self._stop(error)

    def _stop(self, error: ImporterError) -> None:
        self.stopped_by = self.stopped_by or error
        self._is_over = self._is_over or _ends_reading(error)

    def _hold(self) -> None:
        if self._means.interrupts():
            self._stop(Interrupted("interrupted"))
        if self._has_lease and (self.crew.busy or not self._is_over):
            self._keep_lease()

    def _keep_lease(self) -> None:
        """Also when nothing more is sent: what is under way must end before another run looks for it."""
        try:
            self._means.keep_lease()
        except SetupError as error:
            self._has_lease = error.key != LEASE_LOST
            raise

    def _start_what_may_start(self) -> None:
        if self._is_over:
            return
        self._start_look()
        self._start_canary_read()
        self._start_verification()
        if self.stopped_by is None:
            self._start_sending()

    @property
    def _is_hasty(self) -> bool:
        """Nothing is waited for: every journal in doubt gets one look."""
        return self.stopped_by is not None or not self._means.wishes.waits

    def _has_more_to_do(self) -> bool:
        """Whether to wait although nothing is under way: for looks, for journals to be read back, for the next one."""
        if self._is_over:
            return False
        if (self._settling.unread() if self._is_hasty else self._settling.open) or self._verifying.is_at_work:
            return True
        if self._canary.is_awaited:
            return True
        if self.stopped_by is not None or not self._waiting:
            return False
        if self._unknown_in_a_row >= MOST_UNKNOWN:
            self._stop(TooManyUnknown("breaker"))
            return False
        return self._waiting.has_next

    # Sending

    def _start_sending(self) -> None:
        free = self._means.at_once - len(self._sending)
        if not self._canary.is_shown:
            free = 0 if self._sending or self._canary.case is not None else 1
        if self._verifying.is_urgent:
            free = 0
        if self._unknown_in_a_row >= MOST_UNKNOWN:
            free = 0
        batch = self._waiting.next(free)
        if not batch:
            return
        now = self._means.clock.now()
        leaving = [(case.id, case.entry.payload_hash) for case in batch]
        befores = {case.id: case.there_before for case in batch}
        claimed = self._means.store.claim(leaving, now, befores, self._means.clocks())
        for case in batch:
            if case.id not in claimed:  # only a run without the lease could have taken it
                case.state, case.was_touched, case.reason = State.UNKNOWN, True, AnswerUnclear("taken")
                continue
            case.leaves()
            self._sending[case.id] = case
            self.crew.start(_Sent(case), partial(send, case.entry.journal, now, self._means, self._is_wanted))

    def _is_wanted(self) -> bool:
        return self.stopped_by is None and not self._means.interrupts()

    def _take_in_sent(self, sent: Sequence[tuple[Case, Done[_Ticket]]]) -> None:
        """First what is true of every case, then one commit for all, then what follows from it."""
        moment = self._moment()
        now, endings = moment.wall, []
        doubts = {case.id: case.doubts for case, _ in sent}
        for case, done in sent:
            del self._sending[case.id]
            outcome = outcome_of_work(done.given, done.failure)
            endings.append(ending_of(case.id, outcome, now, is_in_doubt=case.doubts > 0))
            case.ended(outcome, now, moment.clocks)
            if outcome.stop is not None:
                self._stop(outcome.stop)
        unrecorded = self._means.store.record(endings, moment.clocks)
        for case, _ in sent:
            if case.id in unrecorded.taken:
                _call_unknown(case, AnswerUnclear("taken"), doubts[case.id], moment)
            elif case.id in unrecorded.reused:
                case.reused = unrecorded.reused[case.id]
            self._follow_up(case, moment)

    def _follow_up(self, case: Case, now: Moment) -> None:
        if case.state is State.UNKNOWN:
            self._settling.add(case, now)
            self._unknown_in_a_row += 1
            return
        self._unknown_in_a_row = 0
        self._means.tell()
        if case.state is not State.POSTED:
            return
        if self._canary.case is None:
            self._canary.watch(case, now)
        else:
            self._verifying.add(case, now.wall)

    # Looking for what was lost

    def _start_look(self) -> None:
        if self._is_looking:
            return
        now = self._means.clock.now()
        due = [watch for watch in self._settling.due(now) if not (self._is_hasty and watch.was_read)]
        flying = {case.loose_key for case in self._sending.values()} if due else set()
        # Those that have to wait for a look-alike in the air keep further ones from leaving.
        self._waiting.looked_for = {watch.case.loose_key for watch in due}
        ready = [watch for watch in due if watch.case.loose_key not in flying]
        if ready:
            witnesses = self._means.store.newest_posted(WITNESSES)
            journals = [watch.case.shown for watch in ready] + [shown_content(one.content) for one, _ in witnesses]
            numbers = [int(one.journal_number) for one, _ in witnesses]
            self.crew.start(_Looked(ready, self._moment(), witnesses), self._read(journals, numbers))
            self._is_looking = True

    def _take_in_look(self, ticket: _Looked, done: Done[_Ticket]) -> None:
        self._is_looking = False
        now = self._means.clock.now()
        if done.failure is not None:
            self._settling.failed(ticket.watches, _as_error(done.failure), now)
            _raise_unless_soft(done.failure)
            return
        read: Any = done.given
        cases = [watch.case for watch in ticket.watches]
        seen = sightings(cases, LedgerView(read.journals, self._facts.cuts), self._means.store.posted_under)
        undecided = [
            watch.case.id
            for watch in ticket.watches
            if may_come_twice(watch.case, self._facts) and not self._settling.is_second_settled(watch, ticket.began)
        ]
        apply_matches(cases, seen, self._facts, self._means, undecided)
        found = {case.journal_number: case for case in cases if case.state is State.POSTED}
        # The ledger's content decides whose a number is (posting.md, "A good answer is final").
        for case in self._cases:
            if case.state is State.POSTED and found.get(case.journal_number, case) is not case:
                case.is_gone = True
        whole = [
            read.hiding_place(place) is None and self._would_show(read, case, ticket.witnesses)
            for place, case in enumerate(cases)
        ]
        self._means.store.settle(self._settling.seen(ticket.watches, seen, ticket.began, now, whole))
        if absences := self._settling.absences():
            self._means.store.keep_absences(absences)
        self._waiting.add(cases)
        for case in cases:
            if case.state is State.POSTED and self._canary.case is None:
                self._canary.case, self._canary.is_shown = case, True  # both ways of reading have shown it
            if case.state is not State.UNKNOWN:
                self._unknown_in_a_row = 0
            if case.state in (State.POSTED, State.REFUSED):
                self._means.tell()

    def _would_show(self, read: LedgerRead, case: Case, witnesses: Sequence[Witness]) -> bool:
        """Whether a look would show a journal in doubt if it were there: it shows what was posted after that was sent,
        or, where nothing was, what was posted last (posting.md, "A whole look only")."""
        settle = timedelta(seconds=self._means.wishes.settle + (self._facts.lag or 0.0))
        standing = standing_witnesses(read, witnesses, self._means.clock.now(), settle, self._facts.cuts)
        since = case.in_doubt_since
        later = [one for one in standing if since is None or one[1] > since]
        return is_shown(read, later, all_of_them=True) if later else is_shown(read, standing)

    def _read(self, journals: Sequence[ShownJournal], numbers: Sequence[int], accounts: int = MOST_ACCOUNTS) -> Work:
        session, zone, blind = self._means.session, self._means.zone, self._facts.blind_accounts
        return partial(
            read_ledger, journals, session, zone, blind_accounts=blind, numbers=numbers, most_accounts=accounts
        )

    # The first journal

    def _start_canary_read(self) -> None:
        canary = self._canary
        case, due = canary.case, canary.next_try
        if case is None or due is None or canary.is_under_way or not canary.is_awaited:
            return
        if due > self._means.clock.now() and self.stopped_by is None:
            return
        canary.is_under_way = True
        numbers = {int(case.journal_number or 0)} | (case.there_before or frozenset())
        accounts = len({line.account for line in case.shown.lines})
        self.crew.start(_CanaryRead(), self._read([case.shown], sorted(numbers), accounts))

    def _take_in_canary(self, done: Done[_Ticket]) -> None:
        canary, now = self._canary, self._moment()
        canary.is_under_way = False
        case = canary.case
        if case is None:
            raise AssertionError("a canary that is read has a case")
        read: Any = done.given if done.failure is None else None
        canary.seen(read, LedgerView(read.journals if read else {}, self._facts.cuts), self._means.store.owners)
        canary.is_over = done.failure is not None and not isinstance(done.failure, READ_FAILURES)
        _raise_unless_soft(done.failure)
        if canary.is_shown:
            self._learn(canary.learned(read, self._facts, now), read, case)
            return
        canary.try_later(now, is_last=self.stopped_by is not None)
        if canary.is_over and done.failure is not None:
            reason = self._means.sentence(_as_error(done.failure))
            self._stop(TryAgain("first-unread", number=case.journal_number or "", reason=reason))
        elif canary.is_over:
            case.is_not_shown = self.stopped_by is None
            self._stop(DifferentInLedger("not-shown", number=case.journal_number or ""))

    def _learn(self, facts: LedgerFacts, read: LedgerRead, case: Case) -> None:
        """The first journal is shown: what that tells of the ledger is kept, and what is amiss stops the rest."""
        is_blind_anew = facts.blind_accounts != self._facts.blind_accounts
        if facts.cuts != self._facts.cuts:
            case.compared(read.journals[int(case.journal_number or 0)], facts.cuts)
        if facts != self._facts:
            self._means.store.keep_ledger_facts(facts)
        self._facts = facts
        self._means.tell_lag(self._canary.lag)
        self._judge_reused(case, read.journals)
        if case.twins:
            self._stop(DifferentInLedger("posted-twice", number=case.journal_number or ""))
        elif case.differences:
            self._stop(DifferentInLedger("different"))
        elif is_blind_anew and self._means.wishes.looks:
            look(list(self._waiting), self._means)  # the look before sending went by accounts that list nothing
            self._waiting.drop_found()

    # Verifying

    def _start_verification(self) -> None:
        is_held_up = self.stopped_by is not None or self._unknown_in_a_row >= MOST_UNKNOWN
        is_idle = not self._sending and (not self._waiting or is_held_up)
        batch = self._verifying.next_batch(self._means.clock.now(), is_idle=is_idle)
        if batch:
            numbers = [int(case.journal_number or 0) for case in batch]
            work = partial(journals_numbered, self._means.session, numbers, self._means.zone)
            self.crew.start(_Verified(), work)

    def _take_in_verification(self, done: Done[_Ticket]) -> None:
        found: Any = None if done.failure else done.given
        now, is_hasty = self._means.clock.now(), self.stopped_by is not None
        was_urgent = self._verifying.is_urgent
        shown = self._verifying.seen(found, now, self._facts, is_hasty=is_hasty)
        _raise_unless_soft(done.failure)
        for case in shown:
            self._judge_reused(case, found)
        if (
            was_urgent
            and not self._verifying.is_urgent
            and any(case.reused and case.is_not_shown for case in self._cases)
        ):
            self._stop(DifferentInLedger("different"))
        if self._verifying.different >= MOST_DIFFERENT:
            self._stop(DifferentInLedger("different"))

    def _judge_reused(self, case: Case, journals: Mapping[int, LedgerJournal]) -> None:
        """The number of the case was another journal's: what the ledger shows under it tells whose it is. The run goes
        on only when it is the case's (posting.md, "A good answer is final")."""
        other = case.reused
        if other is None or not case.differences:
            return
        theirs = journals[int(case.journal_number or 0)]
        if likeness(shown_content(other.content), theirs.journal, theirs.days_off, self._facts.cuts).is_ours:
            self._means.store.give_number_back(other.id, case.id)
            case.is_gone = True
        self._stop(DifferentInLedger("different"))

    # The loop's small change

    def _moment(self) -> Moment:
        return Moment(self._means.clock.now(), self._means.clocks())

    def _take_in(self, ended: Sequence[Done[_Ticket]]) -> None:
        sent = [(one.ticket.case, one) for one in ended if isinstance(one.ticket, _Sent)]
        if sent:
            self._attempt(partial(self._take_in_sent, sent))
        for done in ended:
            match done.ticket:
                case _Looked():
                    self._attempt(partial(self._take_in_look, done.ticket, done))
                case _CanaryRead():
                    self._attempt(partial(self._take_in_canary, done))
                case _Verified():
                    self._attempt(partial(self._take_in_verification, done))
                case _Sent():
                    pass

    def _patience(self) -> float:
        """Seconds until something is to be done, at most as long as Ctrl-C may stay unnoticed."""
        now = self._means.clock.now()
        due = (self._settling.next_look(), self._verifying.next_try(), self._canary.next_try)
        moments = [moment for moment in due if moment is not None]
        if not self.crew.busy and self._settling.open and moments:
            self._means.tell_wait((min(moments) - now).total_seconds(), len(self._settling.open))
        elif self._canary.is_awaited and self._canary.next_try is not None and self._canary.case is not None:
            seconds = (self._canary.next_try - now).total_seconds()
            self._means.tell_unseen(self._canary.case.journal_number or "", max(seconds, 0.0))
        # What is due and has not begun waits for something that is under way: its end cuts the wait short.
        ahead = [(moment - now).total_seconds() for moment in moments if moment > now]
        return min(max(min(ahead, default=self._means.patience), 0.01), self._means.patience)


def _call_unknown(case: Case, reason: AnswerUnclear, doubts: int, now: Moment) -> None:
    """Whatever its answer said; `doubts` it had before it was sent."""
    case.state, case.was_touched, case.reason, case.faults = State.UNKNOWN, True, reason, ()
    case.journal_number = case.voucher_number = None
    case.doubts, case.in_doubt_since = doubts + 1, now.wall
    case.doubted_at = (*case.doubted_at, now.clocks)


def _raise_unless_soft(failure: BaseException | None) -> None:
    """A look that may work another time raises nothing. What ends the session is raised, and a mistake of ours as an
    error that stops the sending: what was posted must still be told."""
    if failure is not None and not isinstance(failure, READ_FAILURES):
        raise _as_error(failure) from failure


def _as_error(failure: BaseException) -> ImporterError:
    return failure if isinstance(failure, ImporterError) else AnswerUnclear("mistake", detail=type(failure).__name__)
