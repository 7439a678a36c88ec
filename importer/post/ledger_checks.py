"""The looks at the ledger around posting: what is there already is not sent, whoever posted it; and what somebody else
has posted meanwhile is reported."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from importer.errors import AnswerUnclear, ImporterError, Interrupted, TryAgain
from importer.model.journals import shown_content
from importer.model.postings import Clocks, JournalOutcome, LedgerFacts, State, StoredJournal
from importer.post.context import LISTS_TO_A_JOURNAL, PostingContext
from importer.post.ledger_search import MOST_ACCOUNTS, READ_FAILURES, LedgerRead, read_ledger
from importer.post.matching import LedgerJournal, is_shown_as
from importer.post.posting_state import MOST_DOUBTS, Posting
from importer.post.reconciliation import LedgerIndex, MatchResult, match_postings

LONGEST_REQUEST = timedelta(hours=1)
"""No request of this program may take longer (`IMPORTER_TIMEOUT`): after that a dead run's request has ended."""

WITNESSES = 3
"""So many of the journals posted last must be shown by a look that is to prove anything."""

FRESH_PAUSES = (1.0, 4.0, 10.0)
"""Seconds between looks that do not show what was posted last: a ledger may show it a little later."""
HIDING_PAUSES = FRESH_PAUSES[:1]
"""The same for what is listed and not shown: it may never be."""

Witness = tuple[StoredJournal, datetime]
"""A journal posted from here, and when its answer came (UTC)."""


def adopt_abandoned(postings: Sequence[Posting], context: PostingContext) -> None:
    """A journal found as `sending` belongs to a run that died: it is in doubt until it has been read back. Raises
    SetupError when the store cannot be written."""
    dead = [posting for posting in postings if posting.state is State.SENDING]
    if not dead:
        return
    now, clocks = context.clock.now(), context.clocks()
    longest = LONGEST_REQUEST.total_seconds()
    settlements = []
    for posting in dead:
        ended_at, sent = min(now, (posting.known.sent_at or now) + LONGEST_REQUEST), posting.known.sending_clocks
        ended = clocks  # an hour after it was sent only where that is certainly over
        if sent is not None and (clocks.since(sent) or 0.0) >= longest:
            service = None if sent.service is None else sent.service + longest
            ended = Clocks(sent.store + longest, sent.steady + longest, sent.boot, service)
        posting.adopted(ended_at, ended)
        finding = "the run that sent it died"
        settlements.append(JournalOutcome(posting.id, State.UNKNOWN, ended_at, evidence=finding, clocks=ended))
    context.store.settle(settlements)


def look(postings: Sequence[Posting], context: PostingContext) -> None:
    """Finds those of the postings that the ledger has, and what looks like them; confirms those that were posted
    before, and notes the `twins` of those that were in doubt once: another store's journal may have settled the doubt,
    and the own sending may have come later. Keeps back those that the ledger may hide. Nothing is sent.

    Raises TryAgain when the ledger cannot be read, or does not show what was posted last: such a look proves nothing.
    Raises Interrupted at Ctrl-C, and what ends a session."""
    for posting in postings:
        posting.hidden_by = None
    wanted = [posting for posting in postings if posting.state is State.UNKNOWN or posting.is_to_be_sent]
    posted = [posting for posting in postings if posting.state is State.POSTED and posting.was_posted]
    if not (wanted or posted):
        return
    facts = context.store.ledger_facts()
    were_in_doubt = [posting for posting in posted if posting.doubted_at]
    try:
        read, is_fresh = _fresh_read(wanted, posted, were_in_doubt, facts, context)
    except READ_FAILURES as error:
        if wanted:
            raise TryAgain("look-failed", reason=context.sentence(error)) from error
        for posting in posted:
            posting.is_unread = True
        return
    confirm(posted, read.journals, facts)
    if were_in_doubt:
        _note_twins(were_in_doubt, LedgerIndex(read.journals, facts.cuts), postings, context)
    if not wanted:
        return
    if not is_fresh:
        newest, _ = context.store.newest_posted(1)[0]
        raise TryAgain("ledger-behind", number=newest.journal_number, run=newest.run)
    seen = match_postings(wanted, LedgerIndex(read.journals, facts.cuts), context.store.posted_under)
    undecided = [posting.id for posting in wanted if may_come_twice(posting, facts)]
    apply_matches(wanted, seen, facts, context, postings, undecided)
    for place, (posting, match) in enumerate(zip(wanted, seen, strict=True)):
        if posting.is_to_be_sent:
            posting.looked_for(match.all_equal, read.hiding_place(place))


