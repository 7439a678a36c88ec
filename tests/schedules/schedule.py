"""One schedule: drawn by its seed, played, and checked."""

import random
import shutil
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from unittest.mock import patch

from importer.model.journals import Journal
from importer.model.postings import Clocks, PostingOptions
from importer.model.results import Document, Status
from importer.post import ledger_checks, reconciliation, verification
from importer.post import poster as sending
from importer.post.ledger_search import LedgerRead
from importer.run import journals
from importer.store.database import Database
from tests.postgres import new_address
from tests.schedules.careless import (
    BelievedCanary,
    CarelessLease,
    CarelessStore,
    OneLedgerStore,
    always,
    by_the_wall,
    nothing,
)
from tests.schedules.checking import (
    Wanted,
    altered,
    concealments,
    final_faults,
    ledger_faults,
    left_behind,
    missing,
    report_faults,
    request_lines,
    sent_after_a_good_answer,
)
from tests.schedules.conditions import (
    ALTERING,
    CHANGED_WHEN_ANSWERED,
    Condition,
    Kind,
    allow_doubles,
    draw_setting,
)
from tests.schedules.journals import as_workbook, draw_journals
from tests.schedules.ledger import Ledger, Rules
from tests.schedules.persons import Attempt, Office, Person, draw_attempts
from tests.schedules.reports import Reports
from tests.schedules.service import FINE, LATEST_COMMIT, Service, Weather
from tests.schedules.world import Process, World

AT_ONCE = 5.0
"""Two people with private stores start within so many seconds."""
PRIVATE_PAUSES = (450.0, 2000.0)
"""Between two attempts on private stores everything that was sent has landed and can be read: no look can do more."""
PAUSES = (0.0, 300.0)
FINAL_ATTEMPTS = 3
STALLS = (400.0, 4000.0)
FOREIGNERS = 12
LEFT = (Status.NOT_SENT, Status.REFUSED)
SETTLE = 900.0


SOON = (0.0, 60.0)
CLOCKS_AHEAD = (0.0, 0.0, 1000.0, -1000.0, 3600.0, -3600.0, 86_400.0)
LONG_AGO = -1e6
LATEST_DISTURBANCE = 600.0
SHORTEST_KNOWN_CUT = 8
"""A text that the ledger cuts shorter is no cut but a difference: each run stops at its first journal
(importer/post/README.md, "Cut texts")."""


class Switch(StrEnum):
    """A guard of the program that can be switched off, to see that the test can fail."""

    SETTLE = "settle"
    CLAIM = "claim"
    LOOK = "look"
    CLOCKS = "clocks"
    INSTALLATION = "installation"
    CANARY = "canary"
    WHOLE_LOOK = "whole-look"
    LAST_LOOK = "last-look"
    CONFIRMATION = "confirmation"
    NUMBER_OWNER = "number-owner"
    CUT = "cut"

    @property
    def settings(self) -> frozenset[Kind | Condition]:
        """The kinds and conditions in which the guard is needed; of none it is needed in any."""
        return _NEEDED_IN.get(self, frozenset())


_NEEDED_IN: Mapping[Switch, frozenset[Kind | Condition]] = {
    Switch.CLOCKS: frozenset({Condition.CLOCK_STEPS}),
    Switch.INSTALLATION: frozenset({Kind.TWO_LEDGERS}),
    Switch.CANARY: frozenset({Condition.FROZEN, Condition.LAG_BEYOND}),
    Switch.WHOLE_LOOK: frozenset({Condition.HIDDEN}),
    Switch.LAST_LOOK: frozenset({Kind.APART}),
    Switch.CONFIRMATION: frozenset({Condition.HAND}),
    Switch.NUMBER_OWNER: frozenset({Condition.SET_BACK, Condition.LEDGER_RESTORED}),
    Switch.CUT: frozenset({Condition.CUT}),
}


@dataclass(frozen=True)
class Verdict:
    """What a schedule showed: `faults` is empty when everything is right. `posts` arrived at the service, `doubtful` of
    them got no clear answer."""

    seed: int
    kind: Kind
    conditions: frozenset[Condition]
    faults: tuple[str, ...]
    posts: int
    doubtful: int
    story: tuple[str, ...]

    @property
    def setting(self) -> str:
        """Kind and conditions."""
        return " ".join((self.kind, *sorted(self.conditions)))


def play(seed: int, folder: Path, without: Switch | None = None, *, on_postgres: bool = False) -> Verdict:
    """Plays the schedule of a seed. `folder` holds its stores for as long as it takes, and `new_store` before; stores
    that are put back are files, whatever the others are."""
    with _switched_off(without), ExitStack() as stores:
        return _Schedule(seed, folder, without, stores if on_postgres else None).verdict()


