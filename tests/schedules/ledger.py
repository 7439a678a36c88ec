"""The ledger behind the simulated service, ours and other people's journals in it."""

import random
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from importer.model.journals import DIMENSION_FIELDS

ZONE = "America/Mexico_City"
FIRST_NUMBER = 6900

Lines = Sequence[Mapping[str, Any]]
"""The lines of a journal as the request has them."""


def content(lines: Lines) -> Hashable:
    """What the ledger shows again of a journal, in any order of its lines."""
    head = lines[0]
    shown = ("account", "transaction", "treference", "description", "transDateTime", *DIMENSION_FIELDS)
    return (
        *(head["journalType"], head["period"], head["currency"]),
        tuple(sorted((*(line[name] for name in shown), str(Decimal(line["amount"]))) for line in lines)),
    )


@dataclass(frozen=True)
class Booked:
    """A journal that is in the ledger from the moment `at` on; `is_ours` when the program sent it. `content` is that of
    the request, which an `is_altered` journal does not show. One that `is_hidden` is named by lists and shown by no
    range. `sender` is the process that sent it."""

    number: int
    lines: Lines
    at: float
    is_ours: bool
    content: Hashable
    is_altered: bool = False
    is_hidden: bool = False
    sender: str = ""

    @property
    def is_as_sent(self) -> bool:
        """True when the ledger shows of it what was sent."""
        return content(self.lines) == self.content


@dataclass(frozen=True)
class Rules:
    """What the ledger does to every journal: `cut` is the length of its descriptions; how often it adds two lines, and
    how often it drops the codes of one dimension, those only of journals that it answered well (of others nothing could
    know them again); how often no range shows one."""

    hides: float = 0.0
    cut: int = 50
    adds_lines: float = 0.0
    drops_codes: float = 0.0


