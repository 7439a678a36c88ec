"""Posting the journals of a run, new or resumed: the company is held, the ledger is searched, a person is asked,
journals are sent, settled and read back, and the result says what became of each."""

import getpass
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from importer.errors import Declined, ImporterError, Interrupted, SetupError
from importer.model.journals import Journal
from importer.model.options import NO_DECISIONS, Decisions, Wishes
from importer.model.postings import Entry, Known, State
from importer.model.results import Company, Document, Result, Status
from importer.post.context import PATIENCE, Means
from importer.post.ledger_checks import look, note_what_is_there, take_over
from importer.post.plan import JournalToPost, company_key, entries_of, plan, posted_again
from importer.post.poster import look_once_more, post_journals
from importer.post.postings import Case
from importer.post.workers import Clock, Crew, ThreadCrew, WallClock
from importer.run.decisions import decide
from importer.run.installations import take_over_older
from importer.run.observer import Watcher
from importer.run.posting_results import after_posting
from importer.run.twins import Twins, released_among
from importer.services.session import Session
from importer.settings import Settings
from importer.store.database import Database
from importer.store.leases import RENEW_SECONDS, Holder, Lease, this_boot, this_process
from importer.store.postings import JournalStore
from importer.store.runs import Started, keep_decision, keep_result, start_run
from importer.translations import Language, sentence_of

LEASE_LOOK_SECONDS = 1.0
"""How often a run that waits for another one looks whether the company is free."""

QUICKEST_ANSWER = 0.1
"""Seconds: where nobody is asked and nothing is done before the journals, posting begins at once."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a run happens: its time, its workers, its process, and whose processes have died. Tests put one with a time
    of its own in its place. `patience` and `lease_look` are seconds between two looks at Ctrl-C, and at a company that
    another run holds."""

    clock: Clock = field(default_factory=lambda: WallClock(this_boot()))
    crew: Callable[[int], Crew[Any]] = ThreadCrew
    holder: Callable[[], Holder] = lambda: this_process(user_name())
    is_dead: Callable[[Holder], bool] = lambda holder: holder.is_dead
    patience: float = PATIENCE
    lease_look: float = LEASE_LOOK_SECONDS


@dataclass(frozen=True, slots=True)
class Course:
    """What one run posts with: where to, how the person wants it, and who watches. `reason` is why equal journals are
    posted again on purpose, `""` when they are not; `installation` tells which ledger of the company it is
    (`run.installations`)."""

    run: str
    session: Session
    company: Company
    database: Database
    settings: Settings
    wishes: Wishes
    watcher: Watcher
    reason: str = ""
    machine: Machine = field(default_factory=Machine)
    installation: str = ""

    @property
    def key(self) -> str:
        """The key of the company's journals in the store."""
        return company_key(self.company, self.session.practice)

    def journal_store(self) -> JournalStore:
        """The company's journals, as this run in this process may change them while it holds the company."""
        return JournalStore(self.database, self.key, self.run, self.machine.holder(), self.installation)


def begin(course: Course) -> None:
    """Writes down that the run begins. Raises SetupError when the store cannot be used or holds another company under
    this number."""
    practice = bool(course.session.practice)
    by, now = course.machine.holder().name, course.machine.clock.now()
    about = practice, course.reason, course.installation
    start_run(course.database, Started(course.run, course.key, course.company.tax_id, by, now, *about))


@contextmanager
def company_held(course: Course) -> Iterator[Callable[[], None]]:
    """Holds the company for this run while the block runs; what it gives renews the hold when it is time. Waits visibly
    for another run that has it.

    Raises SetupError `company-held` instead of waiting when the person does not want to wait, Interrupted at Ctrl-C.
    """
    machine = course.machine
    lease = Lease(course.database, course.key, course.run, machine.holder(), machine.is_dead)
    while (taken := lease.take()) is not None:
        if not course.wishes.waits:
            raise SetupError("company-held", run=taken.run, holder=taken.holder.name, host=taken.holder.host)
        course.watcher.waits_for(taken.run, taken.holder.name, taken.holder.host)
        if course.watcher.interrupts():
            raise Interrupted("interrupted")
        machine.clock.pause(machine.lease_look)
    try:
        yield _Renewal(lease, machine.clock)
    finally:
        with suppress(SetupError):  # a full disk must not hide what was posted: the lease runs out by itself
            lease.give_back()