def new_store(folder: Path) -> None:
    """Makes the empty store that each schedule begins with."""
    Database(f"sqlite:///{folder / 'new.db'}").close()


@contextmanager
def _switched_off(without: Switch | None) -> Iterator[None]:
    with ExitStack() as patches:
        for owner, name, careless in _PATCHES.get(without, ()):
            patches.enter_context(patch.object(owner, name, careless))
        yield


_PATCHES: Mapping[Switch | None, Sequence[tuple[object, str, object]]] = {
    Switch.CLAIM: ((journals, "JournalStore", CarelessStore), (journals, "Lease", CarelessLease)),
    Switch.INSTALLATION: ((journals, "JournalStore", OneLedgerStore),),
    Switch.CLOCKS: ((Clocks, "since", by_the_wall),),
    Switch.CANARY: ((verification, "Canary", BelievedCanary),),
    Switch.WHOLE_LOOK: ((LedgerRead, "hiding_place", nothing),),
    Switch.LAST_LOOK: ((sending, "last_look", nothing),),
    Switch.CONFIRMATION: ((ledger_checks, "confirm", nothing),),
    Switch.NUMBER_OWNER: ((reconciliation, "is_shown_as", always),),
    Switch.CUT: ((verification, "learned_cut", nothing),),
}
"""For each guard what is put in the place of the function that implements it; the others are switched by wishes."""


