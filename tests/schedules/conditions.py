"""What is wrong with a service, a ledger, a store or a clock for a whole schedule, apart from the weather: each
condition is drawn by the seed and makes one kind of double or loss possible that good reads would prevent."""

import random
from collections.abc import Set
from enum import StrEnum


class Kind(StrEnum):
    """Who posts: one person, two at once on one store, one with two private stores in turn, two at the same time with a
    private store each, or two at once on one store into two ledgers of the company."""

    ALONE = "alone"
    TOGETHER = "together"
    PRIVATE = "private"
    APART = "apart"
    TWO_LEDGERS = "two-ledgers"


class Condition(StrEnum):
    """One kind of fault that lasts. HAND: people delete, edit and renumber journals between attempts."""

    CAPPED_RANGES = "capped-ranges"
    CAPPED_LISTS = "capped-lists"
    PARTIAL_RANGES = "partial-ranges"
    LAG_BEYOND = "lag-beyond"
    COMMITS_BEYOND = "commits-beyond"
    FROZEN = "frozen"
    HIDDEN = "hidden"
    SET_BACK = "set-back"
    LEDGER_RESTORED = "ledger-restored"
    HAND = "hand"
    CUT = "cut"
    LINES_ADDED = "lines-added"
    CODES_DROPPED = "codes-dropped"
    CLOCK_STEPS = "clock-steps"
    STORE_RESTORED = "store-restored"


KINDS = {Kind.ALONE: 40, Kind.TOGETHER: 40, Kind.PRIVATE: 20, Kind.APART: 20, Kind.TWO_LEDGERS: 10}
"""The kinds by how often they are drawn."""
CONDITIONED = 0.5
"""The share of the schedules that have a condition; of these, SECOND have two."""
SECOND = 0.15

_DOUBLING = frozenset({Condition.CAPPED_LISTS, Condition.LAG_BEYOND, Condition.COMMITS_BEYOND, Condition.FROZEN})
_DOUBLING_PRIVATELY = frozenset({Condition.CUT, Condition.LEDGER_RESTORED, Condition.SET_BACK})
CHANGED_WHEN_ANSWERED = frozenset({Condition.LINES_ADDED, Condition.CODES_DROPPED})
"""From a second store, or after a lost answer, such a journal is another one: nothing can know it again."""
ALTERING = frozenset({Condition.CUT, Condition.LINES_ADDED, Condition.CODES_DROPPED})
"""The ledger shows a journal that it answered well otherwise than it was sent."""
BLINDING = frozenset(
    {
        Condition.CAPPED_RANGES,
        Condition.CAPPED_LISTS,
        Condition.PARTIAL_RANGES,
        Condition.LAG_BEYOND,
        Condition.FROZEN,
    }
)
"""Reads do not show all that is there."""


def draw_setting(dice: random.Random) -> tuple[Kind, frozenset[Condition]]:
    """Who posts, and what is wrong for the whole schedule: the first things that a seed decides."""
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    return kind, _drawn_conditions(dice, kind)


def _drawn_conditions(dice: random.Random, kind: Kind) -> frozenset[Condition]:
    possible = [one for one in Condition if _fits(one, kind)]
    if dice.random() >= CONDITIONED:
        return frozenset()
    if kind is Kind.TWO_LEDGERS:
        return frozenset()
    drawn = frozenset(dice.sample(possible, min(len(possible), 2 if dice.random() < SECOND else 1)))
    if Condition.STORE_RESTORED in drawn:
        return drawn - CHANGED_WHEN_ANSWERED - {Condition.CLOCK_STEPS}
    return drawn


def _fits(condition: Condition, kind: Kind) -> bool:
    """Two processes that run at the same time share their machine's clock, and a file that is open is not put back. A
    clock that steps is tried with late commits, which a second store could not know."""
    if condition in CHANGED_WHEN_ANSWERED:
        return kind in (Kind.ALONE, Kind.TOGETHER)
    if condition is Condition.STORE_RESTORED:
        return kind in (Kind.ALONE, Kind.PRIVATE)
    if condition is Condition.CLOCK_STEPS:
        return kind is Kind.ALONE
    return True


def allow_doubles(kind: Kind, conditions: Set[Condition]) -> bool:
    """Whether no program could keep every journal from being posted twice: each double must be reported then."""
    if kind is Kind.APART or conditions & _DOUBLING:
        return True
    is_private = kind is Kind.PRIVATE or Condition.STORE_RESTORED in conditions  # what was put back knows no more
    return is_private and bool(conditions & _DOUBLING_PRIVATELY)