class _Renewal:
    def __init__(self, lease: Lease, clock: Clock) -> None:
        self._lease = lease
        self._clock = clock
        self._renewed = clock.now()

    def __call__(self) -> None:
        # By the wall, not by a monotonic clock: that one stands still while a laptop sleeps. The wall may go back.
        if abs((self._clock.now() - self._renewed).total_seconds()) >= RENEW_SECONDS:
            self._lease.renew()
            self._renewed = self._clock.now()


class GoesFirst(Protocol):
    """What is carried out before the journals leave: changes of dimensions and addresses."""

    @property
    def documents(self) -> Sequence[Document]:
        """What a person is asked about together with the journals."""
        ...

    def carry_out(self, cases: Sequence[Case]) -> tuple[Result, ImporterError | None]:
        """Does it, holds back the cases that depend on what failed, and gives the result so far and what stopped it."""
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """How posting ended: the result with what became of every journal, the cases, and what stopped the run (None:
    nothing did)."""

    result: Result
    cases: Sequence[Case]
    stopped_by: ImporterError | None


def post_planned(
    result: Result,
    journals: Sequence[JournalToPost],
    course: Course,
    keep_lease: Callable[[], None],
    first: GoesFirst | None = None,
) -> Posted:
    """Posts the journals (each with the position of its document in the result), after what goes `first`. The plan is
    kept in the store before anything is sent.

    Raises SetupError when the store cannot take the plan, TryAgain when the ledger cannot be asked for what an older
    program has posted. After that nothing is raised: what kept journals from being sent (the person said no, the ledger
    cannot be looked at) is what stopped the run.
    """
    store = course.journal_store()
    entries = entries_of(journals, course.key)
    take_over_older(store, course.session, course.settings, entries, keep_lease)
    cases = plan(entries, store)
    if dropped := [case.id for case in cases if case.state is State.DROPPED]:
        store.take_up_dropped(dropped)
        cases = plan(entries, store)
    again: Sequence[Case] = ()
    if course.reason:
        again = plan(posted_again(entries, cases, store), store)
        cases = [*(case for case in cases if case.state is not State.POSTED), *again]
    keep_result(course.database, result)
    plan_ = _Plan(cases, Twins(entries, cases, store, course.database, course.run), journals, again)
    return _carried_out(result, plan_, course, _means(course, store, keep_lease), first)


def post_remembered(
    result: Result,
    entries: Sequence[Entry],
    course: Course,
    keep_lease: Callable[[], None],
    decisions: Decisions = NO_DECISIONS,
    declined: Collection[int] = (),
    *,
    is_older: bool = False,
) -> Posted:
    """The same for a run that the store remembers, after what a person has decided about its journals. `declined` are
    the positions of those that a person has said no to: they are not sent. `is_older`: an older program
    planned it. Raises what `decide` and `take_over_older` raise; nothing is changed then."""
    store = course.journal_store()
    means = _means(course, store, keep_lease)
    take_over_older(store, course.session, course.settings, entries, keep_lease, finishes=is_older)
    cases = plan(entries, store)
    if decisions:
        take_over(cases, means)
        by = course.machine.holder().name
        wanted = decide(decisions, cases, course.run, by, store, means, course.watcher.accepts)
        means = replace(means, wishes=replace(means.wishes, sends_again=wanted))
        cases = plan(entries, store)
    for case in cases:
        # Posted by this very run before it was cut off: read back again, and told as its own.
        case.was_posted = case.was_posted and not (case.known.run == course.run and case.attempts > 0)
        case.is_held_back = case.entry.position in declined
    twins = Twins(entries, cases, store, course.database, course.run)
    posted = _carried_out(result, _Plan(cases, twins), course, means, None)
    is_left = posted.stopped_by is None and any(case.is_held_back for case in posted.cases)
    return replace(posted, stopped_by=Declined("declined-before", run=course.run)) if is_left else posted


