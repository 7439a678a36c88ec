"""Every exception of the program; library exceptions are translated in the package that owns the library.

    ImporterError                the run cannot go on as asked; a sentence of the catalogue says why
    ├── SetupError               mend the set-up: address, credentials, settings, store, folders
    │   ├── WrongCompany
    │   └── CredentialsRefused
    ├── TryAgain                 try again later: the service is out of reach
    │   └── NotSent              one request did not leave; nothing happened at the service
    ├── RequestRefused           one request was wrong and was not sent: an argument must be mended
    ├── AnswerUnclear            one request left and its answer says nothing certain
    ├── ServiceFailure           one request was answered with a failure of the contract
    ├── TooManyUnknown           a person must look: outcomes stay unknown one after the other
    ├── DifferentInLedger        a person must look: the ledger holds other journals than were sent
    ├── Interrupted              Ctrl-C
    └── Declined                 the person at the terminal said no

A problem of a cell, row or journal is a value (`importer.model.problems`), never an exception.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from pathlib import Path

from importer.files import UnusableFile


class ExitCode(IntEnum):
    """How a command ends, for the script that calls it."""

    FINE = 0
    """Everything is posted, now or earlier."""
    FAULTY = 1
    """Some rows have errors, or the service refused some documents; the rest is posted."""
    USAGE = 2
    """The command line is wrong."""
    STOPPED = 3
    """The work could not start, or had to stop."""
    UNKNOWN = 4
    """An outcome is unknown, or the ledger differs from what was sent: a person must look."""
    INTERRUPTED = 130
    """Ctrl-C."""


_WORST_FIRST = (
    *(ExitCode.UNKNOWN, ExitCode.INTERRUPTED, ExitCode.STOPPED),
    *(ExitCode.USAGE, ExitCode.FAULTY, ExitCode.FINE),
)


def worst_exit_code(first: int, second: int) -> int:
    """The exit code of two that is reported: 4 before 130 before 3 before 2 before 1 before 0."""
    return min(first, second, key=lambda code: _WORST_FIRST.index(ExitCode(code)))


_UNTIL_LATER = frozenset({"company-held", "lease-lost", "store-away", "token-refused"})
"""Set-up errors that pass by themselves."""


class Effect(StrEnum):
    """What a request that did not succeed has left behind at the service (`x-outcome` of the contract)."""

    NOTHING_SENT = "nothing_sent"
    NOT_APPLIED = "not_applied"
    UNKNOWN = "unknown"


class ImporterError(Exception):
    """`key` is a sentence of the catalogues below `error.` (or `reason.` for a single request), `facts` fill it."""

    exit_code: ExitCode = ExitCode.STOPPED
    effect = Effect.NOT_APPLIED
    """Of the request that raised it. A session that is over (220, 221) has done nothing more (A-19)."""

    def __init__(self, key: str, **facts: str) -> None:
        super().__init__(key, facts)
        self.key = key
        self.facts: Mapping[str, str] = facts

    @property
    def may_pass(self) -> bool:
        """True when the same command, or `importer resume`, may succeed later although no person mends anything:
        `try_again` of the result document."""
        return self.key in _UNTIL_LATER


class SetupError(ImporterError):
    """The set-up must be mended before the command can do its work."""


def unusable_file(file: Path, limit: int, error: UnusableFile) -> SetupError:
    """What is said of a file that a person named and `read_plain_file` refused with `error`; `limit` is in bytes."""
    if error.is_too_large:
        return SetupError("file-too-large", file=str(file), limit=str(limit // 1024**2))
    return SetupError("no-plain-file", file=str(file))


class WrongCompany(SetupError):
    """The credentials belong to another company than the one expected."""


class CredentialsRefused(SetupError):
    """The service refused the login, or says that the user is gone (221); no further login is tried."""


class TryAgain(ImporterError):
    """The service is out of reach for now."""

    @property
    def may_pass(self) -> bool:
        """True unless the server's certificate is the reason: no repeat will help."""
        return self.key not in ("certificate", "untrusted")


class NotSent(TryAgain):
    """Not one byte of the request left this machine: name look-up, connection or TLS failed."""

    effect = Effect.NOTHING_SENT


class RequestRefused(ImporterError):
    """The contract's request schema would refuse the request, so it was not sent.

    `argument` names what must be mended (catalogue, below `argument.`), `expected` says how (below `limits.`).
    """

    effect = Effect.NOTHING_SENT

    def __init__(self, argument: str, expected: str, **facts: str) -> None:
        key = "file-refused" if "name" in facts else "request-refused"
        super().__init__(key, argument=argument, expected=expected, **facts)
        self.exit_code = ExitCode.STOPPED if "name" in facts else ExitCode.USAGE
        self.argument = argument
        self.expected = expected


class AnswerUnclear(ImporterError):
    """The request left (at least in part) and what came back proves nothing: time-out, reset, unreadable body,
    a status outside 200, 201, 220 and 221 (A-10)."""

    effect = Effect.UNKNOWN


class ServiceFailure(ImporterError):
    """HTTP 201 with a failure body. `code` is the contract's code as text, `""` when there is none (A-05, A-06).

    `answer` is the service's own words; `lines` are the entries of `linesError` as (line number or None, message).
    `operation` is the operationId, and `meaning` what the code means there (catalogue, below `meaning.`), `""` for a
    code outside the operation's table. `effect` is what the contract says of the code (`x-outcome`).
    """

    def __init__(
        self,
        code: str,
        answer: str,
        lines: tuple[tuple[int | None, str], ...] = (),
        *,
        operation: str = "",
        meaning: str = "",
        effect: Effect = Effect.UNKNOWN,
    ) -> None:
        if meaning:
            super().__init__("meant", code=code, meaning=meaning, answer=answer)
        else:
            super().__init__("code", code=code, answer=answer)
        self.code = code
        self.answer = answer
        self.lines = lines
        self.operation = operation
        self.meaning = meaning
        self.effect = effect


class TooManyUnknown(ImporterError):
    """Several journals in a row got no clear answer; sending more would only make more doubt."""

    exit_code = ExitCode.UNKNOWN
    may_pass = True


class DifferentInLedger(ImporterError):
    """Posted journals were read back and differ from what was sent; sending more would only make more of them."""

    exit_code = ExitCode.UNKNOWN


class Interrupted(ImporterError):
    """The person pressed Ctrl-C: nothing new is sent, what was under way has been awaited."""

    exit_code = ExitCode.INTERRUPTED
    may_pass = True


class Declined(ImporterError):
    """The person at the terminal did not want to post."""
