"""One schedule: drawn by its seed, played, and checked."""

import random
import shutil
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from unittest.mock import patch

from importer.model.journals import Journal
from importer.model.results import Document, Status
from importer.model.wishes import Wishes
from importer.run import posting
from importer.store.database import Database
from tests.schedules.careless import CarelessLease, CarelessStore
from tests.schedules.checking import (
    Wanted,
    altered,
    concealments,
    final_faults,
    ledger_faults,
    missing,
    report_faults,
)
from tests.schedules.journals import as_workbook, draw_journals
from tests.schedules.ledger import Ledger
from tests.schedules.persons import Attempt, Office, Person, draw_attempts
from tests.schedules.service import FINE, Service, Weather
from tests.schedules.world import World

PRIVATE_PAUSES = (450.0, 2000.0)
"""Between two attempts on private stores everything that was sent has landed and can be read: no look can do more."""
PAUSES = (0.0, 300.0)
FINAL_ATTEMPTS = 3
SETTLE = 900.0


class Switch(StrEnum):
    """A guard of the program that can be switched off, to see that the test can fail."""

    SETTLE = "settle"
    CLAIM = "claim"
    LOOK = "look"


class Kind(StrEnum):
    """Who posts: one person, two at once on one store, or with two private stores in turn."""

    ALONE = "alone"
    TOGETHER = "together"
    PRIVATE = "private"


@dataclass(frozen=True)
class Verdict:
    """What a schedule showed: `faults` is empty when everything is right. `posts` arrived at the service, `doubtful` of
    them got no clear answer."""

    seed: int
    kind: Kind
    faults: tuple[str, ...]
    posts: int
    doubtful: int
    story: tuple[str, ...]


def play(seed: int, folder: Path, without: Switch | None = None) -> Verdict:
    """Plays the schedule of a seed. `folder` holds its stores for as long as it takes, and `new_store` before."""
    with _switched_off(without):
        return _Schedule(seed, folder, without).verdict()


def new_store(folder: Path) -> None:
    """Makes the empty store that each schedule begins with."""
    Database(f"sqlite:///{folder / 'new.db'}").close()


@contextmanager
def _switched_off(without: Switch | None) -> Iterator[None]:
    if without is not Switch.CLAIM:
        yield
        return
    with patch.object(posting, "JournalStore", CarelessStore), patch.object(posting, "Lease", CarelessLease):
        yield


