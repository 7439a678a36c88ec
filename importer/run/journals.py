"""Posting the journals of a run, new or resumed: the company is held, the ledger is searched, a person is asked,
journals are sent, settled and read back, and the result says what became of each."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from importer.errors import Declined, ImporterError, Interrupted, SetupError
from importer.model.postings import NO_DECISIONS, Decisions, Entry, PostingOptions, State
from importer.model.results import Company, Document, Result, Status
from importer.post.context import PATIENCE, Clock, PostingContext, WorkerPool
from importer.post.ledger_checks import adopt_abandoned, look, record_preexisting
from importer.post.plan import company_key, plan, posted_again
from importer.post.poster import look_once_more, post_journals
from importer.post.posting_state import Posting
from importer.run.approvals import RecordToApprove, Sender, Verdict, held_records, judge
from importer.run.decisions import decide
from importer.run.installations import take_over_older
from importer.run.posting_results import after_posting
from importer.run.results import user_name
from importer.run.state import Observer
from importer.run.twins import Twins, released_among
from importer.services.session import Session
from importer.settings import Settings
from importer.store.database import Database
from importer.store.leases import RENEW_SECONDS, Holder, Lease, this_boot, this_process
from importer.store.postings import JournalStore
from importer.store.runs import keep_decision, keep_result, start_run
from importer.translations import sentence_of

LEASE_LOOK_SECONDS = 1.0
"""How often a run that waits for another one looks whether the company is free."""

QUICKEST_ANSWER = 0.1
"""Seconds: where nobody is asked and nothing is done before the journals, posting begins at once."""
LONGEST_PAUSE = 2.0
"""Seconds: a look that took longer than QUICKEST_ANSWER itself is not repeated before as long has passed again, or so
long; its first answers are older anyway."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a run happens: its time, its workers, its process, and whose processes have died. Tests put one with a time
    of its own in its place. `patience` and `lease_look` are seconds between two looks at Ctrl-C, and at a company that
    another run holds."""

    clock: Clock = field(default_factory=lambda: Clock(this_boot()))
    workers: Callable[[int], WorkerPool[Any]] = WorkerPool
    holder: Callable[[], Holder] = lambda: this_process(user_name())
    is_dead: Callable[[Holder], bool] = lambda holder: holder.is_dead
    patience: float = PATIENCE
    lease_look: float = LEASE_LOOK_SECONDS


@dataclass(frozen=True, slots=True)
class RunContext:
    """What one run posts with: where to, how the person wants it, and who watches. `reason` is why equal journals are
    posted again on purpose, `""` when they are not; `installation` tells which ledger of the company it is
    (`run.installations`), `origin` where the workbook comes from, when the file is only a copy of it; `maker` is
    the login role of whoever wants it posted, `""` when nobody knows, None for the person of the store's connection."""

    run: str
    session: Session
    company: Company
    database: Database
    settings: Settings
    posting_options: PostingOptions
    observer: Observer
    reason: str = ""
    machine: Environment = field(default_factory=Environment)
    installation: str = ""
    origin: str = ""
    maker: str | None = None

    @property
    def key(self) -> str:
        """The key of the company's journals in the store."""
        return company_key(self.company, self.session.practice)

    def journal_store(self) -> JournalStore:
        """The company's journals, as this run in this process may change them while it holds the company."""
        holder = self.machine.holder()
        return JournalStore(self.database, self.key, self.run, holder, self.installation, self.origin)


def begin(run_context: RunContext) -> None:
    """Writes down that the run begins. Raises SetupError when the store cannot be used or holds another company under
    this number."""
    by, now = run_context.machine.holder().name, run_context.machine.clock.now()
    start_run(
        *(run_context.database, run_context.run, run_context.key, run_context.company.tax_id, by, now),
        is_practice=bool(run_context.session.practice),
        reason=run_context.reason,
        installation=run_context.installation,
    )