def known_to_be_posted(journals: Sequence[Journal | None], course: Course) -> bool:
    """True when every one of the journals can be read and the store knows it as posted."""
    wanted = [JournalToPost(place, one) for place, one in enumerate(journals) if one is not None]
    entries, store = entries_of(wanted, course.key), course.journal_store()
    take_over_older(store, course.session, course.settings, entries)
    return bool(entries) and len(entries) == len(journals) and store.are_posted(entries)


def told_without_posting(result: Result, journals: Sequence[JournalToPost], course: Course) -> Result:
    """The result of a run that sends nothing: those of the journals that the store knows as posted are told so. Nothing
    is remembered. Raises SetupError when the store cannot be used."""
    store, wanted = course.journal_store(), entries_of(journals, course.key)
    take_over_older(store, course.session, course.settings, wanted)
    entries = [entry for entry in wanted if store.are_posted([entry])]
    language = course.settings.language
    return known_so_far(result, entries, course.key, course.database, language, course.installation)


class Recalled:
    """A store that is only asked."""

    def __init__(self, store: JournalStore) -> None:
        self._store = store

    def remember(self, entries: Sequence[Entry]) -> list[Known]:
        """What is known of each entry; nothing is written."""
        return self._store.recall(entries)

    def next_occurrence(self, fingerprint: str) -> int:
        """See `JournalStore`."""
        return self._store.next_occurrence(fingerprint)


