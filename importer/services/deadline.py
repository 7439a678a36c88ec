"""One deadline for a whole request. The HTTP library's own time-out is per read (a dripping server held a call for 17 s
with a time-out of 1 s), so the connection is cut from outside when the request's time is up."""

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_LONGEST_JOIN = 1.0
"""Seconds; the thread is a daemon, and Ctrl-C may have come at a moment after which it never wakes."""

_OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Deadline:
    """The deadline of one request, for a `with` block around it. It ends with the block: what comes later on is never
    cut by it."""

    def __init__(self, watchman: "Watchman") -> None:
        self._watchman = watchman
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_over = False
        self.has_passed = False
        """True when the connection was cut: nothing that came over it can be held for complete."""

    def __enter__(self) -> "Deadline":
        self._watchman.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._watchman.forget(self)
        with self._lock:
            self._is_over, self._socket = True, None

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's trace hook: notes the socket as soon as there is one (documented extension "trace"); a connection
        that opens after the deadline is cut at once."""
        if event in _OPENED:
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self.has_passed:
                    self._shut()

    def cut(self) -> None:
        """Ends the connection under whoever waits for it. Does nothing once the block has ended."""
        with self._lock:
            if not self._is_over:
                self.has_passed = True
                self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            # The plain socket's own: a TLS socket would first forget its encryption, and a thread that is just sending
            # would go on in clear.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Watchman:
    """Cuts each request that is under way for `seconds`. Safe to use from several threads.

    All deadlines are equally long, so the oldest comes first. One thread sleeps until that one is due, looks again, and
    ends when no request is under way; the next request starts another one.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._changed = threading.Condition()
        self._under_way: dict[Deadline, float] = {}
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def add(self, deadline: Deadline) -> None:
        """The deadline's time begins. After `close` it has passed already."""
        with self._changed:
            if self._is_closed:
                deadline.cut()
                return
            self._under_way[deadline] = time.monotonic() + self._seconds
            if self._thread is None or not self._thread.is_alive():  # a forked child has no thread
                self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._thread.start()

    def forget(self, deadline: Deadline) -> None:
        """Its request has ended."""
        with self._changed:
            self._under_way.pop(deadline, None)

    def close(self) -> None:
        """Cuts what is still under way, and ends the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            thread, left = self._thread, list(self._under_way)
        for deadline in left:
            deadline.cut()
        if thread is not None:
            thread.join(_LONGEST_JOIN)

    def _watch(self) -> None:
        while (due := self._awaited()) is not None:
            due.cut()

    def _awaited(self) -> Deadline | None:
        """The next deadline that has passed, taken out; None when there is nothing left to watch."""
        with self._changed:
            while self._under_way and not self._is_closed:
                oldest, due = next(iter(self._under_way.items()))
                left = due - time.monotonic()
                if left <= 0:
                    del self._under_way[oldest]
                    return oldest
                self._changed.wait(left)
            self._thread = None
            return None
