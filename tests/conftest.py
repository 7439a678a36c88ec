"""What holds for every test."""

import os
import signal
import tempfile

import pytest
from hypothesis import HealthCheck, settings

# No deadline: a property is about what is true, not about how fast this machine is just now.
settings.register_profile("importer", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("importer")

HOMES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA")


def pytest_configure(config: pytest.Config) -> None:
    """No test writes into the tester's own folders; compiled templates are shared by all tests."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what runs in the background deaf to Ctrl-C, and so would be every program that a test starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = tempfile.TemporaryDirectory(prefix="importer-tests-", ignore_cleanup_errors=True)
    os.environ.update(dict.fromkeys(HOMES, folder.name))
    config.add_cleanup(folder.cleanup)
