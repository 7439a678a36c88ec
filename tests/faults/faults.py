"""What may go wrong with a request on its way, and to which request: named by a script, or drawn from a seed.

It is played in `player`, by the answers in `answers`; a script is read in `script`.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong; which members mean anything depends on the kind (`KINDS`).

    `committed`: the work is done although the answer does not say so. `seconds`: how long, how much later or how far
    apart. `status`: of HTTP. `code`: of the body.
    """

    kind: str
    committed: bool = False
    seconds: float = 1.0
    status: int = 0
    code: str = ""

    def __str__(self) -> str:
        """As a script has it: `drop committed=true`."""
        members = {
            "committed": str(self.committed).lower(),
            "seconds": f"{self.seconds:g}",
            "status": str(self.status),
            "code": self.code,
        }
        settings = [f"{name}={value}" for name, value in members.items() if name in KINDS[self.kind].settings]
        return " ".join([self.kind, *settings])


class Kind(NamedTuple):
    """A kind of fault: what it does, which members of `Fault` may be set, and what they are when nobody says."""

    about: str
    settings: frozenset[str]
    usual: Fault


def _kind(about: str, usual: Fault, *settings: str) -> tuple[str, Kind]:
    return usual.kind, Kind(about, frozenset(settings), usual)


KINDS: dict[str, Kind] = dict(
    (
        _kind("The connection is closed without an answer.", Fault("drop"), "committed"),
        _kind("The connection is reset without an answer.", Fault("reset"), "committed"),
        _kind("As drop, and the work is done so many seconds later.", Fault("late", seconds=5.0), "seconds"),
        _kind("Work done; half of the answer, though its length was told.", Fault("cut")),
        _kind("Work done; half of the answer, its length not told, so that HTTP shows nothing.", Fault("torn")),
        _kind("Work done; the answer comes byte by byte, so many seconds apart.", Fault("drip"), "seconds"),
        _kind(
            "So many seconds pass first; without the work done no answer comes after them.",
            Fault("slow", committed=True, seconds=5.0),
            "seconds",
            "committed",
        ),
        _kind("A page of HTML with this status.", Fault("html", status=502), "status", "committed"),
        _kind("HTTP 201 with this code, without `linesError`.", Fault("failure", code="202"), "code", "committed"),
        _kind("This status of HTTP.", Fault("status", committed=True, status=204), "status", "committed"),
        _kind("Nothing done: the token is not taken (220, in the live dialect 401).", Fault("token-rejected")),
        _kind("Nothing done: the user is gone (221), this once.", Fault("user-gone")),
        _kind("A redirect to the same address.", Fault("redirect", status=307), "status", "committed"),
        _kind("Nothing done: 429, with `Retry-After` of so many seconds.", Fault("too-many"), "seconds"),
        _kind("What was posted in the last so many seconds is not shown yet.", Fault("lag", seconds=5.0), "seconds"),
    )
)
"""Every kind by its name. `lag` is for the operations in `LAGGING` only."""

LAGGING = frozenset({"get_journal_range", "get_cash_count"})
POSTING = frozenset({"post_journal", *LAGGING})
"""What random faults without rules of their own happen to: posting, and what a client reads back by."""


def _every_variant() -> Iterable[Fault]:
    for kind in KINDS.values():
        usual = kind.usual
        variants = [usual]
        if usual.kind == "failure":
            variants = [replace(usual, code=code) for code in ("201", "202", "203")]
        elif usual.kind == "status":
            variants = [replace(usual, status=status) for status in (202, 204, 206)]
        for variant in variants:
            yield variant
            if "committed" in kind.settings:
                yield replace(variant, committed=not variant.committed)


VARIANTS: Sequence[Fault] = tuple(_every_variant())
"""What chance picks from: each kind, done and not done."""

ANY = tuple(fault for fault in VARIANTS if fault.kind != "user-gone")
"""What `any` means. Without 221, which ends a run for good."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which requests get a fault. `operations` empty: all. Of those that match, `nth` (empty: any), every so many, and
    each of them by the chance `rate`; of several `faults` one is drawn."""

    faults: tuple[Fault, ...]
    operations: frozenset[str] = frozenset()
    nth: Collection[int] = ()
    every: int = 1
    rate: float = 1.0

    def matches(self, operation: str) -> bool:
        """Whether requests of this operation are counted."""
        return operation in self.operations if self.operations else True

    def drawn(self, operation: str, count: int, dice: random.Random) -> Fault | None:
        """The fault of the `count`th request that matched, counted from 1."""
        if (self.nth and count not in self.nth) or count % self.every or dice.random() >= self.rate:
            return None
        fitting = [fault for fault in self.faults if fault.kind != "lag" or operation in LAGGING]
        return dice.choice(fitting) if fitting else None


@dataclass(frozen=True, slots=True)
class FaultScript:
    """Rules in their order; the first one that gives a request a fault is the one that counts."""

    rules: tuple[Rule, ...] = ()
    seed: int = 0


@dataclass(slots=True)
class Faults:
    """A script while it is played. `played` is what was played so far: operation and fault, in order."""

    script: FaultScript = field(default_factory=FaultScript)
    played: list[tuple[str, Fault]] = field(default_factory=list)
    _counts: Counter[int] = field(default_factory=Counter)

    def next_for(self, operation: str) -> Fault | None:
        """The fault of a request that has just arrived, None for none.

        The draw depends on the seed, the rule and the number of the request alone, so that the nth request of an
        operation has the same fate however the others come in between.
        """
        found = None
        for place, rule in enumerate(self.script.rules):
            if rule.matches(operation):
                self._counts[place] += 1
                if found is None:
                    count = self._counts[place]
                    dice = random.Random(f"{self.script.seed}/{place}/{count}")  # no secret is made of it
                    found = rule.drawn(operation, count, dice)
        if found is not None:
            self.played.append((operation, found))
        return found