def record_preexisting(postings: Sequence[Posting], context: PostingContext) -> None:
    """Notes for each posting that is to be sent which equal journals are in the ledger; none of them is taken for it.

    For a run that does not look before sending. A ledger that cannot be read is no reason to stop: it is noted that
    nobody knows. Raises Interrupted at Ctrl-C, and what ends a session.
    """
    leaving = [posting for posting in postings if posting.is_to_be_sent]
    if context.posting_options.check_ledger or not leaving:
        return
    facts = context.store.ledger_facts()
    try:
        read = read_for([posting.shown for posting in leaving], (), facts, context)
    except READ_FAILURES:
        for posting in leaving:
            posting.looked_for(None)
        return
    view = LedgerIndex(read.journals, facts.cuts)
    for posting in leaving:
        posting.looked_for(frozenset(one.number for one, how in view.alike(posting.shown) if how.is_ours))


def last_look(postings: Sequence[Posting], context: PostingContext, *, is_hasty: bool) -> ImporterError | None:
    """Looks again for everything that this run has posted, and notes the `twins`: equal journals that came since, and
    are nobody's here. Waits until the ledger lists what was posted last; gives why it could not be told (None: it
    could). What was read back as it was sent is not read again. Raises Interrupted at Ctrl-C."""
    posted = [posting for posting in postings if posting.state is State.POSTED and not posting.was_posted]
    facts = context.store.ledger_facts()
    known = {  # as the ledger has shown them in this run
        int(posting.journal_number or 0): LedgerJournal(
            int(posting.journal_number or 0), posting.voucher_number or "", posting.shown, days_off=0
        )
        for posting in posted
        if posting.verified and not posting.is_off_by_a_day and posting.expected == posting.shown
    }
    own = {int(posting.journal_number or 0) for posting in posted}
    pauses = [*FRESH_PAUSES]  # twice the lag that was seen, and a while at least
    while sum(pauses) < min(2 * (facts.lag or 0.0), context.posting_options.settle):
        pauses.append(60.0)
    is_read = False
    failure: ImporterError | None = None
    for pause in (0.0, *((0.0,) if is_hasty else pauses)):  # one answer may be lost
        context.clock.pause(pause) if pause else None
        try:
            read = read_for([posting.shown for posting in posted], (), facts, context, known=known, newest=max(own))
        except READ_FAILURES as error:
            failure = error
            continue
        known |= read.journals
        is_read = True
        if own <= read.journals.keys() & read.listed and not _hides_any(read, len(posted)):
            failure = None
            break
        failure = TryAgain("ledger-behind", number=str(max(own - read.listed, default=max(own))), run="")
    else:
        if not is_read:
            return failure
    _note_twins(posted, LedgerIndex(known, facts.cuts), postings, context)
    return failure


def confirm(postings: Iterable[Posting], journals: Mapping[int, LedgerJournal], facts: LedgerFacts) -> None:
    """Holds what was posted before against what the ledger shows under its number."""
    for posting in postings:
        theirs = journals.get(int(posting.journal_number or 0))
        if theirs is None:
            posting.gone()
        else:
            posting.compared(theirs, facts.cuts)


def may_come_twice(posting: Posting, facts: LedgerFacts) -> bool:
    """True of a journal that was sent twice without an answer into a ledger that has never shown how late it is: the
    first sending may have been shown only after its settling time, and the second may follow (`Reconciler`)."""
    return posting.state is State.UNKNOWN and posting.unknown_sends >= MOST_DOUBTS and facts.lag is None


