"""The ledger behind the faulty service: our journals and other people's, gaps, and numbers that are filled later.

Written from the contract's examples alone; nothing of the program is used here.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.contract.schemas import operation

DIMENSIONS = (
    "source",
    "tfww",
    "fund",
    "function",
    "restriction",
    "sdaOrganization",
    "who",
    "flag",
    "project",
    "details",
)
MEXICO = ZoneInfo("America/Mexico_City")
DETAIL: Mapping[str, Any] = next(iter(operation("get_journal_range").answer_examples[200].values()))["response"][0][
    "lines"
][1]["journalDetail"]
MOVEMENT: Mapping[str, Any] = next(iter(operation("get_cash_count").answer_examples[200].values()))["response"][0]

Line = Mapping[str, Any]
Rule = Callable[[Sequence[Line]], Sequence[Line]]
"""What a ledger makes of the lines that it is sent."""


def cut_at(length: int) -> Rule:
    """A ledger that keeps so many characters of a description."""
    return lambda lines: [{**line, "description": line["description"][:length]} for line in lines]


def with_a_line_added(lines: Sequence[Line]) -> Sequence[Line]:
    """A ledger that adds a line of nothing to each journal."""
    return [*lines, {**lines[-1], "account": "499000", "amount": 0.01, "line": len(lines) + 1}]


def without_funds(lines: Sequence[Line]) -> Sequence[Line]:
    """A ledger that drops the code of one dimension."""
    return [{**line, "fund": ""} for line in lines]


@dataclass(frozen=True)
class Booked:
    """A journal in the ledger; `lines` as a request has them, `at` in seconds of the service's clock."""

    number: int
    lines: Sequence[Line]
    at: float
    is_ours: bool

    @property
    def reference(self) -> str:
        """What its lines are called."""
        return str(self.lines[0]["treference"])


@dataclass
class OtherLedger:
    """Journals by number. With `others`, other people post in between, look-alikes of ours too. `rule` is what becomes
    of our lines, `hidden` has the numbers that lists name and ranges never show; `replaced` are journals whose number
    was given a second time."""

    dice: random.Random
    others: bool = True
    booked: dict[int, Booked] = field(default_factory=dict)
    last: int = 6900
    reserved: list[int] = field(default_factory=list)
    rule: Rule = lambda lines: lines
    hidden: set[int] = field(default_factory=set)
    replaced: list[Booked] = field(default_factory=list)

    def reserve(self) -> int:
        """The next number, after a gap now and then."""
        self.last += 1 + (self.dice.random() < 0.2) * self.dice.randint(1, 3)
        return self.last

    def book(self, lines: Sequence[Line], at: float, number: int | None = None) -> int:
        """Takes in a journal of ours, and lets other people do what they do meanwhile."""
        if self.others and self.dice.random() < 0.3:
            self._add(self.reserve(), foreign(lines, self.dice), at)
        if self.others and self.dice.random() < 0.15:
            self.reserved.append(self.reserve())
        number = self.reserve() if number is None else number
        self._add(number, self.rule(lines), at, is_ours=True)
        if self.others and self.dice.random() < 0.1:
            self.book_alike(lines, at)
        if self.reserved and self.dice.random() < 0.3:
            self._add(self.reserved.pop(0), foreign(lines, self.dice), at)
        return number

    def book_foreign(self, lines: Sequence[Line], at: float) -> int:
        """Somebody else posts these lines."""
        number = self.reserve()
        self._add(number, lines, at)
        return number

    def book_alike(self, lines: Sequence[Line], at: float) -> None:
        """Somebody else posts the same accounts, sides and amounts under other texts: a routine fee."""
        self._add(self.reserve(), [{**line, "treference": "FEE", "description": "Look-alike"} for line in lines], at)

    def _add(self, number: int, lines: Sequence[Line], at: float, is_ours: bool = False) -> None:
        if number in self.booked:
            self.replaced.append(self.booked[number])
        self.booked[number] = Booked(number, lines, at, is_ours)

    @property
    def ours(self) -> list[Booked]:
        """Our journals, in order of number, also those whose number was given to another one since."""
        known = [*self.booked.values(), *self.replaced]
        return sorted((one for one in known if one.is_ours), key=lambda one: one.number)

    def between(self, first: int, last: int, until: float) -> list[dict[str, Any]]:
        """The journals of a range as `/journal/range` shows them, those booked up to a time."""
        numbers = sorted(number for number in self.booked if first <= number <= last and number not in self.hidden)
        shown = (self.booked[number] for number in numbers if self.booked[number].at <= until)
        return [
            {"lines": [{"journalDetail": one} for one in _details(journal)], "jrnalNo": journal.number}
            for journal in shown
        ]

    def movements(self, account: str, first: str, last: str, until: float) -> list[dict[str, Any]]:
        """The rows of `/cash-count` in the order of their booking, some of them twice."""
        rows: list[dict[str, Any]] = []
        for journal in self.booked.values():
            for place, line in enumerate(journal.lines, 1):
                if line["account"] == account and first <= line["transDateTime"] <= last and journal.at <= until:
                    rows += [_movement(journal.number, place, line)] * self.dice.choice((1, 1, 2))
        return rows


def foreign(lines: Sequence[Line], dice: random.Random) -> list[Line]:
    """Somebody else's journal on the same accounts and day."""
    amount = Decimal(dice.randint(100_000_000, 999_999_999)) / 100
    return [{**line, "amount": amount, "treference": "OTHER", "description": "Other people"} for line in lines[:2]]


def _details(journal: Booked) -> Iterator[dict[str, Any]]:
    for place, line in enumerate(journal.lines, 1):
        amount = float(line["amount"]) * (-1 if line["transaction"] == "D" else 1)
        midnight = datetime.fromisoformat(line["transDateTime"]).replace(tzinfo=MEXICO)
        codes = {f"analT{n}": f"{line.get(name, '')} " for n, name in enumerate(DIMENSIONS)}
        yield {
            **DETAIL,
            **codes,
            "accntCode": f"{line['account']} ",
            "amount": amount,
            "cv4Amt": amount,
            "otherAmt": amount,
            "dc": line["transaction"],
            "descriptn": line["description"].ljust(50 if place % 2 else 0),
            "treference": line["treference"].ljust(30 if place % 2 else 0) + " ",
            "convCode": f"{line['currency']} ",
            "jrnalType": f"{line['journalType']} ",
            "jrnalNo": journal.number,
            "jrnalLine": place,
            "period": int(line["period"]),
            "transDateTime": int(midnight.timestamp()) * 1000,
            "vchrNum": f"JV2018-{journal.number}",
        }


def _movement(number: int, place: int, line: Line) -> dict[str, Any]:
    codes = {f"analT{n}": line.get(name, "") for n, name in enumerate(DIMENSIONS)}
    told = {"journalNo": number, "journalLine": place, "description": line["description"]}
    return {**MOVEMENT, **codes, **told, "period": int(line["period"]), "transDateTime": line["transDateTime"]}
