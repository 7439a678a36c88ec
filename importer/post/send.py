"""Sends one journal, and says what is true of it afterwards."""

from collections.abc import Callable
from datetime import datetime

from importer.errors import AnswerUnclear, NotSent
from importer.model.entries import Ending, State
from importer.model.journals import Journal
from importer.post.judge import Outcome, outcome_of
from importer.post.means import Means
from importer.services.sunplusxtra.journals import journal_payload, post_journal

NOT_SENT_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries of a request of which not one byte left: five tries (posting.md)."""

STALE_SECONDS = 30.0
"""An intent that waited longer than this on its way (a laptop that slept) is given back: half of the shortest lease."""


def send(journal: Journal, claimed_at: datetime, means: Means, is_wanted: Callable[[], bool]) -> Outcome:
    """One journal, sent again only while it is proved that not one byte of it left and it is still wanted."""
    payload = journal_payload(journal.lines)
    outcome = Outcome(State.PLANNED)
    for seconds in (*NOT_SENT_PAUSES, None):
        if (means.clock.now() - claimed_at).total_seconds() > STALE_SECONDS:
            return Outcome(State.PLANNED, stop=outcome.stop or NotSent("slept"))
        outcome = outcome_of(lambda: post_journal(means.session, payload))
        is_final = not isinstance(outcome.stop, NotSent) or outcome.stop.certificate
        if is_final or seconds is None:
            break
        means.clock.pause(seconds)
        if not is_wanted():
            break
    return outcome


def outcome_of_work(given: object, failure: BaseException | None) -> Outcome:
    """What a worker brought back. A mistake of ours in one worker must not lose what is known of the others: that
    journal is unknown, and the run stops."""
    if isinstance(given, Outcome):
        return given
    unclear = AnswerUnclear("mistake", detail=type(failure).__name__)
    return Outcome(State.UNKNOWN, reason=unclear, stop=unclear)


def ending_of(id_: int, outcome: Outcome, at: datetime, *, is_in_doubt: bool) -> Ending:
    """What is to be recorded of a sending; `is_in_doubt`: an earlier one has no certain end, so that a refusal does not
    settle it."""
    posted = outcome.posted
    is_refusal = outcome.state is State.REFUSED
    return Ending(
        id=id_,
        state=State.UNKNOWN if is_refusal and (is_in_doubt or outcome.is_doubtful_refusal) else outcome.state,
        at=at,
        journal_number=posted.journal_number if posted else None,
        voucher_number=posted.voucher_number if posted else None,
        answer=outcome.answer,
        is_refusal=is_refusal,
        is_denial=outcome.is_denial,
    )
