"""polars, imported when it is first needed and without its hold on Ctrl-C."""

import signal
import threading
from importlib import import_module


def import_polars() -> None:
    """Imports polars (0.2 s), for whoever has time for it before.

    It puts its own SIGINT handler below Python's, which then never interrupts a call that waits: Python's is put back.
    """
    import_module("polars")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
