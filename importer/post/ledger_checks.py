"""The looks at the ledger around posting: what is there already is not sent, whoever posted it; and what somebody else
has posted meanwhile is reported."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from importer.errors import ImporterError, Interrupted, TryAgain
from importer.model.clocks import Clocks
from importer.model.identity import shown_content
from importer.model.postings import LedgerFacts, Posted, Settlement, State
from importer.post.context import Means
from importer.post.ledger_search import READ_FAILURES, LedgerRead, read_ledger
from importer.post.matching import Cuts, LedgerJournal, Likeness, cut_texts, likeness
from importer.post.postings import MOST_DOUBTS, Case
from importer.post.reconciliation import LedgerView, Sighting, sightings

LONGEST_REQUEST = timedelta(hours=1)
"""No request of this program may take longer (`IMPORTER_TIMEOUT`): after that a dead run's request has ended."""

WITNESSES = 3
"""So many of the journals posted last must be shown by a look that is to prove anything."""

FRESH_PAUSES = (1.0, 4.0, 10.0)
"""Seconds between looks that do not show what was posted last: a ledger may show it a little later."""
HIDING_PAUSES = FRESH_PAUSES[:1]
"""The same for what is listed and not shown: it may never be."""

Witness = tuple[Posted, datetime]
"""A journal posted from here, and when its answer came (UTC)."""


def take_over(cases: Sequence[Case], means: Means) -> None:
    """A journal found as `sending` belongs to a run that died: it is in doubt until it has been read back. Raises
    SetupError when the store cannot be written."""
    dead = [case for case in cases if case.state is State.SENDING]
    if not dead:
        return
    now, clocks = means.clock.now(), means.clocks()
    settlements = []
    for case in dead:
        sent_at = case.known.sent_at or now
        case.state, case.doubts = State.UNKNOWN, case.doubts + 1
        case.in_doubt_since = min(now, sent_at + LONGEST_REQUEST)
        ended = _ended_by(case.known.sending_clocks, clocks)
        case.doubted_at = (*case.doubted_at, ended)
        finding = "the run that sent it died"
        settlements.append(Settlement(case.id, State.UNKNOWN, case.in_doubt_since, finding=finding, clocks=ended))
    means.store.settle(settlements)


def _ended_by(sent: Clocks | None, now: Clocks) -> Clocks:
    """The moment by which a dead run's request has ended: an hour after it was sent when that is certainly over, now
    otherwise."""
    longest = LONGEST_REQUEST.total_seconds()
    if sent is None or (now.since(sent) or 0.0) < longest:
        return now
    service = None if sent.service is None else sent.service + longest
    return Clocks(sent.store + longest, sent.steady + longest, sent.boot, service)


def look(cases: Sequence[Case], means: Means) -> None:
    """Finds those of the cases that the ledger has, and what looks like them; confirms those that were posted before;
    keeps back those that the ledger may hide. Nothing is sent.

    Raises TryAgain when the ledger cannot be read, or does not show what was posted last: such a look proves nothing.
    Raises Interrupted at Ctrl-C, and what ends a session.
    """
    for case in cases:
        case.hidden_by = None
    wanted = [case for case in cases if case.state is State.UNKNOWN or case.is_to_be_sent]
    posted = [case for case in cases if case.state is State.POSTED and case.was_posted]
    if not (wanted or posted):
        return
    facts = means.store.ledger_facts()
    try:
        read, is_fresh = _fresh_read(wanted, posted, facts, means)
    except READ_FAILURES as error:
        if wanted:
            raise TryAgain("look-failed", reason=means.sentence(error)) from error
        for case in posted:
            case.is_unread = True
        return
    confirm(posted, read.journals, facts)
    if not wanted:
        return
    if not is_fresh:
        newest, _ = means.store.newest_posted(1)[0]
        raise TryAgain("ledger-behind", number=newest.journal_number, run=newest.run)
    seen = sightings(wanted, LedgerView(read.journals, facts.cuts), means.store.posted_under)
    apply_matches(wanted, seen, facts, means, undecided=[case.id for case in wanted if may_come_twice(case, facts)])
    for place, (case, sighting) in enumerate(zip(wanted, seen, strict=True)):
        if case.is_to_be_sent:
            case.there_before = sighting.all_equal
            case.hidden_by = read.hiding_place(place)


