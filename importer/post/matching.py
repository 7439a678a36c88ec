"""Whether a journal of the ledger is ours, looks like ours, or shares a line with it, and how it differs."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from enum import IntEnum
from functools import partial
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

from importer.model.journals import (
    DIMENSION_FIELDS,
    ShownJournal,
    ShownLine,
    Side,
    shown_content,
    shown_line,
)
from importer.model.postings import StoredJournal

if TYPE_CHECKING:
    from importer.services.sunplusxtra.journals import LedgerLine


REFERENCE, DESCRIPTION = "treference", "description"
"""The texts that ledgers cut, by their names on the wire."""
REFERENCE_LENGTH, OLDER_REFERENCE_LENGTH, DESCRIPTION_LENGTH, CODE_LENGTH = 30, 15, 50, 15
"""How many characters a ledger keeps; older ones keep 15 of a reference."""

Cuts = Mapping[str, int]
"""Lengths at which one ledger was seen to cut texts, by field."""
NO_CUTS: Cuts = MappingProxyType({})

WHOLE = (REFERENCE_LENGTH, DESCRIPTION_LENGTH)
SHORTEST_CUT = 8
"""Shorter texts say too little for a cut to be learned from them."""

MOST_DAYS_OFF = 1
"""Another time zone than the company's is wrong by no more."""

Key = Callable[[ShownLine], Hashable]


class Similarity(IntEnum):
    """How much a journal of the ledger is like one of ours, least first."""

    NONE = 0
    SAME_LINE = 1
    """A line has reference, day, account and amount of one of ours."""
    LOOKS_ALIKE = 2
    """Accounts, sides, amounts and period are equal, days are equal or next to it; texts, codes or days are not."""
    CUT = 3
    """Equal as far as the ledger shows our texts: it cuts them at a known length. Others may begin alike."""
    OTHER_DAY = 4
    """Equal, but days are off by one, and the ledger's instants are no midnights: a matter of time zones."""
    IDENTICAL = 5

    @property
    def is_ours(self) -> bool:
        """True when the journal of the ledger is, as far as it shows, the one we know."""
        return self >= Similarity.CUT


@dataclass(frozen=True, slots=True)
class LedgerJournal:
    """A journal as the ledger shows it. `lines` carry days of the company's time zone."""

    number: int
    voucher: str
    journal: ShownJournal
    days_off: int
    """By how many days its days may be wrong: none when each instant is midnight in the company's time zone (P-10)."""


def ledger_journals(lines: "Iterable[LedgerLine]", zone: tzinfo) -> dict[int, LedgerJournal]:
    """The lines of a range as journals by number; equal lines that come twice under one number count once."""
    grouped: defaultdict[int, dict[int, LedgerLine]] = defaultdict(dict)
    for line in lines:
        grouped[line.journal_number].setdefault(line.line_number, line)
    return {number: _journal(number, list(of_number.values()), zone) for number, of_number in grouped.items()}


def _journal(number: int, lines: "Sequence[LedgerLine]", zone: tzinfo) -> LedgerJournal:
    is_certain = all(line.transaction_day.day_in(zone) is not None for line in lines)
    journal = ShownJournal(
        journal_type=_only({line.journal_type for line in lines}),
        period=_only({str(line.period) for line in lines}),
        currency=_only({line.currency for line in lines}),
        lines=tuple(shown_line(line, line.transaction_day.nearest_day_in(zone)) for line in lines),
    )
    return LedgerJournal(number, lines[0].voucher_number, journal, 0 if is_certain else MOST_DAYS_OFF)


def _only(texts: set[str]) -> str:
    return texts.pop() if len(texts) == 1 else "/".join(sorted(texts))