@contextmanager
def company_held(run_context: RunContext) -> Iterator[Callable[[], None]]:
    """Holds the company for this run while the block runs; what it gives renews the hold when it is time. Waits visibly
    for another run that has it.

    Raises SetupError `company-held` instead of waiting when the person does not want to wait, Interrupted at Ctrl-C.
    """
    machine = run_context.machine
    lease = Lease(run_context.database, run_context.key, run_context.run, machine.holder(), machine.is_dead)
    while (taken := lease.take()) is not None:
        other, holder = taken
        if not run_context.posting_options.wait:
            raise SetupError("company-held", run=other, holder=holder.name, host=holder.machine)
        run_context.observer.waits_for(other, holder.name, holder.machine)
        if run_context.observer.interrupts():
            raise Interrupted("interrupted")
        machine.clock.pause(machine.lease_look)
    renewed = machine.clock.now()

    def keep() -> None:
        # By the wall, not by a monotonic clock: that one stands still while a laptop sleeps. The wall may go back.
        nonlocal renewed
        if abs((machine.clock.now() - renewed).total_seconds()) >= RENEW_SECONDS:
            lease.renew()
            renewed = machine.clock.now()

    try:
        yield keep
    finally:
        with suppress(SetupError):  # a full disk must not hide what was posted: the lease runs out by itself
            lease.release()


class RecordsStep(Protocol):
    """What is carried out before the journals leave: changes of dimensions and addresses."""

    @property
    def documents(self) -> Sequence[Document]:
        """What a person is asked about together with the journals."""
        ...

    def to_approve(self) -> Sequence[RecordToApprove]:
        """What is to be sent, for a second person to approve."""
        ...

    def carry_out(self, postings: Sequence[Posting]) -> tuple[Result, ImporterError | None]:
        """Does it, holds back the postings that depend on what failed, and gives the result so far and what stopped
        it."""
        ...


@dataclass(frozen=True, slots=True)
class PostingResult:
    """How posting ended: the result with what became of every journal, the postings, and what stopped the run (None:
    nothing did)."""

    result: Result
    postings: Sequence[Posting]
    stopped_by: ImporterError | None


def post_planned(
    result: Result,
    entries: Sequence[Entry],
    run_context: RunContext,
    keep_lease: Callable[[], None],
    first: RecordsStep | None = None,
) -> PostingResult:
    """Posts the journals of the entries, after what goes `first`. The plan is kept in the store before anything is
    sent.

    Raises SetupError when the store cannot take the plan, TryAgain when the ledger cannot be asked for what an older
    program has posted. After that nothing is raised: what kept journals from being sent (the person said no, the ledger
    cannot be looked at) is what stopped the run.
    """
    store = run_context.journal_store()
    take_over_older(store, run_context.session, run_context.settings, entries, keep_lease)
    postings = plan(entries, store.remember(entries))
    if dropped := [posting.id for posting in postings if posting.state is State.DROPPED]:
        store.take_up_dropped(dropped)
        postings = plan(entries, store.remember(entries))
    again: Sequence[Posting] = ()
    if run_context.reason:
        equal = posted_again(entries, postings, store.next_occurrence)
        again = plan(equal, store.remember(equal))
        postings = [*(posting for posting in postings if posting.state is not State.POSTED), *again]
    keep_result(run_context.database, result)
    plan_ = _Plan(postings, Twins(entries, postings, store, run_context.database, run_context.run), entries, again)
    return _carried_out(result, plan_, run_context, _context(run_context, store, keep_lease), first)


