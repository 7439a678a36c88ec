"""Requests that leave one after the other until something keeps the rest from being sent: records, files, vouchers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from importer.errors import ImporterError, Interrupted

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_UNKNOWN = 3
"""After so many unknown outcomes in a row nothing new is sent."""


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Result]):
    """What came of one item. `unknown` says why nobody knows its outcome (None: it is known), `stop` why the rest is
    not to be sent (None: it may be)."""

    result: Result
    unknown: ImporterError | None = None
    stop: ImporterError | None = None


def in_order(
    items: Iterable[Item],
    attempt: Callable[[Item], Attempt[Result]],
    *,
    interrupts: Callable[[], int],
    tell: Callable[[], None],
    interrupted: str,
    breaker: ImporterError | None = None,
) -> tuple[list[Result], ImporterError | None]:
    """Attempts the items in order, and gives the results of those that were attempted, and why the rest was not (None:
    all were).

    `interrupts` tells how often Ctrl-C was pressed, `tell` is called after each item; `interrupted` is the key of the
    sentence for Ctrl-C, `breaker` the reason after `MOST_UNKNOWN` unknown outcomes in a row (None: the last one's).
    """
    results: list[Result] = []
    unknown_in_a_row = 0
    for item in items:
        if interrupts():
            return results, Interrupted(interrupted)
        one = attempt(item)
        results.append(one.result)
        tell()
        unknown_in_a_row = unknown_in_a_row + 1 if one.unknown is not None else 0
        stop = one.stop
        if stop is None and unknown_in_a_row >= MOST_UNKNOWN:
            stop = breaker or one.unknown
        if stop is not None:
            return results, stop
    return results, None
