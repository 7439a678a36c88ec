"""The program, killed at a step: `python -m tests.cli.killed run june.xlsx` with KILL_AT=`intent:after:2`.

The step is a function of the program, or of its connection while a journal is posted; then `before` or `after`, and the
how-manieth time. The program itself knows nothing of this: its functions are wrapped from outside.
"""

import functools
import importlib
import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from importer import cli, post, report, run, store

FUNCTIONS = {
    "lease": ("importer.store.leases", "Lease.take"),
    "plan": ("importer.store.postings", "JournalStore.remember"),
    "look": ("importer.post.ledger_checks", "look"),
    "intent": ("importer.store.postings", "JournalStore.claim"),
    "record": ("importer.store.postings", "JournalStore.record"),
    "canary": ("importer.post.verification", "Canary.seen"),
    "verify": ("importer.post.verification", "Verifier.seen"),
    "last-look": ("importer.post.ledger_checks", "last_look"),
    "report": ("importer.report.page", "write_page"),
    "result": ("importer.store.runs", "finish_run"),
}
EXCHANGE = {
    "connect": ("importer.services.network", "Network._opened"),
    "send": ("importer.services.network", "Stream.send"),
    "answer": ("importer.services.network", "Stream.receive"),
}
"""Steps of every request; those of posting a journal are counted."""

_POSTING = threading.local()


def _die_at(nth: int) -> Callable[[], None]:
    """Something to call at a step: the nth call ends the process as kill -9 does."""
    counted = itertools.count(1)

    def step() -> None:
        if next(counted) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def _wrapped(function: Callable[..., Any], moment: str, step: Callable[[], None]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **named: Any) -> Any:
        if moment == "before":
            step()
        given = function(*arguments, **named)
        if moment == "after":
            step()
        return given

    return wrapper


def _wrap_function(module: str, name: str, moment: str, step: Callable[[], None]) -> None:
    """Wraps a method in its class, a function in every module that has it by name."""
    owner, _, attribute = name.rpartition(".")
    place: Any = importlib.import_module(module)
    if owner:
        place = getattr(place, owner)
        setattr(place, attribute, _wrapped(getattr(place, attribute), moment, step))
        return
    original = getattr(place, name)
    wrapper = _wrapped(original, moment, step)
    for one in _modules():
        for known, value in list(vars(one).items()):
            if value is original:
                setattr(one, known, wrapper)


def _modules() -> Iterator[Any]:
    """The rooms in which a step may stand, all their modules loaded."""
    for room in (cli, post, report, run, store):
        for path in sorted(Path(room.__path__[0]).glob("*.py")):
            yield importlib.import_module(f"{room.__name__}.{path.stem}".removesuffix(".__init__"))


def _wrap_exchange(module: str, name: str, moment: str, step: Callable[[], None]) -> None:
    from importer.services import http

    exchange = http.HttpClient.__call__
    owner, _, attribute = name.rpartition(".")
    place: Any = importlib.import_module(module)
    place = getattr(place, owner) if owner else place

    def noting(self: Any, request: Any) -> Any:
        _POSTING.is_posting = request.path == "/journal"
        return exchange(self, request)

    def step_of_posting() -> None:
        if getattr(_POSTING, "is_posting", False):  # not in a thread that opens connections ahead
            step()

    http.HttpClient.__call__ = noting  # type: ignore[method-assign]  # that is the point of this file
    setattr(place, attribute, _wrapped(getattr(place, attribute), moment, step_of_posting))


def prepare(kill_at: str) -> None:
    """Makes the process die at that step. Raises KeyError and AttributeError for a step that there is not."""
    name, moment, nth = kill_at.split(":")
    step = _die_at(int(nth))
    if name in EXCHANGE:
        _wrap_exchange(*EXCHANGE[name], moment, step)
    else:
        _wrap_function(*FUNCTIONS[name], moment, step)


if __name__ == "__main__":
    prepare(os.environ["KILL_AT"])
    sys.argv[0] = "importer"
    cli.main()