def post_remembered(
    result: Result,
    entries: Sequence[Entry],
    run_context: RunContext,
    keep_lease: Callable[[], None],
    decisions: Decisions = NO_DECISIONS,
    declined: Collection[int] = (),
    *,
    is_older: bool = False,
) -> PostingResult:
    """The same for a run that the store remembers, after what a person has decided about its journals. `declined` are
    the positions of those that a person has said no to: they are not sent. `is_older`: an older program
    planned it. Raises what `decide` and `take_over_older` raise; nothing is changed then."""
    store = run_context.journal_store()
    context = _context(run_context, store, keep_lease)
    take_over_older(store, run_context.session, run_context.settings, entries, keep_lease, finishes=is_older)
    postings = plan(entries, store.remember(entries))
    if decisions:
        adopt_abandoned(postings, context)
        by = run_context.machine.holder().name
        wanted = decide(decisions, postings, run_context.run, by, store, context, run_context.observer.accepts)
        context = replace(context, posting_options=replace(context.posting_options, resend=wanted))
        postings = plan(entries, store.remember(entries))
    for posting in postings:
        posting.resumed(run_context.run, is_declined=posting.entry.position in declined)
    twins = Twins(entries, postings, store, run_context.database, run_context.run)
    posted = _carried_out(result, _Plan(postings, twins), run_context, context, None)
    is_left = posted.stopped_by is None and any(posting.blocked for posting in posted.postings)
    return replace(posted, stopped_by=Declined("declined-before", run=run_context.run)) if is_left else posted


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a run is to post: its postings, the twins among them, the entries as they came from the workbooks, and
    those of the postings that are posted again on purpose."""

    postings: Sequence[Posting]
    twins: Twins
    entries: Sequence[Entry] = ()
    again: Sequence[Posting] = ()

    def look(self, context: PostingContext) -> None:
        """Finds what the ledger has and holds the twins. Raises what `post.ledger_checks.look` raises."""
        looked_for = [*(self.postings if context.posting_options.check_ledger else ()), *self.twins.doubtful]
        look(looked_for, context)
        self.twins.hold(self.postings)

    def posted_again(self) -> set[int]:
        """The positions of what is to be sent although the store or the ledger has it, on purpose."""
        again = {posting.id for posting in self.again}
        wanted = (
            posting
            for posting in self.postings
            if posting.is_to_be_sent and (posting.id in again or posting.preexisting_matches)
        )
        return {posting.entry.position for posting in wanted}


def _carried_out(
    result: Result, planned: _Plan, run_context: RunContext, context: PostingContext, first: RecordsStep | None
) -> PostingResult:
    """Looks, asks, posts. An error that is raised on the way came before the first journal left."""
    stopped_by: ImporterError | None = None
    postings, verdict = planned.postings, Verdict()
    unlooked: ImporterError | None = None
    try:
        adopt_abandoned(postings, context)
        began = context.clock.now()
        planned.look(context)
        looked_at = context.clock.now()
        is_good_for = max(QUICKEST_ANSWER, min(abs((looked_at - began).total_seconds()), LONGEST_PAUSE))
        _release(result, planned, run_context)
        records = first.to_approve() if first is not None else []
        verdict = judge(run_context.database, _sender(run_context, postings), postings, records)
        if verdict.wording:
            result, first = held_records(result, records, verdict), None
        verdict.hold(postings)
        looked_at = _confirm(result, planned, run_context, context, first) or looked_at
        if first is not None:
            result, stopped_by = first.carry_out(postings)
        if (
            stopped_by is None
            and run_context.posting_options.check_ledger
            and any(posting.is_to_be_sent for posting in postings)
            and abs((context.clock.now() - looked_at).total_seconds()) > is_good_for
        ):
            planned.look(context)  # somebody with another store may have posted meanwhile
        if stopped_by is None:
            stopped_by, unlooked = _posted(postings, run_context, context)
    except ImporterError as error:
        stopped_by = error
    result = after_posting(
        result, postings, run_context.settings.language, verifies=run_context.posting_options.verify, unlooked=unlooked
    )
    return PostingResult(replace(result, approval=verdict.given), postings, stopped_by)


def _sender(run_context: RunContext, postings: Sequence[Posting]) -> Sender:
    """Where a run's workbooks come from, and who asks for what they hold to be posted."""
    files = sorted({str(Path(posting.entry.journal.file).absolute()) for posting in postings})
    maker = run_context.maker
    return Sender(
        *(run_context.run, run_context.key, run_context.company.id, run_context.installation),
        source=run_context.origin or "\n".join(files),
        maker=run_context.database.login_role() if maker is None else maker,
        reason=run_context.reason,
    )


