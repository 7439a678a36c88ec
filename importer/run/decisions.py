"""What a person saw in the ledger: each decision about a journal is held against what the ledger shows, and kept
(posting.md, "What a person saw")."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from importer.errors import Declined, SetupError, TryAgain
from importer.model.identity import content_of_shown
from importer.model.options import Decisions
from importer.model.postings import Choice, Decision, State
from importer.post.audit import read_whole
from importer.post.context import Means
from importer.post.ledger_search import READ_FAILURES
from importer.post.matching import Difference, LedgerJournal, Likeness, differences, likeness
from importer.post.postings import Case
from importer.store.decisions import names_of
from importer.store.postings import JournalStore

_IN_DOUBT = (State.UNKNOWN, State.SENDING)
_IN_LEDGER = (State.POSTED, State.GONE)

Given = TypeVar("Given")
Accepts = Callable[[str, str, Sequence[Difference]], bool]
"""Shows a person the differences between a journal (its key) and the ledger's of a number; True when it is taken for it
all the same."""


@dataclass(frozen=True, slots=True)
class _Choice:
    case: Case
    choice: Choice
    reason: str = ""
    number: int | None = None

    @property
    def key(self) -> str:
        return self.case.entry.journal.key


def decide(
    decisions: Decisions, cases: Sequence[Case], run: str, by: str, store: JournalStore, means: Means, accepts: Accepts
) -> frozenset[int]:
    """Keeps what the person `by` has decided, and gives the ids of the journals in doubt that are to be sent once more.

    Nothing is kept when one of the decisions cannot be. Raises SetupError for a key that is not there or of a journal
    that needs no decision, and for a number that is another journal's; TryAgain when the ledger cannot be read;
    Declined when the person does not accept the differences.
    """
    choices = _choices(decisions, cases, run)
    shown = _read(lambda: _shown(choices, means), means)
    for one in choices:
        _refuse_needless(one, run, shown)
    if decisions.send_missing:
        named = {one.case.id for one in choices}
        others = [case for case in cases if case.state in _IN_LEDGER and case.id not in named]
        gone = _read(lambda: _missing(others, means), means)
        choices += [_Choice(case, Choice.SEND, decisions.send_missing) for case in gone]
    now = means.clock.now()
    store.decide([_decision(one, by, now, shown, accepts) for one in choices])
    return frozenset(one.case.id for one in choices if one.choice is Choice.SEND and one.case.state in _IN_DOUBT)


def _choices(decisions: Decisions, cases: Sequence[Case], run: str) -> list[_Choice]:
    choices = [
        *(_Choice(_named(name, cases, run), Choice.SEND) for name in decisions.send),
        *(_Choice(_named(name, cases, run), Choice.IS, number=number) for name, number in decisions.identified),
        *(_Choice(_named(name, cases, run), Choice.DROP, reason) for name, reason in decisions.dropped),
    ]
    seen: set[int] = set()
    for one in choices:
        if one.case.id in seen:
            raise SetupError("decided-twice", journal=one.key)
        seen.add(one.case.id)
    return choices


def _named(name: str, cases: Sequence[Case], run: str) -> Case:
    found = [case for case in cases if name in names_of(case.entry.journal.key, case.entry.journal.file)]
    if len(found) > 1:  # of equal keys the one that is open is meant
        found = [case for case in found if case.state in (*_IN_DOUBT, State.GONE)] or found
    if not found:
        raise SetupError("no-such-journal", journal=name, run=run)
    if len(found) > 1:
        told = ", ".join(f"{case.entry.journal.file}:{case.entry.journal.key}" for case in found)
        raise SetupError("several-in-doubt", journal=name, names=told)
    return found[0]


def _read(read: Callable[[], Given], means: Means) -> Given:
    try:
        return read()
    except READ_FAILURES as error:
        raise TryAgain("decision-unread", reason=means.sentence(error)) from error


def _shown(choices: Iterable[_Choice], means: Means) -> dict[int, LedgerJournal]:
    """What the ledger shows under the numbers that are chosen, and under those that the journals have."""
    own = [one.case.journal_number for one in choices if one.case.state in _IN_LEDGER]
    given = [one.number for one in choices if one.number is not None]
    return read_whole(means.session, [], {*given, *(int(number) for number in own if number)}, means.zone)[0]


def _refuse_needless(one: _Choice, run: str, shown: dict[int, LedgerJournal]) -> None:
    case, number = one.case, one.case.journal_number or ""
    if one.choice is Choice.IS:
        if one.number not in shown:
            raise SetupError("no-such-number", number=str(one.number), journal=one.key)
    elif one.choice is Choice.SEND and case.state is State.DROPPED:
        raise SetupError("send-dropped", journal=one.key)
    elif one.choice is Choice.SEND and case.state in (State.PLANNED, State.REFUSED):
        raise SetupError("not-in-doubt", journal=one.key, run=run)
    if case.state not in _IN_LEDGER or str(one.number) == number:
        return
    theirs = shown.get(int(number)) if number else None
    if case.state is State.POSTED and theirs is not None and not _differences(case, theirs):
        raise SetupError("decision-needless", journal=one.key, number=number)


def _differences(case: Case, theirs: LedgerJournal) -> list[Difference]:
    return differences(case.expected, theirs.journal, theirs.days_off)


def _missing(cases: Sequence[Case], means: Means) -> list[Case]:
    """Those of the posted cases that the ledger does not show, by one whole read. What it shows changed under their
    number is not missing."""
    own = {int(case.journal_number) for case in cases if case.journal_number}
    found, hidden = read_whole(means.session, [case.shown for case in cases], own, means.zone)
    if hidden:
        raise TryAgain("decision-unread", reason=", ".join(map(str, sorted(hidden)[:5])))
    return [case for case in cases if not _is_there(case, found)]


def _is_there(case: Case, found: Mapping[int, LedgerJournal]) -> bool:
    theirs = found.get(int(case.journal_number or 0))
    return theirs is not None and likeness(case.expected, theirs.journal, theirs.days_off) is not Likeness.NONE


def _decision(one: _Choice, by: str, at: datetime, shown: dict[int, LedgerJournal], accepts: Accepts) -> Decision:
    if one.number is None:
        return Decision(one.case.id, one.choice, by, at, one.reason)
    theirs, number = shown[one.number], str(one.number)
    found = differences(one.case.shown, theirs.journal, theirs.days_off)
    if found and content_of_shown(theirs.journal) != one.case.known.accepted and not accepts(one.key, number, found):
        raise Declined("declined")
    accepted = content_of_shown(theirs.journal) if found else ""
    return Decision(one.case.id, Choice.IS, by, at, "", number, theirs.voucher or None, accepted)
