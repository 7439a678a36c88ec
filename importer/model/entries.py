"""What is remembered of a journal that is to be posted: the words that posting and the store share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a journal stands (posting.md, "States of a journal in the store")."""

    PLANNED = "planned"
    SENDING = "sending"
    POSTED = "posted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal to be remembered. `fingerprint` and `payload_hash` are hexadecimal; `occurrence` counts equal journals
    of one upload from 1; `content` is what `model.fingerprints.content_of` gives; `rows` are the sheet's rows."""

    fingerprint: str
    occurrence: int
    payload_hash: str
    content: str
    key: str
    file: str
    sheet: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an entry. `run` is the run that touched it last; `attempts` counts how often it
    was sent."""

    id: int
    state: State
    payload_hash: str
    attempts: int
    run: str
    journal_number: str | None = None
    voucher_number: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How one sending ended, to be recorded: `answer` is the service's words or the reason why nothing is known."""

    id: int
    state: State
    at: datetime
    journal_number: str | None = None
    voucher_number: str | None = None
    answer: str = ""