def note_what_is_there(cases: Sequence[Case], means: Means) -> None:
    """Notes for each case that is to be sent which equal journals are in the ledger; none of them is taken for it.

    For a run that does not look before sending. A ledger that cannot be read is no reason to stop: it is noted that
    nobody knows. Raises Interrupted at Ctrl-C, and what ends a session.
    """
    leaving = [case for case in cases if case.is_to_be_sent]
    if means.wishes.looks or not leaving:
        return
    facts = means.store.ledger_facts()
    try:
        read = read_for([case.shown for case in leaving], (), facts, means)
    except READ_FAILURES:
        for case in leaving:
            case.there_before = None
        return
    view = LedgerView(read.journals, facts.cuts)
    for case in leaving:
        case.there_before = frozenset(one.number for one, how in view.alike(case.shown) if how.is_ours)


def last_look(cases: Sequence[Case], means: Means, *, is_hasty: bool) -> ImporterError | None:
    """Looks again for everything that this run has posted, and notes the `twins`: equal journals that came since, and
    are nobody's here. Waits until the ledger shows what was posted last; gives why it could not be told (None: it
    could). Raises Interrupted at Ctrl-C."""
    posted = [case for case in cases if case.state is State.POSTED and not case.was_posted]
    facts = means.store.ledger_facts()
    known: dict[int, LedgerJournal] = {}
    failure: ImporterError | None = None
    for pause in (0.0, *(() if is_hasty else _last_pauses(facts, means))):
        means.clock.pause(pause) if pause else None
        try:
            read = read_for([case.shown for case in posted], (), facts, means, known=known)
        except READ_FAILURES as error:
            failure = error
            continue
        known |= read.journals
        own = {int(case.journal_number or 0) for case in posted}
        if own <= read.journals.keys() & read.listed and not _hides_any(read, len(posted)):
            failure = None
            break
        failure = TryAgain("ledger-behind", number=str(max(own - read.listed, default=max(own))), run="")
    else:
        if not known:
            return failure
    _note_twins(posted, LedgerView(known, facts.cuts), cases, means)
    return failure


def confirm(cases: Iterable[Case], journals: Mapping[int, LedgerJournal], facts: LedgerFacts) -> None:
    """Holds what was posted before against what the ledger shows under its number."""
    for case in cases:
        theirs = journals.get(int(case.journal_number or 0))
        if theirs is None:
            case.is_gone = True
        else:
            case.compared(theirs, facts.cuts)


def may_come_twice(case: Case, facts: LedgerFacts) -> bool:
    """True of a journal that was sent twice without an answer into a ledger that has never shown how late it is: the
    first sending may have been shown only after its settling time, and the second may follow (`Settling`)."""
    return case.state is State.UNKNOWN and case.doubts >= MOST_DOUBTS and facts.lag is None


def standing_witnesses(
    read: LedgerRead, witnesses: Sequence[Witness], now: datetime, settle: timedelta, cuts: Cuts
) -> list[Witness]:
    """The witnesses that can still show something: without those that people have changed or deleted since. A journal
    older than the settling time was deleted when the ledger shows others that are newer than all the witnesses."""
    newest = max((int(one.journal_number) for one, _ in witnesses), default=0)
    is_newer_shown = any(number > newest for number in read.journals.keys() & read.listed)
    return [
        (one, at)
        for one, at in witnesses
        if not _is_changed(one, read, cuts)
        and not (is_newer_shown and now - at > settle and not _is_named(int(one.journal_number), read))
    ]


def _is_changed(one: Posted, read: LedgerRead, cuts: Cuts) -> bool:
    theirs = read.journals.get(int(one.journal_number))
    return (
        theirs is not None and not likeness(shown_content(one.content), theirs.journal, theirs.days_off, cuts).is_ours
    )


def _is_named(number: int, read: LedgerRead) -> bool:
    return number in read.journals or number in read.listed


def is_shown(read: LedgerRead, witnesses: Sequence[Witness], *, all_of_them: bool = False) -> bool:
    """Whether a look shows the witnesses, by both ways of reading; before sending one of them is enough, since a person
    may have deleted others."""
    numbers = [int(one.journal_number) for one, _ in witnesses]
    both = [number in read.journals and number in read.listed for number in numbers]
    if all_of_them:
        return all(number in read.journals for number in numbers) and any(both)
    return any(both) or not numbers


def _fresh_read(
    wanted: Sequence[Case], posted: Sequence[Case], facts: LedgerFacts, means: Means
) -> tuple[LedgerRead, bool]:
    """A read, and whether it shows what was posted last. It is done anew when it does not."""
    witnesses = means.store.newest_posted(WITNESSES) if wanted else []
    shown = [case.shown for case in wanted] + [shown_content(one.content) for one, _ in witnesses]
    numbers = [int(one or 0) for one in (*(case.journal_number for case in posted), *_numbers_of(witnesses))]
    settle = timedelta(seconds=means.wishes.settle + (facts.lag or 0.0))
    waits = iter(FRESH_PAUSES)
    hidden_waits = iter(HIDING_PAUSES)
    while True:
        read = read_for(shown, numbers, facts, means)
        is_fresh = is_shown(read, standing_witnesses(read, witnesses, means.clock.now(), settle, facts.cuts))
        is_hiding = _hides_any(read, len(wanted))
        pause = next(waits, None) if not is_fresh else next(hidden_waits, None) if is_hiding else None
        if pause is None:
            return read, is_fresh
        means.clock.pause(pause)


