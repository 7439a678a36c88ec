"""Files to link to journals, linked files as the store has them, saved vouchers, and the outcomes of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Reason = tuple[str, Mapping[str, str]]
"""A sentence of the catalogue below `error.` or `reason.` by its key, with its facts (as `ImporterError` has them)."""


class LinkState(StrEnum):
    """The state of a linked file in the store. REFUSED: nothing was linked; SENDING, found later, is as good as
    UNKNOWN."""

    SENDING = "sending"
    LINKED = "linked"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    REMOVED = "removed"


class LinkOutcome(StrEnum):
    """The outcome of linking a file to a journal. ALREADY_LINKED: the same content was linked there before."""

    LINKED = "linked"
    ALREADY_LINKED = "already_linked"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class FileToLink:
    """A file for a posted journal, or for one of its lines (the number under which it travelled; None: the whole
    journal)."""

    file: str
    journal_number: int
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """The outcome of one `FileToLink`. `file_key` is the service's name for it, without which it cannot be removed;
    `reason` says why it is not linked, or (linked all the same) what else went wrong."""

    file: str
    journal_number: int
    line: int | None
    outcome: LinkOutcome
    file_key: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file that is about to be sent: `extension` in small letters without a dot, `sha256` hexadecimal."""

    name: str
    extension: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """What the store knows of a file that was sent to be linked. `run` is None for `importer attach`."""

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
