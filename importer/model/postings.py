"""What the store and posting exchange about a journal; moments by several clocks, none of which is trusted alone; the
options of posting and what a person has decided; and what belongs to posted journals: linked files, saved vouchers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from importer.model.journals import Journal

AGREEMENT = 60.0
"""Seconds: so far two clocks that agree may be apart."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """One moment by several clocks, in seconds: `store` since 1970 by the store's, `steady` since some moment within
    the boot named `boot` (`""`: nobody knows which), `service` since 1970 by the service's `Date`, None when it named
    none."""

    store: float
    steady: float
    boot: str = ""
    service: float | None = None

    def since(self, then: "Clocks | None") -> float | None:
        """Seconds that have certainly passed since another moment. None when the store's clock agrees with no other
        one: it was put forward or back, and the machine was started anew, or stood still, meanwhile."""
        if then is None:
            return None
        by_store = self.store - then.store
        others = []
        if _is_same_boot(self.boot, then.boot):
            others.append(self.steady - then.steady)
        if self.service is not None and then.service is not None:
            others.append(self.service - then.service)
        agreed = [min(by_store, other) for other in others if abs(by_store - other) <= AGREEMENT]
        return max(0.0, *agreed) if agreed else None

    def as_text(self) -> str:
        """The moment as text for the store; `read_clocks` reads it."""
        return json.dumps([self.store, self.steady, self.boot, self.service])


def read_clocks(text: str) -> Clocks | None:
    """What `as_text` has written; None for `""`."""
    return Clocks(*json.loads(text)) if text else None


def _is_same_boot(one: str, other: str) -> bool:
    """Some systems name a boot by its moment, which they reckon anew each time: it may be off by a little."""
    try:
        return abs(float(one) - float(other)) <= AGREEMENT
    except ValueError:
        return one == other != ""


class State(StrEnum):
    """The state of a journal (importer/post/README.md, "States"). GONE: it was posted, and the ledger has given
    its number to another one. DROPPED: a person has given it up; only a new run sends it."""

    PLANNED = "planned"
    SENDING = "sending"
    POSTED = "posted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    GONE = "gone"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal to be remembered. `fingerprint` and `payload_hash` are hexadecimal; `occurrence` counts equal journals
    of one upload from 1; `content` is what `model.journals.content_of` gives; `position` is that of its
    document in the run's result; `files` are the paths of the files that its rows name, by row. `origin` is for one
    that stands in a corrections workbook; `released_as` is what a person called it who wants it posted although its
    sheet is a copy (neither is read back)."""

    journal: Journal
    position: int
    fingerprint: str
    occurrence: int
    payload_hash: str
    content: str
    files: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    origin: "Appearance | None" = None
    released_as: str = ""