def standing_witnesses(
    read: LedgerRead, witnesses: Sequence[Witness], facts: LedgerFacts, context: PostingContext
) -> list[Witness]:
    """The witnesses that can still show something: without those that people have changed or deleted since. A journal
    older than the settling time was deleted when the ledger shows others that are newer than all the witnesses."""
    now, settle = context.clock.now(), timedelta(seconds=context.posting_options.settle + (facts.lag or 0.0))
    newest = max((int(one.journal_number) for one, _ in witnesses), default=0)
    is_newer_shown = any(number > newest for number in read.journals.keys() & read.listed)
    named = read.journals.keys() | read.listed
    return [
        (one, at)
        for one, at in witnesses
        if ((theirs := read.journals.get(int(one.journal_number))) is None or is_shown_as(one, theirs, facts.cuts))
        and not (is_newer_shown and now - at > settle and int(one.journal_number) not in named)
    ]


def is_shown(read: LedgerRead, witnesses: Sequence[Witness], *, all_of_them: bool = False) -> bool:
    """Whether a look shows the witnesses, by both ways of reading; before sending one of them is enough, since a person
    may have deleted others."""
    numbers = [int(one.journal_number) for one, _ in witnesses]
    both = [number in read.journals and number in read.listed for number in numbers]
    if all_of_them:
        return all(number in read.journals for number in numbers) and any(both)
    return any(both) or not numbers


def would_show(
    read: LedgerRead,
    since: datetime | None,
    witnesses: Sequence[Witness],
    facts: LedgerFacts,
    context: PostingContext,
) -> bool:
    """Whether a read would show a journal that is in doubt since then if it were there: it shows what was posted after
    that was sent, or, where nothing was, what was posted last (importer/post/README.md, "Witnesses")."""
    standing = standing_witnesses(read, witnesses, facts, context)
    later = [one for one in standing if since is None or one[1] > since]
    return is_shown(read, later, all_of_them=True) if later else is_shown(read, standing)


def _fresh_read(
    wanted: Sequence[Posting],
    posted: Sequence[Posting],
    were_in_doubt: Sequence[Posting],
    facts: LedgerFacts,
    context: PostingContext,
) -> tuple[LedgerRead, bool]:
    """A read of what could be one of the `wanted` or equal to one that was in doubt once, and of the `posted` by their
    numbers; and whether it shows what was posted last. It is done anew when it does not."""
    witnesses = context.store.newest_posted(WITNESSES) if wanted else []
    shown = [posting.shown for posting in (*wanted, *were_in_doubt)]
    shown += [shown_content(one.content) for one, _ in witnesses]
    numbers = [int(posting.journal_number or 0) for posting in posted]
    numbers += [int(one.journal_number) for one, _ in witnesses]
    waits = iter(FRESH_PAUSES)
    hidden_waits = iter(HIDING_PAUSES)
    while True:
        read = read_for(shown, numbers, facts, context)
        is_fresh = is_shown(read, standing_witnesses(read, witnesses, facts, context))
        is_hiding = _hides_any(read, len(wanted))
        pause = next(waits, None) if not is_fresh else next(hidden_waits, None) if is_hiding else None
        if pause is None:
            return read, is_fresh
        context.clock.pause(pause)


def _hides_any(read: LedgerRead, count: int) -> bool:
    """Whether the read may hide one of the first `count` journals that it looked for."""
    return any(read.hiding_place(place) is not None for place in range(count))


def apply_matches(
    postings: Sequence[Posting],
    seen: Sequence[MatchResult],
    facts: LedgerFacts,
    context: PostingContext,
    all_postings: Iterable[Posting],
    undecided: Collection[int],
) -> None:
    """Takes in what a read shows of the postings, and keeps what was found in the store, but for the `undecided` (ids),
    which stay in doubt. The ledger's content decides whose a number is (importer/post/README.md,
    "A good answer is final"): of `all_postings` those that were posted under the number of one that was found
    are gone. Raises SetupError when that cannot be written."""
    found = []
    for posting, match in zip(postings, seen, strict=True):
        posting.equals = tuple(match.equals)
        posting.shown_once = None
        if match.found is not None and posting.id in undecided:
            posting.shown_once = match.found.number
        elif match.found is not None:
            finding = f"found in the ledger as {match.found.number}"
            number, voucher = str(match.found.number), match.found.voucher or None
            found.append(JournalOutcome(posting.id, State.POSTED, context.clock.now(), number, voucher, finding))
            posting.found_in_ledger(match.found, match.how, facts.cuts)
        elif posting.state is not State.UNKNOWN:
            posting.look_alikes, posting.same_lines = tuple(match.look_alikes), tuple(match.same_lines)
    for posting, _ in displaced(postings, all_postings):
        posting.gone()
    if found:
        context.store.settle(found)