@dataclass
class _Schedule:
    seed: int
    folder: Path
    without: Switch | None
    servers: ExitStack | None = None
    faults: list[str] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = self.dice = random.Random(self.seed)
        self.kind, self.conditions = draw_setting(dice)
        self.has_faults = bool(self.conditions) or self.kind is Kind.APART
        self.allows_doubles = allow_doubles(self.kind, self.conditions)
        self.is_private = self.kind in (Kind.PRIVATE, Kind.APART) or Condition.STORE_RESTORED in self.conditions
        self.posting_options = PostingOptions(
            check_ledger=self.without is not Switch.LOOK and (self.is_private or dice.random() < 0.85),
            settle=0.0 if self.without is Switch.SETTLE else SETTLE,
        )
        self.world = World(dice)
        weather = _drawn_weather(dice, self.conditions, is_private=self.is_private)
        ledgers = ("test", "live") if self.kind is Kind.TWO_LEDGERS else ("",)
        self.offices = [self._office(weather, one, dice.random() < 0.5) for one in ledgers]
        self.service = self.offices[0].service
        names = ("one", "two") if self.kind in (Kind.PRIVATE, Kind.APART) else ("one",)
        self.stores = [self._store(name) for name in names]
        journals = draw_journals(dice)
        self.people = self._drawn_people(journals)
        self.wanted = Wanted([person.journals for person in self.people])
        self.wanted_in = [self.wanted]
        if self.kind is Kind.TWO_LEDGERS:
            self.wanted_in = [Wanted([person.journals]) for person in self.people]
        self.reports = Reports(self.service, self.wanted, self.conditions, weather.lag + weather.constant_lag)
        self._let_others_post_first(journals)
        self._disturb_ledger()

    def _office(self, weather: Weather, installation: str, has_dates: bool) -> Office:
        ledger = Ledger(self.dice, _drawn_rules(self.dice, self.conditions))
        service = Service(self.world, self.dice, ledger, weather, has_dates, installation)
        return Office(self.world, service, self._check, self.processes)

    def _store(self, name: str) -> str:
        if self.servers is not None and Condition.STORE_RESTORED not in self.conditions:
            return self.servers.enter_context(new_address(has_clock=True))
        file = self.folder / f"{self.seed}-{name}.db"
        shutil.copyfile(self.folder / "new.db", file)
        return f"sqlite:///{file}"

    def _drawn_people(self, journals: Sequence[Journal]) -> list[Person]:
        dice = self.dice
        stores = [self.stores, self.stores] if self.kind is not Kind.APART else [[one] for one in self.stores]
        pauses = PRIVATE_PAUSES if self.is_private and self.kind is not Kind.APART else PAUSES
        first = Person(
            *("ana", "north", self.offices[0], stores[0], as_workbook(journals, "june.xlsx", dice)),
            self._drawn_attempts(pauses) * (1 + (self.kind is Kind.PRIVATE)),
        )
        if self.kind in (Kind.ALONE, Kind.PRIVATE):
            return [first]
        host = dice.choice(("north", "south"))
        own = as_workbook(journals, "junio.xlsx", dice)[: dice.randint(1, len(journals))]
        second = Person("bea", host, self.offices[-1], stores[1], own, self._drawn_attempts(pauses))
        return [first, second]

    def _drawn_attempts(self, pauses: tuple[float, float]) -> list[Attempt]:
        dice = self.dice
        attempts = draw_attempts(dice, self.posting_options, pauses)
        if self.kind is Kind.APART:
            attempts[0] = replace(attempts[0], pause=dice.uniform(0, AT_ONCE))
            if dice.random() < 0.3:  # it has looked, and posts when the other one has finished
                attempts[0] = replace(attempts[0], sleeps_at=dice.randint(5, 60), sleep_seconds=dice.choice(STALLS))
        if Condition.CLOCK_STEPS in self.conditions:
            attempts += draw_attempts(dice, self.posting_options, SOON)
            attempts = [
                replace(
                    one,
                    clock_ahead=dice.choice(CLOCKS_AHEAD),
                    boot=dice.choice((0, 0, 1, 2)),
                    posting_options=replace(one.posting_options, wait=dice.random() < 0.5),
                )
                for one in attempts
            ]
        if Condition.STORE_RESTORED in self.conditions:
            attempts += draw_attempts(dice, self.posting_options, pauses)
            attempts = [replace(one, restores=place > 0 and dice.random() < 0.5) for place, one in enumerate(attempts)]
        if self.conditions & CHANGED_WHEN_ANSWERED:
            attempts = [replace(one, dies_at=None, presses=one.presses[:1]) for one in attempts]
        return attempts

    def _let_others_post_first(self, journals: Sequence[Journal]) -> None:
        """Foreign journals on the accounts and days of ours; one of them, or none, is hidden."""
        is_hidden = Condition.HIDDEN in self.conditions
        is_capped = self.conditions & {Condition.CAPPED_LISTS, Condition.CAPPED_RANGES}
        for place in range(self.dice.randint(0, FOREIGNERS) if is_capped else int(is_hidden)):
            journal = self.dice.choice(journals)
            lines = request_lines(journal)
            foreign = [{**line, "treference": f"FOREIGN{place}", "amount": "77.00"} for line in lines[:2]]
            foreign[1]["account"] = "499000"
            number = self.service.ledger.book(foreign, LONG_AGO, is_ours=False, is_hidden=is_hidden and place == 0)
            self.world.tell(f"{number} is foreign, on {foreign[0]['account']}")

    def _disturb_ledger(self) -> None:
        ledger, world, dice = self.service.ledger, self.world, self.dice
        at = dice.uniform(0, LATEST_DISTURBANCE)
        until = dice.uniform(0, at)
        if Condition.SET_BACK in self.conditions:
            world.begin(Process("ledger", "nowhere"), lambda: self._tell(ledger.set_back()), at)
        if Condition.LEDGER_RESTORED in self.conditions:
            world.begin(Process("ledger", "nowhere"), lambda: self._tell(ledger.restore(until, world.now)), at)

    def _tell(self, what: str) -> None:
        self.world.tell(f"the ledger: {what}")

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
            self.conditions,
            tuple(dict.fromkeys(self.faults)),
            sum(office.service.arrived.total() for office in self.offices),
            sum(office.service.doubtful.total() for office in self.offices),
            tuple(self.world.story),
        )

    def _finish(self) -> None:
        """All faults stop. People run it until nothing is left but what they must decide themselves, and decide it."""
        self.world.tell("from now on nothing goes wrong")
        for office in self.offices:
            office.service.weather = FINE
            rules = office.service.ledger.rules
            office.service.ledger.rules = replace(rules, adds_lines=0.0, drops_codes=0.0, hides=0.0)
        for office in self.offices:
            for store in self.stores:
                self._finish_in(office, store)
                if self.world.is_stuck or self.faults:
                    return
        self._judge_the_end()

    def _finish_in(self, office: Office, store: str) -> None:
        pause, service = PRIVATE_PAUSES[0], office.service
        person = Person("eva", "west", office, [store], self._journals_of(office), [])
        for _ in range(FINAL_ATTEMPTS):
            person.attempts.append(Attempt(pause, posting_options=self.posting_options))
            person.go_on()
            self.world.run()
            if self.world.is_stuck or self.faults or not person.ended:
                return
            if not any(self._is_to_be_run_again(*one) for one in person.ended[-1].pairs):
                break
        if lost := self._lost(person.ended[-1].pairs, office):
            person.attempts.append(Attempt(pause, resumes=True, posting_options=self.posting_options, send_again=lost))
            person.go_on()
            self.world.run()
        if self.has_faults:
            hidden = {line["account"] for line in service.ledger.hidden_lines()}
            self.faults += self.reports.needless_holds(person.ended[-1], hidden)
            if service.ledger.rules.cut >= SHORTEST_KNOWN_CUT:
                self.faults += left_behind(person.ended[-1], self.wanted, service)

    def _journals_of(self, office: Office) -> Sequence[Journal]:
        return next(person.journals for person in self.people if person.office is office)

    def _judge_the_end(self) -> None:
        self.faults += self.reports.unreported_doubles(self.allows_doubles)
        if not self.has_faults:
            for office in self.offices:
                wanted = self._wanted_in(office)
                self.faults += final_faults(
                    office.service, wanted, self.stores, was_looked_for=self.posting_options.check_ledger
                )
        if self.kind not in (Kind.TOGETHER, Kind.TWO_LEDGERS) and Condition.STORE_RESTORED not in self.conditions:
            decided = {one.process.name: one.store for one in self.reports.ended if not one.attempt.send_again}
            self.faults += sent_after_a_good_answer(self.service, self.wanted, decided)

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

    def _lost(self, pairs: Sequence[tuple[Document, Journal]], office: Office) -> tuple[str, ...]:
        """The keys of those that a person who looks at the ledger sends again: nothing there could be it. Of equal
        journals, of which a run that had not looked knows nothing, only as many as the ledger lacks."""
        there = altered(office.service)
        lacking = missing(office.service, self._wanted_in(office))
        if self.has_faults:  # what has not been sent yet is lacking too
            lacking -= Counter(self.wanted.content_of(one) for document, one in pairs if document.status in LEFT)
        lost = []
        for document, journal in pairs:
            content = self.wanted.content_of(journal)
            if document.status is not Status.UNKNOWN or content in there:
                continue
            if (self.posting_options.check_ledger and not self.has_faults) or lacking[content] > 0:
                lacking[content] -= 1
                lost.append(document.key)
        return tuple(lost)

    def _wanted_in(self, office: Office) -> Wanted:
        """Of two ledgers each has the journals of its own person."""
        return self.wanted_in[self.offices.index(office)]

    def _check(self, person: Person) -> None:
        service, wanted = person.office.service, self._wanted_in(person.office)
        self.faults += ledger_faults(
            *(service, wanted, self.stores),
            allows_doubles=self.allows_doubles,
            may_forget=Condition.STORE_RESTORED in self.conditions,
        )
        if person.has_reported:
            ended = person.ended[-1]
            if self.has_faults:
                self.faults += self.reports.add(ended)
            else:
                self.faults += report_faults(ended, wanted, service)
                if self.kind is Kind.ALONE:
                    self.faults += concealments(ended, wanted, service)
        if Condition.HAND in self.conditions and self.dice.random() < 0.4:
            self._tell(self.service.ledger.change_by_hand(self.world.now))


