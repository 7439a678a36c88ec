"""Which requests are sent again, and after which pauses: by the operation, never by its HTTP method (Q-01)."""

from collections.abc import Callable
from typing import TypeVar

from importer.errors import AnswerUnclear, Effect, ImporterError, NotSent, ServiceFailure
from importer.services.operations import NO_CONNECTION, Operation
from importer.services.responses import Envelope

REQUEST_PAUSES = (1.0, 3.0)
"""Seconds between the tries of a read, and of a write that may be repeated: three tries at most."""

POST_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries of a journal of which not one byte was sent: five tries. A journal that may have arrived is
never sent again by itself."""

Given = TypeVar("Given")


def repeated_read(ask: Callable[[], Given], pause: Callable[[float], None], *, repeats: bool = True) -> Given:
    """Asks up to three times while nothing was sent, no clear answer comes, or SunPlusXtra had no connection.

    `ask` sends the request once, `pause` waits a number of seconds. Without `repeats` a request that may have arrived
    is not sent again (printing a check may be counted, I-08). Raises what the last try raises; a certificate that is
    not trusted is final.
    """
    for seconds in REQUEST_PAUSES:
        try:
            return ask()
        except (AnswerUnclear, NotSent, ServiceFailure) as error:
            if not (is_unsent(error) or (repeats and _may_clear_up(error))):
                raise
        pause(seconds)
    return ask()


def repeated_write(ask: Callable[[], Envelope], pause: Callable[[float], None], operation: Operation) -> Envelope:
    """Writes up to three times while nothing was sent, and, where the contract calls a repeat harmless, while the
    outcome is unknown. After a time-out nothing is repeated: others may have changed the record since (Q-02).

    `ask` sends the request once, `pause` waits a number of seconds, `operation` is the row of what is written. Raises
    the error of the first try whose outcome is unknown, if there was one: a later refusal says nothing about it.
    """
    waits = iter(REQUEST_PAUSES)
    doubt: ImporterError | None = None
    while True:
        try:
            return ask()
        except ImporterError as error:
            if doubt is not None and isinstance(error, ServiceFailure) and error.code == operation.proves_done:
                return Envelope()
            seconds = next(waits, None)
            if seconds is None or not (is_unsent(error) or _is_harmless(error, operation)):
                if doubt is None:
                    raise
                raise doubt from error
            doubt = doubt or (error if error.effect is Effect.UNKNOWN else None)
        pause(seconds)


def is_unsent(error: ImporterError) -> bool:
    """True when nothing left and a further try may change that."""
    return isinstance(error, NotSent) and not error.certificate


def _may_clear_up(error: ImporterError) -> bool:
    if isinstance(error, AnswerUnclear):
        return error.key != "too-large"
    return isinstance(error, ServiceFailure) and error.meaning == NO_CONNECTION


def _is_harmless(error: ImporterError, operation: Operation) -> bool:
    is_in_doubt = error.effect is Effect.UNKNOWN and error.key != "timed-out"
    return operation.repeats_harmlessly and is_in_doubt and _may_clear_up(error)
