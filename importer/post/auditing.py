"""Comparing what was posted with what the ledger holds now: missing, doubled, changed, and journals of others that look
like ours."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from importer.model.entries import Posted
from importer.model.fingerprints import ShownJournal, shown_content
from importer.post.differences import Difference, differences
from importer.post.likeness import LedgerJournal, Likeness
from importer.post.readback import journals_numbered, read_back
from importer.post.sightings import LedgerView
from importer.services.session import Session


class Fault(StrEnum):
    """What is wrong with a posted journal. FOREIGN is for a person to judge: somebody else's journal looks like it."""

    MISSING = "missing"
    DOUBLED = "doubled"
    CHANGED = "changed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one journal; `numbers` are the other journals of the ledger that it is about."""

    fault: Fault
    posted: Posted
    shown: ShownJournal
    numbers: tuple[int, ...] = ()
    differences: tuple[Difference, ...] = ()


def audited(
    posted: Sequence[Posted],
    session: Session,
    zone: tzinfo,
    owners: Callable[[Iterable[int]], Mapping[int, int]],
) -> list[Finding]:
    """Every fault of the posted journals, in their order. `owners` tells which journals of the ledger belong to a
    journal of the store. Raises what its requests raise."""
    shown = [shown_content(one.content) for one in posted]
    by_number = journals_numbered(session, [int(one.journal_number) for one in posted], zone)
    around = read_back(session, shown, zone) if posted else {}
    view = LedgerView(by_number | around)
    owned = owners(around)
    found: list[Finding] = []
    for one, ours in zip(posted, shown, strict=True):
        found += _faults(one, ours, by_number.get(int(one.journal_number)), view, owned)
    return found


def _faults(
    posted: Posted, ours: ShownJournal, theirs: LedgerJournal | None, view: LedgerView, owned: Mapping[int, int]
) -> Iterator[Finding]:
    if theirs is None:
        yield Finding(Fault.MISSING, posted, ours)
    elif changed := differences(ours, theirs.journal, theirs.days_off):
        yield Finding(Fault.CHANGED, posted, ours, differences=tuple(changed))
    own = int(posted.journal_number)
    others = [(one.number, how) for one, how in view.alike(ours) if one.number != own and one.number not in owned]
    if equal := tuple(number for number, how in others if how.is_ours):
        yield Finding(Fault.DOUBLED, posted, ours, equal)
    if alike := tuple(number for number, how in others if how is Likeness.LOOKS_ALIKE):
        yield Finding(Fault.FOREIGN, posted, ours, alike)
