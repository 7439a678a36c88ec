"""Sends changes of records one after the other; where an outcome is in doubt the list is read again and decides
(importer/post/README.md, "Records and files")."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from importer.errors import (
    AnswerUnclear,
    Effect,
    ImporterError,
    Interrupted,
    RequestRefused,
    ServiceFailure,
    TooManyUnknown,
)
from importer.model.postings import State
from importer.post.send import in_order
from importer.services.session import Session
from importer.services.sunplusxtra.records import Found, RecordWrite

LOOK_SECONDS = 0.25
"""How long Ctrl-C may stay unnoticed while a request is under way."""

MOST_SENDINGS = 2
"""A change that got no answer and is not in the list is sent once more: its key keeps it from being made twice."""


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """What is true of a record. `state` is POSTED, REFUSED, UNKNOWN, or PLANNED when nothing of it was sent.

    `reason` says why it is refused or unknown; `found` how the list that was read again shows an unknown one, None when
    it could not be read. `recovered`: the answer was lost, and the list shows it as it is wanted. `stop` ends the run.
    """

    state: State
    sendings: int = 0
    recovered: bool = False
    reason: ImporterError | None = None
    found: Found | None = None
    stop: ImporterError | None = None

    @property
    def answer(self) -> str:
        """The evidence to keep, in the service's words; never a header or a request."""
        error = self.reason or self.stop
        return "" if error is None else f"{error.key} {dict(error.facts)}"


@dataclass(frozen=True, slots=True)
class RecordToSend:
    """A change with the kind and key of its document."""

    kind: str
    key: str
    write: RecordWrite


Keep = Callable[[RecordToSend, RecordOutcome | None], None]
"""Keeps the evidence of a change, on disk when it returns: how it ended, or (None) that it is about to be sent."""


def send_records(
    records: Sequence[RecordToSend],
    session: Session,
    keep: Keep,
    tell: Callable[[], None],
    interrupts: Callable[[], int],
) -> tuple[list[RecordOutcome], ImporterError | None]:
    """Sends the changes in order, and gives what came of them as far as they were sent, and why the rest was not (None:
    all were). `tell` is called for each record that ended, `interrupts` is how often Ctrl-C was pressed so far.

    Never raises for a single record: evidence that cannot be kept, a session that is over, a service out of reach,
    three unknowns in a row or Ctrl-C stop the sending of further ones."""
    pool = ThreadPoolExecutor(1)

    def attempt(record: RecordToSend) -> tuple[RecordOutcome, ImporterError | None, ImporterError | None]:
        try:
            keep(record, None)
        except ImporterError as error:
            return RecordOutcome(State.PLANNED, stop=error), None, error
        outcome = _awaited(pool.submit(_sent, record.write, session), interrupts)
        stop = outcome.stop
        try:
            keep(record, outcome)
        except ImporterError as error:
            stop = error
        return outcome, outcome.reason if outcome.state is State.UNKNOWN else None, stop

    try:
        breaker = TooManyUnknown("breaker-records")
        return in_order(records, attempt, interrupts, tell, interrupted="interrupted", breaker=breaker)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _awaited(under_way: Future[RecordOutcome], interrupts: Callable[[], int]) -> RecordOutcome:
    """Waits for the request; a second Ctrl-C leaves it behind, and nobody knows what becomes of it. After a mistake of
    ours nobody knows either, and the run stops: what is known of the other records must not be lost."""
    while not wait([under_way], timeout=LOOK_SECONDS).done:
        if interrupts() > 1:
            stop = Interrupted("interrupted")
            return RecordOutcome(State.UNKNOWN, 1, reason=AnswerUnclear("died"), stop=stop)
    failure = under_way.exception()
    if failure is None:
        return under_way.result()
    unclear = AnswerUnclear("mistake", detail=type(failure).__name__)
    return RecordOutcome(State.UNKNOWN, 1, reason=unclear, stop=unclear)


def _sent(write: RecordWrite, session: Session) -> RecordOutcome:
    """Sends a change, and looks whenever its answer is not certain; a second sending follows only when the list shows
    the record as it was before."""
    doubt: ImporterError | None = None
    for sending in range(1, MOST_SENDINGS + 1):
        try:
            write.carry_out(session)
            return RecordOutcome(State.POSTED, sending)
        except ImporterError as error:
            if doubt is None and error.effect is not Effect.UNKNOWN:  # nothing was done
                if isinstance(error, ServiceFailure | RequestRefused):
                    return RecordOutcome(State.REFUSED, sending, reason=error)
                return RecordOutcome(State.PLANNED, sending - 1, stop=error)
            doubt = doubt or error
            looked = _looked(write, session, error, doubt, sending)
        if looked is not None:
            return looked
    return RecordOutcome(State.UNKNOWN, MOST_SENDINGS, reason=doubt, found=Found.AS_BEFORE)


def _looked(
    write: RecordWrite, session: Session, error: ImporterError, doubt: ImporterError, sending: int
) -> RecordOutcome | None:
    """What the list says after an uncertain answer; None when the change may be sent again."""
    try:
        found = write.look(session)
    except (ServiceFailure, AnswerUnclear):
        return RecordOutcome(State.UNKNOWN, sending, reason=doubt)
    except ImporterError as stop:
        return RecordOutcome(State.UNKNOWN, sending, reason=doubt, stop=stop)
    if found is Found.AS_WANTED:
        return RecordOutcome(State.POSTED, sending, recovered=True)
    if found is Found.OTHERWISE:
        return RecordOutcome(State.UNKNOWN, sending, reason=doubt, found=found)
    if isinstance(error, ServiceFailure | RequestRefused):
        return RecordOutcome(State.REFUSED, sending, reason=error)
    return None
