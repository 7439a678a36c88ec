"""Looking before sending: what is in the ledger already is not sent, whoever posted it (posting.md)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar, cast

from importer.errors import Interrupted, TryAgain
from importer.model.clocks import Clocks
from importer.model.entries import Settlement, State
from importer.post.cases import Case
from importer.post.crew import Crew
from importer.post.likeness import LedgerJournal
from importer.post.means import Means
from importer.post.readback import READ_FAILURES, candidates, journals_in, ranges_over, search_plan
from importer.post.sightings import LedgerView, Sighting, sightings

LONGEST_REQUEST = timedelta(hours=1)
"""No request of this program may take longer (`IMPORTER_TIMEOUT`): after that a dead run's request has ended."""

Given = TypeVar("Given")


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
    """Finds those of the cases that the ledger has, and what looks like them; nothing is sent.

    Raises TryAgain when the ledger cannot be read (half a look proves nothing), Interrupted at Ctrl-C, and what ends a
    session.
    """
    wanted = [case for case in cases if case.state is State.UNKNOWN or case.is_to_be_sent]
    if not wanted:
        return
    crew = means.crew(means.at_once)
    try:
        view = LedgerView(read_for(wanted, crew, means))
    except READ_FAILURES as error:
        raise TryAgain("look-failed", reason=means.sentence(error)) from error
    finally:
        crew.leave()
    take_in(wanted, sightings(wanted, view, means.store.owners), means)


def take_in(cases: Sequence[Case], seen: Sequence[Sighting], means: Means) -> None:
    """Takes in what a complete read shows, and keeps what was found in the store. Raises SetupError when that cannot be
    written."""
    found = []
    for case, sighting in zip(cases, seen, strict=True):
        case.equals = tuple(sighting.equals)
        if sighting.found is not None:
            finding = f"found in the ledger as {sighting.found.number}"
            found.append(_settlement(case, sighting.found, means.clock.now(), finding))
            case.is_cut = sighting.is_cut and case.state is not State.UNKNOWN
            case.found(sighting.found.number, sighting.found.voucher)
            case.verified, case.is_off_by_a_day = True, not sighting.is_exact
        elif case.state is not State.UNKNOWN:
            case.look_alikes, case.same_lines = tuple(sighting.look_alikes), tuple(sighting.same_lines)
    if found:
        means.store.settle(found)


def _settlement(case: Case, found: LedgerJournal, at: datetime, finding: str) -> Settlement:
    return Settlement(case.id, State.POSTED, at, str(found.number), found.voucher or None, finding)


def read_for(cases: Sequence[Case], crew: Crew[str], means: Means) -> dict[int, LedgerJournal]:
    """What could be one of the cases: one complete read, its requests side by side. Raises what its requests raise, and
    Interrupted at Ctrl-C."""
    searches = search_plan([case.shown for case in cases]).items()
    named = _gathered([partial(candidates, means.session, account, days) for account, days in searches], crew, means)
    ranges = ranges_over(set[int]().union(*named))
    parts = [partial(journals_in, means.session, first, last, means.zone) for first, last in ranges]
    found: dict[int, LedgerJournal] = {}
    for part in _gathered(parts, crew, means):
        found |= part
    return found


def _gathered(works: Sequence[Callable[[], Given]], crew: Crew[str], means: Means) -> list[Given]:
    """What all works give; raises the first failure, and Interrupted at Ctrl-C."""
    waiting = list(reversed(works))
    given: list[Given] = []
    while waiting or crew.busy:
        if means.interrupts():
            raise Interrupted("interrupted")
        means.keep_lease()
        while waiting and crew.busy < means.at_once:
            crew.start("look", waiting.pop())
        for done in crew.ended(means.patience):
            if done.failure is not None:
                raise done.failure
            given.append(cast(Given, done.given))
    return given
