"""What the ledger has before anything is sent: a journal whose answer is lost is none of these (posting.md)."""

from collections.abc import Sequence

from importer.post.cases import Case
from importer.post.look import read_for
from importer.post.means import Means
from importer.post.readback import READ_FAILURES
from importer.post.sightings import LedgerView


def note_what_is_there(cases: Sequence[Case], means: Means) -> None:
    """Notes for each case that is to be sent which equal journals are in the ledger; none of them is taken for it.

    After a look before sending (`Wishes.looks`) there are none. A ledger that cannot be read is no reason to stop: it
    is noted that nobody knows. Raises Interrupted at Ctrl-C, and what ends a session.
    """
    leaving = [case for case in cases if case.is_to_be_sent]
    if means.wishes.looks or not leaving:
        for case in leaving:
            case.there_before = frozenset()
        return
    crew = means.crew(means.at_once)
    try:
        view = LedgerView(read_for(leaving, crew, means))
    except READ_FAILURES:
        for case in leaving:
            case.there_before = None
        return
    finally:
        crew.leave()
    for case in leaving:
        case.there_before = frozenset(one.number for one, how in view.alike(case.shown) if how.is_ours)