@dataclass
class _Schedule:
    seed: int
    folder: Path
    without: Switch | None
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = self.dice = random.Random(self.seed)
        self.kind = dice.choices(list(Kind), (40, 40, 20))[0]
        self.wishes = Wishes(
            looks=self.without is not Switch.LOOK and (self.kind is Kind.PRIVATE or dice.random() < 0.85),
            settle=0.0 if self.without is Switch.SETTLE else SETTLE,
        )
        self.world = World(dice)
        self.service = Service(self.world, dice, Ledger(dice), _drawn_weather(dice, self.kind))
        self.stores = [self._store(name) for name in ("one", "two")[: 1 + (self.kind is Kind.PRIVATE)]]
        self.office = Office(self.world, self.service, on_end=self._check)
        self.people = self._drawn_people(draw_journals(dice))
        self.wanted = Wanted([person.journals for person in self.people])

    def _store(self, name: str) -> str:
        file = self.folder / f"{self.seed}-{name}.db"
        shutil.copyfile(self.folder / "new.db", file)
        return f"sqlite:///{file}"

    def _drawn_people(self, journals: Sequence[Journal]) -> list[Person]:
        dice = self.dice
        pauses = PRIVATE_PAUSES if self.kind is Kind.PRIVATE else PAUSES
        first = Person(
            *("ana", "north", self.office, self.stores, as_workbook(journals, "june.xlsx", dice)),
            draw_attempts(dice, self.wishes, pauses) * (1 + (self.kind is Kind.PRIVATE)),
        )
        if self.kind is not Kind.TOGETHER:
            return [first]
        host = dice.choice(("north", "south"))
        own = as_workbook(journals, "junio.xlsx", dice)[: dice.randint(1, len(journals))]
        return [first, Person("bea", host, self.office, self.stores, own, draw_attempts(dice, self.wishes, PAUSES))]

    def verdict(self) -> Verdict:
        for person in self.people:
            person.go_on()
        self.world.run()
        if not self.world.is_stuck and not self.faults:
            self._finish()
        self.faults += ["".join(traceback.format_exception(one)) for one in self.world.failures]
        if self.world.is_stuck:
            self.faults.append("it never ends")
        for file in self.folder.glob(f"{self.seed}-*"):
            file.unlink()
        return Verdict(
            self.seed,
            self.kind,
            tuple(dict.fromkeys(self.faults)),
            self.service.arrived.total(),
            self.service.doubtful.total(),
            tuple(self.world.story),
        )

    def _finish(self) -> None:
        """All faults stop. People run it until nothing is left but what they must decide themselves, and decide it."""
        self.world.tell("from now on nothing goes wrong")
        self.service.weather = FINE
        pause = PRIVATE_PAUSES[0]
        for store in self.stores:
            person = Person("eva", "west", self.office, [store], self.people[0].journals, [])
            for _ in range(FINAL_ATTEMPTS):
                person.attempts.append(Attempt(pause, wishes=self.wishes))
                person.go_on()
                self.world.run()
                if self.world.is_stuck or self.faults or not person.ended:
                    return
                if not any(self._is_to_be_run_again(*one) for one in person.ended[-1].pairs):
                    break
            if lost := self._lost(person.ended[-1].pairs):
                person.attempts.append(Attempt(pause, resumes=True, wishes=self.wishes, send_again=lost))
                person.go_on()
                self.world.run()
        self.faults += final_faults(self.service, self.wanted, self.stores, was_looked_for=self.wishes.looks)

    def _is_to_be_run_again(self, document: Document, journal: Journal) -> bool:
        """True for what is not settled yet, and for what was refused by chance: people mend that and run it again."""
        is_by_chance = self.wanted.content_of(journal) not in self.wanted.never_taken
        match document.status:
            case Status.REFUSED:
                return is_by_chance
            case Status.UNKNOWN | Status.NOT_SENT:
                return True
            case _:
                return False

    def _lost(self, pairs: Sequence[tuple[Document, Journal]]) -> tuple[str, ...]:
        """The keys of those that a person who looks at the ledger sends again: nothing there could be it. Of equal
        journals, of which a run that had not looked knows nothing, only as many as the ledger lacks."""
        there = altered(self.service)
        lacking = missing(self.service, self.wanted)
        lost = []
        for document, journal in pairs:
            content = self.wanted.content_of(journal)
            if document.status is not Status.UNKNOWN or content in there:
                continue
            if self.wishes.looks or lacking[content] > 0:
                lacking[content] -= 1
                lost.append(document.key)
        return tuple(lost)

    def _check(self, person: Person) -> None:
        self.faults += ledger_faults(self.service, self.wanted, self.stores)
        if person.ended and person.ended[-1].process is self.office.processes[-1]:
            self.faults += report_faults(person.ended[-1], self.wanted, self.service)
            if self.kind is Kind.ALONE:
                self.faults += concealments(person.ended[-1], self.wanted, self.service)


def _drawn_weather(dice: random.Random, kind: Kind) -> Weather:
    return Weather(
        ambiguous=dice.choice((0.3, 0.6, 0.9)),
        unsent=dice.choice((0.0, 0.02, 0.1)),
        refused=dice.choice((0.0, 0.03)),
        failed_reads=dice.choice((0.0, 0.1, 0.5)),
        lag=dice.choice((0.0, 5.0, 60.0)),
        # Private stores have one look only: a stale one, or a journal with other texts, would be sent again.
        is_stale_at_times=dice.random() < 0.3 and kind is not Kind.PRIVATE,
        altered=0.0 if kind is Kind.PRIVATE else dice.choice((0.0, 0.0, 0.2)),
        others=dice.choice((0.0, 0.1, 0.3)),
    )
