"""The ledger behind the simulated service, ours and other people's journals in it."""

import random
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
    the request, which an `is_altered` journal does not show."""

    number: int
    lines: Lines
    at: float
    is_ours: bool
    content: Hashable
    is_altered: bool = False


@dataclass
class Ledger:
    """Journals by number. Numbers have gaps, and some that were given early are filled late."""

    dice: random.Random
    booked: dict[int, Booked] = field(default_factory=dict)
    _last: int = FIRST_NUMBER

    def book(self, lines: Lines, at: float, *, is_ours: bool, is_altered: bool = False) -> int:
        """Takes in a journal, now or at a later moment, and gives its number. One that `is_altered` shows other texts
        than were sent."""
        self._last += self.dice.choice((1, 1, 1, 1, 2, 30))
        shown = [{**line, "description": "ALTERED BY A RULE"} for line in lines] if is_altered else lines
        self.booked[self._last] = Booked(self._last, shown, at, is_ours, content(lines), is_altered)
        return self._last

    def between(self, first: int, last: int, until: float) -> Iterator[Booked]:
        """The journals of a range that were there at a moment."""
        return (one for number, one in self.booked.items() if first <= number <= last and one.at <= until)

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
