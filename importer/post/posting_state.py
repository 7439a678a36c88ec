"""A journal while it is being posted: its state, every change of it, and what an answer to its sending means.

    PLANNED --claimed--> SENDING --completed--> POSTED       answered well, with a journal number
       ^                    |                   REFUSED      refused with the lines to blame
       |                    |                   PLANNED      proved not sent
       |                    |                   UNKNOWN      anything else
       |                    '--adopted--------> UNKNOWN      the run that sent it died
       |                                           |
       |                     claim_lost, disowned: UNKNOWN   another run has it
       |                                           |
       +--proved_absent----------------------------+         absent, settled, sent less than twice (or a person says so)
                              proved_refused <-----+         absent, settled, and denied by the service
                             found_in_ledger <-----'         POSTED, from PLANNED and REFUSED too: whoever posted it

    POSTED --doubted_again--> UNKNOWN    what was found of it is an equal journal, as the answer to that one shows
    POSTED --gone-->  is_gone: the ledger does not show its number, or the number is another journal's

The methods of `Posting` are the only writers of its state; each change of a state in doubt is a `JournalOutcome` in the
store as well (`store.postings`).
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from importer.errors import AnswerUnclear, ImporterError, NotSent, ServiceFailure
from importer.model.journals import ShownJournal, shown_content, shown_journal
from importer.model.postings import Absence, Clocks, Entry, Known, State, StoredJournal
from importer.post.ledger_search import Spot
from importer.post.matching import (
    Cuts,
    CutTexts,
    Difference,
    LedgerJournal,
    Similarity,
    cut_texts,
    differences,
    similarity,
    similarity_key,
)
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
    """True when the service names no fault of the line itself but that of others, as SunSystems does (J-10)."""
    return bool(_COLLATERAL.search(message))


MOST_DOUBTS = 2
"""A journal is sent at most twice by the program itself while nobody knows what became of it."""


@dataclass(slots=True)
class Posting:
    """A journal with its entry in the store.

    `positions` are those of its documents, the first one's rows are the ones that are sent. `was_posted` tells that the
    ledger had it before this run sent anything, `recovered` that its answer was lost and it was found in the ledger.
    `verified` is True when it was read back as it was sent, False with `differences`, None when that could not be told;
    `is_not_shown`: the ledger was read back and did not show it. `is_unread`: it was posted before, and the ledger
    could not be read to confirm it; `is_gone`: it was posted, and the ledger does not show its number.
    `matched_truncated`: it was never sent from here, and the journal of the ledger is equal to it as far as its texts
    go; `cuts` are the texts of it that the ledger cuts. `look_alikes` and `same_lines` are journal numbers of the
    ledger; `equals` those of further identical ones, `twins` of those that came while it was posted: it was posted
    twice. `reused` is the journal that had its number before. `preexisting_matches` are equal journals that the ledger
    had before it was sent, None when nobody looked. `is_time_uncertain`: nobody can tell how much of its settling time
    has passed. `blocked`: it depends on a document that failed, so it is not sent; `is_declined`: a person said no to
    it; `awaits_approval` is the problem (wording and facts) of one that a second person has to approve; `twin_of` is
    an earlier journal that it seems to be, mended since: it is not sent either, nor is one that the
    ledger may hide, on the account and day `hidden_by`. `ambiguous_matches` are journals that may be the lost one: a
    person must look. `shown_once`: it was sent twice, and the ledger shows one so far. `is_doubtful_refusal`: it was
    refused by an answer that may mean "posted", so that one look decides."""

    entry: Entry
    known: Known
    positions: list[int] = field(default_factory=list)
    state: State = State.PLANNED
    journal_number: str | None = None
    voucher_number: str | None = None
    attempts: int = 0
    unknown_sends: int = 0
    denials: int = 0
    in_doubt_since: datetime | None = None
    doubted_at: tuple[Clocks | None, ...] = ()
    absence: Absence | None = None
    is_time_uncertain: bool = False
    was_refused: bool = False
    was_posted: bool = False
    sent_this_run: bool = False
    blocked: bool = False
    is_declined: bool = False
    awaits_approval: tuple[str, Mapping[str, str]] | None = None
    twin_of: StoredJournal | None = None
    recovered: bool = False
    verified: bool | None = None
    is_not_shown: bool = False
    is_off_by_a_day: bool = False
    matched_truncated: bool = False
    is_unread: bool = False
    is_gone: bool = False
    is_doubtful_refusal: bool = False
    cuts: tuple[CutTexts, ...] = ()
    twins: tuple[int, ...] = ()
    reused: StoredJournal | None = None
    hidden_by: Spot | None = None
    faults: tuple[LineFault, ...] = ()
    reason: ImporterError | None = None
    differences: tuple[Difference, ...] = ()
    look_alikes: tuple[int, ...] = ()
    same_lines: tuple[int, ...] = ()
    equals: tuple[int, ...] = ()
    ambiguous_matches: tuple[int, ...] = ()
    shown_once: int | None = None
    preexisting_matches: frozenset[int] | None = frozenset()
    _shown: ShownJournal | None = None

    def __post_init__(self) -> None:
        known = self.known
        self.positions.append(self.entry.position)
        self.state, self.attempts = known.state, known.attempts
        self.journal_number, self.voucher_number = known.journal_number, known.voucher_number
        self.unknown_sends, self.denials, self.in_doubt_since = known.unknown_sends, known.denials, known.in_doubt_since
        self.doubted_at, self.absence = known.doubted_at, known.absence
        self.was_refused, self.preexisting_matches = known.was_refused, known.preexisting_matches
        self.was_posted = known.state in (State.POSTED, State.GONE)
        self.is_gone = known.state is State.GONE

    @property
    def expected(self) -> ShownJournal:
        """What the ledger shows of it when all is well: what was sent, or what a person has accepted in its place."""
        return shown_content(self.known.accepted) if self.known.accepted else self.shown

    @property
    def id(self) -> int:
        """The journal's id in the store."""
        return self.known.id

    @property
    def shown(self) -> ShownJournal:
        """What the ledger is to show again of it."""
        if self._shown is None:
            self._shown = shown_journal(self.entry.journal)
        return self._shown

    @property
    def similarity_key(self) -> Hashable:
        """Equal for journals that may look alike in the ledger."""
        return similarity_key(self.shown)

    @property
    def is_to_be_sent(self) -> bool:
        """True for new journals and for refused ones: what was amiss may have been mended in the company."""
        is_held = self.blocked or self.is_declined or self.twin_of is not None or self.hidden_by is not None
        is_held = is_held or self.awaits_approval is not None
        return self.state in (State.PLANNED, State.REFUSED) and not (self.sent_this_run or is_held)

    @property
    def looks_alike(self) -> bool:
        """True when the ledger shows a journal that may be the same one entered otherwise."""
        return bool(self.look_alikes or self.same_lines)

    @property
    def was_looked_for(self) -> bool:
        """True when it is known what the ledger had before it was sent."""
        return self.preexisting_matches is not None

    @property
    def is_to_be_read_back(self) -> bool:
        """True when this run posted it before it was cut off, and has not compared it yet."""
        return self.state is State.POSTED and not self.was_posted and self.verified is None and not self.cuts

    @property
    def has_other_details(self) -> bool:
        """True when it was posted before with other extra descriptions, memo amount, asset or due dates."""
        return self.was_posted and self.known.payload_hash not in ("", self.entry.payload_hash)

    def claimed(self) -> None:
        """It is claimed in the store and being sent."""
        self.state, self.sent_this_run, self.absence, self.is_time_uncertain = State.SENDING, True, None, False
        self.attempts += 1

    def claim_lost(self, reason: ImporterError) -> None:
        """Another run has claimed it: only one without the lease can. Nobody here knows what becomes of it."""
        self.state, self.sent_this_run, self.reason = State.UNKNOWN, True, reason

    def adopted(self, ended_at: datetime, ended: Clocks) -> None:
        """The run that sent it died; its request had ended by `ended_at` (UTC), `ended` by other clocks."""
        self.state, self.unknown_sends = State.UNKNOWN, self.unknown_sends + 1
        self.in_doubt_since, self.doubted_at = ended_at, (*self.doubted_at, ended)

    def disowned(self, reason: ImporterError, unknown_sends: int, at: datetime, clocks: Clocks) -> None:
        """The store has given it to another run while it was sent: it is in doubt, whatever its answer said.
        `unknown_sends` it had before; `at` (UTC) is now, `clocks` by other clocks."""
        self.state, self.sent_this_run, self.reason, self.faults = State.UNKNOWN, True, reason, ()
        self.journal_number = self.voucher_number = None
        self.unknown_sends, self.in_doubt_since = unknown_sends + 1, at
        self.doubted_at = (*self.doubted_at, clocks)

    def doubted_again(self, at: datetime, clocks: Clocks) -> None:
        """What was found of it in the ledger is an equal journal, as the answer to that one shows; `at` (UTC) is now,
        `clocks` by other clocks."""
        self.state, self.recovered, self.verified, self.was_posted = State.UNKNOWN, False, None, False
        self.journal_number = self.voucher_number = None
        self.unknown_sends, self.in_doubt_since, self.doubted_at = 1, at, (*self.doubted_at, clocks)

    def proved_absent(self, may_be_older: Iterable[int]) -> None:
        """It is not in the ledger and will not come any more: it may be sent. `may_be_older` are equal journals of
        which nobody knows whether they were there before it was sent."""
        self.state, self.sent_this_run = State.PLANNED, False
        self.preexisting_matches = (self.preexisting_matches or frozenset()) | frozenset(may_be_older)

    def proved_refused(self) -> None:
        """It is not in the ledger and will not come any more, and the service has refused it."""
        self.state, self.sent_this_run, self.unknown_sends, self.denials = State.REFUSED, True, 0, 0

    def looked_for(self, preexisting: frozenset[int] | None, hidden_by: Spot | None = None) -> None:
        """What a look before sending showed: the numbers of equal journals (None: nobody could look), and the account
        and day of which it may not have shown everything."""
        self.preexisting_matches, self.hidden_by = preexisting, hidden_by

    def resumed(self, run: str, *, is_declined: bool) -> None:
        """It is taken up again by its own run (`run`): what that has posted is not called posted before. With
        `is_declined` a person has said no to it."""
        self.was_posted = self.was_posted and not (self.known.run == run and self.attempts > 0)
        self.blocked = is_declined

    def gone(self) -> None:
        """The ledger does not show its number, or shows another journal under it."""
        self.is_gone = True

    def completed(self, outcome: Outcome, at: datetime, clocks: Clocks) -> None:
        """Takes in what came of sending it. A refusal says nothing of an earlier sending that is in doubt."""
        self.sent_this_run = True
        self.faults, self.reason = outcome.faults, outcome.reason
        match outcome.state:
            case State.POSTED if outcome.posted is not None:
                self.state, self.unknown_sends, self.denials = State.POSTED, 0, 0
                self.journal_number, self.voucher_number = outcome.posted.journal_number, outcome.posted.voucher_number
            case State.REFUSED if self.unknown_sends == 0 and not outcome.is_doubtful_refusal:
                self.state = State.REFUSED
            case State.PLANNED:
                self.state, self.sent_this_run = State.PLANNED, False
            case _:
                self.state = State.UNKNOWN
                self.unknown_sends += 1
                self.denials += outcome.is_denial
                self.was_refused = outcome.state is State.REFUSED
                self.is_doubtful_refusal = outcome.is_doubtful_refusal
                self.in_doubt_since, self.doubted_at = at, (*self.doubted_at, clocks)

    def found_in_ledger(self, found: LedgerJournal, how: Similarity, cuts: Cuts) -> None:
        """It is in the ledger as `found`, similar in the way `how`: its answer was lost, or somebody else has posted
        it. `cuts` are the lengths at which the ledger cuts texts."""
        is_truncated = how is Similarity.CUT
        self.matched_truncated = is_truncated and self.state is not State.UNKNOWN
        self.cuts = cut_texts(self.shown, found.journal, cuts) if is_truncated else ()
        self.verified, self.is_off_by_a_day = not is_truncated or None, how is Similarity.OTHER_DAY
        self.recovered = self.state is State.UNKNOWN
        self.was_posted = self.was_posted or not self.recovered
        self.state, self.sent_this_run = State.POSTED, True
        self.journal_number, self.voucher_number = str(found.number), found.voucher or None
        self.unknown_sends = self.denials = 0
        self.faults, self.reason, self.ambiguous_matches, self.hidden_by = (), None, (), None

    def compared(self, theirs: LedgerJournal, cuts: Cuts) -> None:
        """Takes in what the ledger shows under its number: what a person accepted is no difference."""
        ours = self.expected
        self.differences = tuple(differences(ours, theirs, cuts))
        how = similarity(ours, theirs, cuts)
        self.cuts = cut_texts(ours, theirs.journal, cuts) if how is Similarity.CUT else ()
        self.verified = None if self.cuts else not self.differences
        self.is_off_by_a_day = how is Similarity.OTHER_DAY
        self.is_gone = self.is_not_shown = self.is_unread = False
