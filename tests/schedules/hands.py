"""Threads that do one piece of work after the other: starting a new one for each would cost more than the work."""

import threading
from collections.abc import Callable


class Hand:
    """A thread that waits for work. `go` lets it run: whoever releases it hands the baton over."""

    def __init__(self) -> None:
        self.go = threading.Lock()
        self.go.acquire()
        self.work: Callable[[], None] = lambda: None
        threading.Thread(target=self._live, daemon=True).start()

    def _live(self) -> None:
        while True:
            self.go.acquire()
            self.work()


_idle: list[Hand] = []


def take_hand(work: Callable[[], None]) -> Hand:
    """A thread that will do the work as soon as its `go` is released. Call it only with the baton."""
    hand = _idle.pop() if _idle else Hand()
    hand.work = work
    return hand


def give_hand_back(hand: Hand) -> None:
    """The thread may be used again: the last thing that its work does with the baton."""
    _idle.append(hand)