def _numbers_of(witnesses: Iterable[Witness]) -> list[str]:
    return [one.journal_number for one, _ in witnesses]


def _hides_any(read: LedgerRead, count: int) -> bool:
    """Whether the read may hide one of the first `count` journals that it looked for."""
    return any(read.hiding_place(place) is not None for place in range(count))


def apply_matches(
    cases: Sequence[Case],
    seen: Sequence[Sighting],
    facts: LedgerFacts,
    means: Means,
    undecided: Collection[int] = (),
) -> None:
    """Takes in what a read shows, and keeps what was found in the store, but for the `undecided` (ids), which stay in
    doubt. Raises SetupError when that cannot be written."""
    found = []
    for case, sighting in zip(cases, seen, strict=True):
        case.equals = tuple(sighting.equals)
        case.shown_once = None
        if sighting.found is not None and case.id in undecided:
            case.shown_once = sighting.found.number
        elif sighting.found is not None:
            finding = f"found in the ledger as {sighting.found.number}"
            found.append(_settlement(case, sighting.found, means.clock.now(), finding))
            is_cut = sighting.how is Likeness.CUT
            case.is_cut = is_cut and case.state is not State.UNKNOWN
            case.found(sighting.found.number, sighting.found.voucher)
            case.cuts = cut_texts(case.shown, sighting.found.journal, facts.cuts) if is_cut else ()
            case.verified, case.is_off_by_a_day = not is_cut or None, sighting.how is Likeness.OTHER_DAY
        elif case.state is not State.UNKNOWN:
            case.look_alikes, case.same_lines = tuple(sighting.look_alikes), tuple(sighting.same_lines)
    if found:
        means.store.settle(found)


def _settlement(case: Case, found: LedgerJournal, at: datetime, finding: str) -> Settlement:
    return Settlement(case.id, State.POSTED, at, str(found.number), found.voucher or None, finding)


def _note_twins(posted: Iterable[Case], view: LedgerView, cases: Iterable[Case], means: Means) -> None:
    in_doubt = {case.entry.fingerprint for case in cases if case.state is State.UNKNOWN}
    for case in posted:
        own = int(case.journal_number or 0)
        if case.there_before is None or case.entry.fingerprint in in_doubt:
            continue  # an equal journal may be an older one, or the one in doubt
        equal = {one.number for one, how in view.alike(case.shown) if how.is_ours} - {own} - case.there_before
        case.twins = tuple(sorted(equal - means.store.owners(equal).keys()))


def _last_pauses(facts: LedgerFacts, means: Means) -> list[float]:
    """Seconds between the tries of the last look: twice the lag that was seen, and a while at least."""
    pauses = [*FRESH_PAUSES]
    while sum(pauses) < min(2 * (facts.lag or 0.0), means.wishes.settle):
        pauses.append(60.0)
    return pauses


def read_for(
    journals: Sequence[Any],
    numbers: Collection[int],
    facts: LedgerFacts,
    means: Means,
    known: Mapping[int, LedgerJournal] | None = None,
) -> LedgerRead:
    """What could be one of the journals (as the ledger is to show them), and the journals of the numbers: one read, its
    requests side by side. Raises what its requests raise, and Interrupted at Ctrl-C."""
    crew = means.crew(means.at_once)
    try:
        return read_ledger(
            journals,
            means.session,
            means.zone,
            gather=partial(_gathered, crew=crew, means=means),
            blind_accounts=facts.blind_accounts,
            numbers=numbers,
            known=known,
        )
    finally:
        crew.leave()


def _gathered(works: Sequence[Callable[[], Any]], crew: Any, means: Means) -> list[Any]:
    """What all works give, in their order; raises the first failure, and Interrupted at Ctrl-C."""
    waiting = list(reversed(list(enumerate(works))))
    given: dict[int, Any] = {}
    while waiting or crew.busy:
        if means.interrupts():
            raise Interrupted("interrupted")
        means.keep_lease()
        while waiting and crew.busy < means.at_once:
            crew.start(*waiting.pop())
        for done in crew.ended(means.patience):
            if done.failure is not None:
                raise done.failure
            given[done.ticket] = done.given
    return [given[place] for place in range(len(works))]