def similarity(ours: ShownJournal, shown: LedgerJournal, cuts: Cuts = NO_CUTS) -> Similarity:
    """How much the ledger's journal `shown` is like `ours`. A text that the ledger has cut at a known length (that of
    older ledgers, or one of `cuts`) is equal, one that it left out is not, nor one that it shows to be longer than the
    cut. A day is equal when it is off by no more than its `days_off`."""
    theirs = shown.journal
    if ours == theirs:  # nearly always so when a journal is read back
        return Similarity.IDENTICAL
    if len(ours.lines) == len(theirs.lines) and ours.period == theirs.period:
        if _head(ours) == _head(theirs):
            for lengths in text_lengths(cuts):
                apart = _days_apart(ours, theirs, partial(_as_kept, lengths=lengths), _as_shown)
                if apart is not None and apart <= shown.days_off:
                    if lengths != WHOLE:
                        return Similarity.CUT
                    return Similarity.OTHER_DAY if apart else Similarity.IDENTICAL
        if _days_apart(ours, theirs, line_key, line_key) is not None:
            return Similarity.LOOKS_ALIKE
    known = {(line.reference, line.day, line.account, line.amount) for line in ours.lines if line.reference}
    is_shared = any((line.reference, line.day, line.account, line.amount) in known for line in theirs.lines)
    return Similarity.SAME_LINE if is_shared else Similarity.NONE


def is_shown_as(stored: StoredJournal, shown: LedgerJournal, cuts: Cuts) -> bool:
    """True when the ledger's journal is, as far as it shows, one that the store has."""
    return similarity(shown_content(stored.content), shown, cuts).is_ours


def text_lengths(cuts: Cuts) -> Iterator[tuple[int, int]]:
    """The lengths of reference and description that a ledger may keep, whole texts first."""
    references = dict.fromkeys((REFERENCE_LENGTH, cuts.get(REFERENCE, REFERENCE_LENGTH), OLDER_REFERENCE_LENGTH))
    descriptions = dict.fromkeys((DESCRIPTION_LENGTH, cuts.get(DESCRIPTION, DESCRIPTION_LENGTH)))
    return product(references, descriptions)


@dataclass(frozen=True, slots=True)
class CutTexts:
    """`count` texts of a field (its name on the wire) of which a ledger keeps the first `length` characters."""

    field: str
    length: int
    count: int


def cut_texts(ours: ShownJournal, theirs: ShownJournal, cuts: Cuts = NO_CUTS) -> tuple[CutTexts, ...]:
    """Which texts the ledger has cut of a journal that is ours (`Similarity.CUT`); nothing for any other."""
    for lengths in text_lengths(cuts):
        if _days_apart(ours, theirs, partial(_as_kept, lengths=lengths), _as_shown) is not None:
            texts = {
                REFERENCE: [one.reference for one in ours.lines],
                DESCRIPTION: [one.description for one in ours.lines],
            }
            found = (
                CutTexts(field, length, sum(len(text) > length for text in texts[field]))
                for field, length in zip((REFERENCE, DESCRIPTION), lengths, strict=True)
            )
            return tuple(one for one in found if one.count)
    return ()


def learned_cut(
    ours: ShownJournal, theirs: ShownJournal, differing: Collection[tuple[int | None, str]]
) -> CutTexts | None:
    """The cut that explains all differences of a journal (line number from 1 and field of each): one text cut at one
    length of `SHORTEST_CUT` characters at least, in all its lines. None when anything else differs
    (importer/post/README.md, "Cut texts")."""
    fields = {field for _, field in differing}
    if len(fields) != 1 or not fields <= {REFERENCE, DESCRIPTION}:
        return None
    (field,) = fields
    shown = [_text_of(line, field) for line in theirs.lines]
    longest = max(map(len, shown), default=0)
    # A blank where a text was cut is not shown: the length may be greater than that of the longest text.
    for length in range(longest, max((len(_text_of(line, field)) for line in ours.lines), default=0)):
        found = cut_texts(ours, theirs, {field: length})
        if length >= SHORTEST_CUT and len(found) == 1 and found[0].field == field and all(shown):
            return found[0]
    return None


def cut_key(journal: ShownJournal, cuts: Cuts) -> Hashable:
    """Equal for journals that the ledger cannot tell apart, as far as it cuts texts."""
    lengths = (
        min(cuts.get(REFERENCE, REFERENCE_LENGTH), OLDER_REFERENCE_LENGTH),
        cuts.get(DESCRIPTION, DESCRIPTION_LENGTH),
    )
    lines = Counter((_as_kept(line, lengths), line.day) for line in journal.lines)
    return (*_head(journal), journal.period, frozenset(lines.items()))