def displaced(owners: Iterable[Posting], all_postings: Iterable[Posting]) -> Iterator[tuple[Posting, Posting]]:
    """Each of `all_postings` that has the number of another one, and that one: the ledger shows the `owners` that are
    posted under their numbers (importer/post/README.md, "A good answer is final")."""
    by_number = {owner.journal_number: owner for owner in owners if owner.state is State.POSTED}
    for posting in all_postings:
        owner = by_number.get(posting.journal_number, posting)
        if posting.state is State.POSTED and owner is not posting:
            yield posting, owner


def _note_twins(
    posted: Iterable[Posting], view: LedgerIndex, postings: Iterable[Posting], context: PostingContext
) -> None:
    in_doubt = {posting.entry.fingerprint for posting in postings if posting.state is State.UNKNOWN}
    for posting in posted:
        own = int(posting.journal_number or 0)
        if posting.preexisting_matches is None or posting.entry.fingerprint in in_doubt:
            continue  # an equal journal may be an older one, or the one in doubt
        equal = (
            {one.number for one, how in view.alike(posting.shown) if how.is_ours} - {own} - posting.preexisting_matches
        )
        posting.twins = tuple(sorted(equal - view.owned(context.store.posted_under(equal)).keys()))


def read_for(
    journals: Sequence[Any],
    numbers: Collection[int],
    facts: LedgerFacts,
    context: PostingContext,
    known: Mapping[int, LedgerJournal] | None = None,
    newest: int = 0,
    most_accounts: int = MOST_ACCOUNTS,
) -> LedgerRead:
    """What could be one of the journals (as the ledger is to show them), and the journals of the numbers: one read
    (`read_ledger`), its requests side by side. Raises what its requests raise, and Interrupted at Ctrl-C."""
    most = LISTS_TO_A_JOURNAL * context.at_once
    workers = context.workers(most)
    try:
        return read_ledger(
            journals,
            context.session,
            context.zone,
            gather=partial(_gathered, workers=workers, most=most, context=context),
            blind_accounts=facts.blind_accounts,
            numbers=numbers,
            known=known,
            newest=newest,
            most_accounts=most_accounts,
        )
    finally:
        workers.shutdown()


def _gathered(works: Sequence[Callable[[], Any]], workers: Any, most: int, context: PostingContext) -> list[Any]:
    """What all works give, in their order, `most` at once; raises the first failure, and Interrupted at Ctrl-C."""
    waiting = list(reversed(list(enumerate(works))))
    given: dict[int, Any] = {}
    while waiting or workers.busy:
        if context.interrupts():
            raise Interrupted("interrupted")
        context.keep_lease()
        while waiting and workers.busy < most:
            workers.start(*waiting.pop())
        for done in workers.completed(context.patience):
            if done.failure is not None:
                raise done.failure
            given[done.task] = done.result
    return [given[place] for place in range(len(works))]


def raise_unless_soft(failure: BaseException | None) -> None:
    """A look that may work another time raises nothing. What ends the session is raised, and a mistake of ours as an
    error that stops the sending: what was posted must still be told."""
    if failure is not None and not isinstance(failure, READ_FAILURES):
        raise as_error(failure) from failure


def as_error(failure: BaseException) -> ImporterError:
    """The failure of a worker as an error that a person can be told."""
    return failure if isinstance(failure, ImporterError) else AnswerUnclear("mistake", detail=type(failure).__name__)