def known_so_far(
    result: Result,
    entries: Sequence[Entry],
    key: str,
    database: Database,
    language: Language,
    installation: str = "",
) -> Result:
    """The result with what the store alone knows of the journals of a run; nobody is asked. Raises SetupError when the
    store cannot be used."""
    cases = plan(entries, Recalled(JournalStore(database, key, result.run, installation=installation)))
    return after_posting(result, cases, language, verifies=False)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a run is to post: its cases, the twins among them, the journals as they came from the workbooks, and those
    of the cases that are posted again on purpose."""

    cases: Sequence[Case]
    twins: Twins
    journals: Sequence[JournalToPost] = ()
    again: Sequence[Case] = ()

    def look(self, means: Means) -> None:
        """Finds what the ledger has and holds the twins. Raises what `post.look.look` raises."""
        looked_for = [*(self.cases if means.wishes.looks else ()), *self.twins.doubtful]
        look(looked_for, means)
        self.twins.hold(self.cases)

    def posted_again(self) -> set[int]:
        """The positions of what is to be sent although the store or the ledger has it, on purpose."""
        again = {case.id for case in self.again}
        wanted = (case for case in self.cases if case.is_to_be_sent and (case.id in again or case.there_before))
        return {case.entry.position for case in wanted}


def _carried_out(result: Result, planned: _Plan, course: Course, means: Means, first: GoesFirst | None) -> Posted:
    """Looks, asks, posts. An error that is raised on the way came before the first journal left."""
    stopped_by: ImporterError | None = None
    cases = planned.cases
    unlooked: ImporterError | None = None
    try:
        take_over(cases, means)
        planned.look(means)
        looked_at = means.clock.now()
        _release(result, planned, course)
        looked_at = _confirm(result, planned, course, means, first) or looked_at
        if first is not None:
            result, stopped_by = first.carry_out(cases)
        if stopped_by is None and course.wishes.looks and _passed(looked_at, means) > QUICKEST_ANSWER:
            planned.look(means)  # somebody with another store may have posted meanwhile
        if stopped_by is None:
            stopped_by, unlooked = _posted(cases, course, means)
    except ImporterError as error:
        stopped_by = error
    result = after_posting(result, cases, course.settings.language, verifies=course.wishes.verifies, unlooked=unlooked)
    return Posted(result, cases, stopped_by)


def _release(result: Result, planned: _Plan, course: Course) -> None:
    """Releases what a person wants posted although it is held. Raises SetupError for a name that nothing held has."""
    reasons = released_among(result, planned.cases, planned.journals, course.wishes.released)
    if reasons:
        at = course.machine.clock.now().isoformat()
        planned.twins.release(reasons, course.machine.holder().name, at)
        planned.twins.hold(planned.cases)


def _confirm(result: Result, planned: _Plan, course: Course, means: Means, first: GoesFirst | None) -> datetime | None:
    """Asks, and gives when the ledger was looked at anew (None: it was not). Raises Declined when the person does not
    want it; journals that are to stay behind are marked. The question may stand open for long: somebody with another
    store may post meanwhile, so the ledger is looked at again, and the person is asked again where it shows a
    look-alike that was not there before."""
    cases = planned.cases
    if not any(case.is_to_be_sent for case in cases) and (first is None or not first.documents):
        means.keep_lease()
        return None
    looked_at: datetime | None = None
    if course.reason:
        note_what_is_there(cases, means)
    # Written before it is asked: Ctrl-C, or a window that is closed on the question, is not a yes.
    keep_decision(course.database, course.run, is_declined=True)
    is_asked_again = True
    while is_asked_again:
        began = means.clock.now()
        staying = course.watcher.confirms(
            _outlook(result, cases, course), planned.posted_again() if course.reason else set()
        )
        if staying is None:
            raise Declined("declined")
        stood_open = abs((means.clock.now() - began).total_seconds())
        for case in cases:
            case.is_declined = case.is_declined or not set(staying).isdisjoint(case.positions)
        means.keep_lease()
        seen = {case.id for case in cases if case.looks_alike}
        if stood_open > QUICKEST_ANSWER:
            planned.look(means)
            looked_at = means.clock.now()
        is_asked_again = any(case.is_to_be_sent and case.looks_alike and case.id not in seen for case in cases)
    declined = [position for case in cases if case.is_declined for position in case.positions]
    keep_decision(course.database, course.run, is_declined=False, stay_behind=declined)
    return looked_at


def _outlook(result: Result, cases: Sequence[Case], course: Course) -> Result:
    """How the result would end if nothing were sent; what is to be sent is `ready`."""
    shown = after_posting(result, cases, course.settings.language, verifies=False)
    documents = list(shown.documents)
    for case in cases:
        if case.is_to_be_sent:
            documents[case.entry.position] = documents[case.entry.position].ended(Status.READY)
    return replace(shown, company=course.company, documents=tuple(documents))


def _passed(since: datetime, means: Means) -> float:
    """Seconds since a moment; the clock may have been set back."""
    return abs((means.clock.now() - since).total_seconds())


def _posted(cases: Sequence[Case], course: Course, means: Means) -> tuple[ImporterError | None, ImporterError | None]:
    """What stopped the posting, and why the last look at the ledger could not be had (None: nothing, it could)."""
    open_cases = [case for case in cases if case.is_to_be_sent or case.state is State.UNKNOWN]
    if not (open_cases or any(case.is_to_be_read_back for case in cases)):
        return None, None
    with course.watcher.posting(len(open_cases)) as tell:
        means = replace(means, tell=tell)
        stopped_by = post_journals(cases, means)
        return stopped_by, look_once_more(cases, means, stopped_by)


def _means(course: Course, store: JournalStore, keep_lease: Callable[[], None]) -> Means:
    settings = course.settings
    return Means(
        session=course.session,
        store=store,
        at_once=settings.concurrency,
        clock=course.machine.clock,
        crew=course.machine.crew,
        zone=ZoneInfo(settings.timezone),
        keep_lease=keep_lease,
        sentence=lambda error: sentence_of(error, settings.language),
        tell=lambda: None,
        tell_wait=course.watcher.settling,
        tell_unseen=course.watcher.unseen,
        tell_lag=course.watcher.lag,
        interrupts=course.watcher.interrupts,
        wishes=course.wishes,
        patience=course.machine.patience,
    )


def user_name() -> str:
    """The name of the person at this machine; a container may run under a number that has none."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return "?"
