"""Virtual time. Simulated processes have real threads, exactly one of which runs at any moment; which one is next is a
matter of the virtual time and, at the same moment, of the seed. So the same seed gives the same schedule.

A thread runs until it waits. It then hands the baton to the one whose moment comes next, perhaps to itself.
"""

import heapq
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.schedules.hands import Hand, give_hand_back, take_hand

MOST_EVENTS = 40_000
LONGEST = 10 * 24 * 3600.0
"""A schedule with more events or virtual seconds than that never ends."""


class Killed(BaseException):
    """The process of this thread has died: nothing it does any more may have an effect."""


@dataclass(eq=False)
class Process:
    """A simulated process. It dies at its step number `dies_at`; when its step number `sleeps_at` is done, the machine
    sleeps for some seconds. `presses` are the moments of Ctrl-C, in seconds since it began; `clock_ahead` is by
    how many seconds the clock of its machine is ahead, since its boot of that number."""

    name: str
    host: str
    dies_at: int | None = None
    sleeps_at: int | None = None
    sleep_seconds: float = 0.0
    presses: tuple[float, ...] = ()
    began: float = 0.0
    clock_ahead: float = 0.0
    boot: int = 0
    steps: int = 0
    is_dead: bool = False
    has_ended: bool = False
    wakes_at: float = 0.0


@dataclass(eq=False)
class Actor:
    """A thread of a process. `turn` counts its waits: a wake-up of an earlier wait is stale."""

    process: Process
    work: Callable[[], None]
    turn: int = 0
    hand: Hand | None = None
    is_over: bool = False


@dataclass(eq=False)
class World:
    """The time, and everybody in it."""

    dice: random.Random
    now: float = 0.0
    events: int = 0
    is_stuck: bool = False
    failures: list[BaseException] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    _actors: list[Actor] = field(default_factory=list)
    _queue: list[tuple[float, float, int, Actor, int]] = field(default_factory=list)
    _serials: "count[int]" = field(default_factory=count)
    _all_over: threading.Lock = field(default_factory=threading.Lock)
    _current: Actor | None = None

    def begin(self, process: Process, work: Callable[[], None], at: float | None = None) -> None:
        """A thread of the process starts with that work, now or at a later moment."""
        actor = Actor(process, work)
        self._actors.append(actor)
        self._push(actor, self.now if at is None else at)

    def run(self) -> None:
        """Goes on until nobody has anything more to do. Called from outside, by whoever owns the world."""
        self._all_over.acquire()
        self._pass_on(None)
        self._all_over.acquire()
        self._all_over.release()

    @property
    def current(self) -> Actor:
        """The thread that runs."""
        assert self._current is not None
        return self._current

    def wait(self, seconds: float) -> None:
        """The running thread waits that long, or until somebody wakes it. Raises Killed when its process has died."""
        me = self.current
        if me.process.is_dead:
            raise Killed
        self._push(me, self.now + seconds)
        self._pass_on(me)
        if self.is_stuck or me.process.is_dead:
            raise Killed

    def wake(self, actor: Actor) -> None:
        """Ends the wait of a thread now."""
        self._push(actor, self.now)

    def step(self) -> None:
        """The running thread comes to a place at which its process may die, or fall asleep. Raises Killed."""
        process = self.current.process
        process.steps += 1
        if process.steps == process.dies_at:
            self.kill(process)
        if process.steps == process.sleeps_at:
            process.wakes_at = self.now + process.sleep_seconds
            self.tell(f"{process.name} sleeps for {process.sleep_seconds:.0f} s")
        if process.is_dead:
            raise Killed

    def kill(self, process: Process) -> None:
        """The process dies with all its threads."""
        process.is_dead = True
        self.tell(f"{process.name} dies at its step {process.steps}")
        for actor in self._actors:
            if actor.process is process and not actor.is_over and actor is not self._current:
                self.wake(actor)

    def tell(self, what: str) -> None:
        """Writes a line of the story."""
        self.story.append(f"{self.now:10.3f}  {what}")

    def _push(self, actor: Actor, at: float) -> None:
        actor.turn += 1
        heapq.heappush(self._queue, (at, self.dice.random(), next(self._serials), actor, actor.turn))

    def _next(self) -> Actor | None:
        while self._queue:
            at, _, _, actor, turn = heapq.heappop(self._queue)
            if turn != actor.turn or actor.is_over:
                continue
            if at < actor.process.wakes_at and not actor.process.is_dead:
                self._push(actor, actor.process.wakes_at)
                continue
            self.now = max(self.now, at)
            self.events += 1
            self.is_stuck = self.is_stuck or self.events > MOST_EVENTS or self.now > LONGEST
            return actor
        return None

    def _pass_on(self, me: Actor | None) -> None:
        actor = self._next()
        if actor is me and me is not None:
            return
        self._current = actor
        if actor is None:
            self._all_over.release()
        else:
            if actor.hand is None:
                actor.hand = take_hand(lambda: self._live(actor))
            actor.hand.go.release()
        if me is not None and me.hand is not None and not me.is_over:
            me.hand.go.acquire()

    def _live(self, actor: Actor) -> None:
        """What a thread does: its work, whatever comes of it, and then it hands the baton on for the last time."""
        try:
            if not (actor.process.is_dead or self.is_stuck):
                actor.work()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever owns the world
            self.failures.append(error)
        actor.is_over = True
        self._actors.remove(actor)
        hand, actor.hand = actor.hand, None
        if hand is not None:
            give_hand_back(hand)
        self._pass_on(None)