def _drawn_weather(dice: random.Random, conditions: Set[Condition], *, is_private: bool) -> Weather:
    lag = dice.choice((0.0, 5.0, 60.0))
    calm = Weather(
        ambiguous=dice.choice((0.0, 0.3) if conditions & ALTERING else (0.3, 0.6, 0.9)),
        unsent=dice.choice((0.0, 0.02, 0.1)),
        refused=dice.choice((0.0, 0.03)),
        failed_reads=dice.choice((0.0, 0.1, 0.5)),
        lag=lag,
        # Private stores have one look only: a stale one, or a journal with other texts, would be sent again.
        is_stale_at_times=dice.random() < 0.3 and not (is_private or conditions),
        altered=0.0 if is_private or conditions else dice.choice((0.0, 0.0, 0.2)),
        others=dice.choice((0.0, 0.1, 0.3)),
    )
    return replace(
        calm,
        constant_lag=SETTLE + 20.0 if Condition.LAG_BEYOND in conditions else 0.0,
        latest_commit=_latest_commit(conditions),
        is_frozen=Condition.FROZEN in conditions,
        range_limit=dice.choice((2, 5, 10)) if Condition.CAPPED_RANGES in conditions else None,
        list_limit=dice.choice((5, 12, 40)) if Condition.CAPPED_LISTS in conditions else None,
        left_out=dice.choice((0.2, 0.6)) if Condition.PARTIAL_RANGES in conditions else 0.0,
    )


def _latest_commit(conditions: Set[Condition]) -> float:
    """Where clocks step, the settling time is needed to its end."""
    if Condition.COMMITS_BEYOND in conditions:
        return SETTLE * 2
    return SETTLE * 0.95 if Condition.CLOCK_STEPS in conditions else LATEST_COMMIT


def _drawn_rules(dice: random.Random, conditions: Set[Condition]) -> Rules:
    often = dice.choice((0.3, 1.0))
    return Rules(
        hides=0.3 if Condition.HIDDEN in conditions else 0.0,
        cut=dice.choice((5, 8, 10, 13)) if Condition.CUT in conditions else 50,
        adds_lines=often if Condition.LINES_ADDED in conditions else 0.0,
        drops_codes=often if Condition.CODES_DROPPED in conditions else 0.0,
    )
