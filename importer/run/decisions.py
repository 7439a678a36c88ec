"""What a person saw in the ledger: each decision about a journal is held against what the ledger shows, and kept
(importer/post/README.md, "What a person saw")."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from importer.errors import Declined, SetupError, TryAgain
from importer.model.journals import content_of
from importer.model.postings import Choice, Decision, Decisions, State
from importer.model.problems import names_of
from importer.post.context import PostingContext
from importer.post.ledger_search import READ_FAILURES
from importer.post.matching import Difference, LedgerJournal, Similarity, differences, similarity
from importer.post.posting_state import Posting
from importer.post.verification import read_whole
from importer.store.postings import JournalStore

_IN_DOUBT = (State.UNKNOWN, State.SENDING)
_IN_LEDGER = (State.POSTED, State.GONE)

Given = TypeVar("Given")
Accepts = Callable[[str, str, Sequence[Difference]], bool]
"""Shows a person the differences between a journal (its key) and the ledger's of a number; True when it is taken for it
all the same."""


@dataclass(frozen=True, slots=True)
class _Choice:
    posting: Posting
    choice: Choice
    reason: str = ""
    number: int | None = None

    @property
    def key(self) -> str:
        return self.posting.entry.journal.key


def decide(
    decisions: Decisions,
    postings: Sequence[Posting],
    run: str,
    by: str,
    store: JournalStore,
    context: PostingContext,
    accepts: Accepts,
) -> frozenset[int]:
    """Keeps what the person `by` has decided, and gives the ids of the journals in doubt that are to be sent once more.

    Nothing is kept when one of the decisions cannot be. Raises SetupError for a key that is not there or of a journal
    that needs no decision, and for a number that is another journal's; TryAgain when the ledger cannot be read;
    Declined when the person does not accept the differences.
    """
    choices = _choices(decisions, postings, run)
    shown = _read(lambda: _shown(choices, context), context)
    for one in choices:
        _refuse_needless(one, run, shown)
    if decisions.send_missing:
        named = {one.posting.id for one in choices}
        others = [posting for posting in postings if posting.state in _IN_LEDGER and posting.id not in named]
        gone = _read(lambda: _missing(others, context), context)
        choices += [_Choice(posting, Choice.SEND, decisions.send_missing) for posting in gone]
    now = context.clock.now()
    store.decide([_decision(one, by, now, shown, accepts) for one in choices])
    return frozenset(one.posting.id for one in choices if one.choice is Choice.SEND and one.posting.state in _IN_DOUBT)


def _choices(decisions: Decisions, postings: Sequence[Posting], run: str) -> list[_Choice]:
    choices = [
        *(_Choice(_named(name, postings, run), Choice.SEND) for name in decisions.send),
        *(_Choice(_named(name, postings, run), Choice.IS, number=number) for name, number in decisions.identified),
        *(_Choice(_named(name, postings, run), Choice.DROP, reason) for name, reason in decisions.dropped),
    ]
    seen: set[int] = set()
    for one in choices:
        if one.posting.id in seen:
            raise SetupError("decided-twice", journal=one.key)
        seen.add(one.posting.id)
    return choices


def _named(name: str, postings: Sequence[Posting], run: str) -> Posting:
    journals = [(posting, posting.entry.journal) for posting in postings]
    found = [posting for posting, one in journals if name in names_of(one.key, one.file, one.sheet)]
    if len(found) > 1:  # of equal keys the one that is open is meant
        found = [posting for posting in found if posting.state in (*_IN_DOUBT, State.GONE)] or found
    if not found:
        raise SetupError("no-such-journal", journal=name, run=run)
    if len(found) > 1:
        names = ", ".join(f"{posting.entry.journal.file}:{posting.entry.journal.key}" for posting in found)
        raise SetupError("several-in-doubt", journal=name, names=names)
    return found[0]


def _read(read: Callable[[], Given], context: PostingContext) -> Given:
    try:
        return read()
    except READ_FAILURES as error:
        raise TryAgain("decision-unread", reason=context.sentence(error)) from error


def _shown(choices: Iterable[_Choice], context: PostingContext) -> dict[int, LedgerJournal]:
    """What the ledger shows under the numbers that are chosen, and under those that the journals have."""
    own = [one.posting.journal_number for one in choices if one.posting.state in _IN_LEDGER]
    given = [one.number for one in choices if one.number is not None]
    return read_whole(context.session, [], {*given, *(int(number) for number in own if number)}, context.zone)[0]


def _refuse_needless(one: _Choice, run: str, shown: dict[int, LedgerJournal]) -> None:
    posting, number = one.posting, one.posting.journal_number or ""
    if one.choice is Choice.IS:
        if one.number not in shown:
            raise SetupError("no-such-number", number=str(one.number), journal=one.key)
    elif one.choice is Choice.SEND and posting.state is State.DROPPED:
        raise SetupError("send-dropped", journal=one.key)
    elif one.choice is Choice.SEND and posting.state in (State.PLANNED, State.REFUSED):
        raise SetupError("not-in-doubt", journal=one.key, run=run)
    if posting.state not in _IN_LEDGER or str(one.number) == number:
        return
    theirs = shown.get(int(number)) if number else None
    if posting.state is State.POSTED and theirs is not None and not _differences(posting, theirs):
        raise SetupError("decision-needless", journal=one.key, number=number)


def _differences(posting: Posting, theirs: LedgerJournal) -> list[Difference]:
    return differences(posting.expected, theirs)


def _missing(postings: Sequence[Posting], context: PostingContext) -> list[Posting]:
    """Those of the posted postings that the ledger does not show, by one whole read. What it shows changed under their
    number is not missing."""
    own = {int(posting.journal_number) for posting in postings if posting.journal_number}
    found, hidden = read_whole(context.session, [posting.shown for posting in postings], own, context.zone)
    if hidden:
        raise TryAgain("decision-unread", reason=", ".join(map(str, sorted(hidden)[:5])))
    return [posting for posting in postings if not _is_there(posting, found)]


def _is_there(posting: Posting, found: Mapping[int, LedgerJournal]) -> bool:
    theirs = found.get(int(posting.journal_number or 0))
    return theirs is not None and similarity(posting.expected, theirs) is not Similarity.NONE


def _decision(one: _Choice, by: str, at: datetime, shown: dict[int, LedgerJournal], accepts: Accepts) -> Decision:
    if one.number is None:
        return Decision(one.posting.id, one.choice, by, at, one.reason)
    theirs, number = shown[one.number], str(one.number)
    found = differences(one.posting.shown, theirs)
    if found and content_of(theirs.journal) != one.posting.known.accepted and not accepts(one.key, number, found):
        raise Declined("declined")
    accepted = content_of(theirs.journal) if found else ""
    return Decision(one.posting.id, Choice.IS, by, at, "", number, theirs.voucher or None, accepted)