def _text_of(line: ShownLine, field: str) -> str:
    return line.reference.rstrip() if field == REFERENCE else line.description.rstrip()


def similarity_key(journal: ShownJournal) -> Hashable:
    """Equal for journals that may look alike: accounts, sides and amounts."""
    return frozenset(Counter(line_key(line) for line in journal.lines).items())


def _head(journal: ShownJournal) -> tuple[str, str]:
    return journal.journal_type.rstrip(), journal.currency.rstrip()


def _as_kept(line: ShownLine, lengths: tuple[int, int]) -> Hashable:
    """What a ledger that keeps so much of reference and description shows of our line; all but the day."""
    reference, description = lengths
    return (
        *(line.account[:CODE_LENGTH].rstrip(), line.side, line.amount),
        tuple(code[:CODE_LENGTH].rstrip() for code in line.dimensions),
        *(line.reference[:reference].rstrip(), line.description[:description].rstrip()),
    )


def _as_shown(line: ShownLine) -> Hashable:
    return (
        *(line.account.rstrip(), line.side, line.amount),
        tuple(code.rstrip() for code in line.dimensions),
        *(line.reference.rstrip(), line.description.rstrip()),
    )


def line_key(line: ShownLine) -> tuple[str, Side, Decimal]:
    """What makes a line look like another one: account, side and amount."""
    return line.account[:CODE_LENGTH].rstrip(), line.side, line.amount


def _days_apart(ours: ShownJournal, theirs: ShownJournal, our_key: Key, their_key: Key) -> int | None:
    """0 when the lines are equal by their keys and day, 1 when days differ by one at most, None when they are not."""
    our_days, their_days = _days_by(ours.lines, our_key), _days_by(theirs.lines, their_key)
    if our_days.keys() != their_days.keys():
        return None
    apart = 0
    for one, days in our_days.items():
        if len(days) != len(their_days[one]):
            return None
        # Sorted against sorted is the pairing with the smallest largest distance.
        for our_day, their_day in zip(sorted(days), sorted(their_days[one]), strict=True):
            apart = max(apart, abs((our_day - their_day).days))
    return apart if apart <= MOST_DAYS_OFF else None


def _days_by(lines: Iterable[ShownLine], key: Key) -> dict[Hashable, list[date]]:
    days: defaultdict[Hashable, list[date]] = defaultdict(list)
    for line in lines:
        days[key(line)].append(line.day)
    return dict(days)


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


def differences(ours: ShownJournal, shown: LedgerJournal, cuts: Cuts = NO_CUTS) -> list[Difference]:
    """Everything in which the ledger's journal differs from the one that was sent, nothing exactly when it is ours
    (`similarity`): a text that was cut at the ledger's length (`cuts` are those learned) and a day that is off by no
    more than its `days_off` are no difference. `ours` has its lines in the order in which they travelled."""
    if similarity(ours, shown, cuts).is_ours:
        return []
    theirs = shown.journal
    fields = (
        ("journalType", ours.journal_type, theirs.journal_type),
        ("period", ours.period, theirs.period),
        ("currency", ours.currency, theirs.currency),
    )
    head = [Difference(None, field, sent, has) for field, sent, has in fields if sent.rstrip() != has.rstrip()]
    # A ledger cuts all texts of a field at one length; which one it is shows where fewest lines differ.
    return head + min((_of_lines(ours, theirs, lengths, shown.days_off) for lengths in text_lengths(cuts)), key=len)


def _of_lines(ours: ShownJournal, theirs: ShownJournal, lengths: tuple[int, int], days_off: int) -> list[Difference]:
    """The most alike lines are paired first, so that a changed line is not taken for a lost and an added one; lines
    that share neither account nor amount are no pair."""
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
    found: list[Difference] = []
    for number, line in enumerate(ours.lines, start=1):
        if number in pairs:
            found += _of_line(number, line, pairs[number], lengths, days_off)
        else:
            found.append(Difference(number, LOST, _line_text(line), ""))
    return found + [Difference(None, ADDED, "", _line_text(line)) for line in left]


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


def _line_text(line: ShownLine) -> str:
    return f"{line.account} {line.side.value} {line.amount:.2f} {line.description}".rstrip()