def _release(result: Result, planned: _Plan, run_context: RunContext) -> None:
    """Releases what a person wants posted although it is held. Raises SetupError for a name that nothing held has."""
    reasons = released_among(result, planned.postings, planned.entries, run_context.posting_options.released)
    if reasons:
        at = run_context.machine.clock.now().isoformat()
        planned.twins.release(reasons, run_context.machine.holder().name, at)
        planned.twins.hold(planned.postings)


def _confirm(
    result: Result, planned: _Plan, run_context: RunContext, context: PostingContext, first: RecordsStep | None
) -> datetime | None:
    """Asks, and gives when the ledger was looked at anew (None: it was not). Raises Declined when the person does not
    want it; journals that are to stay behind are marked. The question may stand open for long: somebody with another
    store may post meanwhile, so the ledger is looked at again, and the person is asked again where it shows a
    look-alike that was not there before."""
    postings = planned.postings
    if not any(posting.is_to_be_sent for posting in postings) and (first is None or not first.documents):
        context.keep_lease()
        return None
    looked_at: datetime | None = None
    if run_context.reason:
        record_preexisting(postings, context)
    # Written before it is asked: Ctrl-C, or a window that is closed on the question, is not a yes.
    keep_decision(run_context.database, run_context.run, is_declined=True)
    is_asked_again = True
    while is_asked_again:
        outlook, again = (
            _outlook(result, postings, run_context),
            planned.posted_again() if run_context.reason else set(),
        )
        began = context.clock.now()
        staying = run_context.observer.confirms(outlook, again)
        if staying is None:
            raise Declined("declined")
        stood_open = abs((context.clock.now() - began).total_seconds())
        for posting in postings:
            posting.is_declined = posting.is_declined or not set(staying).isdisjoint(posting.positions)
        context.keep_lease()
        seen = {posting.id for posting in postings if posting.looks_alike}
        if stood_open > QUICKEST_ANSWER:
            planned.look(context)
            looked_at = context.clock.now()
        is_asked_again = any(
            posting.is_to_be_sent and posting.looks_alike and posting.id not in seen for posting in postings
        )
    declined = [position for posting in postings if posting.is_declined for position in posting.positions]
    keep_decision(run_context.database, run_context.run, is_declined=False, stay_behind=declined)
    return looked_at


def _outlook(result: Result, postings: Sequence[Posting], run_context: RunContext) -> Result:
    """How the result would end if nothing were sent; what is to be sent is `ready`."""
    shown = after_posting(result, postings, run_context.settings.language, verifies=False)
    documents = list(shown.documents)
    for posting in postings:
        if posting.is_to_be_sent:
            documents[posting.entry.position] = documents[posting.entry.position].ended(Status.READY)
    return replace(shown, company=run_context.company, documents=tuple(documents))


def _posted(
    postings: Sequence[Posting], run_context: RunContext, context: PostingContext
) -> tuple[ImporterError | None, ImporterError | None]:
    """What stopped the posting, and why the last look at the ledger could not be had (None: nothing, it could)."""
    open_cases = [posting for posting in postings if posting.is_to_be_sent or posting.state is State.UNKNOWN]
    if not (open_cases or any(posting.is_to_be_read_back for posting in postings)):
        return None, None
    with run_context.observer.posting(len(open_cases)) as tell:
        context = replace(context, tell=tell)
        stopped_by = post_journals(postings, context)
        return stopped_by, look_once_more(postings, context, stopped_by)


def _context(run_context: RunContext, store: JournalStore, keep_lease: Callable[[], None]) -> PostingContext:
    settings = run_context.settings
    return PostingContext(
        session=run_context.session,
        store=store,
        at_once=settings.concurrency,
        clock=run_context.machine.clock,
        workers=run_context.machine.workers,
        zone=ZoneInfo(settings.timezone),
        keep_lease=keep_lease,
        sentence=lambda error: sentence_of(error, settings.language),
        tell=lambda: None,
        tell_wait=run_context.observer.settling,
        tell_unseen=run_context.observer.unseen,
        tell_lag=run_context.observer.lag,
        interrupts=run_context.observer.interrupts,
        posting_options=run_context.posting_options,
        patience=run_context.machine.patience,
    )
