"""What came of sending one journal, by the table in posting.md ("What an answer means for POST /journal")."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from importer.errors import AnswerUnclear, ImporterError, NotSent, ServiceFailure
from importer.model.entries import State
from importer.services.sunplusxtra.journals import PostedAs

LineFault = tuple[int | None, str]

MAY_MEAN_POSTED = ("202", "203")
"""Codes of a failure that may have come after the journal was posted (J-13, J-14)."""

_COLLATERAL = re.compile(r"\berrors? in (the )?other lines\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is POSTED, REFUSED, UNKNOWN, or PLANNED when it is proved that nothing was sent.

    `faults` are the entries of `linesError`; `reason` says why nothing is certain (UNKNOWN); `stop` ends the whole run.
    """

    state: State
    posted: PostedAs | None = None
    faults: tuple[LineFault, ...] = ()
    reason: ImporterError | None = None
    stop: ImporterError | None = None
    is_doubtful_refusal: bool = False
    """Refused line by line with a code that may mean "posted": one whole look at the ledger decides."""

    @property
    def is_denial(self) -> bool:
        """True when the service said 201 or 203 without naming a line: probably, not certainly, not posted."""
        return isinstance(self.reason, ServiceFailure) and self.reason.code in ("201", "203")

    @property
    def answer(self) -> str:
        """The evidence to keep, in the service's words; never a header or a request."""
        if self.faults:
            return "; ".join(f"{line}: {message}" for line, message in self.faults)
        error = self.reason or self.stop
        return "" if error is None else f"{error.key} {dict(error.facts)}"


def outcome_of(send: Callable[[], PostedAs]) -> Outcome:
    """Sends once and says what is true of the journal afterwards. Never raises an ImporterError."""
    try:
        return Outcome(State.POSTED, posted=send())
    except ServiceFailure as failure:
        if failure.lines:
            return Outcome(State.REFUSED, faults=failure.lines, is_doubtful_refusal=failure.code in MAY_MEAN_POSTED)
        # 202 and 203 may mean posted (J-13, J-14), and so may 201 without a line to blame (J-11).
        return Outcome(State.UNKNOWN, reason=failure)
    except AnswerUnclear as unclear:
        return Outcome(State.UNKNOWN, reason=unclear)
    except NotSent as not_sent:
        return Outcome(State.PLANNED, stop=not_sent)
    except ImporterError as refusal:
        # The session is over (221, or a newer token refused): both are complete answers, so nothing was done.
        return Outcome(State.PLANNED, stop=refusal)


def is_collateral(message: str) -> bool:
    """True when the service names no fault of the line itself but that of others (notes/sunsystems, 4.8)."""
    return bool(_COLLATERAL.search(message))
