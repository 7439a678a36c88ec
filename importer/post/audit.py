"""The ledger against what the store calls posted: `importer audit`, and what a person decides."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from importer.errors import AnswerUnclear
from importer.model.journals import ShownJournal, shown_content
from importer.model.postings import State, StoredJournal
from importer.post.ledger_search import read_ledger
from importer.post.matching import NO_CUTS, Cuts, Difference, LedgerJournal, Similarity, differences
from importer.post.reconciliation import LedgerIndex
from importer.services.session import Session


class Fault(StrEnum):
    """What is wrong with a journal. UNKNOWN and SENDING: it was sent, and nobody knows what became of it. FOREIGN is
    for a person to judge: somebody else's journal looks like it."""

    UNKNOWN = "unknown"
    SENDING = "sending"
    MISSING = "missing"
    RENUMBERED = "renumbered"
    DOUBLED = "doubled"
    CHANGED = "changed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one journal; `numbers` are the other journals of the ledger that it is about. `reverse` are those of
    a doubled one that are too many: always the highest numbers, so that two people who are told by two stores reverse
    the same ones."""

    fault: Fault
    posted: StoredJournal
    shown: ShownJournal
    numbers: tuple[int, ...] = ()
    differences: tuple[Difference, ...] = ()
    reverse: tuple[int, ...] = ()


def audited(
    posted: Sequence[StoredJournal],
    session: Session,
    zone: tzinfo,
    posted_under: Callable[[Iterable[int]], Mapping[int, StoredJournal]],
    cuts: Cuts = NO_CUTS,
) -> list[Finding]:
    """Every fault of the journals, in their order, by its state in the store: posted, gone (its number is
    another's now), unknown or sending. `posted_under` tells what the store calls posted under numbers of the ledger,
    `cuts` are the lengths at which the ledger was seen to cut texts. Raises what its requests raise, and AnswerUnclear
    when the ledger lists one of them and does not show it."""
    shown = [shown_content(one.content) for one in posted]
    numbers = {int(one.journal_number) for one in posted if one.state in (State.POSTED, State.GONE)}
    journals, hidden = read_whole(session, shown, numbers, zone)
    if hidden & numbers:  # listed and not shown is not missing: nobody can tell
        raise AnswerUnclear("not-whole")
    view = LedgerIndex(journals, cuts)
    owned = view.owned(posted_under(journals))
    found: list[Finding] = []
    for one, ours in zip(posted, shown, strict=True):
        if one.state in (State.UNKNOWN, State.SENDING):
            found.append(Finding(Fault(one.state.value), one, ours))
        else:
            theirs = None if one.state is State.GONE else journals.get(int(one.journal_number))
            found += _faults(one, ours, theirs, view, owned)
    return found


def read_whole(
    session: Session, journals: Sequence[ShownJournal], numbers: Iterable[int], zone: tzinfo
) -> tuple[dict[int, LedgerJournal], set[int]]:
    """Every journal of the ledger that could be one of ours, and those with the numbers; and which numbers /cash-count
    names that no range shows (0: some journal that no list names). Raises what its requests raise."""
    read = read_ledger(journals, session, zone, numbers=numbers)
    return dict(read.journals), set(read.hidden.values())


def _faults(
    posted: StoredJournal, ours: ShownJournal, theirs: LedgerJournal | None, view: LedgerIndex, owned: Mapping[int, int]
) -> Iterator[Finding]:
    own = int(posted.journal_number)
    alike = [(one.number, how) for one, how in view.alike(ours)]
    others = [(number, how) for number, how in alike if number != own and number not in owned]
    equal = tuple(number for number, how in others if how.is_ours)
    changed = () if theirs is None else tuple(differences(ours, theirs, view.cuts))
    if equal and (theirs is None or changed):
        yield Finding(Fault.RENUMBERED, posted, ours, equal)
    elif theirs is None:
        yield Finding(Fault.MISSING, posted, ours)
    elif changed:
        yield Finding(Fault.CHANGED, posted, ours, differences=changed)
    elif equal:
        all_equal = sorted(number for number, how in alike if how.is_ours)
        yield Finding(Fault.DOUBLED, posted, ours, equal, reverse=tuple(all_equal[-len(equal) :]))
    if foreign := tuple(number for number, how in others if how is Similarity.LOOKS_ALIKE):
        yield Finding(Fault.FOREIGN, posted, ours, foreign)