class Choice(StrEnum):
    """What a person may decide about a journal: it is the ledger's journal of some number, it is given up, or it is to
    be sent."""

    IS = "is"
    DROP = "drop"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person (`by`) has decided about the journal `id` at a moment (UTC). `accepted` is the content of the
    ledger's journal (`model.journals.content_of`) where it is another one than was sent."""

    id: int
    choice: Choice
    by: str
    at: datetime
    reason: str = ""
    journal_number: str | None = None
    voucher_number: str | None = None
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """What the looks after the settling time have shown so far of a journal in doubt: `looks` in a row did not show it
    and agree in what looks like it (`alikes`, numbers of the ledger); the last of them began at `at`."""

    looks: int
    alikes: frozenset[int]
    at: Clocks


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an entry. `run` is the run that touched it last; `attempts` counts how often it was sent.

    `unknown_sends` counts the sendings since the last certain state whose outcome nobody knows, `denials` those of them
    that were answered by 201 or 203; `in_doubt_since` is when the last of them ended (UTC), `doubted_at` that by other
    clocks, for it and each of its equals that was ever in doubt (None: nothing was kept); `absence` is how far settling
    has come; `sent_at` is when it was sent last, `sending_clocks` that by other clocks. `was_refused` tells that the
    last sending was refused line by line although an earlier one is in doubt; `answer` is what came back last.
    `preexisting_matches` are the numbers of the equal journals that the ledger had before it was sent, None when nobody
    looked. `accepted` is the content of the ledger's journal that a person took for it
    (`model.journals.content_of`), `""` when nobody did; `dropped_because` is why a person has given it up."""

    id: int
    state: State
    payload_hash: str
    attempts: int
    run: str
    journal_number: str | None = None
    voucher_number: str | None = None
    unknown_sends: int = 0
    denials: int = 0
    in_doubt_since: datetime | None = None
    doubted_at: tuple[Clocks | None, ...] = ()
    absence: Absence | None = None
    sent_at: datetime | None = None
    sending_clocks: Clocks | None = None
    was_refused: bool = False
    answer: str = ""
    preexisting_matches: frozenset[int] | None = frozenset()
    accepted: str = ""
    dropped_because: str = ""


@dataclass(frozen=True, slots=True)
class JournalOutcome:
    """What became of a journal, for the store: how a sending ended, or what reading back has proved of one in doubt.
    `evidence` tells it in words: the service's, the reason why nothing is known, or what was found.

    Of a sending, `is_refusal`: it was refused line by line, whatever is true of an earlier one; `is_denial`: it was
    answered by 201 or 203 without a line to blame. Of a proof, `state` is POSTED with its number, PLANNED or REFUSED
    (not in the ledger), or UNKNOWN (it was being sent when its run ended, by `clocks` at the latest); `is_doubtful`: it
    was refused by an answer that may mean "posted".
    """

    id: int
    state: State
    at: datetime
    journal_number: str | None = None
    voucher_number: str | None = None
    evidence: str = ""
    is_refusal: bool = False
    is_denial: bool = False
    is_doubtful: bool = False
    clocks: Clocks | None = None


@dataclass(frozen=True, slots=True)
class Appearance:
    """Where a journal stood once: the run, the file as it was named, and the path where that lay. `origin` is where a
    corrections workbook comes from: the run that it corrects, and the path of the workbook with which the corrections
    (of corrections) began; its name alone where the store does not know that run."""

    run: str
    file: str
    path: str
    origin: "Appearance | None" = None


@dataclass(frozen=True, slots=True)
class StoredJournal:
    """A journal as the store has it. `content` is what `model.journals.content_of` gives, `journal_number` `""` where
    it has none, `run` touched it last; `key`, `file` and `sheet` tell where it was first met, or the `key` under which
    it was looked for. `is_doubtful_refusal`: it was refused by an answer that may mean "posted". `appearances` are told
    where twins are looked for."""

    id: int
    state: State
    content: str
    journal_number: str
    voucher_number: str | None
    run: str
    key: str
    file: str
    sheet: str
    is_doubtful_refusal: bool = False
    appearances: tuple[Appearance, ...] = ()

    @property
    def may_be_posted(self) -> bool:
        """True when the ledger has it, or may have it."""
        return self.state in (State.POSTED, State.SENDING, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class RejectedUpdates:
    """Ids of journals that do not stand as their sending ended: `taken` were taken over by another run meanwhile.
    `reused` are journals whose number belonged to another one, which is `gone` now, by their ids. `doubtful` are in
    doubt again: what had settled their doubt was an equal one, as the answer to that shows."""

    reused: Mapping[int, StoredJournal] = field(default_factory=dict)
    taken: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What was learned of a ledger: `lag` is after how many seconds at most it showed a new journal (None: not seen
    yet), `cuts` are the lengths at which it cuts texts, by field, `blind_accounts` those by which /cash-count lists
    nothing."""

    lag: float | None = None
    cuts: Mapping[str, int] = field(default_factory=dict)
    blind_accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PostingOptions:
    """The options of posting. `check_ledger`: look before sending; `verify`: read back what was posted; `wait`: until
    unknown journals are settled; `settle` is how many seconds after the end of its request a lost journal may still
    land; `resend` are ids of journals that a person wants sent again although nobody knows what became of them;
    `released` has why a person wants a journal posted that is held as a twin or a copy, by the journal's name. What
    follows posting: `attach_workbook` links the workbook to its journals, `vouchers` are saved to that folder."""

    check_ledger: bool = True
    verify: bool = True
    wait: bool = True
    settle: float = 900.0
    resend: frozenset[int] = frozenset()
    released: Mapping[str, str] = field(default_factory=dict)
    attach_workbook: bool = False
    vouchers: Path | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person has decided about journals of a run, by key, or `file:key` where workbooks share it: `send` once
    more, `identified` with a journal number of the ledger, `dropped` for a reason. `send_missing` is why everything is
    sent again that the ledger does not show any more, `""` when it is not."""

    send: tuple[str, ...] = ()
    identified: tuple[tuple[str, int], ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    send_missing: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The journals that are named, in the order of the choices."""
        return (*self.send, *(name for name, _ in self.identified), *(name for name, _ in self.dropped))

    def __bool__(self) -> bool:
        return bool(self.names or self.send_missing)


NO_DECISIONS = Decisions()


Reason = tuple[str, Mapping[str, str]]
"""A sentence of the catalogue below `error.` or `reason.` by its key, with its facts (as `ImporterError` has them)."""


class LinkState(StrEnum):
    """What became of a file that is to be linked to a journal. REFUSED: nothing was linked; SENDING, found later, is as
    good as UNKNOWN; ALREADY_LINKED: the same content was linked there before. The store has neither that nor
    NOT_SENT."""

    SENDING = "sending"
    LINKED = "linked"
    ALREADY_LINKED = "already_linked"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file for a posted journal, or for one of its lines (the number under which it travelled; None: the whole
    journal), and the `outcome` of linking it. `file_key` is the service's name for it, without which it cannot be
    removed; `reason` says why it is not linked, or (linked all the same) what else went wrong."""

    file: str
    journal_number: int
    line: int | None = None
    outcome: LinkState = LinkState.NOT_SENT
    file_key: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """What the store knows of a file that was sent to be linked: `extension` is in small letters without a dot,
    `sha256` hexadecimal, `run` None for `importer attach`."""

    id: int
    journal_number: int
    line: int | None
    name: str
    extension: str
    sha256: str
    state: LinkState
    file_key: str | None
    run: str | None
    sent_at: datetime
    ended_at: datetime | None
    removed_at: datetime | None
    reason: Reason | None


class VoucherOutcome(StrEnum):
    """REFUSED: the service says no; UNCLEAR: it was asked and no voucher came; NOT_SAVED: it was not asked, or the file
    cannot be written."""

    SAVED = "saved"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    NOT_SAVED = "not_saved"


@dataclass(frozen=True, slots=True)
class SavedVoucher:
    """A journal's voucher as a PDF in `file`, or the `reason` why there is none."""

    journal_number: int
    outcome: VoucherOutcome
    file: str | None = None
    reason: Reason | None = None
