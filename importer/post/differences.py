"""What the ledger has made of a journal, line by line: the fields that differ, the lines that were added or lost."""

from collections.abc import Iterator
from dataclasses import dataclass

from importer.model.fingerprints import ShownJournal, ShownLine
from importer.model.journals import DIMENSION_FIELDS
from importer.post.likeness import (
    CODE_LENGTH,
    DESCRIPTION,
    MOST_DAYS_OFF,
    NO_CUTS,
    REFERENCE,
    Cuts,
    likeness,
    text_lengths,
)

ADDED, LOST = "added", "lost"


@dataclass(frozen=True, slots=True)
class Difference:
    """`line` is our line's number from 1, None for one that only the ledger has and for what is true of the whole
    journal. `field` is a wire name, or `added` or `lost` for a whole line; `sent` and `found` are what was sent and
    what the ledger has, as texts."""

    line: int | None
    field: str
    sent: str
    found: str


def differences(
    ours: ShownJournal, theirs: ShownJournal, days_off: int = MOST_DAYS_OFF, cuts: Cuts = NO_CUTS
) -> list[Difference]:
    """Everything in which the ledger's journal differs from the one that was sent, nothing exactly when it is ours
    (`likeness`): a text that was cut at the ledger's length (`cuts` are those learned) and a day that is off by no more
    than `days_off` are no difference. `ours` has its lines in the order in which they travelled."""
    if likeness(ours, theirs, days_off, cuts).is_ours:
        return []
    head = list(_of_head(ours, theirs))
    # A ledger cuts all texts of a field at one length; which one it is shows where fewest lines differ.
    return head + min((_of_lines(ours, theirs, lengths, days_off) for lengths in text_lengths(cuts)), key=len)


def _of_lines(ours: ShownJournal, theirs: ShownJournal, lengths: tuple[int, int], days_off: int) -> list[Difference]:
    pairs, added = _paired(ours, theirs, lengths, days_off)
    found: list[Difference] = []
    for number, line in enumerate(ours.lines, start=1):
        if number in pairs:
            found += _of_line(number, line, pairs[number], lengths, days_off)
        else:
            found.append(Difference(number, LOST, _told(line), ""))
    return found + [Difference(None, ADDED, "", _told(line)) for line in added]


def _of_head(ours: ShownJournal, theirs: ShownJournal) -> Iterator[Difference]:
    for field, sent, has in (
        ("journalType", ours.journal_type, theirs.journal_type),
        ("period", ours.period, theirs.period),
        ("currency", ours.currency, theirs.currency),
    ):
        if sent.rstrip() != has.rstrip():
            yield Difference(None, field, sent, has)


def _paired(
    ours: ShownJournal, theirs: ShownJournal, lengths: tuple[int, int], days_off: int
) -> tuple[dict[int, ShownLine], list[ShownLine]]:
    """Our line numbers with the ledger's line for each, and the ledger's lines that are left. The most alike are paired
    first, so that a changed line is not taken for a lost and an added one; lines that share neither account nor amount
    are no pair."""
    left = list(theirs.lines)
    pairs: dict[int, ShownLine] = {}
    for most in range(len(DIMENSION_FIELDS) + 5):
        for number, line in enumerate(ours.lines, start=1):
            if number in pairs:
                continue
            for other in left:
                is_kin = line.account == other.account or line.amount == other.amount
                if is_kin and len(_of_line(number, line, other, lengths, days_off)) <= most:
                    pairs[number] = other
                    left.remove(other)
                    break
    return pairs, left


def _of_line(
    number: int, ours: ShownLine, theirs: ShownLine, lengths: tuple[int, int], days_off: int
) -> list[Difference]:
    fields = (
        ("account", ours.account, theirs.account, CODE_LENGTH),
        ("transaction", ours.side.value, theirs.side.value, None),
        ("amount", f"{ours.amount:.2f}", f"{theirs.amount:.2f}", None),
        *(
            (name, code, other, CODE_LENGTH)
            for name, code, other in zip(DIMENSION_FIELDS, ours.dimensions, theirs.dimensions, strict=True)
        ),
        (REFERENCE, ours.reference, theirs.reference, lengths[0]),
        (DESCRIPTION, ours.description, theirs.description, lengths[1]),
    )
    found = [
        Difference(number, field, sent, has) for field, sent, has, cut in fields if sent[:cut].rstrip() != has.rstrip()
    ]
    if abs((ours.day - theirs.day).days) > days_off:
        found.append(Difference(number, "transDateTime", ours.day.isoformat(), theirs.day.isoformat()))
    return found


def _told(line: ShownLine) -> str:
    return f"{line.account} {line.side.value} {line.amount:.2f} {line.description}".rstrip()