@dataclass
class Ledger:
    """Journals by number. Numbers have gaps, and some that were given early are filled late. `replaced` are those whose
    number was given to another one and that stand in another book since; `history` is every journal that ever was
    there, and `changed_at` when something was last taken away or edited."""

    dice: random.Random
    rules: Rules = field(default_factory=Rules)
    booked: dict[int, Booked] = field(default_factory=dict)
    replaced: list[Booked] = field(default_factory=list)
    history: list[Booked] = field(default_factory=list)
    changed_at: float = -1e9
    _last: int = FIRST_NUMBER

    def book(
        self,
        lines: Lines,
        at: float,
        *,
        is_ours: bool,
        is_altered: bool = False,
        is_hidden: bool = False,
        sender: str = "",
    ) -> int:
        """Takes in a journal, now or at a later moment, and gives its number. One that `is_altered` shows other texts
        than were sent."""
        self._last += self.dice.choice((1, 1, 1, 1, 2, 30))
        # An equal journal under the number of the older one could not be told from it by anything.
        while (older := self.booked.get(self._last)) is not None and (
            older.at > at or not is_ours or older.content == content(lines)
        ):
            self._last += 1
        if older is not None:
            self.replaced.append(self.booked.pop(self._last))
            self.changed_at = at
        is_hidden = is_hidden or (is_ours and self.rules.hides > self.dice.random())
        if is_altered:
            shown: Lines = [{**line, "description": "ALTERED BY A RULE"} for line in lines]
        else:
            shown = [{**line, "description": line["description"][: self.rules.cut].rstrip()} for line in lines]
        self._add(Booked(self._last, shown, at, is_ours, content(lines), is_altered, is_hidden, sender))
        return self._last

    def _add(self, one: Booked) -> None:
        self.booked[one.number] = one
        self.history.append(one)

    def change_answered(self, number: int) -> None:
        """A good answer for this journal has arrived: now the rules change it that do so to such journals alone."""
        one, rules = self.booked.get(number), self.rules
        if one is None:
            return
        kept = [dict(line) for line in one.lines]
        if rules.drops_codes and self.dice.random() < rules.drops_codes:
            kept = [{**line, "tfww": ""} for line in kept]
        if rules.adds_lines and self.dice.random() < rules.adds_lines:
            kept += [{**kept[0], "account": "499000", "amount": "1.00", "transaction": side} for side in ("D", "C")]
        self.booked[number] = replace(one, lines=kept)

    # What is done to it

    def set_back(self) -> str:
        """The counter begins again at an earlier number: numbers are given a second time."""
        self._last -= min(self.dice.randint(1, 40), self._last - FIRST_NUMBER)
        return f"set back to {self._last}"

    def restore(self, until: float, now: float) -> str:
        """A backup of the moment `until` takes its place: what was booked since is lost, and so is its counter."""
        self.changed_at = now
        for number in [number for number, one in self.booked.items() if until < one.at <= now]:
            del self.booked[number]
        self._last = max((n for n, one in self.booked.items() if one.at <= until), default=FIRST_NUMBER)
        return f"as it was at {until:.3f}, next number after {self._last}"

    def change_by_hand(self, now: float) -> str:
        """Somebody deletes, edits or renumbers one of our journals; says what."""
        ours = [number for number, one in self.booked.items() if one.is_ours and one.at <= now]
        if not ours:
            return "nothing"
        self.changed_at = now
        number = self.dice.choice(ours)
        how = self.dice.choice(("delete", "edit", "renumber"))
        one = self.booked.pop(number)
        if how == "edit":
            edited = [{**line, "account": "499000"} if place else line for place, line in enumerate(one.lines)]
            self._add(replace(one, lines=edited, content=content(edited), is_ours=False))
        elif how == "renumber":
            self._last = max(self._last, *self.booked, number) + 1
            self._add(replace(one, number=self._last))
        return f"{how} {number}"

    # What it shows

    def shows(self, number: int) -> bool:
        """Whether a range shows the journal that was given the number: nobody has edited it by hand, and no other one
        of ours was given it as well, after a copy was restored."""
        given = sum(one.number == number for one in self.history if one.is_ours)
        return (
            given == 1 and number in self.booked and self.booked[number].is_ours and not self.booked[number].is_hidden
        )

    def hidden_lines(self) -> Iterator[Mapping[str, Any]]:
        """The lines of the journals that no range shows."""
        return (line for one in self.booked.values() if one.is_hidden for line in one.lines)

    def between(self, first: int, last: int, until: float) -> Iterator[Booked]:
        """The journals of a range that were there at a moment, by number."""
        numbers = sorted(number for number in self.booked if first <= number <= last)
        shown = (self.booked[number] for number in numbers)
        return (one for one in shown if one.at <= until and not one.is_hidden)

    def movements(self, account: str, first: str, last: str, until: float) -> Iterator[tuple[Booked, int]]:
        """Journal and line number (from 1) of each line on an account between two days."""
        for one in self.booked.values():
            for place, line in enumerate(one.lines, start=1):
                if line["account"] == account and first <= line["transDateTime"] <= last and one.at <= until:
                    yield one, place


def range_row(one: Booked) -> dict[str, Any]:
    """A journal as `/journal/range` shows it: padded texts, signed amounts, days as local midnights."""
    lines = [{"journalDetail": _detail(one, place, line)} for place, line in enumerate(one.lines, start=1)]
    return {"jrnalNo": one.number, "lines": lines}


def _detail(one: Booked, place: int, line: Mapping[str, Any]) -> dict[str, Any]:
    amount = Decimal(line["amount"])
    return {
        "accntCode": line["account"].ljust(15),
        "amount": -amount if line["transaction"] == "D" else amount,
        "dc": line["transaction"],
        **{f"analT{axis}": line[name].ljust(15) for axis, name in enumerate(DIMENSION_FIELDS)},
        "convCode": line["currency"].ljust(5),
        "descriptn": line["description"],
        "jrnalLine": place,
        "jrnalNo": one.number,
        "jrnalType": line["journalType"].ljust(5),
        "period": int(line["period"]),
        "transDateTime": _local_midnight(line["transDateTime"]),
        "treference": line["treference"].ljust(30),
        "vchrNum": f"JV2018-{one.number}",
    }


def movement_row(one: Booked, place: int) -> dict[str, Any]:
    """A line as `/cash-count` shows it."""
    line = one.lines[place - 1]
    return {
        "journalNo": one.number,
        "journalLine": place,
        "transDateTime": line["transDateTime"],
        "period": int(line["period"]),
        "description": line["description"],
        **{f"analT{axis}": line[name] for axis, name in enumerate(DIMENSION_FIELDS)},
    }


@cache
def _local_midnight(day: str) -> int:
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(ZONE)).timestamp()) * 1000
